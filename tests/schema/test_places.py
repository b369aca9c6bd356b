"""What is inside a field's type: its shape, and whether its values may be shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any

import pytest

from confkit import Secret
from confkit.schema.markers import Public, Sensitive
from confkit.schema.places import (
    is_list,
    is_mapping,
    nullable,
    path_inside,
    place_of,
    visibility,
)
from confkit.schema.reading import read_schema


@dataclass(frozen=True)
class Account:
    user: str = ""
    key: Secret = Secret("")
    token_count: Annotated[str, Public()] = ""
    note: Annotated[str, Sensitive()] = ""


@dataclass(frozen=True)
class Settings:
    port: int = 0
    listed: list[Account] = field(default_factory=list)
    named: dict[str, Account] = field(default_factory=dict)
    maybe: dict[str, Account | None] = field(default_factory=dict)
    pair: tuple[int, str] = (1, "")
    deep: dict[str, dict[str, int | None]] = field(default_factory=dict)
    passwords: dict[str, str] = field(default_factory=dict)
    either: dict[str, int] | str = ""
    extra: Any = None


LEAVES = read_schema(Settings).leaves


@pytest.mark.parametrize(
    ("name", "path", "type_name"),
    [
        ("port", (), "int"),
        ("listed", (0,), "Account"),
        ("listed", (0, "user"), "str"),
        ("named", ("x", "key"), "Secret"),
        ("pair", (1,), "str"),
        ("deep", ("a", "b"), "int | None"),
        ("extra", ("a", 0), "Any"),
    ],
)
def test_a_place_inside_has_its_own_type(name, path, type_name):
    assert place_of(LEAVES[name], path).type_name == type_name


@pytest.mark.parametrize(
    ("name", "path"),
    [("port", ("x",)), ("listed", ("x",)), ("listed", (0, "nope")), ("pair", (2,))],
)
def test_there_is_no_place_where_nothing_can_be(name, path):
    assert place_of(LEAVES[name], path) is None


@pytest.mark.parametrize(
    ("name", "depth", "expected"),
    [("deep", 1, False), ("deep", 2, True), ("maybe", 1, True), ("named", 1, False)],
)
def test_null_is_a_value_where_the_item_allows_it(name, depth, expected):
    assert nullable(LEAVES[name], depth) is expected


def test_lists_and_mappings_are_told_from_text():
    assert is_list(LEAVES["listed"].shape)
    assert is_list(LEAVES["pair"].shape)
    assert not is_list(LEAVES["named"].shape)
    assert is_mapping(LEAVES["named"], 0)
    assert is_mapping(LEAVES["deep"], 1)
    assert not is_mapping(LEAVES["deep"], 2)
    assert not is_mapping(LEAVES["either"], 0)
    assert not is_mapping(LEAVES["extra"], 0)


def test_numbers_are_indexes_in_lists_only():
    assert path_inside(LEAVES["listed"], ["0", "USER"]) == (0, "user")
    assert path_inside(LEAVES["deep"], ["0", "1"]) == ("0", "1")


@pytest.mark.parametrize(
    ("name", "path", "secret", "public"),
    [
        ("listed", (0, "user"), False, False),
        ("listed", (0, "key"), True, False),
        ("listed", (0, "kye"), True, False),
        ("listed", (0, "note"), True, False),
        ("listed", (0, "token_count"), False, True),
        ("passwords", ("alice",), True, False),
        ("port", (), False, False),
    ],
)
def test_a_value_is_shown_by_its_own_marks(name, path, secret, public):
    assert visibility(LEAVES[name], path) == (secret, public)


def test_no_field_hides_nothing():
    assert visibility(None) == (False, False)
