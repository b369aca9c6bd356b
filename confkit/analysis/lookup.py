"""Every percentage of one rule over one population, as a look-up in counts.

The population is decided twice, at 0 and at 100 %, and hashed once. Who is off at 0 and on at
100 % is on as soon as the percentage passes the bucket; everybody else is on or off whatever the
percentage. Counted by bucket, each percentage is then a few subtractions, at ten million units
as at a hundred.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import NamedTuple

from confkit.analysis.distribution import BINS
from confkit.analysis.statistics import Share, wilson
from confkit.bucket import BUCKETS, steps
from confkit.forking import cached_property

WIDE = BUCKETS // BINS


class Sides(NamedTuple):
    """How many units stay on, are newly on, are turned off, and stay off."""

    on: int
    new: int
    lost: int
    off: int

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self)

    @property
    def before(self) -> int:
        """Those that were on."""
        return self.on + self.lost

    @property
    def after(self) -> int:
        """Those that are on."""
        return self.on + self.new


@dataclass(frozen=True)
class Group:
    """Units that were all on, or all off, before.

    ``rising`` counts by bucket those whose bucket decides; ``always`` and ``never`` by bin those
    that are on, or off, at every percentage.
    """

    rising: Sequence[int]
    always: Sequence[int]
    never: Sequence[int]

    @cached_property
    def _below(self) -> list[int]:
        return [0, *accumulate(self.rising)]

    @cached_property
    def total(self) -> int:
        """How many units there are."""
        return self._below[-1] + sum(self.always) + sum(self.never)

    def on(self, bound: int) -> int:
        """How many are on below a bucket."""
        return self._below[bound] + sum(self.always)

    def bin(self, number: int, bound: int) -> tuple[int, int]:
        """(on, off) of one bin."""
        below, begin, end = self._below, number * WIDE, (number + 1) * WIDE
        cut = min(max(bound, begin), end)
        on = below[cut] - below[begin] + self.always[number]
        return on, below[end] - below[cut] + self.never[number]


@dataclass(frozen=True)
class Lookup:
    """What a rule does to a population at any percentage, beside what held before.

    ``was_on`` and ``was_off`` are the units by what held before. ``variants`` count by bucket
    those whose bucket decides, with the place for those always on at the end. ``apart`` compares
    with another salt: units whose bucket decides, counted by their bucket under it, and by the
    larger of their two buckets. ``missing`` units have no id; ``assumed`` names attributes whose
    conditions were taken to hold.
    """

    was_on: Group
    was_off: Group
    variants: Mapping[str, Sequence[int]] = field(default_factory=dict)
    apart: tuple[Sequence[int], Sequence[int]] | None = None
    missing: int = 0
    assumed: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        """How many units have an id."""
        return self.was_on.total + self.was_off.total

    @property
    def deciding(self) -> int:
        """How many units there are whose bucket decides."""
        return sum(self.was_on.rising) + sum(self.was_off.rising)

    def sides(self, percentage: float) -> Sides:
        """Who changes sides at this percentage."""
        bound = steps(percentage)
        on, new = self.was_on.on(bound), self.was_off.on(bound)
        return Sides(on, new, self.was_on.total - on, self.was_off.total - new)

    def bins(self, percentage: float) -> list[Sides]:
        """The same for each of a hundred bins of the buckets."""
        bound, found = steps(percentage), []
        for number in range(BINS):
            on, lost = self.was_on.bin(number, bound)
            new, off = self.was_off.bin(number, bound)
            found.append(Sides(on, new, lost, off))
        return found

    def share(self, percentage: float) -> Share:
        """The share that is on, with its interval."""
        return wilson(self.sides(percentage).after, self.total)

    def expected(self, percentage: float) -> float | None:
        """The share that is expected to be on, 0 to 1; None without units."""
        if not self.total:
            return None
        always = sum(self.was_on.always) + sum(self.was_off.always)
        return (always + self.deciding * steps(percentage) / BUCKETS) / self.total

    @cached_property
    def _variants_below(self) -> dict[str, list[int]]:
        return {name: [0, *accumulate(counts[:-1])] for name, counts in self.variants.items()}

    def variants_on(self, percentage: float) -> dict[str, int]:
        """How many of those that are on get each variant."""
        bound = steps(percentage)
        return {
            name: below[bound] + self.variants[name][-1]
            for name, below in self._variants_below.items()
        }

    @cached_property
    def _apart_below(self) -> tuple[list[int], list[int]] | None:
        if self.apart is None:
            return None
        other, larger = self.apart
        return [0, *accumulate(other)], [0, *accumulate(larger)]

    def salted(self, percentage: float) -> Sides | None:
        """Who changes sides when, at this percentage, the salt becomes the other one."""
        if self._apart_below is None:
            return None
        bound = steps(percentage)
        other, larger = (below[bound] for below in self._apart_below)
        always = sum(self.was_on.always) + sum(self.was_off.always)
        here = self.was_on.on(bound) + self.was_off.on(bound) - always
        return Sides(
            larger + always,
            other - larger,
            here - larger,
            self.total - here - other + larger - always,
        )
