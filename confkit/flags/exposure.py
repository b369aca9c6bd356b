"""Telling an analytics system who saw what: once each, never in the way of a question.

A question leaves a note in a bounded queue; a thread hands the notes on. What was told lately is
not told again; what does not fit is dropped and counted.
"""

from __future__ import annotations

import atexit
import logging
import threading
import weakref
from collections import deque
from collections.abc import Callable

from confkit import forking
from confkit.background import has_threads, start_thread
from confkit.flags.rules.decision import Decision

log = logging.getLogger("confkit.flags")

CAPACITY = 10_000
#: How long notes wait before they are handed on, in seconds.
PAUSE = 0.2
#: How long closing waits for the callback, in seconds.
CLOSING = 0.8


class Exposures:
    """Decisions on their way to ``tell``, which is called in a thread of its own.

    Told again is what is older than ``capacity`` to twice as many others.
    """

    def __init__(
        self, tell: Callable[[Decision], None], *, capacity: int = CAPACITY, background: bool = True
    ) -> None:
        self.dropped = 0
        self._tell = tell
        self._capacity = capacity
        self._background = background
        self._recent: set[tuple[object, ...]] = set()
        self._older: set[tuple[object, ...]] = set()
        self._notes: deque[Decision] = deque()
        self.after_fork()
        forking.register(self)
        _open.add(self)

    def after_fork(self) -> None:
        """The notes and the thread are the parent's, and so is telling of them."""
        self._notes = deque()
        self._stop = threading.Event()
        self._flushing = threading.RLock()
        self._thread: threading.Thread | None = None

    def record(self, decision: Decision) -> None:
        """Leave a note of a decision unless the same was told lately; takes no lock."""
        key = (decision.name, decision.unit, decision.value, decision.variant)
        if key in self._recent or key in self._older:
            return
        if len(self._notes) >= self._capacity:
            self.dropped += 1
            return
        if len(self._recent) >= self._capacity:
            self._older, self._recent = self._recent, set()
        self._recent.add(key)
        self._notes.append(decision)
        if self._thread is None and self._background and not self._stop.is_set():
            self._start()
        elif not has_threads():
            self.flush()

    def _start(self) -> None:
        with self._flushing:  # once in a process; the questions that follow take no lock
            if self._thread is None:
                self._thread = start_thread(
                    "confkit-flags-exposures", _hand_on, weakref.ref(self), self._stop
                )

    def flush(self) -> None:
        """Hand on the notes that wait, in the calling thread."""
        with self._flushing:
            for _ in range(len(self._notes)):
                try:
                    self._tell(self._notes.popleft())
                except IndexError:
                    return  # handed on by the callback itself, which closed
                except Exception:
                    log.exception("flags: the exposure callback failed")

    def close(self) -> None:
        """Hand on what waits and stop the thread, within a second.

        A callback that takes longer goes on in its thread; what it leaves is dropped and counted.
        """
        self._stop.set()
        if self._thread is threading.current_thread():
            self.flush()
            return
        # In a thread of its own: a callback may never come back.
        last = start_thread("confkit-flags-exposures-end", self.flush)
        if last is None:
            self.flush()
            return
        last.join(timeout=CLOSING)
        if last.is_alive():
            self.dropped += len(self._notes)
            self._notes.clear()
            log.warning("flags: the exposure callback is slow: %d are dropped", self.dropped)


def _hand_on(reference: weakref.ReferenceType[Exposures], stop: threading.Event) -> None:
    while not stop.wait(PAUSE):
        exposures = reference()
        if exposures is None:
            return
        exposures.flush()
        del exposures


_open: weakref.WeakSet[Exposures] = weakref.WeakSet()


def _at_exit() -> None:
    for exposures in list(_open):
        exposures.close()


atexit.register(_at_exit)
