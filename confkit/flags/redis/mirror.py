"""What a reader knows of a store in Redis, exactly as the server has it: pure, replaced whole.

It follows by differences. What is believed of it is the client's business.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from confkit.copies import copy_of
from confkit.flags.redis.format import MODULUS, Message, Meta, read
from confkit.flags.stores.port import UNKNOWN, FlagSet, Stored, Version

#: One change of a flag: its name, its entry (None: deleted), its record and its version.
Change = tuple[bytes, bytes | None, bytes | None, int]

#: Seconds that the reads after one hint are spread over for each reader, and at most.
SMALL, WHOLE, LONGEST = 0.0002, 0.002, 2.0


@dataclass(frozen=True, slots=True)
class Mirror:
    """The flags of a server at one version.

    :param digest: the sum over the flags that are on record.
    :param counts: what each flag adds to it.
    :param content: the same sum over what is there, which differs where it was changed by hand.
    :param drift: what the server's digest has beyond that: it contradicts itself.
    """

    state: Version = UNKNOWN
    digest: int = 0
    content: int = 0
    drift: int = 0
    flags: Mapping[str, Stored] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    deleted: Mapping[str, int] = field(default_factory=dict)
    floor: int = 0
    adopted: int = 0
    confirmed: bool = False
    damage: str = ""
    readers: int = 0
    base: Version | None = None
    changed: frozenset[str] = frozenset()

    @property
    def version(self) -> Version:
        """The version that clients compare: a damaged store is at another one than a whole one."""
        whole = not self.damage and self.content == self.digest
        return self.state if whole else self.state._replace(digest=-1 - self.content)

    def is_at(self, meta: Meta) -> bool:
        """Whether the server is where this mirror is."""
        return meta.state == self.state and meta.adopted == self.adopted

    def may_step(self, meta: Meta) -> bool:
        """Whether a difference can lead from here to the server's state."""
        return (
            bool(self.state.epoch)
            and meta.epoch == self.state.epoch
            and meta.version >= self.state.number
            and meta.floor <= self.state.number
            and meta.adopted == self.adopted
            and not self.damage
        )

    def after(self, changes: Iterable[Change], meta: Meta) -> Mirror | None:
        """The mirror after some changes; None where the digest shows that they are not all."""
        flags, counts, deleted = copy_of(self.flags), copy_of(self.counts), copy_of(self.deleted)
        digest, content, names = self.digest, self.content, set()
        for raw_name, raw, record, version in changes:
            name = raw_name.decode(errors="replace")
            names.add(name)
            digest -= counts.get(name, 0)
            if (before := flags.get(name)) is not None:
                content -= before.digest
            if raw is None:
                flags.pop(name, None)
                counts.pop(name, None)
                deleted[name] = version
            else:
                deleted.pop(name, None)
                flags[name], counts[name] = read(raw_name, raw, record, version)
                digest += counts[name]
                content += flags[name].digest
        digest %= MODULUS
        if (digest + self.drift) % MODULUS != meta.digest:
            return None
        if meta.floor > self.floor:
            deleted = {name: version for name, version in deleted.items() if version > meta.floor}
        return replace(
            self,
            state=meta.state,
            digest=digest,
            content=content % MODULUS,
            flags=flags,
            counts=counts,
            deleted=deleted,
            floor=meta.floor,
            confirmed=meta.confirmed,
            readers=max(meta.readers, 1),
            base=self.version,
            changed=frozenset(names),
        )

    def told(self, message: Message) -> Mirror | None:
        """The mirror after a message; None where the server has to be asked."""
        fits = (message.epoch, message.previous) == (self.state.epoch, self.state.number)
        if not fits or message.op not in "=-" or self.damage:
            return None
        raw = None if message.op == "-" else message.entry
        meta = Meta(
            message.epoch,
            message.version,
            message.size,
            message.digest,
            self.floor,
            self.confirmed,
            self.adopted,
            message.readers,
        )
        return self.after([(message.name, raw, None, message.version)], meta)

    def answer(self, known: Version | None) -> FlagSet:
        """The flags, with what differs from ``known`` where this mirror came from there."""
        stepped = known is not None and known == self.base
        return FlagSet(
            self.version,
            self.flags,
            self.deleted,
            self.floor,
            self.confirmed,
            self.damage,
            self.base if stepped else None,
            self.changed if stepped else frozenset(),
        )

    def pause(self, *, whole: bool = False) -> float:
        """Seconds to wait before reading, so that all readers together spread their reads."""
        each = WHOLE if whole else SMALL
        return random.uniform(0, min(LONGEST, self.readers * each))  # noqa: S311 - no secret


def whole(
    meta: Meta, found: Iterable[Change], deleted: Mapping[str, int], before: Mirror, length: int
) -> Mirror:
    """The mirror from everything that a server holds; ``length`` is how many flags are there."""
    flags: dict[str, Stored] = {}
    counts: dict[str, int] = {}
    for raw_name, raw, record, version in found:
        if raw is not None:
            name = raw_name.decode(errors="replace")
            flags[name], counts[name] = read(raw_name, raw, record, version)
    digest = sum(counts.values()) % MODULUS
    damage = ""
    if not flags and meta.size:
        damage = f"the store is empty, and records {meta.size} flags"
    elif not len(flags) == length == meta.size:
        holds = length if length != meta.size else len(flags)
        damage = f"the store records {meta.size} flags and holds {holds}"
    elif digest != meta.digest:
        damage = "the store holds other documents than it records"
    return Mirror(
        state=meta.state,
        digest=digest,
        content=sum(flag.digest for flag in flags.values()) % MODULUS,
        drift=(meta.digest - digest) % MODULUS,
        flags=flags,
        counts=counts,
        deleted=deleted,
        floor=meta.floor,
        adopted=meta.adopted,
        confirmed=meta.confirmed,
        damage=damage,
        readers=max(meta.readers, 1),
        base=before.version if before.state.epoch == meta.epoch else None,
        changed=frozenset(
            name
            for name in before.flags.keys() | flags.keys()
            if before.flags.get(name) != flags.get(name)
        ),
    )
