"""Raw values become numbers, dates, paths and secrets, strictly; refusals quote nothing."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest

from confkit import Entry, Origin, Secret
from confkit.resolution.coercion import coercer
from confkit.resolution.scalars import MOST_DIGITS, Refused, anything, nothing
from confkit.schema.shapes import Shape

AT = Origin("file", "a.yaml", 1, 1)
ID = "12345678-1234-5678-1234-567812345678"


def read(kind: type, raw: object, quote: str = "") -> object:
    return coercer(Shape("scalar", kind))(Entry(raw, AT, quote))


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        *[(bool, raw, True) for raw in ("true", "True", "1", "yes", "ON", " on ", True, 1)],
        *[(bool, raw, False) for raw in ("false", "FALSE", "0", "no", "off", False, 0)],
        (int, "5", 5),
        (int, " -5 ", -5),
        (int, "+5", 5),
        (int, "012", 12),
        (int, "1_000", 1000),
        (int, 7, 7),
        (float, "1.5", 1.5),
        (float, "1", 1.0),
        (float, ".5", 0.5),
        (float, "1e3", 1000.0),
        (float, 2, 2.0),
        (float, 1.25, 1.25),
        (Decimal, "0.10", Decimal("0.10")),
        (Decimal, 3, Decimal(3)),
        (Decimal, 0.1, Decimal("0.1")),
        (Decimal, Decimal("1.5"), Decimal("1.5")),
        (str, "no", "no"),
        (str, "012", "012"),
        (str, "", ""),
        (str, "12:30", "12:30"),
        (Secret, "no", Secret("no")),
        (Secret, Secret("x"), Secret("x")),
        (Path, "a/b", Path("a/b")),
        (Path, Path("a"), Path("a")),
        (UUID, ID, UUID(ID)),
        (UUID, UUID(ID), UUID(ID)),
        (dt.date, "2026-01-31", dt.date(2026, 1, 31)),
        (dt.date, dt.date(2026, 1, 31), dt.date(2026, 1, 31)),
        (dt.time, "12:30", dt.time(12, 30)),
        (dt.datetime, "2026-01-31T12:30:00Z", dt.datetime(2026, 1, 31, 12, 30, tzinfo=dt.UTC)),
        (dt.timedelta, "30s", dt.timedelta(seconds=30)),
        (dt.timedelta, "30 s", dt.timedelta(seconds=30)),
        (dt.timedelta, "5m", dt.timedelta(minutes=5)),
        (dt.timedelta, "1h30m", dt.timedelta(minutes=90)),
        (dt.timedelta, "1h 30m", dt.timedelta(minutes=90)),
        (dt.timedelta, "1.5d", dt.timedelta(hours=36)),
        (dt.timedelta, "250ms", dt.timedelta(milliseconds=250)),
        (dt.timedelta, "7us", dt.timedelta(microseconds=7)),
        (dt.timedelta, "2w", dt.timedelta(weeks=2)),
        (dt.timedelta, "-10m", dt.timedelta(minutes=-10)),
        (dt.timedelta, "PT30S", dt.timedelta(seconds=30)),
        (dt.timedelta, "P1DT2H3M4.5S", dt.timedelta(days=1, hours=2, minutes=3, seconds=4.5)),
        (dt.timedelta, "-P1W", dt.timedelta(weeks=-1)),
        (dt.timedelta, dt.timedelta(1), dt.timedelta(1)),
    ],
)
def test_reads(kind, raw, value):
    made = read(kind, raw)
    assert made == value
    assert type(made) is type(value)


@pytest.mark.parametrize(
    ("kind", "raws"),
    [
        (bool, ("", "y", "t", "2", "enabled", "nein", 2, None, [], 1.0)),
        (int, ("", "1.0", "0x10", "1e3", "five", "1__0", "_1", "٣", True, 1.0, None, [5], {})),
        (float, ("", "nan", "inf", "-inf", "1e999", ".", "1,5", True, None, math.nan, math.inf)),
        (Decimal, ("", "NaN", "Infinity", "sNaN", "x", True, math.nan, math.inf, None)),
        (str, (5, True, 1.5, None, [], {}, dt.date(2026, 1, 1))),
        (Secret, (5, True, None, [])),
        (Path, ("", "a\0b", 5, None)),
        (UUID, ("", "xyz", 5, None)),
        (dt.date, ("", "2026-99-99", "31.1.2026", dt.datetime(2026, 1, 1), 5, None)),
        (dt.time, ("25:00", 5)),
        (dt.datetime, ("yesterday", dt.date(2026, 1, 1), 5, None)),
        (dt.timedelta, ("", "30", "s", "5 minutes", "P", "PT", "-", 30, None, "9" * 101)),
        (dt.timedelta, ("99999999999999w", "P99999999999W", "1e5s")),
    ],
)
def test_refuses(kind, raws):
    for raw in raws:
        with pytest.raises(Refused):
            read(kind, raw)


@pytest.mark.parametrize("kind", [int, float, Decimal])
def test_numbers_of_too_many_digits_are_refused_at_once(kind):
    for raw in ("9" * (MOST_DIGITS + 1), "9" * 1_000_000):
        with pytest.raises(Refused):
            read(kind, raw)


def test_an_integer_beyond_every_float_is_refused():
    with pytest.raises(Refused):
        read(float, 10**400)


KINDS = [
    *(bool, int, float, Decimal, str, Secret, Path, UUID),
    *(dt.date, dt.time, dt.datetime, dt.timedelta, type(None)),
]


@pytest.mark.parametrize("kind", KINDS)
def test_no_refusal_quotes_the_value(kind):
    for raw in ("hunter2-\nx", ["hunter2"], {"a": "hunter2"}, "hunter2" * 100):
        if kind in (str, Secret, Path) and isinstance(raw, str):
            continue
        with pytest.raises(Refused) as caught:
            read(kind, raw)
        assert "hunter2" not in str(caught.value)
        assert "hunter2" not in repr(vars(caught.value))


@pytest.mark.parametrize(
    ("kind", "raw", "says"),
    [
        (int, "", "is empty, and an integer is expected"),
        (int, None, "is null, and an integer is expected"),
        (int, [], "is a list, and an integer is expected"),
        (int, {}, "is a mapping, and an integer is expected"),
        (int, "x", "is not an integer"),
        (str, 5, "put it in quotes"),
        (str, None, 'write "" for an empty one'),
        (Secret, 5, "put the secret in quotes"),
        (Secret, None, "is null, and a secret is expected"),
        (dt.timedelta, "30", "has no unit: write 30s"),
        (dt.timedelta, "99999999999999w", "too long"),
    ],
)
def test_a_refusal_says_what_is_expected(kind, raw, says):
    with pytest.raises(Refused) as caught:
        read(kind, raw)
    assert says in str(caught.value)


def test_null_is_null_only():
    for raw in (None, "", "null", "None", "~"):
        nothing(Entry(raw, AT))
    with pytest.raises(Refused):
        nothing(Entry("nothing", AT))


@pytest.mark.parametrize(
    ("raw", "quote", "value"),
    [
        ("true", "", True),
        ("FALSE", "", False),
        ("5", "", 5),
        ("1.5", "", 1.5),
        ("5", '"', "5"),
        ("no", "", "no"),
        ("yes", "", "yes"),
        ("12:30", "", "12:30"),
        ("1_000", "", "1_000"),
        ("9" * 500, "", "9" * 500),
        ("1e999", "", "1e999"),
        (None, "", None),
        ([Entry("5", AT), 6], "", [5, 6]),
        ({"a": Entry("true", AT), "b": 1}, "", {"a": True, "b": 1}),
    ],
)
def test_any_value_is_read_by_the_yaml_core_schema(raw, quote, value):
    made = anything(Entry(raw, AT, quote))
    assert made == value
    assert type(made) is type(value)
