"""How a population falls: by bucket for a salt, or by decision for a flag.

A salt is hashed once into 100,000 counts; after that every percentage is a look-up, however many
units there are. Only counts are kept, never ids.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

from confkit.analysis.plot import Bar
from confkit.analysis.presentation import Presented, p_text, percent
from confkit.analysis.statistics import Fit, Share, chi_square, wilson
from confkit.bucket import BUCKETS, steps, unit_text
from confkit.errors import InvalidPopulation
from confkit.flags.rules.decision import Decision
from confkit.flags.rules.evaluation import Compiled, Table
from confkit.flags.rules.rollout import (
    Rollout,
    Scheme,
    Variant,
    cuts,
    digest_and_bucket,
    variant_of,
)
from confkit.forking import cached_property

#: How many bins a distribution keeps; one is 1 %.
BINS = 100

#: A unit: its id, None where it has none, or all attributes of a context.
Unit = str | int | None | Mapping[str, Any]


@dataclass(frozen=True)
class BucketCounts(Presented):
    """How many units fall into each of the 100,000 buckets of one salt.

    ``counts`` has them by bucket; ``variants`` the same for each variant, where variants were
    given. ``missing`` units have no id and no bucket.
    """

    salt: str
    counts: Sequence[int]
    missing: int = 0
    variants: Mapping[str, Sequence[int]] = field(default_factory=dict)

    @cached_property
    def _below(self) -> list[int]:
        return [0, *accumulate(self.counts)]

    @cached_property
    def _variants_below(self) -> dict[str, list[int]]:
        return {name: [0, *accumulate(counts)] for name, counts in self.variants.items()}

    @property
    def total(self) -> int:
        """How many units have a bucket."""
        return self._below[-1]

    def on(self, percentage: float) -> int:
        """How many units a rollout at this percentage takes in."""
        return self._below[steps(percentage)]

    def share(self, percentage: float, confidence: float = 0.95) -> Share:
        """The share that a rollout at this percentage takes in, with its Wilson interval."""
        return wilson(self.on(percentage), self.total, confidence)

    def variants_on(self, percentage: float) -> dict[str, int]:
        """How many of those in the rollout get each variant."""
        return {name: below[steps(percentage)] for name, below in self._variants_below.items()}

    def bins(self, count: int = BINS) -> list[int]:
        """The counts in ``count`` bins of equal width.

        :raises ValueError: when 100,000 buckets cannot be parted so.
        """
        if not 1 <= count <= BUCKETS or BUCKETS % count:
            raise ValueError(f"100,000 buckets cannot be parted into {count} equal bins")
        wide = BUCKETS // count
        below = self._below
        return [below[at + wide] - below[at] for at in range(0, BUCKETS, wide)]

    def uniformity(self, bins: int = BINS) -> Fit:
        """Whether the buckets are equally full: a chi-square test over ``bins`` bins."""
        return chi_square(self.bins(bins), [self.total / bins] * bins)

    def percentage_of(self, share: float) -> float:
        """The lowest percentage, in steps of 0.001, that takes in at least ``share`` (0 to 1)."""
        wanted = share * self.total
        return next(n for n, below in enumerate(self._below) if below >= wanted) / 1000

    @property
    def headline(self) -> str:
        """How many units there are, and how evenly they fall."""
        even = f"even with p = {p_text(self.uniformity().p)}" if self.total else "no units"
        missing = f", {self.missing:,} without an id" if self.missing else ""
        return f"salt {self.salt!r}: {self.total:,} units{missing}, {even}"

    @property
    def columns(self) -> Sequence[str]:
        """The heads of the columns."""
        return ("buckets", "units", "share")

    @property
    def rows(self) -> list[Sequence[str]]:
        """Twenty bins of 5 %."""
        return [
            (f"{5 * n} to {5 * n + 5} %", f"{units:,}", percent(units, self.total))
            for n, units in enumerate(self.bins(20))
        ]

    @property
    def bars(self) -> Sequence[Bar]:
        """Twenty bins of 5 %, beside a twentieth."""
        total = self.total or 1
        return [
            Bar(f"{5 * n} to {5 * n + 5} %", units / total, expected=0.05)
            for n, units in enumerate(self.bins(20))
        ]

    def to_dict(self) -> dict[str, Any]:
        """For machines: a hundred bins of 1 %."""
        return {
            "salt": self.salt,
            "units": self.total,
            "missing": self.missing,
            "uniformity_p": self.uniformity().p if self.total else None,
            "bins": self.bins(),
        }


def bucket_counts(
    salt: str,
    ids: Iterable[str | int | None],
    *,
    variants: Iterable[Variant] = (),
    scheme: Scheme = "md5-32",
) -> BucketCounts:
    """Hash ids into counts by bucket, in pure Python: about 0.8 s for a million.

    ``None`` is a missing id. :func:`confkit.analysis.count` does the same for columns, faster.

    :raises confkit.InvalidPopulation: for an id that is neither text nor an integer.
    """
    rollout, ends = Rollout(100, salt, scheme=scheme), cuts(variants)
    counts = [0] * BUCKETS
    by_variant = {name: [0] * BUCKETS for _, name in ends}
    missing = 0
    for row, unit in enumerate(ids):
        if unit is None:
            missing += 1
            continue
        hashed, bucket = digest_and_bucket(rollout, checked(unit, row))
        counts[bucket] += 1
        if ends and (name := variant_of(hashed, ends)) is not None:
            by_variant[name][bucket] += 1
    return BucketCounts(salt, counts, missing, by_variant)


def checked(unit: object, row: int) -> str:
    """A unit id as it is hashed.

    :raises confkit.InvalidPopulation: for an id that is neither text nor an integer.
    """
    text = unit_text(unit)
    if text is None:
        kind = "text without UTF-8" if isinstance(unit, str) else type(unit).__name__
        hint = (
            "; a column of integers with a missing value becomes floats: use Int64 or text"
            if isinstance(unit, float)
            else ""
        )
        raise InvalidPopulation(f"row {row}: an id is text or an integer, not {kind}{hint}")
    return text


def contexts(
    population: Iterable[Unit], unit: str, attributes: Mapping[str, Any] | None = None
) -> Iterator[Mapping[str, Any]]:
    """Every unit as the attributes of a question; ``attributes`` are those that all share.

    :raises confkit.InvalidPopulation: for an id that is neither text nor an integer.
    """
    shared = dict(attributes or {})
    for row, one in enumerate(population):
        context = {**shared, **one} if isinstance(one, Mapping) else {**shared, unit: one}
        if (given := context.get(unit)) is not None:
            checked(given, row)
        yield context


@dataclass(slots=True)
class Distribution(Presented):
    """The decisions of one flag for a population: on and off, by variant, reason and bucket.

    ``bins`` and ``bins_on`` have a hundred bins of 1 %; ``missing`` units have no id: they are not
    decided and not in ``total``. ``declared`` is the percentage where nothing but a rollout
    decides, else None.
    """

    name: str
    declared: float | None = None
    total: int = 0
    missing: int = 0
    on: int = 0
    variants: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    bins: list[int] = field(default_factory=lambda: [0] * BINS)
    bins_on: list[int] = field(default_factory=lambda: [0] * BINS)

    @property
    def share(self) -> Share:
        """The share that is on, with its Wilson interval at 95 %."""
        return wilson(self.on, self.total)

    def histogram(self, bins: int = 20) -> list[tuple[int, int]]:
        """(all, on) for ``bins`` bins of equal width.

        :raises ValueError: when a hundred bins cannot be joined so.
        """
        if not 1 <= bins <= BINS or BINS % bins:
            raise ValueError(f"100 bins cannot be joined to {bins} equal ones")
        wide = BINS // bins
        return [
            (sum(self.bins[at : at + wide]), sum(self.bins_on[at : at + wide]))
            for at in range(0, BINS, wide)
        ]

    @property
    def headline(self) -> str:
        """The share that is on, with its interval."""
        text = f"{self.name}: {self.share.headline}"
        return text if self.declared is None else f"{text}; declared {self.declared:g} %"

    @property
    def columns(self) -> Sequence[str]:
        """The heads of the columns."""
        return ("", "units", "share")

    @property
    def rows(self) -> list[Sequence[str]]:
        """On, off, every variant, every reason."""
        counts = [("on", self.on), ("off", self.total - self.on)]
        counts += [(f"variant {name}", n) for name, n in sorted(self.variants.items())]
        counts += [(f"reason {name}", n) for name, n in self.reasons.most_common()]
        counts += [("without an id", self.missing)] if self.missing else []
        return [(name, f"{n:,}", percent(n, self.total)) for name, n in counts]

    @property
    def bars(self) -> Sequence[Bar]:
        """The share that is on, beside the declared one, and that of each variant among all."""
        declared = None if self.declared is None else self.declared / 100
        share = self.share
        variants = sorted(self.variants.items())
        return [
            Bar("on", share.value or 0, share.low, share.high, declared),
            *(Bar(name, count / (self.total or 1)) for name, count in variants),
        ]

    def to_dict(self) -> dict[str, Any]:
        """For machines; shares are 0 to 1."""
        return {
            "flag": self.name,
            "units": self.total,
            "missing": self.missing,
            "on": self.on,
            "share": self.share.value,
            "low": self.share.low,
            "high": self.share.high,
            "declared": self.declared,
            "variants": dict(sorted(self.variants.items())),
            "reasons": dict(self.reasons.most_common()),
            "bins": [
                {"from": 5 * n, "units": units, "on": on}
                for n, (units, on) in enumerate(self.histogram())
            ],
        }


def distribution_of(
    flag: Compiled,
    population: Iterable[Unit],
    table: Table | None = None,
    attributes: Mapping[str, Any] | None = None,
) -> Distribution:
    """Decide one flag for every unit, in pure Python.

    ``population`` has ids or contexts; ``table`` answers the prerequisites; ``attributes`` are
    those that all units share.

    :raises confkit.InvalidPopulation: for an id that is neither text nor an integer.
    """
    found = Distribution(flag.name, declared_share(flag))
    rule = flag.rule
    everybody = Rollout(100, rule.salt or rule.name, rule.unit, rule.scheme)
    for context in contexts(population, flag.unit, attributes):
        unit = context.get(flag.unit)
        if unit is None:
            found.missing += 1
            continue
        decision = flag.decide(context, table or {})
        bucket = decision.bucket
        if bucket is None:  # decided without the rollout: its place is shown all the same
            bucket = digest_and_bucket(everybody, checked(unit, found.total))[1]
        _tally(found, decision, bucket * BINS // BUCKETS)
    return found


def _tally(found: Distribution, decision: Decision, place: int) -> None:
    found.total += 1
    found.reasons[decision.reason.value] += 1
    found.bins[place] += 1
    if decision.value:
        found.on += 1
        found.bins_on[place] += 1
        if decision.variant is not None:
            found.variants[decision.variant] += 1


def declared_share(flag: Compiled) -> float | None:
    """The percentage that a flag declares; None where more than a rollout decides."""
    if flag.constant is not None:
        return 100 if flag.constant else 0
    if flag.listed or flag.conditions or flag.rule.prerequisites:
        return None
    return flag.percentage()
