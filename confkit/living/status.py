"""How a configuration is: its version, its last failure, how its files are watched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from confkit.errors import Problem

if TYPE_CHECKING:
    from confkit.resolution.gradual import Share
    from confkit.watch import WatchStatus


@dataclass(frozen=True, slots=True)
class ReloadError:
    """Why the last reload kept the settings as they were.

    :ivar at: when it failed, in seconds since 1970.
    :ivar problems: what was wrong, each with its origin; no secret is in them.
    """

    at: float
    problems: tuple[Problem, ...]

    def __str__(self) -> str:
        return "; ".join(map(str, self.problems))


@dataclass(frozen=True, slots=True)
class ConfigStatus:
    """How a configuration is now.

    :ivar version: of the current snapshot; the first one is 1.
    :ivar loaded_at: when the current snapshot was made, in seconds since 1970.
    :ivar error: why the last reload was refused; None after one that was accepted.
    :ivar failures: how many distinct failures of a reload there were.
    :ivar watch: how the files are watched; ``stopped`` where they are not.
    :ivar gradual: what this instance decided about every gradual value, by key.
    """

    version: int
    loaded_at: float
    error: ReloadError | None
    failures: int
    watch: WatchStatus
    gradual: Mapping[str, Share] = field(default_factory=dict)

    @property
    def healthy(self) -> bool:
        """Whether the last reload was accepted, or none was needed."""
        return self.error is None

    def as_dict(self) -> dict[str, Any]:
        """The status as plain JSON values."""
        return {
            "version": self.version,
            "loaded_at": self.loaded_at,
            "error": None
            if self.error is None
            else {
                "at": self.error.at,
                "problems": [problem.as_dict() for problem in self.error.problems],
            },
            "failures": self.failures,
            "watch": {
                "mode": self.watch.mode,
                "why": self.watch.why,
                "pinned": list(self.watch.pinned),
                "waiting": self.watch.waiting,
                "failures": self.watch.failures,
            },
            "gradual": {key: str(share) for key, share in self.gradual.items()},
        }
