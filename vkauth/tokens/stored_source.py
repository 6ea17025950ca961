"""A token that is kept in a store and renewed once for all who use it: tasks, processes, machines."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Final, Self, TypeVar

from vkauth import checks
from vkauth.clock import Clock
from vkauth.errors import AuthError, AuthErrorCode, TokenStoreError
from vkauth.secret import Secret, hide, kind_of
from vkauth.tokens.changes import Listener, Listeners, TokenChange
from vkauth.tokens.cooldown import Cooldown
from vkauth.tokens.flight import Flight
from vkauth.tokens.holding import Holding
from vkauth.tokens.place import Place
from vkauth.tokens.renewal import Renew, Renewal, brings_more, read_renews
from vkauth.tokens.saving import Saving, refused_again
from vkauth.tokens.store import TokenStore, check_key
from vkauth.tokens.values import AnyToken, StoredToken, TokenRecord, hide_token

__all__ = ["StoredTokenSource"]

_Listener = TypeVar("_Listener", bound=Listener)

# Seconds beyond the limit, for a store that does not end by itself.
_GRACE: Final = 2.0


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
        store = hide(store)  # somebody may give an address, with its password
        for name in ("get", "put", "lock"):
            if not callable(getattr(store, name, None)):
                raise TypeError(f"store must be a TokenStore, not {kind_of(store)}")
        place = Place(store, check_key(key))
        renews = read_renews(renew)
        margin = _not_negative("margin", margin)
        self._timeout = checks.seconds("timeout", timeout)
        cooldown = _not_negative("cooldown", cooldown)
        clock = Clock() if clock is None else checks.instance("clock", clock, Clock)
        self._place = place
        self._cooldown = Cooldown(cooldown, clock)
        self._holding = Holding(place.key, margin, self._cooldown, clock)
        self._saving = Saving(place, self._holding, self._cooldown, clock)
        self._renewal = Renewal(place, renews, self._saving.later) if renews else None
        self._listeners = Listeners()
        self._flight: Flight[StoredToken | None] | None = None
        self._is_forced = False
        self._putting: set[asyncio.Task[StoredToken]] = set()
        self._closing: set[asyncio.Task[None]] = set()

    def __repr__(self) -> str:
        # An argument may be wrong: a traceback shows what is half made too.
        place = getattr(self, "_place", None)
        return f"<StoredTokenSource of {'' if place is None else place.key!r}>"

    async def get(self) -> StoredToken:
        """Return a token that is good for a while.

        Raises:
            AuthError: ``TOKEN_NOT_FOUND``, ``TOKEN_EXPIRED`` where nothing can renew it; ``TIMEOUT``; what the renewal
                raised.
            TokenStoreError: ``LOCK_TIMEOUT``, or the store cannot be used.
            BaseException: what the renewal raised.
        """
        token = self._holding.usable()
        while token is None:
            new = await self._join(by_force=False)[0].wait()
            # One that was only found may be good no more by now.
            token = self._holding.usable() or (None if new is None else self._holding.last_resort())
        return token

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
        held = self._holding.token
        if held is None or held.token == text:
            self._holding.refused = Secret(text)
        return await self.get()

    async def refresh(self) -> StoredToken:
        """Renew the token now, whether it is still good or not, and return the new one.

        Raises:
            AuthError, BaseException: as :meth:`get`.
        """
        while True:
            flight, is_forced = self._join(by_force=True)
            new = await flight.wait()
            # One that had begun before may have found a good token, and have had no reason to renew it.
            if new is not None or is_forced:
                return new or self._held()

    async def put(self, token: AnyToken) -> StoredToken:
        """Store a token that came another way, whatever is there, and return it.

        Cancelling whoever waits does not cancel it: the store may have the token already, and then it is the one that
        is handed out.

        Args:
            token: whatever :meth:`StoredToken.of` takes.

        Raises:
            TokenStoreError: the store cannot be used.
            AuthError: ``TIMEOUT``: the source was closed meanwhile.
            TypeError, ValueError: ``token`` is none.
        """
        token = hide_token(token)
        new = StoredToken.of(token)
        putting = asyncio.create_task(self._put(new))
        self._putting.add(putting)
        putting.add_done_callback(self._has_put)
        await asyncio.wait([putting])
        if putting.cancelled():
            raise AuthError(AuthErrorCode.TIMEOUT, "the source was closed before the token was stored")
        return putting.result()

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

        A token that has come already is stored first, also if whoever closes is cancelled: the old refresh token may be
        spent.
        """
        # In a task of its own: one may be cancelled again and again, by a cancel scope say.
        loop = asyncio.get_running_loop()
        puts = {each for each in self._putting if each.get_loop() is loop}
        closing = asyncio.create_task(self._close(puts, asyncio.current_task()))
        self._closing.add(closing)
        closing.add_done_callback(self._has_closed)
        await asyncio.shield(closing)

    async def _close(self, puts: set[asyncio.Task[StoredToken]], closer: asyncio.Task[object] | None) -> None:
        flight = self._flight
        if flight is not None and not flight.is_over() and flight.loop is asyncio.get_running_loop():
            self._flight = None
            if self._holding.unsaved is not None:
                await self._saving.at_last(flight.wait())
            await flight.close()
        if self._renewal is not None:
            await self._renewal.close()
        await _end(puts)
        await self._listeners.close(closer)
        await self._saving.at_last(self._saving.is_done([]))

    def _has_closed(self, closing: asyncio.Task[None]) -> None:
        self._closing.discard(closing)
        if not closing.cancelled():
            closing.exception()  # whoever closes has it, unless they were cancelled

    async def __aenter__(self) -> Self:
        """Return the source itself, to be closed at the end."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close it."""
        await self.close()

    async def _put(self, new: StoredToken) -> StoredToken:
        change = self._holding.put(await self._place.write(new))
        self._putting.discard(asyncio.current_task())  # a listener that closes the source is not to wait for itself
        await self._listeners.tell(change)
        return new

    def _has_put(self, putting: asyncio.Task[StoredToken]) -> None:
        self._putting.discard(putting)
        if not putting.cancelled():
            putting.exception()  # seen: maybe nobody is left to hear of it

    def _join(self, *, by_force: bool) -> tuple[Flight[StoredToken | None], bool]:
        """The renewal under way, or a new one; and whether it renews even a good token.

        It gives the token that it got, or ``None``: it has found one. Who waits may be cancelled; it goes on, as it
        may have spent a refresh token already.
        """
        flight = self._flight
        if flight is None or flight.is_over():
            self._is_forced = by_force
            self._flight = flight = Flight(
                self._run(by_force=by_force),
                self._timeout + _GRACE,  # whatever takes long has a limit of its own, but for the store
                too_late=self._too_late,
                ended=lambda: AuthError(AuthErrorCode.TIMEOUT, "the renewal was ended from outside"),
            )
        elif flight.loop is not asyncio.get_running_loop():
            raise RuntimeError("this source is renewing its token in another event loop: use one for each loop")
        return flight, self._is_forced

    async def _run(self, *, by_force: bool) -> StoredToken | None:
        changes: list[TokenChange] = []
        try:
            await self._renew(by_force, asyncio.get_running_loop().time() + self._timeout, changes)
        except asyncio.CancelledError:
            await self._saving.at_last(self._saving.is_done(changes))  # the old refresh token may be spent
            raise
        finally:
            if self._flight is not None and self._flight.is_mine():
                self._flight.lift_limit()  # a token that came in time is not withheld as a listener is slow
                self._flight = None  # a listener that wants another token is not to wait for itself
            for each in changes:
                await self._listeners.tell(each)
        return next((each.new for each in reversed(changes) if each.cause == "renewed"), None)

    def _too_late(self) -> AuthError:
        return AuthError(AuthErrorCode.TIMEOUT, f"the token was not renewed within {self._timeout:g} s")

    async def _renew(self, by_force: bool, until: float, changes: list[TokenChange]) -> None:
        """Make sure that there is a good token in memory. What has changed by that is added to ``changes``."""
        if await self._is_saved(by_force, changes):
            return
        if self._renewal is None or not by_force:
            puts, record = self._holding.puts, await self._place.read()
            if not by_force:
                if self._holding.adopted(record, puts, changes):
                    return
                self._cooldown.require_end(record)
            if self._renewal is None:
                raise self._nothing_renews(record)
        async with self._place.lock(max(0.0, until - asyncio.get_running_loop().time())):
            if await self._is_saved(by_force, changes):  # one may have come late while this waited
                return
            puts, record = self._holding.puts, await self._place.read()
            if by_force or not self._holding.adopted(record, puts, changes):
                await self._ask(self._renewal, record, until, changes)

    async def _is_saved(self, by_force: bool, changes: list[TokenChange]) -> bool:
        """Whether there was a new token that was not stored, and is by now, and can be handed out."""
        return await self._saving.is_done(changes) and (by_force or self._holding.usable() is not None)

    async def _ask(
        self, renewal: Renewal, record: TokenRecord | None, until: float, changes: list[TokenChange]
    ) -> None:
        try:
            new = await renewal.ask(record, self._holding.is_usable, until)
            record = renewal.record
            if new is not None and new.token == self._holding.refused and not brings_more(new, record):
                raise refused_again()
        except TokenStoreError:
            raise
        except Exception as error:
            self._cooldown.begin(error, renewal.record)
            raise
        if new is not None:
            self._saving.later(new, record)
            await self._saving.is_done(changes)
        elif record is not None:
            self._holding.adopt(record, changes)

    def _held(self) -> StoredToken:
        token = self._holding.token
        if token is None:
            raise RuntimeError("the lock of the store hid an error")
        return token

    def _nothing_renews(self, record: TokenRecord | None) -> AuthError:
        key = self._place.key
        if record is None:
            return AuthError(AuthErrorCode.TOKEN_NOT_FOUND, f"no token is stored under {key!r}")
        what = "was refused" if record.token.token == self._holding.refused else "has ended, or is about to"
        return AuthError(AuthErrorCode.TOKEN_EXPIRED, f"the token under {key!r} {what}, and nothing here renews it")


def _not_negative(name: str, value: object) -> float:
    return 0.0 if value == 0 and not isinstance(value, bool) else checks.seconds(name, value)


async def _end(puts: set[asyncio.Task[StoredToken]]) -> None:
    """Wait for what is being written, but not for ever."""
    if puts:
        _, late = await asyncio.wait(puts, timeout=_GRACE)
        for each in late:
            each.cancel()
        if late:
            await asyncio.wait(late, timeout=_GRACE)
