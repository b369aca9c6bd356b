"""One flag decided for many ids: who is on, why, and who would move with another rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from confkit.bucket import BUCKETS
from confkit.flags.rules.evaluation import Compiled, Table
from confkit.flags.rules.model import Reason
from confkit.flags.rules.rollout import digest_and_bucket

#: The bins that ids are counted in by bucket, each five per cent wide.
BINS = 20


@dataclass(slots=True)
class Simulation:
    """How the ids fell: on and off, by variant, by reason, and by bucket in twenty bins."""

    ids: int = 0
    on: int = 0
    variants: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    bins: list[int] = field(default_factory=lambda: [0] * BINS)
    bins_on: list[int] = field(default_factory=lambda: [0] * BINS)

    @property
    def share(self) -> float:
        """The share that is on, in per cent."""
        return 100 * self.on / self.ids if self.ids else 0.0

    def as_dict(self) -> dict[str, Any]:
        """For machines."""
        return {
            "ids": self.ids,
            "on": self.on,
            "share": round(self.share, 4),
            "variants": dict(sorted(self.variants.items())),
            "reasons": dict(self.reasons.most_common()),
            "bins": [
                {"from": 5 * n, "ids": count, "on": on}
                for n, (count, on) in enumerate(zip(self.bins, self.bins_on, strict=True))
            ],
        }


def simulate(
    flag: Compiled,
    ids: Iterable[str],
    table: Table,
    attributes: Mapping[str, str] | None = None,
) -> Simulation:
    """Decide one flag for many ids.

    :param table: the other flags of the store, for prerequisites.
    :param attributes: what all ids have in common, for conditions.
    """
    found = Simulation()
    unit = flag.rule.unit
    rollout = replace(flag.rule, percentage=100).rollout
    assert rollout is not None
    for one in ids:
        decision = flag.decide({**(attributes or {}), unit: one}, table)
        bucket = decision.bucket
        if bucket is None:
            bucket = digest_and_bucket(rollout, one)[1]
        place = bucket * BINS // BUCKETS
        found.ids += 1
        found.bins[place] += 1
        found.reasons[decision.reason.value] += 1
        if decision.value:
            found.on += 1
            found.bins_on[place] += 1
            if decision.variant is not None:
                found.variants[decision.variant] += 1
    return found


@dataclass(slots=True)
class Moves:
    """How many move when a rule is replaced; ``barred`` counts who stays off, by reason."""

    ids: int = 0
    entering: int = 0
    leaving: int = 0
    barred: Counter[str] = field(default_factory=Counter)


def moves(
    old: Compiled,
    new: Compiled,
    ids: Iterable[str],
    table: Table,
    attributes: Mapping[str, str] | None = None,
) -> Moves:
    """Decide many ids by two rules of one flag, and count those whose answer differs."""
    found = Moves()
    for one in ids:
        context = {**(attributes or {}), old.unit: one}
        was, will = old.decide(context, table), new.decide(context, table)
        found.ids += 1
        found.entering += will.value and not was.value
        found.leaving += was.value and not will.value
        if will.reason in (Reason.CONDITIONS, Reason.PREREQUISITE):
            found.barred[will.detail] += 1
    return found
