"""What confkit keeps in Redis: the keys, the documents in them, and the scripts that change them.

========================  ======  ===========================================================
``{ns}:flags``            hash    name -> ``{"rev":7,"flag":{...}}``
``{ns}:meta``             hash    ``epoch``, ``version``, ``flags`` (how many), ``revision:<name>``
``{ns}:audit``            stream  one record for each change, about the last 10,000
``{ns}:changed``          channel ``<epoch> <version> <name>`` after each change
========================  ======  ===========================================================

The braces are literal: they put all keys of a namespace into one slot of a cluster. Nothing here
expires, and nothing here does I/O.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn

from confkit.errors import StoreError
from confkit.flags.rules.literals import Document
from confkit.flags.stores.port import Revision, Stored, Version

#: How many changes the audit stream keeps, approximately.
RECORDS = 10_000
#: How many of the newest changes a repeated write looks through for its own id.
LOOKBACK = 2_000
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


@dataclass(frozen=True, slots=True)
class Script:
    """A Lua script and the digest that Redis knows it by."""

    text: str

    @property
    def digest(self) -> str:
        return hashlib.sha1(self.text.encode(), usedforsecurity=False).hexdigest()


# All checks come before the first write: an error half-way leaves what was written before it.
# The revision is read by pattern, not by cjson: cjson refuses deep documents and lone surrogates.
# A publish that is denied is no failure: it is a hint, and readers poll.
WRITE = Script(
    """
local flags, meta, audit = KEYS[1], KEYS[2], KEYS[3]
local name, document, expected, by, reason, write, epoch, channel, lookback, records =
  ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7], ARGV[8], ARGV[9], ARGV[10]

if lookback ~= '0' then
  for _, record in ipairs(redis.call('XREVRANGE', audit, '+', '-', 'COUNT', lookback)) do
    for i = 1, #record[2], 2 do
      if record[2][i] == 'write' and record[2][i + 1] == write then
        return {'done', record[1], record[2]}
      end
    end
  end
end

redis.call('XLEN', audit)
local count = redis.call('HLEN', flags)
local raw = redis.call('HGET', flags, name)
local known = redis.call('HMGET', meta, 'epoch', 'flags', 'revision:' .. name)
local current = 0
if raw then current = tonumber(string.match(raw, '^%s*{%s*"rev"%s*:%s*(%d+)%s*,') or 0) end
if expected ~= '' and tonumber(expected) ~= current then return {'conflict', current} end
if document == '' and not raw then return {'absent'} end

local lost = count == 0 and tonumber(known[2] or 0) > 0
local version = redis.call('HINCRBY', meta, 'version', 1)
if lost or not known[1] then
  redis.call('HSET', meta, 'epoch', epoch)
else
  epoch = known[1]
end
local revision = math.max(current, tonumber(known[3] or 0)) + 1
local entry = ''
if document ~= '' then entry = '{"rev":' .. revision .. ',"flag":' .. document .. '}' end
local fields = {'flag', name, 'rev', tostring(revision), 'epoch', epoch,
  'version', tostring(version), 'by', by, 'reason', reason, 'old', raw or '', 'new', entry,
  'write', write}
local id = redis.call('XADD', audit, 'MAXLEN', '~', records, '*', unpack(fields))
if document == '' then
  redis.call('HDEL', flags, name)
else
  redis.call('HSET', flags, name, entry)
end
redis.call('HSET', meta, 'flags', redis.call('HLEN', flags), 'revision:' .. name, revision)
redis.pcall('PUBLISH', channel, epoch .. ' ' .. version .. ' ' .. name)
return {'done', id, fields}
"""
)

# Only a store that lost its flags is filled; or one that was filled from an older copy of the
# same data, and that nobody has written to since: so the newest copy wins, whoever comes first.
# A store whose flags were all deleted on purpose says so by flags = 0, and stays empty.
SEED = Script(
    """
local flags, meta, audit = KEYS[1], KEYS[2], KEYS[3]
local from_epoch, from_version, epoch, channel, by, reason, records =
  ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7]

redis.call('XLEN', audit)
local count = redis.call('HLEN', flags)
local known = redis.call('HMGET', meta,
  'epoch', 'version', 'flags', 'seed_epoch', 'seed_version', 'seeded')
local lost = count == 0 and (not known[1] or tonumber(known[3] or 0) > 0)
local older = known[4] == from_epoch and tonumber(known[5]) < from_version and known[6] == known[2]
if not lost and not older then return 0 end

local version = math.max(tonumber(known[2] or 0), from_version) + 1
redis.call('HSET', meta, 'version', version, 'epoch', epoch, 'seeded', version,
  'seed_epoch', from_epoch, 'seed_version', from_version)
redis.call('DEL', flags)
for i = 8, #ARGV, 3 do
  local name, revision, entry = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  redis.call('XADD', audit, 'MAXLEN', '~', records, '*', 'flag', name, 'rev', revision,
    'epoch', epoch, 'version', tostring(version), 'by', by, 'reason', reason,
    'old', '', 'new', entry)
  redis.call('HSET', flags, name, entry)
  redis.call('HSET', meta, 'revision:' .. name, revision)
end
redis.call('HSET', meta, 'flags', redis.call('HLEN', flags))
redis.pcall('PUBLISH', channel, epoch .. ' ' .. version)
return 1
"""
)


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


def version(epoch: bytes | None, number: bytes | None) -> Version:
    """The version that two fields of ``meta`` stand for; an empty store is at ``("", 0)``."""
    return Version((epoch or b"").decode(errors="replace"), _number(number))


def revision(identity: bytes, fields: Mapping[bytes, bytes]) -> Revision:
    """One record of the audit stream; its time is the server's, from the record's id."""
    text = {k.decode(errors="replace"): v.decode(errors="replace") for k, v in fields.items()}
    milliseconds = _number(identity.partition(b"-")[0])
    at = datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=milliseconds)
    return Revision(
        name=text.get("flag", ""),
        revision=_number(fields.get(b"rev")),
        version=version(fields.get(b"epoch"), fields.get(b"version")),
        at=at.isoformat(timespec="milliseconds"),
        by=text.get("by", ""),
        reason=text.get("reason", ""),
        old=_document(fields.get(b"old")),
        new=_document(fields.get(b"new")),
    )


def pairs(flat: Iterable[Any]) -> dict[bytes, bytes]:
    """A mapping from the flat list that Lua gives."""
    items = iter(flat)
    return dict(zip(items, items, strict=True))


def _document(raw: bytes | None) -> Document | None:
    return decode(raw).document if raw else None


def _number(text: bytes | None) -> int:
    return int(text) if text is not None and text.isdigit() else 0
