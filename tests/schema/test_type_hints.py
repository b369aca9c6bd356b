"""What a type annotation says."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, NewType, Optional

import pytest

from confkit import Check, Doc, Secret
from confkit.schema.type_hints import (
    holds_secret,
    strip_marks,
    takes_bool,
    type_name,
    unalias,
    union_members,
)


class Color(enum.Enum):
    RED = "red"


@dataclass(frozen=True)
class Replica:
    host: str = "a"
    password: Secret = Secret("")


Port = NewType("Port", int)


def test_marks_are_collected_through_every_annotated():
    inner, outer = Doc("inner"), Check(min=1)
    assert strip_marks(Annotated[Annotated[int, inner], outer]) == (int, (inner, outer))


def test_an_alias_is_seen_through():
    assert unalias(Port) is int


def test_members_of_both_spellings_of_a_union():
    assert union_members(int | None) == union_members(Optional[int]) == (int, type(None))  # noqa: UP045
    assert union_members(int) is None


@pytest.mark.parametrize(
    ("annotation", "holds"),
    [
        (Secret | None, True),
        (list[Replica], True),
        (dict[str, tuple[Secret, ...]], True),
        (Literal["Secret"], False),
        (dict[str, int], False),
    ],
)
def test_a_secret_is_found_wherever_it_stands(annotation, holds):
    assert holds_secret(annotation) is holds


@pytest.mark.parametrize(
    ("annotation", "takes"),
    [
        (bool, True),
        (bool | None, True),
        (Any, True),
        (Literal["a", True], True),
        (Literal[1], False),
    ],
)
def test_a_boolean_is_a_value_of_what_names_it(annotation, takes):
    assert takes_bool(annotation) is takes


@pytest.mark.parametrize(
    ("annotation", "text"),
    [
        (int, "int"),
        (Optional[int], "int | None"),  # noqa: UP045 - the old spelling has to work
        (Secret | None, "Secret | None"),
        (dict[str, Replica], "dict[str, Replica]"),
        (dict[str, list[Path]], "dict[str, list[Path]]"),
        (tuple[int, ...], "tuple[int, ...]"),
        (Annotated[int, "x"], "int"),
        (Literal["a", "b"], "one of a, b"),
        (Sequence[str], "Sequence[str]"),
        (Any, "Any"),
        (Color, "Color"),
    ],
)
def test_types_read_as_people_write_them(annotation, text):
    assert type_name(annotation) == text
