"""Which settings a command is about: named, or those of the project."""

from __future__ import annotations

import sys

import click
import pytest

from confkit.cli.target import Target, default_target, load_target

SETTINGS = """
from dataclasses import dataclass

@dataclass(frozen=True)
class Settings:
    port: int = 80

class Plain: ...
"""


@pytest.fixture(autouse=True)
def project(tmp_path, monkeypatch):
    (tmp_path / "targetsettings.py").write_text(SETTINGS)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    yield tmp_path
    sys.modules.pop("targetsettings", None)


def test_the_working_directory_can_be_imported_from():
    assert load_target("targetsettings:Settings").__name__ == "Settings"


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("targetsettings", "module:Class"),
        (":Settings", "module:Class"),
        ("no_such_module:Settings", "no_such_module"),
        ("targetsettings:Setings", "Settings"),
        ("targetsettings:Plain", "dataclass"),
    ],
)
def test_a_name_that_leads_nowhere_says_which_part_is_wrong(text, wrong):
    with pytest.raises(click.UsageError, match=wrong):
        load_target(text)


def test_the_project_names_the_settings_once(project):
    with pytest.raises(click.UsageError, match="--settings"):
        default_target()
    (project / "pyproject.toml").write_text(
        '[tool.confkit]\nsettings = "targetsettings:Settings"\n'
    )
    assert default_target() == "targetsettings:Settings"


def test_a_target_loads_with_its_values_on_top(project):
    (project / "config.yaml").write_text("port: 81\n")
    settings = load_target("targetsettings:Settings")
    assert Target(settings, project).load(None).current.port == 81
    assert Target(settings, project, ("port=82",)).load(None).current.port == 82
