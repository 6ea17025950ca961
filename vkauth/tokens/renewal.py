"""Asking for a new token: one function after the other, with a look at the store whenever the old one is refused."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from inspect import isawaitable
from typing import Any, Final, TypeAlias

from vkauth.errors import AuthError, AuthErrorCode
from vkauth.secret import kind_of
from vkauth.tokens.place import RENEWED, Place
from vkauth.tokens.values import AnyToken, StoredToken, TokenRecord, hide_token

__all__ = ["MOST_CHANGES", "Renew", "Renewal", "brings_more", "read_renews", "version_of"]

Renew: TypeAlias = Callable[[StoredToken | None], Awaitable[AnyToken]]
"""Gets a new token with the help of the old one, if there is one."""

MOST_CHANGES: Final = 5
"""How often a record may change under a renewal before it is given up."""
# Seconds in which a renewal that was cancelled may end by itself; no more than this share of what it had.
_GRACE: Final = 1.0
_SHARE: Final = 0.1


def read_renews(renew: object) -> tuple[Renew, ...]:
    """The functions that were given as one or several.

    Raises:
        TypeError, ValueError: they are none.
    """
    if renew is None:
        return ()
    found: tuple[Any, ...]
    if callable(renew):
        found = (renew,)
    elif isinstance(renew, str | bytes) or not isinstance(renew, Iterable):
        raise TypeError(f"renew must be an async function, or several of them, not {kind_of(renew)}")
    else:
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
        place: where the old one is.
        renews: the functions to ask.
        late: is given what came when nobody waited any more, and the record that it was made from: the old refresh
            token may be spent by then.
    """

    def __init__(
        self,
        place: Place,
        renews: tuple[Renew, ...],
        late: Callable[[StoredToken, TokenRecord | None], None],
    ) -> None:
        self._place = place
        self._renews = renews
        self._late = late
        self.record: TokenRecord | None = None
        self._left: set[asyncio.Task[StoredToken]] = set()

    async def ask(
        self, record: TokenRecord | None, usable: Callable[[TokenRecord], bool], until: float
    ) -> StoredToken | None:
        """Return a new token; ``None``: a record with a good one has turned up meanwhile.

        In each case, also if an error is raised, :attr:`record` is the newest that is known.

        Args:
            record: the old one.
            usable: whether the token of a record can be handed out.
            until: when to give up, by the event loop's clock.

        Raises:
            AuthError: ``TIMEOUT``, or what the last function raised.
            BaseException: what a function raised.
            TypeError, ValueError: what it returned is no token.
        """
        self.record = record
        refusal: AuthError | None = None
        for renew in self._renews:
            for _ in range(MOST_CHANGES):
                try:
                    return await self._call(renew, self.record, until)
                except AuthError as error:
                    if error.code is not AuthErrorCode.INVALID_GRANT:
                        raise
                    refusal = error
                # Somebody may have been faster, and it is theirs now that counts.
                there = await self._place.read()
                if version_of(there) == version_of(self.record):
                    break
                self.record = there
                if there is not None and usable(there):
                    return None
        assert refusal is not None
        raise refusal

    async def close(self) -> None:
        """Cancel the functions that did not end when they were told to, and wait a moment for them."""
        loop = asyncio.get_running_loop()
        left = {each for each in self._left if each.get_loop() is loop}
        for each in left:
            each.cancel()
        if left:
            await asyncio.wait(left, timeout=_GRACE)

    async def _call(self, renew: Renew, record: TokenRecord | None, until: float) -> StoredToken:
        """Call a function within the time that is left; one that does not heed its end is left to itself."""
        left = until - asyncio.get_running_loop().time()
        grace = max(0.0, min(_GRACE, left * _SHARE))
        task = asyncio.create_task(_called(renew, None if record is None else record.token, self._place))
        try:
            done, _ = await asyncio.wait([task], timeout=left - grace)
            if done:
                return task.result()
        except asyncio.CancelledError:
            if task.done():
                self._ended(task, record)  # it came at this very moment
            raise
        finally:
            if not task.done():
                self._left.add(task)
                task.add_done_callback(lambda done: self._ended(done, record))
                task.cancel()
                await asyncio.wait([task], timeout=grace)
        raise AuthError(AuthErrorCode.TIMEOUT, "the token was not renewed in time")

    def _ended(self, task: asyncio.Task[StoredToken], record: TokenRecord | None) -> None:
        self._left.discard(task)
        if not task.cancelled() and task.exception() is None:
            self._late(task.result(), record)


async def _called(renew: Renew, old: StoredToken | None, place: Place) -> StoredToken:
    RENEWED.set(place)  # in this task alone
    work: object = renew(old)
    if not isawaitable(work):
        work = hide_token(work)
        raise TypeError(f"renew must be an async function: it returned {kind_of(work)}")
    found: object = hide_token(await work)
    try:
        return StoredToken.of(found)  # type: ignore[arg-type]  # it looks at it
    except (TypeError, ValueError) as error:
        what = str(error)
    raise TypeError(f"what renew returned is no token: {what}")


def brings_more(new: StoredToken, record: TokenRecord | None) -> bool:
    """Whether a new token, which may be no use itself, has another refresh token with it than the old one."""
    return new.refresh_token is not None and (record is None or new.refresh_token != record.token.refresh_token)


def version_of(record: TokenRecord | None) -> int:
    """The version of a record; 0: there is none."""
    return 0 if record is None else record.version
