"""What changes of rules do to a population: for each flag, who enters, stays and leaves.

Both sides are evaluated batch by batch over the same digests: a million units and twenty flags
take a few seconds and little memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from confkit.analysis.columns import arrow
from confkit.analysis.columnwise import Answers, Batch, answers
from confkit.analysis.population import Population
from confkit.analysis.ramp import Ramp
from confkit.errors import InvalidPopulation, MissingExtra
from confkit.flags.rules.evaluation import Compiled

try:
    import numpy as np
except ImportError:
    raise MissingExtra("numpy", "analysis") from None

Array = Any  # a numpy array
Flags = Mapping[str, Compiled]

#: The groups of a unit, by (was on) + 2 * (will be on).
_OUT, _LEFT, _ENTERED, _STAYED = range(4)


class Effects:
    """Who moves, by flag, and by flag and segment where a segment was named."""

    def __init__(self, names: Sequence[str]) -> None:
        self.flags = {name: Ramp(name) for name in names}
        self.segments: dict[str, dict[str, Ramp]] = {name: {} for name in names}
        #: Attributes of conditions that were taken to hold, because no column has them.
        self.assumed: set[str] = set()
        self.units = 0


def effects(
    old: Flags,
    new: Flags,
    names: Sequence[str],
    people: Population,
    *,
    unit: str | None = None,
    segment: str | None = None,
    shared: Mapping[str, Any] | None = None,
    assume: bool = False,
    progress: Callable[[int], object] | None = None,
) -> Effects:
    """Count who enters, stays and leaves for each of ``names``.

    :param old: every flag as it is; one that is not there is off.
    :param new: every flag as it will be.
    :param unit: the column of the ids, where it is not called as the rules call their unit.
    :param segment: a column by whose values to count as well.
    :param shared: attributes that all units have in common.
    :param assume: take conditions on attributes that nobody gave to hold.
    :raises confkit.InvalidPopulation: when a column is missing, or holds what is no id.
    """
    found = Effects(names)
    flags = [side[name] for side in (old, new) for name in names if name in side]
    named = {flag.unit for flag in flags}
    renamed = {unit: next(iter(named))} if unit is not None and len(named) == 1 else {}
    if unit is not None and not renamed and len(named) > 1:
        raise InvalidPopulation(f"the flags are by {', '.join(sorted(named))}: name columns so")
    wanted = _wanted(old, new, people, unit, segment)
    for columns in people.batches(wanted, next(iter(sorted(named)), "user_id")):
        given = {renamed.get(name, name): column for name, column in columns.items()}
        batch = Batch(given, shared, assume=assume)
        _count(found, old, new, batch, segment)
        found.assumed |= batch.assumed
        found.units += batch.length
        if progress is not None:
            progress(found.units)
    return found


def _wanted(
    old: Flags, new: Flags, people: Population, unit: str | None, segment: str | None
) -> list[str]:
    """The columns of the population that some rule reads."""
    flags = (*old.values(), *new.values())
    read = {flag.unit for flag in flags} | {unit, segment}
    read |= {attribute for flag in flags for _, attribute, _ in flag.conditions}
    if segment is not None and segment not in people.columns:
        known = ", ".join(people.columns) or "none"
        raise InvalidPopulation(f"there is no column {segment!r}; the columns are {known}")
    return [name for name in people.columns if name in read]


def _count(found: Effects, old: Flags, new: Flags, batch: Batch, segment: str | None) -> None:
    was_met: dict[str, Answers] = {}
    will_met: dict[str, Answers] = {}
    codes, labels = _segments(batch, segment)
    nobody = np.zeros(batch.length, bool)
    for name, total in found.flags.items():
        was, will = old.get(name), new.get(name)
        before = None if was is None else _answers(was, batch, old, was_met)
        after = None if will is None else _answers(will, batch, new, will_met)
        asked = will or was
        assert asked is not None
        present = batch.present(asked.unit)
        on_before = nobody if before is None or was is None else before.on & batch.present(was.unit)
        on_after = nobody if after is None else after.on & present
        group = on_before + 2 * on_after.astype(np.int64)
        moved = _moved(before, after) & (group == _STAYED)
        total.missing += batch.length - int(present.sum())
        _add(total, np.bincount(group[present], minlength=4), int((moved & present).sum()))
        for code, label in enumerate(labels):
            chosen = present & (codes == code)
            part = found.segments[name].setdefault(label, Ramp(name))
            part.missing += int(((codes == code) & ~present).sum())
            _add(part, np.bincount(group[chosen], minlength=4), int((moved & chosen).sum()))


def _answers(flag: Compiled, batch: Batch, flags: Flags, met: dict[str, Answers]) -> Answers:
    if flag.name not in met:
        met[flag.name] = answers(flag, batch, flags, met)
    return met[flag.name]


def _moved(before: Answers | None, after: Answers | None) -> Array:
    """For which units the variant is another one."""
    if before is None or after is None:
        return np.zeros(1, bool)
    if before.variants == after.variants:
        return before.variant != after.variant
    names = list(dict.fromkeys((*before.variants, *after.variants)))
    # The last place is for no variant, which is -1.
    places = [np.array([*map(names.index, side.variants), -1]) for side in (before, after)]
    return places[0][before.variant] != places[1][after.variant]


def _add(total: Ramp, groups: Array, moved: int) -> None:
    total.out += int(groups[_OUT])
    total.left += int(groups[_LEFT])
    total.entered += int(groups[_ENTERED])
    total.stayed += int(groups[_STAYED])
    total.moved += moved


def _segments(batch: Batch, segment: str | None) -> tuple[Array, list[str]]:
    if segment is None:
        return np.zeros(batch.length, np.int64), []
    encoded = arrow(batch.columns[segment], segment).combine_chunks().dictionary_encode()
    labels = [str(value) for value in encoded.dictionary.to_pylist()]
    codes = encoded.indices.fill_null(len(labels)).to_numpy(zero_copy_only=False)
    return codes, [*labels, "(missing)"] if encoded.null_count else labels


def affected(changed: Sequence[str], *sides: Flags) -> Iterator[str]:
    """The flags that changed, then those that need one of them, directly or not; sorted."""
    needing = set(changed)
    grown = True
    while grown:
        more = {
            name
            for side in sides
            for name, flag in side.items()
            if name not in needing and any(p.name in needing for p in flag.rule.prerequisites)
        }
        needing |= more
        grown = bool(more)
    yield from sorted(changed)
    yield from sorted(needing - set(changed))
