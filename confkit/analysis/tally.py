"""Counting decisions batch by batch, so that a file of any length needs no more memory."""

from __future__ import annotations

from collections import Counter
from typing import Any

from confkit.analysis.columnwise import REASONS, Answers, Batch, rollout_of
from confkit.analysis.distribution import BINS, Distribution, declared_share
from confkit.analysis.hashing import bucket_array
from confkit.bucket import BUCKETS
from confkit.errors import MissingExtra
from confkit.flags.rules.evaluation import Compiled

try:
    import numpy as np
except ImportError:
    raise MissingExtra("numpy", "analysis") from None

Array = Any  # a numpy array


class Tally:
    """The distribution of one flag, added up over batches."""

    def __init__(self, flag: Compiled) -> None:
        self._flag = flag
        self._found = Distribution(flag.name, declared_share(flag))

    def add(self, answers: Answers, batch: Batch) -> None:
        """Count the decisions of a batch; units without an id are missing."""
        found, present = self._found, batch.present(self._flag.unit)
        on = answers.on & present
        bins = self._places(answers, batch)[present] // (BUCKETS // BINS)
        found.total += int(present.sum())
        found.missing += len(present) - int(present.sum())
        found.on += int(on.sum())
        _count(found.bins, bins)
        _count(found.bins_on, bins[on[present]])
        reasons = np.bincount(answers.reason[present], minlength=len(REASONS)).tolist()
        found.reasons += Counter({r.value: c for r, c in zip(REASONS, reasons, strict=True) if c})
        chosen = answers.variant[on]
        weights = np.bincount(chosen[chosen >= 0], minlength=len(answers.variants)).tolist()
        found.variants += Counter(dict(zip(answers.variants, weights, strict=True)))

    def _places(self, answers: Answers, batch: Batch) -> Array:
        """The bucket of every unit, also where it was decided without the rollout."""
        if not (answers.bucket < 0).any():
            return answers.bucket
        rollout = rollout_of(self._flag)
        return bucket_array(batch.words(rollout), rollout.scheme)

    def distribution(self) -> Distribution:
        """What was counted so far."""
        return self._found


def _count(into: list[int], places: Array) -> None:
    for place, count in enumerate(np.bincount(places, minlength=len(into)).tolist()):
        into[place] += count
