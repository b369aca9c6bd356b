"""Keeping a view of a store fresh, for any store.

A poll is the guarantee and hints are only hints: one thread reads every second, give or take a
fifth, and at once when a second thread, for stores that can call out, hears of a change. After a
failure it waits by full jitter, 0.1 to 5 seconds, and what was last believed stands. A store of
this process that calls back needs no thread at all.
"""

from __future__ import annotations

import contextlib
import logging
import random
import threading
import time
import weakref
from collections.abc import Callable, Mapping
from pathlib import Path

from confkit import clocks, forking
from confkit.background import start_thread
from confkit.errors import StoreDenied, StoreError, StoreReadOnly, StoreUnavailable
from confkit.flags.replica.copy import Copy
from confkit.flags.replica.status import Status
from confkit.flags.replica.threads import announced, full_jitter, keep_fresh, listen
from confkit.flags.replica.view import View
from confkit.flags.rules.literals import Document
from confkit.flags.stores.port import (
    Announcing,
    Answering,
    Confirming,
    FlagSet,
    Hinting,
    Seeding,
    Store,
)

log = logging.getLogger("confkit.flags")

#: How far a poll may be off its second, so that many processes do not ask in step.
JITTER = 0.2
#: How long hints are collected before one read answers all of them.
COALESCE = 0.01
#: The wait after a wrong user or password, which no repetition puts right: servers lock users out.
DENIED = (5.0, 10.0)
#: How long several clients that would fill a store again wait for each other, at most, in seconds.
SPREAD = 1.0
#: How long closing waits for threads that are inside somebody's callback, in seconds.
CLOSING = 0.8
#: How often a store is read again that changes while it is confirmed.
LOOKS = 10
#: How often the start looks whether the store still answers, in seconds.
LOOK = 0.02


class Synchronizer:
    """One client's copy of a store, and the threads that keep it fresh.

    ``adopt(before, view, names)`` is called, one call at a time, after every change of ``view``;
    ``tick()`` after every attempt and at least once a second while threads run. The threads hold
    no reference to the client while they wait: one that is garbage ends them.
    """

    def __init__(
        self,
        store: Store,
        adopt: Callable[[View, View, frozenset[str]], None],
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
        self.copy = Copy(
            adopt,
            backup=None if backup is None else Path(backup),
            bootstrap=dict(bootstrap or {}),
            clock=clock,
        )
        self.last_error = ""
        self.failures = 0
        self.closed = False
        self._refused: type[StoreError] = StoreUnavailable  # what the last failure was
        self.store = store
        self.tick = tick
        self._threaded = background and not isinstance(store, Announcing)
        self.poll = poll
        self._start_timeout = start_timeout
        self._fail_fast = fail_fast
        self._reseed = reseed
        self._reseed_due: float | None = None
        self._monotonic = monotonic
        self._confirmed: float | None = None
        self._denied = False
        self._judging = False
        self._silenced: Callable[[], None] | None = None
        self.after_fork()
        forking.register(self)

    def after_fork(self) -> None:
        """Make locks and events anew; the threads stayed in the parent."""
        self._lock = threading.RLock()
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._delay = 0.0
        self._tried = threading.Event()
        self._threads: list[threading.Thread] = []

    @property
    def view(self) -> View:
        """What is believed of the store now."""
        return self.copy.view

    def start(self) -> None:
        """Load the first view: the backup and the bundled flags aside, then the store.

        :raises confkit.StoreError: with ``fail_fast``, when the store is silent for too long.
        """
        with self._lock:
            self.copy.begin()
        if isinstance(self.store, Announcing):
            self._silenced = self.store.announce(announced(weakref.ref(self)))
        if self._threaded:
            self.ensure_running()
            self._await_first()
        else:
            self.attempt()
        if self._fail_fast and self._confirmed is None:
            self.close()
            reason = self.last_error or "no answer in time"
            raise self._refused(f"no flags at the start: {reason}")

    def _await_first(self) -> None:
        """Wait until the first attempt is over, or the store is silent for too long.

        A long answer is no silence: what counts is the time since the last reply.
        """
        last = time.monotonic()
        while not self._tried.wait(min(LOOK, self._start_timeout)):
            now = time.monotonic()
            if self._judging:
                last = now
            if isinstance(self.store, Answering):
                last = max(last, self.store.last_reply)
            if now - last >= self._start_timeout:
                return

    def ensure_running(self) -> None:
        """Start the threads if they are wanted and not running in this process."""
        if not self._threaded or self.closed:
            return
        with self._lock:
            if self._threads:
                return
            given = (weakref.ref(self), self._stop)
            work = [(keep_fresh, "poll", (*given, self._wake, self._tried))]
            if isinstance(self.store, Hinting):
                work.append((listen, "hints", given))  # type: ignore[arg-type]
            for target, name, arguments in work:
                thread = start_thread(f"confkit-flags-{name}", target, *arguments)
                if thread is None:  # the interpreter ends: read once, here
                    with contextlib.suppress(StoreError):
                        self.refresh()
                    self._tried.set()
                    return
                self._threads.append(thread)

    def refresh(self) -> None:
        """Read the store now, in the calling thread.

        :raises confkit.StoreError: when it gives no answer; what was believed stays.
        """
        with self._lock:
            try:
                answer = self.store.read(self.copy.belief.seen)
            except StoreError as error:
                self._failed(error)
                raise
            self._answered(answer)
            if self._reseed and self.copy.in_doubt and self._reseeding_is_due():
                self._fill()
        self.tick()

    def _answered(self, answer: FlagSet | None) -> None:
        if answer is not None:
            self._judging = True
            try:
                self.copy.take(answer)
            finally:
                self._judging = False
        if not self.copy.belief.reason:
            self._confirmed = self._monotonic()
        if not self.copy.in_doubt:
            self._reseed_due = None
        self.failures = 0
        self.last_error = ""

    def heard(self, answer: FlagSet | None = None, delay: float = 0.0) -> None:
        """Take a hint: the answer itself, or that the store is to be read after ``delay``."""
        if answer is not None:
            with self._lock:
                # Of an answer that skips one, what it skipped is not known.
                if fits := answer.base == self.copy.belief.seen and not self.copy.in_doubt:
                    self._answered(answer)
            if fits:
                self.tick()
                return
        self._delay = delay
        self._wake.set()

    def _reseeding_is_due(self) -> bool:
        # Many clients see the same loss: the first that fills the store spares the others the work.
        now = time.monotonic()
        if self._reseed_due is None:
            wait = SPREAD if self._threaded else 0.0
            self._reseed_due = now + random.uniform(0, wait)  # noqa: S311 - no secret
            self._delay = self._reseed_due - now
            if self._threaded:
                self._wake.set()
        return now >= self._reseed_due

    def _fill(self) -> bool:
        store = self.store
        if not isinstance(store, Seeding) or self.copy.belief.bundled:
            return False
        if not store.seed(self.copy.good(), self.copy.belief.seen):
            return False
        log.warning("flags: the store was filled again with what this client holds")
        self._answered(store.read(self.copy.belief.seen))
        return True

    def reseed(self) -> bool:
        """Put back what this client holds where the store lost it; False where it cannot be.

        :raises confkit.StoreError: when the store cannot be written.
        """
        self.refresh()
        with self._lock:
            done = self.copy.in_doubt and self._fill()
        self.tick()
        return done

    def confirm(self, by: str, reason: str) -> bool:
        """Believe what the store holds, here and in every other client; False: nothing to do.

        :raises confkit.StoreError: when the store cannot be read, or changes all the time.
        """
        with self._lock:
            doubted = self.copy.in_doubt
            # What was seen last may be the past: a store that was emptied is written again.
            if doubted and not any(self._confirmed_now(by, reason) for _ in range(LOOKS)):
                raise StoreError(f"the store changed {LOOKS} times meanwhile: confirm it again")
        self.tick()
        return doubted

    def _confirmed_now(self, by: str, reason: str) -> bool:
        """Confirm what the store holds now; False where it changed in between."""
        store, told = self.store, False
        self._answered(store.read(self.copy.belief.seen))
        if not self.copy.in_doubt:
            return True  # it is whole again
        if isinstance(store, Confirming):
            try:
                told = store.confirm(self.copy.belief.seen, by=by, reason=reason)
            except (StoreReadOnly, StoreDenied) as error:
                log.warning("flags: confirmed for this client only: %s", error)
        later = store.read(self.copy.belief.seen)
        if told or later is None:
            self.copy.accept()
            self._confirmed = self._monotonic()
        self._answered(later)
        return told or later is None

    @property
    def staleness(self) -> float | None:
        """Seconds since the store last confirmed what is believed; None when it never did."""
        confirmed = self._confirmed
        return None if confirmed is None else max(0.0, self._monotonic() - confirmed)

    def status(self, stale: tuple[str, ...], dropped: int) -> Status:
        """How the client stands towards its store; the client counts what it answers itself."""
        view, belief = self.view, self.copy.belief
        return Status(
            version=view.answer.version,
            source=view.source,
            staleness=self.staleness,
            flags=len(view.flags),
            last_error=self.last_error,
            failures=self.failures,
            quarantine=belief.reason,
            doubted=tuple(sorted(belief.doubted)),
            errors=dict(view.errors),
            stale=stale,
            dropped_exposures=dropped,
        )

    def close(self) -> None:
        """Stop the threads; what was last believed goes on being answered.

        A thread that is inside somebody's callback is not waited for longer than a second.
        """
        self.closed = True
        self._stop.set()
        self._wake.set()
        if self._silenced is not None:
            self._silenced()
        deadline = time.monotonic() + CLOSING
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join(timeout=max(0.0, deadline - time.monotonic()))

    def _failed(self, error: Exception) -> None:
        self._denied = isinstance(error, StoreDenied)
        self._refused = type(error) if isinstance(error, StoreError) else StoreError
        text = f"{type(error).__name__}: {error}"
        if text != self.last_error:
            log.warning("flags: the store gives no answer, the last good flags stay: %s", text)
        self.last_error = text
        self.failures += 1

    def attempt(self) -> None:
        """Read the store; what goes wrong is on record and not raised."""
        try:
            self.refresh()
        except StoreError:
            self.tick()  # on record in last_error
        except Exception as error:
            # A fault of a store must not end the thread: that would be silence for ever.
            log.exception("flags: reading the store failed")
            self._failed(error)
            self.tick()

    def pause(self) -> float:
        """Seconds until the next attempt, drawn at random."""
        if self.failures:
            if self._denied:
                return random.uniform(*DENIED)  # noqa: S311 - no secret
            return full_jitter(self.failures)
        return self.poll * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - no secret

    def take_delay(self) -> float:
        """Seconds to wait after a hint before the store is read."""
        delay, self._delay = self._delay, 0.0
        return max(COALESCE, delay)
