"""What differs between two snapshots, key by key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from confkit.layers import Origin, printable
from confkit.reports.explanation import shown_value
from confkit.resolution.snapshot import Snapshot
from confkit.tables import cut, html_table, text_table

Kind = Literal["added", "removed", "changed", "moved"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One key that differs: in its value, or (``moved``) only in where the value comes from."""

    key: str
    kind: Kind
    old: str | None
    new: str | None
    old_origin: Origin | None
    new_origin: Origin | None

    def as_dict(self) -> dict[str, Any]:
        """The difference as JSON values."""
        return {
            "key": self.key,
            "kind": self.kind,
            "old": self.old,
            "new": self.new,
            "old_origin": None if self.old_origin is None else str(self.old_origin),
            "new_origin": None if self.new_origin is None else str(self.new_origin),
        }


@dataclass(frozen=True, slots=True)
class Diff:
    """What differs between two snapshots; true when a value does."""

    old_name: str
    new_name: str
    differences: tuple[Difference, ...]

    def __bool__(self) -> bool:
        return any(d.kind != "moved" for d in self.differences)

    def __iter__(self) -> Iterator[Difference]:
        return iter(self.differences)

    @property
    def columns(self) -> tuple[str, ...]:
        """The headings of the table."""
        return ("key", "kind", self.old_name, self.new_name, "from", "to")

    def _cells(self) -> list[list[str]]:
        return [
            [
                printable(d.key),
                d.kind,
                "·" if d.old is None else cut(d.old),
                "·" if d.new is None else cut(d.new),
                str(d.old_origin or "·"),
                str(d.new_origin or "·"),
            ]
            for d in self.differences
        ]

    def __str__(self) -> str:
        if not self.differences:
            return f"{self.old_name} and {self.new_name} do not differ"
        return text_table(self.columns, self._cells())

    def _repr_html_(self) -> str:
        return html_table(self.columns, self._cells())

    def as_dict(self) -> dict[str, Any]:
        """The differences as JSON values."""
        return {
            "old": self.old_name,
            "new": self.new_name,
            "differences": [d.as_dict() for d in self.differences],
        }


class Holding(Protocol):
    """What holds a snapshot, as a live configuration does."""

    snapshot: Snapshot[Any]


def diff(
    old: Snapshot[Any] | Holding,
    new: Snapshot[Any] | Holding,
    *,
    names: tuple[str, str] = ("old", "new"),
    moved: bool = False,
) -> Diff:
    """Compare two snapshots, or configurations as they are now, key by key and by typed value.

    Secrets are compared and never shown.

    ``moved`` also lists the keys whose value is the same and comes from elsewhere.
    """
    old = old if isinstance(old, Snapshot) else old.snapshot
    new = new if isinstance(new, Snapshot) else new.snapshot
    found = []
    before, after = old.stack.winners, new.stack.winners
    for key in dict.fromkeys((*old.keys, *new.keys)):
        was, now = before.get(key), after.get(key)
        kind: Kind
        if was is None or now is None:
            kind = "added" if was is None else "removed"
        elif old.value(key) != new.value(key):
            kind = "changed"
        elif moved and was.entry.origin != now.entry.origin:
            kind = "moved"
        else:
            continue
        found.append(
            Difference(
                key,
                kind,
                None if was is None else shown_value(old, key),
                None if now is None else shown_value(new, key),
                None if was is None else was.entry.origin,
                None if now is None else now.entry.origin,
            )
        )
    return Diff(*names, tuple(found))
