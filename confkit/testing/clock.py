"""Moving confkit's clocks: TTLs, schedules and ages, without sleeping."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from confkit import clocks
from confkit.flags import everywhere
from confkit.testing.temporary import Temporary


class moved_clock(Temporary):  # noqa: N801 - used like a function
    """The clocks that confkit reads, which move when they are told to and go on from there.

    >>> with moved_clock() as clock:
    ...     start = clock.now
    ...     clock.shift(days=1)
    ...     (clock.now - start).days
    1

    It moves what confkit itself reads, in the whole process: steps of a flag's schedule, TTLs,
    ages of replicas. ``datetime.now()`` of the code under test is not touched.
    """

    what = "moved clock"

    def _set(self) -> None:
        self._before = clocks.moved()

    def _undo(self) -> None:
        _move(self._before - clocks.moved())

    @property
    def now(self) -> datetime:
        """The time of day that confkit reads."""
        return datetime.fromtimestamp(clocks.time(), UTC)

    def shift(self, seconds: float | timedelta = 0, /, **units: float) -> None:
        """Move by seconds, a timedelta, or its units: ``shift(days=2)``."""
        step = seconds if isinstance(seconds, timedelta) else timedelta(seconds=seconds)
        self._allowed()
        _move((step + timedelta(**units)).total_seconds())

    def travel(self, when: datetime | str) -> None:
        """Move to an instant: a datetime with a time zone, or ISO text with one.

        :raises ValueError: without a time zone.
        """
        instant = datetime.fromisoformat(when) if isinstance(when, str) else when
        if instant.tzinfo is None:
            raise ValueError(f"{instant} has no time zone: write {instant.isoformat()}Z for UTC")
        self._allowed()
        _move(instant.timestamp() - clocks.time())

    def _allowed(self) -> None:
        if not self.applied:
            raise RuntimeError("the clock moves only inside `with moved_clock() as clock:`")


def _move(seconds: float) -> None:
    clocks.move(seconds)
    for client in everywhere.clients():
        client.tick()
