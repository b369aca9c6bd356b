"""What differs between two snapshots, as subscribers get it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from confkit.keypath import child, within
from confkit.resolution.snapshot import Snapshot

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Change(Generic[T]):
    """One snapshot took the place of another.

    :ivar old: the snapshot before; where changes were merged, the one before the first of them.
    :ivar new: the snapshot now.
    :ivar keys: the keys whose typed values differ, those of sections' fields and of the items of
        mappings. A list is one value.
    """

    old: Snapshot[T] = field(repr=False)
    new: Snapshot[T] = field(repr=False)
    keys: frozenset[str]

    def concerns(self, key: str) -> bool:
        """Whether a key, what it lies in or what lies in it differs."""
        return any(within(one, key) or within(key, one) for one in self.keys)


def between(old: Snapshot[T], new: Snapshot[T]) -> Change[T]:
    """The change from one snapshot to another."""
    return Change(old, new, frozenset(_differing(old.current, new.current, "")))


def merged(first: Change[T], second: Change[T]) -> Change[T]:
    """One change that spans two: for a subscriber that was slow."""
    return between(first.old, second.new)


def _differing(old: Any, new: Any, key: str) -> Iterator[str]:
    if old is new:
        return
    if dataclasses.is_dataclass(old) and type(old) is type(new):
        for one in dataclasses.fields(old):
            yield from _differing(
                getattr(old, one.name, None), getattr(new, one.name, None), child(key, one.name)
            )
    elif isinstance(old, Mapping) and isinstance(new, Mapping):
        for name in {**old, **new}:
            inner = child(key, name if isinstance(name, str) else str(name))
            if name not in old or name not in new:
                yield inner
            else:
                yield from _differing(old[name], new[name], inner)
    elif type(old) is not type(new) or old != new:
        yield key
