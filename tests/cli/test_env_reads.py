"""``confkit env reads``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

CODE = """\
import os
PORT = int(os.environ.get('PORT', '80'))
KEY = os.environ['KEY']
os.environ['HOME']
"""
SETTINGS = """
from dataclasses import dataclass

@dataclass(frozen=True)
class Settings:
    port: int = 80
"""


@pytest.fixture
def code(tmp_path):
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "app.py").write_text(CODE)


def test_every_read_with_its_place(env, code):
    code_, printed = env("reads")
    assert code_ == 0
    assert [line.split() for line in printed.splitlines()] == [
        ["variable", "read", "at", "by", "default"],
        ["KEY", "src/app.py:3:7", "os.environ", "required"],
        ["PORT", "src/app.py:2:12", "os.environ", "'80'"],
    ]
    assert "HOME" in env("reads", "--all")[1]


def test_what_the_settings_do_not_declare(env, code, tmp_path):
    (tmp_path / "conf.py").write_text(SETTINGS)
    printed = env("reads", "src", "-s", "conf:Settings")[1]
    states = {line.split()[0]: line.endswith("not declared") for line in printed.splitlines()[1:]}
    assert states == {"KEY": True, "PORT": False}
    assert env("reads", "src", "-s", "conf:Settings", "--check")[0] == 1
    assert env("reads", "src", "--check")[0] == 2  # there is nothing to compare with


def test_a_file_that_cannot_be_read_fails_a_check(env, code, tmp_path):
    (tmp_path / ".env.example").write_text("KEY=\nPORT=\n")
    assert env("reads", "src", "--check")[0] == 0
    (tmp_path / "src" / "broken.py").write_text("import os; os.environ[\n")
    assert env("reads", "src", "--check")[0] == 1


def test_a_template_is_compared(env, code):
    Path(".env.example").write_text("PORT=80\n# KEY=\nOLD=1\n")
    printed = env("reads", "src")[1]
    assert "In the template, and read by nothing: OLD." in printed
    assert "Not in the template" not in printed
    assert env("reads", "src", "--check")[0] == 1
    Path(".env.example").write_text("PORT=80\n# KEY=\n")
    assert env("reads", "src", "--check")[0] == 0
    Path(".env.example").write_text("PORT=80\n")
    assert "Not in the template: KEY." in env("reads", "src")[1]


def test_names_that_others_care_for(env, code):
    Path("pyproject.toml").write_text('[tool.confkit.env]\nknown = ["KEY"]\n')
    Path(".env.example").write_text("PORT=80\n")
    assert env("reads", "src", "--check")[0] == 0


def test_json(env, code, tmp_path):
    (tmp_path / "conf.py").write_text(SETTINGS)
    found = json.loads(env("reads", "src", "-s", "conf:Settings", "--json")[1])
    assert [read["name"] for read in found["reads"]] == ["PORT", "KEY"]
    assert [read["name"] for read in found["undeclared"]] == ["KEY"]
    assert found["files"] == 1


def test_a_proposal_for_what_is_not_declared(env, code, tmp_path):
    (tmp_path / "conf.py").write_text(SETTINGS)
    printed = env("reads", "src", "--propose")[1]
    assert "port: int = 80" in printed
    assert "key: str = REQUIRED" in printed or "key: Secret = REQUIRED" in printed
    printed = env("reads", "src", "-s", "conf:Settings", "--propose")[1]
    assert "port:" not in printed


def test_nothing_read(env):
    Path("a.py").write_text("x = 1\n")
    assert env("reads") == (0, "1 files read no variables.\n")
