"""How names, salts, times and numbers of flags are written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

#: A rule as plain JSON values, as ``Rule.as_document()`` gives it.
Document = Mapping[str, Any]
#: What a flag may be called: no separators of stores, keys, URLs or SQL among the characters.
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}\Z")
#: What a salt may be: it goes into SQL literals, so it needs no quoting anywhere.
SALT = re.compile(r"[A-Za-z0-9_.-]{1,64}\Z")


def instant(value: Any) -> datetime:
    """An aware time from ISO 8601 text or a datetime; one without an offset is UTC.

    :raises ValueError: when it is no such text.
    """
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def day(value: Any) -> date:
    """A date from ISO 8601 text, a date or a datetime.

    :raises ValueError: when it is no such text.
    """
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else date.fromisoformat(value)


def number(value: float) -> float:
    """An integer where the number is one: 25, not 25.0."""
    return int(value) if value == int(value) else value
