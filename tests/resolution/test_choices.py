"""Enums in any case where that is clear, sets of flags, and literals as they are."""

from __future__ import annotations

import enum
from typing import Any, Literal, get_args

import pytest

from confkit import Entry, Origin
from confkit.resolution.choices import enumeration, flags, literal
from confkit.resolution.scalars import Refused

AT = Origin("env", "X")


class Level(enum.StrEnum):
    DEBUG = "debug"
    INFO = "info"
    WARN = "warning"
    WARNING = "warning"


class Number(enum.Enum):
    ONE = 1
    TWO = 2


class Case(enum.Enum):
    A = "x"
    B = "X"


class Crossed(enum.Enum):
    A = "B"
    B = "A"


class Access(enum.Flag):
    READ = 1
    WRITE = 2
    ALL = 3


@pytest.mark.parametrize(
    ("kind", "raw", "member"),
    [
        (Level, "debug", Level.DEBUG),
        (Level, "DEBUG", Level.DEBUG),
        (Level, " Debug ", Level.DEBUG),
        (Level, "WARNING", Level.WARN),
        (Level, Level.INFO, Level.INFO),
        (Number, "1", Number.ONE),
        (Number, 2, Number.TWO),
        (Number, "two", Number.TWO),
        (Case, "x", Case.A),
        (Case, "X", Case.B),
        (Case, "a", Case.A),
    ],
)
def test_a_member_by_value_or_name(kind, raw, member):
    assert enumeration(kind)(Entry(raw, AT)) is member


@pytest.mark.parametrize(
    ("kind", "raw", "hint"),
    [
        (Level, "debgu", "did you mean debug?"),
        (Level, "", ""),
        (Level, None, ""),
        (Crossed, "A", ""),
        (Number, True, ""),
    ],
)
def test_what_is_no_member_or_could_be_two(kind, raw, hint):
    with pytest.raises(Refused) as caught:
        enumeration(kind)(Entry(raw, AT))
    assert caught.value.faults[0].hint == hint


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("READ", Access.READ),
        ("read|write", Access.READ | Access.WRITE),
        ("READ, WRITE", Access.ALL),
        (["read", Entry("WRITE", AT)], Access.ALL),
        ("3", Access.ALL),
        (1, Access.READ),
        ("", Access(0)),
        (Access.ALL, Access.ALL),
        ({Access.READ}, Access.READ),
    ],
)
def test_flags(raw, value):
    assert flags(Access)(Entry(raw, AT)) == value


@pytest.mark.parametrize("raw", ["READ|EXEC", "8", 8, None, {"a": 1}, 1.5, "READ||WRITE"])
def test_flags_that_are_none(raw):
    with pytest.raises(Refused):
        flags(Access)(Entry(raw, AT))


Mode: Any = Literal["auto", 1, True, None]


@pytest.mark.parametrize(
    ("raw", "value"), [("auto", "auto"), ("1", 1), (1, 1), ("yes", True), ("None", None)]
)
def test_literals(raw, value):
    made = literal(get_args(Mode))(Entry(raw, AT))
    assert (made, type(made)) == (value, type(value))


def test_a_literal_in_the_wrong_case_is_told():
    with pytest.raises(Refused) as caught:
        literal(("DEBUG", "INFO"))(Entry("debug", AT))
    assert caught.value.faults[0].hint == "did you mean DEBUG?"
