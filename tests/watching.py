"""Watching a path in a test: what was seen, and how long it is waited for."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from confkit import watch
from confkit.watch import Watcher

needs_watchdog = pytest.mark.skipif(watch.Observer is None, reason="needs the extra watch")


EVENTS = [pytest.param(True, marks=needs_watchdog, id="events"), pytest.param(False, id="polling")]


POLL = 0.1


class Seen:
    """What a consumer of one file gets to see, look by look."""

    def __init__(self, path: Path, wait: float | None = None) -> None:
        self.path = path
        self.contents: list[str | None] = []
        self.unchanged: list[float] = []
        self.wait = wait

    def look(self, unchanged: float) -> float | None:
        self.unchanged.append(unchanged)
        if self.wait is not None and unchanged < self.wait:
            return self.wait
        with contextlib.suppress(FileNotFoundError):
            self.contents.append(self.path.read_text())
            return None
        self.contents.append(None)
        return None

    def until(self, content: str | None, seconds: float = 5.0) -> None:
        until(lambda: self.contents[-1:] == [content], seconds)


def until(true: Callable[[], bool], seconds: float = 5.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.005)


@contextlib.contextmanager
def watching(path: Path, *, events: bool, wait: float | None = None):
    seen = Seen(path, wait)
    with Watcher(lambda: [path], seen.look, poll=POLL, events=events) as watcher:
        seen.until(path.read_text() if path.exists() else None)
        seen.watcher = watcher
        yield seen
