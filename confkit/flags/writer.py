"""Changing one flag's document: only what is named, checked as a whole, refused with reasons."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from confkit.errors import FlagConflict, InvalidFlag, Problem, StoreError, UnknownFlag
from confkit.flags.rules.evaluation import chain_faults, prerequisites_of
from confkit.flags.rules.literals import Document
from confkit.flags.rules.model import Rule, check_name
from confkit.flags.rules.validation import closest
from confkit.flags.stores.port import FlagSet, Revision, Store

log = logging.getLogger("confkit.flags")

#: How often a change is decided anew when others change the same flag at the same time.
RETRIES = 200
#: How many records are searched for the revision to go back to.
RECORDS = 10_000


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
        needed = rules.get(wanted)
        if isinstance(value, str) and needed and value not in {v.name for v in needed.variants}:
            problems.append(Problem("prerequisites", f"{wanted} has no variant {value!r}"))
    if fault := chain_faults(prerequisites_of(rules)).get(name):
        problems.append(Problem("prerequisites", f"lead to {fault}", code="cycle"))
    if problems:
        raise InvalidFlag(name, problems)


class Circumstances(NamedTuple):
    """Who changes a flag and why, and the revision it must be at (0: must not exist)."""

    by: str = ""
    reason: str = ""
    expect: int | None = None


class Writer:
    """Changes as compare-and-set: read, decide, write; decide anew when somebody was faster.

    ``written`` is called after each change, to read it back.
    """

    def __init__(self, store: Store, written: Callable[[], None]) -> None:
        self._store = store
        self._written = written

    def set(self, name: str, fields: Mapping[str, Any], how: Circumstances) -> Revision:
        """Change the fields that are named."""
        check_name(name)

        def decided(stored: FlagSet) -> Document:
            old = stored.flags.get(name)
            try:
                document = merged(name, None if old is None else old.document, fields)
            except InvalidFlag as error:
                if old is not None or "enabled" in fields:
                    raise
                # Perhaps a slip in the name of a flag that is there.
                said = "is required of a new flag, and the store has none of this name"
                new = Problem("enabled", said, hint=closest(name, stored.flags), code="required")
                raise InvalidFlag(
                    name, [new, *(p for p in error.problems if p.key != "enabled")]
                ) from None
            check_prerequisites(name, document, stored)
            return document

        return self._write(name, decided, how)

    def delete(self, name: str, how: Circumstances) -> Revision:
        """Delete a flag."""
        check_name(name)

        def decided(stored: FlagSet) -> None:
            _check_known(name, stored)

        return self._write(name, decided, how)

    def rollback(self, name: str, revision: int, how: Circumstances) -> Revision:
        """Write what an earlier revision left, as a new one."""
        check_name(name)
        records = self._store.history(name, limit=RECORDS)
        found = next((record for record in records if record.revision == revision), None)
        if found is None:
            raise UnknownFlag(f"flag {name!r} has no revision {revision} on record")

        def decided(stored: FlagSet) -> Document | None:
            if found.new is None:
                _check_known(name, stored)
            else:
                check_prerequisites(name, found.new, stored)
            return found.new

        reason = how.reason or f"rollback to revision {revision}"
        return self._write(name, decided, how._replace(reason=reason))

    def _write(
        self, name: str, decided: Callable[[FlagSet], Document | None], how: Circumstances
    ) -> Revision:
        attempt = 0
        while True:
            stored = self._store.read()
            assert stored is not None, "a store that is asked for everything answers"
            current = stored.flags.get(name)
            at = how.expect
            if at is None:
                at = 0 if current is None else current.revision
            try:
                made = self._store.write(
                    name, decided(stored), expect=at, by=how.by, reason=how.reason
                )
                break
            except FlagConflict:
                attempt += 1
                if how.expect is not None or attempt == RETRIES:
                    raise
                time.sleep(random.uniform(0, 0.001 * min(attempt, 20)))  # noqa: S311 - no secret
        try:
            self._written()
        except StoreError as error:
            log.warning("flags: %s was written and not read back: %s", name, error)
        return made


def _check_known(name: str, stored: FlagSet) -> None:
    if name not in stored.flags:
        hint = closest(name, stored.flags)
        raise UnknownFlag(f"there is no flag {name!r}{f', {hint}' if hint else ''}")
