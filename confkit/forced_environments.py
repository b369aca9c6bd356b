"""The environment that a test chooses for configurations, above every other choice."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from confkit import forking
from confkit.environments import Chosen
from confkit.live import is_apart
from confkit.overriding import Token


class ForcedEnvironment:
    """A name in force from :meth:`put` on until it is taken back.

    :param choice: the discovery of one configuration that it is for; None: it is for every one.
    """

    def __init__(
        self, chosen: Chosen, site: str, lift: Callable[[], object], *, choice: Choice | None = None
    ) -> None:
        self.chosen = chosen
        self.choice = choice
        self.token = Token(f"the environment {chosen.name}", site, lift)

    def put(self) -> None:
        """Have it count from now on."""
        with _all.lock:
            _all.forced = (*_all.forced, self)

    def take_back(self) -> None:
        """Have it count no more."""
        self.token.release()
        with _all.lock:
            _all.forced = tuple(one for one in _all.forced if one is not self)


class _All:
    def __init__(self) -> None:
        self.forced: tuple[ForcedEnvironment, ...] = ()
        self.after_fork()
        forking.register(self)

    def after_fork(self) -> None:
        self.lock = threading.Lock()


_all = _All()


class Choice:
    """Who chooses the environment of one configuration: what is forced on it, else ``usual``."""

    def __init__(self, usual: Callable[[], Chosen]) -> None:
        self._usual = usual
        self._apart = is_apart()

    def __call__(self) -> Chosen:
        """The environment that holds now.

        :raises InvalidConfig: for a name that cannot be one.
        """
        forced = self.forced
        return self._usual() if forced is None else forced

    @property
    def forced(self) -> Chosen | None:
        """What is forced on this configuration; None where nothing is."""
        mine = [
            one
            for one in _all.forced
            if one.choice is self or (one.choice is None and not self._apart)
        ]
        return max(mine, key=_rank).chosen if mine else None


def _rank(one: ForcedEnvironment) -> Any:
    return one.token.rank
