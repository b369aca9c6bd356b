"""Which flags answer their defaults because the store has been silent for too long: pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from confkit.flags.rules.decision import Reason
from confkit.flags.rules.evaluation import Fixed
from confkit.flags.rules.model import Flag, OnStale


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a client goes by what it last read, and what it answers then.

    ``max_stale`` is in seconds, None: for ever. A declaration may differ from its client.
    """

    max_stale: float | None
    on_stale: OnStale
    declared: Mapping[str, Flag]

    @property
    def ends(self) -> bool:
        """Whether any flag ever answers its default for silence."""
        if self.on_stale == "default":
            return True
        return any(flag.on_stale == "default" for flag in self.declared.values())

    def exhausted(self, name: str, silence: float) -> bool:
        """Whether a flag answers its default after ``silence`` seconds."""
        flag = self.declared.get(name)
        limit, then = self.max_stale, self.on_stale
        if flag is not None:
            limit = flag.max_stale if flag.max_stale is not None else limit
            then = flag.on_stale or then
        return then == "default" and limit is not None and silence > limit

    def stale(self, names: Iterable[str], silence: float) -> frozenset[str]:
        """Those of the flags that answer their defaults after ``silence`` seconds."""
        if not self.ends:
            return frozenset()
        return frozenset(name for name in (*names, *self.declared) if self.exhausted(name, silence))

    def answer(self, name: str) -> Fixed:
        """The answer of a flag that is stale: the default of its declaration, else off."""
        flag = self.declared.get(name)
        value = False if flag is None else flag.default
        return Fixed(name, value, Reason.STALE, "the store is silent for too long: the default")
