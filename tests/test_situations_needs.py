"""What real projects write: types, names, empty files, changes by parts.

The rules behind them have their tests beside their modules; here is what a user writes and sees.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import re
from collections import deque
from dataclasses import dataclass, field
from enum import Enum, Flag
from pathlib import PurePosixPath
from typing import Annotated, Any, Generic, Literal, NamedTuple, TypedDict, TypeVar
from zoneinfo import ZoneInfo

import pytest

from confkit import (
    Alias,
    Environ,
    File,
    Open,
    Read,
    Renamed,
    Seconds,
    Secret,
    Values,
    load,
)
from tests.situations import P, made, of, written


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
