"""Annotations as trees, and marks that hold wherever they are or are refused."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, NewType, TypeVar

import pytest

from confkit import (
    Alias,
    Check,
    Doc,
    Env,
    Open,
    Public,
    Read,
    RelativePath,
    Renamed,
    Seconds,
    Secret,
    Sensitive,
    Url,
)
from confkit.schema.shapes import Shape, shape_of
from confkit.schema.type_hints import Unsupported

T = TypeVar("T")
Port = NewType("Port", Annotated[int, Check(min=1)])


@dataclass(frozen=True)
class Part:
    a: int = 1
    more: dict[str, int] | None = None


@dataclass(frozen=True)
class Other:
    b: int = 1


def shape(annotation: Any) -> Shape:
    return shape_of(annotation)[0]


@pytest.mark.parametrize(
    ("annotation", "kinds"),
    [
        (int, ["scalar"]),
        (list[int | None], ["list", "union", "scalar", "scalar"]),
        (dict[str, tuple[int, Part]], ["dict", "scalar", "tuple", "scalar", "record"]),
        (Any, ["any"]),
        (list, ["list", "any"]),
        (Literal[1], ["literal"]),
        (Annotated[complex, Read(complex)], ["own"]),
        (int | Annotated[str | None, Doc("x")], ["union", "scalar", "scalar", "scalar"]),
    ],
)
def test_the_kinds_inside(annotation, kinds):
    assert [one.kind for one in shape(annotation).walk()] == kinds


def test_marks_are_kept_where_they_hold():
    made = shape(Annotated[dict[str, list[Port]], Check(minlength=1), Doc("a"), Doc("b")])
    assert (made.rules, made.doc) == ({"minlength": 1}, "a b")
    assert made.inside[1].inside[0].rules == {"min": 1}
    assert shape(Annotated[list[Path | None], RelativePath]).inside[0].inside[0].relative
    assert shape(Annotated[dt.timedelta | None, Seconds()]).inside[0].seconds
    assert shape(Annotated[list[str], Url("http")]).inside[0].url is not None
    assert shape(Annotated[str, Public()]).masked is False
    assert shape(list[Annotated[str, Sensitive]]).inside[0].masked is True
    assert shape(Annotated[Part, Open("more")]).rest == "more"


def test_marks_of_a_field_are_given_beside_its_shape():
    marks = (Env("X"), Renamed("y"), Alias("z"))
    assert shape_of(Annotated[int, Doc("d"), *marks])[1] == marks


@pytest.mark.parametrize(
    ("annotation", "says"),
    [
        (Annotated[int, RelativePath()], "RelativePath() needs a Path"),
        (Annotated[int, Seconds()], "Seconds() needs a timedelta"),
        (Annotated[int, Url("http")], "Url('http') needs a text or Secret"),
        (Annotated[Part, Url("http")], "Url('http') needs a text or Secret"),
        (Annotated[int, Open("x")], "Open('x') needs a dataclass"),
        (Annotated[Part, Open()], "Open('') needs a dict"),
        (list[Annotated[int, Env("X")]], "names a field"),
        (list[Annotated[int, Renamed("x")]], "names a field"),
        (Annotated[int, Alias("x")] | None, "names a field"),
        (Annotated[int, Doc], "write Doc(...)"),
        (Annotated[str, Url], "write Url(...)"),
        (Part | Other, "nothing tells Part and Other apart"),
        (Part | dict[str, int], "are both mappings"),
        (Callable[[], int], "is not supported"),
        (complex, "the type complex is not supported: Annotated[..., Read(function)]"),
        (dict[list[int], int], "are no plain values"),
        (T, "has no type here"),
    ],
)
def test_what_cannot_be_honoured_is_refused(annotation, says):
    with pytest.raises(Unsupported) as caught:
        shape_of(annotation)
    assert says in str(caught.value)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="type aliases are new in 3.12")
def test_type_aliases():
    names: dict[str, Any] = {"Check": Check, "Annotated": Annotated}
    exec("type Size = Annotated[int, Check(min=1)]\ntype Many[T] = list[T]", names)
    size: Any = names["Size"]
    assert shape(list[size]).inside[0].rules == {"min": 1}
    assert shape(names["Many"][Secret]).inside[0].type is Secret


def test_both_spellings_of_a_mapping_as_value():
    assert shape(Any).mapping
    assert shape(Part | None).mapping
    assert not shape(list[Part]).mapping
    assert shape(int | None).nullable
    assert not shape(int).nullable
