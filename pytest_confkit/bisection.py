"""``--flag-bisect``: which flag, or pair of flags, makes a test fail under a combination."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import pytest
from _pytest.runner import runtestprotocol

from pytest_confkit.combination import Combinations
from pytest_confkit.matrix import label

#: More culprits than these are not looked for: a test that needs three flags to fail is named so.
CULPRITS = 3


class Found(NamedTuple):
    """What a bisection found: the flags that are enough to fail, and how many runs it took."""

    culprits: tuple[str, ...]
    runs: int
    complete: bool


def bisect(names: Sequence[str], fails: Callable[[tuple[str, ...]], bool]) -> Found:
    """The fewest flags that make a test fail, given that all of ``names`` together do.

    One culprit is the last flag of the shortest prefix that fails: five runs for 32 flags, and one
    more to see that it is enough alone. Where it is not, the next is looked for in the same way,
    with the found ones always in force. No flag at all means that the test fails without them.

    :param fails: runs the test with these flags in force, and tells whether it fails.
    """
    runs = 0

    def run(flags: tuple[str, ...]) -> bool:
        nonlocal runs
        runs += 1
        return fails(flags)

    culprits: tuple[str, ...] = ()
    rest = tuple(names)
    while rest and len(culprits) < CULPRITS:
        low, high = 0, len(rest)  # the prefix of length high fails; that of low may not
        while high - low > 1:
            middle = (low + high) // 2
            if run((*rest[:middle], *culprits)):
                high = middle
            else:
                low = middle
        # Nothing shorter than one has been tried: without it the test may fail all the same.
        if low == 0 and run(culprits):
            return Found(culprits, runs, True)
        culprits = (rest[high - 1], *culprits)
        rest = rest[: high - 1]
        # The first one alone in a prefix of one has been seen to fail already.
        if not rest or run(culprits):
            return Found(culprits, runs, True)
    return Found(culprits, runs, False)


class Bisection:
    """Runs a test that failed again, with parts of its combination, and says what it found."""

    def __init__(self, combinations: Combinations) -> None:
        self._combinations = combinations

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: Any, nextitem: Any) -> bool | None:
        combination = self._combinations.of(item)
        if not combination:
            return None
        hook = item.ihook
        hook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        reports = runtestprotocol(item, nextitem=nextitem, log=False)
        failed = next((report for report in reports if report.failed), None)
        if failed is not None:
            found = bisect(list(combination), lambda names: self._fails(item, nextitem, names))
            failed.sections.append(("confkit flag bisect", _text(found, combination)))
        for report in reports:
            hook.pytest_runtest_logreport(report=report)
        hook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
        return True

    def _fails(self, item: Any, nextitem: Any, names: tuple[str, ...]) -> bool:
        with self._combinations.only(names):
            item._initrequest()  # noqa: SLF001 - how a test is run again: fixtures anew
            reports = runtestprotocol(item, nextitem=nextitem, log=False)
        return any(report.failed for report in reports)


def _text(found: Found, combination: dict[str, Any]) -> str:
    runs = f"{found.runs} more run{'s' if found.runs != 1 else ''}"
    if not found.culprits:
        return f"It fails with none of the {len(combination)} flags forced, too ({runs})."
    named = label({name: combination[name] for name in found.culprits})
    if not found.complete:
        return f"It takes {named} and at least one more flag to fail ({runs})."
    together = "alone makes" if len(found.culprits) == 1 else "together make"
    return f"{named} {together} it fail ({runs})."
