"""The style of the settings panels uses the colours that there are."""

from __future__ import annotations

import re

from confkit.figures.style import LIGHT
from confkit.reports.page_style import SHEET


def test_every_colour_is_known_and_every_brace_closed():
    assert {*re.findall(r"var\(--([a-z-]+)\)", SHEET)} <= {*LIGHT}
    assert SHEET.count("{") == SHEET.count("}")
    assert "http" not in SHEET
