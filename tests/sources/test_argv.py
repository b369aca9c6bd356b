"""The command line: words, ``--set``, and options of an argparse parser."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field
from typing import Annotated

import pytest

from confkit import (
    REQUIRED,
    Argv,
    Check,
    Doc,
    InvalidConfig,
    InvalidSource,
    Secret,
    Source,
    Values,
    load,
)
from confkit.schema.options import add_arguments


@dataclass(frozen=True)
class Database:
    pool_size: Annotated[int, Check(min=1), Doc("100 % of the connections")] = 5
    url: Secret = Secret("x")


@dataclass(frozen=True)
class Settings:
    debug: bool = False
    name: str = REQUIRED
    admin_password: str = "hunter2"
    limits: dict[str, int] = field(default_factory=dict)
    database: Database = field(default_factory=Database)


def read(*words: str) -> dict[str, object]:
    return {k: e.raw for k, e in Argv(words).read().entries.items()}


def settings(*words: str) -> Settings:
    return load(Settings, Values({"name": "n"}), argv=words).current


@pytest.mark.parametrize(
    ("words", "entries"),
    [
        (["--a", "1"], {"a": "1"}),
        (["--a=1"], {"a": "1"}),
        (["--a=b=c"], {"a": "b=c"}),
        (["--a="], {"a": ""}),
        (["--a"], {"a": True}),
        (["--a", "--b"], {"a": True, "b": True}),
        (["--a", "-5"], {"a": "-5"}),
        (["--a", ""], {"a": ""}),
        (["--set", "a.b=1=2"], {"a.b": "1=2"}),
        (["--set=a=1"], {"a": "1"}),
        (["--set", "a=--x"], {"a": "--x"}),
        ([], {}),
    ],
)
def test_words_become_entries(words, entries):
    assert read(*words) == entries


def test_an_option_that_is_given_again_is_a_list():
    (entry,) = Argv(["--a", "1", "--a=2,3", "--set", "a=4"]).read().entries.values()
    assert [(i.raw, str(i.origin)) for i in entry.raw] == [
        ("1", "--a (argument 1)"),
        ("2,3", "--a (argument 3)"),
        ("4", "--set a (argument 4)"),
    ]


def test_every_entry_has_its_option_and_its_place():
    entries = Argv(["--a", "1", "--set", "b=2", "--c=3"]).read().entries
    assert [str(e.origin) for e in entries.values()] == [
        "--a (argument 1)",
        "--set b (argument 3)",
        "--c (argument 5)",
    ]


@pytest.mark.parametrize(
    ("words", "problems"),
    [
        (["file"], ["is not an option (argument 1) write --key value"]),
        (["--a", "1", "extra", "-v"], ["(argument 3)", "(argument 4)"]),
        (["--"], ["is not an option (argument 1)"]),
        (["--set"], ["takes key=value (--set, argument 1) write --set key=value"]),
        (["--set", "a", "--b", "1"], ["takes key=value (--set, argument 1)"]),
    ],
)
def test_words_that_are_no_options_are_all_named_and_not_shown(words, problems):
    with pytest.raises(InvalidSource) as caught:
        Argv(words).read()
    found = [str(p) for p in caught.value.problems]
    assert len(found) == len(problems)
    for shown, expected in zip(found, problems, strict=True):
        assert expected in shown
    assert "extra" not in str(caught.value)


def test_what_could_be_read_is_kept():
    with pytest.raises(InvalidSource) as caught:
        Argv(["word", "--a", "1"]).read()
    assert list(caught.value.partial.entries) == ["a"]


def test_the_words_of_the_program_are_the_default(monkeypatch):
    monkeypatch.setattr("sys.argv", ["program", "--a", "1"])
    assert {k: e.raw for k, e in Argv().read().entries.items()} == {"a": "1"}


def test_is_a_source_whose_repr_shows_no_word():
    assert isinstance(Argv([]), Source)
    assert repr(Argv(["--password", "hunter2"])) == "Argv()"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--debug"], {"debug": True}),
        (["--no-debug"], {"debug": False}),
        (["--debug", "off"], {"debug": False}),
        (["--database.pool-size", "20"], {"pool_size": 20}),
        (["--database.pool_size=20"], {"pool_size": 20}),
        (["--set", "database.pool-size=20"], {"pool_size": 20}),
        (["--limits.a-b", "3"], {"limits": {"a-b": 3}}),
        (["--name", "${HOME}"], {"name": "${HOME}"}),
    ],
)
def test_options_set_settings(words, expected):
    found = settings(*words)
    for name, value in expected.items():
        assert getattr(found, name, getattr(found.database, name, None)) == value


# -- argparse ------------------------------------------------------------------------------------


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="shop", add_help=True)
    made.add_argument("--verbose", action="store_true")
    add_arguments(made, Settings)
    return made


def test_options_of_a_parser_set_settings_and_leave_the_others_alone():
    namespace = parser().parse_args(["--database.pool-size", "20", "--no-debug", "--verbose"])
    assert namespace.verbose
    config = load(Settings, Values({"name": "n"}), argv=namespace)
    assert config.current.database.pool_size == 20
    assert str(config.explain("database.pool_size").origin) == "--database.pool-size"
    assert str(config.explain("debug").origin) == "--debug"
    assert config.explain("name").winner.layer == "values"


def test_the_help_has_words_types_defaults_and_variables_from_the_schema():
    text = " ".join(parser().format_help().split())
    assert "--database.pool-size INT" in text
    assert "100 % of the connections [default 5; env DATABASE_POOL_SIZE]" in text
    assert "--name STR [required; env NAME]" in text
    assert "--debug, --no-debug" in text


def test_no_secret_is_an_option_and_no_help_shows_one():
    text = parser().format_help()
    assert "database.url" not in text
    assert "hunter2" not in text


def test_an_option_of_one_value_that_is_given_again_is_refused():
    with pytest.raises(InvalidConfig) as caught:
        settings("--database.pool-size", "1", "--database.pool-size", "2")
    (problem,) = caught.value
    assert (problem.key, problem.code) == ("database.pool_size", "argument")
    assert "is given 2 times" in problem.message
