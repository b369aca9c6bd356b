"""The JSON Schema for editors agrees with what loading takes."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum, Flag
from ipaddress import IPv4Address, IPv6Address
from typing import Annotated, Any, Literal, NamedTuple, NotRequired, TypedDict

import pytest

from confkit import (
    REQUIRED,
    Alias,
    Check,
    Doc,
    Open,
    Public,
    Read,
    Seconds,
    Secret,
    Sensitive,
    Url,
)
from confkit.schema.json_schema import json_schema


class Region(Enum):
    EUROPE = "eu"
    AMERICA = "us"


@dataclass(frozen=True)
class Replica:
    host: str = REQUIRED


@dataclass(frozen=True)
class Settings:
    pool: Annotated[int, Check(min=1, max=9), Doc("connections")] = 5
    level: Literal["a", "b"] = "a"
    region: Region = Region.EUROPE
    key: Secret | None = None
    api_token: str = "default-token"
    ports: tuple[int, ...] = ()
    pair: tuple[int, str] = (1, "a")
    tags: frozenset[str] = frozenset()
    limits: dict[str, int] = field(default_factory=dict)
    wait: timedelta = timedelta(seconds=3)
    anything: Any = None
    names: Annotated[str, Check(allowed=["x", "y"], minlength=1)] = "x"
    replicas: list[Replica] = field(default_factory=list)
    main: Replica | None = None


@pytest.fixture(scope="module")
def properties() -> dict[str, Any]:
    made = json_schema(Settings)
    assert made["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert made["additionalProperties"] is False
    properties: dict[str, Any] = made["properties"]
    return properties


def own(schema: dict[str, Any]) -> dict[str, Any]:
    """The alternative that is not "text with a reference"."""
    first: dict[str, Any] = schema["anyOf"][0]
    return first


def test_order_is_that_of_the_class(properties: dict[str, Any]) -> None:
    assert list(properties) == list(Settings.__dataclass_fields__)


def test_rules_description_and_default(properties: dict[str, Any]) -> None:
    pool = properties["pool"]
    assert own(pool) == {"type": "integer", "minimum": 1, "maximum": 9}
    assert pool["description"] == "connections Environment: POOL."
    assert pool["default"] == 5


def test_a_number_may_be_a_reference(properties: dict[str, Any]) -> None:
    assert properties["pool"]["anyOf"][1] == {"type": "string", "pattern": r"\$\{"}


def test_choices(properties: dict[str, Any]) -> None:
    assert own(properties["level"])["enum"] == ["a", "b"]
    assert own(properties["region"])["enum"] == ["eu", "us"]
    assert own(properties["names"])["enum"] == ["x", "y"]


@pytest.mark.parametrize("name", ["key", "api_token"])
def test_no_default_of_what_is_or_sounds_secret(properties: dict[str, Any], name: str) -> None:
    assert "default" not in properties[name]


def test_containers(properties: dict[str, Any]) -> None:
    assert own(properties["ports"]) == {"type": "array", "items": {"type": "integer"}}
    pair = own(properties["pair"])
    assert pair["prefixItems"] == [{"type": "integer"}, {"type": "string"}]
    assert own(properties["tags"])["uniqueItems"] is True
    assert own(properties["limits"])["additionalProperties"] == {"type": "integer"}


def test_sections_and_lists_of_dataclasses(properties: dict[str, Any]) -> None:
    assert properties["main"]["anyOf"][0]["properties"]["host"]["type"] == "string"
    items = own(properties["replicas"])["items"]
    assert "description" not in items["properties"]["host"], "an item of a list has no variable"


class Access(Flag):
    READ = 1
    WRITE = 2


class Point(NamedTuple):
    x: int
    y: int = 0


class Options(TypedDict):
    name: str
    size: NotRequired[int]


@dataclass(frozen=True)
class Node:
    name: Annotated[str, Alias("from")] = ""
    children: list[Node] = field(default_factory=list)


@dataclass(frozen=True)
class Rest:
    known: int = 1
    more: Annotated[dict[str, int], Open()] = field(default_factory=dict)


@dataclass(frozen=True)
class Wide:
    address: Annotated[str, Url("http")] = "http://h"
    raw: bytes = b""
    host: IPv4Address | IPv6Address | None = None
    access: Access = Access.READ
    point: Point = Point(1)
    options: Options | None = None
    ports: list[Annotated[int, Check(min=1), Doc("one port")]] = field(default_factory=list)
    names: Annotated[set[str], Check(minlength=1)] = field(default_factory=lambda: {"a"})
    keep: Annotated[timedelta, Seconds(), Check(min=timedelta(0))] = timedelta(1)
    code: Annotated[str, Check(regex="[a-z]+$")] = "a"
    hidden: Annotated[str, Sensitive()] = "hunter2"
    token_name: Annotated[str, Public()] = "t"
    own: Annotated[complex, Read(complex)] = 1j
    tree: Node | None = None
    rest: Rest = field(default_factory=Rest)


WIDE: list[tuple[str, dict[str, Any]]] = [
    ("address", {"type": "string", "format": "uri"}),
    ("raw", {"type": "string", "contentEncoding": "base64"}),
    ("access", {"type": ["array", "integer", "string"]}),
    (
        "ports",
        {"type": "array", "items": {"type": "integer", "minimum": 1, "description": "one port"}},
    ),
    ("code", {"type": "string", "pattern": "^(?:[a-z]+)$"}),
    ("keep", {"type": ["number", "string"], "examples": ["30s", "5m", "PT1H"]}),
    ("hidden", {"type": "string"}),
]


@pytest.mark.parametrize(("name", "schema"), WIDE)
def test_types_and_marks(name: str, schema: dict[str, Any]) -> None:
    made = json_schema(Wide)["properties"][name]
    while "anyOf" in made:
        made = made["anyOf"][0]
    made = {k: v for k, v in made.items() if k not in ("default", "description")}
    assert made == schema


def test_what_is_masked_has_no_default_and_what_is_public_has_one() -> None:
    properties = json_schema(Wide)["properties"]
    assert "hunter2" not in str(properties)
    assert properties["token_name"]["default"] == "t"


def test_a_class_that_contains_itself_is_a_definition() -> None:
    made = json_schema(Wide)
    node = made["$defs"]["Node"]
    assert node["properties"]["children"]["anyOf"][0]["items"] == {"$ref": "#/$defs/Node"}
    assert set(node["properties"]) == {"name", "from", "children"}


def test_further_keys_where_a_section_is_open() -> None:
    rest = json_schema(Wide)["properties"]["rest"]["anyOf"][0]
    assert rest["additionalProperties"] == {"type": "integer"}
    options = json_schema(Wide)["properties"]["options"]["anyOf"][0]
    assert (options["required"], options["additionalProperties"]) == (["name"], False)


def test_the_document_is_json() -> None:
    assert json.loads(json.dumps(json_schema(Wide)))["title"] == "Wide"


def test_a_list_may_be_appended_to() -> None:
    (pattern,) = json_schema(Settings)["patternProperties"]
    assert [name for name in ("ports+", "tags+", "ports", "pool+") if re.match(pattern, name)] == [
        "ports+",
        "tags+",
    ]
