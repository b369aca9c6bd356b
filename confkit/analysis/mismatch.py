"""Sample-ratio mismatch: whether groups are as large as their weights declare.

Once, by a chi-square test; or after every hour, by a test that stays valid however often it is
asked.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from confkit.analysis.plot import Bar
from confkit.analysis.presentation import Presented, p_text, percent
from confkit.analysis.statistics import Verdict, chi_square, verdict_of


@dataclass(frozen=True, slots=True)
class SampleRatio(Presented):
    """Whether groups are as large as declared. ``p`` and ``deviation`` (of a share) decide."""

    observed: Mapping[str, int]
    weights: Mapping[str, float]
    p: float
    deviation: float
    looks: str = "one look"

    @property
    def total(self) -> int:
        """How many units are in all groups."""
        return sum(self.observed.values())

    @property
    def verdict(self) -> Verdict:
        """What follows: an alarm needs p < 0.001 and a deviation of at least 0.1 %."""
        return verdict_of(self.p, self.deviation)

    @property
    def mismatch(self) -> bool:
        """Whether to raise an alarm."""
        return self.verdict is Verdict.MISMATCH

    @property
    def headline(self) -> str:
        """The verdict and its figures."""
        return (
            f"{self.verdict.value}: p = {p_text(self.p)} for {self.looks}, "
            f"largest deviation {percent(self.deviation)}, {self.total:,} units"
        )

    @property
    def columns(self) -> Sequence[str]:
        """The heads of the columns."""
        return ("group", "observed", "expected", "share", "declared")

    @property
    def rows(self) -> list[Sequence[str]]:
        """One row a group."""
        total, whole = self.total, sum(self.weights.values())
        return [
            (
                name,
                f"{self.observed.get(name, 0):,}",
                f"{total * weight / whole:,.1f}",
                percent(self.observed.get(name, 0), total),
                percent(weight, whole),
            )
            for name, weight in self.weights.items()
        ]

    @property
    def bars(self) -> Sequence[Bar]:
        """The share of each group beside the declared one."""
        total, whole = self.total or 1, sum(self.weights.values())
        return [
            Bar(name, self.observed.get(name, 0) / total, expected=weight / whole)
            for name, weight in self.weights.items()
        ]

    def to_dict(self) -> dict[str, Any]:
        """For machines; shares are 0 to 1."""
        whole = sum(self.weights.values())
        return {
            "observed": dict(self.observed),
            "declared": {name: weight / whole for name, weight in self.weights.items()},
            "p": self.p,
            "deviation": self.deviation,
            "verdict": self.verdict.value,
            "mismatch": self.mismatch,
        }


def sample_ratio(observed: Mapping[str, int], weights: Mapping[str, float]) -> SampleRatio:
    """Whether the sizes of groups fit their declared weights (any unit): a chi-square test.

    It is valid for one look, planned beforehand. Who looks again and again uses
    :func:`sequential_sample_ratio`.

    >>> sample_ratio({"red": 5_000, "blue": 5_400}, {"red": 50, "blue": 50}).verdict.value
    'not as declared'

    :raises ValueError: when a group has no weight, or fewer than two have one.
    """
    shares = _shares(observed, weights)
    total = sum(observed.values())
    names = list(shares)
    fit = chi_square([observed.get(n, 0) for n in names], [shares[n] * total for n in names])
    return SampleRatio(dict(observed), dict(weights), fit.p, _deviation(observed, shares))


def sequential_sample_ratio(
    observed: Mapping[str, int],
    weights: Mapping[str, float],
    *,
    before: float = 1.0,
    concentration: float = 1000,
) -> SampleRatio:
    """The same question for counts so far, valid however often it is asked.

    ``1 / p`` is a Bayes factor: a Dirichlet mixture around the declared weights against the
    weights themselves. Under the declared weights it is a martingale, so that p ever falls below
    0.001 with a probability of at most 0.001 (Ville's inequality; Lindon and Malek 2022,
    "Anytime-valid inference for multinomial count data"). ``before`` is the p of the look before;
    the result is never above it. A larger ``concentration`` finds smaller deviations, later.

    :raises ValueError: when a group has no weight, or fewer than two have one.
    """
    shares = _shares(observed, weights)
    total = sum(observed.values())
    log_factor = math.lgamma(concentration) - math.lgamma(concentration + total)
    for name, share in shares.items():
        count = observed.get(name, 0)
        if share == 0:
            log_factor = math.inf if count else log_factor
            continue
        prior = concentration * share
        log_factor += math.lgamma(prior + count) - math.lgamma(prior) - count * math.log(share)
    p = 0.0 if log_factor > 745 else min(1.0, before, math.exp(-log_factor))
    return SampleRatio(
        dict(observed), dict(weights), p, _deviation(observed, shares), "any number of looks"
    )


def _shares(observed: Mapping[str, int], weights: Mapping[str, float]) -> dict[str, float]:
    if unknown := [name for name in observed if name not in weights]:
        raise ValueError(f"no weight for the group {unknown[0]!r}")
    if bad := [name for name, weight in weights.items() if not 0 <= weight < math.inf]:
        raise ValueError(f"the weight of {bad[0]!r} is no number from 0 on")
    whole = sum(weights.values())
    if sum(weight > 0 for weight in weights.values()) < 2:
        raise ValueError("a sample ratio needs at least two groups with a weight")
    return {name: weight / whole for name, weight in weights.items()}


def _deviation(observed: Mapping[str, int], shares: Mapping[str, float]) -> float:
    total = sum(observed.values())
    if not total:
        return 0.0
    return max(abs(observed.get(name, 0) / total - share) for name, share in shares.items())
