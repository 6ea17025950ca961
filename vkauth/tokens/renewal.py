"""Asking for a new token: one function after the other, with a look at the store whenever the old one is refused."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Final, TypeAlias

from vkauth.errors import AuthError, AuthErrorCode
from vkauth.secret import kind_of
from vkauth.tokens.store import TokenStore
from vkauth.tokens.values import AnyToken, StoredToken, TokenRecord

__all__ = ["MOST_CHANGES", "Renew", "Renewal", "read_renews", "version_of"]

Renew: TypeAlias = Callable[[StoredToken | None], Awaitable[AnyToken]]
"""Gets a new token with the help of the old one, if there is one."""

MOST_CHANGES: Final = 5
"""How often a record may change under a renewal before it is given up."""
# Seconds in which a renewal that was cancelled may end by itself.
_GRACE: Final = 1.0


def read_renews(renew: object) -> tuple[Renew, ...]:
    """The functions that were given as one or several.

    Raises:
        TypeError, ValueError: they are none.
    """
    if renew is None:
        return ()
    if callable(renew):
        return (renew,)
    if isinstance(renew, str | bytes) or not isinstance(renew, Iterable):
        raise TypeError(f"renew must be an async function, or several of them, not {kind_of(renew)}")
    found = tuple(renew)
    for each in found:
        if not callable(each):
            raise TypeError(f"renew must hold async functions, not {kind_of(each)}")
    if not found:
        raise ValueError("renew must hold a function at least")
    return found


class Renewal:
    """Asks for a new token.

    Args:
        store: where the old one is.
        key: under which name.
        renews: the functions to ask.
    """

    def __init__(self, store: TokenStore, key: str, renews: tuple[Renew, ...]) -> None:
        self._store = store
        self._key = key
        self._renews = renews

    async def ask(
        self, record: TokenRecord | None, usable: Callable[[TokenRecord], bool], until: float
    ) -> tuple[StoredToken | None, TokenRecord | None]:
        """Return a new token and the record that it was made from; or ``None`` and a record that turned up meanwhile.

        Args:
            record: the old one.
            usable: whether the token of a record can be handed out.
            until: when to give up, by the event loop's clock.

        Raises:
            AuthError: ``TIMEOUT``, or what the last function raised.
            BaseException: what a function raised.
            TypeError, ValueError: what it returned is no token.
        """
        refusal: AuthError | None = None
        for renew in self._renews:
            for _ in range(MOST_CHANGES):
                try:
                    return await self._call(renew, None if record is None else record.token, until), record
                except AuthError as error:
                    if error.code is not AuthErrorCode.INVALID_GRANT:
                        raise
                    refusal = error
                # Somebody may have been faster, and it is theirs now that counts.
                there = await self._store.get(self._key)
                if version_of(there) == version_of(record):
                    break
                record = there
                if record is not None and usable(record):
                    return None, record
        assert refusal is not None
        raise refusal

    async def _call(self, renew: Renew, old: StoredToken | None, until: float) -> StoredToken:
        """Call a function within the time that is left; one that does not heed its end is left to itself."""
        task = asyncio.ensure_future(_called(renew, old))
        try:
            done, _ = await asyncio.wait([task], timeout=until - asyncio.get_running_loop().time())
            if done:
                return task.result()
        finally:
            if not task.done():
                task.cancel()
                await asyncio.wait([task], timeout=_GRACE)
        raise AuthError(AuthErrorCode.TIMEOUT, "the token was not renewed in time")


async def _called(renew: Renew, old: StoredToken | None) -> StoredToken:
    found = await renew(old)
    if found is None:
        raise TypeError("renew must return a token, and returned None")
    return StoredToken.of(found)


def version_of(record: TokenRecord | None) -> int:
    """The version of a record; 0: there is none."""
    return 0 if record is None else record.version
