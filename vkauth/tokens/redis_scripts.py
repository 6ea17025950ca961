"""What a Redis server is asked to do in one piece, and the form of a record there.

A record is a hash, and one key: ``version``, ``saved_at``, ``content`` (hexadecimal; what is deleted has none, and
keeps its version), ``digest`` of all these and of the key, and ``call``, at random, by which a call that was sent
twice, as redis-py does when a connection breaks, is known: the second one changes nothing. The digest is SHA-1, which
scripts can take: it finds damage. Who forges one could as well write the record anew; against those there are seals.

The record without a name has the greatest version that was ever given, for the time when that of another is lost: the
versions of a record that is not there, or was damaged, go on from it.
"""

from __future__ import annotations

from hashlib import sha1
from typing import Final

from vkauth.tokens.records import LARGEST_VERSION

__all__ = ["DELETE", "EXTEND", "FIELDS", "FREE", "KEPT", "PUT", "REPLACE", "TAKE", "digest_of"]

FIELDS: Final = ("version", "saved_at", "content", "digest")
"""What a record is read of."""
_PURPOSE: Final = "vkauth token record 2"


def digest_of(key: str, version: str, saved_at: str, content: str | None) -> str:
    """The digest of a record, as the scripts take it: all is text as it is written."""
    parts = (_PURPOSE, key, version, saved_at, "-" if content is None else f"+{content}")
    found = sha1(usedforsecurity=False)
    for each in parts:
        part = each.encode()
        found.update(b"%d:" % len(part))
        found.update(part)
    return found.hexdigest()


# ARGV[1] is where a record's own key begins in its name on the server, ARGV[2] the call. Lua counts exactly to 2**53.
_COMMON: Final = f"""
local function digest(name, version, saved_at, content)
  local text = ''
  local parts = {{'{_PURPOSE}', string.sub(name, ARGV[1]), version, saved_at, content and '+' .. content or '-'}}
  for _, each in ipairs(parts) do text = text .. #each .. ':' .. each end
  return redis.sha1hex(text)
end
local function read(name)
  local row = redis.pcall('HMGET', name, 'version', 'saved_at', 'content', 'digest', 'call')
  if row.err then
    if string.find(row.err, 'WRONGTYPE') then return {{damaged = true}} end
    redis.call('HMGET', name, 'version')  -- which fails as it does without a script
  end
  local version, saved_at, content, checked, call = row[1], row[2], row[3], row[4], row[5]
  if not (version or saved_at or content or checked or call) then return {{}} end
  if not (version and saved_at and checked and string.find(version, '^[1-9]%d*$') and #version < 16
      and tonumber(version) <= {LARGEST_VERSION} and digest(name, version, saved_at, content) == checked) then
    return {{damaged = true}}
  end
  return {{version = tonumber(version), content = content, call = call, digest = checked}}
end
local function write(name, version, saved_at, content)
  local text = string.format('%.0f', version)
  redis.call('DEL', name)
  redis.call('HSET', name, 'version', text, 'saved_at', saved_at, 'call', ARGV[2],
    'digest', digest(name, text, saved_at, content))
  if content then redis.call('HSET', name, 'content', content) end
end
"""
# ARGV[3] is now, ARGV[4] a version greater than any that was counted, for a server that has lost the greatest one.
_GREATEST: Final = """
local function greatest()
  local row = read(KEYS[#KEYS])
  return row.version or row.damaged and tonumber(ARGV[4]) or 0, row.damaged
end
local function remember(version)
  local known, lost = greatest()
  if lost or version > known then write(KEYS[#KEYS], math.max(version, known), ARGV[3], false) end
end
"""
PUT: Final = (
    _COMMON
    + _GREATEST
    + """
local rows, done, versions, last = {}, true, {1}, 0
local start = greatest()  -- a row that is not there may have been, until a server without room took it away
for at = 1, #KEYS - 1 do
  rows[at] = read(KEYS[at])
  versions[at + 1] = (rows[at].version or start) + 1
  done = done and rows[at].call == ARGV[2]
end
if done then
  for at = 1, #KEYS - 1 do versions[at + 1] = rows[at].version end
  return versions
end
for at, row in ipairs(rows) do
  if row.damaged then return {-1, at} end
  local found, expected = row.content and row.version or 0, ARGV[3 + 2 * at]
  if expected ~= '' and tonumber(expected) ~= found then return {0, at, found} end
end
for at = 1, #KEYS - 1 do
  write(KEYS[at], versions[at + 1], ARGV[3], ARGV[4 + 2 * at])
  last = math.max(last, versions[at + 1])
end
remember(last)
return versions
"""
)
"""Writes records, all or none: after the four of each script the version that is expected and the content of each.

Gives 1 and the versions; or 0, which one is of another version than expected, and that; or -1 and which is damaged.
"""
DELETE: Final = (
    _COMMON
    + _GREATEST
    + """
local row = read(KEYS[1])
if not (row.damaged or row.content) then return row.call and row.call == ARGV[2] and 1 or 0 end
local version = row.version
if row.damaged then
  local known, _ = greatest()
  version = known > 0 and known or tonumber(ARGV[4])
end
write(KEYS[1], version + 1, ARGV[3], false)
remember(version + 1)
return 1
"""
)
"""Forgets what a record has, also if it is damaged. Gives whether it had something."""
REPLACE: Final = (
    _COMMON
    + """
local row = read(KEYS[1])
if row.call and row.call == ARGV[2] then return 1 end
if row.digest ~= ARGV[4] then return 0 end
write(KEYS[1], row.version, ARGV[3], ARGV[5])
return 1
"""
)
"""Writes another content of the same version, if the digest is still ARGV[4]. Gives whether it was."""
KEPT: Final = (
    _COMMON
    + """
local kept = {}
for at, name in ipairs(KEYS) do
  local row = read(name)
  kept[at] = (row.damaged or row.content) and 1 or 0
end
return kept
"""
)
"""Gives of each record whether something is kept there: 1, also if it is damaged, or 0."""
TAKE: Final = """
if redis.call('GET', KEYS[1]) == ARGV[1] then return 1 end
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return 1 end
return 0
"""
"""Takes a lock for an owner, for so many milliseconds. Gives whether they have it."""
EXTEND: Final = (
    "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end return 0"
)
"""Gives a lock so many milliseconds more, if an owner has it. Gives whether they have."""
FREE: Final = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"
"""Frees a lock, if an owner has it."""
