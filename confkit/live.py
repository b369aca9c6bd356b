"""The objects of one kind that are in use, in this whole process: what tests have to reach."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Generic, TypeVar

from confkit import forking

T = TypeVar("T")

_apart = ContextVar("confkit_apart", default=False)


@contextmanager
def apart() -> Iterator[None]:
    """What is made inside the block, in this task or thread, is not counted among the live."""
    token = _apart.set(True)
    try:
        yield
    finally:
        _apart.reset(token)


def is_apart() -> bool:
    """Whether what is made here and now is not counted among the live."""
    return _apart.get()


class Live(Generic[T]):
    """The live objects of one kind, held weakly; made and read from any thread."""

    def __init__(self) -> None:
        self._objects: weakref.WeakSet[T] = weakref.WeakSet()
        self.lock = threading.RLock()
        forking.register(self)

    def after_fork(self) -> None:
        """In a forked child: a new lock."""
        self.lock = threading.RLock()

    def join(self, made: T) -> bool:
        """Count an object among the live, and say so; False where it is made :func:`apart`."""
        if is_apart():
            return False
        with self.lock:
            self._objects.add(made)
        return True

    def __iter__(self) -> Iterator[T]:
        with self.lock:
            return iter(list(self._objects))

    def collected(self) -> list[T]:
        """The live objects without those that are garbage; slow, for who would be misled by one.

        What a finished test made is in use until Python collects it, since it refers to itself.
        """
        gc.collect()
        return list(self)

    def __contains__(self, made: T) -> bool:
        return made in self._objects

    def __len__(self) -> int:
        return len(self._objects)
