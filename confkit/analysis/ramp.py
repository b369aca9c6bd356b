"""Who changes sides when a rule changes: a higher percentage, another salt, another rule.

On a ramp with the same salt nobody leaves. With another salt, two thirds of a rollout may.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from confkit.analysis.distribution import BucketCounts, Unit, contexts
from confkit.analysis.plot import Bar
from confkit.analysis.presentation import Presented, percent
from confkit.flags.rules.decision import Decision, Reason
from confkit.flags.rules.evaluation import Compiled, Table

#: Reasons that hold whatever the percentage.
_BARRED = frozenset({Reason.CONDITIONS, Reason.PREREQUISITE})


@dataclass(slots=True)
class Ramp(Presented):
    """What a change does to a population: who enters, stays on, leaves, stays off.

    ``moved`` units stay on with another variant. ``barred`` counts who stays off whatever the
    percentage, by why; ``missing`` units have no id and are in no group.
    """

    name: str
    entered: int = 0
    stayed: int = 0
    left: int = 0
    out: int = 0
    moved: int = 0
    missing: int = 0
    barred: Counter[str] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        """How many units were asked about."""
        return self.entered + self.stayed + self.left + self.out

    @property
    def before(self) -> int:
        """How many were on before the change."""
        return self.stayed + self.left

    @property
    def after(self) -> int:
        """How many are on after the change."""
        return self.stayed + self.entered

    @property
    def headline(self) -> str:
        """Who enters and who leaves."""
        text = f"{self.name}: of {self.total:,}, {self.entered:,} enter and {self.left:,} leave"
        return text + (f"; {self.moved:,} change their variant" if self.moved else "")

    @property
    def columns(self) -> Sequence[str]:
        """The heads of the columns."""
        return ("", "units", "share")

    @property
    def rows(self) -> list[Sequence[str]]:
        """The four groups."""
        groups = (
            ("enter", self.entered),
            ("stay on", self.stayed),
            ("leave", self.left),
            ("stay off", self.out),
        )
        return [(name, f"{n:,}", percent(n, self.total)) for name, n in groups]

    @property
    def bars(self) -> Sequence[Bar]:
        """The shares of the four groups."""
        groups = {"enter": self.entered, "stay on": self.stayed}
        groups |= {"leave": self.left, "stay off": self.out}
        return [Bar(name, count / (self.total or 1)) for name, count in groups.items()]

    def to_dict(self) -> dict[str, Any]:
        """For machines."""
        return {
            "flag": self.name,
            "units": self.total,
            "enter": self.entered,
            "stay": self.stayed,
            "leave": self.left,
            "out": self.out,
            "change_variant": self.moved,
            "missing": self.missing,
            "barred": dict(self.barred.most_common()),
        }


def ramp_of(
    old: Compiled,
    new: Compiled,
    population: Iterable[Unit],
    table: Table | None = None,
    attributes: Mapping[str, Any] | None = None,
) -> Ramp:
    """Decide two rules of one flag for every unit, in pure Python.

    ``population`` has ids or contexts; ``table`` answers the prerequisites; ``attributes`` are
    those that all units share.

    :raises confkit.InvalidPopulation: for an id that is neither text nor an integer.
    """
    found = Ramp(new.name)
    for context in contexts(population, new.unit, attributes):
        if context.get(new.unit) is None:
            found.missing += 1
        else:
            _tally(found, old.decide(context, table or {}), new.decide(context, table or {}))
    return found


def _tally(found: Ramp, was: Decision, will: Decision) -> None:
    if will.value:
        if was.value:
            found.stayed += 1
            found.moved += was.variant != will.variant
        else:
            found.entered += 1
    elif was.value:
        found.left += 1
    else:
        found.out += 1
    if will.reason in _BARRED:
        found.barred[will.detail] += 1


def percentage_ramp(counts: BucketCounts, old: float, new: float, name: str = "") -> Ramp:
    """The same for one salt from one percentage to another: two look-ups in counts."""
    before, after = counts.on(old), counts.on(new)
    both = min(before, after)
    return Ramp(
        name or counts.salt,
        entered=after - both,
        stayed=both,
        left=before - both,
        out=counts.total - max(before, after),
        missing=counts.missing,
    )
