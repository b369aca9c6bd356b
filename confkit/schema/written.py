"""A typed value as text that reads back as the same value: for examples and files."""

from __future__ import annotations

import datetime as dt
import re
from collections import deque
from enum import Enum, Flag
from pathlib import PurePath
from typing import Any

from confkit.schema.shapes import Shape


def written(value: Any, shape: Shape) -> str | None:
    """The text of a value of the type ``shape``.

    None where no text stands for it: for secrets, dataclasses, and types of one's own.
    """
    import json

    if value is None or any(one.kind == "own" for one in shape.walk()):
        return None
    try:
        plain = _plain(value)
    except TypeError:
        return None
    if isinstance(plain, str):
        return plain
    return json.dumps(plain, ensure_ascii=False)


def _plain(value: Any) -> Any:
    """A value as JSON has it, a text where it has none of the kind."""
    if isinstance(value, Flag):
        return "|".join(member.name or "" for member in value)
    if isinstance(value, Enum):
        return _plain(value.value)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, bytes):
        import base64

        return base64.b64encode(value).decode()
    if isinstance(value, re.Pattern):
        return value.pattern
    if isinstance(value, dt.timedelta):
        return _span(value)
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, list | tuple | deque):
        return [_plain(item) for item in value]
    if isinstance(value, set | frozenset):
        return sorted((_plain(item) for item in value), key=repr)
    if isinstance(value, dict):
        return {_name(key): _plain(item) for key, item in value.items()}
    if isinstance(value, PurePath) or type(value).__module__ in _TEXTS:
        return str(value)
    raise TypeError(type(value).__name__)


_TEXTS = ("decimal", "ipaddress", "uuid", "zoneinfo")


def _name(key: Any) -> str:
    plain = _plain(key)
    if isinstance(plain, bool):
        return "true" if plain else "false"
    return str(plain)


def _span(value: dt.timedelta) -> str:
    sign, span = ("-", -value) if value < dt.timedelta() else ("", value)
    parts = ((span.days, "d"), (span.seconds, "s"), (span.microseconds, "us"))
    return sign + ("".join(f"{number}{unit}" for number, unit in parts if number) or "0s")
