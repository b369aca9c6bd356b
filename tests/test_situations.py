"""What users did and did not expect: each of these once gave a wrong value, or a wrong message.

The rules behind them have their tests beside their modules; here is what a user writes and sees.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import ipaddress
import json
import re
import traceback
from collections import deque
from dataclasses import dataclass, field
from enum import Enum, Flag
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Generic, Literal, NamedTuple, TypedDict, TypeVar
from zoneinfo import ZoneInfo

import pytest

from confkit import (
    REQUIRED,
    Alias,
    Check,
    DotEnv,
    Environ,
    File,
    InvalidConfig,
    Open,
    Read,
    RelativePath,
    Renamed,
    SchemaError,
    Seconds,
    Secret,
    UnknownKey,
    Values,
    load,
    resolve,
)


def made(annotation: Any, default: Any = REQUIRED, *, name: str = "x") -> type:
    """A class with one field."""
    return of((name, annotation, field(default_factory=lambda: default)))


def of(*fields: Any) -> type:
    """A class of fields."""
    return dataclasses.make_dataclass("Settings", fields, frozen=True)


def written(directory: Path, text: str, name: str = "config.yaml") -> File:
    (directory / name).write_text(text)
    return File(directory / name, root=directory)


def codes(settings: type, *sources: Any, **arguments: Any) -> dict[str, str]:
    return {p.key: p.code for p in resolve(settings, *sources, **arguments).problems}


def text_of(settings: type, *sources: Any, **arguments: Any) -> str:
    with pytest.raises(InvalidConfig) as caught:
        load(settings, *sources, **arguments)
    return str(caught.value)


# -- values -----------------------------------------------------------------------------------

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


@dataclass(frozen=True)
class P:
    host: str = "h"
    port: int = 80


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


# -- secrets ----------------------------------------------------------------------------------

CANARY = "hunter2canary"


@dataclass(frozen=True)
class Hiding:
    token: Secret = Secret("")
    url: str = "u"


def shows(error: BaseException) -> str:
    # Without the frame of the test, which holds the secret.
    inner = error.__traceback__ and error.__traceback__.tb_next
    found = traceback.TracebackException(type(error), error, inner, capture_locals=True)
    return "".join(found.format()) + str(error) + repr(error)


def test_no_error_shows_a_secret(tmp_path):
    (tmp_path / ".env").write_text(f"TOKEN={CANARY}\nURL=https://x/${{TOKEN}}\n")
    found = resolve(Hiding, DotEnv(tmp_path / ".env"))
    assert found.problems[0].code == "secret-in-plain"
    shown = str(found.explain("url")) + str(found.matrix()) + json.dumps(found.matrix().as_dict())
    assert CANARY not in shown
    for text in (
        f"token: *{CANARY}",
        f"token: [{CANARY}",
        f"token: {{{CANARY}}}",
        f"token: !{CANARY}",
    ):
        with pytest.raises(InvalidConfig) as caught:
            load(Hiding, written(tmp_path, text))
        assert CANARY not in shows(caught.value), text


@pytest.mark.parametrize(
    "arguments",
    [
        {"environment": "prodution"},
        {"root": "/nowhere/at/all"},
        {"argv": ["--unknown", CANARY]},
        {"argv": ["--url", "x", CANARY]},
        {},
    ],
)
def test_no_traceback_with_locals_shows_environment_or_arguments(tmp_path, arguments):
    (tmp_path / ".env.production").write_text("")
    settings = of(("port", int), ("url", str, "u"))
    environ = {"PORT": CANARY, "SOME_TOKEN": CANARY}
    with pytest.raises(InvalidConfig) as caught:
        load(settings, **{"root": tmp_path, **arguments}, environ=environ)
    shown = shows(caught.value)
    assert CANARY not in shown.replace(f"is not an integer ({CANARY}", "")


@pytest.mark.parametrize("key", ["token", "url", "nothing"])
def test_no_traceback_of_an_override_shows_its_values(key):
    settings = of(("token", Secret, Secret("")), ("url", int, 1))
    config = load(settings, Values({}))
    value = [CANARY] if key == "token" else {"password": CANARY}
    with pytest.raises(InvalidConfig) as caught:
        config.set(key, value)
    assert CANARY not in shows(caught.value)
    with pytest.raises(InvalidConfig) as caught, config.override({key: value}):
        pass
    assert CANARY not in shows(caught.value)


def test_a_handle_that_fails_to_load_has_a_repr():
    with pytest.raises(InvalidConfig) as caught:
        load(made(int), Values({}))
    assert "self = <Config of Settings" in shows(caught.value)


# -- messages ---------------------------------------------------------------------------------


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


# -- needs ------------------------------------------------------------------------------------


class Colour(Enum):
    RED = "red"


class Rights(Flag):
    READ = 1
    WRITE = 2


class Pair(NamedTuple):
    a: int
    b: str = "b"


class Typed(TypedDict):
    a: int


T = TypeVar("T")


@dataclass(frozen=True)
class Box(Generic[T]):
    held: T


@dataclass(frozen=True)
class Tree:
    size: int = 0
    inner: list[Tree] = field(default_factory=list)


@dataclass(frozen=True)
class Money:
    cents: int


@pytest.mark.parametrize(
    ("annotation", "text", "value"),
    [
        (bytes, "aGk=", b"hi"),
        (ipaddress.IPv4Address, "10.0.0.1", ipaddress.ip_address("10.0.0.1")),
        (ipaddress.IPv6Network, "fe80::/10", ipaddress.ip_network("fe80::/10")),
        (re.Pattern[str], "a+", re.compile("a+")),
        (ZoneInfo, "Europe/Berlin", ZoneInfo("Europe/Berlin")),
        (Pair, '{"a": 1}', Pair(1)),
        (Typed, '{"a": 1}', {"a": 1}),
        (PurePosixPath, "a/b", PurePosixPath("a/b")),
        (deque[int], "1,2", deque([1, 2])),
        (Box[int], '{"held": "3"}', Box(3)),
        (Tree, '{"inner": [{"size": 2}]}', Tree(inner=[Tree(2)])),
        (dict[int, str], '{"1": "a"}', {1: "a"}),
        (dict[Colour, int], '{"red": 1}', {Colour.RED: 1}),
        (Rights, "READ|WRITE", Rights.READ | Rights.WRITE),
        (Colour, "RED", Colour.RED),
        (Colour, "Red", Colour.RED),
        (Annotated[Money, Read(lambda raw: Money(int(raw)))], "5", Money(5)),
        (Annotated[dt.timedelta, Seconds()], "31556952", dt.timedelta(seconds=31556952)),
        (Literal[1, "auto"], "1", 1),
    ],
)
def test_types_of_real_projects(annotation, text, value):
    settings = of(("x", annotation))
    assert load(settings, Environ(environ={"X": text})).current.x == value


def test_names_in_files_that_are_no_names_of_python(tmp_path):
    settings = of(
        ("from_", Annotated[str, Alias("from")], ""),
        ("log_level", Annotated[str, Alias("logLevel")], ""),
        ("old", Annotated[int, Renamed("older")], 1),
    )
    found = load(settings, written(tmp_path, "from: a\nlogLevel: b\n")).current
    assert (found.from_, found.log_level) == ("a", "b")


def test_empty_variables_files_and_further_keys(tmp_path):
    port = made(int, 6379, name="redis_port")
    assert load(port, Environ(environ={"REDIS_PORT": ""}, empty="unset")).current.redis_port == 6379
    (tmp_path / "key").write_text("s\n")
    (tmp_path / "key").chmod(0o600)
    key = made(Secret, Secret(""), name="api_key")
    environ = {"API_KEY_FILE": str(tmp_path / "key")}
    assert load(key, Environ(environ=environ)).current.api_key.reveal() == "s"
    rest = Annotated[dict[str, Any], Open()]
    settings = of(("rest", rest, field(default_factory=dict)))
    assert load(settings, Values({"more": 1})).current.rest == {"more": 1}
    (tmp_path / "pyproject.toml").write_text("[tool.myapp]\nredis_port = 1\n")
    table = File(tmp_path / "pyproject.toml", table="tool.myapp")
    assert load(port, table).current.redis_port == 1


def test_lists_and_mappings_are_changed_by_parts(tmp_path):
    hosts = made(list[str], ["a"])
    below = Values({"x": ["a", "b"]})
    assert load(hosts, below, written(tmp_path, "x+: [c]")).current.x == ["a", "b", "c"]
    assert load(hosts, below, Environ(environ={"X__0": "z"})).current.x == ["z", "b"]
    names = made(dict[str, int], {"a": 1, "b": 2})
    assert load(names, written(tmp_path, "x: {a: null}", "n.yaml")).current.x == {"b": 2}


def test_an_override_of_one_context_and_the_keys():
    config = load(P, Values({}))
    with config.override({"port": 1}, scope="context"):
        assert config.current.port == 1
    assert config.current.port == 80
    assert config.keys() == ("host", "port")
    assert config.as_dict() == {"host": "h", "port": 80}
