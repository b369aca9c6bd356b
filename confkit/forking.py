"""After a fork: locks that another thread held in the parent stay locked in the child for ever.

Whoever owns locks or threads registers here and makes them anew in the child. The child never
touches what still belongs to the parent.
"""

from __future__ import annotations

import os
import weakref
from typing import Protocol, runtime_checkable


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
