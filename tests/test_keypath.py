"""Keys are paths: one spelling for every name, and every source keeps every name."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass, field
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from confkit import Argv, Environ, InvalidConfig, Layer, Values, diff, load
from confkit.keypath import (
    below,
    canonical,
    child,
    join,
    leaves,
    name_of,
    parent,
    quote,
    split,
    within,
)
from confkit.sources.json import read_json
from confkit.sources.toml import read_toml
from confkit.sources.yaml import read_yaml

HOSTILE = st.sampled_from(
    [
        *("", ".", "a", "a.b", "a.b.c", ".a", "a.", "b", "A", " ", "a b", "é", "gpt-3", "gpt-3.5"),
        *('"', "'", '"a"', "[0]", "a[0]", "=", "a=b", "\n", "\\", "#", "${A}", "<<", "~", "null"),
    ]
)
NAMES = HOSTILE | st.text(max_size=4)
PATHS = st.lists(NAMES | st.integers(0, 99), min_size=1, max_size=4).filter(
    lambda path: isinstance(path[0], str)
)


@pytest.mark.parametrize(
    ("path", "key"),
    [
        (("database", "pool_size"), "database.pool_size"),
        (("levels", "django.request"), 'levels."django.request"'),
        (("models", "gpt-3"), "models.gpt-3"),
        (("servers", 0, "port"), "servers[0].port"),
        (("a", 'b"c'), r'a."b\"c"'),
        (("a", ""), 'a.""'),
        (("a", "[0]"), 'a."[0]"'),
        (("a", "b\nc\x7f\u202e"), r'a."b\nc\u007f\u202e"'),
        (("é",), '"é"'),
    ],
)
def test_a_name_of_other_characters_is_quoted_as_in_toml(path, key):
    assert join(*path) == key
    assert split(key) == path
    if all(isinstance(step, str) for step in path):
        here: Any = tomllib.loads(f"{key} = 1")
        for name in path:
            here = here[name]
        assert here == 1


@given(PATHS)
def test_a_path_has_one_key_and_a_key_one_path(path):
    key = join(*path)
    assert split(key) == tuple(path)
    assert canonical(key) == key
    assert key.isprintable()
    assert parent(key) == join(*path[:-1])
    assert child(parent(key), path[-1]) == key
    assert name_of(key) == [step for step in path if isinstance(step, str)][-1]


@given(PATHS, PATHS)
def test_a_key_is_within_those_whose_path_begins_its_own(one, other):
    assert within(join(*one), join(*other)) == (one[: len(other)] == other)
    assert below(join(*one), join(*other)) == join(*one, *other)


@pytest.mark.parametrize(
    "key", ["", "a..b", ".a", "a.", '"a', 'a"b"', "[0]", "a[x]", "a[0]b", 'a."\\x"']
)
def test_a_text_that_is_no_key_is_refused_or_taken_for_one_name(key):
    with pytest.raises(ValueError, match="is no key"):
        split(key)
    assert canonical(key) == quote(key)


@pytest.mark.parametrize(
    ("text", "key"),
    [("a.'b c'", 'a."b c"'), ('"a".b', "a.b"), ("a.b c", 'a."b c"'), ("größe", '"größe"')],
)
def test_what_a_user_writes_has_one_spelling(text, key):
    assert canonical(text) == key


# -- through every source ------------------------------------------------------------------------


@dataclass(frozen=True)
class Pool:
    size: int = 5
    label: str = ""


@dataclass(frozen=True)
class Settings:
    levels: dict[str, str] = field(default_factory=dict)
    nested: dict[str, dict[str, int]] = field(default_factory=dict)
    pools: dict[str, Pool] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)


#: Without what files expand in values.
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="$"), max_size=3)
INTEGERS = st.integers(0, 9)
TABLES = st.fixed_dictionaries(
    {},
    optional={
        "levels": st.dictionaries(NAMES, TEXTS, min_size=1, max_size=4),
        "nested": st.dictionaries(
            NAMES, st.dictionaries(NAMES, INTEGERS, min_size=1, max_size=3), min_size=1, max_size=3
        ),
        "pools": st.dictionaries(
            NAMES, st.fixed_dictionaries({"size": INTEGERS}), min_size=1, max_size=3
        ),
        "extra": st.dictionaries(
            NAMES,
            st.recursive(
                INTEGERS, lambda inner: st.dictionaries(NAMES, inner, min_size=1, max_size=3)
            ),
            min_size=1,
            max_size=3,
        ),
    },
)


class Text:
    """A file's text as a source."""

    def __init__(self, reader: Any, text: str) -> None:
        self.reader, self.text = reader, text

    def read(self) -> Layer:
        return Layer("text", self.reader(self.text, "text"), text=self.text)


def toml(table: Any) -> str:
    if not isinstance(table, dict):
        return json.dumps(table, ensure_ascii=False).replace("\x7f", "\\u007f")
    return f"{{{', '.join(f'{quote(k)} = {toml(v)}' for k, v in table.items())}}}"


SOURCES: dict[str, Any] = {
    "yaml": lambda t: Text(read_yaml, yaml.safe_dump(t, sort_keys=False)),
    "json": lambda t: Text(read_json, json.dumps(t)),
    "toml": lambda t: Text(read_toml, "\n".join(f"{k} = {toml(v)}" for k, v in t.items())),
    "values": Values,
    "keys": lambda t: Values({join(*path): value for path, value in pairs(t)}),
    "environ": lambda t: Environ(environ={k.upper(): json.dumps(v) for k, v in t.items()}),
    "argv": lambda t: Argv([f"--{k}={json.dumps(v)}" for k, v in t.items()]),
    "options": lambda t: Argv([f"--{join(*p)}={v}" for p, v in pairs(t)]),
}


def pairs(table: Any, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], Any]]:
    if not isinstance(table, dict):
        return [(path, table)]
    return [one for name, inner in table.items() for one in pairs(inner, (*path, name))]


def plain(settings: Settings) -> dict[str, Any]:
    found = {name: getattr(settings, name) for name in ("levels", "nested", "extra")}
    found["pools"] = {name: {"size": pool.size} for name, pool in settings.pools.items()}
    return {name: value for name, value in found.items() if value}


@given(TABLES, st.sampled_from(sorted(SOURCES)))
def test_what_goes_in_comes_out_under_its_own_name(table, kind):
    config = load(Settings, SOURCES[kind](table))
    assert plain(config.current) == table
    named = set(config.snapshot.keys)
    for path, value in pairs(table):
        key = join(*path)
        assert config.snapshot.value(key) == value
        winner = config.explain(key).winner
        assert winner is not None
        assert winner.key == key
    assert named == set(config.explain().as_dict()["keys"])


@given(TABLES)
def test_overrides_and_runtime_values_keep_every_name(table):
    config = load(Settings, Values({}))
    with config.override(table) as inside:
        assert plain(inside) == table
    for path, value in pairs(table):
        config.set(join(*path), value)
    assert plain(config.current) == table
    changed = {d.key for d in diff(load(Settings, Values({})), config)}
    assert {join(*path) for path, _ in pairs(table)} <= changed
    for path, _ in pairs(table):
        config.unset(join(*path))
    assert plain(config.current) == {}


@given(st.dictionaries(NAMES, st.just("no number"), min_size=1, max_size=4), st.data())
def test_a_problem_names_its_key(names, data):
    kind = data.draw(st.sampled_from(sorted(SOURCES)))
    table = {"pools": {name: {"size": text} for name, text in names.items()}}
    with pytest.raises(InvalidConfig) as caught:
        load(Settings, SOURCES[kind](table))
    assert {p.key for p in caught.value} == {join("pools", name, "size") for name in names}


def test_a_dotted_name_of_a_file_is_one_name_and_the_error_says_how_to_nest_it():
    with pytest.raises(InvalidConfig) as caught:
        load(Settings, Values({"pools": {"a.size": {"size": 1}}}), Text(read_yaml, "pools.a: {}"))
    (problem,) = caught.value
    assert problem.key == '"pools.a"'
    assert problem.hint == "a dot is part of a name here: write a below pools"


def test_leaves_are_what_is_no_mapping_with_content():
    table = {"a": {"b": 1, "c.d": {"e": []}}, "f": {}, 5: None}
    assert list(leaves(table)) == [
        ("a.b", ("a", "b"), 1),
        ('a."c.d".e', ("a", "c.d", "e"), []),
        ("f", ("f",), {}),
        ("5", ("5",), None),
    ]
    assert [key for key, *_ in leaves({"b": 1}, "a.")] == ["a.b"]
