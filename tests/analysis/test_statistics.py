"""Every figure equals scipy's to 1e-9, and the verdicts follow from the figures."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confkit.analysis.statistics import (
    Verdict,
    chi_square,
    chi_square_tail,
    false_discovery,
    normal_quantile,
    verdict_of,
    wilson,
)

stats = pytest.importorskip("scipy.stats")


def close(found, expected):
    return math.isclose(found, expected, rel_tol=1e-9, abs_tol=1e-300)


@pytest.mark.parametrize("freedom", [1, 2, 3, 4, 9, 19, 20, 99, 999, 99_999])
def test_chi_square_tail(freedom):
    """From far below the mean to far above it, where p is 1e-200."""
    for factor in (1e-6, 0.1, 0.5, 0.9, 0.99, 1, 1.01, 1.1, 1.5, 2, 5, 20, 100):
        statistic = freedom * factor
        expected = float(stats.chi2.sf(statistic, freedom))
        assert close(chi_square_tail(statistic, freedom), expected), (statistic, freedom)


@given(st.floats(1e-3, 1e4), st.integers(1, 5000))
def test_chi_square_tail_anywhere(statistic, freedom):
    assert close(chi_square_tail(statistic, freedom), float(stats.chi2.sf(statistic, freedom)))


def test_the_ends_of_the_tail():
    assert chi_square_tail(0, 5) == 1
    assert chi_square_tail(math.inf, 5) == 0
    assert chi_square_tail(1e6, 3) == 0
    with pytest.raises(ValueError, match="two groups"):
        chi_square_tail(1, 0)


@given(st.floats(1e-12, 1 - 1e-12))
def test_normal_quantile(q):
    assert math.isclose(normal_quantile(q), stats.norm.ppf(q), rel_tol=1e-9, abs_tol=1e-9)


@given(st.integers(0, 10**7), st.integers(1, 10**7), st.sampled_from([0.8, 0.95, 0.99, 0.999]))
def test_wilson(part, whole, confidence):
    part = min(part, whole)
    found = wilson(part, whole, confidence)
    interval = stats.binomtest(part, whole).proportion_ci(confidence, method="wilson")
    assert math.isclose(found.low, interval.low, abs_tol=1e-9)
    assert math.isclose(found.high, interval.high, abs_tol=1e-9)
    assert found.low <= part / whole <= found.high


def test_wilson_of_nobody_and_of_nonsense():
    assert (wilson(0, 0).low, wilson(0, 0).high, wilson(0, 0).value) == (0, 1, None)
    assert str(wilson(1, 4)) == "25.000 %: 1 of 4 (95 %: 4.559 % to 69.936 %)"
    for bad in ((5, 4, 0.95), (-1, 4, 0.95), (1, 4, 1), (1, 4, 0)):
        with pytest.raises(ValueError):
            wilson(*bad)


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 10**6)), min_size=2, max_size=30))
def test_chi_square(groups):
    observed = [o for o, _ in groups]
    total, whole = sum(observed), sum(w for _, w in groups)
    expected = [total * w / whole for _, w in groups]
    if total == 0:
        return
    found = chi_square(observed, expected)
    known = stats.chisquare(observed, expected)
    assert math.isclose(found.statistic, known.statistic, rel_tol=1e-9)
    assert math.isclose(found.p, known.pvalue, rel_tol=1e-9, abs_tol=1e-300)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=60))
def test_false_discovery(ps):
    expected = stats.false_discovery_control(ps)
    assert all(
        math.isclose(f, e, abs_tol=1e-9) for f, e in zip(false_discovery(ps), expected, strict=True)
    )


def test_no_tests_no_discoveries():
    assert false_discovery([]) == []


@pytest.mark.parametrize(
    ("p", "deviation", "verdict"),
    [
        (0.5, 0.5, Verdict.AS_DECLARED),
        (0.05, 0.5, Verdict.AS_DECLARED),
        (0.049, 0.5, Verdict.UNUSUAL),
        (0.001, 0.5, Verdict.UNUSUAL),
        (0.0009, 0.0009, Verdict.TOO_SMALL),
        (0.0009, 0.001, Verdict.MISMATCH),
    ],
)
def test_verdicts(p, deviation, verdict):
    assert verdict_of(p, deviation) is verdict
