"""The style sheet: text has contrast in light and dark, and nothing comes from the network."""

from __future__ import annotations

import re

import pytest

from confkit.figures.style import DARK, LIGHT, page, sheet


def luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    digits = "".join(d * 2 for d in digits) if len(digits) == 3 else digits
    parts = [int(digits[n : n + 2], 16) / 255 for n in (0, 2, 4)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["bg", "panel", "sunk", "win"])
@pytest.mark.parametrize("text", ["fg", "dim", "ink-on", "ink-good", "ink-bad", "ink-warn"])
def test_text_has_contrast_on_every_ground(colours, ground, text):
    assert contrast(colours[text], colours[ground]) >= 4.5


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_controls_and_marks_stand_out(colours):
    assert contrast(colours["edge"], colours["panel"]) >= 3
    assert contrast(colours["on"], colours["panel"]) >= 3
    assert contrast(colours["bg"], colours["on"]) >= 4.5  # the text of a pill


def test_the_theme_of_the_notebook_overrules_that_of_the_system():
    made = sheet()
    system, light, dark = (
        made.index(part)
        for part in ("prefers-color-scheme:dark", 'light="true"]', 'light="false"]')
    )
    assert system < light < dark
    assert LIGHT.keys() == DARK.keys()
    for name in re.findall(r"var\(--([a-z-]+)\)", made):
        assert name in LIGHT, name


def test_a_page_escapes_its_title_and_asks_nothing_of_the_network():
    made = page("</title><script>x</script>", "<p>body</p>", ".more{}")
    assert "<script" not in made
    assert ".more{}" in made
    assert "<p>body</p>" in made
    assert re.findall(r'(?:href|src)="([^"]+)"', made) == ["data:,"]
    assert "url(" not in made
    assert "@import" not in made
