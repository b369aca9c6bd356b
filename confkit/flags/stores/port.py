"""The port to wherever flags live: three verbs, and a fourth for stores that can call out.

A store keeps documents, not opinions: what a rule means is the model's business, what to believe
of an answer is the client's. Every store passes ``pytest_confkit.contracts.StoreContract``.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, NamedTuple, Protocol, runtime_checkable

from confkit.errors import FlagConflict, InvalidFlag, Problem, StoreDoubted
from confkit.flags.rules.literals import Document
from confkit.flags.rules.model import check_name


class Version(NamedTuple):
    """Which state a store is in; compared with ``!=`` only, since a server may lose the newest.

    ``epoch`` names the data set, ``number`` grows with every change of it, and ``digest`` sums up
    the content where the store keeps one: two branches of one epoch may reach one number.
    """

    epoch: str
    number: int
    digest: int = 0


#: The version of whoever knows nothing; no store is ever at it.
UNKNOWN = Version("", -1)


@dataclass(frozen=True, slots=True)
class Stored:
    """One flag as stored: its document, its revision (from 1), and why it cannot be a rule.

    Where there is an ``error``, the document is what can be read of it, if anything can.
    ``changed`` is the number of the version of its last change, 0 where the store counts none;
    ``digest`` sums up the document where the store keeps one.
    """

    document: Document | None
    revision: int
    error: str = ""
    changed: int = 0
    digest: int = 0

    def same(self, other: Stored) -> bool:
        """Whether both hold the same document, whatever their revisions."""
        if self.digest and other.digest:
            return self.digest == other.digest and self.error == other.error
        return self.document == other.document and self.error == other.error


@dataclass(frozen=True, slots=True)
class FlagSet:
    """Every flag of a store at one moment.

    :param deleted: the newest deletions, by name: the number of the version of each.
    :param floor: deletions up to this version may be missing in ``deleted``.
    :param confirmed: somebody accepted this epoch in place of the one before.
    :param damage: how the store contradicts itself; empty, if it does not.
    :param base: the version that ``changed`` is measured from; None where it is not known.
    :param changed: the names of all flags that differ from those at ``base``, deleted ones too.
    """

    version: Version
    flags: Mapping[str, Stored] = field(default_factory=dict)
    deleted: Mapping[str, int] = field(default_factory=dict)
    floor: int = 0
    confirmed: bool = False
    damage: str = ""
    base: Version | None = None
    changed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Revision:
    """One change on record: who, when (UTC, ISO 8601), why, old and new; ``new`` None: deleted.

    Where ``omitted`` is not empty, a document was too large to be kept, and is None.
    """

    name: str
    revision: int
    version: Version
    at: str
    by: str
    reason: str
    old: Document | None
    new: Document | None
    omitted: str = ""

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


#: One change: a name, a document (None deletes), and the revision the flag must be at (None: any).
Wanted = tuple[str, Document | None, int | None]


@runtime_checkable
class Store(Protocol):
    """Where flags live.

    Every verb raises :class:`confkit.StoreError` or a subclass, never a library's own error.
    """

    def read(self, known: Version | None = None) -> FlagSet | None:
        """Every flag, or None when the store is still at ``known``.

        Without ``known`` the documents are the caller's own; with it they are not to be changed.
        """
        ...

    def write(
        self,
        name: str,
        document: Document | None,
        *,
        expect: int | None,
        by: str,
        reason: str,
        base: Version | None = None,
    ) -> Revision:
        """Put ``document`` (None deletes) if the flag is at revision ``expect``.

        ``expect`` 0 means "does not exist yet"; None writes whatever the revision is. A deleted
        flag that comes back goes on counting where it ended. ``base`` is the version that the
        change was decided on: a store of another epoch, or one that went back behind it, refuses.

        :raises confkit.FlagConflict: when the flag is at another revision.
        :raises confkit.StoreDoubted: when the store is not the one of ``base``.
        """
        ...

    def history(self, name: str | None = None, *, limit: int = 100) -> list[Revision]:
        """Changes, newest first, of one flag or of all."""
        ...


class Wake(Protocol):
    """Called at a sign of change.

    ``answer`` is the new state where the sign carried it; else the store is to be read after
    ``delay`` seconds, which keeps many clients from reading in step.
    """

    def __call__(self, answer: FlagSet | None = None, delay: float = 0.0) -> None: ...


@runtime_checkable
class Hinting(Protocol):
    """A store that can say when to look again. Hints may be lost; the client polls anyway."""

    def hints(self, wake: Wake, stop: threading.Event) -> None:
        """Call ``wake`` at every sign of change until ``stop`` is set; runs in its own thread.

        Raises when the connection is lost: the caller waits with a jittered back-off and calls
        again. ``wake`` is called on every (re)subscription, since signs in between were lost.
        """
        ...


@runtime_checkable
class Answering(Protocol):
    """A store whose answers come in parts. ``last_reply`` is when the last part came.

    By ``time.monotonic``; 0 while there was none.
    """

    last_reply: float


@runtime_checkable
class Announcing(Protocol):
    """A store of this process that calls back after each change, in the writer's thread."""

    def announce(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Have ``listener`` called after every change, until what is returned is called."""
        ...


@runtime_checkable
class WritingAll(Protocol):
    """A store that makes several changes in one step: all of them, or none."""

    def write_all(
        self, changes: Sequence[Wanted], *, by: str, reason: str, base: Version | None = None
    ) -> list[Revision]:
        """Put or delete flags, each under the rules of ``write``; a flag may come once."""
        ...


@runtime_checkable
class Seeding(Protocol):
    """A store that a client may fill again after the store lost data (``reseed=True``)."""

    def seed(self, flags: FlagSet, seen: Version) -> bool:
        """Put every flag of ``flags``, each with the version of its own last change.

        False when the store is not at ``seen`` any more, or holds later changes: read it again.
        """
        ...


@runtime_checkable
class Confirming(Protocol):
    """A store that can tell every client that what it holds is right."""

    def confirm(self, seen: Version, *, by: str, reason: str) -> bool:
        """Accept the content at ``seen`` for all clients; False when it is not there any more."""
        ...


# -- what the stores of this process share -------------------------------------------------------


def check_expected(name: str, expect: int | None, current: int) -> None:
    """Refuse a write that was decided on another revision; ``current`` 0 means no such flag.

    :raises confkit.FlagConflict: when the flag is at another revision.
    """
    if expect is not None and expect != current:
        place = f"is at revision {current}" if current else "does not exist"
        wanted = f"revision {expect}" if expect else "no such flag"
        raise FlagConflict(f"flag {name!r} {place}, and the change expects {wanted}")


def once_each(changes: Iterable[Wanted]) -> Iterator[Wanted]:
    """The changes of one step as they are.

    :raises confkit.InvalidFlag: for a name that cannot be one, and for a flag that comes twice.
    """
    seen = set()
    for change in changes:
        name = check_name(change[0])
        if name in seen:
            raise InvalidFlag(name, [Problem("", "is changed twice in one step")])
        seen.add(name)
        yield change


def check_base(base: Version | None, current: Version) -> None:
    """Refuse a write that was decided on another store, or on a later state of it.

    :raises confkit.StoreDoubted: when ``current`` is not a state after ``base``.
    """
    if base is None or not base.epoch:
        return
    if base.epoch != current.epoch:
        raise StoreDoubted("the store is another one than the change was decided on")
    if base.number > current.number:
        raise StoreDoubted("the store lost changes that the change was decided on")


def timestamp() -> str:
    """Now, in UTC, as ISO 8601 with microseconds."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def copied(revision: Revision) -> Revision:
    """A revision whose documents belong to the caller."""
    old, new = (
        None if d is None else json.loads(json.dumps(d)) for d in (revision.old, revision.new)
    )
    return replace(revision, old=old, new=new)
