"""After a fork: locks that another thread held in the parent stay locked in the child for ever.

Whoever owns locks or threads registers here and makes them anew in the child. The child never
touches what still belongs to the parent.
"""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar, overload, runtime_checkable

T = TypeVar("T")


class Forked(Protocol):
    """Somebody who has to do something in a forked child."""

    def after_fork(self) -> None:
        """Make locks, threads and connections anew; takes no lock and starts nothing."""
        ...


@runtime_checkable
class Resuming(Protocol):
    """Somebody who has to start something in a forked child, once every lock there is new."""

    def resume(self) -> None:
        """Start again what ran in the parent."""
        ...


_owners: weakref.WeakSet[Forked] = weakref.WeakSet()


def register(owner: Forked) -> None:
    """Have ``owner.after_fork()`` called in every child forked from now on, while it lives."""
    _owners.add(owner)


def _after_fork() -> None:
    owners = list(_owners)
    for owner in owners:
        owner.after_fork()
    for owner in owners:
        if isinstance(owner, Resuming):
            owner.resume()


if hasattr(os, "register_at_fork"):  # pragma: no branch - absent on Windows only
    os.register_at_fork(after_in_child=_after_fork)


class cached_property(Generic[T]):  # noqa: N801 - it stands for the one of functools
    """A value that is made once for each instance, as ``functools.cached_property``.

    That one has a lock for all instances on Python 3.11. A thread that holds it while another one
    forks would leave it locked in the child for ever.
    """

    def __init__(self, function: Callable[[Any], T]) -> None:
        self.function = function
        self.__doc__ = function.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, instance: None, owner: type | None = None) -> cached_property[T]: ...

    @overload
    def __get__(self, instance: object, owner: type | None = None) -> T: ...

    def __get__(self, instance: object | None, owner: type | None = None) -> T | cached_property[T]:
        if instance is None:
            return self
        value = self.function(instance)
        instance.__dict__[self.name] = value
        return value


class RenewedLock:
    """A lock that one thread may take several times, and that is new in a forked child."""

    def __init__(self) -> None:
        self.after_fork()
        register(self)

    def after_fork(self) -> None:
        """In a forked child: a new lock."""
        self._lock = threading.RLock()

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()
