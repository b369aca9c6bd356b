"""Every figure equals scipy's to 1e-9, and the verdicts follow from the figures."""

from __future__ import annotations

import math
import os
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confkit.analysis.statistics import (
    Verdict,
    chi_square,
    chi_square_tail,
    false_discovery,
    normal_quantile,
    sample_ratio,
    sequential_sample_ratio,
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


def test_a_sample_ratio():
    found = sample_ratio({"red": 5_000, "blue": 5_400}, {"blue": 1, "red": 1})
    assert close(found.p, stats.chisquare([5_000, 5_400]).pvalue)
    assert found.mismatch
    assert found.deviation == pytest.approx(200 / 10_400)
    assert found.to_dict()["declared"] == {"blue": 0.5, "red": 0.5}
    assert "not as declared" in str(found)
    assert "<table>" in found._repr_html_()


def test_a_group_that_is_not_observed_counts_as_empty():
    assert sample_ratio({"a": 1000}, {"a": 50, "b": 50}).mismatch


def test_a_group_without_a_share_must_be_empty():
    """scipy would divide by zero; one unit where none may be is a fault."""
    assert sample_ratio({"a": 500, "b": 500}, {"a": 1, "b": 1, "c": 0}).p == 1
    assert sample_ratio({"a": 500, "b": 500, "c": 1}, {"a": 1, "b": 1, "c": 0}).p == 0
    sequential = sequential_sample_ratio({"a": 5, "b": 5, "c": 1}, {"a": 1, "b": 1, "c": 0})
    assert sequential.p == 0


def test_a_tiny_deviation_of_ten_million_is_no_alarm():
    found = sample_ratio({"a": 5_008_000, "b": 4_992_000}, {"a": 1, "b": 1})
    assert found.p < 0.001
    assert found.verdict is Verdict.TOO_SMALL
    assert not found.mismatch


@pytest.mark.parametrize("ask", [sample_ratio, sequential_sample_ratio])
@pytest.mark.parametrize(
    ("observed", "weights"),
    [
        ({"a": 1}, {"a": 1}),
        ({"a": 1}, {"a": 1, "b": 0}),
        ({"x": 1}, {"a": 1, "b": 1}),
        ({"a": 1}, {"a": -1, "b": 2}),
        ({"a": 1}, {"a": math.nan, "b": 2}),
        ({"a": 1}, {"a": math.inf, "b": 2}),
    ],
)
def test_weights_that_are_none(ask, observed, weights):
    with pytest.raises(ValueError):
        ask(observed, weights)


def test_the_sequential_factor_is_the_dirichlet_multinomial():
    """Against scipy's own: the mixture's probability over the declared one's."""
    observed, weights = {"a": 130, "b": 170, "c": 60}, {"a": 2, "b": 2, "c": 1}
    counts, shares = list(observed.values()), [0.4, 0.4, 0.2]
    mixed = stats.dirichlet_multinomial.logpmf(counts, [1000 * s for s in shares], 360)
    plain = stats.multinomial.logpmf(counts, 360, shares)
    expected = min(1, math.exp(plain - mixed))
    found = sequential_sample_ratio(observed, weights)
    assert math.isclose(found.p, expected, rel_tol=1e-9)
    assert found.looks == "any number of looks"
    assert sequential_sample_ratio(observed, weights, before=1e-5).p == 1e-5
    assert sequential_sample_ratio({}, weights).p == 1


def test_a_fault_of_one_point_is_found_within_a_week():
    random, a, b, p = Random(1), 0, 0, 1.0
    for _ in range(24 * 7):
        entered = round(random.gauss(0.51 * 5000, math.sqrt(5000 / 4)))
        a, b = a + entered, b + 5000 - entered
        found = sequential_sample_ratio({"a": a, "b": b}, {"a": 1, "b": 1}, before=p)
        p = found.p
    assert found.mismatch


@pytest.mark.slow
def test_hourly_looks_raise_at_most_one_false_alarm_in_a_thousand():
    """SIZE weeks in which nothing is wrong; the one-look test raises several times as many."""
    numpy = pytest.importorskip("numpy")
    weeks = int(float(os.environ.get("SIZE", "1000")))
    generator = numpy.random.default_rng(20261124)
    sequential = repeated = 0
    for week in range(weeks):
        groups = ((0.5, 0.5), (0.95, 0.05), (0.5, 0.3, 0.2))[week % 3]
        hourly = generator.multinomial(generator.integers(20, 5000), groups, size=24 * 7)
        weights = {str(n): share for n, share in enumerate(groups)}
        p, alarm, often = 1.0, False, False
        for row in hourly.cumsum(axis=0).tolist():
            observed = {str(n): count for n, count in enumerate(row)}
            p = sequential_sample_ratio(observed, weights, before=p).p
            alarm |= p < 0.001
            often |= sample_ratio(observed, weights).p < 0.001
        sequential += alarm
        repeated += often
    assert sequential <= max(1, weeks / 1000)
    assert repeated > sequential
