"""Sample ratios: scipy's figures for one look, few false alarms for a look every hour."""

from __future__ import annotations

import math
import os
from random import Random

import pytest

from confkit.analysis.mismatch import sample_ratio, sequential_sample_ratio
from confkit.analysis.statistics import Verdict

stats = pytest.importorskip("scipy.stats")


def test_a_sample_ratio():
    found = sample_ratio({"red": 5_000, "blue": 5_400}, {"blue": 1, "red": 1})
    assert math.isclose(found.p, stats.chisquare([5_000, 5_400]).pvalue, rel_tol=1e-9)
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
