"""The last accepted snapshots: when, by whom, why, and what each one changed."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from confkit.errors import UnknownKey
from confkit.layers import Layer
from confkit.resolution.snapshot import Snapshot

if TYPE_CHECKING:
    from confkit.reports.difference import Diff

T = TypeVar("T")

#: How many accepted snapshots are kept.
KEPT = 50


@dataclass(frozen=True, slots=True)
class Accepted(Generic[T]):
    """One snapshot that was accepted.

    :ivar by: who did it, as the caller said; an empty text for a file that changed.
    :ivar reason: ``loaded``, ``reloaded``, ``set database.pool_size``, ``rollback to 3`` and so on,
        or what the caller said.
    """

    snapshot: Snapshot[T] = field(repr=False)
    before: Snapshot[T] | None = field(repr=False)
    #: what was read and what was set, without the overrides that were in force
    layers: tuple[tuple[Layer, ...], Mapping[str, Layer]] = field(repr=False)
    by: str
    reason: str

    @property
    def version(self) -> int:
        """The version of the snapshot."""
        return self.snapshot.version

    @property
    def changes(self) -> Diff:
        """What it changed, secrets masked; nothing for the first one."""
        from confkit.reports.difference import diff

        return diff(self.before or self.snapshot, self.snapshot)

    def as_dict(self) -> dict[str, Any]:
        """The entry as plain JSON values."""
        return {
            "version": self.version,
            "at": self.snapshot.time.isoformat(),
            "by": self.by,
            "reason": self.reason,
            "changes": self.changes.as_dict(),
        }


class History(Generic[T]):
    """Accepted snapshots, the newest last; the oldest beyond :data:`KEPT` are forgotten."""

    def __init__(self, kept: int = KEPT) -> None:
        self._entries: deque[Accepted[T]] = deque(maxlen=kept)

    def add(
        self,
        snapshot: Snapshot[T],
        layers: tuple[tuple[Layer, ...], Mapping[str, Layer]],
        by: str,
        reason: str,
    ) -> None:
        """Keep a snapshot that was accepted, with the layers that were read and set."""
        before = self._entries[-1].snapshot if self._entries else None
        self._entries.append(Accepted(snapshot, before, layers, by, reason))

    def newest_first(self) -> list[Accepted[T]]:
        """The entries, newest first."""
        return list(reversed(self._entries))

    def of(self, version: int) -> Accepted[T]:
        """The entry of a version.

        :raises UnknownKey: for a version that is not kept.
        """
        for entry in self._entries:
            if entry.version == version:
                return entry
        kept = ", ".join(str(entry.version) for entry in self._entries)
        raise UnknownKey(f"version {version} is not kept; there are {kept}")
