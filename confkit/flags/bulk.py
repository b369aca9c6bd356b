"""Many flags put into a store at once: what would change, and the change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from confkit.errors import FlagError, InvalidFlag, Problem
from confkit.flags.client import Flags
from confkit.flags.rules.literals import Document
from confkit.flags.rules.model import Rule
from confkit.flags.stores.port import Revision, WritingAll
from confkit.flags.writer import check_prerequisites, merged


class PartlyWritten(FlagError):
    """Of several changes some were written before one failed: ``written``. Run it again.

    What was written is not written again: only what still differs is.
    """

    def __init__(self, written: Iterable[Revision], total: int, cause: Exception) -> None:
        self.written = tuple(written)
        names = ", ".join(change.name for change in self.written) or "none"
        super().__init__(f"{len(self.written)} of {total} changes written ({names}), then: {cause}")


class Step(NamedTuple):
    """One flag to write: ``old`` None where it is new, ``new`` None where it is to be deleted.

    ``expect`` is the revision it must still be at (0: it must not exist).
    """

    name: str
    old: Document | None
    new: Document | None
    expect: int


def plan(flags: Flags, documents: Mapping[str, Document], *, delete: bool = False) -> list[Step]:
    """What has to be written so that the store has the flags of ``documents``.

    Every document is checked, alone and with its prerequisites. ``delete`` also takes away the
    flags that are not among them.

    :raises confkit.InvalidFlag: for the first flag whose document is no rule.
    """
    held = flags.view
    stored = held.answer.flags
    rules: dict[str, Rule] = {}
    for name, document in documents.items():
        if not isinstance(document, Mapping):
            raise InvalidFlag(name, [Problem("", "a rule must be a mapping")])
        rules[name] = Rule.from_document(name, merged({}, document))
    kept = {} if delete else {n: f.rule for n, f in held.flags.items()}
    check_prerequisites(rules, kept, () if delete else stored)
    steps = []
    for name, rule in rules.items():
        new, was = rule.as_document(), stored.get(name)
        if was is None:
            steps.append(Step(name, None, new, 0))
        elif was.document != new:
            steps.append(Step(name, was.document, new, was.revision))
    if delete:
        gone = (name for name in stored if name not in rules)
        steps += [Step(n, stored[n].document, None, stored[n].revision) for n in gone]
    return steps


def carry_out(flags: Flags, steps: Iterable[Step], *, by: str, reason: str) -> list[Revision]:
    """Write the steps of a plan: in one step where the store can, else one by one.

    :raises confkit.StoreDoubted: when the store does not hold what this client believes; nothing
        was written.
    :raises confkit.FlagConflict: for the first flag that somebody changed since; nothing was
        written.
    :raises confkit.PartlyWritten: when one failed after others were written, in a store that
        writes one flag at a time. Plan again for the rest.
    """
    todo, store = list(steps), flags.store
    for step in todo:
        flags.check_belief(step.name)
    base = flags.view.answer.version
    if isinstance(store, WritingAll):
        changes = [(step.name, step.new, step.expect) for step in todo]
        return store.write_all(changes, by=by, reason=reason, base=base)
    written: list[Revision] = []
    for name, _, new, expect in todo:
        try:
            made = store.write(name, new, expect=expect, by=by, reason=reason, base=base)
        except FlagError as error:
            if written:
                raise PartlyWritten(written, len(todo), error) from error
            raise
        written.append(made)
    return written
