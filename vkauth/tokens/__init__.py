"""Tokens that live: kept in a store, renewed once for all who use them, shared by workers.

Each name loads when it is first used; none of them loads redis, keyring or cryptography by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vkauth._lazy import attach

if TYPE_CHECKING:
    from vkauth.errors import TokenStoreError
    from vkauth.token_info import TokenKind
    from vkauth.tokens.memory import MemoryTokenStore
    from vkauth.tokens.sqlite import SQLiteTokenStore
    from vkauth.tokens.store import TokenStore
    from vkauth.tokens.values import StoredToken, TokenRecord

__all__ = [
    "MemoryTokenStore",
    "SQLiteTokenStore",
    "StoredToken",
    "TokenKind",
    "TokenRecord",
    "TokenStore",
    "TokenStoreError",
]

_HOMES = {
    ".errors": ("TokenStoreError",),
    ".token_info": ("TokenKind",),
    "memory": ("MemoryTokenStore",),
    "sqlite": ("SQLiteTokenStore",),
    "store": ("TokenStore",),
    "values": ("StoredToken", "TokenRecord"),
}

if not TYPE_CHECKING:  # to a type checker every name would be there
    __getattr__, __dir__ = attach(__name__, _HOMES)
