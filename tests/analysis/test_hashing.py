"""Words and buckets of whole columns, in one process and in several."""

from __future__ import annotations

import pytest

np = pytest.importorskip("numpy")
pa = pytest.importorskip("pyarrow")

from confkit.analysis import hashing  # noqa: E402
from confkit.analysis.columns import texts, units  # noqa: E402
from confkit.analysis.hashing import bucket_array, word_arrays  # noqa: E402
from confkit.bucket import digest  # noqa: E402
from confkit.flags.rules.rollout import Rollout, digest_and_bucket  # noqa: E402
from tests.analysis.texts import awkward  # noqa: E402

IDS = list(awkward(6000))
COLUMN = texts(pa.chunked_array([IDS[:10], [], IDS[10:3000], IDS[3000:]]))


@pytest.mark.parametrize("scheme", ["md5-32", "legacy-md5-100"])
def test_buckets(scheme):
    rollout = Rollout(100, "salt", scheme=scheme)
    found = bucket_array(word_arrays(rollout, units(COLUMN)), scheme)
    assert found.dtype == np.int32
    assert found.tolist() == [digest_and_bucket(rollout, unit)[1] for unit in IDS]


def test_words():
    one, two = word_arrays(Rollout(100, "salt"), units(COLUMN))
    digests = [digest("salt", unit) for unit in IDS]
    assert one.tolist() == [int.from_bytes(d[:4], "big") for d in digests]
    assert two.tolist() == [int.from_bytes(d[4:8], "big") for d in digests]
    assert len(word_arrays(Rollout(100, "salt"), units(COLUMN), words=1)) == 1


def test_progress_is_over_all_parts():
    seen = []
    word_arrays(Rollout(100, "salt"), units(COLUMN), progress=seen.append)
    assert seen == [10, 3000, 6000]


def test_two_processes_give_what_one_gives(monkeypatch):
    monkeypatch.setattr(hashing, "PART", 1000)
    seen = []
    several = word_arrays(Rollout(100, "salt"), units(COLUMN), 2, seen.append)
    alone = word_arrays(Rollout(100, "salt"), units(COLUMN))
    assert all((a == b).all() for a, b in zip(several, alone, strict=True))
    assert seen[-1] == 6000
    assert len(seen) == 7


@pytest.mark.parametrize("edge", [0, 1, 2**32 - 1, 42_949, 42_950, 2**31])
def test_buckets_at_the_edges(edge):
    found = bucket_array((np.array([edge], np.uint32),))
    assert found.tolist() == [(edge * 100_000) >> 32]
