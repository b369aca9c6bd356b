"""The two clocks that confkit reads: the time of day, and seconds that only go forward.

Everything that has a TTL, a schedule or an age reads them here, so that a test can move them by
:func:`move` instead of sleeping. Waiting itself (time-outs, polls) uses the machine's own clock.
"""

from __future__ import annotations

import time as _time


def _that_counts_sleep() -> int | None:
    """The clock that goes on while the machine sleeps, where there is one that works."""
    clock: int | None = getattr(_time, "CLOCK_BOOTTIME", None)
    try:
        if clock is not None:
            _time.clock_gettime(clock)
    except OSError:  # Pyodide has the name, and no clock behind it
        return None
    return clock


_BOOTTIME = _that_counts_sleep()
_of_day = 0.0
_latest = 0.0
_forward = 0.0


def time() -> float:
    """Seconds since 1970, as ``time.time()``, moved by what a test asked for."""
    return _time.time() + _of_day


def onward() -> float:
    """The time of day as :func:`time` gives it, and not earlier than it gave before.

    Where the machine's clock is set back, steps of a schedule that have come stay. A move back by
    :func:`move` counts: a test asked for it.
    """
    global _latest
    _latest = max(_latest, _time.time())
    return _latest + _of_day


def monotonic() -> float:
    """Seconds that only go forward, and also pass while the machine sleeps where it counts them."""
    seconds = _time.monotonic() if _BOOTTIME is None else _time.clock_gettime(_BOOTTIME)
    return seconds + _forward


def move(seconds: float) -> None:
    """Move both clocks. A move back takes the time of day back and lets the other one stand."""
    global _of_day, _forward
    _of_day += seconds
    _forward += max(seconds, 0.0)


def moved() -> float:
    """How far the time of day has been moved, in seconds; 0 outside of tests."""
    return _of_day


def reset() -> None:
    """Let the time of day be the machine's again."""
    # The other clock keeps its lead: nobody who read it may see it go back.
    global _of_day
    _of_day = 0.0
