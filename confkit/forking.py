"""After a fork: locks that another thread held in the parent stay locked in the child for ever.

Whoever owns locks or threads registers here and makes them anew in the child. The child never
touches what still belongs to the parent.
"""

from __future__ import annotations

import os
import weakref
from typing import Protocol


class Forked(Protocol):
    """Somebody who has to do something in a forked child."""

    def after_fork(self) -> None:
        """Make locks, threads and connections anew; takes no lock and starts nothing."""
        ...


_owners: weakref.WeakSet[Forked] = weakref.WeakSet()


def register(owner: Forked) -> None:
    """Have ``owner.after_fork()`` called in every child forked from now on, while it lives."""
    _owners.add(owner)


def _after_fork() -> None:
    for owner in list(_owners):
        owner.after_fork()


if hasattr(os, "register_at_fork"):  # pragma: no branch - absent on Windows only
    os.register_at_fork(after_in_child=_after_fork)
