"""Who is told of changed flags."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from confkit.flags.store import Version

log = logging.getLogger("confkit.flags")


@dataclass(frozen=True, slots=True)
class FlagsChange:
    """What subscribers are told: the flags that differ, and the version they stand at now."""

    names: frozenset[str]
    version: Version


class Subscribers:
    """Functions with the flags that they want to hear of; an empty set wants to hear of any.

    Adding and taking away are single steps of a list, so that no lock is held over a fork.
    """

    def __init__(self) -> None:
        self._entries: list[tuple[Callable[[FlagsChange], Any], frozenset[str]]] = []

    def add(
        self, function: Callable[[FlagsChange], Any], wanted: frozenset[str]
    ) -> Callable[[], None]:
        """Tell ``function`` from now on, until what this returns is called."""
        entry = (function, wanted)
        self._entries.append(entry)

        def undo() -> None:
            if entry in self._entries:
                self._entries.remove(entry)

        return undo

    def tell(self, change: FlagsChange) -> None:
        """Tell everybody who wants to hear of it; what one raises keeps it from no other."""
        for function, wanted in tuple(self._entries):
            names = change.names & wanted if wanted else change.names
            if names:
                try:
                    function(FlagsChange(names, change.version))
                except Exception:
                    log.exception("flags: a subscriber failed")
