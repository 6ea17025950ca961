"""A token that is kept in a store and renewed once for all who use it: tasks, processes, machines."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass
from typing import Final, Self, TypeVar

from vkauth import checks
from vkauth.clock import Clock
from vkauth.errors import AuthError, AuthErrorCode, TokenStoreError
from vkauth.secret import Secret, kind_of
from vkauth.tokens.changes import Listener, Listeners, TokenChange
from vkauth.tokens.flight import Flight, Outcome
from vkauth.tokens.freshness import Kept, has_ended, keep
from vkauth.tokens.renewal import MOST_CHANGES, Renew, Renewal, read_renews, version_of
from vkauth.tokens.store import TokenStore, check_key
from vkauth.tokens.values import AnyToken, StoredToken, TokenRecord, hide_token

__all__ = ["StoredTokenSource"]

_log: Final = logging.getLogger(__name__)

_Listener = TypeVar("_Listener", bound=Listener)

# Seconds beyond the limit, for a store that does not end by itself.
_GRACE: Final = 2.0


@dataclass(frozen=True, slots=True)
class _Failure:
    """A renewal that failed, and until when nobody asks again."""

    outcome: Outcome
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
        self._renewal = Renewal(store, self._key, self._renews, self._late)
        self._margin = _not_negative("margin", margin)
        self._timeout = checks.seconds("timeout", timeout)
        self._cooldown = _not_negative("cooldown", cooldown)
        self._clock = Clock() if clock is None else checks.instance("clock", clock, Clock)
        self._listeners = Listeners()
        self._kept: Kept | None = None
        self._refused: Secret | None = None
        self._failure: _Failure | None = None
        self._unsaved: _Unsaved | None = None
        self._flight: Flight[bool] | None = None
        self._puts = 0

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
        while kept is None:
            flight, is_mine = self._join(by_force=False)
            await flight.wait()
            # One that had begun before this call may have found a token that is good no more by now.
            kept = self._usable() or (self._kept if is_mine else None)
        return kept.record.token

    async def refused(self, token: StoredToken | str) -> StoredToken:
        """Tell that the service did not take ``token``, and return the one to use instead.

        Args:
            token: the token, or its text.

        Raises:
            AuthError, BaseException: as :meth:`get`.
            TypeError: ``token`` is neither.
        """
        token = hide_token(token)
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
        while not await self._join(by_force=True)[0].wait():
            pass  # it had begun before, found a good token, and had no reason to renew it
        return self._held().record.token

    async def put(self, token: AnyToken) -> StoredToken:
        """Store a token that came another way, whatever is there, and return it.

        Args:
            token: whatever :meth:`StoredToken.of` takes.

        Raises:
            TokenStoreError: the store cannot be used.
            TypeError, ValueError: ``token`` is none.
        """
        token = hide_token(token)
        new = StoredToken.of(token)
        old = None if self._kept is None else self._kept.record.token
        record = _checked(await self._store.put(self._key, new))
        self._puts += 1
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
        """Cancel a renewal under way, and wait for its end. The store stays open.

        A token that has come already is stored first: the old refresh token may be spent.
        """
        flight, self._flight = self._flight, None
        if flight is not None and not flight.is_over() and flight.loop is asyncio.get_running_loop():
            if self._unsaved is not None:
                await self._save_at_last(flight.wait())
            await flight.close()
        await self._renewal.close()
        await self._listeners.close()
        if self._unsaved is not None:
            await self._save_at_last(self._save(self._unsaved, []))

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

    def _held(self) -> Kept:
        if self._kept is None:
            raise RuntimeError("the lock of the store hid an error")
        return self._kept

    def _join(self, *, by_force: bool) -> tuple[Flight[bool], bool]:
        """The renewal under way, which gives whether it got a new token; a new one if there is none. Whether it is new.

        Who waits may be cancelled; the renewal goes on, as it may have spent a refresh token already.
        """
        flight = self._flight
        if flight is not None and not flight.is_over():
            if flight.loop is not asyncio.get_running_loop():
                raise RuntimeError("this source is renewing its token in another event loop: use one for each loop")
            return flight, False
        self._flight = flight = Flight(
            self._run(by_force=by_force),
            self._timeout + _GRACE,  # whatever takes long has a limit of its own, but for the store
            too_late=self._too_late,
            ended=lambda: AuthError(AuthErrorCode.TIMEOUT, "the renewal was ended from outside"),
        )
        return flight, True

    async def _run(self, *, by_force: bool) -> bool:
        changes: list[TokenChange] = []
        try:
            await self._renew(by_force, asyncio.get_running_loop().time() + self._timeout, changes)
        finally:
            if self._flight is not None and self._flight.is_mine():
                self._flight = None  # a listener that wants another token is not to wait for itself
            for each in changes:
                await self._listeners.tell(each)
        return by_force or any(each.cause == "renewed" for each in changes)

    def _too_late(self) -> AuthError:
        return AuthError(AuthErrorCode.TIMEOUT, f"the token was not renewed within {self._timeout:g} seconds")

    async def _renew(self, by_force: bool, until: float, changes: list[TokenChange]) -> None:
        """Make sure that there is a good token in memory. What has changed by that is added to ``changes``."""
        if self._unsaved is not None:
            await self._save(self._unsaved, changes)
            if by_force or self._usable() is not None:
                return
        puts, record = self._puts, await self._read()
        if not by_force:
            if self._adopted(record, puts, changes):
                return
            self._require_patience(record)
        if not self._renews:
            raise self._nothing_renews(record)
        left = max(0.0, until - asyncio.get_running_loop().time())
        async with self._store.lock(self._key, timeout=left):
            puts, record = self._puts, await self._read()
            if by_force or not self._adopted(record, puts, changes):
                await self._ask(record, until, changes)

    async def _read(self) -> TokenRecord | None:
        found = await self._store.get(self._key)
        return None if found is None else _checked(found)

    async def _ask(self, record: TokenRecord | None, until: float, changes: list[TokenChange]) -> None:
        try:
            new = await self._renewal.ask(record, self._is_usable, until)
            record = self._renewal.record
            if new is not None and new.token == self._refused:
                raise AuthError(AuthErrorCode.TOKEN_EXPIRED, "the renewal gave the very token that was refused")
        except TokenStoreError:
            raise
        except Exception as error:
            self._remember(error, self._renewal.record)
            raise
        if new is not None:
            self._unsaved = _Unsaved(new, record)
            await self._save(self._unsaved, changes)
        elif record is not None:
            self._adopt(record, changes)

    async def _save(self, unsaved: _Unsaved, changes: list[TokenChange]) -> None:
        """Store a token that was renewed, before anybody gets it; or take one that somebody else has stored."""
        old = None if unsaved.record is None else unsaved.record.token
        record = unsaved.record
        left, stored = MOST_CHANGES, None
        while stored is None:
            left -= 1
            try:
                stored = _checked(await self._store.put(self._key, unsaved.token, version_of(record)))
                continue
            except TokenStoreError as error:
                if error.code is not AuthErrorCode.STORE_CONFLICT or not left:
                    raise
            record = await self._read()
            is_another = record is not None and (old is None or record.token.token != old.token)
            if record is not None and is_another and self._is_usable(record):
                if self._unsaved is unsaved:
                    self._unsaved = None
                    self._adopt(record, changes)
                return
        if self._unsaved is not unsaved:
            return  # put() has brought another one meanwhile
        self._unsaved = self._failure = self._refused = None
        self._keep(stored)
        changes.append(TokenChange(self._key, old, stored.token, "renewed"))
        if has_ended(stored.token, self._clock.now()):
            ended = AuthError(
                AuthErrorCode.TOKEN_EXPIRED, "the new token has ended already: is the clock of this machine right?"
            )
            self._remember(ended, stored)
            raise ended

    def _late(self, token: StoredToken, record: TokenRecord | None) -> None:
        """Keep what came too late, to be stored by whoever asks next."""
        self._unsaved = _Unsaved(token, record)

    async def _save_at_last(self, saving: Coroutine[object, object, object]) -> None:
        try:
            async with asyncio.timeout(_GRACE):
                await saving
        except Exception as error:  # noqa: BLE001 - a store of anybody's, at the end
            _log.warning("a new token of %r could not be stored: %s", self._key, type(error).__name__)

    def _is_usable(self, record: TokenRecord) -> bool:
        fresh = keep(record, self._margin, self._clock, self._kept).is_fresh(self._clock)
        return fresh and record.token.token != self._refused

    def _adopted(self, record: TokenRecord | None, puts: int, changes: list[TokenChange]) -> bool:
        """Take what the store had, if it can be handed out. ``puts``: their number when the store was read."""
        if puts != self._puts:  # what was put since is newer
            return self._usable() is not None
        if record is None or not self._is_usable(record):
            return False
        self._adopt(record, changes)
        return True

    def _adopt(self, record: TokenRecord, changes: list[TokenChange]) -> None:
        before = self._kept
        self._keep(record)
        self._failure = self._refused = None
        if before is not None and before.record.token != record.token:
            changes.append(TokenChange(self._key, before.record.token, record.token, "adopted"))

    def _remember(self, error: Exception, record: TokenRecord | None) -> None:
        """Keep a failure for a while: what is wrong must not be sent in a loop."""
        wait = (error.retry_after or 0.0) if isinstance(error, AuthError) else 0.0
        # What the network does passes by itself.
        passes = error.retryable if isinstance(error, AuthError) else isinstance(error, OSError)
        seconds = wait if passes else max(wait, self._cooldown)
        if self._cooldown and seconds:
            self._failure = _Failure(Outcome(error), self._clock.monotonic() + seconds, version_of(record))

    def _require_patience(self, record: TokenRecord | None) -> None:
        failure = self._failure
        if failure is not None and failure.version == version_of(record):
            if self._clock.monotonic() < failure.until:
                raise failure.outcome.fresh()
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


def _checked(record: object) -> TokenRecord:
    if not isinstance(record, TokenRecord):
        raise TypeError(f"a store must give a TokenRecord, not {kind_of(record)}")
    return record
