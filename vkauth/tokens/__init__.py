"""Tokens that live: kept in a store, renewed once for all who use it, shared by workers.

Each name loads when it is first used; none of them loads redis, keyring or cryptography by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vkauth._lazy import attach

if TYPE_CHECKING:
    from vkauth.errors import TokenStoreError
    from vkauth.sealing.keys import EnvironmentKey, FileKey, KeyringKey, generate_key
    from vkauth.sealing.seal import Seal
    from vkauth.token_info import TokenKind
    from vkauth.tokens.asking import renew_by_asking
    from vkauth.tokens.changes import Listener, TokenChange
    from vkauth.tokens.memory import MemoryTokenStore
    from vkauth.tokens.opening import AnyTokenStore, open_token_store
    from vkauth.tokens.records import Sealing
    from vkauth.tokens.redis import RedisTokenStore
    from vkauth.tokens.redis_settings import RedisSettings
    from vkauth.tokens.renew import renew_by_login, renew_by_refresh
    from vkauth.tokens.renewal import Renew
    from vkauth.tokens.source import StaticTokenSource, TokenSource
    from vkauth.tokens.sqlite import SQLiteTokenStore
    from vkauth.tokens.store import TokenStore
    from vkauth.tokens.stored_source import StoredTokenSource
    from vkauth.tokens.values import AnyToken, StoredToken, TokenRecord

__all__ = [
    "AnyToken",
    "AnyTokenStore",
    "EnvironmentKey",
    "FileKey",
    "KeyringKey",
    "Listener",
    "MemoryTokenStore",
    "RedisSettings",
    "RedisTokenStore",
    "Renew",
    "SQLiteTokenStore",
    "Seal",
    "Sealing",
    "StaticTokenSource",
    "StoredToken",
    "StoredTokenSource",
    "TokenChange",
    "TokenKind",
    "TokenRecord",
    "TokenSource",
    "TokenStore",
    "TokenStoreError",
    "generate_key",
    "open_token_store",
    "renew_by_asking",
    "renew_by_login",
    "renew_by_refresh",
]

_HOMES = {
    ".errors": ("TokenStoreError",),
    ".sealing.keys": ("EnvironmentKey", "FileKey", "KeyringKey", "generate_key"),
    ".sealing.seal": ("Seal",),
    ".token_info": ("TokenKind",),
    "asking": ("renew_by_asking",),
    "changes": ("Listener", "TokenChange"),
    "memory": ("MemoryTokenStore",),
    "opening": ("AnyTokenStore", "open_token_store"),
    "records": ("Sealing",),
    "redis": ("RedisTokenStore",),
    "redis_settings": ("RedisSettings",),
    "renew": ("renew_by_login", "renew_by_refresh"),
    "renewal": ("Renew",),
    "source": ("StaticTokenSource", "TokenSource"),
    "sqlite": ("SQLiteTokenStore",),
    "store": ("TokenStore",),
    "stored_source": ("StoredTokenSource",),
    "values": ("AnyToken", "StoredToken", "TokenRecord"),
}

if not TYPE_CHECKING:  # to a type checker every name would be there
    __getattr__, __dir__ = attach(__name__, _HOMES)
