"""Changing one flag's document: only what is named, checked as a whole, refused with reasons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from confkit.errors import InvalidFlag, Problem
from confkit.flags.evaluation import chain_faults, prerequisites_of
from confkit.flags.model import Rule
from confkit.flags.store import Document, FlagSet
from confkit.flags.validation import closest


def merged(name: str, old: Document | None, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The document after a change: named fields replaced, those set to None taken away.

    :raises confkit.InvalidFlag: with every problem of the outcome.
    """
    document = {**(old or {}), **fields}
    kept = {key: value for key, value in document.items() if value is not None}
    return Rule.from_document(name, kept).as_document()


def check_prerequisites(name: str, document: Document, stored: FlagSet) -> None:
    """Refuse prerequisites that do not exist, or that lead back to the flag.

    :raises confkit.InvalidFlag: with every problem.
    """
    rule = Rule.from_document(name, document)
    if not rule.prerequisites:
        return
    rules: dict[str, Rule] = {}
    for other, flag in stored.flags.items():
        if flag.document is not None:
            try:
                rules[other] = Rule.from_document(other, flag.document)
            except InvalidFlag:
                continue  # reported where it is read; it cannot be waited for here
    rules[name] = rule
    problems = [
        Problem(
            "prerequisites",
            f"there is no flag {wanted!r}",
            hint=closest(wanted, stored.flags),
            code="unknown",
        )
        for wanted, _ in rule.prerequisites
        if wanted not in stored.flags
    ]
    for wanted, value in rule.prerequisites:
        other = rules.get(wanted)
        if isinstance(value, str) and other and value not in {v.name for v in other.variants}:
            problems.append(Problem("prerequisites", f"{wanted} has no variant {value!r}"))
    if fault := chain_faults(prerequisites_of(rules)).get(name):
        problems.append(Problem("prerequisites", f"lead to {fault}", code="cycle"))
    if problems:
        raise InvalidFlag(name, problems)
