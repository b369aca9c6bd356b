"""A raw value becomes a number, a date, a path or a secret, or a :class:`Refused` says why not.

Strictly, and the same for every text source. No message here ever quotes the value: it may be a
secret.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import sys
import types
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from confkit.layers import Entry, Origin
from confkit.secret import Secret

if TYPE_CHECKING:
    from decimal import Decimal
    from uuid import UUID

Coercer = Callable[[Entry], Any]


class Refused(ValueError):
    """The value does not fit; ``where`` is the place inside it, ``origin`` that place's origin."""

    def __init__(self, why: str, where: str = "", origin: Origin | None = None) -> None:
        super().__init__(why)
        self.why = why
        self.where = where
        self.origin = origin


TRUE = frozenset({"true", "1", "yes", "on"})
FALSE = frozenset({"false", "0", "no", "off"})
_INT = re.compile(r"[+-]?[0-9]+(?:_[0-9]+)*\Z")
_FLOAT = re.compile(r"[+-]?(?:[0-9]+(?:_[0-9]+)*\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\Z")
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
_MOST_FLOAT = int(sys.float_info.max)
#: Longer digit strings are no settings, and turning them into numbers takes quadratic time.
MOST_DIGITS = 400


def unfit(raw: object, what: str) -> Refused:
    if raw is None:
        return Refused(f"is null, and {what} is expected")
    if raw == "":
        return Refused(f"is empty, and {what} is expected")
    if isinstance(raw, list | dict):
        shape = "a list" if isinstance(raw, list) else "a mapping"
        return Refused(f"is {shape}, and {what} is expected")
    return Refused(f"is not {what}")


def text(entry: Entry) -> str:
    raw = entry.raw
    if type(raw) is str:
        return raw
    if isinstance(raw, str) and not isinstance(raw, Enum):
        return str(raw)
    if isinstance(raw, bool | int | float):
        raise Refused("is a number or a boolean, and text is expected: put it in quotes")
    raise unfit(raw, 'text (write "" for an empty one)' if raw is None else "text")


def _bool(entry: Entry) -> bool:
    raw = entry.raw
    if isinstance(raw, bool):
        return raw
    if isinstance(raw, str):
        text = raw.strip().lower()
        if text in TRUE:
            return True
        if text in FALSE:
            return False
    raise unfit(raw, "a boolean (true, false, yes, no, on, off, 1, 0)")


def _int(entry: Entry) -> int:
    raw = entry.raw
    if type(raw) is int:
        return raw
    if isinstance(raw, str):
        text = raw.strip()
        if len(text) <= MOST_DIGITS and _INT.match(text):
            return int(text)
    raise unfit(raw, "an integer")


def _float(entry: Entry) -> float:
    raw = entry.raw
    if type(raw) is float and math.isfinite(raw):
        return raw
    if type(raw) is int and abs(raw) <= _MOST_FLOAT:
        return float(raw)
    if isinstance(raw, str):
        text = raw.strip()
        if len(text) <= MOST_DIGITS and _FLOAT.match(text) and math.isfinite(float(text)):
            return float(text)
    raise unfit(raw, "a finite number")


def _decimal(entry: Entry) -> Decimal:
    from decimal import Decimal, InvalidOperation

    raw = entry.raw
    if isinstance(raw, Decimal) and raw.is_finite():
        return raw
    if type(raw) is int:
        return Decimal(raw)
    if type(raw) is float and math.isfinite(raw):
        return Decimal(repr(raw))
    if isinstance(raw, str) and len(raw) <= MOST_DIGITS:
        try:
            number = Decimal(raw.strip())
        except InvalidOperation:
            number = Decimal("NaN")
        if number.is_finite():
            return number
    raise unfit(raw, "a decimal number")


def _secret(entry: Entry) -> Secret:
    raw = entry.raw
    if isinstance(raw, Secret):
        return raw
    if isinstance(raw, str):
        return Secret(str(raw))
    if raw is None:
        raise Refused("is null, and a secret is expected")
    raise Refused("is not text: put the secret in quotes")


def _path(entry: Entry) -> Path:
    raw = entry.raw
    if isinstance(raw, Path):
        return raw
    if isinstance(raw, str) and raw and "\0" not in raw:
        return Path(raw)
    raise unfit(raw, "a path")


def _uuid(entry: Entry) -> UUID:
    from uuid import UUID

    raw = entry.raw
    if isinstance(raw, UUID):
        return raw
    if isinstance(raw, str):
        try:
            return UUID(raw.strip())
        except ValueError:
            pass
    raise unfit(raw, "a UUID")


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


def _duration(entry: Entry) -> dt.timedelta:
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
    if isinstance(raw, str) and _FLOAT.match(raw.strip()):
        raise Refused("has no unit: write 30s, 5m, 2h or 1d")
    raise unfit(raw, "a duration such as 30s, 5m, 1h30m or PT30S")


def nothing(entry: Entry) -> None:
    raw = entry.raw
    if raw is None or (isinstance(raw, str) and raw.strip().lower() in ("", "null", "none", "~")):
        return
    raise Refused("is not null")


_CORE_INT = re.compile(r"[-+]?[0-9]+\Z")


def anything(entry: Entry) -> Any:
    """Any value: quoted text stays text, bare text is read by the YAML 1.2 core schema."""
    raw = entry.raw
    if isinstance(raw, list):
        return [anything(item) if isinstance(item, Entry) else item for item in raw]
    if isinstance(raw, dict):
        return {k: anything(v) if isinstance(v, Entry) else v for k, v in raw.items()}
    if not isinstance(raw, str) or entry.quote:
        return raw
    if raw in ("true", "True", "TRUE"):
        return True
    if raw in ("false", "False", "FALSE"):
        return False
    if _CORE_INT.match(raw) and len(raw) <= MOST_DIGITS:
        return int(raw)
    if _FLOAT.match(raw) and "_" not in raw and math.isfinite(float(raw)):
        return float(raw)
    return raw


SCALARS: dict[Any, Coercer] = {
    str: text,
    bool: _bool,
    int: _int,
    float: _float,
    Secret: _secret,
    Path: _path,
    dt.datetime: _moment(dt.datetime, "a date and time in ISO 8601"),
    dt.date: _moment(dt.date, "a date such as 2026-01-31"),
    dt.time: _moment(dt.time, "a time of day such as 12:30"),
    dt.timedelta: _duration,
    types.NoneType: nothing,
}
#: By name, so that their modules are imported by programs with such fields only.
_BY_NAME: dict[tuple[str, str], Coercer] = {
    ("decimal", "Decimal"): _decimal,
    ("uuid", "UUID"): _uuid,
}


def scalar(kind: type) -> Coercer | None:
    """The coercer of a type that holds one plain value; None for all others."""
    return SCALARS.get(kind) or _BY_NAME.get((kind.__module__, kind.__qualname__))
