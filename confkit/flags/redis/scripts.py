"""The Lua scripts that change what confkit keeps in Redis; each is one indivisible step.

All checks come before the first write, type errors included: an error half-way would leave what
was written before it. A document is never parsed here, so that a damaged one can be replaced.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Script:
    """A Lua script and the digest that Redis knows it by."""

    text: str

    @property
    def digest(self) -> str:
        return hashlib.sha1(self.text.encode(), usedforsecurity=False).hexdigest()


# Numbers are kept exact in doubles: below 2^53. '%.0f' because '%d' differs between Lua versions.
_COMMON = """
local function text(number) return string.format('%.0f', number) end
-- Microseconds of the server's clock, and never backwards: what a fail-over lost is not given out
-- again, so that two branches of one data set can be told apart.
local function later(version)
  local now = redis.call('TIME')
  return math.max(version + 1, tonumber(now[1]) * 1000000 + tonumber(now[2]))
end
"""

# All changes of a request, or none: every check comes before the first change is made.
# A publish that is denied is no failure: it is a hint, and readers poll. Several changes are one
# hint without content: thousands of messages would fill the buffers of thousands of readers.
WRITE = Script(
    _COMMON
    + """
local flags, meta, changes, deleted, revs, audit, large, done = unpack(KEYS)
local epoch, high, fresh, by, reason, channel, inline, tombstones, records, bytes =
  unpack(ARGV, 1, 10)
local FIRST, EACH = 11, 5  -- then, for each change: name, document, hash, expect, packed

local again = redis.call('GET', done)
if again then
  local made = {'done'}
  for id in string.gmatch(again, '%S+') do
    local record = redis.call('XRANGE', audit, id, id)[1]
    if record then made[#made + 1] = {id, record[2]} end
  end
  return made
end
local m = redis.call('HMGET', meta, 'epoch', 'version', 'size', 'digest', 'rev_floor', 'readers',
  'bytes')
local length = redis.call('HLEN', flags)
local version, count = tonumber(m[2] or 0), tonumber(m[3] or 0)
redis.call('ZCARD', changes)
redis.call('ZCARD', deleted)
redis.call('HLEN', revs)
redis.call('XLEN', audit)
redis.call('HLEN', large)
if not m[1] then
  if epoch ~= '' then return {'lost', 'it was emptied'} end
  if length > 0 then return {'lost', 'it lost its record of what it holds'} end
elseif epoch ~= '' and m[1] ~= epoch then
  return {'lost', 'it is another one'}
elseif epoch ~= '' and version < tonumber(high) then
  return {'lost', 'it went back to an earlier state'}
end
if length ~= count then
  return {'lost', 'it records ' .. count .. ' flags and holds ' .. length}
end

local rev_floor = tonumber(m[5] or 0)
local function now(name)
  local raw = redis.call('HGET', flags, name)
  local known, old = string.match(redis.call('HGET', revs, name) or '', '^(%d+) ?(%d*)$')
  return raw, tonumber(known or rev_floor), tonumber(old) or 0
end
for i = FIRST, #ARGV, EACH do
  local name, document, expect = ARGV[i], ARGV[i + 1], ARGV[i + 3]
  local raw, revision = now(name)
  local current = raw and revision or 0
  if expect ~= '' and tonumber(expect) ~= current then return {'conflict', current, name} end
  if document == '' and not raw then return {'conflict', 0, name} end
end

-- The record has small documents whole, and of large ones how long they were.
local function kept(whole)
  return #whole > tonumber(inline) and '#' .. #whole or whole
end
local function weight(record)
  local sum = 100
  for i = 2, #record, 2 do sum = sum + #record[i] end
  return sum
end
local function bury(name, revision)
  redis.call('HDEL', flags, name)
  redis.call('ZREM', changes, name)
  redis.call('ZADD', deleted, text(version), name)
  redis.call('HSET', revs, name, text(revision))
  if redis.call('ZCARD', deleted) > tonumber(tombstones) then
    local oldest = redis.call('ZRANGE', deleted, 0, 0, 'WITHSCORES')
    local last = tonumber(string.match(redis.call('HGET', revs, oldest[1]) or '0', '^%d+') or 0)
    rev_floor = math.max(last, rev_floor)
    redis.call('ZREM', deleted, oldest[1])
    redis.call('HDEL', revs, oldest[1])
    redis.call('HSET', meta, 'floor', oldest[2], 'rev_floor', text(rev_floor))
  end
end

epoch = m[1] or fresh
local previous, digest, used = version, tonumber(m[4] or 0), tonumber(m[7] or 0)
local made, ids, head, entry = {'done'}, {}, nil, ''
for i = FIRST, #ARGV, EACH do
  local name, document, hash, packed = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 4]
  local raw, revision, old = now(name)
  version, revision = later(version), revision + 1
  if raw then digest, count = (digest - old) % 281474976710656, count - 1 end
  if document == '' then
    entry = ''
    bury(name, revision)
  else
    entry = '{"rev":' .. text(revision) .. ',"flag":' .. document .. '}'
    digest, count = (digest + tonumber(hash)) % 281474976710656, count + 1
    redis.call('HSET', flags, name, entry)
    redis.call('ZADD', changes, text(version), name)
    redis.call('ZREM', deleted, name)
    redis.call('HSET', revs, name, text(revision) .. ' ' .. hash)
  end
  redis.call('HDEL', large, text(revision - 2) .. ' ' .. name)
  if packed ~= '' then redis.call('HSET', large, text(revision) .. ' ' .. name, packed) end
  local fields = {'flag', name, 'rev', text(revision), 'epoch', epoch, 'version', text(version),
    'digest', text(digest), 'by', by, 'reason', reason, 'old', kept(raw or ''), 'new', kept(entry)}
  local id = redis.call('XADD', audit, '*', unpack(fields))
  used = used + weight(fields)
  ids[#ids + 1], made[#made + 1] = id, {id, fields}
  local op = document == '' and '-' or #entry > tonumber(inline) and '~' or '='
  head = {text(revision), op, name}
end
if #ids > 1 then head = {'0', '~', ''} end
if head[2] == '~' then entry = '' end

local over = redis.call('XLEN', audit) - tonumber(records)
while over > 0 or used > tonumber(bytes) do
  local oldest = redis.call('XRANGE', audit, '-', '+', 'COUNT', 1)[1]
  if not oldest or oldest[1] == ids[#ids] then break end
  used = used - weight(oldest[2])
  redis.call('XDEL', audit, oldest[1])
  over = over - 1
end
redis.call('HSET', meta, 'epoch', epoch, 'version', text(version), 'size', count,
  'digest', text(digest), 'bytes', text(math.max(0, used)))
redis.call('SET', done, table.concat(ids, ' '), 'PX', 60000)
local line = table.concat({epoch, text(previous), text(version), text(digest), count, m[6] or '0',
  table.concat(head, ' ')}, ' ')
local told = redis.pcall('PUBLISH', channel, line .. '\\n' .. entry)
if type(told) == 'number' and tostring(told) ~= m[6] then
  redis.call('HSET', meta, 'readers', told)
end
return made
"""
)

# A whole set, staged in parts beside the old one: here it is only renamed. To fill a store again
# keeps the epoch, and readers compare flag by flag. To confirm one gives it a new epoch.
ADOPT = Script(
    _COMMON
    + """
local flags, meta, changes, deleted, revs, staged_flags, staged_changes, staged_revs = unpack(KEYS)
local seen_epoch, seen_version, epoch, confirmed, high, count, digest, channel, floor = unpack(ARGV)
local m = redis.call('HMGET', meta, 'epoch', 'version', 'readers')
if (m[1] or '') ~= seen_epoch or (m[2] or '0') ~= seen_version then return {'lost'} end
if redis.call('HLEN', staged_flags) ~= tonumber(count)
    or redis.call('ZCARD', staged_changes) ~= tonumber(count) then
  return {'lost'}
end
local version = later(math.max(tonumber(m[2] or 0), tonumber(high)))
local dead = {}
for i = 10, #ARGV, 2 do
  dead[i] = string.match(redis.call('HGET', revs, ARGV[i]) or '0', '^%d+') or '0'
end
redis.call('DEL', flags, changes, revs, deleted)
if tonumber(count) > 0 then
  redis.call('RENAME', staged_flags, flags)
  redis.call('RENAME', staged_changes, changes)
  redis.call('RENAME', staged_revs, revs)
  redis.call('PERSIST', flags)
  redis.call('PERSIST', changes)
  redis.call('PERSIST', revs)
end
for i = 10, #ARGV, 2 do
  redis.call('ZADD', deleted, ARGV[i + 1], ARGV[i])
  redis.call('HSET', revs, ARGV[i], dead[i])
end
-- What is marked with +inf is confirmed: it counts as changed now.
for _, name in ipairs(redis.call('ZRANGEBYSCORE', changes, '+inf', '+inf')) do
  redis.call('ZADD', changes, text(version), name)
end
redis.call('HSET', meta, 'epoch', epoch, 'version', text(version), 'size', count,
  'digest', digest, 'confirmed', confirmed, 'floor', floor, 'adopted', text(version))
local head = {epoch, m[2] or '0', text(version), digest, count, m[3] or '0', '0', '*', ''}
redis.pcall('PUBLISH', channel, table.concat(head, ' ') .. '\\n')
return {'done', text(version)}
"""
)
