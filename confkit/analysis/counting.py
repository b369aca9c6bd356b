"""Counting a population for a :class:`confkit.analysis.lookup.Lookup`, in pure Python.

It runs where neither numpy nor threads are: unit by unit, and in parts, so that a page can show
how far it is and stay alive. :mod:`confkit.analysis.counting_columns` does the same for columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from confkit.analysis.distribution import BINS, Unit, checked
from confkit.analysis.lookup import WIDE, Group, Lookup
from confkit.bucket import BUCKETS, steps
from confkit.flags.rules.evaluation import Compiled, Table
from confkit.flags.rules.model import Rule
from confkit.flags.rules.rollout import Rollout, cuts, digest_and_bucket, variant_of


def at_percentage(rule: Rule, percentage: float) -> Rule:
    """A rule at another percentage, enabled, and without its schedule."""
    return replace(rule, enabled=True, percentage=percentage, schedule=())


def rollout_at(rule: Rule, salt: str | None = None) -> Rollout:
    """The rollout that gives every unit its bucket."""
    return Rollout(100, salt or rule.salt or rule.name, rule.unit, rule.scheme)


class Counting:
    """A rule and what held before, counted over units; ``add`` them, then take the ``lookup``.

    :param rule: the rule to look at, at any percentage.
    :param before: what held before; None where nothing did: all were off.
    :param other_salt: a salt to compare with.
    :param table: answers the prerequisites.
    :param shared: attributes that all units have in common. Without an attribute that a condition
        needs, the condition is taken to hold with ``assume``, and does not hold else.
    """

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
        self.shared = dict(shared or {})
        self._table = table or {}
        self.assumed: tuple[str, ...] = ()
        if assume:
            rule, names = _without(rule, self.shared)
            self.assumed = tuple(sorted(names))
            if before is not None:
                held, _ = _without(before.rule, self.shared)
                before = Compiled(held, before.revision, before.clock)
        self.rule, self._before = rule, before
        self._none, self._all = (Compiled(at_percentage(rule, p)) for p in (0, 100))
        self._rollout = rollout_at(rule)
        self._other = None if other_salt is None else rollout_at(rule, other_salt)
        self._ends = cuts(rule.variants)
        self._rising = ([0] * BUCKETS, [0] * BUCKETS)
        self._fixed = tuple(([0] * BINS, [0] * BINS) for _ in range(2))
        self._variants = {name: [0] * (BUCKETS + 1) for _, name in self._ends}
        self._apart = ([0] * BUCKETS, [0] * BUCKETS)
        self._missing = self._row = 0
        self._cut = self._plain_cut()

    def _plain_cut(self) -> int | None:
        """Where only one hash decides, now and before: the bucket at which it was cut."""
        if self._none.constant is not False or self._all.constant is not True:
            return None
        before = self._before
        if before is None or before.constant is False:
            return 0
        if before.constant is True:
            return BUCKETS
        rollout = before.rule.rollout
        if before.prefix is None or rollout is None or rollout[1:] != self._rollout[1:]:
            return None
        return steps(rollout.percentage)

    @property
    def plain(self) -> bool:
        """Whether one hash decides for every unit."""
        return self._cut is not None

    def add(self, population: Iterable[Unit]) -> None:
        """Count units: ids, or the attributes of contexts.

        :raises confkit.InvalidPopulation: for an id that is neither text nor an integer.
        """
        unit, plain = self.rule.unit, self.plain
        for one in population:
            context: Mapping[str, Any] | None = None
            if isinstance(one, Mapping):
                context = {**self.shared, **one}
                one = context.get(unit)
            if one is None:
                self._missing += 1
            elif plain:
                self._add_plain(checked(one, self._row))
            else:
                text = checked(one, self._row)
                self._add_decided(text, context or {**self.shared, unit: one})
            self._row += 1

    def _add_plain(self, unit: str) -> None:
        hashed, bucket = digest_and_bucket(self._rollout, unit)
        self._rising[0 if bucket < self._cut else 1][bucket] += 1  # type: ignore[operator]
        if self._ends and (name := variant_of(hashed, self._ends)) is not None:
            self._variants[name][bucket] += 1
        if self._other is not None:
            self._compare(unit, bucket)

    def _add_decided(self, unit: str, context: Mapping[str, Any]) -> None:
        before = self._before
        side = 0 if before is not None and before.decide(context, self._table).value else 1
        _, bucket = digest_and_bucket(self._rollout, unit)
        most = self._all.decide(context, self._table)
        if not most.value:
            self._fixed[side][1][bucket // WIDE] += 1
            return
        if self._none.decide(context, self._table).value:
            place = BUCKETS
            self._fixed[side][0][bucket // WIDE] += 1
        else:
            place = bucket
            self._rising[side][bucket] += 1
            if self._other is not None:
                self._compare(unit, bucket)
        if most.variant is not None:
            self._variants[most.variant][place] += 1

    def _compare(self, unit: str, bucket: int) -> None:
        assert self._other is not None
        other = digest_and_bucket(self._other, unit)[1]
        self._apart[0][other] += 1
        self._apart[1][max(bucket, other)] += 1

    def lookup(self) -> Lookup:
        """What was counted so far."""
        on, off = (
            Group(rising, *fixed) for rising, fixed in zip(self._rising, self._fixed, strict=True)
        )
        apart = None if self._other is None else self._apart
        return Lookup(on, off, self._variants, apart, self._missing, self.assumed)


def _without(rule: Rule, known: Mapping[str, Any]) -> tuple[Rule, set[str]]:
    """A rule without the conditions on attributes that are not known, and those attributes."""
    names = {c.attribute for c in rule.conditions} - {*known, rule.unit}
    kept = tuple(c for c in rule.conditions if c.attribute not in names)
    return replace(rule, conditions=kept), names
