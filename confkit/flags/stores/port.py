"""The port to wherever flags live: three verbs, and a fourth for stores that can call out.

A store keeps documents, not opinions: what a rule means is the model's business, what to believe
of an answer is the client's. Every store passes ``pytest_confkit.contracts.StoreContract``.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple, Protocol, runtime_checkable

from confkit.errors import FlagConflict
from confkit.flags.rules.literals import Document


class Version(NamedTuple):
    """Which state a store is in. Compare with ``!=`` only: a number may go back with its server."""

    epoch: str
    number: int


@dataclass(frozen=True, slots=True)
class Stored:
    """One flag as stored: its document, its revision (from 1), and why it cannot be a rule.

    Where there is an ``error``, the document is what can be read of it, if anything can.
    """

    document: Document | None
    revision: int
    error: str = ""


@dataclass(frozen=True, slots=True)
class FlagSet:
    """Every flag of a store at one moment."""

    version: Version
    flags: Mapping[str, Stored] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Revision:
    """One change on record: who, when (UTC, ISO 8601), why, old and new; ``new`` None: deleted."""

    name: str
    revision: int
    version: Version
    at: str
    by: str
    reason: str
    old: Document | None
    new: Document | None

    def as_dict(self) -> dict[str, Any]:
        """The change for machines: plain JSON values."""
        return {
            "name": self.name,
            "revision": self.revision,
            "at": self.at,
            "by": self.by,
            "reason": self.reason,
            "old": self.old,
            "new": self.new,
            "version": {"epoch": self.version.epoch, "number": self.version.number},
        }


@runtime_checkable
class Store(Protocol):
    """Where flags live.

    Every verb raises :class:`confkit.StoreError` or a subclass, never a library's own error.
    """

    def read(self, known: Version | None = None) -> FlagSet | None:
        """Every flag, or None when the store still stands at ``known``."""
        ...

    def write(
        self, name: str, document: Document | None, *, expect: int | None, by: str, reason: str
    ) -> Revision:
        """Put ``document`` (None deletes) if the flag is at revision ``expect``.

        ``expect`` 0 means "does not exist yet"; None writes whatever the revision is. A deleted
        flag that comes back goes on counting where it ended.

        :raises confkit.FlagConflict: when the flag is at another revision.
        """
        ...

    def history(self, name: str | None = None, *, limit: int = 100) -> list[Revision]:
        """Changes, newest first, of one flag or of all."""
        ...


@runtime_checkable
class Hinting(Protocol):
    """A store that can say when to look again. Hints may be lost; the client polls anyway."""

    def hints(self, wake: Callable[[], None], stop: threading.Event) -> None:
        """Call ``wake`` at every sign of change until ``stop`` is set; runs in its own thread.

        Raises when the connection is lost: the caller waits with a jittered back-off and calls
        again. ``wake`` is called on every (re)subscription, since signs in between were lost.
        """
        ...


@runtime_checkable
class Announcing(Protocol):
    """A store of this process that calls back after each change, in the writer's thread."""

    def announce(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Have ``listener`` called after every change, until what is returned is called."""
        ...


@runtime_checkable
class Seeding(Protocol):
    """A store that a client may fill again after the store lost its data (``reseed=True``)."""

    def seed(self, flags: FlagSet) -> None:
        """Put every flag of ``flags`` under a new epoch, unless somebody else did meanwhile."""
        ...


# -- what the stores of this process share -------------------------------------------------------


def check_expected(name: str, expect: int | None, current: int) -> None:
    """Refuse a write that was decided on another revision; ``current`` 0 means no such flag.

    :raises confkit.FlagConflict: when the flag stands elsewhere.
    """
    if expect is not None and expect != current:
        stands = f"is at revision {current}" if current else "does not exist"
        wanted = f"revision {expect}" if expect else "no such flag"
        raise FlagConflict(f"flag {name!r} {stands}, and the change expects {wanted}")


def timestamp() -> str:
    """Now, in UTC, as ISO 8601 with microseconds."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def copied(revision: Revision) -> Revision:
    """A revision whose documents belong to the caller."""
    old, new = (
        None if d is None else json.loads(json.dumps(d)) for d in (revision.old, revision.new)
    )
    return Revision(
        revision.name,
        revision.revision,
        revision.version,
        revision.at,
        revision.by,
        revision.reason,
        old,
        new,
    )
