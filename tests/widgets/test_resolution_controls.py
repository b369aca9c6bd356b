"""The controls of the config explorer ask for an environment, an overlay, and keys."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

pytest.importorskip("anywidget")
pytest.importorskip("ipywidgets")

from confkit import Values, load
from confkit.reports.key_table import Shown
from confkit.widgets.config_source import Overlay, config_source
from confkit.widgets.resolution_controls import AS_LOADED, ResolutionControls


@dataclass(frozen=True)
class Settings:
    size: int = 5


def test_one_project_needs_no_picker():
    assert ResolutionControls(["a"]).project.layout.display == "none"
    assert ResolutionControls(["a", "b"]).project.layout.display is None


def test_environments_and_what_was_loaded(tmp_path):
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "production.yaml").write_text("size: 6\n")
    asked = ResolutionControls([])
    asked.offer_environments(config_source(Settings, tmp_path), "production")
    assert asked.chosen == "production"
    assert ("production", "production") in asked.compare.options
    asked.offer_environments(config_source(load(Settings, Values({}))), None)
    assert asked.chosen is None
    assert asked.environment.value == AS_LOADED


def test_what_is_asked_for():
    asked = ResolutionControls([])
    asked.offer_layers(["a", "b", "a"], frozenset({"b"}), lambda _: None)
    asked.variables.value = "A=1"
    asked.words.value = "--size 3"
    assert asked.overlay() == Overlay({"A": "1"}, ["--size", "3"], frozenset({"b"}))
    asked.filter.value, asked.secrets.value = "pool", True
    assert asked.shown() == Shown("pool", secrets=True)
    asked.offer_keys(["x", "y"])
    asked.key.value = "y"
    asked.offer_keys(["y"])
    assert asked.key.value == "y"
    asked.offer_keys(["x"])
    assert asked.key.value == ""


def test_every_control_has_a_name():
    asked = ResolutionControls(["a"])
    for control in (*asked.of_input, *asked.of_view, asked.project, asked.more):
        assert control.description
