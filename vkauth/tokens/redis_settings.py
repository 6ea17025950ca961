"""What a Redis (or Valkey) server does with what it is told to keep, by its own words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

__all__ = ["SECTIONS", "RedisSettings", "read_settings"]

SECTIONS: Final = ("memory", "persistence")
"""Of INFO (https://redis.io/docs/latest/commands/info/, seen 2026-11)."""
_NEVER: Final = "noeviction"


@dataclass(frozen=True, slots=True)
class RedisSettings:
    """Settings of a server that decide whether it may lose tokens or locks.

    Attributes:
        eviction: how the server chooses what it forgets when its memory is full, which it is at ``maxmemory``;
            ``None``: it forgets nothing, or does not say.
        appendonly: whether each write goes to a file, so that a crash costs a second of them at most; ``None``: it does
            not say.
    """

    eviction: str | None
    appendonly: bool | None


def read_settings(info: Mapping[object, object]) -> RedisSettings:
    """Read them from the answers to INFO, as redis-py gives them, or a proxy that knows part of it."""
    policy, limit, log = info.get("maxmemory_policy"), info.get("maxmemory"), info.get("aof_enabled")
    forgets = isinstance(policy, str) and policy.isprintable() and policy != _NEVER and limit != 0
    return RedisSettings(str(policy)[:40] if forgets else None, bool(log) if isinstance(log, int) else None)
