"""How a client stands towards its store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from confkit.flags.replica.view import ViewSource
from confkit.flags.stores.port import Version


@dataclass(frozen=True, slots=True)
class Status:
    """How a client stands towards its store.

    ``source`` is where the flags in use are from; ``staleness`` the seconds since the store last
    confirmed them (None: never); ``quarantine`` why the store as a whole is not believed;
    ``doubted`` the flags whose last change the store lost, which stay as they were;
    ``errors`` the flags whose documents are no rules; ``stale`` those that answer their defaults
    because the store has been silent for too long.
    """

    version: Version
    source: ViewSource
    staleness: float | None
    flags: int
    last_error: str = ""
    failures: int = 0
    quarantine: str = ""
    doubted: tuple[str, ...] = ()
    errors: Mapping[str, str] = field(default_factory=dict)
    stale: tuple[str, ...] = ()
    dropped_exposures: int = 0

    @property
    def healthy(self) -> bool:
        """Whether the store answers and everything that it holds is believed."""
        wrong = self.failures or self.quarantine or self.doubted or self.errors
        return self.source == "store" and not wrong
