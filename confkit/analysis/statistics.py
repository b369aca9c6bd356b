"""The tests behind every verdict, in pure Python: Wilson, chi-square, false discovery.

Each agrees with scipy to 1e-9. They take counts, never ids, so their cost does not grow with the
number of users.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import NormalDist
from typing import Any

from confkit.analysis.plot import Bar
from confkit.analysis.presentation import Presented, percent

#: Below this p-value a deviation is taken for real.
ALARM = 0.001
#: Below this p-value a deviation is unusual, and no proof of a fault.
UNUSUAL = 0.05
#: A deviation of less than 0.1 percentage points raises no alarm, however certain it is.
SMALLEST = 0.001


class Verdict(StrEnum):
    """What a test concludes."""

    AS_DECLARED = "as declared"
    UNUSUAL = "unusual, and no proof of a fault"
    TOO_SMALL = "certain, and too small to matter"
    MISMATCH = "not as declared"


def verdict_of(p: float, deviation: float) -> Verdict:
    """The verdict on a p-value and the largest deviation of a share (0.001 is 0.1 %)."""
    if p >= UNUSUAL:
        return Verdict.AS_DECLARED
    if p >= ALARM:
        return Verdict.UNUSUAL
    return Verdict.MISMATCH if deviation >= SMALLEST else Verdict.TOO_SMALL


# Distributions


def normal_quantile(q: float) -> float:
    """The point below which a standard normal variable is with probability ``q``."""
    return NormalDist().inv_cdf(q)


def chi_square_tail(statistic: float, freedom: int) -> float:
    """The probability that a chi-square variable is above ``statistic``.

    :raises ValueError: when there is no degree of freedom.
    """
    if freedom < 1:
        raise ValueError("a chi-square test needs at least two groups")
    if statistic <= 0:
        return 1.0
    if math.isinf(statistic):
        return 0.0
    if freedom == 1:
        return math.erfc(math.sqrt(statistic / 2))
    return _upper_gamma(freedom / 2, statistic / 2)


def _upper_gamma(a: float, x: float) -> float:
    """The regularised upper incomplete gamma function Q(a, x).

    By the series below the mean and by the continued fraction (Lentz) above it: NIST DLMF 8.11.4
    and 8.9.2.
    """
    scale = _gamma_scale(a, x)
    if x < a + 1:
        term = total = 1.0
        n = a
        while term > total * 1e-17:
            n += 1
            term *= x / n
            total += term
        return max(0.0, 1 - scale * total)
    tiny = 1e-300
    b = x + 1 - a
    c, d = 1 / tiny, 1 / b
    fraction, n = d, 0
    change = 0.0
    while abs(change - 1) > 1e-16:
        n += 1
        numerator = n * (a - n)
        b += 2
        d = 1 / (numerator * d + b or tiny)
        c = b + numerator / c or tiny
        change = c * d
        fraction *= change
        if n > 1_000_000:  # one change in 1e-16 may flicker for ever
            break
    return scale * a * fraction


def _gamma_scale(a: float, x: float) -> float:
    """``x**a * exp(-x) / gamma(a + 1)`` without the cancellation of its large factors."""
    if a < 10:
        return math.exp(a * math.log(x) - x - math.lgamma(a + 1))
    excess = (x - a) / a
    stirling = 1 / (12 * a) - 1 / (360 * a**3) + 1 / (1260 * a**5) - 1 / (1680 * a**7)
    power = a * (math.log1p(excess) - excess) - stirling
    return math.exp(power) / math.sqrt(2 * math.pi * a) if power > -745 else 0.0


# Shares


@dataclass(frozen=True, slots=True)
class Share(Presented):
    """``part`` of ``whole``, with the interval that holds the true share at ``confidence``."""

    part: int
    whole: int
    low: float
    high: float
    confidence: float = 0.95

    @property
    def value(self) -> float | None:
        """The share, 0 to 1; None where there is nobody."""
        return self.part / self.whole if self.whole else None

    @property
    def headline(self) -> str:
        """The share and its interval."""
        return (
            f"{percent(self.part, self.whole)}: {self.part:,} of {self.whole:,} "
            f"({100 * self.confidence:g} %: {percent(self.low)} to {percent(self.high)})"
        )

    @property
    def columns(self) -> Sequence[str]:
        """None: the headline has all of it."""
        return ()

    @property
    def rows(self) -> Sequence[Sequence[str]]:
        """None: the headline has all of it."""
        return ()

    @property
    def bars(self) -> Sequence[Bar]:
        """The share and its interval."""
        return [Bar("share", self.value or 0, self.low, self.high)]

    def to_dict(self) -> dict[str, Any]:
        """For machines; shares are 0 to 1."""
        return {
            "part": self.part,
            "whole": self.whole,
            "share": self.value,
            "low": self.low,
            "high": self.high,
            "confidence": self.confidence,
        }


def wilson(part: int, whole: int, confidence: float = 0.95) -> Share:
    """A share with its Wilson score interval (Wilson 1927, without continuity correction).

    >>> wilson(24_914, 100_000).headline
    '24.914 %: 24,914 of 100,000 (95 %: 24.647 % to 25.183 %)'

    :raises ValueError: when ``part`` is not within ``whole`` or ``confidence`` not within 0 to 1.
    """
    if not 0 <= part <= whole:
        raise ValueError(f"{part} of {whole} is no share")
    if not 0 < confidence < 1:
        raise ValueError(f"a confidence is between 0 and 1, not {confidence}")
    if whole == 0:
        return Share(0, 0, 0.0, 1.0, confidence)
    z = normal_quantile(0.5 + confidence / 2)
    share, weight = part / whole, z * z / whole
    middle = (share + weight / 2) / (1 + weight)
    half = z / (1 + weight) * math.sqrt(share * (1 - share) / whole + weight / (4 * whole))
    low = 0.0 if part == 0 else max(0.0, middle - half)
    high = 1.0 if part == whole else min(1.0, middle + half)
    return Share(part, whole, low, high, confidence)


# Goodness of fit


@dataclass(frozen=True, slots=True)
class Fit:
    """The result of a chi-square test."""

    statistic: float
    freedom: int
    p: float


def chi_square(observed: Sequence[float], expected: Sequence[float]) -> Fit:
    """Pearson's test of counts against expected counts; no correction.

    A group that is expected to be empty and is not gives p = 0; one that is, is left out.

    :raises ValueError: when the lengths differ or fewer than two groups are left.
    """
    statistic, groups = 0.0, 0
    for found, wanted in zip(observed, expected, strict=True):
        if wanted > 0:
            statistic += (found - wanted) ** 2 / wanted
            groups += 1
        elif found:
            statistic, groups = math.inf, groups + 1
    return Fit(statistic, groups - 1, chi_square_tail(statistic, groups - 1))


# Many tests at once


def false_discovery(ps: Sequence[float]) -> list[float]:
    """The p-values adjusted so that those below q hold a share of at most q of false alarms.

    Benjamini and Hochberg 1995.
    """
    count = len(ps)
    adjusted = [1.0] * count
    least = 1.0
    for rank, place in enumerate(sorted(range(count), key=ps.__getitem__, reverse=True)):
        least = min(least, ps[place] * count / (count - rank))
        adjusted[place] = least
    return adjusted
