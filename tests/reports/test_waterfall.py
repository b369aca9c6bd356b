"""One key in full: every layer from the lowest, the way to the value, and what is wrong."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated

import pytest

import confkit
from confkit import Check, DotEnv, Environ, Secret, Values, resolve
from confkit.reports.waterfall import problems, why


@dataclass(frozen=True)
class Settings:
    size: Annotated[int, Check(min=1, max=9)] = 5
    key: Secret = Secret("hunter2")
    name: str = "x"


def test_layers_are_lowest_first_and_one_wins():
    found = resolve(
        Settings,
        Values({"size": 6}, name="a"),
        Values({}, name="empty"),
        Environ(environ={"SIZE": "7"}),
    )
    made = why(found, "size")
    order = [made.index(f">{name}<") for name in ("defaults", "a", "empty", "environment")]
    kinds = re.findall(r'<li class="(\w+)"', made)
    assert sorted(order) == order
    assert kinds == ["lost", "lost", "mute", "w"]
    assert "overruled by environment" in made
    assert "env SIZE" in made
    assert "min 1, max 9 ✓" in made
    assert "<code>SIZE=…</code>" in made


def test_a_broken_value_has_its_problem_and_its_fix():
    found = resolve(Settings, Environ(environ={"SIZE": "70"}))
    made = why(found, "size")
    assert "min 1, max 9 ✗" in made
    assert 'class="problem"' in made
    assert problems(found.problems).count('class="problem"') == 1
    assert problems(()) == ""


def test_no_secret_and_no_markup(tmp_path):
    (tmp_path / ".env").write_text("KEY='canary-1'\nNAME='<script>'\n")
    found = resolve(Settings, DotEnv(tmp_path / ".env"))
    made = why(found, "key") + why(found, "name")
    assert "canary-1" not in made
    assert "hunter2" not in made
    assert "<script" not in made


def test_a_key_that_is_none_is_refused():
    with pytest.raises(confkit.UnknownKey):
        why(resolve(Settings), "sizes")
