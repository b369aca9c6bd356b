"""One call for millions of ids: the answers of the scalar function, whatever holds the ids."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

np = pytest.importorskip("numpy")
pa = pytest.importorskip("pyarrow")
pd = pytest.importorskip("pandas")
pl = pytest.importorskip("polars")

from confkit import Flag, Flags, MemoryStore, UnknownFlag, analysis  # noqa: E402
from confkit.analysis import assign, bucket_counts, buckets, count, distribution_of  # noqa: E402
from confkit.bucket import bucket  # noqa: E402
from confkit.errors import InvalidPopulation  # noqa: E402
from confkit.flags.rules.evaluation import Compiled  # noqa: E402
from confkit.flags.rules.model import Rule  # noqa: E402
from confkit.flags.rules.rollout import Variant  # noqa: E402
from tests.analysis.texts import awkward  # noqa: E402

SIZE = int(float(os.environ.get("SIZE", "2e4")))
KINDS = {
    "list": list,
    "numpy": lambda ids: np.array(ids, object),
    "pandas": pd.Series,
    "polars": pl.Series,
    "arrow": lambda ids: pa.array(ids, pa.string()),
    "arrow chunks": lambda ids: pa.chunked_array([ids[:100], ids[100:]], pa.string()),
}


def rule(**fields):
    return Rule.from_document("checkout", {"enabled": True, **fields})


def plain(column):
    return pa.array(column, from_pandas=True).to_pylist() if not isinstance(column, pa.ChunkedArray) else column.to_pylist()  # fmt: skip  # noqa: E501


@pytest.mark.parametrize("kind", KINDS)
def test_awkward_ids(kind):
    """SIZE of them (a million in the session for engines), with some missing."""
    ids = [None if n % 97 == 5 else unit for n, unit in enumerate(awkward(SIZE))]
    found = buckets("new-checkout", KINDS[kind](ids))
    expected = [None if unit is None else bucket("new-checkout", unit) for unit in ids]
    assert plain(found) == expected


@given(st.lists(st.none() | st.text(st.characters(codec="utf-8"), max_size=200) | st.integers()))
def test_any_ids(ids):
    expected = [None if unit is None else bucket("s", str(unit)) for unit in ids]
    assert buckets("s", ids) == expected
    assert analysis.count("s", ids).counts == bucket_counts("s", ids).counts


def test_integers():
    numbers = np.arange(-500, 5000)
    assert buckets("s", numbers).tolist() == [bucket("s", str(n)) for n in range(-500, 5000)]


@pytest.mark.parametrize("scheme", ["md5-32", "legacy-md5-100"])
def test_counts(scheme):
    ids = ["a", None, *map(str, range(3000))]
    variants = (Variant("x", 20), Variant("y", 80))
    found = count("s", ids, variants=variants, scheme=scheme)
    known = bucket_counts("s", ids, variants=variants, scheme=scheme)
    assert (found.counts, found.missing) == (known.counts, known.missing)
    assert found.variants == known.variants


@pytest.mark.parametrize("kind", KINDS)
def test_an_assignment(kind):
    ids = [None if n % 50 == 7 else f"user-{n}" for n in range(2000)]
    tested = rule(percentage=30, allow=["user-1"], variants={"a": 50, "b": 50})
    found = assign(tested, KINDS[kind](ids))
    flag = Compiled(tested)
    decisions = [None if unit is None else flag.decide({"user_id": unit}, {}) for unit in ids]
    for column, attribute in (
        (found.on, "value"),
        (found.bucket, "bucket"),
        (found.variant, "variant"),
        (found.reason, "reason"),
    ):
        expected = [None if d is None else getattr(d, attribute) for d in decisions]
        assert plain(column) == expected
    assert len(found) == 2000
    assert found.table().column_names == ["on", "variant", "bucket", "reason"]
    assert found.to_dict() == distribution_of(flag, ids).to_dict()
    assert "checkout" in str(found)


@pytest.mark.parametrize("make", [dict, pd.DataFrame, pl.DataFrame, pa.table])
def test_frames(make):
    tested = rule(percentage=50, conditions=[{"attribute": "country", "in": ["DE"]}])
    columns = {
        "country": ["DE", "FR", None] * 100,
        "user_id": [f"user-{n}" for n in range(300)],
        "unused": [1] * 300,
    }
    found = assign(tested, make(columns))
    expected = [
        Compiled(tested).decide({"user_id": u, "country": c}, {}).value
        for u, c in zip(columns["user_id"], columns["country"], strict=True)
    ]
    assert plain(found.on) == expected
    beside = assign(tested, columns["user_id"], {"country": columns["country"]})
    assert beside.on == expected
    german = assign(tested, columns["user_id"], {"country": "DE"})
    assert german.on == assign(rule(percentage=50), columns["user_id"]).on


def test_a_flag_by_name_and_its_prerequisites():
    documents = {
        "base": {"enabled": True, "percentage": 50},
        "top": {"enabled": True, "prerequisites": ["base"]},
    }
    ids = [f"user-{n}" for n in range(500)]
    with Flags(MemoryStore(documents), background=False) as flags:
        expected = [flags.enabled("top", unit) for unit in ids]
        assert assign("top", ids, flags=flags).on == expected
        assert assign(Flag("top"), ids, flags=flags.view.flags).on == expected
        with pytest.raises(UnknownFlag, match="no flag 'tpo'"):
            assign("tpo", ids, flags=flags)


def test_segments():
    ids = [f"user-{n}" for n in range(9000)]
    countries = ["DE", "FR", None] * 3000
    found = assign(rule(percentage=25), ids).segments(countries)
    assert [s.name for s in found.segments] == ["DE", "FR", "(missing)"]
    assert found.expected == 0.25
    assert sum(s.share.whole for s in found.segments) == 9000
    assert not found.deviating
    listed = [u for u, c in zip(ids, countries, strict=True) if c == "FR"][:600]
    found = assign(rule(percentage=25, allow=listed), ids).segments(countries, expected=0.25)
    assert [s.name for s in found.deviating] == ["FR"]
    with pytest.raises(InvalidPopulation, match="1 segments for 9000"):
        assign(rule(percentage=25), ids).segments(["DE"])


def test_what_cannot_be_assigned():
    with pytest.raises(InvalidPopulation, match="by 'user_id', and the columns are id"):
        assign(rule(percentage=5), {"id": ["a"]})
    with pytest.raises(InvalidPopulation, match="different lengths"):
        assign(rule(percentage=5), ["a", "b"], {"country": ["DE"]})
    with pytest.raises(InvalidPopulation, match="row 1"):
        buckets("s", ["a", 1.5])


def test_assumed_conditions_are_named():
    tested = rule(percentage=5, conditions=[{"attribute": "country", "in": ["DE"]}])
    assert assign(tested, ["a"], assume=True).assumed == {"country"}


def test_progress():
    seen = []
    buckets("s", [str(n) for n in range(100_000)], progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 100_000


@pytest.mark.parametrize("missing", ["numpy", "pyarrow"])
def test_without_the_extra_the_rest_works(missing):
    """As in Pyodide: counting is pure Python, a column says what to install."""
    code = f"""
import sys
sys.modules[{missing!r}] = None
from confkit import MissingExtra, analysis
analysis.bucket_counts("s", ["a"]); analysis.wilson(1, 2); analysis.overlap_of({{}})
try:
    analysis.buckets("s", ["a"])
except MissingExtra as error:
    assert "confkit-toolkit[analysis]" in str(error), error
else:
    raise SystemExit("no error")
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_no_module_hides_a_function():
    """A module that is called as a public name would take its place once it is imported."""
    modules = {path.stem for path in Path(analysis.__file__).parent.glob("*.py")}
    assert not modules & set(analysis.__all__)
