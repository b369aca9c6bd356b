"""The loops that keep a copy of a store fresh, in threads that keep no client alive.

While they wait they hold a weak reference only: a client that is garbage ends its threads.
"""

from __future__ import annotations

import logging
import random
import threading
import time
import weakref
from collections.abc import Callable
from typing import Any, Protocol

from confkit.flags.stores.port import FlagSet, Hinting

log = logging.getLogger("confkit.flags")

#: The first and the last ceiling of the wait after a failure, in seconds.
BACKOFF = (0.1, 5.0)


class Following(Protocol):
    """A copy of a store, as the loops need it."""

    store: Any
    poll: float
    closed: bool
    failures: int
    tick: Callable[[], None]

    def attempt(self) -> None: ...
    def pause(self) -> float: ...
    def take_delay(self) -> float: ...
    def heard(self, answer: FlagSet | None = None, delay: float = 0.0) -> None: ...


Reference = weakref.ReferenceType[Following]


def announced(reference: Reference) -> Callable[[], None]:
    """A listener for a store of this process that keeps no client alive."""

    def listener() -> None:
        sync = reference()
        if sync is not None and not sync.closed:
            sync.attempt()

    return listener


def keep_fresh(
    reference: Reference, stop: threading.Event, wake: threading.Event, tried: threading.Event
) -> None:
    """Attempt again and again, at once after a hint; ends when the copy is garbage."""
    while not stop.is_set():
        sync = reference()
        if sync is None:
            break
        sync.attempt()
        tried.set()
        due, poll = time.monotonic() + sync.pause(), sync.poll
        del sync
        while (left := due - time.monotonic()) > 0 and not wake.wait(min(left, poll, 1.0)):
            sync = reference()
            if sync is None:
                break
            sync.tick()  # staleness grows while a back-off lasts
            del sync
        if wake.is_set() and not stop.is_set():
            wake.clear()
            sync = reference()
            delay = 0.0 if sync is None else sync.take_delay()
            del sync
            stop.wait(delay)
            wake.clear()
    stop.set()


def listen(reference: Reference, stop: threading.Event) -> None:
    """Pass on the hints of a store, and subscribe again when the connection is lost."""

    def wake(answer: FlagSet | None = None, delay: float = 0.0) -> None:
        sync = reference()
        if sync is not None:
            sync.heard(answer, delay)

    failures = 0
    while not stop.is_set():
        sync = reference()
        if sync is None:
            return
        store, poll = sync.store, sync.poll
        del sync
        assert isinstance(store, Hinting)
        begun = time.monotonic()
        try:
            store.hints(wake, stop)
        except Exception as error:
            failures = 1 if time.monotonic() - begun > BACKOFF[1] else failures + 1
            log.debug("flags: no hints from the store: %s", error)
        stop.wait(full_jitter(failures or 1))
        # The poll finds out when the store is back: one of us knocking is enough.
        while (sync := reference()) is not None and sync.failures:
            del sync
            if stop.wait(poll):
                return


def full_jitter(failures: int) -> float:
    """A wait drawn from nothing to a ceiling that doubles with every failure."""
    ceiling = min(BACKOFF[1], BACKOFF[0] * 2 ** min(failures - 1, 10))
    return random.uniform(0, ceiling)  # noqa: S311 - no secret
