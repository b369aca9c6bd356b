"""Whether flags fall on the same units: counts of two flags together, and their correlation phi."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from confkit.analysis.plot import Bar
from confkit.analysis.presentation import Presented, p_text, percent
from confkit.analysis.statistics import UNUSUAL, chi_square_tail


@dataclass(frozen=True, slots=True)
class Pair:
    """Two flags over the same units: how many are on for both, for one, for none."""

    one: str
    other: str
    both: int
    only_one: int
    only_other: int
    neither: int

    @property
    def total(self) -> int:
        """How many units there are."""
        return self.both + self.only_one + self.only_other + self.neither

    @property
    def expected(self) -> float:
        """How many would be on for both if the flags were independent."""
        if not self.total:
            return 0.0
        return (self.both + self.only_one) * (self.both + self.only_other) / self.total

    @property
    def phi(self) -> float | None:
        """The correlation, -1 to 1; 0 for independent flags, None where one is the same for all."""
        one, other = self.both + self.only_one, self.both + self.only_other
        spread = one * (self.total - one) * other * (self.total - other)
        if not spread:
            return None
        return (self.both * self.neither - self.only_one * self.only_other) / math.sqrt(spread)

    @property
    def p(self) -> float:
        """The p-value of independence: chi-square with one degree of freedom, no correction."""
        phi = self.phi
        return 1.0 if phi is None else chi_square_tail(self.total * phi * phi, 1)


@dataclass(frozen=True, slots=True)
class Overlap(Presented):
    """Every pair of flags over one population."""

    flags: tuple[str, ...]
    on: Mapping[str, int]
    total: int
    pairs: tuple[Pair, ...]

    def pair(self, one: str, other: str) -> Pair:
        """The pair of two flags, in either order.

        :raises LookupError: when one of them is not among the flags.
        """
        for pair in self.pairs:
            if {pair.one, pair.other} == {one, other}:
                return pair
        raise LookupError(f"no pair of {one!r} and {other!r}")

    @property
    def headline(self) -> str:
        """How many pairs are correlated."""
        odd = sum(pair.p < UNUSUAL for pair in self.pairs)
        return (
            f"{len(self.flags)} flags over {self.total:,} units: "
            f"{odd} of {len(self.pairs)} pairs with p < {UNUSUAL}"
        )

    @property
    def columns(self) -> Sequence[str]:
        """The heads of the columns."""
        return ("flag", "and", "both", "expected", "share", "phi", "p")

    @property
    def rows(self) -> list[Sequence[str]]:
        """One row a pair."""
        return [
            (
                pair.one,
                pair.other,
                f"{pair.both:,}",
                f"{pair.expected:,.1f}",
                percent(pair.both, pair.total),
                "–" if pair.phi is None else f"{pair.phi:+.4f}",
                p_text(pair.p),
            )
            for pair in self.pairs
        ]

    @property
    def bars(self) -> Sequence[Bar]:
        """The share that both flags of a pair are on for, beside that of independent flags."""
        total = self.total or 1
        return [
            Bar(f"{pair.one}, {pair.other}", pair.both / total, expected=pair.expected / total)
            for pair in self.pairs
        ]

    def to_dict(self) -> dict[str, Any]:
        """For machines."""
        return {
            "units": self.total,
            "on": dict(self.on),
            "pairs": [
                {
                    "flags": [pair.one, pair.other],
                    "both": pair.both,
                    "expected": pair.expected,
                    "phi": pair.phi,
                    "p": pair.p,
                }
                for pair in self.pairs
            ],
        }


def overlap_of(answers: Mapping[str, Iterable[bool]]) -> Overlap:
    """Count how flags fall together, from flag -> its answers for the same units in the same order.

    The answers may be booleans, or the ``on`` column of :func:`confkit.analysis.assign`.

    :raises ValueError: when the columns are of different lengths.
    """
    sets: dict[str, int] = {}
    lengths: dict[str, int] = {}
    for name, column in answers.items():
        sets[name], lengths[name] = _bits(column)
    if len(set(lengths.values())) > 1:
        raise ValueError(f"columns of different lengths: {lengths}")
    total = next(iter(lengths.values()), 0)
    on = {name: bits.bit_count() for name, bits in sets.items()}
    pairs = []
    for one, other in combinations(sets, 2):
        both = (sets[one] & sets[other]).bit_count()
        only_one, only_other = on[one] - both, on[other] - both
        neither = total - both - only_one - only_other
        pairs.append(Pair(one, other, both, only_one, only_other, neither))
    return Overlap(tuple(sets), on, total, tuple(pairs))


def _bits(column: Any) -> tuple[int, int]:
    """A column as one integer with a byte for each unit: Python ands and counts that quickly.

    What is missing is not on. Columns of libraries are asked for their bytes, by what they offer:
    none is imported here, and one by one their items need not be true or false.
    """
    if hasattr(column, "to_pylist"):  # Arrow
        column = column.to_pylist()
    elif hasattr(column, "fillna"):  # pandas
        column = column.fillna(False).to_numpy(dtype=bool)
    elif hasattr(column, "filled"):  # a masked array of numpy
        column = column.filled(False)
    plain = getattr(getattr(column, "dtype", None), "kind", "") == "b"
    buffer: bytes = column.tobytes() if plain else bytes(map(bool, column))
    return int.from_bytes(buffer, "little"), len(buffer)
