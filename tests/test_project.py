"""``[tool.confkit]`` of a project."""

from __future__ import annotations

from pathlib import Path

import pytest

from confkit import InvalidConfig
from confkit.discovery import conventional
from confkit.project import project_root, tool_settings


def test_the_project_says_where_the_root_is(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert project_root() == Path()
    (tmp_path / "pyproject.toml").write_text('[tool.confkit]\nroot = "deploy"\n')
    assert project_root() == Path("deploy")
    (tmp_path / "deploy").mkdir()
    (tmp_path / "deploy" / "config.yaml").write_text("")
    sources = conventional(environment=None, root=None, environ={}, settings="Settings")
    assert [s.read().name for s in sources] == ["config.yaml", "environment"]


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        ("[project]\nname = 'x'", {}),
        ("[tool.confkit]\nsettings = 'a:B'", {"settings": "a:B"}),
        ("[tool]\nconfkit = 5  # tool.confkit", {}),
        ("not toml at all", {}),
    ],
)
def test_the_table_of_the_project(tmp_path, text, settings):
    (tmp_path / "pyproject.toml").write_text(text)
    assert tool_settings(tmp_path) == settings


def test_a_broken_table_of_the_project_is_an_error(tmp_path):
    (tmp_path / "pyproject.toml").write_text("[tool.confkit]\nroot = \n")
    with pytest.raises(InvalidConfig, match=r"is not TOML \(pyproject.toml\)"):
        tool_settings(tmp_path)
    (tmp_path / "pyproject.toml").write_bytes(b"[tool.confkit]\nroot = '\xff'\n")
    with pytest.raises(InvalidConfig):
        tool_settings(tmp_path)
