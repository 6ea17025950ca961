"""One record of a store, and its lock."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from contextvars import ContextVar
from typing import Final

from vkauth.secret import kind_of
from vkauth.tokens.store import TokenStore
from vkauth.tokens.values import StoredToken, TokenRecord

__all__ = ["RENEWED", "Place"]

RENEWED: Final[ContextVar[Place | None]] = ContextVar("vkauth.tokens.renewed", default=None)
"""Whose token is being renewed, for a function that does it: who shares one with others asks for each by itself."""


class Place:
    """Where a source has its token. A store may be anybody's: what it gives is looked at.

    Args:
        store: keeps the record.
        key: its name.
    """

    def __init__(self, store: TokenStore, key: str) -> None:
        self.key: Final = key
        self.store: Final = store

    async def read(self) -> TokenRecord | None:
        """Return what is there; ``None``: nothing is.

        Raises:
            TokenStoreError: the store cannot be used.
            TypeError: it gives something else.
        """
        found = await self.store.get(self.key)
        return None if found is None else _checked(found)

    async def write(self, token: StoredToken, expected_version: int | None = None) -> TokenRecord:
        """Store a token, and return the new record.

        Args:
            token: what is stored.
            expected_version: the version that must be there; 0: nothing must; ``None``: whatever is there.

        Raises:
            TokenStoreError: ``STORE_CONFLICT``, or the store cannot be used.
            TypeError: it gives something else.
        """
        return _checked(await self.store.put(self.key, token, expected_version))

    def lock(self, timeout: float) -> AbstractAsyncContextManager[None]:
        """Have the lock for the time of an ``async with``, after ``timeout`` seconds of waiting at most."""
        return self.store.lock(self.key, timeout=timeout)


def _checked(record: object) -> TokenRecord:
    if not isinstance(record, TokenRecord):
        raise TypeError(f"a store must give a TokenRecord, not {kind_of(record)}")
    return record
