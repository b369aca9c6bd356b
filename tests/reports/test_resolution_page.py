"""The page opens by itself, says what is wrong, and hides secrets."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated

from confkit import Check, Secret, Values, load, resolve
from confkit.reports.resolution_page import resolution_page


@dataclass(frozen=True)
class Settings:
    size: Annotated[int, Check(min=1)] = 5
    key: Secret = Secret("hunter2")


def test_a_page_needs_nothing_and_runs_nothing():
    made = resolution_page(load(Settings, Values({})), keys=["size"], environment="<prod>")
    assert re.findall(r'(?:src|href)="([^"]*)"', made) == ["data:,"]
    assert "<script" not in made
    assert "&lt;prod&gt;" in made
    assert "hunter2" not in made
    assert 'aria-label="Why size"' in made


def test_settings_that_do_not_load_are_shown_with_their_problems():
    made = resolution_page(resolve(Settings, Values({"size": 0})))
    assert made.index("Problems") < made.index('class="mx"')
    assert "1 problem." in made
