"""What a live configuration remembers and runs beside its snapshot.

Most programs only load. What they do not use is not made, and not imported.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Generic, TypeVar

from confkit.forking import cached_property
from confkit.living.history import History
from confkit.living.outcome import Outcome
from confkit.resolution.snapshot import Snapshot

if TYPE_CHECKING:
    from confkit.living.announcing import Announcer
    from confkit.living.reloading import Reloader
    from confkit.living.status import ConfigStatus
    from confkit.resolution.gradual import Share
    from confkit.watch import Watcher, WatchStatus

T = TypeVar("T")

#: Seconds for which content that lost a key has to stay the same before it is believed.
SETTLE = 3.0


class Life(Generic[T]):
    """Subscribers, history, and the watch of one configuration.

    It knows nothing of the configuration, which is freed as soon as nobody holds it; only a watch
    that runs keeps it alive.
    """

    def __init__(self) -> None:
        self.history: History[T] = History()
        self.outcome = Outcome()
        self._watches: list[Watch] = []

    @cached_property
    def announcer(self) -> Announcer[T]:
        """Who is to be told; made for the first subscriber."""
        from confkit.living.announcing import Announcer

        return Announcer()

    def post(self, old: Snapshot[T], new: Snapshot[T]) -> None:
        """Note that ``new`` took the place of ``old``; called under the configuration's lock."""
        if "announcer" in self.__dict__:
            self.announcer.post(old, new)

    def tell(self) -> None:
        """Tell the subscribers what was noted; called outside of every lock."""
        if "announcer" in self.__dict__:
            self.announcer.tell()

    def watch(
        self,
        reloader: Callable[[], Reloader],
        paths: Callable[[], Sequence[Path]],
        *,
        poll: float,
        events: bool,
        settle: float,
    ) -> Watch:
        """Begin a watch of the files; each has its own arguments, and ends by itself.

        :param reloader: makes what decides about changed files.
        :param paths: every file that is read, or would be if it were there.
        :raises ValueError: for seconds that cannot be.
        """
        from confkit.watch import Watcher

        if not settle >= 0:
            raise ValueError(f"settle is {settle}: it has to be 0 seconds or more")
        found = reloader()
        watcher = Watcher(paths, found.look, poll=poll, events=events, probe=found.versions)
        self._watches = [one for one in self._watches if one.status.mode != "stopped"]
        self._watches.append(watch := Watch(watcher))
        return watch

    def status(self, snapshot: Snapshot[T]) -> ConfigStatus:
        """How the configuration is now; of several watches, the last that runs."""
        from confkit.living.status import ConfigStatus
        from confkit.watch import WatchStatus

        running = [s for one in self._watches if (s := one.status).mode != "stopped"]
        return ConfigStatus(
            version=snapshot.version,
            loaded_at=snapshot.time.timestamp(),
            error=self.outcome.error,
            failures=self.outcome.failures,
            watch=running[-1] if running else WatchStatus("stopped"),
            gradual=_gradual(snapshot),
        )


class Watch:
    """A watch of configuration files, running from its making to :meth:`stop` or ``with``'s end."""

    def __init__(self, watcher: Watcher) -> None:
        self._watcher = watcher.start()

    def stop(self) -> None:
        """End the watch within a second; a second call does nothing."""
        self._watcher.stop()

    @property
    def status(self) -> WatchStatus:
        """How the files are watched."""
        return self._watcher.status

    def __enter__(self) -> Watch:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()


_PREFIX = "${rollout:"


def _gradual(snapshot: Snapshot[T]) -> dict[str, Share]:
    """What this instance decided about every gradual value."""
    found: dict[str, Share] = {}
    for key, expansion in snapshot.resolution.faults.expansions.items():
        for _, used in expansion.used:
            if used.expression.startswith(_PREFIX):
                resolver = snapshot.resolution.variables().references.resolvers["rollout"]
                found[key] = resolver.share(used.expression[len(_PREFIX) : -1])
    return found
