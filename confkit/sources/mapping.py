"""Values given in code, as a mapping: for tests, for embedding, and for runtime overrides."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any

from confkit.callers import call_site
from confkit.keypath import canonical, child, leaves
from confkit.layers import Entry, Layer, Origin


class Values:
    """A mapping as a source: ``Values({"database.pool_size": 1})``, or nested.

    The outermost names are keys; those of mappings inside are names as they are, dots and all.
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
    """The layer of a mapping from keys to values or to mappings; all entries have one origin."""
    entries: dict[str, Entry] = {}
    instances: dict[str, Entry] = {}
    for given, value in values.items():
        key = canonical(str(given))
        instances.update((at, Entry(one, origin)) for at, one in _instances(key, value))
        if inner := _inside(value):
            for full, _, leaf in leaves(inner, f"{key}.", inside=_inside):
                entries[full] = Entry(leaf, origin, '"', True)
        else:
            entries[key] = Entry(value, origin, '"', True)
    return Layer(name, entries, instances=instances)


def _instances(key: str, value: Any) -> Iterator[tuple[str, Any]]:
    """The dataclass instances in nested mappings and instances, by key."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        yield key, value
    for name, inner in (_inside(value) or {}).items():
        yield from _instances(child(key, str(name)), inner)


def _inside(value: Any) -> Mapping[Any, Any] | None:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: getattr(value, f.name) for f in dataclasses.fields(value) if f.init}
    if not isinstance(value, Mapping):
        return None
    # A name that is a member of an enum is written as its value is, in every source.
    return {(k.value if isinstance(k, Enum) else k): v for k, v in value.items()}
