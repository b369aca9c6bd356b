"""Marks differ without colour, and two pages do not share their patterns."""

from __future__ import annotations

from confkit.figures.marks import NAMES, Marks, at, drawing


def test_each_mark_but_the_first_has_a_pattern_of_its_own():
    marks = Marks("a")
    defined = marks.definitions()
    fills = {mark: marks.fill(mark) for mark in NAMES}
    assert len(set(fills.values())) == 4
    for mark in ("new", "lost", "off"):
        assert f'id="a-{mark}"' in defined
        assert f"url(#a-{mark})" in fills[mark]
    assert "url" not in fills["on"]  # filled: the others are hatched, dotted or crossed
    assert Marks("b").fill("off") != fills["off"]


def test_a_legend_escapes_and_names_what_it_shows():
    made = Marks("a").legend(("on", "<on>"), more="<b>more</b>")
    assert "&lt;on&gt;" in made
    assert "<b>more</b>" in made
    assert made.count('aria-hidden="true"') == 1


def test_a_drawing_is_named_and_keeps_the_size_of_its_text():
    made = drawing(20, 'a "name"', "<rect/>")
    assert 'role="img"' in made
    assert 'aria-label="a &quot;name&quot;"' in made
    assert "viewBox" not in made
    assert at(0.25) == "25.000%"
