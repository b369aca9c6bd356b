"""The histogram: its bars are as high as their counts, and the cut is where it was asked."""

from __future__ import annotations

import re

import pytest

from confkit.figures.histogram import BASE, Bin, Pin, histogram
from confkit.figures.marks import Marks

MARKS = Marks("a")


def heights(made: str, fill: str) -> list[float]:
    group = re.search(rf"<g {re.escape(fill)}>(.*?)</g>", made)
    return [] if group is None else [float(h) for h in re.findall(r'height="([\d.]+)"', group[1])]


def drawn(bins: list[Bin], **options: object) -> str:
    total = sum(map(sum, bins))
    return histogram(MARKS, bins, total=total, **options)  # type: ignore[arg-type]


def test_the_parts_of_a_bar_have_the_proportions_of_their_counts():
    made = drawn([Bin(10, 20, 30, 40)] * 100, cut=25)
    parts = [heights(made, MARKS.fill(mark)) for mark in ("on", "new", "lost", "off")]
    assert [len(part) for part in parts] == [100] * 4
    first = [part[0] for part in parts]
    assert first[1] / first[0] == pytest.approx(2, abs=0.05)
    assert first[3] / first[0] == pytest.approx(4, abs=0.05)


def test_every_bar_ends_within_the_drawing():
    made = drawn([Bin(n, 0, 0, 3 * n) for n in range(100)], cut=25)
    for top, height in re.findall(r'y="([\d.]+)" width="[\d.]+%" height="([\d.]+)"', made):
        assert 0 <= float(top) <= float(top) + float(height) <= BASE + 0.11


def test_the_cut_and_where_it_was():
    made = drawn([Bin(1, 0, 0, 1)] * 100, cut=25, was=10)
    assert 'x1="25%"' in made
    assert 'x1="10%"' in made
    assert "was 10 %" in made
    assert "25 %: on to the left" in made
    assert "10 per cent before" in made
    assert "was" not in re.sub("aria-label.*?>", "", drawn([Bin(1, 0, 0, 1)] * 100, cut=25, was=25))


@pytest.mark.parametrize(("cut", "was"), [(65, 50), (30, 40), (99, 70), (12, 30)])
def test_two_labels_never_lie_over_each_other(cut, was):
    made = drawn([Bin(1, 0, 0, 1)] * 100, cut=cut, was=was)
    assert f"was {was} %</text>" not in made
    assert f'x1="{was}%"' in made


def test_pins_are_named_and_escaped():
    made = drawn(
        [Bin(1, 0, 0, 1)] * 100, cut=25, pins=[Pin(0.3, "<a>", True), Pin(0.4, "b", False)]
    )
    assert "&lt;a&gt;: always on" in made
    assert "b: never on" in made
    assert "<a>" not in made


def test_nobody_at_all_can_be_drawn():
    assert "On: 0 of 0" in histogram(MARKS, [Bin(0, 0, 0, 0)] * 100, cut=0, total=0)
