"""What is written for a value reads back as the value."""

from __future__ import annotations

import datetime as dt
import enum
import ipaddress
import re
from collections import deque
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confkit import Entry, Origin, Read, Secret, SecretBytes
from confkit.resolution.coercion import coercer
from confkit.schema.shapes import shape_of
from confkit.schema.written import written


class Color(enum.Enum):
    RED = "red"
    TWO = 2


class Access(enum.Flag):
    READ = 1
    WRITE = 2


class Point(NamedTuple):
    x: int
    y: str = ""


@dataclass(frozen=True)
class Part:
    a: int = 1


VALUES: list[tuple[Any, st.SearchStrategy[Any]]] = [
    (bool, st.booleans()),
    (int, st.integers()),
    (float, st.floats(allow_nan=False, allow_infinity=False)),
    (str, st.text()),
    (bytes, st.binary()),
    (Decimal, st.decimals(allow_nan=False, allow_infinity=False)),
    (Path, st.from_regex(r"[a-z/.]{1,9}", fullmatch=True).map(Path)),
    (UUID, st.uuids()),
    (ZoneInfo, st.sampled_from(["UTC", "Europe/Berlin"]).map(ZoneInfo)),
    (ipaddress.IPv4Address, st.ip_addresses(v=4)),
    (ipaddress.IPv6Network, st.ip_addresses(v=6).map(ipaddress.IPv6Network)),
    (re.Pattern, st.sampled_from(["a+", "[x]"]).map(re.compile)),
    (dt.datetime, st.datetimes(timezones=st.just(dt.UTC) | st.none())),
    (dt.date, st.dates()),
    (dt.time, st.times()),
    (dt.timedelta, st.timedeltas(dt.timedelta(-9999), dt.timedelta(9999))),
    (Color, st.sampled_from(Color)),
    (Access, st.sampled_from([Access(0), Access.READ, Access.READ | Access.WRITE])),
    (Literal["a", 1], st.sampled_from(["a", 1])),
    (list[str], st.lists(st.text())),
    (list[bytes], st.lists(st.binary())),
    (deque[int], st.lists(st.integers()).map(deque)),
    (frozenset[Color], st.frozensets(st.sampled_from(Color))),
    (tuple[int, dt.timedelta], st.tuples(st.integers(), st.timedeltas(dt.timedelta(0)))),
    (dict[int, list[dt.date]], st.dictionaries(st.integers(), st.lists(st.dates()))),
    (dict[bool, str], st.dictionaries(st.booleans(), st.text())),
    (Point, st.builds(Point, st.integers(), st.text())),
]


@given(st.sampled_from(VALUES), st.data())
def test_what_is_written_reads_back(kind, data):
    annotation, values = kind
    value = data.draw(values)
    shape, _ = shape_of(annotation)
    text = written(value, shape)
    assert text is not None
    assert coercer(shape)(Entry(text, Origin("env", "X"))) == value


@pytest.mark.parametrize(
    ("annotation", "value"),
    [
        (int | None, None),
        (Secret, Secret("hunter2")),
        (SecretBytes, SecretBytes(b"x")),
        (list[Secret], [Secret("hunter2")]),
        (Part, Part()),
        (list[Part], [Part()]),
        (Annotated[complex, Read(complex)], 1j),
        (Any, object()),
    ],
)
def test_what_no_text_stands_for(annotation, value):
    assert written(value, shape_of(annotation)[0]) is None
