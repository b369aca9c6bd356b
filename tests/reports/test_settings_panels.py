"""Differences, names nobody reads, secrets: all that is known, and never a value."""

from __future__ import annotations

import os
from dataclasses import dataclass

import pytest

from confkit import DotEnv, Environ, File, Secret, Values, diff, resolve
from confkit.reports.settings_panels import (
    age_text,
    differences,
    names_nobody_reads,
    secret_rows,
    secrets,
)
from confkit.resolution.variables import unknown_names


@dataclass(frozen=True)
class Settings:
    size: int = 5
    name: str = "x"
    key: Secret = Secret("canary-default")
    token: Secret = Secret("canary-default")


def test_differences_are_a_table_of_texts():
    old, new = resolve(Settings, Values({"name": "<b>"})), resolve(Settings, Values({"size": 6}))
    made = differences(diff(old, new, names=("<old>", "new")))
    assert "<b>" not in made
    assert "&lt;old&gt;" in made
    assert made.count("<tr>") == 3
    assert "✓ Every value is the same" in differences(diff(old, old))


def test_names_that_no_setting_reads_and_settings_that_nobody_sets(tmp_path):
    (tmp_path / ".env").write_text("SIZZE=1\nOTHER=canary-1\nSIZE=2\n")
    found = resolve(Settings, DotEnv(tmp_path / ".env"), Environ(environ={"HOME": "/", "NAM": "1"}))
    made = names_nobody_reads(found, unknown_names(found))
    for name in ("SIZZE", "OTHER", "NAM", "SIZE?"):
        assert name in made
    assert "HOME" not in made
    assert "<code>name</code>, <code>key</code>" in made
    assert "canary-1" not in made


def test_a_secret_has_a_place_a_source_and_an_age(tmp_path):
    (tmp_path / "secret.txt").write_text("canary-file")
    (tmp_path / "secret.txt").chmod(0o600)
    (tmp_path / "config.yaml").write_text(f"key: ${{file:{tmp_path}/secret.txt}}\n")
    os.utime(tmp_path / "config.yaml", (1000, 1000))
    found = resolve(
        Settings, File(tmp_path / "config.yaml"), Environ(environ={"TOKEN": "canary-env"})
    )
    key, token = secret_rows(found, tmp_path, 1000 + 3 * 86_400)
    assert (key.key, key.source, key.age) == ("key", "${file:…}", 3 * 86_400)
    assert key.version
    assert "config.yaml:1" in key.origin
    assert (token.source, token.version, token.age) == ("environment", "", None)
    made = secrets([key, token])
    assert "3 days" in made
    assert "canary" not in made
    assert str(tmp_path / "secret.txt") not in made


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, "–"), (0, "0 seconds"), (119, "119 seconds"), (120, "2 minutes"), (86_400, "24 hours"),
     (172_800, "2 days")],
)  # fmt: skip
def test_ages(seconds, text):
    assert age_text(seconds) == text


def test_nothing_secret_has_no_panel():
    assert secrets([]) == ""
