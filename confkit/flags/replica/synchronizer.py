"""Keeping a view of a store fresh, for any store.

A poll is the guarantee and hints are only hints: one thread reads every second, give or take a
fifth, and at once when a second thread, for stores that can call out, hears of a change. After a
failure it waits by full jitter, 0.1 to 5 seconds, and what was last believed stands. A store of
this process that calls back needs no thread at all.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from confkit import clocks, forking
from confkit.errors import StoreDenied, StoreError, StoreUnavailable
from confkit.flags.replica import backup
from confkit.flags.replica.quarantine import doubt
from confkit.flags.replica.status import Status
from confkit.flags.replica.view import View, build, from_documents
from confkit.flags.rules.literals import Document
from confkit.flags.rules.model import Rule
from confkit.flags.stores.port import Announcing, FlagSet, Hinting, Seeding, Store, Stored, Version

log = logging.getLogger("confkit.flags")

#: How far a poll may be off its second, so that many processes do not ask in step.
JITTER = 0.2
#: How long hints are collected before one read answers all of them.
COALESCE = 0.01
#: The first and the last ceiling of the wait after a failure, in seconds.
BACKOFF = (0.1, 5.0)
#: The wait after a wrong user or password, which no repetition puts right: servers lock users out.
DENIED = (5.0, 10.0)
#: How many records are searched for the deletion of flags that are gone.
RECORDS = 10_000


class Synchronizer:
    """One client's copy of a store, and the threads that keep it fresh.

    ``adopt(before, view)`` is called, one call at a time, after every change of ``view``;
    ``tick()`` after every attempt and at least once a second while threads run.
    """

    def __init__(
        self,
        store: Store,
        adopt: Callable[[View, View], None],
        tick: Callable[[], None],
        *,
        background: bool = True,
        poll: float = 1.0,
        start_timeout: float = 1.0,
        backup: str | Path | None = None,
        bootstrap: Mapping[str, Document] | None = None,
        fail_fast: bool = False,
        reseed: bool = False,
        clock: Callable[[], float] = clocks.time,
        monotonic: Callable[[], float] = clocks.monotonic,
    ) -> None:
        self.view = View()
        self.quarantine = ""
        self.last_error = ""
        self.failures = 0
        self.closed = False
        #: The rule that this client writes or wrote last: its document is not validated again.
        self.made: Rule | None = None
        self._refused: type[StoreError] = StoreUnavailable  # what the last failure was
        self._store = store
        self._adopt = adopt
        self._tick = tick
        self._threaded = background and not isinstance(store, Announcing)
        self._poll = poll
        self._start_timeout = start_timeout
        self._backup = None if backup is None else Path(backup)
        self._bootstrap = dict(bootstrap or {})
        self._fail_fast = fail_fast
        self._reseed = reseed
        self._clock = clock
        self._monotonic = monotonic
        self._seen: Version | None = None  # also of answers that were not believed
        self._doubted: FlagSet | None = None
        self._confirmed: float | None = None
        self._denied = False
        self._silenced: Callable[[], None] | None = None
        self.after_fork()
        forking.register(self)

    def after_fork(self) -> None:
        """Make locks and events anew; the threads stayed in the parent."""
        self._lock = threading.RLock()
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._tried = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Load the first view: the backup and the bundled flags aside, then the store.

        :raises confkit.StoreError: with ``fail_fast``, when the store gives no answer in time.
        """
        with self._lock:
            self._start_aside()
        if isinstance(self._store, Announcing):
            self._silenced = self._store.announce(self._announced)
        if self._threaded:
            self.ensure_running()
            self._tried.wait(self._start_timeout)
        else:
            self._attempt()
        if self._fail_fast and self._confirmed is None:
            self.close()
            said = self.last_error or "no answer in time"
            raise self._refused(f"no flags at the start: {said}")

    def _start_aside(self) -> None:
        """What stands until the store answers, and what its first answer is judged against."""
        sets: list[FlagSet] = []
        if self._backup is not None:
            try:
                sets = backup.load(self._backup)
            except StoreError as error:
                log.warning("flags: the backup is not used: %s", error)
        if sets:
            self._take(build(sets[0], source="backup", clock=self._clock))
        elif self._bootstrap:
            self._take(
                build(from_documents(self._bootstrap), source="bootstrap", clock=self._clock)
            )

    def ensure_running(self) -> None:
        """Start the threads if they are wanted and not running in this process."""
        if not self._threaded or self.closed:
            return
        with self._lock:
            if self._threads:
                return
            work: list[Callable[[], None]] = [self._run]
            if isinstance(self._store, Hinting):
                work.append(self._listen)
            for number, target in enumerate(work):
                name = f"confkit-flags-{('poll', 'hints')[number]}"
                thread = threading.Thread(target=target, name=name, daemon=True)
                self._threads.append(thread)
                thread.start()

    def refresh(self) -> None:
        """Read the store now, in the calling thread.

        :raises confkit.StoreError: when it gives no answer; what was believed stands.
        """
        with self._lock:
            try:
                answer = self._store.read(self._seen)
            except StoreError as error:
                self._failed(error)
                raise
            if answer is not None:
                self._judge(answer)
                self._seen = answer.version
            if not self._doubted:
                self._confirmed = self._monotonic()
            self.failures = 0
            self.last_error = ""
        self._tick()

    def confirm(self) -> bool:
        """Believe the answer that stands in quarantine; False when there is none."""
        with self._lock:
            answer = self._doubted
            if answer is None:
                return False
            self._believe(answer)
            self._confirmed = self._monotonic()
        self._tick()
        return True

    @property
    def staleness(self) -> float | None:
        """Seconds since the store last confirmed what is believed; None when it never did."""
        confirmed = self._confirmed
        return None if confirmed is None else max(0.0, self._monotonic() - confirmed)

    def status(self, stale: tuple[str, ...], dropped: int) -> Status:
        """How the client stands towards its store; the client counts what it answers itself."""
        view = self.view
        return Status(
            version=view.answer.version,
            source=view.source,
            staleness=self.staleness,
            flags=len(view.flags),
            last_error=self.last_error,
            failures=self.failures,
            quarantine=self.quarantine,
            errors=dict(view.errors),
            stale=stale,
            dropped_exposures=dropped,
        )

    def close(self) -> None:
        """Stop the threads; what was last believed goes on being answered."""
        self.closed = True
        self._stop.set()
        self._wake.set()
        if self._silenced is not None:
            self._silenced()
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join(timeout=5)

    def _judge(self, answer: FlagSet) -> None:
        held = self.view
        reason = doubt(held, answer, lambda: self._store.history(limit=RECORDS))
        if reason is None:
            self._believe(answer)
            return
        if reason != self.quarantine:
            log.warning("flags: an answer of the store is not believed: %s", reason)
        self.quarantine = reason
        self._doubted = answer
        if self._reseed and held.source != "bootstrap" and isinstance(self._store, Seeding):
            self._store.seed(self._good())

    def _believe(self, answer: FlagSet) -> None:
        self.quarantine = ""
        self._doubted = None
        held, now = self.view.answer.version, answer.version
        if held.epoch and (held.epoch != now.epoch or now.number < held.number):
            log.warning("flags: the store went from %s to %s; its flags are followed", held, now)
        view = build(answer, self.view, clock=self._clock, made=self.made)
        for name in view.errors.keys() - self.view.errors.keys():
            log.warning("flags: %s; the last good rule stands", view.errors[name])
        self._take(view)
        if self._backup is not None:
            try:
                backup.save(self._backup, self._good())
            except StoreError as error:
                log.warning("flags: no backup written: %s", error)

    def _take(self, view: View) -> None:
        before, self.view = self.view, view
        self._adopt(before, view)

    def _good(self) -> FlagSet:
        """What is believed, as a set: the last good documents under the version answered."""
        flags = {
            name: Stored(flag.rule.as_document(), flag.revision or 0)
            for name, flag in self.view.flags.items()
        }
        return FlagSet(self.view.answer.version, flags)

    def _failed(self, error: Exception) -> None:
        self._denied = isinstance(error, StoreDenied)
        self._refused = type(error) if isinstance(error, StoreError) else StoreError
        said = f"{type(error).__name__}: {error}"
        if said != self.last_error:
            log.warning("flags: the store gives no answer, the last good flags stand: %s", said)
        self.last_error = said
        self.failures += 1

    def _announced(self) -> None:
        if not self.closed:
            self._attempt()

    def _attempt(self) -> None:
        try:
            self.refresh()
        except StoreError:
            self._tick()  # on record in last_error
        except Exception as error:
            # A fault of a store must not end the thread: that would be silence for ever.
            log.exception("flags: reading the store failed")
            self._failed(error)
            self._tick()

    def _run(self) -> None:
        stop, wake, tried = self._stop, self._wake, self._tried
        while not stop.is_set():
            self._attempt()
            tried.set()
            due = time.monotonic() + self._wait()
            while (left := due - time.monotonic()) > 0 and not wake.wait(min(left, self._poll)):
                self._tick()  # staleness grows while a back-off lasts
            if wake.is_set() and not stop.is_set():
                stop.wait(COALESCE)
                wake.clear()

    def _wait(self) -> float:
        if self.failures:
            if self._denied:
                return random.uniform(*DENIED)  # noqa: S311 - no secret
            return full_jitter(self.failures)
        return self._poll * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - no secret

    def _listen(self) -> None:
        store, stop, wake = self._store, self._stop, self._wake
        assert isinstance(store, Hinting)
        failures = 0
        while not stop.is_set():
            begun = time.monotonic()
            try:
                store.hints(wake.set, stop)
            except Exception as error:
                failures = 1 if time.monotonic() - begun > BACKOFF[1] else failures + 1
                log.debug("flags: no hints from the store: %s", error)
            stop.wait(full_jitter(failures or 1))
            while self.failures and not stop.wait(self._poll):
                pass  # the poll finds out when the store is back: one of us knocking is enough


def full_jitter(failures: int) -> float:
    """A wait drawn from nothing to a ceiling that doubles with every failure."""
    ceiling = min(BACKOFF[1], BACKOFF[0] * 2 ** min(failures - 1, 10))
    return random.uniform(0, ceiling)  # noqa: S311 - no secret
