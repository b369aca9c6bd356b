"""Stores that misbehave on demand."""

from __future__ import annotations

import threading

from confkit.errors import StoreUnavailable
from confkit.flags.stores.memory import MemoryStore


class Distant:
    """A memory store as if it were far away: no call-backs, and outages when told."""

    def __init__(self, documents=None):
        self.inner = MemoryStore(documents)
        self.down = False
        self.fault: Exception = StoreUnavailable("no answer")
        self.reads = 0
        self.gate: threading.Event | None = None

    def _check(self):
        if self.down:
            raise self.fault

    def read(self, known=None):
        self.reads += 1
        if self.gate is not None:
            self.gate.wait(10)
        self._check()
        return self.inner.read(known)

    def write(self, name, document, *, expect, by, reason, base=None):
        self._check()
        return self.inner.write(name, document, expect=expect, by=by, reason=reason, base=base)

    def history(self, name=None, *, limit=100):
        self._check()
        return self.inner.history(name, limit=limit)


class Calling(Distant):
    """One that also sends hints."""

    def __init__(self, documents=None):
        super().__init__(documents)
        self.subscriptions = 0
        self.changed = threading.Event()
        self.broken = False

    def hints(self, wake, stop):
        self.subscriptions += 1
        wake()
        while not stop.wait(0.005):
            if self.broken:
                self.broken = False
                raise StoreUnavailable("the connection is gone")
            if self.changed.is_set():
                self.changed.clear()
                wake()


class Seeding(Distant):
    """One that can be filled again."""

    def __init__(self, documents=None):
        super().__init__(documents)
        self.seeded = []

    def seed(self, flags, seen):
        self.seeded.append(flags)
        return False


class Moving(Distant):
    """One that can be confirmed, and changes each time somebody is about to."""

    def __init__(self, documents=None):
        super().__init__(documents)
        self.moves = []
        self.confirmed = []

    def confirm(self, seen, *, by, reason):
        if self.moves:
            self.inner = self.moves.pop()
            return False
        self.confirmed.append((seen, by, reason))
        return seen == self.inner.read().version


def threads():
    """The names of the threads that keep copies fresh now."""
    return [t.name for t in threading.enumerate() if t.name.startswith("confkit-flags")]
