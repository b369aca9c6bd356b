"""Telling subscribers of changes: in order, outside of locks, one at a time."""

from __future__ import annotations

import inspect
import logging
import threading
from collections import deque
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from confkit import forking
from confkit.delivery import InThread, OnLoop, Stream
from confkit.keypath import canonical
from confkit.living.change import Change, between, merged
from confkit.resolution.snapshot import Snapshot
from confkit.subscribers import Subscribers

T = TypeVar("T")
log = logging.getLogger("confkit.config")

Listener = Callable[[Change[T]], Any]


class Announcer(Generic[T]):
    """Who is to be told, and what has still to be told.

    A change that comes while another one is being told, also from inside a subscriber, is told
    after it, by the thread that is at it.
    """

    def __init__(self) -> None:
        self._subscribers: Subscribers[Change[T]] = Subscribers(log)
        self._subscribed = False
        self.after_fork()
        forking.register(self)

    def after_fork(self) -> None:
        """In a forked child: a new lock; what was to be told belongs to the parent."""
        self._lock = threading.Lock()
        self._waiting: deque[tuple[Snapshot[T], Snapshot[T]]] = deque()
        self._telling = False

    def subscribe(
        self, function: Listener[T], keys: tuple[str, ...], *, background: bool = False
    ) -> Callable[[], None]:
        """Tell ``function`` of changes of ``keys`` (none: of any); the return value ends it."""
        wanted = tuple(map(canonical, keys))

        def told(change: Change[T]) -> Any:
            # Of changes that were merged, one may have taken the other back.
            return function(change) if change.keys else None

        tell: Callable[[Change[T]], Any]
        call = getattr(function, "__call__", None)  # noqa: B004 - an object may have one
        if inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(call):
            if background:
                raise TypeError("background is for plain functions: a coroutine holds up nobody")
            tell = OnLoop(function, merged, log)
        else:
            tell = InThread(told, merged, log) if background else function

        def concerned(change: Change[T]) -> None:
            if not wanted or any(map(change.concerns, wanted)):
                tell(change)

        self._subscribed = True
        return self._subscribers.add(concerned, frozenset())

    def changes(self, keys: tuple[str, ...]) -> Stream[Change[T]]:
        """The changes of ``keys`` from now on, for ``async for``."""
        return Stream(lambda tell: self.subscribe(tell, keys), merged)

    def post(self, old: Snapshot[T], new: Snapshot[T]) -> None:
        """Note that ``new`` took the place of ``old``; called under the configuration's lock."""
        if self._subscribed:
            self._waiting.append((old, new))

    def tell(self) -> None:
        """Tell what was noted; called outside of every lock."""
        while self._waiting:
            with self._lock:
                if self._telling or not self._waiting:
                    return
                self._telling = True
                old, new = self._waiting.popleft()
            try:
                change = between(old, new)
                self._subscribers.tell(change.keys, lambda _: change)  # noqa: B023 - told at once
            except Exception:  # two values that refuse to be compared
                log.exception("what changed cannot be told")
            finally:
                with self._lock:
                    self._telling = False
