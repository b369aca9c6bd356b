"""The bucket: the same bits everywhere, and uniform."""

from __future__ import annotations

import hashlib
import math
import uuid
from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confkit.bucket import (
    BUCKETS,
    bucket,
    bucket_of,
    bytes_threshold,
    digest,
    steps,
    text_threshold,
    threshold,
    unit_text,
)
from confkit.flags.rules.rollout import (
    Rollout,
    within,
)

percentages = st.integers(0, 100_000).map(lambda n: n / 1000)
ids = st.text(st.characters(codec="utf-8"), max_size=50)


def chi_square_p(observed, expected):
    """The p-value by Wilson and Hilferty's normal approximation, good at many degrees."""
    freedom = len(observed) - 1
    statistic = sum((o - expected) ** 2 / expected for o in observed)
    spread = 2 / (9 * freedom)
    z = ((statistic / freedom) ** (1 / 3) - (1 - spread)) / math.sqrt(spread)
    return math.erfc(z / math.sqrt(2)) / 2


def sequential(count):
    return (str(n) for n in range(count))


def uuids(count):
    random = Random(7)
    return (str(uuid.UUID(int=random.getrandbits(128), version=4)) for _ in range(count))


class Odd(str):
    __slots__ = ()

    def __str__(self):
        return "something else"


@pytest.mark.parametrize(
    ("salt", "unit"), [("S", "42"), ("new-checkout", "user-42"), ("a", ""), ("a", "é😀")]
)
def test_the_definition(salt, unit):
    """Spelled out as the definition has it, in hexadecimal text and integers."""
    text = hashlib.md5(f"{salt}:{unit}".encode()).hexdigest()
    assert bucket(salt, unit) == (int(text[:8], 16) * 100_000) >> 32


def test_known_values():
    """Fixed for ever: a change here reshuffles everybody's users."""
    assert bucket("new-checkout", "user-42") == 27_318
    assert bucket("S", "42") == 5_687
    assert bucket("dark_mode", "日本語") == 59_865
    assert [text_threshold(p) for p in (0, 0.001, 20, 50, 99.999, 100)] == [
        "00000000",
        "0000a7c6",
        "33333334",
        "80000000",
        "ffff583b",
        "g",
    ]


def test_bucket_below_steps_is_hash_below_threshold_for_every_step():
    """At the edges of all 100,000 buckets, where they could part."""
    for n in range(1, BUCKETS + 1):
        bound = threshold(n / 1000)
        assert ((bound - 1) * BUCKETS) >> 32 < n
        assert (bound * BUCKETS) >> 32 >= n


@given(ids, percentages)
def test_bytes_text_and_integers_agree(unit, percentage):
    hashed = digest("s", unit)
    expected = bucket_of(hashed) < steps(percentage)
    assert (hashed < bytes_threshold(percentage)) is expected
    assert (hashed.hex() < text_threshold(percentage)) is expected
    assert within(Rollout(percentage, "s"), unit) is expected


@given(ids, percentages, percentages)
def test_raising_a_percentage_loses_nobody(unit, one, other):
    low, high = sorted((one, other))
    for scheme in ("md5-32", "legacy-md5-100"):
        if within(Rollout(low, "s", scheme=scheme), unit):
            assert within(Rollout(high, "s", scheme=scheme), unit)


@pytest.mark.parametrize("kind", [sequential, uuids])
def test_buckets_are_uniform(kind):
    """A million ids in a thousand groups of buckets."""
    counts = [0] * 1000
    for unit in kind(1_000_000):
        counts[bucket("new-checkout", unit) // 100] += 1
    assert chi_square_p(counts, 1000) > 0.001


def test_a_biased_hash_would_be_noticed():
    """The check above finds what FNV-like mistakes do: a few too many in a tenth."""
    counts = [1000] * 900 + [1030] * 100
    assert chi_square_p([c * 100 for c in counts], 100_000) < 0.001


@pytest.mark.parametrize(
    ("unit", "text"),
    [
        ("42", "42"),
        (42, "42"),
        (-7, "-7"),
        (" 42 ", " 42 "),
        ("", ""),
        (Odd("x"), "x"),
        (True, None),
        (42.0, None),
        (b"42", None),
        (None, None),
        (["42"], None),
        ("\ud800", None),
        pytest.param(10**5000, None, id="endless"),
    ],
)
def test_what_can_be_an_id(unit, text):
    assert unit_text(unit) == text


def test_ids_of_other_libraries_are_the_text_that_everybody_writes():
    number = UUID("12345678-1234-5678-1234-567812345678")
    assert unit_text(number) == "12345678-1234-5678-1234-567812345678"

    class Whole(int):
        """An integer of another library, counted among the integers."""

        def __repr__(self):
            return "Whole(7)"

    assert unit_text(Whole(7)) == "7"
    for wrong in (True, 1.0, b"7", None, object()):
        assert unit_text(wrong) is None
