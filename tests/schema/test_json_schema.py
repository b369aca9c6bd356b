"""The JSON Schema for editors agrees with what loading takes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from typing import Annotated, Any, Literal

import pytest

from confkit import REQUIRED, Check, Doc, Secret
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
