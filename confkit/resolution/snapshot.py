"""Layers become a snapshot: the user's dataclass, and everything that is known about it."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from confkit.errors import UnknownKey
from confkit.keypath import canonical, parent, split
from confkit.layers import Layer, Stack
from confkit.near import did_you_mean
from confkit.resolution.interpolation import Used
from confkit.schema.tree import Leaf, Schema

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot(Generic[T]):
    """One consistent state: ``current`` is the settings, the rest is where they come from."""

    current: T
    stack: Stack = field(repr=False)
    schema: Schema = field(repr=False)
    version: int
    time: dt.datetime
    used: Mapping[str, tuple[Used, ...]] = field(repr=False)
    tainted: frozenset[str] = field(repr=False)
    #: the layers as their sources spelled them, variables nobody reads among them
    read: tuple[Layer, ...] = field(repr=False)

    def __repr__(self) -> str:
        return f"<Snapshot of {self.schema.name}, version {self.version}>"

    @property
    def keys(self) -> tuple[str, ...]:
        """Every key that holds a value, in the order of declaration."""
        order = {key: i for i, key in enumerate(self.schema.leaves)}
        last = len(order)

        def place(key: str) -> int:
            while key and key not in order:  # an item of an open mapping stands where that does
                key = parent(key)
            return order.get(key, last)

        return tuple(sorted(self.stack.winners, key=place))

    def leaf(self, key: str) -> Leaf | None:
        """The field that ``key`` stands in.

        :raises UnknownKey: with a near miss, if there is one.
        """
        leaf = self.schema.find(key)
        if leaf is None and key not in self.schema.sections and not self.schema.holds(key):
            hint = did_you_mean(key, [*self.schema.leaves, *self.schema.sections], ": ")
            raise UnknownKey(f"{self.schema.name} has no setting {key}{hint}")
        return leaf

    def value(self, key: str) -> Any:
        """The typed value of a key: ``snapshot.value("database.pool_size")``.

        :raises UnknownKey: when the settings have no such key, or hold no value there now.
        """
        key = canonical(key)
        self.leaf(key)
        here: Any = self.current
        for step in split(key):
            if isinstance(here, Mapping) and step in here:
                here = here[step]
            elif dataclasses.is_dataclass(here) and hasattr(here, str(step)):
                here = getattr(here, str(step))
            elif isinstance(here, list | tuple) and isinstance(step, int) and step < len(here):
                here = here[step]
            else:
                raise UnknownKey(f"{key} holds no value")
        return here
