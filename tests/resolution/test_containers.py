"""Lists as CSV or JSON, and mappings with names of any plain type."""

from __future__ import annotations

from collections import deque
from datetime import date
from enum import Enum
from typing import Annotated, Any

import pytest

from confkit import Check, Entry, Origin
from confkit.resolution.coercion import coercer
from confkit.resolution.scalars import Refused
from confkit.schema.shapes import shape_of

AT = Origin("env", "X")


class Color(Enum):
    RED = "red"


def read(annotation: Any, raw: Any) -> Any:
    return coercer(shape_of(annotation)[0])(Entry(raw, AT))


@pytest.mark.parametrize(
    ("annotation", "raw", "value"),
    [
        (list[str], 'a,"b,c"', ["a", "b,c"]),
        (list[str], '"a ""quoted"" b", c', ['a "quoted" b', "c"]),
        (list[str], 'say "x", y', ['say "x"', "y"]),
        (list[str], '"a,b" ', ["a,b"]),
        (list[str], "a,,b", ["a", "", "b"]),
        (list[str], "", []),
        (deque[int], "1,2", deque([1, 2])),
        (list[list[int]], "[[1], [2]]", [[1], [2]]),
        (tuple[()], "", ()),
        (dict[int, str], '{"1": "a"}', {1: "a"}),
        (dict[Color, int], '{"red": 1}', {Color.RED: 1}),
        (dict[date, int], {"2026-01-31": Entry("1", AT)}, {date(2026, 1, 31): 1}),
        (dict[int | str, int], '{"1": 1, "a": 2}', {1: 1, "a": 2}),
    ],
)
def test_reads(annotation, raw, value):
    assert read(annotation, raw) == value
    assert type(read(annotation, raw)) is type(value)


@pytest.mark.parametrize(
    ("annotation", "raw", "path", "says"),
    [
        (list[str], '"a" b,c', (), "is not a list"),
        (list[str], '"a', (), "is not a list"),
        (dict[int, str], '{"x": "a"}', ("x",), "its name is not an integer"),
        (dict[int, str], '{"1": "a", "01": "b"}', ("01",), "is the same name as another one"),
        (dict[Annotated[str, Check(regex="[a-z]+")], int], '{"A": 1}', ("A",), "its name must"),
        (tuple[int, int], "1", (), "has 1 items"),
        (tuple[()], "1", (), "has 1 items"),
    ],
)
def test_refuses(annotation, raw, path, says):
    with pytest.raises(Refused) as caught:
        read(annotation, raw)
    (fault,) = caught.value.faults
    assert (fault.path, says in fault.why) == (path, True)


def test_every_item_that_is_wrong_is_named():
    with pytest.raises(Refused) as caught:
        read(dict[str, list[int]], '{"a": [1, "x"], "b": ["y"]}')
    assert [f.path for f in caught.value.faults] == [("a", 1), ("b", 0)]
