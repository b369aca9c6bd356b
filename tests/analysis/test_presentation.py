"""How every result shows itself: as text, and as HTML in notebooks."""

from __future__ import annotations

import pytest

from confkit.analysis.presentation import Presented, p_text, percent


class Result(Presented):
    headline = "<b>: 5 % of 20"
    columns = ("", "units")
    rows = (("on & off", "1"),)


class Empty(Result):
    rows = ()


def test_text_is_the_headline_above_the_table():
    lines = str(Result()).splitlines()
    assert lines[0] == Result.headline
    assert "on & off" in lines[-1]
    assert str(Empty()) == Result.headline


def test_html_escapes_and_keeps_numbers_with_their_unit():
    html = Result()._repr_html_()
    assert "&lt;b&gt;" in html
    assert "on &amp; off" in html
    assert "5\N{NO-BREAK SPACE}%" in html
    assert "<table" in html
    assert "<table" not in Empty()._repr_html_()


@pytest.mark.parametrize(
    ("part", "whole", "text"), [(0.2491, 1, "24.910 %"), (1, 3, "33.333 %"), (1, 0, "–")]
)
def test_shares(part, whole, text):
    assert percent(part, whole) == text


@pytest.mark.parametrize(("p", "text"), [(0.42, "0.420"), (1.3e-5, "1.3e-05"), (0, "0.000")])
def test_small_probabilities_keep_their_size(p, text):
    assert p_text(p) == text
