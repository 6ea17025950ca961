"""A token that is kept in a store and renewed once for all who use it: tasks, processes, machines."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass
from typing import Final, Self, TypeVar

from vkauth import checks
from vkauth.clock import Clock
from vkauth.errors import AuthError, AuthErrorCode, TokenStoreError
from vkauth.secret import Secret, hide, kind_of
from vkauth.tokens.changes import Listener, Listeners, TokenChange
from vkauth.tokens.freshness import Kept, has_ended, keep
from vkauth.tokens.renewal import MOST_CHANGES, Renew, Renewal, read_renews, version_of
from vkauth.tokens.store import TokenStore, check_key
from vkauth.tokens.values import AnyToken, StoredToken, TokenRecord

__all__ = ["StoredTokenSource"]

_Listener = TypeVar("_Listener", bound=Listener)

# Seconds beyond the limit, for a store that does not end by itself.
_GRACE: Final = 2.0


@dataclass(frozen=True, slots=True)
class _Failure:
    """A renewal that failed, and until when nobody asks again."""

    error: Exception
    until: float
    version: int


@dataclass(frozen=True, slots=True)
class _Unsaved:
    """A token that was renewed and is not stored yet, and the record that it was made from."""

    token: StoredToken
    record: TokenRecord | None


class StoredTokenSource:
    """A :class:`TokenSource` with a record of a store behind it.

    Args:
        store: where it is.
        key: under which name.
        renew: gets a new token: an async function of the old one (``None``: there is none) that returns whatever
            :meth:`StoredToken.of` takes; or several of them: the next one is asked when one says ``INVALID_GRANT``.
            ``None``: a token that has ended is an error.
        margin: seconds for which a token must be good to be handed out; half its life, if it lives shorter than twice
            as long.
        timeout: seconds for a renewal with all the waiting.
        cooldown: seconds in which a renewal that failed for good is not tried again; 0: it always is.
        clock: where the time comes from.

    Raises:
        ValueError, TypeError: an argument is wrong; the message names it.
    """

    def __init__(
        self,
        store: TokenStore,
        key: str,
        renew: Renew | Iterable[Renew] | None = None,
        *,
        margin: float = 60.0,
        timeout: float = 300.0,
        cooldown: float = 60.0,
        clock: Clock | None = None,
    ) -> None:
        for name in ("get", "put", "lock"):
            if not callable(getattr(store, name, None)):
                raise TypeError(f"store must be a TokenStore, not {kind_of(store)}")
        self._store = store
        self._key = check_key(key)
        self._renews = read_renews(renew)
        self._renewal = Renewal(store, self._key, self._renews)
        self._margin = _not_negative("margin", margin)
        self._timeout = checks.seconds("timeout", timeout)
        self._cooldown = _not_negative("cooldown", cooldown)
        self._clock = Clock() if clock is None else checks.instance("clock", clock, Clock)
        self._listeners = Listeners()
        self._kept: Kept | None = None
        self._refused: Secret | None = None
        self._failure: _Failure | None = None
        self._unsaved: _Unsaved | None = None
        self._flight: asyncio.Task[bool] | None = None

    def __repr__(self) -> str:
        return f"<StoredTokenSource of {self._key!r}>"

    async def get(self) -> StoredToken:
        """Return a token that is good for a while.

        Raises:
            AuthError: ``TOKEN_NOT_FOUND``, ``TOKEN_EXPIRED`` where nothing can renew it; ``TIMEOUT``; what the renewal
                raised.
            TokenStoreError: ``LOCK_TIMEOUT``, or the store cannot be used.
            BaseException: what the renewal raised.
        """
        kept = self._usable()
        if kept is None:
            await self._share(by_force=False)
            kept = self._kept
        assert kept is not None
        return kept.record.token

    async def refused(self, token: StoredToken | str) -> StoredToken:
        """Tell that the service did not take ``token``, and return the one to use instead.

        Args:
            token: the token, or its text.

        Raises:
            AuthError, BaseException: as :meth:`get`.
            TypeError: ``token`` is neither.
        """
        token = hide(token)
        text = token.token if isinstance(token, StoredToken) else token
        if not isinstance(text, str):
            raise TypeError(f"token must be StoredToken or str, not {kind_of(token)}")
        if self._kept is None or self._kept.record.token.token == text:
            self._refused = Secret(text)
        return await self.get()

    async def refresh(self) -> StoredToken:
        """Renew the token now, whether it is still good or not, and return the new one.

        Raises:
            AuthError, BaseException: as :meth:`get`.
        """
        while not await self._share(by_force=True):
            pass  # it was a flight that found a good token, and had no reason to renew it
        assert self._kept is not None
        return self._kept.record.token

    async def put(self, token: AnyToken) -> StoredToken:
        """Store a token that came another way, whatever is there, and return it.

        Args:
            token: whatever :meth:`StoredToken.of` takes.

        Raises:
            TokenStoreError: the store cannot be used.
            TypeError, ValueError: ``token`` is none.
        """
        token = hide(token)
        new = StoredToken.of(token)
        old = None if self._kept is None else self._kept.record.token
        record = await self._store.put(self._key, new)
        self._unsaved = self._failure = self._refused = None
        self._keep(record)
        await self._listeners.tell(TokenChange(self._key, old, new, "put"))
        return new

    def on_change(self, listener: _Listener) -> _Listener:
        """Tell ``listener`` of every change, after it was stored; by a call or as a decorator.

        Args:
            listener: gets a :class:`TokenChange`; sync or async. What it raises is logged.

        Raises:
            TypeError: it cannot be called.
        """
        self._listeners.add(listener)
        return listener

    async def close(self) -> None:
        """Cancel a renewal under way, and wait for its end. The store stays open."""
        flight, self._flight = self._flight, None
        if flight is not None and not flight.done() and flight.get_loop() is asyncio.get_running_loop():
            flight.cancel()
            await asyncio.wait([flight])

    async def __aenter__(self) -> Self:
        """Return the source itself, to be closed at the end."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close it."""
        await self.close()

    def _usable(self) -> Kept | None:
        """What is in memory, if it can be handed out."""
        kept = self._kept
        if kept is None or self._unsaved is not None or not kept.is_fresh(self._clock):
            return None
        return kept if self._refused is None or kept.record.token.token != self._refused else None

    def _keep(self, record: TokenRecord) -> None:
        self._kept = keep(record, self._margin, self._clock, self._kept)

    async def _share(self, *, by_force: bool) -> bool:
        """Join the renewal under way, or begin one. Whether it got a new token.

        Who waits may be cancelled; the renewal goes on, as it may have spent a refresh token already.
        """
        flight = self._flight
        if flight is None or flight.done() or flight.get_loop().is_closed():
            flight = self._flight = asyncio.create_task(self._run(by_force=by_force))
            flight.add_done_callback(_retrieve)
        if flight.get_loop() is not asyncio.get_running_loop():
            raise RuntimeError("this source is renewing its token in another event loop: use one for each loop")
        try:
            return await asyncio.shield(flight)
        except asyncio.CancelledError:
            if not flight.cancelled() or _is_being_cancelled():
                raise
            ended = AuthError(AuthErrorCode.TIMEOUT, "the renewal was ended from outside")
        except AuthError as error:
            # Its own for each who waits: a traceback grows with every raise, and shows what is in variables.
            raise copy(error) from None
        raise ended

    async def _run(self, *, by_force: bool) -> bool:
        loop = asyncio.get_running_loop()
        limit = asyncio.timeout(self._timeout + _GRACE)  # whatever takes long has a limit of its own, but for the store
        try:
            async with limit:
                change = await self._renew(by_force, loop.time() + self._timeout)
                if change is not None:
                    await self._listeners.tell(change)
        except TimeoutError:
            if not limit.expired():  # the renewal's own
                raise
            if self._usable() is None:
                raise self._late() from None
            return True  # it was the listeners that took so long
        return by_force or (change is not None and change.cause == "renewed")

    def _late(self) -> AuthError:
        return AuthError(AuthErrorCode.TIMEOUT, f"the token was not renewed within {self._timeout:g} seconds")

    async def _renew(self, by_force: bool, until: float) -> TokenChange | None:
        """Make sure that there is a good token in memory. What has changed, if anything has."""
        if self._unsaved is not None:
            return await self._save(self._unsaved)
        record = await self._store.get(self._key)
        if not by_force:
            if record is not None and self._is_usable(record):
                return self._adopt(record)
            self._require_patience(record)
        if not self._renews:
            raise self._nothing_renews(record)
        left = max(0.0, until - asyncio.get_running_loop().time())
        async with self._store.lock(self._key, left):
            record = await self._store.get(self._key)
            if not by_force and record is not None and self._is_usable(record):
                return self._adopt(record)
            return await self._ask(record, until)
        raise AssertionError  # no lock swallows an error

    async def _ask(self, record: TokenRecord | None, until: float) -> TokenChange:
        try:
            new, record = await self._renewal.ask(record, self._is_usable, until)
        except TokenStoreError:
            raise
        except Exception as error:
            self._remember(error, record)
            raise
        if new is None:
            assert record is not None
            return self._adopt(record) or TokenChange(self._key, None, record.token, "adopted")
        self._failure = None
        self._unsaved = _Unsaved(new, record)
        return await self._save(self._unsaved)

    async def _save(self, unsaved: _Unsaved) -> TokenChange:
        """Store a token that was renewed, before anybody gets it; or take one that somebody else has stored."""
        record = unsaved.record
        stored: TokenRecord | None = None
        changes = 0
        while stored is None:
            try:
                stored = await self._store.put(self._key, unsaved.token, version_of(record))
            except TokenStoreError as error:
                changes += 1
                if error.code is not AuthErrorCode.STORE_CONFLICT or changes == MOST_CHANGES:
                    raise
                record = await self._store.get(self._key)
                if record is not None and self._is_usable(record):
                    self._unsaved = None
                    return self._adopt(record) or TokenChange(self._key, None, record.token, "adopted")
        self._unsaved = self._refused = None
        self._keep(stored)
        if has_ended(stored.token, self._clock.now()):
            raise AuthError(
                AuthErrorCode.TOKEN_EXPIRED, "the new token has ended already: is the clock of this machine right?"
            )
        return TokenChange(self._key, None if unsaved.record is None else unsaved.record.token, stored.token, "renewed")

    def _is_usable(self, record: TokenRecord) -> bool:
        fresh = keep(record, self._margin, self._clock, self._kept).is_fresh(self._clock)
        return fresh and record.token.token != self._refused

    def _adopt(self, record: TokenRecord) -> TokenChange | None:
        """Take what the store has. What has changed by that."""
        before = self._kept
        self._keep(record)
        self._failure = self._refused = None
        if before is None or before.record.token == record.token:
            return None
        return TokenChange(self._key, before.record.token, record.token, "adopted")

    def _remember(self, error: Exception, record: TokenRecord | None) -> None:
        """Keep a failure for a while: what is wrong must not be sent in a loop."""
        wait = getattr(error, "retry_after", None) or 0.0
        # What the network does passes by itself.
        passes = error.retryable if isinstance(error, AuthError) else isinstance(error, OSError)
        seconds = wait if passes else max(wait, self._cooldown)
        if self._cooldown and seconds:
            self._failure = _Failure(error, self._clock.monotonic() + seconds, version_of(record))

    def _require_patience(self, record: TokenRecord | None) -> None:
        failure = self._failure
        if failure is not None and failure.version == version_of(record):
            if self._clock.monotonic() < failure.until:
                raise copy(failure.error) if isinstance(failure.error, AuthError) else failure.error
            self._failure = None

    def _nothing_renews(self, record: TokenRecord | None) -> AuthError:
        if record is None:
            return AuthError(AuthErrorCode.TOKEN_NOT_FOUND, f"no token is stored under {self._key!r}")
        what = "was refused" if record.token.token == self._refused else "has ended, or is about to"
        return AuthError(
            AuthErrorCode.TOKEN_EXPIRED, f"the token under {self._key!r} {what}, and nothing here renews it"
        )


def _not_negative(name: str, value: object) -> float:
    return 0.0 if value == 0 and not isinstance(value, bool) else checks.seconds(name, value)


def _retrieve(flight: asyncio.Task[bool]) -> None:
    """Look at the outcome, so that nobody complains of one that all who waited for were too early gone to hear."""
    if not flight.cancelled():
        flight.exception()


def _is_being_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
