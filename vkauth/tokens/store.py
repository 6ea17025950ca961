"""What a token store does, and the arguments that all of them take."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from typing import Final, Protocol, Self, TypeVar, cast

from vkauth.checks import seconds
from vkauth.errors import AuthErrorCode, TokenStoreError
from vkauth.secret import kind_of
from vkauth.tokens.values import StoredToken, TokenRecord, hide_token

__all__ = [
    "TokenStore",
    "check_expected",
    "check_key",
    "check_timeout",
    "check_token",
    "check_tokens",
    "conflict",
    "hide_tokens",
    "lock_timeout",
]

_Value = TypeVar("_Value")

_LONGEST_KEY: Final = 512
_LONE_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")


class TokenStore(Protocol):
    """Keeps tokens under names, for any number of tasks, processes or machines at a time.

    A key is text of 1 to 512 characters, else ``ValueError`` or ``TypeError``. A version is a positive number that a
    key never has twice, not even when it was deleted meanwhile. What goes wrong is a :class:`~vkauth.TokenStoreError`.
    """

    async def get(self, key: str) -> TokenRecord | None:
        """Return what is kept under ``key``; ``None``: nothing is."""
        ...

    async def put(self, key: str, token: StoredToken, expected_version: int | None = None) -> TokenRecord:
        """Keep ``token``, and return the new record.

        Args:
            key: its name.
            token: what to keep.
            expected_version: the version that must be there now; 0: there must be none; ``None``: whatever is there.

        Raises:
            TokenStoreError: ``STORE_CONFLICT`` if another version is there.
        """
        ...

    async def delete(self, key: str) -> bool:
        """Forget what is kept under ``key``. Whether there was something."""
        ...

    async def keys(self) -> list[str]:
        """The keys under which something is kept, sorted."""
        ...

    def lock(self, key: str, *, timeout: float | None = None) -> AbstractAsyncContextManager[None]:
        """Have the lock of ``key`` for the time of an ``async with``, as the only one. It is not re-entrant.

        Args:
            key: any name: nothing needs to be kept under it.
            timeout: seconds to wait for it; ``None``: as long as it takes.

        Raises:
            TokenStoreError: ``LOCK_TIMEOUT`` if others have it for longer.
        """
        ...

    async def close(self) -> None:
        """Let go of all that is open."""
        ...

    async def __aenter__(self) -> Self:
        """Return the store itself, to be closed at the end."""
        ...

    async def __aexit__(self, *_: object) -> None:
        """Close it."""
        ...


def check_key(key: object) -> str:
    """Check the name of a record.

    Raises:
        ValueError, TypeError: it is none.
    """
    if not isinstance(key, str):
        raise TypeError(f"key must be str, not {kind_of(key)}")
    if not 1 <= len(key) <= _LONGEST_KEY:
        raise ValueError(f"key must have 1 to {_LONGEST_KEY} characters")
    if not key.isascii() and _LONE_SURROGATE.search(key):
        raise ValueError("key must be text that can be written: half a character is in it")
    return str(key)


def check_token(token: object) -> StoredToken:
    """Check what is to be kept.

    Raises:
        TypeError: it is something else.
    """
    if not isinstance(token, StoredToken):
        raise TypeError(f"token must be StoredToken (see StoredToken.of), not {kind_of(token)}")
    return token


def check_expected(version: object) -> int | None:
    """Check the version that must be there.

    Raises:
        ValueError, TypeError: it is none.
    """
    if version is None:
        return None
    if isinstance(version, bool) or not isinstance(version, int):
        raise TypeError(f"expected_version must be int or None, not {kind_of(version)}")
    if version < 0:
        raise ValueError("expected_version must not be less than 0")
    return version


def hide_tokens(tokens: _Value) -> _Value:
    """Return what ``put_all`` takes, tokens in it masked; of all else only the name of its class."""
    if not isinstance(tokens, Mapping):
        return hide_token(tokens)
    return cast("_Value", {key: _hide_pair(value) for key, value in tokens.items()})


def _hide_pair(value: object) -> object:
    if not isinstance(value, tuple):
        return hide_token(value)
    return tuple(each if isinstance(each, int) else hide_token(each) for each in value)


def check_tokens(tokens: object) -> dict[str, tuple[StoredToken, int | None]]:
    """Check what is to be kept at once, by name, each with the version that must be there.

    Raises:
        ValueError, TypeError: something in it is wrong.
    """
    if not isinstance(tokens, Mapping):
        raise TypeError(f"tokens must be a mapping, not {kind_of(tokens)}")
    checked: dict[str, tuple[StoredToken, int | None]] = {}
    for key, value in tokens.items():
        name = check_key(key)
        if not isinstance(value, tuple) or len(value) != 2:
            raise TypeError(f"tokens must hold pairs of a token and an expected version, not {kind_of(value)}")
        checked[name] = check_token(value[0]), check_expected(value[1])
    return checked


def check_timeout(timeout: object) -> float | None:
    """Check the seconds that somebody waits for a lock; 0: not at all, ``None``: as long as it takes.

    Raises:
        ValueError, TypeError: it is no such number.
    """
    return timeout if timeout is None else 0.0 if timeout == 0 else seconds("timeout", timeout)


def conflict(key: str, found: int, expected: int, location: str) -> TokenStoreError:
    """The error of a record that is of another version than was expected."""
    there = f"of version {found}" if found else "not there"
    wanted = f"of version {expected}" if expected else "not there"
    return TokenStoreError(
        AuthErrorCode.STORE_CONFLICT, f"the record should be {wanted}, and is {there}", key=key, location=location
    )


def lock_timeout(key: str, timeout: float, location: str) -> TokenStoreError:
    """The error of a lock that others have for too long."""
    what = f"others have the lock for longer than {timeout:g} s"
    return TokenStoreError(AuthErrorCode.LOCK_TIMEOUT, what, key=key, location=location)
