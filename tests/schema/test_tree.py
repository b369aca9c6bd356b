"""The tree of a settings class: leaves under dotted keys, and keys that lead to them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

import pytest

from confkit import Env, Renamed, SchemaError
from confkit.schema.reading import read_schema


@dataclass(frozen=True)
class Pool:
    size: int = 5


@dataclass(frozen=True)
class Settings:
    name: str = "shop"
    pool: Pool = field(default_factory=Pool)
    pools: dict[str, Pool] = field(default_factory=dict)
    spare: Pool | None = None


SCHEMA = read_schema(Settings)


def test_leaves_and_sections_stand_under_their_keys():
    assert list(SCHEMA.leaves) == ["name", "pools", "pool.size", "spare.size"]
    assert list(SCHEMA.sections) == ["pool", "spare"]
    assert [s.key for s in SCHEMA.root.below()] == ["", "pool", "spare"]


def test_variables_lead_to_leaves_and_sections():
    assert SCHEMA.variables["POOL_SIZE"] == "pool.size"
    assert SCHEMA.variables["POOL"] == "pool"


def test_a_leaf_is_found_inside_open_mappings():
    assert SCHEMA.find("pools.main.size").name == "size"
    assert SCHEMA.find("pools.main.nothing") is None
    assert SCHEMA.find("nothing") is None


def test_what_the_code_sets_is_the_lowest_layer():
    layer = SCHEMA.defaults
    assert layer.name == "defaults"
    assert layer.entries["pool.size"].raw == 5
    assert layer.entries["spare"].raw is None


def test_a_name_that_two_fields_claim_is_refused():
    @dataclass(frozen=True)
    class Twice:
        one: Annotated[int, Env("PORT")] = 1
        other: Annotated[int, Env("PORT")] = 2

    with pytest.raises(SchemaError, match="PORT"):
        _ = read_schema(Twice).variables


def test_an_old_name_that_is_in_use_is_refused():
    @dataclass(frozen=True)
    class Used:
        port: Annotated[int, Renamed("name")] = 1
        name: str = ""

    with pytest.raises(SchemaError, match="name"):
        _ = read_schema(Used).renamed


def test_a_representation_shows_no_default():
    @dataclass(frozen=True)
    class Plain:
        password: str = "hunter2"
        pool: list[int] = field(default_factory=list)

    schema = read_schema(Plain)
    parts = (schema, schema.root, *schema.leaves.values(), schema.leaves["pool"].shape)
    assert [repr(part) for part in parts] == [
        "<Schema of Plain>",
        "<Section Plain>",
        "<Leaf password>",
        "<Leaf pool>",
        "<Shape list[int]>",
    ]
