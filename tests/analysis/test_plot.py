"""Figures: well-formed SVG of the figures in the table, safe in an untrusted notebook."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from confkit.analysis.distribution import bucket_counts
from confkit.analysis.mismatch import sample_ratio
from confkit.analysis.overlap import overlap_of
from confkit.analysis.plot import Bar, plot
from confkit.analysis.ramp import percentage_ramp
from confkit.analysis.segments import segments_of
from confkit.analysis.statistics import wilson

SVG = "{http://www.w3.org/2000/svg}"
COUNTS = bucket_counts("s", map(str, range(1000)))
RESULTS = {
    "share": (wilson(1, 4), 1),
    "nobody": (wilson(0, 0), 1),
    "counts": (COUNTS, 20),
    "ramp": (percentage_ramp(COUNTS, 5, 20), 4),
    "ratio": (sample_ratio({"a": 4, "b": 6}, {"a": 1, "b": 1}), 2),
    "segments": (segments_of({"DE": (1, 4), "<script>": (0, 0)}, 0.25), 2),
    "overlap": (overlap_of({"a": [True, False], "b": [True, True]}), 1),
}


@pytest.mark.parametrize("name", RESULTS)
def test_a_result_as_bars(name):
    result, count = RESULTS[name]
    figure = result.plot()
    tree = ElementTree.fromstring(figure.svg)
    assert len(tree.findall(f"{SVG}rect")) == len(result.bars) == count
    assert tree.find(f"{SVG}title").text == result.headline
    assert tree.get("aria-label") == result.headline
    assert str(figure) == figure.svg
    assert re.fullmatch(r'<img alt="[^"<>]*" src="data:image/svg[^"]*">', figure._repr_html_())


def test_bars_are_as_long_as_their_shares():
    tree = ElementTree.fromstring(plot("x", [Bar("a", 0.5, 0.4, 0.6, 0.3), Bar("b", 0.25)]).svg)
    one, other = (float(r.get("width").rstrip("%")) for r in tree.findall(f"{SVG}rect"))
    assert one == pytest.approx(2 * other, abs=0.01)
    whisker, expected = tree.findall(f"{SVG}line")
    assert whisker.get("x1") < whisker.get("x2")
    assert expected.get("x1") == expected.get("x2")


def test_no_label_breaks_out():
    svg = plot('"><script>', [Bar("<img onerror=x>", 1)]).svg
    assert "<script>" not in svg
    assert "<img" not in svg
    ElementTree.fromstring(svg)
