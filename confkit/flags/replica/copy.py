"""What a client holds of its store: its belief, the view compiled from it, and the backup file."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from confkit.errors import StoreDoubted, StoreError
from confkit.flags.replica import backup
from confkit.flags.replica.quarantine import Belief, believing, confirmed, judge
from confkit.flags.replica.view import View, build, from_documents
from confkit.flags.rules.literals import Document
from confkit.flags.rules.model import Rule
from confkit.flags.stores.port import FlagSet, Stored, Version
from confkit.layers import printable

log = logging.getLogger("confkit.flags")

#: How many flags a message names; the status names all.
NAMED = 5


class Copy:
    """The flags as believed, and what they were believed from.

    :param adopt: called with the view before, the view now, and the names that differ.
    """

    def __init__(
        self,
        adopt: Callable[[View, View, frozenset[str]], None],
        *,
        backup: Path | None,
        bootstrap: Mapping[str, Document],
        clock: Callable[[], float],
    ) -> None:
        self.view = View()
        self.belief = Belief()
        #: The rule that this client writes or wrote last: its document is not validated again.
        self.made: Rule | None = None
        self._answer: FlagSet | None = None
        self._adopt = adopt
        self._backup = backup
        self._bootstrap = bootstrap
        self._clock = clock

    def begin(self) -> None:
        """Take what is used until the store answers, and what its first answer is judged by."""
        sets: list[FlagSet] = []
        if self._backup is not None:
            try:
                sets = backup.load(self._backup)
            except StoreError as error:
                log.warning("flags: the backup is not used: %s", error)
        if sets:
            self.belief = believing(sets[0])
            self._show(build(sets[0], source="backup", clock=self._clock))
        elif self._bootstrap:
            bundled = from_documents(self._bootstrap)
            self.belief = believing(bundled, bundled=True)
            self._show(build(bundled, source="bootstrap", clock=self._clock))

    def take(self, answer: FlagSet) -> None:
        """Believe of an answer what can be believed."""
        self._answer = answer
        self._become(*judge(self.belief, answer))

    def accept(self) -> None:
        """Believe the last answer as it is."""
        if self._answer is not None:
            self._become(*confirmed(self.belief, self._answer))

    @property
    def in_doubt(self) -> bool:
        """Whether the store holds something that is not believed."""
        return bool(self.belief.reason or self.belief.doubted)

    def check(self, name: str) -> None:
        """Refuse to change a flag on the ground of what the store does not hold.

        :raises confkit.StoreDoubted: with what can be done.
        """
        belief = self.belief
        if belief.bundled:
            return  # a store that was never written is begun by the first change
        if belief.reason or name in belief.doubted:
            why = belief.reason or f"the store lost the last change of {name}"
            raise StoreDoubted(
                f"{name} is not changed: {why}. confirm() accepts what the store holds, reseed() "
                "puts back what this client holds, and flags.store.write() writes regardless"
            )

    def good(self) -> FlagSet:
        """What is believed, as a set: the last good documents, each with its last change."""
        since, stored = self.belief.since, self.belief.flags
        flags = {}
        for name, flag in self.view.flags.items():
            mine = stored.get(name)
            document = flag.rule.as_document()
            if mine is not None and mine.document is not None and name not in self.view.errors:
                document = dict(mine.document)
            revision = (flag.revision or 0) if mine is None else mine.revision
            flags[name] = Stored(document, revision, changed=since.get(name, 0))
        deleted = {name: number for name, number in since.items() if name not in stored}
        version = Version(self.belief.epoch, max(since.values(), default=0))
        return FlagSet(version, flags, deleted, confirmed=self.belief.confirmed)

    def _become(self, belief: Belief, changed: frozenset[str]) -> None:
        before, self.belief = self.belief, belief
        if belief.reason and belief.reason != before.reason:
            log.warning("flags: the store is not believed: %s", belief.reason)
        if lost := sorted(belief.doubted - before.doubted):
            named = ", ".join(map(printable, lost[:NAMED])) + (" and more" if lost[NAMED:] else "")
            log.warning("flags: the store lost changes of %s: what was believed stays", named)
        if belief.flags is before.flags and belief.reason:
            return
        held = self.view
        answer = FlagSet(belief.seen, belief.flags)
        if not changed and held.source == "store":
            self.view = replace(held, answer=answer)
            return
        first = held.source in ("defaults", "bootstrap", "backup")
        names = None if first else changed
        view = build(answer, held, clock=self._clock, made=self.made, changed=names)
        for name in view.errors.keys() - held.errors.keys():
            log.warning("flags: %s; the last good rule stays", view.errors[name])
        self._show(view, names)
        if self._backup is not None:
            try:
                backup.save(self._backup, self.good())
            except StoreError as error:
                log.warning("flags: no backup written: %s", error)

    def _show(self, view: View, changed: frozenset[str] | None = None) -> None:
        before, self.view = self.view, view
        if changed is None:
            changed = frozenset(before.flags.keys() | view.flags.keys())
        differing = (n for n in changed if before.flags.get(n) is not view.flags.get(n))
        self._adopt(before, view, frozenset(differing))
