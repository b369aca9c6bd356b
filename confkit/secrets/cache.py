"""Secrets kept for their time to live, refreshed by one request at a time behind the readers.

A reader never waits while there is a value that is fresh, or that a refresh is under way for. It
waits for the first request for a secret, and, up to ``PATIENCE``, for the refresh of one that
nobody has read for a while: what it would get otherwise could be of any age. The clock is the
monotonic one, so that setting the time of day changes nothing.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from confkit import clocks, forking
from confkit.background import start_thread
from confkit.errors import SecretDenied, SecretError, SecretNotFound, SecretUnavailable
from confkit.secrets.payload import Payload

K = TypeVar("K", bound=Hashable)
Fetched = Mapping[K, Payload | SecretError]

#: Seconds that a value may be past its time to live before readers wait for the refresh, and how
#: long they wait for it.
GRACE = 1.0
PATIENCE = 1.0
#: A request that has not ended after this many seconds is given up: another one is started.
ABANDONED = 30.0
#: Seconds until the next try after a failure: doubled each time, and with jitter. What only a
#: person can change is tried less often.
FIRST_PAUSE, LAST_PAUSE = 1.0, 60.0
SLOW_PAUSE = 30.0


@dataclass(frozen=True, slots=True)
class SecretStatus:
    """What is known of one secret; never its value.

    ``age`` is in seconds since it was asked for, ``retry_in`` until the next request; ``error`` is
    that of the last request, None when it went well.
    """

    name: str
    version: str | None
    age: float | None
    retry_in: float
    error: SecretError | None

    def named(self, name: str) -> SecretStatus:
        """The same under another name."""
        return replace(self, name=name)


class _Entry:
    __slots__ = ("asked", "due", "error", "failures", "forced", "good", "payload")

    def __init__(self) -> None:
        self.payload: Payload | None = None
        #: when the request that gave the payload was sent
        self.asked = 0.0
        #: until when readers take the payload and ask for nothing
        self.good = 0.0
        #: when the next request is sent
        self.due = 0.0
        self.error: SecretError | None = None
        self.failures = 0
        self.forced: float | None = None


class _Flight:
    """One request for some secrets, and those who wait for it."""

    __slots__ = ("done", "overdue", "started")

    def __init__(self, overdue: bool) -> None:
        self.done = threading.Event()
        self.started = time.monotonic()
        #: whether the values there are may be of any age
        self.overdue = overdue

    @property
    def age(self) -> float:
        return time.monotonic() - self.started


class Cache(Generic[K]):
    """Payloads by key, bounded, safe to use from any thread and after a fork.

    :param fetch: asks for several keys in one go; a SecretError for those that failed.
    :param ttl: seconds for which a value is fresh.
    :param max_stale: seconds after which a value is given to nobody, however long the failure.
    :param timeout: seconds that a reader without a value waits.
    :param pause: seconds between two forced refreshes of one secret.
    :param capacity: the most secrets kept.
    """

    def __init__(
        self,
        fetch: Callable[[Collection[K]], Fetched[K]],
        *,
        ttl: float = 300.0,
        max_stale: float = 86_400.0,
        timeout: float = 5.0,
        pause: float = 5.0,
        capacity: int = 1024,
        clock: Callable[[], float] = clocks.monotonic,
    ) -> None:
        if not (ttl > 0 and max_stale >= ttl and timeout > 0 and capacity > 0):
            raise ValueError("ttl, timeout and capacity are above 0, and max_stale is at least ttl")
        self._fetch = fetch
        self._ttl, self._max_stale = ttl, max_stale
        self._timeout, self._pause, self._capacity = timeout, pause, capacity
        self._clock = clock
        self._entries: dict[K, _Entry] = {}
        self.after_fork()
        forking.register(self)

    def after_fork(self) -> None:
        """Forget requests of the parent: their threads are not here."""
        self._lock = threading.RLock()  # as the interpreter ends, `_fly` runs in the reader
        self._flights: dict[K, _Flight] = {}

    def get(self, key: K) -> Payload:
        """The payload of a key.

        :raises SecretError: when there is none, or the last good one is older than ``max_stale``.
        """
        entry = self._entries.get(key)
        if entry is not None and self._clock() < entry.good and entry.payload is not None:
            return entry.payload
        found = self.get_many([key])[key]
        if isinstance(found, SecretError):
            raise found.with_traceback(None)
        return found

    def get_many(self, keys: Collection[K]) -> dict[K, Payload | SecretError]:
        """The payloads of several keys; those that are missing are asked for in one request."""
        flights = self._take_off(keys)
        for key, flight in flights.items():
            self._wait(key, flight)
        return {key: self._result(key) for key in keys}

    def refresh(self, key: K) -> bool:
        """Ask again now, in spite of the time to live; whether the version is another one.

        At most once in ``pause`` seconds a key: between, it waits for the request that is under
        way, and sends none.

        :raises SecretError: when the request failed.
        """
        before = self._entries.get(key)
        old = before.payload.version if before is not None and before.payload else None
        now = self._clock()
        with self._lock:
            entry = self._entries.setdefault(key, _Entry())
            if entry.forced is not None and now - entry.forced < self._pause:
                flight = self._flights.get(key)
            else:
                entry.forced = now
                # Not the request that is under way: it may have been sent before the rotation.
                flight = self._start([key], overdue=True)
        if flight is not None:
            flight.done.wait(self._timeout)
            if entry.error is not None:
                raise entry.error.with_traceback(None)
        return entry.payload is not None and entry.payload.version != old

    def status(self, key: K, name: str) -> SecretStatus:
        """What is known of a key, called ``name``."""
        entry = self._entries.get(key) or _Entry()
        now = self._clock()
        payload = entry.payload
        return SecretStatus(
            name,
            payload.version if payload else None,
            now - entry.asked if payload else None,
            max(0.0, entry.due - now),
            entry.error,
        )

    def keys(self) -> list[K]:
        """The keys that were asked for."""
        return list(self._entries)

    # -- requests ---------------------------------------------------------------------------------

    def _take_off(self, keys: Collection[K]) -> dict[K, _Flight]:
        """The requests that have to be waited for, or watched; missing ones are started."""
        now = self._clock()
        flights: dict[K, _Flight] = {}
        with self._lock:
            missing = []
            overdue = False
            for key in keys:
                entry = self._entries.get(key)
                if entry is not None and now < entry.due:
                    continue
                flight = self._flights.get(key)
                if flight is None or flight.age > ABANDONED:
                    missing.append(key)
                    overdue |= entry is None or now - entry.due > GRACE
                else:
                    flights[key] = flight
            if missing:
                flights |= dict.fromkeys(missing, self._start(missing, overdue))
        return flights

    def _start(self, keys: list[K], overdue: bool) -> _Flight:
        """Send a request; the caller holds the lock."""
        flight = _Flight(overdue)
        # A thread for each: it lives as long as one request, and a fork leaves none behind.
        thread = start_thread("confkit-secrets", self._fly, keys, flight)
        for key in keys:  # only now: a thread that cannot be started would never land
            self._flights[key] = flight
        if thread is None:
            self._fly(keys, flight)
        return flight

    def _fly(self, keys: list[K], flight: _Flight) -> None:
        asked = self._clock()
        found: Fetched[K] = {}
        try:
            found = self._fetch(keys)
        except SecretError as error:
            found = dict.fromkeys(keys, error)
        except Exception as error:  # by its kind only: it may quote the answer
            kind = type(error).__name__
            found = dict.fromkeys(keys, SecretError(f"the request failed with {kind}"))
        finally:
            with self._lock:
                for key in keys:
                    self._land(key, found.get(key), asked)
                    if self._flights.get(key) is flight:
                        del self._flights[key]
                self._make_room()
            flight.done.set()

    def _land(self, key: K, found: Payload | SecretError | None, asked: float) -> None:
        entry = self._entries.setdefault(key, _Entry())
        if entry.payload is not None and entry.asked > asked:
            return  # a request that was sent later has been answered before
        if isinstance(found, Payload):
            entry.payload, entry.asked = found, asked
            entry.good = entry.due = asked + self._ttl
            entry.error, entry.failures = None, 0
            return
        entry.error = found or SecretUnavailable("the request gave no answer for this secret")
        entry.failures += 1
        entry.due = self._clock() + self._next_pause(entry)
        entry.good = min(entry.due, entry.asked + self._max_stale)

    def _next_pause(self, entry: _Entry) -> float:
        pause = min(LAST_PAUSE, FIRST_PAUSE * 2.0 ** min(entry.failures - 1, 10))
        if entry.payload is not None and isinstance(entry.error, SecretDenied | SecretNotFound):
            pause = max(pause, SLOW_PAUSE)
        return pause * random.uniform(0.5, 1.0)  # noqa: S311 - spreads requests, guards nothing

    def _make_room(self) -> None:
        while len(self._entries) > self._capacity:
            idle = [key for key in self._entries if key not in self._flights]
            if not idle:
                return
            del self._entries[min(idle, key=lambda key: self._entries[key].asked)]

    # -- readers ----------------------------------------------------------------------------------

    def _wait(self, key: K, flight: _Flight) -> None:
        entry = self._entries.get(key)
        if entry is None or entry.payload is None or self._too_old(entry):
            flight.done.wait(max(0.0, self._timeout - flight.age))
        elif flight.overdue and entry.error is None:
            flight.done.wait(max(0.0, PATIENCE - flight.age))

    def _too_old(self, entry: _Entry) -> bool:
        return self._clock() - entry.asked > self._max_stale

    def _result(self, key: K) -> Payload | SecretError:
        entry = self._entries.get(key)
        if entry is None or entry.payload is None:
            timed_out = f"no answer within {self._timeout:g} s"
            return (entry.error if entry else None) or SecretUnavailable(timed_out)
        if not self._too_old(entry):
            return entry.payload
        age = f"the last good value is older than {self._max_stale:g} s"
        if entry.error is None:
            return SecretUnavailable(f"no answer within {self._timeout:g} s, and {age}")
        return type(entry.error)(f"{entry.error}, and {age}")
