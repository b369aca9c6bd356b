"""What a client believes at one moment: every flag's last good rule, compiled.

Built aside and swapped in whole. A flag whose document is no rule keeps the rule it had, and
is named; the others follow the store.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from confkit import clocks
from confkit.copies import copy_of
from confkit.errors import InvalidFlag, Problem
from confkit.flags.rules.evaluation import Compiled, chain_faults, prerequisites_of
from confkit.flags.rules.literals import Document
from confkit.flags.rules.model import Rule
from confkit.flags.stores.port import FlagSet, Stored, Version
from confkit.layers import printable

ViewSource = Literal["store", "backup", "bootstrap", "defaults"]
NOWHERE = Version("", 0)


@dataclass(frozen=True, slots=True)
class FlagsChange:
    """What subscribers of flags are told.

    :ivar names: the flags whose answers may differ now.
    :ivar version: the version of the store at which they do.
    """

    names: frozenset[str]
    version: Version


@dataclass(frozen=True, slots=True)
class View:
    """One set of flags as believed: their documents, their compiled rules, and what is wrong."""

    answer: FlagSet = field(default_factory=lambda: FlagSet(NOWHERE))
    flags: Mapping[str, Compiled] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    source: ViewSource = "defaults"


def build(
    answer: FlagSet,
    held: View | None = None,
    *,
    source: ViewSource = "store",
    clock: Callable[[], float] = clocks.time,
    made: Rule | None = None,
    changed: Iterable[str] | None = None,
) -> View:
    """The view that an answer gives to a client which holds ``held``.

    :param made: a rule that is valid already, so that its document is not validated again.
    :param changed: the flags that differ from ``held``; None where that is not known.
    """
    before = {} if held is None else held.flags
    flags: dict[str, Compiled] = {}
    errors: dict[str, str] = {}
    if held is not None:
        if changed is None:
            kept = held.answer.flags
            names = before.keys() | held.errors.keys() | answer.flags.keys()
            changed = [n for n in names if n in held.errors or kept.get(n) != answer.flags.get(n)]
        flags, errors = copy_of(before), dict(held.errors)
    chained = False
    for name in answer.flags if changed is None else changed:
        last = before.get(name)
        stored = answer.flags.get(name)
        errors.pop(name, None)
        if stored is None:
            flags.pop(name, None)
        else:
            try:
                flags[name] = _compiled(name, stored, clock, made)
            except InvalidFlag as error:
                # A store that knows the place names it, in place of the field.
                text = f"flag {name!r}: {printable(stored.error)}"
                errors[name] = text if stored.error else str(error)
                if last is not None:
                    flags[name] = last
        chained = chained or any(
            f is not None and f.rule.prerequisites for f in (last, flags.get(name))
        )
    if chained:
        _break_chains(flags, errors, before)
    return View(answer, flags, errors, source)


def _break_chains(
    flags: dict[str, Compiled], errors: dict[str, str], before: Mapping[str, Compiled]
) -> None:
    """Keep last good rules where prerequisites lead back to their flag.

    Documents that are right one by one may be wrong together, and a rule that is kept may not go
    with its new neighbours: go back until what is left holds.
    """
    while faults := chain_faults(
        prerequisites_of({n: c.rule for n, c in flags.items() if c.rule.prerequisites})
    ):
        for name, fault in faults.items():
            errors.setdefault(name, f"flag {name!r}: prerequisites: {fault}")
            last = before.get(name)
            if last is None or last is flags[name]:
                del flags[name]
            else:
                flags[name] = last


def _compiled(name: str, stored: Stored, clock: Callable[[], float], made: Rule | None) -> Compiled:
    if stored.document is None or stored.error:
        raise InvalidFlag(name, [Problem("", stored.error or "the document cannot be read")])
    if made is not None and made.name == name and made.as_document() == stored.document:
        return Compiled(made, stored.revision, clock)
    return Compiled(Rule.from_document(name, stored.document), stored.revision, clock)


def from_documents(documents: Mapping[str, Document]) -> FlagSet:
    """Documents bundled with a program, as a set that no store has a version of."""
    return FlagSet(NOWHERE, {name: Stored(document, 0) for name, document in documents.items()})
