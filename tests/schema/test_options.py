"""Settings as options of an argparse parser."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field
from typing import Annotated, Literal

import pytest

from confkit import Doc, Secret, Sensitive, add_arguments, load
from confkit.schema.options import option


@dataclass(frozen=True)
class Pool:
    max_size: Annotated[int, Doc("connections, 90% of them kept")] = 5


@dataclass(frozen=True)
class Settings:
    level: Literal["low", "high"] = "low"
    debug: bool = False
    password: Secret = Secret("hunter2")
    pool: Pool = field(default_factory=Pool)


@pytest.fixture
def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="shop")
    add_arguments(made, Settings)
    return made


@pytest.mark.parametrize(
    ("key", "name"), [("debug", "--debug"), ("pool.max_size", "--pool.max-size")]
)
def test_the_option_of_a_key(key, name):
    assert option(key) == name


def test_the_help_names_type_default_meaning_and_variable(parser):
    text = " ".join(parser.format_help().split())
    assert "--level {low,high}" in text
    assert "--debug, --no-debug" in text
    assert "connections, 90% of them kept [default 5; env POOL_MAX_SIZE]" in text


def test_a_secret_is_no_option_and_its_default_is_not_shown(parser):
    assert "password" not in parser.format_help()
    assert "hunter2" not in parser.format_help()


def test_only_what_is_given_is_set(parser, tmp_path):
    (tmp_path / ".env").write_text("")
    assert vars(parser.parse_args([])) == {}
    given = parser.parse_args(["--pool.max-size", "7", "--no-debug"])
    found = load(Settings, root=tmp_path, argv=given, environ={}).current
    assert (found.pool.max_size, found.debug, found.level) == (7, False, "low")


@dataclass(frozen=True)
class Wide:
    tags: list[str] = field(default_factory=list)
    ports: tuple[int, int] = (1, 2)
    flag: bool | None = None
    hidden: Annotated[str, Sensitive()] = "hunter2"


def test_the_option_of_a_list_is_given_again_for_every_item(tmp_path):
    (tmp_path / ".env").write_text("")
    parser = argparse.ArgumentParser()
    add_arguments(parser, Wide)
    assert "hidden" not in parser.format_help()

    def found(*words: str) -> Wide:
        return load(Wide, root=tmp_path, argv=parser.parse_args(words), environ={}).current

    assert found("--tags", "a", "--tags", "b,c").tags == ["a", "b,c"]
    assert found("--tags", "a,b").tags == ["a", "b"]
    assert found("--ports", "3", "--ports", "4").ports == (3, 4)
    assert found("--no-flag").flag is False
