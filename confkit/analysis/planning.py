"""Making a plan: from changes of flags and a population to who enters, stays and leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from confkit.analysis.effects import Effects, affected, effects
from confkit.analysis.plan import Base, Plan, Step
from confkit.analysis.population import Population
from confkit.analysis.ramp import Ramp
from confkit.errors import InvalidFlag, Problem, UnknownFlag
from confkit.flags.client import Flags
from confkit.flags.rules.evaluation import Compiled
from confkit.flags.rules.literals import Document
from confkit.flags.rules.model import Rule
from confkit.flags.rules.widening import widening
from confkit.flags.writer import base, check_prerequisites, merged
from confkit.near import did_you_mean


def make_plan(
    flags: Flags,
    changes: Mapping[str, Document | None],
    people: Population,
    *,
    author: str = "",
    reason: str = "",
    require_approval: bool = False,
    unit: str | None = None,
    segment: str | None = None,
    shared: Mapping[str, Any] | None = None,
    assume: bool = False,
    progress: Callable[[int], object] | None = None,
) -> Plan:
    """Plan changes of the flags that a client believes; nothing is written.

    :param changes: for each flag the fields to change (None takes a field away), or None to
        delete the flag.
    :param unit: the column of the ids, where it is not called as the rules call their unit.
    :param segment: a column by whose values to count as well.
    :param shared: attributes that all units have in common.
    :param assume: take conditions on attributes that nobody gave to hold; so it is done with a
        synthetic population.
    :raises confkit.InvalidFlag: for the first flag whose rule would be none.
    :raises confkit.UnknownFlag: for the deletion of a flag that is not there.
    :raises confkit.InvalidPopulation: when a column is missing, or holds what is no id.
    """
    old, new, steps = _sides(flags, changes)
    names = list(affected([step.flag for step in steps], old, new))
    asked = _asked(names, old, new)
    found = effects(
        {name: flag for name, flag in old.items() if name in asked},
        {name: flag for name, flag in new.items() if name in asked},
        names,
        people,
        unit=unit,
        segment=segment,
        shared=shared,
        assume=assume or people.synthetic,
        progress=progress,
    )
    stored = flags.view.answer.flags
    count = "" if people.synthetic else f"{found.units:,} ids of "
    return Plan(
        steps=tuple(steps),
        base={name: Base.of(stored.get(name)) for name in sorted(asked)},
        effects={name: _counts(total) for name, total in found.flags.items()},
        segments=_segments(found),
        population=count + people.source,
        synthetic=people.synthetic,
        assumed=tuple(sorted(found.assumed)),
        author=author,
        reason=reason,
        require_approval=require_approval,
    )


def _sides(
    flags: Flags, changes: Mapping[str, Document | None]
) -> tuple[dict[str, Compiled], dict[str, Compiled], list[Step]]:
    """Every flag before and after, and the steps between, in an order that can be written."""
    old = dict(flags.view.flags)
    rules = {name: _rule(flags, name, fields) for name, fields in changes.items()}
    new = {name: flag for name, flag in old.items() if name not in rules}
    new |= {
        name: Compiled(rule, clock=flags.clock) for name, rule in rules.items() if rule is not None
    }
    check_prerequisites({name: flag.rule for name, flag in new.items()}, {})
    steps = (_step(flags, name, rules[name]) for name in _in_order(rules, old, new))
    return old, new, [step for step in steps if step is not None]


def _rule(flags: Flags, name: str, fields: Document | None) -> Rule | None:
    held = flags.view
    if fields is None:
        if name not in held.answer.flags:
            hint = did_you_mean(name, held.answer.flags, ": ")
            raise UnknownFlag(f"there is no flag {name!r} to delete{hint}")
        return None
    if not isinstance(fields, Mapping):
        raise InvalidFlag(name, [Problem("", "a change is a mapping of fields")])
    return Rule.from_document(name, merged(base(held, name), fields))


def _step(flags: Flags, name: str, rule: Rule | None) -> Step | None:
    held = flags.view
    stored = held.answer.flags.get(name)
    was = None if stored is None else stored.document
    new = None if rule is None else rule.as_document()
    if was == new and stored is not None and not stored.error:
        return None
    flag = held.flags.get(name)
    return Step(name, was, new, widening(None if flag is None else flag.rule, rule))


def _in_order(
    rules: Mapping[str, Rule | None], old: Mapping[str, Compiled], new: Mapping[str, Compiled]
) -> Iterator[str]:
    """Prerequisites before those that need them; what is deleted at the end, needed ones last."""
    kept = [name for name in sorted(rules) if rules[name] is not None]
    gone = [name for name in sorted(rules) if rules[name] is None]
    yield from _needed_first(kept, new)
    yield from reversed(list(_needed_first(gone, old)))


def _needed_first(names: list[str], flags: Mapping[str, Compiled]) -> Iterator[str]:
    done: set[str] = set()
    todo = [(name, False) for name in reversed(names)]
    while todo:
        name, leaving = todo.pop()
        if leaving:
            if name in names:
                yield name
        elif name not in done:
            done.add(name)
            todo.append((name, True))
            if name in flags:
                todo += [(p.name, False) for p in flags[name].rule.prerequisites]


def _asked(names: list[str], *sides: Mapping[str, Compiled]) -> set[str]:
    """The flags that are asked about, and all that they need."""
    asked: set[str] = set()
    todo = list(names)
    while todo:
        name = todo.pop()
        if name not in asked:
            asked.add(name)
            todo += [
                p.name for side in sides if name in side for p in side[name].rule.prerequisites
            ]
    return asked


def _segments(found: Effects) -> dict[str, dict[str, dict[str, int]]]:
    return {
        name: {label: _counts(part) for label, part in sorted(parts.items())}
        for name, parts in found.segments.items()
        if parts
    }


def _counts(total: Ramp) -> dict[str, int]:
    groups = total.to_dict()
    return {
        name: groups[name]
        for name in ("enter", "stay", "leave", "out", "change_variant", "missing")
    }
