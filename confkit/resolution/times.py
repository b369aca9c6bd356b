"""Dates, times, durations and time zones."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from confkit.layers import Entry
from confkit.resolution.scalars import Coercer, Refused, number, unfit

# Texts, compiled at their first use: not every program has durations.
_SPAN = r"([0-9]+(?:\.[0-9]+)?)(us|ms|s|m|h|d|w)"
_ISO_SPAN = (
    r"(?P<sign>-)?P(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?\Z"
)
_UNITS = {
    "us": "microseconds",
    "ms": "milliseconds",
    "s": "seconds",
    "m": "minutes",
    "h": "hours",
    "d": "days",
    "w": "weeks",
}


def _moment(kind: Any, what: str) -> Coercer:
    def read(entry: Entry) -> Any:
        raw = entry.raw
        # A datetime is a date by inheritance, but not the date that somebody meant.
        if type(raw) is kind:
            return raw
        if isinstance(raw, str):
            try:
                return kind.fromisoformat(raw.strip())
            except ValueError:
                pass
        raise unfit(raw, what)

    return read


def duration(entry: Entry) -> dt.timedelta:
    raw = entry.raw
    if isinstance(raw, dt.timedelta):
        return raw
    if isinstance(raw, str) and len(raw) <= 100:
        text = raw.strip()
        try:
            if iso := re.match(_ISO_SPAN, text):
                parts = {k: float(v) for k, v in iso.groupdict().items() if v and k != "sign"}
                if parts:
                    return dt.timedelta(**parts) * (-1 if iso["sign"] else 1)
            sign, bare = (-1, text[1:]) if text.startswith("-") else (1, text)
            bare = bare.replace(" ", "")
            if bare and not re.sub(_SPAN, "", bare):
                spans = re.findall(_SPAN, bare)
                return sign * sum(
                    (dt.timedelta(**{_UNITS[unit]: float(n)}) for n, unit in spans),
                    dt.timedelta(),
                )
        except OverflowError:
            raise Refused("is too long for a duration") from None
    if isinstance(raw, str) and number(raw.strip()) is not None:
        raise Refused("has no unit: write 30s, 5m, 2h or 1d")
    raise unfit(raw, "a duration such as 30s, 5m, 1h30m or PT30S")


def seconds(entry: Entry) -> dt.timedelta:
    """A duration, or a plain number of seconds."""
    raw = entry.raw
    value = number(raw.strip()) if isinstance(raw, str) else raw
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return dt.timedelta(seconds=value)
        except (OverflowError, ValueError):
            raise Refused("is too long for a duration") from None
    return duration(entry)


def zone(entry: Entry) -> Any:
    from zoneinfo import ZoneInfo

    raw = entry.raw
    if isinstance(raw, ZoneInfo):
        return raw
    if isinstance(raw, str):
        try:
            return ZoneInfo(raw.strip())
        except (ValueError, KeyError, OSError):  # the last two: no such zone, or a directory
            pass
    raise unfit(raw, "a time zone such as Europe/Berlin")


TIMES: dict[Any, Coercer] = {
    dt.datetime: _moment(dt.datetime, "a date and time in ISO 8601"),
    dt.date: _moment(dt.date, "a date such as 2026-01-31"),
    dt.time: _moment(dt.time, "a time of day such as 12:30"),
    dt.timedelta: duration,
}
