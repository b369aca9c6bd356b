"""A list that several layers make becomes one: items appended, and items changed by index."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

from confkit.keypath import Path
from confkit.layers import Entry
from confkit.resolution.containers import items


class Pieces:
    """The raw value of a list that several layers make: a list, and changes of it by path.

    A change without a path appends its items.
    """

    __slots__ = ("changes", "lowest")

    def __init__(self, lowest: Entry | None, changes: tuple[tuple[Path, Entry], ...]) -> None:
        self.lowest = lowest
        self.changes = changes


def changed(lower: Entry | None, path: Path, entry: Entry) -> Entry:
    """What counts after ``entry`` on top of ``lower``: itself, or a list in pieces."""
    if not path and not entry.append:
        return entry
    if lower is not None and isinstance(lower.raw, Pieces):
        pieces = Pieces(lower.raw.lowest, (*lower.raw.changes, (path, entry)))
    else:
        pieces = Pieces(lower, ((path, entry),))
    return Entry(pieces, entry.origin)


class OutOfRange(ValueError):
    """An index that the list below has not; ``path`` is the place, ``hint`` the fix."""

    def __init__(self, length: int, path: Path, entry: Entry) -> None:
        has = f"{length} item{'s' * (length != 1)}"
        super().__init__(f"is beyond the end of the list below, which has {has}")
        self.path = path
        self.entry = entry
        self.hint = "append to a list with NAME__APPEND in the environment, or name+ in a file"


def whole(
    entry: Entry, lowest: Entry | None, changes: Iterable[tuple[Path, Entry]], at: Path = ()
) -> Entry:
    """The list as one entry, each item with the origin of the layer that set it last.

    ``at`` is the path of the list inside its field.

    :raises OutOfRange: for an index that the list has not.
    :raises confkit.resolution.scalars.Refused: for text that is no list.
    """
    nothing = lowest is None or lowest.raw is None
    made = [] if nothing or lowest is None else list(items(lowest))
    for path, change in changes:
        if path:
            _put(made, path, change, (*at, *path))
        else:
            made.extend(items(change))
    return Entry(made, entry.origin)


def _put(into: list[Entry], path: Path, change: Entry, whole_path: Path) -> None:
    index, rest = path[0], path[1:]
    if not isinstance(index, int) or index >= len(into):
        raise OutOfRange(len(into), whole_path[: len(whole_path) - len(rest)], change)
    into[index] = _changed(into[index], rest, change, whole_path) if rest else change


def _changed(held: Entry, path: Path, change: Entry, whole_path: Path) -> Entry:
    step, rest = path[0], path[1:]
    if isinstance(step, int):
        made = list(items(held))
        _put(made, path, change, whole_path)
        return held._replace(raw=made)
    table = _table(held.raw)
    inner = table.get(step)
    if rest:
        below = inner if isinstance(inner, Entry) else Entry(inner or {}, change.origin)
        change = _changed(below, rest, change, whole_path)
    table[step] = change
    return held._replace(raw=table)


def _table(raw: Any) -> dict[str, Any]:
    if dataclasses.is_dataclass(raw) and not isinstance(raw, type):
        return {f.name: getattr(raw, f.name) for f in dataclasses.fields(raw) if f.init}
    return dict(raw) if isinstance(raw, Mapping) else {}
