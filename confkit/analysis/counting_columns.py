"""Counting columns for a :class:`confkit.analysis.lookup.Lookup`: millions of units a second."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from confkit.analysis.columnwise import Batch, answers
from confkit.analysis.counting import at_percentage, rollout_at
from confkit.analysis.distribution import BINS
from confkit.analysis.hashing import bucket_array
from confkit.analysis.lookup import WIDE, Group, Lookup
from confkit.bucket import BUCKETS
from confkit.errors import MissingExtra
from confkit.flags.rules.evaluation import Compiled, Table
from confkit.flags.rules.model import Rule

try:
    import numpy as np
except ImportError:
    raise MissingExtra("numpy", "analysis") from None

Array = Any  # a numpy array


class ColumnCounting:
    """The same as :class:`confkit.analysis.counting.Counting`, for batches of columns."""

    def __init__(
        self,
        rule: Rule,
        before: Compiled | None = None,
        *,
        other_salt: str | None = None,
        table: Table | None = None,
        shared: Mapping[str, Any] | None = None,
        assume: bool = False,
    ) -> None:
        self.rule, self._before = rule, before
        self.shared = dict(shared or {})
        self._table, self._assume = table or {}, assume
        self._none, self._all = (Compiled(at_percentage(rule, p)) for p in (0, 100))
        self._other = other_salt
        self._rising = np.zeros((2, BUCKETS), np.int64)
        self._fixed = np.zeros((2, 2, BINS), np.int64)
        self._variants: dict[str, Array] = {
            v.name: np.zeros(BUCKETS + 1, np.int64) for v in rule.variants
        }
        self._apart = np.zeros((2, BUCKETS), np.int64)
        self._missing = 0
        self._assumed: set[str] = set()

    def add(self, columns: Mapping[str, Any]) -> None:
        """Count a batch of columns of the same length, the ids among them.

        :raises confkit.InvalidPopulation: when a column is missing, or holds what is no id.
        """
        batch = Batch(columns, self.shared, assume=self._assume)
        present = batch.present(self.rule.unit)
        self._missing += len(present) - int(present.sum())
        rollout = rollout_at(self.rule)
        bucket = bucket_array(batch.words(rollout), rollout.scheme)
        most = answers(self._all, batch, self._table)
        least = answers(self._none, batch, self._table).on & most.on
        before = self._before
        was = np.zeros(len(present), bool)
        if before is not None:
            was = answers(before, batch, self._table).on
        self._assumed |= batch.assumed
        rising = most.on & ~least & present
        for side, there in enumerate((was & present, ~was & present)):
            self._rising[side] += _count(bucket[rising & there], BUCKETS)
            for kind, chosen in enumerate((least & there, ~most.on & there)):
                self._fixed[side, kind] += _count(bucket[chosen] // WIDE, BINS)
        for code, name in enumerate(most.variants):
            chosen = (most.variant == code) & most.on & present
            places = np.where(rising, bucket, BUCKETS)[chosen]
            self._variants[name] += _count(places, BUCKETS + 1)
        if self._other is not None:
            salted = rollout_at(self.rule, self._other)
            other = bucket_array(batch.words(salted), salted.scheme)[rising]
            self._apart[0] += _count(other, BUCKETS)
            self._apart[1] += _count(np.maximum(other, bucket[rising]), BUCKETS)

    def lookup(self) -> Lookup:
        """What was counted so far."""
        on, off = (
            Group(rising.tolist(), always.tolist(), never.tolist())
            for rising, (always, never) in zip(self._rising, self._fixed, strict=True)
        )
        apart = None if self._other is None else (self._apart[0].tolist(), self._apart[1].tolist())
        variants = {name: counts.tolist() for name, counts in self._variants.items()}
        return Lookup(on, off, variants, apart, self._missing, tuple(sorted(self._assumed)))


def _count(places: Array, length: int) -> Array:
    return np.bincount(places, minlength=length)
