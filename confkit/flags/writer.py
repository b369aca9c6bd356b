"""Deciding a change: from what a client believes and what is wished to what is written.

Pure. ``Flags`` drives :func:`decide` with calls, ``AsyncFlags`` with awaits; both keep to
:func:`may_repeat` and :func:`pause` when somebody else changed the flag first.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from confkit.errors import InvalidFlag, Problem, UnknownFlag
from confkit.flags.replica.view import View
from confkit.flags.rules.evaluation import chain_faults, prerequisites_of
from confkit.flags.rules.literals import Document
from confkit.flags.rules.model import Rule, check_name
from confkit.flags.stores.port import Revision, Version
from confkit.near import did_you_mean

#: How often a change is decided again when others change the same flag at the same time.
RETRIES = 200
#: How many records are searched for the revision to go back to.
RECORDS = 10_000


class Wish(NamedTuple):
    """What somebody wants of one flag.

    ``fields`` are the fields of its rule to change, None to delete the flag. ``revision`` asks for
    the rule of that revision instead. ``expect`` is the revision the flag must be at (0: it must
    not exist).
    """

    name: str
    fields: Mapping[str, Any] | None = None
    revision: int | None = None
    by: str = ""
    reason: str = ""
    expect: int | None = None


class Change(NamedTuple):
    """What is to be written: ``document`` None deletes; ``rule`` is the document, validated.

    ``base`` is the version of the store that it was decided on.
    """

    name: str
    document: Document | None
    rule: Rule | None
    expect: int
    by: str
    reason: str
    base: Version

    def written(self) -> dict[str, Any]:
        """The arguments of ``Store.write``."""
        return {key: value for key, value in self._asdict().items() if key != "rule"}


def decide(held: View, wish: Wish, history: Iterable[Revision] = ()) -> Change:
    """The change that a wish asks for, decided on what a client believes.

    :param history: records of the flag; read only where the wish names a revision.
    :raises confkit.InvalidFlag: with every problem of the rule that would result.
    :raises confkit.UnknownFlag: for a deletion of what is not there, or a revision not on record.
    """
    name = check_name(wish.name)
    stored = held.answer.flags.get(name)
    reason = wish.reason
    document: Document | None = None
    if wish.revision is not None:
        document = _recorded(name, wish.revision, history)
        reason = reason or f"rollback to revision {wish.revision}"
    elif wish.fields is not None:
        document = merged(base(held, name), wish.fields)
    rule = None
    if document is not None:
        rule = _validated(held, name, document)
        others = {other: flag.rule for other, flag in held.flags.items()}
        check_prerequisites({name: rule}, others, held.answer.flags)
    elif stored is None:
        hint = did_you_mean(name, held.answer.flags, ": ")
        raise UnknownFlag(f"there is no flag {name!r}{hint}")
    expect = wish.expect
    if expect is None:
        expect = 0 if stored is None else stored.revision
    new = None if rule is None else rule.as_document()
    return Change(name, new, rule, expect, wish.by, reason, held.answer.version)


def base(held: View, name: str) -> Document:
    """The document that a change of some fields starts from: the one that is believed.

    A damaged document is repaired from the last good rule, where there is one.
    """
    stored = held.answer.flags.get(name)
    if stored is not None and stored.document is not None and name not in held.errors:
        return stored.document
    if name in held.flags:
        return held.flags[name].rule.as_document()
    return {} if stored is None or stored.document is None else stored.document


def merged(old: Document, fields: Mapping[str, Any]) -> dict[str, Any]:
    """A document after a change: named fields replaced, those set to None left out."""
    return {key: value for key, value in {**old, **fields}.items() if value is not None}


def _recorded(name: str, revision: int, history: Iterable[Revision]) -> Document | None:
    for record in history:
        if record.name == name and record.revision == revision:
            return record.new
    raise UnknownFlag(f"flag {name!r} has no revision {revision} on record")


def _validated(held: View, name: str, document: Document) -> Rule:
    try:
        return Rule.from_document(name, document)
    except InvalidFlag as error:
        if name in held.answer.flags or "enabled" in document:
            raise
        # Perhaps a slip in the name of a flag that is there.
        text = "is required of a new flag, and the store has none of this name"
        hint = did_you_mean(name, held.answer.flags)
        new = Problem("enabled", text, hint=hint, code="required")
        rest = [problem for problem in error.problems if problem.key != "enabled"]
        raise InvalidFlag(name, [new, *rest]) from None


def check_prerequisites(
    changed: Mapping[str, Rule], others: Mapping[str, Rule], stored: Collection[str] = ()
) -> None:
    """Refuse prerequisites that do not exist, or that lead back to the flag.

    :param changed: the rules to check, by name.
    :param others: every other rule that will be there; a rule in ``changed`` replaces its own.
    :param stored: names that are there whatever their documents are.
    :raises confkit.InvalidFlag: for the first flag at fault, with every problem.
    """
    if not any(rule.prerequisites for rule in changed.values()):
        return
    rules = {**others, **changed}
    faults = chain_faults(prerequisites_of(rules))
    for name, rule in changed.items():
        if problems := list(_faults(rule, rules, stored, faults.get(name, ""))):
            raise InvalidFlag(name, problems)


def _faults(
    rule: Rule, rules: Mapping[str, Rule], stored: Collection[str], chain: str
) -> Iterable[Problem]:
    for wanted, value in rule.prerequisites:
        needed = rules.get(wanted)
        if needed is None and wanted in stored:
            continue  # its document is no rule, which is reported where it is read
        if needed is None:
            hint = did_you_mean(wanted, rules)
            text = f"there is no flag {wanted!r}"
            yield Problem("prerequisites", text, hint=hint, code="unknown")
        elif isinstance(value, str) and value not in {v.name for v in needed.variants}:
            yield Problem("prerequisites", f"{wanted} has no variant {value!r}")
    if chain:
        yield Problem("prerequisites", f"lead to {chain}", code="cycle")


def may_repeat(wish: Wish, attempt: int) -> bool:
    """Whether a change that met a conflict is decided again; ``attempt`` counts from 1."""
    return wish.expect is None and attempt < RETRIES


def pause(attempt: int) -> float:
    """Seconds to wait before a change is decided again, drawn at random."""
    return random.uniform(0, 0.001 * min(attempt, 20))  # noqa: S311 - no secret
