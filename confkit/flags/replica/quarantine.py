"""What to believe of a store's answer: flag by flag the later change wins, and no loss does.

Pure. A store that was flushed, evicted, restarted without its data, replaced or promoted from a
replica that was behind answers truly what it has. A program that followed it would give flags back
to people they were taken from. So what was believed stays until the store has a later change of
that flag by name, or somebody confirms.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from confkit.copies import copy_of
from confkit.flags.stores.port import UNKNOWN, FlagSet, Stored, Version


@dataclass(frozen=True, slots=True)
class Belief:
    """What one client believes of a store.

    :param flags: every flag as believed.
    :param since: the version number of each flag's last believed change, deletions included.
    :param doubted: flags whose last believed change the store does not have any more.
    :param reason: why the store's answer as a whole is not believed; empty, if it is.
    :param seen: the version that was last judged.
    :param epoch: the epoch that is trusted; empty while nothing was read.
    :param past: epochs that were trusted before; a state of one is compared, flag by flag.
    :param bundled: whether the flags came with the program.
    :param confirmed: whether somebody confirmed the epoch that is trusted.
    """

    flags: Mapping[str, Stored] = field(default_factory=dict)
    since: Mapping[str, int] = field(default_factory=dict)
    doubted: frozenset[str] = frozenset()
    reason: str = ""
    seen: Version = UNKNOWN
    epoch: str = ""
    past: frozenset[str] = frozenset()
    bundled: bool = False
    confirmed: bool = False


def believing(flags: FlagSet, *, bundled: bool = False) -> Belief:
    """The belief of a client that starts with a backup, or with the flags of its program."""
    since = {name: stored.changed for name, stored in flags.flags.items()}
    return Belief(flags.flags, since, epoch=flags.version.epoch, bundled=bundled)


def judge(held: Belief, answer: FlagSet) -> tuple[Belief, frozenset[str]]:
    """What is believed after an answer, and the names of the flags that differ now."""
    epoch = answer.version.epoch
    nothing = held.bundled or not (held.flags or held.epoch)
    if held.bundled and held.flags and not answer.flags and answer.version.number == 0:
        return _refused(held, answer, "the store has never been written: the bundled flags stay")
    if nothing:
        return _trusted(replace(held, past=frozenset()), answer)
    if epoch and (epoch == held.epoch or epoch in held.past):
        return _compared(held, answer)
    if answer.confirmed:
        return _trusted(replace(held, past=held.past | {held.epoch}), answer)
    before = _flags(len(held.flags))
    if not answer.flags and held.flags:
        return _refused(held, answer, f"the store is empty, and {before} in it")
    if not epoch:
        return _refused(held, answer, "the store lost its record of what it holds")
    if missing := [name for name, mine in held.flags.items() if _lost(name, mine, held, answer)]:
        text = "the store lost its data or is another one"
        return _refused(held, answer, f"{len(missing)} of {before} lost or changed: {text}")
    # Whole again: everything that is believed is there, so that nobody's answer changes.
    return _compared(replace(held, epoch=epoch, past=held.past | {held.epoch}), answer)


def confirmed(held: Belief, answer: FlagSet) -> tuple[Belief, frozenset[str]]:
    """The same once somebody said that the answer is right."""
    past = held.past | {held.epoch} if held.epoch != answer.version.epoch else held.past
    return _trusted(replace(held, past=past), answer)


def _flags(count: int) -> str:
    return "1 flag was" if count == 1 else f"{count} flags were"


def _lost(name: str, mine: Stored, held: Belief, answer: FlagSet) -> bool:
    there = answer.flags.get(name)
    if there is not None:
        return not mine.same(there)
    return answer.deleted.get(name, 0) <= held.since.get(name, 0)


def _refused(held: Belief, answer: FlagSet, reason: str) -> tuple[Belief, frozenset[str]]:
    return replace(held, reason=reason, seen=answer.version), frozenset()


def _trusted(held: Belief, answer: FlagSet) -> tuple[Belief, frozenset[str]]:
    changed = frozenset(
        name
        for name in held.flags.keys() | answer.flags.keys()
        if held.flags.get(name) != answer.flags.get(name)
    )
    # What is gone by this was deleted by it: a state from before shall not bring it back.
    since = {**held.since, **dict.fromkeys(held.flags, answer.version.number), **answer.deleted}
    since |= {name: stored.changed for name, stored in answer.flags.items()}
    belief = Belief(
        flags=answer.flags,
        since=since,
        reason=answer.damage,
        seen=answer.version,
        epoch=answer.version.epoch,
        past=held.past,
        confirmed=answer.confirmed,
    )
    return belief, changed


def _compared(held: Belief, answer: FlagSet) -> tuple[Belief, frozenset[str]]:
    """Flag by flag: a later change is followed, anything else that differs is doubted."""
    step = answer.base == held.seen and not held.reason
    names: Iterable[str] = answer.changed if step else held.flags.keys() | answer.flags.keys()
    names = {*names, *held.doubted}
    flags, since, doubted = copy_of(held.flags), copy_of(held.since), set(held.doubted)
    changed = set()
    for name in names:
        mine, there = held.flags.get(name), answer.flags.get(name)
        last = held.since.get(name, 0)
        if there is not None:
            # A damaged document takes nothing from anybody: its last good rule stays, and is named.
            later = there.changed == 0 or there.changed > last
            if mine is not None and mine.same(there):
                pass  # its revision and version may be others, after a reseed
            elif not later and not (there.error and there.changed == last):
                doubted.add(name)
                continue
            flags[name], since[name] = there, there.changed
        elif mine is not None:
            gone = answer.deleted.get(name, 0)
            forgotten = answer.floor > last and name not in held.doubted and not answer.damage
            if gone <= last and not forgotten:
                doubted.add(name)
                continue
            del flags[name]
            since[name] = gone or answer.version.number
        else:
            since[name] = max(last, answer.deleted.get(name, 0))
        doubted.discard(name)
        if flags.get(name) != mine:
            changed.add(name)
    belief = replace(
        held,
        flags=flags,
        since=since,
        doubted=frozenset(doubted),
        reason=answer.damage,
        seen=answer.version,
    )
    return belief, frozenset(changed)
