"""Pairs of flags over the same units: counts and phi, equal to scipy's."""

from __future__ import annotations

import math
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confkit.analysis.overlap import overlap_of


@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.booleans()), max_size=200))
def test_counts(rows):
    columns = dict(zip("abc", zip(*rows, strict=True) if rows else ((), (), ()), strict=True))
    found = overlap_of(columns)
    for one, other in (("a", "b"), ("a", "c"), ("b", "c")):
        pair = found.pair(other, one)
        pairs = list(zip(columns[one], columns[other], strict=True))
        assert pair.both == pairs.count((True, True))
        assert pair.only_one == pairs.count((True, False))
        assert pair.only_other == pairs.count((False, True))
        assert pair.neither == pairs.count((False, False))


def test_phi_and_p_are_scipys():
    stats = pytest.importorskip("scipy.stats")
    random = Random(5)
    one = [random.random() < 0.3 for _ in range(5000)]
    other = [a if random.random() < 0.1 else random.random() < 0.2 for a in one]
    pair = overlap_of({"one": one, "other": other}).pair("one", "other")
    table = [[pair.both, pair.only_one], [pair.only_other, pair.neither]]
    known = stats.chi2_contingency(table, correction=False)
    assert math.isclose(pair.p, known.pvalue, rel_tol=1e-9)
    assert math.isclose(abs(pair.phi), stats.contingency.association(table), rel_tol=1e-9)
    assert pair.phi > 0


@pytest.mark.parametrize(
    ("one", "other", "phi"),
    [
        ([1, 1, 0, 0], [1, 1, 0, 0], 1.0),
        ([1, 1, 0, 0], [0, 0, 1, 1], -1.0),
        ([1, 1, 0, 0], [1, 0, 1, 0], 0.0),
        ([1, 1, 1, 1], [1, 0, 1, 0], None),
        ([], [], None),
    ],
)
def test_phi(one, other, phi):
    found = overlap_of({"a": one, "b": other})
    assert found.pairs[0].phi == phi
    assert str(found)


def test_columns_that_do_not_belong_together():
    with pytest.raises(ValueError, match="different lengths"):
        overlap_of({"a": [True], "b": [True, False]})
    with pytest.raises(LookupError):
        overlap_of({"a": [True]}).pair("a", "b")
    assert overlap_of({}).to_dict() == {"units": 0, "on": {}, "pairs": []}


KINDS = {
    "list": list,
    "numpy": lambda values: pytest.importorskip("numpy").array([bool(v) for v in values]),
    "numpy masked": lambda values: pytest.importorskip("numpy").ma.masked_array(
        [bool(v) for v in values], [v is None for v in values]
    ),
    "pandas": lambda values: pytest.importorskip("pandas").Series(values, dtype="boolean"),
    "polars": lambda values: pytest.importorskip("polars").Series(values),
    "arrow": lambda values: pytest.importorskip("pyarrow").array(values),
    "arrow chunks": lambda values: pytest.importorskip("pyarrow").chunked_array([values]),
}


@pytest.mark.parametrize("kind", KINDS)
def test_columns_of_every_kind(kind):
    """What is missing is not on; an Arrow scalar that is false may count as true."""
    values = [True, False, None, True, False]
    found = overlap_of({"a": KINDS[kind](values), "b": [True, True, True, False, False]})
    assert (found.on["a"], found.total) == (2, 5)
    assert found.pairs[0].both == 1
