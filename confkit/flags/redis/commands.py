"""What a store of flags tells Redis and how it reads the replies, without I/O.

Each method gives commands and takes replies: a store with threads and one with coroutines drive
the same steps.
"""

from __future__ import annotations

import uuid
from typing import Any

from confkit.errors import FlagConflict, InvalidFlag, Problem
from confkit.flags.redis import connection
from confkit.flags.redis import format as stored
from confkit.flags.redis.connection import Steps
from confkit.flags.rules.literals import Document
from confkit.flags.rules.model import check_name
from confkit.flags.stores.port import FlagSet, Revision, Version

#: How many records of the history are asked for at once.
PAGE = 500


class Commands:
    """The commands for one namespace.

    ``gone``: whether the last full answer had no flags though the server counts some.
    """

    def __init__(self, namespace: str) -> None:
        self.keys = stored.Keys(namespace)
        self.gone = False

    def reading(self, known: Version | None, *, verify: bool = False) -> Steps[FlagSet | None]:
        """Every flag, or None at ``known``; ``verify`` looks whether the flags are still there."""
        meta = ("HMGET", self.keys.meta, "epoch", "version", "flags")
        if known is not None:
            [(epoch, number, count)] = yield [meta]
            if stored.version(epoch, number) == known:
                if not verify:
                    return None
                [length] = yield [("HLEN", self.keys.flags)]
                if length and not self.gone:
                    return None
        (epoch, number, count), found = yield [meta, ("HGETALL", self.keys.flags)]
        self.gone = not found and int(count or 0) > 0
        return FlagSet(
            stored.version(epoch, number),
            {name.decode(errors="replace"): stored.decode(raw) for name, raw in found.items()},
        )

    def writing(
        self, name: str, document: Document | None, *, expect: int | None, by: str, reason: str
    ) -> Steps[Revision]:
        """Put or delete one flag; a reply that is lost is asked for once more."""
        check_name(name)
        try:
            text = "" if document is None else stored.encode(document)
        except ValueError as wrong:
            raise InvalidFlag(name, [Problem("", str(wrong))]) from None
        keys = [self.keys.flags, self.keys.meta, self.keys.audit]
        told = [item.encode(errors="backslashreplace") for item in (by, reason)]
        given = [name, text, "" if expect is None else expect, *told, uuid.uuid4().hex]
        given += [uuid.uuid4().hex, self.keys.changed]
        try:
            [reply] = yield from connection.scripted(
                stored.WRITE, keys, [*given, 0, stored.RECORDS]
            )
        except connection.LOST as lost:
            if not connection.worth_repeating(lost):
                raise
            again = [*given, stored.LOOKBACK, stored.RECORDS]
            [reply] = yield from connection.scripted(stored.WRITE, keys, again)
        if reply[0] == b"done":
            return stored.revision(reply[1], stored.pairs(reply[2]))
        if reply[0] == b"absent" or not reply[1]:
            raise FlagConflict(f"flag {name!r} does not exist")
        wanted = f"revision {expect}" if expect else "no such flag"
        raise FlagConflict(
            f"flag {name!r} is at revision {reply[1]}, and the change expects {wanted}"
        )

    def recalling(self, name: str | None, limit: int) -> Steps[list[Revision]]:
        """Changes, newest first, page by page."""
        found: list[Revision] = []
        end, batch = b"+", PAGE if name is not None else max(1, min(limit, PAGE))
        while len(found) < limit:
            call = ("XREVRANGE", self.keys.audit, end, "-", "COUNT", batch)
            [records] = yield [call]
            # What has no flag was put there by somebody else's hand.
            changes = (stored.revision(*record) for record in records if b"flag" in record[1])
            found += [change for change in changes if name in (None, change.name)]
            if len(records) < batch:
                break
            end = b"(" + records[-1][0]
        return found[:limit]

    def seeding(self, flags: FlagSet) -> Steps[str]:
        """Fill a store that lost its data; where it was filled, what from, else an empty text."""
        keys = [self.keys.flags, self.keys.meta, self.keys.audit]
        copy = f"copy of version {flags.version.number} of epoch {flags.version.epoch}"
        given: list[Any] = [flags.version.epoch, flags.version.number, uuid.uuid4().hex]
        given += [self.keys.changed, "confkit", f"filled again from a {copy}", stored.RECORDS]
        for name, flag in flags.flags.items():
            if flag.document is not None:
                revision = max(1, flag.revision)
                given += [name, revision, stored.entry(revision, flag.document)]
        [filled] = yield from connection.scripted(stored.SEED, keys, given)
        return copy if filled else ""
