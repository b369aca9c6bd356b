"""Durations with and without a unit, and time zones; dates are in test_scalars."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from confkit import Entry, Origin
from confkit.resolution.scalars import Refused
from confkit.resolution.times import seconds, zone

AT = Origin("env", "X")


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("31556952", dt.timedelta(seconds=31556952)),
        ("1.5", dt.timedelta(seconds=1.5)),
        (30, dt.timedelta(seconds=30)),
        (0.5, dt.timedelta(seconds=0.5)),
        ("5m", dt.timedelta(minutes=5)),
        (dt.timedelta(1), dt.timedelta(1)),
    ],
)
def test_seconds_may_be_a_plain_number(raw, value):
    assert seconds(Entry(raw, AT)) == value


@pytest.mark.parametrize("raw", ["", "x", True, None, "1e300", 1e300, [1]])
def test_what_is_no_duration(raw):
    with pytest.raises(Refused):
        seconds(Entry(raw, AT))


def test_zones():
    berlin = ZoneInfo("Europe/Berlin")
    assert zone(Entry(" Europe/Berlin ", AT)) == berlin
    assert zone(Entry(berlin, AT)) is berlin


@pytest.mark.parametrize(
    "raw", ["", "Europe", "Europe/Nowhere", "../../etc/passwd", "/etc/localtime", "a\0b", 5, None]
)
def test_what_is_no_zone(raw):
    with pytest.raises(Refused):
        zone(Entry(raw, AT))
