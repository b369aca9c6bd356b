"""The tables that questions are looked up in, beyond a plain dictionary."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from confkit.flags.replica.view import View
from confkit.flags.rules.evaluation import Compiled, Fixed


class Unstarted(dict[str, Any]):
    """The table of a forked child: the first question starts the threads, and costs no I/O."""

    def __init__(self, table: Mapping[str, Any], start: Callable[[], None]) -> None:
        super().__init__(table)
        self.start = start

    def get(self, key: Any, default: Any = None) -> Any:
        self.start()
        return super().get(key, default)


class Exposed:
    """A flag whose every answer goes the long way, so that each is noted."""

    __slots__ = ("constant", "decide", "prefix")

    def __init__(self, entry: Compiled | Fixed) -> None:
        self.constant = None
        self.prefix = None
        self.decide = entry.decide


def differing(old: View, new: View) -> frozenset[str]:
    """The flags whose rules differ between two views."""
    names = old.flags.keys() | new.flags.keys()
    return frozenset(n for n in names if old.flags.get(n) is not new.flags.get(n))
