"""Every override that is in force: what it changes, where it was set, and for whom.

An override that outlives its owner is a leak, and the line that set it is what one wants to know.
Values are not compared, because a value may be the same by chance and differ on purpose: each
override is a :class:`Token`, which lives from the moment it is set until it is taken back.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Owner:
    """Whoever overrides belong to until it is finished: a test, a fixture, the whole program.

    The override of an owner with a higher ``level`` wins, whatever the order in which they were
    set; among equal levels the later one wins.
    """

    __slots__ = ("level", "name")

    def __init__(self, name: str, level: int = 0) -> None:
        self.name = name
        self.level = level

    def __repr__(self) -> str:
        return f"<Owner {self.name}>"


PROGRAM = Owner("the program")

_owner = PROGRAM
_numbers = itertools.count()
_active: dict[Token, None] = {}


class Token:
    """One override in force. ``what`` names what it changes, never the values.

    :param site: ``file.py:31``, the line that set it.
    :param undo: takes the override back; it calls :meth:`release`.
    """

    __slots__ = ("owner", "rank", "site", "undo", "what")

    def __init__(
        self, what: str, site: str, undo: Callable[[], object], *, level: int | None = None
    ) -> None:
        self.owner = _owner
        self.what = what
        self.site = site
        self.undo = undo
        #: What overrides are sorted by: the last one wins.
        self.rank = (_owner.level if level is None else level, next(_numbers))
        _active[self] = None

    def __repr__(self) -> str:
        return f"<{self.what}, set at {self.site} for {self.owner.name}>"

    def release(self) -> None:
        """Say that the override is no longer in force; doing it twice changes nothing."""
        _active.pop(self, None)


def active() -> list[Token]:
    """The overrides in force, in the order in which they were set."""
    return list(_active)


def owner() -> Owner:
    """Whom an override that is set now belongs to."""
    return _owner


def hand_to(new: Owner) -> Owner:
    """Let what is set from now on, in any thread, belong to ``new``; gives the owner before it."""
    global _owner
    before, _owner = _owner, new
    return before


@contextmanager
def owned_by(new: Owner) -> Iterator[None]:
    """Let what is set inside the block belong to ``new``."""
    before = hand_to(new)
    try:
        yield
    finally:
        hand_to(before)
