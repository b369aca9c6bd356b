"""Names of variables become keys; those into open mappings and lists have two underscores."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Annotated, Any

import pytest

from confkit import (
    DotEnv,
    Entry,
    Env,
    Environ,
    InvalidConfig,
    Layer,
    Origin,
    Renamed,
    Secret,
    Values,
    load,
)
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
        for key, entry in from_variables(layer(*names), SCHEMA, merged, [])
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


@dataclass(frozen=True)
class Store:
    region: str = "eu"
    password: Secret | None = None


@dataclass(frozen=True)
class Named:
    api_key: Annotated[Secret | None, Env("API_KEY", exact=True)] = None
    name: Annotated[str, Env(file=True)] = ""
    plain: str = ""
    store: Annotated[Store, Env("AWS", exact=True)] = field(default_factory=Store)
    labels: Annotated[dict[str, str], Env("LABELS", exact=True)] = field(default_factory=dict)


def found(environ: dict[str, str], prefix: str = "SHOP_") -> Named:
    return load(Named, Environ(prefix, environ=environ)).current


def test_an_exact_name_has_no_prefix_in_any_source_of_variables(tmp_path):
    environ = {
        "API_KEY": "a",
        "AWS_REGION": "us",
        "LABELS__A": "x",
        "SHOP_API_KEY": "no",
        "SHOP_AWS_REGION": "no",
        "SHOP_LABELS__B": "no",
        "SHOP_NAME": "n",
        "NAME": "no",
    }
    expected = Named(Secret("a"), "n", store=Store("us"), labels={"a": "x"})
    assert found(environ) == expected
    (tmp_path / ".env").write_text("".join(f"{k}={v}\n" for k, v in environ.items()))
    assert load(Named, DotEnv(tmp_path / ".env", "SHOP_")).current == expected
    assert found(environ, "").api_key == Secret("a")
    explanation = load(Named, Environ("SHOP_", environ=environ)).explain("api_key")
    assert explanation.env_names == ("API_KEY",)
    assert str(explanation.origin) == "env API_KEY"


def test_names_of_an_env_file_without_the_prefix_are_variables_of_that_file(tmp_path):
    (tmp_path / ".env").write_text("HOST=h\nSHOP_PLAIN=http://${HOST}/\n")
    assert load(Named, DotEnv(tmp_path / ".env", "SHOP_")).current.plain == "http://h/"


def test_a_variable_may_name_the_file_that_holds_the_value(tmp_path):
    (tmp_path / "key").write_text("hunter2 ${X}\r\n\n")
    (tmp_path / "name").write_text("n\n")
    environ = {
        "API_KEY_FILE": str(tmp_path / "key"),
        "AWS_PASSWORD_FILE": str(tmp_path / "name"),
        "SHOP_NAME_FILE": str(tmp_path / "name"),
        "SHOP_PLAIN_FILE": str(tmp_path / "name"),
    }
    config = load(Named, Environ("SHOP_", environ=environ))
    assert config.current == Named(
        Secret("hunter2 ${X}\r\n"), "n", store=Store(password=Secret("n"))
    )
    assert str(config.explain("name").origin).endswith("name (named by env SHOP_NAME_FILE)")
    assert "hunter2" not in str(config.explain())


def test_a_path_in_an_env_file_is_relative_to_it(tmp_path):
    (tmp_path / "name").write_text("n")
    (tmp_path / ".env").write_text("NAME_FILE=name\n")
    assert load(Named, DotEnv(tmp_path / ".env")).current.name == "n"


@pytest.mark.parametrize(
    ("environ", "code", "says"),
    [
        ({"SHOP_NAME_FILE": "nowhere"}, "missing-file", "name: SHOP_NAME_FILE names no file"),
        ({"SHOP_NAME_FILE": ""}, "missing-file", "name: SHOP_NAME_FILE names no file"),
        ({"SHOP_NAME_FILE": "/tmp"}, "unreadable", "name: is a directory"),
        ({"API_KEY": "a", "API_KEY_FILE": "x"}, "set-twice", "api_key: is set, and API_KEY_FILE"),
    ],
)
def test_a_file_that_cannot_be_the_value(environ, code, says):
    with pytest.raises(InvalidConfig) as caught:
        found(environ)
    (problem,) = caught.value
    assert (problem.code, says in str(problem)) == (code, True)


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("directory", "unreadable"),
        ("pipe", "unreadable"),
        ("link", "unreadable"),
        ("open", "writable"),
    ],
)
def test_a_file_of_a_secret_that_is_none_or_not_to_be_trusted(tmp_path, kind, code):
    path = tmp_path / "key"
    if kind == "directory":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "link":
        path.symlink_to("gone")
    else:
        path.write_text("hunter2")
        path.chmod(0o602)
    with pytest.raises(InvalidConfig) as caught:
        load(Named, Environ(environ={"API_KEY_FILE": str(path)}))
    (problem,) = caught.value
    assert (problem.key, problem.code) == ("api_key", code)
    assert str(problem.origin).endswith("key")
    if kind == "open":
        # What is no secret is no secret of somebody else either.
        assert load(Named, Environ("SHOP_", environ={"SHOP_NAME_FILE": str(path)}))


def test_a_variable_is_not_looked_for_in_the_name_of_a_file(tmp_path):
    (tmp_path / ".env").write_text("NAME_FILE=${DIR}/name\n")
    with pytest.raises(InvalidConfig, match="is not looked for"):
        load(Named, DotEnv(tmp_path / ".env"))


def test_a_field_of_that_name_is_a_field():
    @dataclass(frozen=True)
    class Settings:
        key: Secret | None = None
        key_file: str = ""

    current = load(Settings, Environ(environ={"KEY_FILE": "nowhere"})).current
    assert current == Settings(key_file="nowhere")
