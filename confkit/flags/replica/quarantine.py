"""Which answers of a store to believe: an emptied or shrunken store is no instruction.

Pure. A store that was flushed, evicted, restarted without its data or replaced answers truly that
it has no flags, and a program that believed it would switch everything to its defaults.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from confkit.flags.replica.view import View
from confkit.flags.stores.port import FlagSet, Revision

#: The share of the flags we hold that may vanish without a deletion on record.
MOST = 0.5


def doubt(
    held: View, answer: FlagSet, history: Callable[[], Iterable[Revision]] = tuple
) -> str | None:
    """Why ``answer`` shall not replace ``held`` until somebody confirms it; None if it may.

    ``history`` is asked only when flags are missing.
    """
    if held.source in ("bootstrap", "defaults"):
        if held.answer.flags and not answer.flags and answer.version.number == 0:
            return "the store has never been written: the bundled flags stand"
        return None
    missing = held.answer.flags.keys() - answer.flags.keys()
    if not missing:
        return None
    count = len(held.answer.flags)
    if answer.version.epoch != held.answer.version.epoch:
        # Another history: what it has on record says nothing about our flags.
        unexplained = missing
        kind = "the store lost its data or is another one"
    else:
        unexplained = missing - _deleted(held, history())
        kind = "there is no record of their deletion"
    if not unexplained:
        return None
    if not answer.flags:
        return f"the store is empty, and {count} flags were in it"
    if len(unexplained) > MOST * count:
        return f"{len(unexplained)} of {count} flags are gone, and {kind}"
    return None


def _deleted(held: View, history: Iterable[Revision]) -> set[str]:
    known = held.answer.flags
    return {
        record.name
        for record in history
        if record.new is None
        and record.name in known
        and record.revision > known[record.name].revision
    }
