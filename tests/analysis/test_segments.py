"""Segments: each against the declared share, with false alarms under control."""

from __future__ import annotations

import math
from random import Random

import pytest

from confkit.analysis.segments import segments_of
from confkit.analysis.statistics import Verdict


def test_the_figures_are_scipys():
    stats = pytest.importorskip("scipy.stats")
    counts = {"DE": (260, 1000), "AT": (40, 200), "CH": (110, 400), "FR": (0, 0)}
    found = segments_of(counts, 0.25)
    ps = [stats.chisquare([k, n - k], [n / 4, n * 3 / 4]).pvalue for k, n in counts.values() if n]
    assert all(
        math.isclose(s.p, p, rel_tol=1e-9) for s, p in zip(found.segments[:3], ps, strict=True)
    )
    for segment, q in zip(found.segments, stats.false_discovery_control(ps), strict=False):
        assert math.isclose(segment.q, q, rel_tol=1e-9)
    table = [[k for k, n in counts.values() if n], [n - k for k, n in counts.values() if n]]
    known = stats.chi2_contingency(table, correction=False)
    assert math.isclose(found.homogeneity.p, known.pvalue, rel_tol=1e-9)


def test_one_wrong_country_among_many_is_found_and_no_other():
    random = Random(3)
    counts = {f"c{n}": (sum(random.random() < 0.2 for _ in range(5000)), 5000) for n in range(50)}
    counts["wrong"] = (1150, 5000)
    found = segments_of(counts, 0.2)
    assert [s.name for s in found.deviating] == ["wrong"]
    assert "1 of 51 segments are not as declared" in found.headline


def test_what_is_too_small_is_not_tested():
    found = segments_of({"big": (250, 1000), "small": (3, 3), "none": (0, 0)}, 0.25)
    big, small, none = found.segments
    assert big.verdict is Verdict.AS_DECLARED
    assert (small.p, small.q, small.verdict, none.verdict) == (None, None, None, None)
    assert "2 too small to test" in found.headline
    assert "too small to test" in str(found)
    assert found.to_dict()["segments"][1]["verdict"] is None


@pytest.mark.parametrize(("declared", "on"), [(0, 0), (1, 10)])
def test_at_nobody_and_everybody_one_exception_is_a_fault(declared, on):
    odd = 1 if on == 0 else 9
    found = segments_of({"fine": (on, 10), "odd": (odd, 10)}, declared)
    assert [s.name for s in found.deviating] == ["odd"]


def test_without_a_declared_share_the_segments_are_compared_with_all_of_them():
    found = segments_of({"a": (500, 1000), "b": (400, 1000)})
    assert found.expected == 0.45
    assert found.homogeneity.p < 0.001
    assert segments_of({}).segments == ()
    assert segments_of({"a": (1, 1)}).homogeneity is None
    with pytest.raises(ValueError, match="between 0 and 1"):
        segments_of({}, 20)
