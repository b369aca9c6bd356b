"""Counting for a page: kept, in parts, and alive between them; no threads, which browsers lack."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from confkit.analysis.counting import at_percentage
from confkit.analysis.lookup import Lookup
from confkit.analysis.people import People, count_people
from confkit.errors import ConfkitError
from confkit.flags.rules.evaluation import Compiled, Table
from confkit.flags.rules.model import Rule

#: More units than this are counted in parts on the event loop, with the page alive between them.
AT_ONCE = 200_000
#: Counts that are kept; each takes some megabytes.
KEPT = 8


@dataclass(frozen=True)
class Question:
    """What to count: a rule beside what held before, over users; and beside another flag."""

    rule: Rule
    before: Compiled
    other: Compiled | None
    crowd: People
    #: tells two crowds apart, also those of one name
    crowd_key: Hashable
    table: Table
    shared: Mapping[str, Any]
    segment: str | None

    @property
    def other_salt(self) -> str:
        """The salt to compare with."""
        return f"{self.rule.salt or self.rule.name}-b"

    def key(self, beside: Compiled) -> Hashable:
        """What the counts depend on: everything but the percentage."""
        rules = (str(at_percentage(self.rule, 0)), str(beside.rule), beside.percentage())
        needed = [(p.name, str(getattr(self.table.get(p.name), "rule", None))) for p in
                  (*self.rule.prerequisites, *beside.rule.prerequisites)]  # fmt: skip
        return (*rules, str(needed), self.crowd_key, str(sorted(self.shared.items())), self.segment)


@dataclass(frozen=True)
class Counted:
    """The answer: everybody by segment (everybody is the empty name), and beside the other flag."""

    question: Question
    found: Mapping[str, Lookup]
    both: Lookup | None


class Counter:
    """Counts one question at a time; a later one ends an earlier one.

    :param say: told how far a long count is, and an empty text at its end.
    :param done: given the answer.
    :param refuse: given the error of a question that cannot be counted.
    """

    def __init__(
        self,
        say: Callable[[str], None],
        done: Callable[[Counted], None],
        refuse: Callable[[Exception], None],
    ) -> None:
        self._say, self._done, self._refuse = say, done, refuse
        self._kept: dict[Hashable, Mapping[str, Lookup]] = {}
        self.task: asyncio.Task[None] | None = None

    def ask(self, question: Question) -> None:
        """Count, at once or in parts where that takes long and a loop runs."""
        self.stop()
        work = self._work(question)
        rows = question.crowd.rows
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            loop = None
        known = (question.key(question.before), question.other_salt) in self._kept
        if loop is None or known or (rows is not None and rows <= AT_ONCE):
            for _ in work:
                pass
        else:
            self.task = loop.create_task(self._in_parts(work))

    def stop(self) -> None:
        """End what is being counted."""
        if self.task is not None:
            self.task.cancel()
            self.task = None
            self._say("")

    async def _in_parts(self, work: Iterator[str]) -> None:
        for said in work:
            self._say(said)
            await asyncio.sleep(0)

    def _work(self, question: Question) -> Iterator[str]:
        try:
            found = yield from self._found(question, question.before, question.other_salt)
            both = None
            if question.other is not None:
                both = (yield from self._found(question, question.other, None))[""]
        except (ConfkitError, OSError) as error:
            self._say("")
            self._refuse(error)
            return
        self._say("")
        self._done(Counted(question, found, both))

    def _found(self, question: Question, beside: Compiled, salt: str | None) -> Any:
        key = (question.key(beside), salt)
        if key in self._kept:
            return self._kept[key]
        crowd = question.crowd
        counting = count_people(
            question.rule,
            beside,
            crowd,
            other_salt=salt,
            table=question.table,
            shared=question.shared,
            segment=question.segment if salt is not None else None,
        )
        counted: Mapping[str, Lookup] = {}
        for done, counted in counting:  # noqa: B007 - the last one has the counts
            yield f"Counting: {done:,}{f' of {crowd.rows:,}' if crowd.rows else ''} users"
        while len(self._kept) >= KEPT:
            del self._kept[next(iter(self._kept))]
        self._kept[key] = counted
        return counted
