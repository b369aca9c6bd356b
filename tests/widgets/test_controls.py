"""Controls: a percentage stays within its range, and every label names what it is for."""

from __future__ import annotations

import re

import pytest

pytest.importorskip("anywidget")
pytest.importorskip("ipywidgets")

from confkit.figures.marks import Marks
from confkit.figures.style import LIGHT
from confkit.widgets.controls import (
    CONTROLS,
    Announcement,
    Percentage,
    group,
    html,
    style,
    wide,
)


@pytest.mark.parametrize(
    ("given", "held"), [(25, 25), (-1, 0), (101, 100), (33.33349, 33.333), (0.0004, 0)]
)
def test_a_percentage_is_a_step_of_a_thousandth(given, held):
    control = Percentage()
    control.value = given
    assert control.value == held


def test_both_parts_of_a_percentage_are_named():
    made = Percentage()._esm
    assert 'setAttribute("aria-label"' in made
    assert "htmlFor: id" in made
    assert "aria-valuetext" in made


def test_what_is_announced_is_a_live_region_that_stays():
    control = Announcement(text="a")
    assert '"aria-live", "polite"' in control._esm
    assert "ck-live" in control._dom_classes


def test_nothing_that_is_sent_asks_the_network():
    for text in (Percentage._esm, Announcement._esm, CONTROLS, style(Marks("a")).value):
        assert not re.search(r"https?://(?!www\.w3\.org)|@import|import\(", str(text))


def test_the_style_has_the_patterns_and_known_colours():
    made = style(Marks("mine"), ".more{}").value
    assert 'id="mine-off"' in made
    assert ".more{}" in made
    assert {*re.findall(r"var\(--([a-z-]+)\)", CONTROLS)} <= {*LIGHT}


def test_groups_have_the_classes_of_the_style():
    box = group("ck-bar ck-four", html("x"), wide(html("y")))
    assert {"ck-bar", "ck-four"} <= {*box._dom_classes}
    assert "ck-wide" in box.children[1]._dom_classes
