"""What layers resolve to: the user's dataclass or every problem, and all that is known of both."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from confkit.errors import InvalidConfig, Problem, UnknownKey
from confkit.keypath import Path, canonical, join, parent, split, within
from confkit.layers import FAILED, Entry, Layer, Setting, Stack
from confkit.near import did_you_mean
from confkit.resolution.binding import Bound
from confkit.resolution.faults import Faults
from confkit.resolution.interpolation import Used
from confkit.resolution.merging import Merged
from confkit.resolution.pieces import Pieces
from confkit.schema.places import Place, Visibility, is_list, place_of, visibility
from confkit.schema.tree import Leaf, Schema

if TYPE_CHECKING:
    from confkit.reports.explanation import Explanation
    from confkit.reports.matrix import Matrix

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class Resolution(Generic[T]):
    """What layers resolve to, right or wrong. It explains every key, and shows no secret.

    :ivar value: the settings, or None where there are ``problems``.
    :ivar problems: everything that is wrong, in the order of the keys.
    :ivar warnings: what works and should be changed, such as an old name of a key.
    :ivar schema: the settings class, read.
    :ivar stack: the layers with the keys of the settings, defaults first; ``read`` the layers as
        they were read.
    :ivar merged: what the layers give together; ``bound``, ``faults`` and ``variables`` what the
        pipeline found out on the way, from which explanations are made.
    :ivar unfound: that the root has no configuration file; among the problems where there are
        others, and a warning otherwise.
    """

    value: T | None
    problems: tuple[Problem, ...]
    #: what used an old name, with the place
    warnings: tuple[str, ...]
    schema: Schema
    #: the layers with the keys of the settings, defaults first
    stack: Stack
    #: the layers as their sources spelled them, variables nobody reads among them
    read: tuple[Layer, ...]
    merged: Merged = field(repr=False)
    bound: Bound = field(repr=False)
    faults: Faults = field(repr=False)
    variables: Any = field(repr=False)
    unfound: Problem | None = None

    def __repr__(self) -> str:
        state = f"{len(self.problems)} problems" if self.problems else "no problem"
        return f"<Resolution of {self.schema.name}, {state}>"

    @property
    def resolution(self) -> Resolution[T]:
        """Itself: what explains a snapshot explains a resolution, too."""
        return self

    def required(self) -> T:
        """The settings.

        :raises InvalidConfig: with every problem, and this resolution.
        """
        if self.value is None:
            raise InvalidConfig(self.schema.name, self.problems, self)
        return self.value

    @property
    def keys(self) -> tuple[str, ...]:
        """Every key that is set, in the order of declaration."""
        return tuple(key for key, _ in self.merged.walk())

    def settings(self) -> Iterator[Setting]:
        """The entry that counts for every key, with its layer."""
        for key, entry in self.merged.walk():
            yield Setting(self.faults.layer_of(key, entry), key, entry)

    def setting(self, key: str) -> Setting | None:
        """The entry that counts for a key, or for the one that it lies in."""
        found = self.merged.find(key)
        if found is None:
            return None
        return Setting(self.faults.layer_of(*found), *found)

    def counts(self, setting: Setting) -> bool:
        """Whether what a layer sets counts, alone or as a piece of a list."""
        found = self.merged.find(setting.key)
        if found is None:
            return False
        entry = found[1]
        if isinstance(entry.raw, Pieces):
            pieces: list[Entry | None] = [entry.raw.lowest, *(e for _, e in entry.raw.changes)]
            return any(one is setting.entry for one in pieces)
        if found[0] == setting.key:
            return entry is setting.entry
        # An empty mapping, which is what nulls have left of it.
        return entry.raw == {} and entry.origin is setting.entry.origin

    def sets(self, key: str) -> tuple[Setting, ...]:
        """What every layer sets at ``key``, below it or above it; lowest first."""
        leaf = self.schema.leaves.get(key)
        if leaf is not None and not leaf.open and not is_list(leaf.shape):
            # Nothing is below a plain field, so that only few keys have to be looked up.
            keys = [key]
            while parent(keys[-1]):
                keys.append(parent(keys[-1]))
            found = tuple(
                Setting(layer, k, layer.entries[k])
                for layer in self.stack
                for k in keys
                if k in layer.entries
            )
            own = self.merged.find(key)
            items = [own] if own is not None else []
        else:
            found = self.stack.sets(key)
            items = list(self.merged.walk())
        # The defaults of an item exist only where the item does: no layer has them.
        known = {id(setting.entry) for setting in found}
        more = [
            Setting(self.stack.layers[0], k, entry)
            for k, entry in items
            if entry.origin.kind == "default" and id(entry) not in known and within(k, key)
        ]
        return (*more, *found)

    def used(self, key: str) -> list[Used]:
        """The variables and references that the values at or below a key were built from."""
        return [
            used
            for expansion in self.faults.expansions.values()
            for at, used in expansion.used
            if within(at, key)
        ]

    def tainted(self, key: str) -> bool:
        """Whether the value of a key was built from a secret."""
        return any(within(key, one) or within(one, key) for one in self.faults.tainted)

    def broken(self, key: str) -> tuple[Problem, ...]:
        """The problems of a key and of what lies below it."""
        return tuple(p for p in self.problems if within(p.key, key))

    def key(self, key: object) -> str:
        """The one spelling of a key that a user gave.

        :raises UnknownKey: for what is no text.
        """
        if not isinstance(key, str):
            raise UnknownKey(f"a key is a text such as database.pool_size, and not {key!r}")
        return canonical(key)

    def place(self, key: str) -> Place | None:
        """The place that a key names, inside the value of its field too; None for a section."""
        leaf, inside = self._field(key)
        return None if leaf is None else place_of(leaf, inside)

    def visibility(self, key: str) -> Visibility:
        """How the values of a key may be shown."""
        if self.tainted(key):
            return Visibility(secret=True, public=False)
        return visibility(*self._field(key))

    def _field(self, key: str) -> tuple[Leaf | None, Path]:
        leaf, inside = self.schema.place(key)
        while leaf is not None and leaf.items is not None and len(inside) > 1:
            leaf, inside = leaf.items.place(join(*inside[1:]))
        return leaf, inside

    def leaf(self, key: str) -> Leaf | None:
        """The field that ``key`` is in; None for a section and for an item of a mapping.

        :raises UnknownKey: with a near miss, if there is one.
        """
        schema = self.schema
        leaf = schema.find(key)
        if leaf is None and key not in schema.sections and not schema.holds(key):
            hint = did_you_mean(key, [*schema.leaves, *schema.sections], ": ")
            raise UnknownKey(f"{schema.name} has no setting {key}{hint}")
        return leaf

    def typed(self, key: str) -> Any:
        """The typed value of a key, or FAILED where there is a problem.

        :raises UnknownKey: when the settings have no such key, or it holds no value now.
        """
        key = self.key(key)
        self.leaf(key)
        here: Any = self.bound
        for step in split(key):
            if isinstance(here, Bound) and here.made is FAILED:
                value = here.values.get(str(step), _NOTHING)
                here = here.inside.get(str(step), value)
            else:
                value = here = _inside(here, step)
            if here is _NOTHING:
                raise UnknownKey(f"{key} holds no value")
            if here is FAILED:
                return FAILED
        return here.made if isinstance(here, Bound) else value

    def as_dict(self, *, masked: bool = True) -> dict[str, Any]:
        """The values as nested mappings, masked where they have to be; broken ones are left out."""
        from confkit.reports.plain import as_dict

        return as_dict(self, masked=masked)

    def explain(self, key: str) -> Explanation:
        """What every layer sets for a key, which one counts, and what is wrong with it.

        :raises UnknownKey: with a near miss, if there is one.
        """
        from confkit.reports.explanation import explain  # most programs start and end without it

        return explain(self, key)

    def matrix(self) -> Matrix:
        """Every key by every layer."""
        from confkit.reports.matrix import matrix

        return matrix(self)


_NOTHING = object()


def _inside(here: Any, step: str | int) -> Any:
    """What ``step`` names inside a value, while it may be bound only in part."""
    if isinstance(here, Bound):
        return getattr(here.made, str(step), _NOTHING)
    if isinstance(here, Mapping):
        # A bound item is found by its name as it is written; a value by its typed name as well.
        return here.get(step, _NOTHING) if step in here else _by_text(here, step)
    if isinstance(here, list | tuple) and isinstance(step, int):
        return here[step] if step < len(here) else _NOTHING
    if dataclasses.is_dataclass(here):
        return getattr(here, str(step), _NOTHING)
    return _NOTHING


def _by_text(here: Mapping[Any, Any], step: str | int) -> Any:
    from confkit.resolution.spreading import name_text

    return next((value for name, value in here.items() if name_text(name) == step), _NOTHING)


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot(Generic[T]):
    """One consistent state of the settings; frozen.

    :ivar current: the settings: an instance of your class.
    :ivar resolution: what they were made from, and what explains them.
    :ivar version: 1 for the first snapshot of a configuration, one more for each that follows.
    :ivar time: when it was made.
    """

    current: T
    resolution: Resolution[T] = field(repr=False)
    version: int
    time: dt.datetime

    def __repr__(self) -> str:
        return f"<Snapshot of {self.schema.name}, version {self.version}>"

    @property
    def schema(self) -> Schema:
        """The settings class, read."""
        return self.resolution.schema

    @property
    def stack(self) -> Stack:
        """The layers with the keys of the settings, defaults first."""
        return self.resolution.stack

    @property
    def read(self) -> tuple[Layer, ...]:
        """The layers as their sources spelled them, variables nobody reads among them."""
        return self.resolution.read

    @property
    def keys(self) -> tuple[str, ...]:
        """Every key that holds a value, in the order of declaration."""
        return self.resolution.keys

    def value(self, key: str) -> Any:
        """The typed value of a key: ``snapshot.value("database.pool_size")``.

        :raises UnknownKey: when the settings have no such key, or hold no value there now.
        """
        return self.resolution.typed(key)
