"""A service that gives new tokens, and a source that asks it."""

from __future__ import annotations

import asyncio
from typing import Any

from support import FakeClock

from tokens.samples import lasting
from vkauth import AuthError, AuthErrorCode
from vkauth.tokens import MemoryTokenStore, StoredToken, StoredTokenSource, TokenRecord, TokenStoreError

__all__ = ["KEY", "Service", "Shaky", "aged", "refusal", "source_of"]

KEY = "me"


class Service:
    """Gives ``new-1``, ``new-2`` ... with refresh tokens of the same numbers, each to be used once."""

    def __init__(self, clock: FakeClock, life: float = 3600.0) -> None:
        self.clock = clock
        self.life = life
        self.asked: list[StoredToken | None] = []
        self.failures: list[BaseException] = []
        self.begun = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()

    async def renew(self, old: StoredToken | None) -> StoredToken:
        """As ``renew=`` wants it."""
        self.asked.append(old)
        self.begun.set()
        number = len(self.asked)
        await self.gate.wait()
        if self.failures:
            raise self.failures.pop(0)
        return lasting(self.clock, self.life, f"SAMPLE-new-{number}", refresh_token=f"SAMPLE-refresh-{number}")


class Shaky(MemoryTokenStore):
    """A store that fails when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.failing = 0
        self.reads = 0

    async def get(self, key: str) -> TokenRecord | None:
        self.reads += 1
        return await super().get(key)

    async def put(self, key: str, token: StoredToken, expected_version: int | None = None) -> TokenRecord:
        if self.failing:
            self.failing -= 1
            raise TokenStoreError(AuthErrorCode.STORE_UNAVAILABLE, "full", key=key)
        return await super().put(key, token, expected_version)


def source_of(store: Any, clock: FakeClock, renew: Any = None, **options: Any) -> StoredTokenSource:
    """A source of the record ``me``."""
    return StoredTokenSource(store, KEY, renew, clock=clock, **options)


async def aged(store: MemoryTokenStore, clock: FakeClock, seconds: float = -1.0) -> StoredToken:
    """Store a token that has ended a second ago, or ends soon."""
    old = lasting(clock, seconds, "SAMPLE-old", refresh_token="SAMPLE-refresh-old", expires_in=3600)
    await store.put(KEY, old)
    return old


def refusal() -> AuthError:
    """What a service says of a spent refresh token."""
    return AuthError(AuthErrorCode.INVALID_GRANT, "spent")
