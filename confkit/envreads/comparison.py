"""What code reads, what the settings declare, and what a template lists: where they differ."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from confkit.envreads.reads import Read, of_the_platform
from confkit.envreads.tree import Reads


@dataclass(frozen=True, slots=True)
class Drift:
    """Where the three differ; every list is sorted by name.

    ``undeclared`` are reads of variables that no setting has; ``unlisted`` those that the template
    lacks; ``unread`` names of the template that neither the code nor the settings read.
    """

    undeclared: tuple[Read, ...] = ()
    unlisted: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.undeclared or self.unlisted or self.unread)

    def as_dict(self) -> dict[str, Any]:
        """The differences for machines."""
        return {
            "undeclared": [read.as_dict() for read in self.undeclared],
            "unlisted": list(self.unlisted),
            "unread": list(self.unread),
        }


def compare(
    found: Reads,
    *,
    declared: Collection[str] | None = None,
    required: Collection[str] = (),
    listed: Collection[str] | None = None,
    known: Sequence[str] = (),
) -> Drift:
    """Compare what code reads with the settings and the template, as far as there are any.

    :param declared: the variables of the settings; None without settings.
    :param required: those that have no default, and should be in a template.
    :param listed: the names of the template, those that are commented out too; None without one.
    :param known: names, or patterns with ``*``, that others care for.
    """

    def others(name: str) -> bool:
        return of_the_platform(name) or any(fnmatchcase(name, pattern) for pattern in known)

    names = {name: reads for name, reads in found.names.items() if not others(name)}
    own = set(declared or ())
    undeclared = (
        () if declared is None else tuple(r[0] for n, r in names.items() if not _among(n, own))
    )
    if listed is None:
        return Drift(undeclared)
    wanted = {*names, *required}
    return Drift(
        undeclared,
        tuple(sorted(n for n in wanted if n not in listed)),
        tuple(sorted(n for n in listed if n not in names and not _among(n, own) and not others(n))),
    )


def _among(name: str, declared: set[str]) -> bool:
    """Whether a variable is declared, by itself or as an item of an open mapping."""
    if name in declared:
        return True
    return any(name.startswith(one[:-1]) for one in declared if one.endswith("*"))
