"""Flags in this process: the reference that every other store is measured by."""

from __future__ import annotations

import json
import threading
import uuid
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from confkit import forking
from confkit.errors import FlagConflict
from confkit.flags.rules.literals import Document
from confkit.flags.stores.port import (
    FlagSet,
    Revision,
    Stored,
    Version,
    Wanted,
    check_base,
    check_expected,
    copied,
    once_each,
    timestamp,
)

#: How many changes are kept on record.
RECORDS = 10_000


class MemoryStore:
    """Flags in memory, for tests and for programs of one process.

    Documents are kept as JSON text: what a caller does to a document afterwards, or to one that
    it was given, changes nothing here.

    :param documents: flags to start with, by name.
    """

    def __init__(self, documents: dict[str, Document] | None = None) -> None:
        self._epoch = uuid.uuid4().hex
        self._number = 0
        self._flags: dict[str, str] = {}
        self._revisions: dict[str, int] = {}  # of deleted flags too: a number never comes twice
        self._changed: dict[str, int] = {}  # the version number of each flag's last change
        self._records: deque[Revision] = deque(maxlen=RECORDS)
        self._listeners: list[Callable[[], None]] = []
        self._lock = threading.Lock()
        forking.register(self)
        for name, document in (documents or {}).items():
            self.write(name, document, expect=0, by="", reason="initial")

    def after_fork(self) -> None:
        """Make the lock anew in a forked child."""
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"<MemoryStore: {len(self._flags)} flags>"

    def read(self, known: Version | None = None) -> FlagSet | None:
        """Every flag, or None when nothing changed since ``known``."""
        with self._lock:
            version = Version(self._epoch, self._number)
            if known == version:
                return None
            found = [
                (name, text, self._revisions[name], self._changed[name])
                for name, text in self._flags.items()
            ]
            deleted = {n: v for n, v in self._changed.items() if n not in self._flags}
        flags = {
            name: Stored(json.loads(text), revision, changed=changed)
            for name, text, revision, changed in found
        }
        return FlagSet(version, flags, deleted)

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
        """Put or delete one flag; see :class:`confkit.flags.stores.port.Store`."""
        return self.write_all([(name, document, expect)], by=by, reason=reason, base=base)[0]

    def write_all(
        self, changes: Sequence[Wanted], *, by: str, reason: str, base: Version | None = None
    ) -> list[Revision]:
        """Put or delete several flags in one step: all of them, or none."""
        wanted = [
            (name, None if document is None else json.dumps(dict(document)), expect)
            for name, document, expect in once_each(changes)
        ]
        with self._lock:
            check_base(base, Version(self._epoch, self._number))
            for name, new, expect in wanted:
                there = name in self._flags
                check_expected(name, expect, self._revisions[name] if there else 0)
                if new is None and not there:
                    raise FlagConflict(f"flag {name!r} does not exist")
            made = [self._put(name, new, by, reason) for name, new, _ in wanted]
            listeners = tuple(self._listeners)
        for listener in listeners:
            listener()
        return [copied(revision) for revision in made]

    def _put(self, name: str, new: str | None, by: str, reason: str) -> Revision:
        old = self._flags.get(name)
        self._number += 1
        self._revisions[name] = self._revisions.get(name, 0) + 1
        self._changed[name] = self._number
        if new is None:
            del self._flags[name]
        else:
            self._flags[name] = new
        revision = Revision(
            name=name,
            revision=self._revisions[name],
            version=Version(self._epoch, self._number),
            at=timestamp(),
            by=by,
            reason=reason,
            old=_loaded(old),
            new=_loaded(new),
        )
        self._records.append(revision)
        return revision

    def history(self, name: str | None = None, *, limit: int = 100) -> list[Revision]:
        """Changes, newest first, of one flag or of all."""
        with self._lock:
            records = list(self._records)
        chosen = (r for r in reversed(records) if name is None or r.name == name)
        return [copied(r) for r, _ in zip(chosen, range(limit), strict=False)]

    def announce(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Have ``listener`` called after every change, in the writer's thread; undone by calling.

        With it a client needs no thread of its own to see changes at once.
        """
        with self._lock:
            self._listeners.append(listener)

        def undo() -> None:
            with self._lock:
                if listener in self._listeners:
                    self._listeners.remove(listener)

        return undo


def _loaded(text: str | None) -> Any:
    return None if text is None else json.loads(text)
