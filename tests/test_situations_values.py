"""What users wrote and got: each of these once gave a wrong value.

The rules behind them have their tests beside their modules; here is what a user writes and sees.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import pytest

from confkit import (
    Check,
    Environ,
    InvalidConfig,
    RelativePath,
    SchemaError,
    Values,
    load,
)
from tests.situations import P, codes, made, of, written

LEVELS = {"django": "INFO", "django.request": "ERROR", "uvicorn": "W"}
MODELS = {"gpt-3": "a", "gpt-3.5": "b", "gpt-3.5-turbo": "c"}


@pytest.mark.parametrize("names", [LEVELS, dict(reversed(LEVELS.items())), MODELS])
def test_names_that_begin_other_names_all_stay(tmp_path, names):
    settings = made(dict[str, str], {})
    text = json.dumps({"x": names})
    environ = Environ(environ={"X": json.dumps(names)})
    for source in (Values({"x": names}), written(tmp_path, text, "a.json"), environ):
        assert load(settings, source).current.x == names
    assert load(settings, written(tmp_path, text)).current.x == names
    config = load(settings, Values({"x": names}))
    config.set('x."django.db"', "D")
    assert config.current.x == {**names, "django.db": "D"}
    nested = made(dict[str, dict[str, str]], {})
    assert load(nested, Values({"x": {"example.com": {"user": "x"}}})).current.x == {
        "example.com": {"user": "x"}
    }


Positive = Annotated[int, Check(min=1)]


@dataclass(frozen=True)
class Point:
    size: Positive = 1
    where: Annotated[Path | None, RelativePath()] = None


@pytest.mark.parametrize(
    ("annotation", "value", "key"),
    [
        (list[Positive], [0], "x[0]"),
        (Positive | None, 0, "x"),
        (dict[str, Positive], {"a": 0}, "x.a"),
        (tuple[Positive, ...], [1, 0], "x[1]"),
        (dict[str, list[Point]], {"a": [{"size": 0}]}, "x.a[0].size"),
        (Point | str, {"size": 0}, "x.size"),
    ],
)
def test_a_check_inside_a_type_is_applied(annotation, value, key):
    assert codes(made(annotation), Values({"x": value})) == {key: "min"}


def test_relative_paths_inside_types_start_at_their_file(tmp_path):
    (tmp_path / "conf").mkdir()
    for annotation, text, step in [
        (Annotated[Path, RelativePath()] | None, "x: a", lambda x: x),
        (dict[str, Annotated[Path, RelativePath()]], "x: {k: a}", lambda x: x["k"]),
        (list[Point], "x: [{where: a}]", lambda x: x[0].where),
    ]:
        settings = made(annotation)
        found = load(settings, written(tmp_path / "conf", text)).current
        assert step(found.x) == tmp_path / "conf" / "a"


@dataclass(frozen=True)
class Db:
    host: str = "localhost"
    dsn: str = ""

    def __post_init__(self) -> None:
        if not self.dsn:
            object.__setattr__(self, "dsn", f"pg://{self.host}:5432")


@dataclass(frozen=True)
class Derived(Db):
    extra: int = 3


def test_what_a_section_computes_follows_its_fields():
    settings = of(("db", Db, field(default_factory=Db)), ("b", Db, field(default_factory=Derived)))
    config = load(settings, Environ(environ={"DB_HOST": "prod"}))
    assert config.current.db == Db("prod", "pg://prod:5432")
    assert type(config.current.b) is Derived
    with config.override({"db.host": "other"}) as inside:
        assert inside.db.dsn == "pg://other:5432"


@pytest.mark.parametrize(
    ("annotation", "default"),
    [
        (Annotated[int, Check(max="100")], 1),
        (Annotated[dt.timedelta, Check(min=1, max=60)], dt.timedelta(seconds=1)),
        (Annotated[str, Check(max=5)], "a"),
        (Annotated[int, Check(minlength=1)], 1),
        (Annotated[str, Check(regex="(")], "a"),
        (Annotated[int, Check(mim=1)], 1),
    ],
)
def test_a_rule_that_cannot_hold_is_refused_with_class_and_field(annotation, default):
    with pytest.raises(SchemaError, match=r"Settings\.x"):
        load(made(annotation, default), Values({}))


def test_a_misspelt_rule_is_suggested():
    with pytest.raises(SchemaError, match="did you mean min"):
        load(made(Annotated[int, Check(mim=1)], 1), Values({}))


def test_defaults_of_mappings_merge_as_mappings_do(tmp_path):
    numbers = made(dict[str, int], {"a": 1, "b": 2})
    below = written(tmp_path, "x: {a: 3}")
    assert load(numbers, below).current.x == {"a": 3, "b": 2}
    with load(numbers, Values({})).override({"x.a": 5}) as inside:
        assert inside.x == {"a": 5, "b": 2}
    points = made(dict[str, P], {"main": P("x", 5)})
    assert load(points, written(tmp_path, "x: {main: {host: y}}", "p.yaml")).current.x == {
        "main": P("y", 5)
    }
    above = (Environ(environ={"X": '{"z": 9}'}), "argv")
    for one in above:
        words = ["--x", '{"z": 9}'] if one == "argv" else None
        sources = [below] if one == "argv" else [below, one]
        assert load(numbers, *sources, argv=words).current.x == {"a": 3, "b": 2, "z": 9}


@dataclass(frozen=True)
class Named:
    environment: str = "development"
    user: str = "nobody"
    size: int = 0


def test_there_is_one_environment(tmp_path):
    (tmp_path / "config").mkdir()
    for number, name in enumerate(("development", "production"), 1):
        (tmp_path / "config" / f"{name}.yaml").write_text(f"size: {number}")
    found = load(Named, root=tmp_path, environment="production", environ={}).current
    assert (found.environment, found.size) == ("production", 2)
    (tmp_path / ".env").write_text("ENVIRONMENT=production\n")
    found = load(Named, root=tmp_path, environ={}).current
    assert (found.environment, found.size) == ("production", 2)
    assert load(Named, root=tmp_path, environ={"USER": "me"}, prefix="SHOP_").current.user == (
        "nobody"
    )


@pytest.mark.parametrize(
    ("annotation", "source", "value"),
    [
        (list[str], Environ(environ={"X": 'a,"b,c"'}), ["a", "b,c"]),
        (bool | int, Environ(environ={"X": "1"}), 1),
        (bool, Values({"x": 1}), True),
        (dict[str, str], Environ(environ={"X__Content_Type": "t"}), {"Content-Type": "t"}),
    ],
)
def test_values_of_text_and_numbers(annotation, source, value):
    below = Values({"x": dict.fromkeys(value, "old")} if isinstance(value, dict) else {})
    found = load(made(annotation), below, source)
    assert (found.current.x, type(found.current.x)) == (value, type(value))


def test_an_option_given_twice_is_a_list_and_lists_are_not_shared():
    settings = made(list[str], ["d"])
    assert load(settings, Values({}), argv=["--x", "a", "--x", "b"]).current.x == ["a", "b"]
    config = load(settings, Values({"x": ["a"]}))
    config.current.x.append("leak")
    with config.override({"x": ["b"]}):
        pass
    fresh = made(list[str], ["d"])
    other = load(fresh, Values({}))
    other.current.x.append("leak")
    with other.override({"x[0]": "z"}) as inside:
        assert inside.x == ["z"]


def test_an_override_is_held_to_the_rules_of_load():
    settings = made(int, 1)
    config = load(settings, Values({}), rules={"x": {"max": 5}})
    with pytest.raises(InvalidConfig), config.override({"x": 6}):
        pass
    assert config.current.x == 1
