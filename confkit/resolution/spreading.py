"""A mapping given as one value becomes entries under keys of their own, so that it merges.

Mappings arrive whole as JSON text, as defaults in code, and in the layers of sources of one's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any

from confkit.keypath import child
from confkit.layers import Entry


def spread(key: str, entry: Entry) -> Iterator[tuple[str, Entry]]:
    """The entries inside a mapping, under their own keys; an entry that is none by itself.

    A mapping whose names are no plain values stays whole.
    """
    raw = entry.raw
    names = list(map(name_text, raw)) if isinstance(raw, Mapping) and raw else [None]
    if None in names:
        yield key, entry
        return
    for name, value in zip(names, raw.values(), strict=True):
        yield from spread(child(key, str(name)), inner(value, entry))


def inner(value: Any, entry: Entry) -> Entry:
    """The entry of a value inside ``entry``: text of JSON is quoted there."""
    if isinstance(value, Entry):
        return value
    return entry._replace(raw=value, quote='"' if isinstance(value, str) else "")


def name_text(name: Any) -> str | None:
    """The name of an item as keys have it; None where it is no plain value."""
    if isinstance(name, Enum):
        name = name.value
    if isinstance(name, bool):
        return "true" if name else "false"
    return str(name) if isinstance(name, str | int | float) else None


def looks_like_json(raw: Any) -> bool:
    """Whether a raw value is text that begins as a JSON object does."""
    return isinstance(raw, str) and raw.lstrip().startswith("{")


def from_json(entry: Entry) -> Entry | None:
    """The entry of a JSON object given as text; None where the text is none."""
    import json  # a mapping in one text is rare

    try:
        table = json.loads(entry.raw)
    except (ValueError, RecursionError):
        return None
    return entry._replace(raw=table) if isinstance(table, dict) else None
