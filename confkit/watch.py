"""Watch files: events are hints, the hash of the content is the truth, a poll is the guarantee.

No change depends on an event arriving. watchdog (extra ``watch``) only makes the next look come
sooner; without it, or where the system has no room for another watch, the poll finds everything.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal

from confkit import forking
from confkit.background import has_threads
from confkit.watched_paths import Identity, digest, directories, identity, pinned

try:
    from watchdog.observers import Observer as _Observer
except ImportError:  # without the extra `watch`, files are polled
    _Observer = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from watchdog.observers.api import BaseObserver

log = logging.getLogger("confkit.watch")

Observer: Any = _Observer

#: Seconds for which content has to stay the same until a burst of writes is taken to be over.
QUIET = 0.1
#: Seconds after which a file is looked at even if it never stays the same.
LONGEST_BURST = 1.0
#: Seconds between two looks while events come that concern other files.
BUSY = 0.02
#: Reading and opening a file for reading changes nothing; reacting to it would never end.
_READS = frozenset({"opened", "closed_no_write"})


@dataclass(frozen=True, slots=True)
class WatchStatus:
    """How files are being watched now.

    :ivar mode: ``events`` (watchdog hints, and the poll), ``polling`` (the poll alone) or
        ``stopped``.
    :ivar why: why there are no events, else an empty text.
    :ivar pinned: files that are mounted one by one. A replacement on the host cannot be seen from
        inside; only a restart shows it.
    :ivar waiting: seconds that the content has to stay unchanged before it is taken, else 0.
    :ivar failures: how often the watch itself failed and went on.
    """

    mode: Literal["events", "polling", "stopped"]
    why: str = ""
    pinned: tuple[str, ...] = ()
    waiting: float = 0.0
    failures: int = 0


class Watcher:
    """Calls ``look`` in a thread of its own when the content of some files has changed.

    :param paths: gives the files (and directories of one-value files) to watch; asked at every
        look, so a file that appears later is found. A path does not have to exist.
    :param look: called with the seconds for which the content has been unchanged. It returns None
        when it is done with this content, or the seconds that the content must have been unchanged
        before it is called again. New content calls it anew, whatever it returned.
    :param poll: seconds between two looks without an event.
    :param events: False for polling only.
    :param probe: asked at every look; another answer counts as other content.

    :param forks: False where whoever began the watch begins another one in a forked child.

    A context manager; :meth:`start` and :meth:`stop` do the same. A forked child gets a watch of
    its own and leaves the parent's alone.
    """

    def __init__(
        self,
        paths: Callable[[], Iterable[Path]],
        look: Callable[[float], float | None],
        *,
        poll: float = 1.0,
        events: bool = True,
        probe: Callable[[], object] = lambda: None,
        forks: bool = True,
    ) -> None:
        if not poll > 0:
            raise ValueError(f"poll is {poll}: it has to be more than 0 seconds")
        self._paths = paths
        self._look = look
        self._poll = poll
        self._events = events
        self._probe = probe
        self._forks = forks
        self._failures = 0
        self._forget()
        forking.register(self)

    def _forget(self) -> None:
        """The state of a watch that has not begun."""
        self._thread: threading.Thread | None = None
        self._run: _Run | None = None
        self._lock = threading.Lock()

    def start(self) -> Watcher:
        """Begin to watch, with a first look at what is there; a second call changes nothing."""
        if not has_threads():
            raise RuntimeError("a watch needs a thread, and this Python has none: call reload()")
        with self._lock:
            if self._run is None:
                self._begin()
        return self

    def _begin(self) -> None:
        self._run = run = _Run(self._paths, self._look, self._poll, self._events, self._probe)
        run.failures = self._failures
        self._thread = threading.Thread(target=run.loop, name="confkit-watch", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the watch, within a second; from inside ``look`` too. A second call does nothing."""
        with self._lock:
            run, thread = self._run, self._thread
            self._run = self._thread = None
        if run is None or thread is None:
            return
        self._failures = run.failures
        run.stop.set()
        run.hint.set()
        if thread is not threading.current_thread():
            thread.join(timeout=1.0)

    def wake(self) -> None:
        """Look at the files now, as if an event had come."""
        run = self._run
        if run is not None:
            run.hint.set()

    @property
    def status(self) -> WatchStatus:
        """How the files are being watched."""
        run = self._run
        if run is None:
            return WatchStatus("stopped", failures=self._failures)
        return run.status()

    def __enter__(self) -> Watcher:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def after_fork(self) -> None:
        """Drop what belongs to the parent: stopping its observer would end the parent's watch."""
        run = self._run
        self._forget()
        if run is not None:
            run.disown()
            if self._forks:
                self._run = run  # what `resume` is to begin again

    def resume(self) -> None:
        """Begin a watch of the child's own where the parent had one."""
        if self._run is not None:
            self._begin()


#: Observers of a parent process: kept, since collecting one could close what the parent uses.
_parents: list[Any] = []


#: The digests of the files, and what the probe answered.
_Content = tuple[dict[Path, str], object]


class _Run:
    """One watch from start to stop: everything that its thread owns."""

    def __init__(
        self,
        paths: Callable[[], Iterable[Path]],
        look: Callable[[float], float | None],
        poll: float,
        events: bool,
        probe: Callable[[], object],
    ) -> None:
        self.probe = probe
        self.paths = paths
        self.look = look
        self.poll = poll
        self.events = events
        self.stop = threading.Event()
        self.hint = threading.Event()
        self.failures = 0
        self.why = "" if events else "polling was asked for"
        self.observer: BaseObserver | None = None
        self.watched: frozenset[Identity] = frozenset()
        #: What was looked at last. Nothing yet: what changed before the start is found as well.
        self.seen: _Content | None = None
        self.since = time.monotonic()
        #: How long the content has to be unchanged before the next look; None: nothing waits.
        self.due: float | None = None

    def loop(self) -> None:
        """Look until told to stop. What fails is logged and counted, and the watch goes on."""
        try:
            while not self.stop.is_set():
                try:
                    self.once()
                except BaseException:  # a SystemExit of a subscriber ends no watch
                    self.failures += 1
                    log.exception("the watch failed, and goes on")
                    self.stop.wait(self.poll)
        finally:
            self._replace_observer(None)

    def once(self) -> None:
        """Wait for a hint, the poll or what is due; look where the content changed or is due."""
        # The directories first: what changes after this comes as an event.
        self._arm()
        found = self.content()
        if found == self.seen and self.hint.wait(self._patience()):
            self.hint.clear()
            self._arm()
            found = self.content()
            if found == self.seen:  # another file of a busy directory
                self.stop.wait(BUSY)
        if found != self.seen:
            self.seen, self.due = self._settled(found), 0.0
        if self.stop.is_set():
            return
        unchanged = time.monotonic() - self.since
        if self.due is not None and unchanged >= self.due:
            self.due = None  # an exception in `look` must not call it again for the same content
            self.due = self.look(unchanged)

    def _patience(self) -> float:
        if self.due is None:
            return self.poll
        return max(0.0, min(self.poll, self.since + self.due - time.monotonic()))

    def _settled(self, found: _Content) -> _Content:
        """The content once two looks QUIET apart are equal, or the burst is too long."""
        self.since = time.monotonic()
        end = self.since + LONGEST_BURST
        while not self.stop.wait(QUIET):
            again = self.content()
            if again == found or time.monotonic() >= end:
                return again
            found, self.since = again, time.monotonic()
        return found

    def content(self) -> _Content:
        return {path: digest(path) for path in self.paths()}, self.probe()

    # -- events -----------------------------------------------------------------------------

    def dispatch(self, event: Any) -> None:
        """Called by watchdog. An exception here would end its thread in silence, so none is raised.

        Never filtered by name: the event that matters is often one of another name.
        """
        with contextlib.suppress(Exception):
            if event.event_type not in _READS:
                self.hint.set()

    def _arm(self) -> None:
        """Watch the directories that decide the paths now; again where one was replaced."""
        if not self.events:
            return
        if Observer is None:
            self.why = "watchdog is not installed: pip install 'confkit-toolkit[watch]'"
            return
        wanted = identity(directories(self.paths()))
        alive = self.observer is not None and all(e.is_alive() for e in self.observer.emitters)
        if wanted == self.watched and alive:
            return
        observer = Observer()
        try:
            observer.start()
            for directory, _, _ in sorted(wanted):
                observer.schedule(self, directory, recursive=False)
        except OSError as error:
            # No room for another watch, or a directory that has just gone: tried again every round.
            why = f"no events: {error.strerror or type(error).__name__}"
            if why != self.why:
                log.warning("files are polled every %g s (%s)", self.poll, why)
            self.why = why
            _end(observer)
            self._replace_observer(None)
            return
        self.why = ""
        self._replace_observer(observer)
        self.watched = wanted
        self.hint.set()  # what changed before the new watch was there

    def _replace_observer(self, observer: BaseObserver | None) -> None:
        old, self.observer = self.observer, observer
        self.watched = frozenset()
        if old is not None:
            _end(old)

    def disown(self) -> None:
        """In a forked child: keep the parent's observer as it is, untouched."""
        if self.observer is not None:
            _parents.append(self.observer)

    def status(self) -> WatchStatus:
        return WatchStatus(
            mode="polling" if self.observer is None else "events",
            why=self.why,
            pinned=tuple(path.as_posix() for path in self.paths() if pinned(path)),
            waiting=self.due or 0.0,
            failures=self.failures,
        )


def _end(observer: BaseObserver) -> None:
    observer.stop()
    if observer.is_alive():
        observer.join(timeout=1.0)
