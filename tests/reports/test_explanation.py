"""Why a setting has its value: as values, text, JSON and HTML, masked in every one."""

from __future__ import annotations

import enum
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import pytest

from confkit import (
    Check,
    Doc,
    DotEnv,
    Env,
    Environ,
    File,
    Secret,
    UnknownKey,
    Url,
    Values,
    load,
)
from confkit.keypath import join
from confkit.reports.explanation import show_typed


class Color(enum.Enum):
    RED = "red"


@dataclass(frozen=True)
class Database:
    url: Annotated[Secret, Url("sqlite")] = Secret("sqlite:///hunter2")
    pool_size: Annotated[int, Check(min=1, max=100), Doc("kept open")] = 5


@dataclass(frozen=True)
class Settings:
    name: str = "shop"
    broker: str = ""
    color: Color = Color.RED
    admin_password: str = ""
    passwords: dict[str, str] = field(default_factory=dict)
    databases: dict[str, Database] = field(default_factory=dict)
    database: Annotated[Database, Doc("where it is kept")] = field(default_factory=Database)
    cache: Annotated[Database | None, Env("CACHING")] = None


@pytest.fixture
def config(tmp_path):
    (tmp_path / "config.yaml").write_text("database:\n  pool_size: 7\nname: '<b>&'\n")
    (tmp_path / ".env").write_text("SIZE=9\nDATABASE_POOL_SIZE=${SIZE}\n")
    return load(
        Settings,
        File(tmp_path / "config.yaml", root=tmp_path),
        DotEnv(tmp_path / ".env", root=tmp_path),
        Environ(environ={"DATABASE_URL": "sqlite:///hunter2"}),
    )


def test_as_text(config):
    assert str(config.explain("database.pool_size")) == (
        "database.pool_size = 9\n"
        "  from .env:2\n"
        "  using ${SIZE} from .env:1\n"
        "  type int; min 1, max 100; env DATABASE_POOL_SIZE or DATABASE__POOL_SIZE\n"
        "  kept open\n"
        "\n"
        "     layer        sets     at\n"
        "  ▲  .env         ${SIZE}  .env:2\n"
        "     config.yaml  7        config.yaml:2:14\n"
        "     defaults     5        default Database.pool_size"
    )


def test_as_values_and_json(config):
    explanation = config.explain("database.pool_size")
    assert explanation.winner.origin == explanation.origin
    assert [row.won for row in explanation.rows] == [True, False, False]
    found = json.loads(json.dumps(explanation.as_dict()))
    assert found["value"] == 9
    assert found["origin"] == ".env:2"
    assert found["env_names"] == ["DATABASE_POOL_SIZE", "DATABASE__POOL_SIZE"]
    assert found["used"] == ["${SIZE} from .env:1"]
    assert found["layers"][1] == {
        "layer": "config.yaml",
        "key": "database.pool_size",
        "raw": "7",
        "origin": "config.yaml:2:14",
        "line": 2,
        "column": 14,
        "won": False,
    }


def test_as_html_without_scripts_and_escaped(config):
    html = config.explain("name")._repr_html_()
    assert html.startswith("<details open><summary>name = &lt;b&gt;&amp; from config.yaml:3:7")
    assert "<b>" not in html
    assert "<script" not in html


def test_the_winner_is_never_credited_with_what_another_layer_said():
    """dynaconf lists the environment as the setter of keys that it never named."""
    config = load(
        Settings,
        Values({"database.pool_size": 6}, name="one"),
        Values({"name": "x"}, name="two"),
    )
    assert [row.layer for row in config.explain("database.pool_size").rows] == ["one", "defaults"]


def test_a_section_shows_the_words_about_everything_below_it(config):
    explanation = config.explain("database")
    assert explanation.text == "Database(url: ***, pool_size: 9)"
    assert explanation.value == {"url": "***", "pool_size": 9}
    assert explanation.type == "Database"
    assert explanation.doc == "where it is kept"
    assert {row.key for row in explanation.rows} == {"database.url", "database.pool_size"}
    assert config.explain("cache").value is None
    assert config.explain("cache").text == "null"


def test_what_took_a_key_away_is_among_the_words():
    config = load(
        Settings,
        Values({"cache.pool_size": 6}),
        Values({"cache": None}, name="off"),
    )
    assert [(r.layer, r.key, r.won) for r in config.explain("cache").rows] == [
        ("off", "cache", True),
        ("values", "cache.pool_size", False),
        ("defaults", "cache", False),
    ]


def test_defaults_inside_items_and_optional_sections_are_explained():
    config = load(Settings, Values({'databases."a.b".pool_size': 6, "cache.pool_size": 1}))
    assert str(config.explain('databases."a.b".url').origin) == "default Database.url"
    assert str(config.explain("cache.url").origin) == "default Database.url"
    assert config.explain('databases."a.b"').text == "Database(url: ***, pool_size: 6)"
    assert config.explain('databases."a.b"').type == "Database"


def test_an_item_without_keys_is_explained():
    config = load(Settings, Values({"databases": {"main": {}}}))
    assert "Database(" in config.explain("databases.main").text
    assert config.explain().as_dict()["keys"]


def test_unknown_keys_are_refused(config):
    with pytest.raises(UnknownKey, match=r"did you mean database\.pool_size\?"):
        config.explain("database.pool_siez")


@pytest.mark.parametrize(
    ("values", "key"),
    [
        ({"database.url": "sqlite:///hunter2"}, "database.url"),
        ({"admin_password": "hunter2"}, "admin_password"),
        ({"passwords": {"alice": "hunter2"}}, "passwords.alice"),
        ({"passwords": {"alice": "hunter2"}}, "passwords"),
        ({"broker": "amqp://u:hunter2@h"}, "broker"),
        ({"databases.a.url": "sqlite:///hunter2"}, "databases"),
        ({"databases.a.url": "sqlite:///hunter2"}, "databases.a.url"),
        ({}, "database"),
    ],
)
def test_secrets_are_masked_in_every_form(values, key):
    config = load(Settings, Values(values))
    for shown in (
        *(config.explain(key), config.explain()),
        *(config.explain(key).as_dict(), config.explain().as_dict()),
        *(config.explain(key)._repr_html_(), config.explain()._repr_html_()),
        *(repr(config.explain(key)), repr(config.explain())),
    ):
        assert "hunter2" not in str(shown)
        assert "***" in str(shown)


def test_nothing_in_a_key_or_a_value_forges_the_output():
    name = "a\n\x1b[31m\u202eb"
    config = load(Settings, Values({"passwords": {name: name}, "broker": name}, name=name))
    for key in ("broker", join("passwords", name), "passwords"):
        explanation = config.explain(key)
        for shown in (str(explanation), explanation._repr_html_()):
            assert "\x1b" not in shown
            assert "\u202e" not in shown
        assert all(line.isprintable() for line in str(explanation).split("\n"))
    assert all(line.isprintable() for line in str(config.explain()).split("\n"))
    assert len(str(config.explain()).split("\n")) == 1 + len(config.snapshot.keys)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Color.RED, "red"),
        ([Color.RED, Secret("hunter2")], "[red, ***]"),
        ({"a": Color.RED, "password": "hunter2"}, "{a: red, password: ***}"),
        ({"tokens": ["hunter2"]}, "{tokens: ***}"),
        ({3, 1}, "[1, 3]"),
        (Database(), "Database(url: ***, pool_size: 5)"),
        (frozenset({Database()}), "[Database(url: ***, pool_size: 5)]"),
        (None, "null"),
        (Path("a/b"), "a/b"),
    ],
)
def test_typed_values_as_they_may_be_shown(value, shown):
    assert show_typed(value) == shown
