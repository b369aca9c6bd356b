"""Settings of a page: from a configuration, a resolution, a class or its name, under overlays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import pytest

import confkit
from confkit import Check, File, Secret, Values, load
from confkit.widgets.config_source import Overlay, config_source, variables, words


@dataclass(frozen=True)
class Settings:
    size: Annotated[int, Check(min=1)] = 5
    environment: str = "development"
    key: Secret = Secret("k")


@pytest.fixture
def project(tmp_path, monkeypatch):
    (tmp_path / "config.yaml").write_text("size: 6\n")
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "production.yaml").write_text("size: 7\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_class_in_every_environment(project):
    source = config_source(Settings, project)
    assert source.name == "Settings"
    assert source.environments() == ["development", "production"]
    assert source.resolve(None, Overlay()).value.size == 6
    assert source.resolve("production", Overlay()).value.size == 7


def test_what_is_laid_over_a_class(project):
    source = config_source(Settings, project)
    found = source.resolve("production", Overlay({"SIZE": "8"}, ["--key", "secret"]))
    assert found.value.size == 8
    assert source.resolve(None, Overlay(words=["--size", "9"])).value.size == 9
    without = source.resolve("production", Overlay(without=frozenset({"config/production.yaml"})))
    assert without.value.size == 6


@pytest.mark.parametrize("kind", ["config", "snapshot", "resolution", "failure"])
def test_what_was_loaded_already(kind):
    config = load(Settings, Values({"size": 6}, name="a"), Values({"size": 7}, name="b"))
    given = {"config": config, "snapshot": config.snapshot, "resolution": config.resolution}
    try:
        load(Settings, Values({"size": 6}, name="a"), Values({"size": 0}, name="b"))
    except confkit.InvalidConfig as error:
        given["failure"] = error
    source = config_source(given[kind])
    assert source.environments() == []
    broken = kind == "failure"
    assert bool(source.resolve(None, Overlay()).problems) is broken
    assert source.resolve(None, Overlay({"SIZE": "8"})).value.size == 8
    assert source.resolve(None, Overlay(words=["--size", "9"])).value.size == 9
    assert source.resolve(None, Overlay(without=frozenset({"b"}))).value.size == 6
    assert source.resolve(None, Overlay(without=frozenset({"a", "b"}))).value.size == 5


def test_a_configuration_keeps_its_rules_and_resolvers(tmp_path):
    (tmp_path / "a.yaml").write_text("key: ${vault:x}\n")
    config = load(
        Settings,
        File(tmp_path / "a.yaml"),
        rules={"size": {"max": 7}},
        resolvers={"vault": lambda reference: "opened"},
    )
    source = config_source(config)
    found = source.resolve(None, Overlay({"OTHER": "1"}))
    assert found.value.key.reveal() == "opened"
    assert source.resolve(None, Overlay({"SIZE": "8"})).problems
    assert config.current.size == 5


def test_the_name_of_a_class(project, monkeypatch):
    (project / "their_settings_16.py").write_text(
        "from dataclasses import dataclass\n@dataclass(frozen=True)\nclass S:\n    size: int = 1\n"
    )
    (project / "pyproject.toml").write_text(
        '[tool.confkit]\nsettings = "their_settings_16:S"\nroot = "."\n'
    )
    (project / "notebooks").mkdir()
    monkeypatch.chdir(project / "notebooks")
    monkeypatch.syspath_prepend("nowhere")  # undoes what is prepended below
    assert config_source().resolve(None, Overlay()).value.size == 6
    assert config_source("their_settings_16:S", project).name == "S"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (None, "which settings"),
        ("x", "not module:Class"),
        ("os:path", "no settings class"),
        (3, "not int"),
    ],
)
def test_what_is_none_is_refused(given, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend("nowhere")
    with pytest.raises(ValueError, match=said):
        config_source(given)


def test_variables_and_words():
    assert variables("# c\nexport A=1\n\nB=x=y \n") == {"A": "1", "B": "x=y"}
    with pytest.raises(confkit.InvalidConfig, match="line 2") as caught:
        variables("A=1\nhunter2")
    assert "hunter2" not in str(caught.value)
    assert words("--a 'b c'") == ["--a", "b c"]
    with pytest.raises(confkit.InvalidConfig):
        words("'")
    assert "hunter2" not in repr(Overlay({"A": "hunter2"}, ["hunter2"]))
    assert not Overlay()
