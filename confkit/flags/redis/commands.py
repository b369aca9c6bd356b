"""What a store of flags tells Redis and how it reads the replies, without I/O.

Each method gives commands and takes replies: a store with threads and one with coroutines drive
the same steps.
"""

from __future__ import annotations

import uuid
import zlib
from collections.abc import Callable, Sequence
from typing import Any

from confkit.errors import FlagConflict, InvalidFlag, Problem, StoreDoubted, StoreError
from confkit.flags.redis import connection, scripts
from confkit.flags.redis import format as stored
from confkit.flags.redis.connection import Command, Steps
from confkit.flags.redis.format import Meta
from confkit.flags.redis.mirror import Change, Mirror, whole
from confkit.flags.rules.literals import Document
from confkit.flags.rules.model import check_name
from confkit.flags.stores.port import (
    UNKNOWN,
    FlagSet,
    Revision,
    Version,
    Wanted,
    check_expected,
    once_each,
)

#: How many flags, and how many records of the history, are asked for at once.
PAGE = 500
#: How often a read begins anew because the store changed meanwhile.
TRIES = 5


class Commands:
    """The commands for one namespace."""

    def __init__(self, namespace: str) -> None:
        self.keys = stored.Keys(namespace)

    # Reading

    def reading(
        self,
        mirror: Mirror,
        *,
        verify: bool = False,
        again: bool = False,
        wait: Callable[[float], Any] | None = None,
    ) -> Steps[Mirror]:
        """The mirror of the store now: one short command where nothing changed.

        :param verify: look whether the flags are still there; eviction takes them and leaves what
            every poll touches.
        :param again: read everything: a document that was changed past confkit is found by that.
        :param wait: called with a delay before everything is read again, to spread such reads.
        """
        if mirror.state == UNKNOWN:
            return (yield from self.everything(mirror))
        [reply] = yield [self._meta()]
        meta = Meta.of(reply)
        if not meta.epoch and not verify and not mirror.flags and mirror.state == meta.state:
            return mirror
        if again:
            return (yield from self.everything(mirror))
        if mirror.is_at(meta):
            if not verify:
                return mirror
            [length] = yield [("HLEN", self.keys.flags)]
            if length == meta.size and not mirror.damage:
                return mirror
        elif mirror.may_step(meta):
            stepped = yield from self.difference(mirror)
            if stepped is not None:
                return stepped
        if wait is not None and mirror.state.epoch:
            wait(mirror.pause(whole=True))
        return (yield from self.everything(mirror))

    def difference(self, mirror: Mirror) -> Steps[Mirror | None]:
        """What changed since ``mirror``; None where everything has to be read."""
        since = f"({mirror.state.number}"
        names: list[bytes] = []
        for _ in range(TRIES):
            asked: list[Command] = [
                self._meta(),
                self._scores(self.keys.changes, since, PAGE + 1),
                self._scores(self.keys.deleted, since, PAGE + 1),
            ]
            if names:
                asked += self._documents(names)
            reply = yield asked
            meta = Meta.of(reply[0])
            changed, gone = stored.scored(reply[1]), stored.scored(reply[2])
            if not mirror.may_step(meta) or max(len(changed), len(gone)) > PAGE:
                return None
            found = dict(zip(names, zip(*reply[3:], strict=True), strict=True)) if names else {}
            if all(name in found for name, _ in changed):
                changes: list[Change] = [(name, None, None, score) for name, score in gone]
                for name, score in changed:
                    raw, record = found[name]
                    if raw is None:
                        return None  # it is listed and not there
                    changes.append((name, raw, record, score))
                return mirror.after(changes, meta)
            names = [name for name, _ in changed]
        return None

    def everything(self, before: Mirror) -> Steps[Mirror]:
        """All flags, page by page in the order of their changes.

        What changes meanwhile comes again at the end; no command takes long.
        """
        for _ in range(TRIES):
            begun: Meta | None = None
            found: dict[bytes, Change] = {}
            at, scores, full = "0", dict[bytes, int](), False
            while True:
                asked = [self._meta(), self._scores(self.keys.changes, f"({at}", PAGE)]
                asked += self._documents([*scores]) if scores else []
                # Equal versions, after a refill, may straddle pages.
                asked += [("ZRANGEBYSCORE", self.keys.changes, at, at, "WITHSCORES")] * full
                last = begun is not None and not full
                asked += [("ZRANGE", self.keys.deleted, 0, -1, "WITHSCORES")] * last
                asked += [("HLEN", self.keys.flags)] * last
                meta_reply, page_reply, *rest = yield asked
                meta = Meta.of(meta_reply)
                begun = begun or meta
                if scores:
                    for name, raw, record in zip(scores, *rest[:2], strict=True):
                        found[name] = (name, raw, record, scores[name])
                if (meta.epoch, meta.adopted) != (begun.epoch, begun.adopted):
                    break  # another set by now: from the beginning
                page = dict(stored.scored(page_reply))
                if last and not page:
                    deleted = dict(stored.scored(rest[-2]))
                    left = [c for name, c in found.items() if deleted.get(name, 0) < c[3]]
                    by_name = {n.decode(errors="replace"): score for n, score in deleted.items()}
                    return whole(meta, left, by_name, before, rest[-1])
                same = dict(stored.scored(rest[-1])) if full else {}
                at, full = str(max(page.values(), default=at)), len(page) == PAGE
                scores = {name: score for name, score in same.items() if name not in found} | page
        raise StoreError("the store changes faster than it can be read")

    def _meta(self) -> Command:
        return ("HMGET", self.keys.meta, *Meta._fields)

    def _scores(self, key: str, since: str, limit: int) -> Command:
        return ("ZRANGEBYSCORE", key, since, "+inf", "WITHSCORES", "LIMIT", 0, limit)

    def _documents(self, names: list[bytes]) -> list[Command]:
        return [("HMGET", self.keys.flags, *names), ("HMGET", self.keys.revs, *names)]

    # Writing

    def writing(
        self,
        changes: Sequence[Wanted],
        *,
        by: str,
        reason: str,
        base: Version | None = None,
    ) -> Steps[list[Revision]]:
        """Put or delete flags, all of them or none.

        A reply that is lost is asked for once more, and counts once.
        """
        keys = self.keys
        touched = [keys.flags, keys.meta, keys.changes, keys.deleted, keys.revs, keys.audit]
        touched += [keys.large, keys.done(uuid.uuid4().hex)]
        epoch, high = (base.epoch, base.number) if base is not None and base.epoch else ("", 0)
        given: list[Any] = [epoch, high, uuid.uuid4().hex[:16]]
        given += [told.encode(errors="backslashreplace") for told in (by, reason)]
        given += [keys.changed, stored.INLINE, stored.TOMBSTONES, stored.RECORDS, stored.BYTES]
        for name, document, expect in once_each(changes):
            given += _change(name, document, expect)
        try:
            [reply] = yield from connection.scripted(scripts.WRITE, touched, given)
        except connection.LOST as lost:
            if not connection.worth_repeating(lost):
                raise
            [reply] = yield from connection.scripted(scripts.WRITE, touched, given)
        if reply[0] == b"done":
            records = [(identity, stored.pairs(fields)) for identity, fields in reply[1:]]
            return (yield from self._whole(records))
        if reply[0] == b"lost":
            names = changes[0][0] if len(changes) == 1 else f"none of {len(changes)} flags"
            why = reply[1].decode()
            raise StoreDoubted(f"{names} is not changed: the store is in doubt, {why}")
        current, name = reply[1], reply[2].decode()
        check_expected(name, {n: e for n, _, e in changes}[name], current)
        raise FlagConflict(f"flag {name!r} does not exist")

    def adopting(
        self, flags: FlagSet, seen: Version, *, epoch: str, now: bool = False
    ) -> Steps[bool]:
        """Put a whole set in the place of what is there, if the store is still at ``seen``.

        :param epoch: the epoch of the set, which readers of other epochs accept if it is confirmed.
        :param now: count every flag as changed now, not when it was.
        """
        keys, (s_flags, s_changes, s_revs) = self.keys, self.keys.staged(uuid.uuid4().hex)
        items = [(n, f) for n, f in flags.flags.items() if f.document is not None]
        digest = 0
        for first in range(0, len(items), PAGE):
            part = []
            for name, flag in items[first : first + PAGE]:
                raw = stored.entry(max(1, flag.revision), flag.document or {}).encode()
                mark = stored.fingerprint(name.encode(), raw)
                digest += mark
                score = "+inf" if now else flag.changed
                part.append((name, raw, score, f"{max(1, flag.revision)} {mark}"))
            yield [
                ("HSET", s_flags, *(x for name, raw, _, _ in part for x in (name, raw))),
                ("ZADD", s_changes, *(x for name, _, score, _ in part for x in (score, name))),
                ("HSET", s_revs, *(x for name, _, _, record in part for x in (name, record))),
                *(("EXPIRE", key, 60) for key in (s_flags, s_changes, s_revs)),
            ]
        dead = sorted(flags.deleted.items(), key=lambda item: item[1])[-stored.TOMBSTONES :]
        touched = [keys.flags, keys.meta, keys.changes, keys.deleted, keys.revs]
        given: list[Any] = [seen.epoch, seen.number, epoch, int(flags.confirmed)]
        given += [flags.version.number, len(items), digest % stored.MODULUS, keys.changed]
        given += [flags.floor, *(x for pair in dead for x in pair)]
        everything = [*touched, s_flags, s_changes, s_revs]
        [reply] = yield from connection.scripted(scripts.ADOPT, everything, given)
        return bool(reply[0] == b"done")

    # The record

    def recalling(self, name: str | None, limit: int) -> Steps[list[Revision]]:
        """Changes, newest first, page by page."""
        found: list[Revision] = []
        end, batch = b"+", PAGE if name is not None else max(1, min(limit, PAGE))
        while len(found) < limit:
            call = ("XREVRANGE", self.keys.audit, end, "-", "COUNT", batch)
            [records] = yield [call]
            # What has no flag was put there by somebody else's hand.
            ours = [record for record in records if b"flag" in record[1]]
            if name is not None:
                ours = [record for record in ours if record[1][b"flag"] == name.encode()]
            found += yield from self._whole(ours)
            if len(records) < batch:
                break
            end = b"(" + records[-1][0]
        return found[:limit]

    def _whole(self, records: list[tuple[bytes, dict[bytes, bytes]]]) -> Steps[list[Revision]]:
        """Records as changes, with the documents that are kept beside the stream."""
        wanted = []
        for _, fields in records:
            for which, back in ((b"new", 0), (b"old", 1)):
                if fields.get(which, b"").startswith(b"#"):
                    revision = int(fields[b"rev"]) - back
                    wanted.append((fields, which, b"%d %s" % (revision, fields[b"flag"])))
        if wanted:
            [packed] = yield [("HMGET", self.keys.large, *(key for _, _, key in wanted))]
            for (fields, which, key), text in zip(wanted, packed, strict=True):
                if text is not None:
                    number = key.partition(b" ")[0]
                    fields[which] = b'{"rev":%s,"flag":%s}' % (number, zlib.decompress(text))
        return [stored.revision(identity, fields) for identity, fields in records]


def _change(name: str, document: Document | None, expect: int | None) -> list[Any]:
    """The arguments of one change: name, document, fingerprint, expected revision, packed."""
    check_name(name)
    try:
        text = "" if document is None else stored.encode(document)
    except ValueError as wrong:
        raise InvalidFlag(name, [Problem("", str(wrong))]) from None
    digest = stored.fingerprint(name.encode(), text.encode()) if text else ""
    packed = zlib.compress(text.encode(), 1) if len(text) > stored.INLINE - 100 else b""
    return [name, text, digest, "" if expect is None else expect, packed]
