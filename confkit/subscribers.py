"""Functions that are told of changes, each isolated from the others."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Generic, TypeVar

Change = TypeVar("Change")


class Subscribers(Generic[Change]):
    """Functions with the names that they want to hear of; an empty set means any name.

    Adding and removing are single steps of a list, so that no lock is held over a fork. What a
    function raises goes to ``log`` and keeps no other from being told.
    """

    def __init__(self, log: logging.Logger) -> None:
        self._log = log
        self._entries: list[tuple[Callable[[Change], Any], frozenset[str]]] = []

    def add(self, function: Callable[[Change], Any], wanted: frozenset[str]) -> Callable[[], None]:
        """Tell ``function`` from now on, until the returned function is called."""
        entry = (function, wanted)
        self._entries.append(entry)

        def undo() -> None:
            if entry in self._entries:
                self._entries.remove(entry)

        return undo

    def tell(self, names: frozenset[str], change: Callable[[frozenset[str]], Change]) -> None:
        """Tell each function that wants one of ``names``; it gets ``change`` of its own names."""
        for function, wanted in tuple(self._entries):
            concerned = names & wanted if wanted else names
            if concerned:
                try:
                    function(change(concerned))
                except Exception:
                    self._log.exception("a subscriber failed")
