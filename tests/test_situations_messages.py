"""What users wrote and were told: each of these once had a wrong message, or none.

The rules behind them have their tests beside their modules; here is what a user writes and sees.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from confkit import (
    DotEnv,
    Environ,
    SchemaError,
    Secret,
    UnknownKey,
    Values,
    load,
    resolve,
)
from tests.situations import P, made, of, text_of, written


def test_what_a_union_cannot_tell_apart_is_refused_when_the_class_is_read():
    @dataclass(frozen=True)
    class A:
        a: int

    @dataclass(frozen=True)
    class B:
        b: int

    with pytest.raises(SchemaError, match="nothing tells A and B apart"):
        load(made(dict[str, A | B], {}), Values({}))
    assert load(made(Any, None), Values({"x": {"a": {"b": 1}}})).current.x == {"a": {"b": 1}}


@dataclass(frozen=True)
class Item:
    name: str
    port: int = 1
    password: Secret = Secret("")


def test_every_item_of_a_list_has_its_problem_with_value_and_suggestion(tmp_path):
    text = "x:\n  - {name: a, prot: 1}\n  - {port: y}\n  - {name: c, port: z, password: q}\n"
    resolution = resolve(made(list[Item], []), written(tmp_path, text))
    found = {p.key: p for p in resolution.problems}
    assert {key: one.code for key, one in found.items()} == {
        "x[0].prot": "unknown-key",
        "x[1].name": "missing",
        "x[1].port": "type",
        "x[2].port": "type",
    }
    assert found["x[0].prot"].hint == "did you mean port?"
    assert found["x[2].port"].value == "z"
    assert (found["x[1].port"].origin.line, found["x[1].port"].origin.column) == (3, 12)
    good = resolve(made(list[Item], []), written(tmp_path, "x: [{name: a, password: q}]"))
    assert good.explain("x[0].name").value == "a"
    shown = str(good.explain("x"))
    assert "name: a" in shown.replace('"', "")
    assert "q" not in good.explain("x[0].password").text


def test_a_key_in_the_wrong_place_and_a_missing_space_are_told(tmp_path):
    settings = of(("db", P, field(default_factory=P)))
    assert "did you mean db.host?" in text_of(settings, written(tmp_path, "host: x"))
    assert "space" in text_of(settings, written(tmp_path, "db:\n  host:x"))
    keyed = made(dict[str, Item], {})
    (problem,) = resolve(keyed, written(tmp_path, "x:\n  a:\n    port: 1\n")).problems
    assert (problem.key, problem.origin.line) == ("x.a.name", 3)


def test_single_quotes_around_a_variable_are_named(tmp_path):
    (tmp_path / ".env").write_text("PORT='${NUMBER}'\nNUMBER=5\n")
    settings = made(int, 1, name="port")
    assert "single quotes" in text_of(settings, DotEnv(tmp_path / ".env"))


def test_what_is_broken_hides_nothing_else():
    settings = of(("a", int, 1), ("b", int, 2))
    found = resolve(settings, Values({"a": "x"}))
    assert found.explain("b").value == 2
    assert found.explain("a").problems
    with pytest.raises(UnknownKey):
        found.explain(5)


@pytest.mark.parametrize("error", [AssertionError, KeyError, TypeError, ZeroDivisionError])
def test_what_post_init_raises_is_a_problem(error):
    @dataclass(frozen=True)
    class S:
        x: int = 1

        def __post_init__(self) -> None:
            raise error("no")

    assert [p.code for p in resolve(S, Values({})).problems] == ["refused"]


@pytest.mark.parametrize("source", ["config.yaml", Path("config.yaml"), {"x": 1}])
def test_what_is_no_source_says_what_to_write(source):
    with pytest.raises(TypeError, match=r"write (File|Values)\("):
        load(P, source)


def test_a_plain_function_answers_references():
    settings = made(Secret, Secret(""))
    source = Environ(environ={"X": "${mine:a}"})
    found = load(settings, source, resolvers={"mine": lambda reference: reference * 2})
    assert found.current.x.reveal() == "aa"
