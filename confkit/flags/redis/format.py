"""What confkit keeps in Redis: the keys, and what is in them.

=======================  ==========  =======================================================
``{ns}:flags``           hash        name -> ``{"rev":7,"flag":{...}}``
``{ns}:changes``         sorted set  name -> version of its last change
``{ns}:deleted``         sorted set  name -> version of its deletion, the newest 1,000
``{ns}:revs``            hash        name -> ``revision hash``; of a deleted flag ``revision``
``{ns}:meta``            hash        :class:`Meta`, and ``rev_floor``, ``bytes``
``{ns}:audit``           stream      one record a change, bounded by count and bytes
``{ns}:large``           hash        ``revision name`` -> packed documents too large for a record
``{ns}:done:<request>``  string      for a minute: the record of a change, by its request's id
``{ns}:changed``         channel     :class:`Message` after each change
=======================  ==========  =======================================================

The braces are literal: they put all keys of a namespace into one slot of a cluster. ``version`` is
a time in microseconds that never goes back. ``digest`` is the sum of the first 48 bits of the sha1
of each name and document, modulo 2^48. Nothing here does I/O.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, NoReturn

from confkit.errors import StoreError
from confkit.flags.rules.literals import Document
from confkit.flags.stores.port import Revision, Stored, Version

#: How many changes the audit stream keeps, and how many bytes of them.
RECORDS = 10_000
BYTES = 32 * 1024 * 1024
#: How many deletions are kept by name.
TOMBSTONES = 1_000
#: The largest entry in bytes that a message and a record hold.
INLINE = 4_096
#: The digest of a store counts modulo this.
MODULUS = 1 << 48
#: The largest document in bytes; one flag shall not slow down everybody's every refresh.
LARGEST = 1_000_000

_NAMESPACE = re.compile(r"[A-Za-z0-9_.:-]{1,64}\Z")


@dataclass(frozen=True, slots=True)
class Keys:
    """The names of everything in one namespace."""

    namespace: str

    def __post_init__(self) -> None:
        if _NAMESPACE.match(self.namespace) is None:
            raise StoreError(
                f"namespace {self.namespace!r}: 1 to 64 letters, digits, '_', '.', ':' or '-'"
            )

    @property
    def flags(self) -> str:
        return f"{{{self.namespace}}}:flags"

    @property
    def meta(self) -> str:
        return f"{{{self.namespace}}}:meta"

    @property
    def audit(self) -> str:
        return f"{{{self.namespace}}}:audit"

    @property
    def changed(self) -> str:
        return f"{{{self.namespace}}}:changed"

    @property
    def changes(self) -> str:
        return f"{{{self.namespace}}}:changes"

    @property
    def deleted(self) -> str:
        return f"{{{self.namespace}}}:deleted"

    @property
    def revs(self) -> str:
        return f"{{{self.namespace}}}:revs"

    @property
    def large(self) -> str:
        return f"{{{self.namespace}}}:large"

    def done(self, request: str) -> str:
        """Where the outcome of one request is kept for a minute."""
        return f"{{{self.namespace}}}:done:{request}"

    def staged(self, tag: str) -> tuple[str, str, str]:
        """Where flags, changes and revisions are gathered before they are adopted."""
        return tuple(f"{{{self.namespace}}}:staged:{tag}:{n}" for n in "fcr")  # type: ignore[return-value]


class Meta(NamedTuple):
    """The state of a store in one short reply."""

    epoch: str
    version: int
    size: int
    digest: int
    floor: int
    confirmed: bool
    adopted: int
    readers: int

    @classmethod
    def of(cls, reply: Sequence[bytes | None]) -> Meta:
        """The reply to ``HMGET`` of the fields."""
        numbers = [_number(part) for part in reply[1:]]
        version, size, digest, floor, confirmed, adopted, readers = numbers
        epoch = (reply[0] or b"").decode(errors="replace")
        return cls(epoch, version, size, digest, floor, confirmed == 1, adopted, readers)

    @property
    def state(self) -> Version:
        """The version that clients compare."""
        return Version(self.epoch, self.version, self.digest)


class Message(NamedTuple):
    """What is published after a change; ``entry`` is empty where it is too large for that."""

    epoch: str
    previous: int
    version: int
    digest: int
    size: int
    readers: int
    op: str
    name: bytes
    entry: bytes

    @classmethod
    def of(cls, data: bytes) -> Message | None:
        """A message, None where it is none of ours."""
        head, _, entry = data.partition(b"\n")
        parts = head.split(b" ", 8)
        if len(parts) != 9 or not all(part.isdigit() for part in parts[1:7]):
            return None
        previous, version, digest, size, readers = map(int, parts[1:6])
        epoch, op = parts[0].decode(errors="replace"), parts[7].decode(errors="replace")
        return cls(epoch, previous, version, digest, size, readers, op, parts[8], entry)


def encode(document: Document) -> str:
    """A document as the JSON text that is stored.

    :raises ValueError: when it is no plain JSON, or larger than :data:`LARGEST`.
    """
    try:
        text = json.dumps(dict(document), allow_nan=False, separators=(",", ":"))
    except (TypeError, RecursionError) as error:
        raise ValueError(f"no plain JSON: {error}") from None
    if len(text) > LARGEST:
        raise ValueError(f"{len(text):,} bytes long; at most {LARGEST:,} are allowed")
    return text


def entry(revision: int, document: Document) -> str:
    """One field of the hash, exactly as :data:`WRITE` builds it."""
    return f'{{"rev":{revision},"flag":{encode(document)}}}'


_ENTRY = re.compile(rb'\{"rev":\d+,"flag":')


def fingerprint(name: bytes, raw: bytes) -> int:
    """48 bits of the sha1 of a name and an entry's document; of all of it, if it is no entry."""
    head = _ENTRY.match(raw)
    body = raw if head is None else raw[head.end() : -1]
    hashed = hashlib.sha1(name + b"\0" + body, usedforsecurity=False).digest()
    return int.from_bytes(hashed[:6], "big")


def read(name: bytes, raw: bytes, record: bytes | None, changed: int) -> tuple[Stored, int]:
    """A flag from its entry and its record in ``revs``, and what it adds to the digest.

    The record has the revision, whatever the entry is. An entry that is not the one on record
    was not written by confkit, and is an error.
    """
    stored = decode(raw)
    found = fingerprint(name, raw)
    revision, _, recorded = (record or b"").partition(b" ")
    counts = int(recorded) if recorded.isdigit() else found
    error = stored.error
    if not error and counts != found:
        error = "the document was changed past confkit: write it again"
    number = int(revision) if revision.isdigit() else stored.revision
    return Stored(stored.document, number, error, changed, found), counts


def decode(raw: bytes) -> Stored:
    """What one field of the hash says; what cannot be read says why in ``error``."""
    if len(raw) > LARGEST + 100:
        return Stored(None, 0, f"{len(raw):,} bytes long; at most {LARGEST:,} are read")
    try:
        found = json.loads(raw.decode(), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        # Neither our message nor the decoder's quotes the document.
        text = "nested too deep" if isinstance(error, RecursionError) else str(error)
        return Stored(None, 0, f"no JSON: {text.partition(': ')[0] if _quotes(error) else text}")
    if not isinstance(found, dict):
        return Stored(None, 0, f"a {type(found).__name__}, where an object is expected")
    revision, document = found.get("rev"), found.get("flag")
    if type(revision) is not int or revision < 1:
        return Stored(None, 0, "'rev' is no number from 1")
    if not isinstance(document, dict):
        return Stored(None, revision, "'flag' is no object")
    return Stored(document, revision)


def _quotes(error: Exception) -> bool:
    return isinstance(error, UnicodeDecodeError)


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no JSON number")


def revision(identity: bytes, fields: Mapping[bytes, bytes]) -> Revision:
    """One record of the audit stream; its time is the server's, from the record's id."""
    text = {k.decode(errors="replace"): v.decode(errors="replace") for k, v in fields.items()}
    milliseconds = _number(identity.partition(b"-")[0])
    at = datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=milliseconds)
    return Revision(
        name=text.get("flag", ""),
        revision=_number(fields.get(b"rev")),
        version=Version(
            text.get("epoch", ""), _number(fields.get(b"version")), _number(fields.get(b"digest"))
        ),
        at=at.isoformat(timespec="milliseconds"),
        by=text.get("by", ""),
        reason=text.get("reason", ""),
        old=_document(fields.get(b"old")),
        new=_document(fields.get(b"new")),
        omitted=", ".join(
            f"{which} document of {raw[1:].decode(errors='replace')} bytes is not on record"
            for which in ("old", "new")
            if (raw := fields.get(which.encode(), b"")).startswith(b"#")
        ),
    )


def pairs(flat: Iterable[Any]) -> dict[bytes, bytes]:
    """A mapping from the flat list that Lua gives."""
    items = iter(flat)
    return dict(zip(items, items, strict=True))


def _document(raw: bytes | None) -> Document | None:
    return decode(raw).document if raw and not raw.startswith(b"#") else None


def scored(reply: Sequence[Any]) -> list[tuple[bytes, int]]:
    """Members and their scores, from either protocol of Redis."""
    if reply and isinstance(reply[0], list | tuple):
        return [(name, int(float(score))) for name, score in reply]
    items = iter(reply)
    return [(name, int(float(score))) for name, score in zip(items, items, strict=True)]


def _number(text: bytes | None) -> int:
    return int(text) if text is not None and text.isdigit() else 0
