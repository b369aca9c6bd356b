"""Shares: the places in a drawing are those of the figures, and its name tells them."""

from __future__ import annotations

import re

import pytest

from confkit.figures.marks import Marks
from confkit.figures.shares import interval, over_time, share_bar, stacked, strip

MARKS = Marks("a")


def widths(made: str) -> list[float]:
    return [float(w) for w in re.findall(r'<rect[^>]* width="([\d.]+)%"', made)]


def test_a_stacked_bar_is_whole_and_leaves_out_what_is_empty():
    made = stacked(MARKS, [("on", 25), ("new", 0), ("off", 75)])
    assert widths(made) == [25, 75]
    assert "25 stay on, 0 newly on, 75 stay off" in made
    assert widths(stacked(MARKS, [("on", 0)])) == []


@pytest.mark.parametrize(
    ("low", "high", "found", "expected"),
    [(0.2465, 0.2518, 0.2491, 0.25), (0, 1, 0, None), (0, 3.8e-5, 0, 0), (1, 1, 1, 1),
     (0.9, 1, 0.97, 0.2), (1e-7, 3e-7, 2e-7, 2e-7)],
)  # fmt: skip
def test_an_interval_close_up_keeps_the_order_of_its_places(low, high, found, expected):
    made = interval(low, high, found, expected)
    dot = float(re.search(r'<circle cx="([\d.]+)%"', made)[1])  # type: ignore[index]
    left = float(re.search(r'<rect x="([\d.]+)%"', made)[1])  # type: ignore[index]
    assert 0 <= left <= dot + 0.001 <= 100.001
    assert ("expected" in made) is (expected is not None)


def test_a_bar_has_a_tick_where_its_share_is_expected():
    made = share_bar(0.25, 0.5, 0.5)
    assert widths(made) == [50]
    assert 'x1="100.000%"' in made
    assert "<line" not in share_bar(0.25, None, 0.5)


def test_a_strip_has_a_ring_and_a_cut():
    made = strip(MARKS, 0.21662, 0.25)
    assert 'cx="21.662%"' in made
    assert widths(made) == [25, 75]
    assert "bucket 21.662 of 100, cut at 25" in made


def test_steps_over_time_end_where_the_next_begins():
    made = over_time([(0, 0.05, "<now>"), (0.5, 0.5, "later")], now=0.25, name="ramp")
    assert widths(made) == [50, 50]
    assert "&lt;now&gt;" in made
    assert "50 %" in made
