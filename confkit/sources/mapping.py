"""Values given in code, as a mapping: for tests, for embedding, and for runtime overrides."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from confkit.callers import call_site
from confkit.layers import Entry, Layer, Origin


class Values:
    """A mapping as a source: ``Values({"database.pool_size": 1})``, nested or dotted.

    Its text is final: nothing in it is interpolated. Its origin is the line that made it.
    """

    def __init__(self, values: Mapping[str, Any], *, name: str = "values") -> None:
        self.name = name
        self._layer = layer_of(values, name, call_site("code"))

    def read(self) -> Layer:
        """The values as they were given."""
        return self._layer

    def __repr__(self) -> str:
        return f"Values({self.name!r})"


def layer_of(values: Mapping[str, Any], name: str, origin: Origin) -> Layer:
    """The layer of a mapping, nested or dotted; every entry has the one origin."""
    entries: dict[str, Entry] = {}
    _flatten(values, "", origin, entries)
    return Layer(name, entries)


def _flatten(
    values: Mapping[str, Any], prefix: str, origin: Origin, into: dict[str, Entry]
) -> None:
    for key, value in values.items():
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            value = {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
        if isinstance(value, Mapping) and value:
            _flatten(value, f"{prefix}{key}.", origin, into)
        else:
            into[f"{prefix}{key}"] = Entry(value, origin, '"', True)
