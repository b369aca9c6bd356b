"""One flag over a batch of units: the steps of ``Compiled.decide``, each for all units at once.

A condition is evaluated once for each distinct value of its column. What this file does not know
(a kind of flag that is not a plain rule) is asked unit by unit: slower, and the same answers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from confkit.analysis.columns import Array, arrow, texts, units
from confkit.analysis.hashing import bucket_array, word_arrays
from confkit.bucket import steps, threshold
from confkit.errors import InvalidPopulation, MissingExtra
from confkit.flags.rules.decision import Reason
from confkit.flags.rules.evaluation import Compiled, Table
from confkit.flags.rules.rollout import Rollout

try:
    import numpy as np
    import pyarrow as pa
    from pyarrow import compute
except ImportError as error:
    raise MissingExtra(error.name or "pyarrow", "analysis") from None

REASONS = tuple(Reason)
_CODE = {reason: code for code, reason in enumerate(REASONS)}


class Batch:
    """Columns of the same length, by name, and what was worked out of them so far.

    ``shared`` are attributes that all units have in common. With ``assume`` a condition on an
    attribute that is neither is taken to hold; without it, that is an error.
    """

    def __init__(
        self,
        columns: Mapping[str, Any],
        shared: Mapping[str, Any] | None = None,
        *,
        assume: bool = False,
        first_row: int = 0,
        processes: int = 1,
        progress: Callable[[int], object] | None = None,
    ) -> None:
        self.columns = columns
        self.shared = dict(shared or {})
        self.assume = assume
        self.assumed: set[str] = set()
        self.first_row = first_row
        self._processes = processes
        self._progress = progress
        lengths = {name: len(column) for name, column in columns.items()}
        if len(set(lengths.values())) > 1:
            raise InvalidPopulation(f"columns of different lengths: {lengths}")
        self.length = next(iter(lengths.values()), 0)
        self._texts: dict[str, Any] = {}
        self._words: dict[tuple[str, str, str], tuple[Array, ...]] = {}
        self._arrow: dict[str, Any] = {}

    def units(self, unit: str) -> Any:
        """The ids of a unit as text.

        :raises confkit.InvalidPopulation: when there is no such column, or it holds what is no id.
        """
        if unit not in self._texts:
            if unit not in self.columns:
                known = ", ".join(self.columns) or "none"
                raise InvalidPopulation(f"there is no column {unit!r}; the columns are {known}")
            self._texts[unit] = texts(self.columns[unit], unit)
        return self._texts[unit]

    def present(self, unit: str) -> Array:
        """Which units have an id."""
        column = self.units(unit)
        if not column.null_count:
            return np.ones(self.length, bool)
        return compute.is_valid(column).to_numpy()

    def words(self, rollout: Rollout) -> tuple[Array, ...]:
        """The words of the digest that the scheme of a rollout needs, for every unit."""
        key = (rollout.unit, rollout.salt, rollout.scheme)
        if key not in self._words:
            self._words[key] = word_arrays(
                rollout, units(self.units(rollout.unit)), self._processes, self._progress
            )
        return self._words[key]

    def holds(self, attribute: str, test: Callable[[Any], Any]) -> Array:
        """For which units a test of one attribute holds."""
        if attribute not in self.columns:
            if attribute in self.shared:
                return np.full(self.length, bool(test(self.shared[attribute])))
            if self.assume:
                self.assumed.add(attribute)
                return np.ones(self.length, bool)
            raise InvalidPopulation(
                f"a condition needs {attribute!r}, and there is no such column: give the column, "
                "or the value that all units share"
            )
        if attribute not in self._arrow:
            column = arrow(self.columns[attribute], attribute)
            try:
                self._arrow[attribute] = column.combine_chunks().dictionary_encode()
            except pa.ArrowException:  # a list or a mapping in each row
                self._arrow[attribute] = column.to_pylist()
        column = self._arrow[attribute]
        if isinstance(column, list):
            return np.fromiter((bool(test(value)) for value in column), bool, self.length)
        if isinstance(column, pa.ChunkedArray):
            column = column.combine_chunks()
        # The last place is for the missing value.
        answers = np.array([bool(test(v)) for v in (*column.dictionary.to_pylist(), None)], bool)
        indices = column.indices.fill_null(len(answers) - 1)
        return answers[indices.to_numpy(zero_copy_only=False)]

    def context(self, row: int) -> dict[str, Any]:
        """One unit as the attributes of a question."""
        found = dict(self.shared)
        for name in self.columns:
            if name not in self._arrow or not isinstance(self._arrow[name], list):
                self._arrow[name] = arrow(self.columns[name], name).to_pylist()
            found[name] = self._arrow[name][row]
        return found


@dataclass(slots=True)
class Answers:
    """The decisions of one flag for a batch.

    ``reason`` holds places in ``REASONS``; ``bucket`` is -1 where no rollout decided, ``variant``
    a place in ``variants`` or -1. A unit without an id is answered as a question without one.
    """

    name: str
    on: Array
    reason: Array
    bucket: Array
    variant: Array
    variants: tuple[str, ...] = field(default=())


def answers(
    flag: Compiled, batch: Batch, table: Table, met: dict[str, Answers] | None = None
) -> Answers:
    """Decide one flag for every unit of a batch; the same as ``flag.decide`` one by one.

    :raises confkit.InvalidPopulation: when a column that the rule needs is missing.
    """
    met = {} if met is None else met
    if type(flag) is not Compiled:
        return _one_by_one(flag, batch, table)
    rule, length = flag.rule, batch.length
    found = Answers(
        flag.name,
        np.zeros(length, bool),
        np.full(length, _CODE[Reason.DISABLED], np.uint8),
        np.full(length, -1, np.int32),
        np.full(length, -1, np.int16),
        tuple(name for _, name in flag.cuts),
    )
    if not rule.enabled:
        return found
    present = batch.present(flag.unit)
    _Steps(flag, batch, table, met, present, np.ones(length, bool)).run(found)
    if len(flag.cuts) == 1:
        found.variant[found.on] = 0  # the same for everybody, with an id or without
    elif flag.cuts:
        _variants(flag, batch, found, found.on & present)
    return found


@dataclass(slots=True)
class _Steps:
    """The steps of a decision, in order; ``open`` are the units that none has answered yet."""

    flag: Compiled
    batch: Batch
    table: Table
    met: dict[str, Answers]
    present: Array
    open: Array

    def run(self, found: Answers) -> None:
        flag, batch = self.flag, self.batch
        for listed, on, reason in (
            (flag.deny, False, Reason.DENIED),
            (flag.allow, True, Reason.ALLOWED),
        ):
            if listed:
                column = batch.units(flag.unit)
                wanted = pa.array(sorted(listed), column.type)
                self._answer(found, compute.is_in(column, wanted).to_numpy(), on, reason)
        for name, wanted in flag.rule.prerequisites:
            met = self._prerequisite(name, wanted)
            self._answer(found, ~met, False, Reason.PREREQUISITE)
        for _, attribute, test in flag.conditions:
            self._answer(found, ~batch.holds(attribute, test), False, Reason.CONDITIONS)
        percentage = flag.percentage()
        if percentage is None:
            everybody = flag.rule.allow is None
            reason = Reason.ON if everybody else Reason.NOT_ALLOWED
            self._answer(found, self.open, everybody, reason)
        elif percentage in (0, 100):
            reason = Reason.ON if percentage else Reason.OUT_OF_ROLLOUT
            self._answer(found, self.open, percentage == 100, reason)
        else:
            self._share(found, percentage)

    def _answer(self, found: Answers, units: Array, on: bool, reason: Reason) -> None:
        chosen = units & self.open
        if on:
            found.on |= chosen
        found.reason[chosen] = _CODE[reason]
        self.open = self.open & ~chosen

    def _prerequisite(self, name: str, wanted: bool | str) -> Array:
        """For which units a prerequisite is as wanted."""
        flag = self.table.get(name)
        if flag is None:
            return np.zeros(self.batch.length, bool)
        if name not in self.met:
            self.met[name] = answers(flag, self.batch, self.table, self.met)  # type: ignore[arg-type]
        state = self.met[name]
        if isinstance(wanted, bool):
            return state.on if wanted else ~state.on
        if wanted not in state.variants:
            return np.zeros(self.batch.length, bool)
        return state.on & (state.variant == state.variants.index(wanted))

    def _share(self, found: Answers, percentage: float) -> None:
        flag = self.flag
        self._answer(found, ~self.present, False, Reason.NO_UNIT)
        rollout = rollout_of(flag, percentage)
        buckets = bucket_array(self.batch.words(rollout), rollout.scheme)
        np.copyto(found.bucket, buckets, where=self.open)
        inside = buckets < steps(percentage)
        self._answer(found, inside, True, Reason.IN_ROLLOUT)
        self._answer(found, self.open, False, Reason.OUT_OF_ROLLOUT)


def rollout_of(flag: Compiled, percentage: float = 100) -> Rollout:
    """The rollout of a flag at a percentage."""
    rule = flag.rule
    return Rollout(percentage, rule.salt or rule.name, rule.unit, rule.scheme)


def _variants(flag: Compiled, batch: Batch, found: Answers, chosen: Array) -> None:
    word = batch.words(rollout_of(flag))[1]
    total, ends = 0, []
    for variant in sorted(flag.rule.variants):
        total += steps(variant.weight)
        ends.append(threshold(total / 1000))
    places = np.searchsorted(np.array(ends, np.uint64), word[chosen], side="right")
    places[places == len(ends)] = -1
    found.variant[chosen] = places


def _one_by_one(flag: Any, batch: Batch, table: Table) -> Answers:
    decisions = [flag.decide(batch.context(row), table) for row in range(batch.length)]
    names = tuple(sorted({d.variant for d in decisions if d.variant is not None}))
    places = dict(zip((*names, None), (*range(len(names)), -1), strict=True))
    return Answers(
        flag.name,
        np.array([d.value for d in decisions], bool),
        np.array([_CODE[d.reason] for d in decisions], np.uint8),
        np.array([-1 if d.bucket is None else d.bucket for d in decisions], np.int32),
        np.array([places[d.variant] for d in decisions], np.int16),
        names,
    )
