"""Tokens, and short ways to say what a store does."""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import timedelta
from typing import Any

import pytest
from support import FakeClock

from vkauth import AuthErrorCode
from vkauth.tokens import StoredToken, TokenStoreError

__all__ = ["broken", "lasting", "token"]


def token(text: str = "SAMPLE-token", **fields: Any) -> StoredToken:
    """A token."""
    return StoredToken(token=text, **fields)


def lasting(clock: FakeClock, seconds: float, text: str = "SAMPLE-token", **fields: Any) -> StoredToken:
    """A token that ends so many seconds from now."""
    expires_at = clock.now() + timedelta(seconds=seconds)
    return StoredToken(token=text, **{"expires_in": max(0, int(seconds)), "expires_at": expires_at} | fields)


async def broken(work: Awaitable[object], code: AuthErrorCode | str) -> TokenStoreError:
    """Wait for work on a store that has to fail with ``code``."""
    with pytest.raises(TokenStoreError) as caught:
        await work
    assert caught.value.code == code, caught.value
    return caught.value
