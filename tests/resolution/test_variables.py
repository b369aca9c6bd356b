"""Names of variables become keys; those into open mappings and lists have two underscores."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any

import pytest

from confkit import Entry, Layer, Origin, Renamed, Values
from confkit.resolution.merging import started
from confkit.resolution.variables import from_variables, renamed_variables, unknown_variables
from confkit.schema.reading import read_schema


@dataclass(frozen=True)
class Pool:
    max_size: int = 5
    hosts: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Server:
    url: str = ""
    pool: Pool = field(default_factory=Pool)
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Settings:
    debug: Annotated[bool, Renamed("old_debug")] = False
    pool: Pool = field(default_factory=Pool)
    limits: dict[str, int] = field(default_factory=dict)
    servers: dict[str, Server] = field(default_factory=dict)
    nodes: list[Server] = field(default_factory=list)
    groups: dict[str, list[Server]] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)


SCHEMA = read_schema(Settings)


def layer(*names: str) -> Layer:
    return Layer("x", {n: Entry("v", Origin("env", n)) for n in names}, "variables")


def keys(*names: str, **lower: Any) -> list[str]:
    merged = started(SCHEMA).copy()
    for key, entry in Values(lower).read().entries.items():
        merged.put(key, entry)
    return [
        f"{key}+" if entry.append else key
        for key, entry in from_variables(layer(*names), SCHEMA, merged)
    ]


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("DEBUG", "debug"),
        ("POOL_HOSTS", "pool.hosts"),
        ("POOL_MAX_SIZE", "pool.max_size"),
        ("LIMITS__A", "limits.a"),
        ("LIMITS__0", "limits.0"),
        ("LIMITS__A_B", "limits.a_b"),
        ("LIMITS__A__B", "limits.a.b"),
        ("SERVERS__MAIN__URL", "servers.main.url"),
        ("SERVERS__MAIN__POOL_HOSTS", "servers.main.pool.hosts"),
        ("SERVERS__MAIN__POOL__HOSTS", "servers.main.pool.hosts"),
        ("SERVERS__MAIN__POOL_MAX_SIZE", "servers.main.pool.max_size"),
        ("SERVERS__MAIN__TAGS__A", "servers.main.tags.a"),
        ("SERVERS__MAIN__POOL_HOSTS__0", "servers.main.pool.hosts[0]"),
        ("SERVERS__MAIN", "servers.main"),
        ("NODES__0__URL", "nodes[0].url"),
        ("NODES__10", "nodes[10]"),
        ("GROUPS__A__0__URL", "groups.a[0].url"),
        ("POOL_HOSTS__APPEND", "pool.hosts+"),
        ("EXTRA__A__0", "extra.a.0"),
    ],
)
def test_a_variable_names_a_key(name, key):
    assert keys(name) == [key]


@pytest.mark.parametrize(
    "name", ["LIMITS__", "LIMITS____A", "NODES__X__URL", "DEBUG__X", "LIMITS__APPEND", "OTHER__A"]
)
def test_other_names_are_nobodys(name):
    assert keys(name) == []


def test_names_are_spelled_as_below_where_exactly_they_are_known():
    assert keys("LIMITS__CONTENT_TYPE", limits={"Content-Type": 1}) == ["limits.Content-Type"]
    assert keys("LIMITS__CONTENT_TYPE", limits={"Content-Type": 1, "content_type": 2}) == [
        "limits.content_type"
    ]
    assert keys("LIMITS__A", limits={"A": 1}) == ["limits.A"]
    assert keys("SERVERS__MY_DB__URL", servers={"my-db": {"url": "x"}}) == ["servers.my-db.url"]
    assert keys("EXTRA__A_B__C_D", extra={"a-b": {"C.d": 1, "c-d": 1}}) == ["extra.a-b.c-d"]


def test_a_variable_for_one_key_comes_behind_those_for_a_whole():
    assert keys("LIMITS__A", "LIMITS", "POOL_HOSTS", "POOL") == [
        "limits",
        "pool",
        "limits.a",
        "pool.hosts",
    ]


def test_old_names_are_found_where_the_new_one_is_not_set():
    found = list(renamed_variables(layer("OLD_DEBUG"), SCHEMA, {}))
    assert [(name, key) for name, key, _ in found] == [("OLD_DEBUG", "debug")]
    entry = Entry("v", Origin("env", "DEBUG"))
    assert list(renamed_variables(layer("OLD_DEBUG"), SCHEMA, {"debug": entry})) == []


def test_variables_that_name_nothing_are_collected_with_a_near_miss():
    found = unknown_variables(layer("DEBUGG", "LIMITS__A", "NODES__0__URL", "Q"), SCHEMA)
    assert [(p.key, p.hint) for p in found] == [("DEBUGG", "did you mean DEBUG?"), ("Q", "")]
