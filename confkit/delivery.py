"""Ways to be told of changes without holding up whoever changes: a thread, or an event loop.

Each holds one change at most. What comes while the last one is being worked on is merged into one
that spans all of it, so a slow listener lags behind and never piles up work.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

from confkit import forking
from confkit.background import start_thread

Change = TypeVar("Change")


class _Slot(Generic[Change]):
    """Room for one change; a second one is merged into it."""

    def __init__(self, merge: Callable[[Change, Change], Change]) -> None:
        self._merge = merge
        self.after_fork()
        forking.register(self)

    def after_fork(self) -> None:
        """In a forked child: a new lock; the change belongs to the parent."""
        self._lock = threading.Lock()
        self._change: Change | None = None
        #: Whether somebody has been called to take what is here.
        self._busy = False

    def put(self, change: Change) -> bool:
        """Add a change; whether somebody has to be called to take it."""
        with self._lock:
            held = self._change
            self._change = change if held is None else self._merge(held, change)
            busy, self._busy = self._busy, True
        return not busy

    def take(self) -> Change | None:
        """The change, or None; after None the next :meth:`put` has to call somebody again."""
        with self._lock:
            change, self._change = self._change, None
            self._busy = change is not None
        return change


class InThread(Generic[Change]):
    """Calls ``function`` in a thread that exists only while there is something to tell."""

    def __init__(
        self,
        function: Callable[[Change], Any],
        merge: Callable[[Change, Change], Change],
        log: logging.Logger,
    ) -> None:
        self._function = function
        self._slot = _Slot(merge)
        self._log = log

    def __call__(self, change: Change) -> None:
        if self._slot.put(change) and start_thread("confkit-subscriber", self._run) is None:
            self._run()

    def _run(self) -> None:
        while (change := self._slot.take()) is not None:
            try:
                self._function(change)
            except Exception:
                self._log.exception("a subscriber failed")


class OnLoop(Generic[Change]):
    """Awaits ``function`` on an event loop, from changes of any thread.

    :raises RuntimeError: when it is made where no event loop runs.
    """

    def __init__(
        self,
        function: Callable[[Change], Awaitable[Any]],
        merge: Callable[[Change, Change], Change],
        log: logging.Logger,
    ) -> None:
        self._function = function
        self._slot = _Slot(merge)
        self._log = log
        self._loop = asyncio.get_running_loop()
        self._task: asyncio.Task[None] | None = None

    def __call__(self, change: Change) -> None:
        if self._slot.put(change):
            try:
                self._loop.call_soon_threadsafe(self._begin)
            except RuntimeError:
                self._slot.take()
                self._log.warning("a subscriber was not told: its event loop is closed")

    def _begin(self) -> None:
        self._task = asyncio.ensure_future(self._run())  # kept, or it could be collected

    async def _run(self) -> None:
        while (change := self._slot.take()) is not None:
            try:
                await self._function(change)
            except Exception:
                self._log.exception("a subscriber failed")


class Stream(Generic[Change]):
    """The changes from now on, for ``async for``; :meth:`aclose` ends the subscription.

    :raises RuntimeError: when it is made where no event loop runs.
    """

    def __init__(
        self,
        subscribe: Callable[[Callable[[Change], Any]], Callable[[], None]],
        merge: Callable[[Change, Change], Change],
    ) -> None:
        self._slot = _Slot(merge)
        self._loop = asyncio.get_running_loop()
        self._there = asyncio.Event()
        self._closed = False
        self._undo = subscribe(self._tell)

    def _tell(self, change: Change) -> None:
        if self._slot.put(change):
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
                self._loop.call_soon_threadsafe(self._there.set)

    def __aiter__(self) -> Stream[Change]:
        return self

    async def __anext__(self) -> Change:
        while not self._closed:
            change = self._slot.take()
            if change is not None:
                return change
            await self._there.wait()
            self._there.clear()
        raise StopAsyncIteration

    async def aclose(self) -> None:
        """End the subscription; a second call does nothing."""
        self._closed = True
        self._there.set()
        self._undo()
