"""Storing what was renewed: it is handed out after that, and it is not lost where that fails."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Final

from vkauth.clock import Clock
from vkauth.errors import AuthError, AuthErrorCode, TokenStoreError
from vkauth.tokens.changes import TokenChange
from vkauth.tokens.cooldown import Cooldown
from vkauth.tokens.freshness import has_ended
from vkauth.tokens.holding import Holding, Unsaved
from vkauth.tokens.place import Place
from vkauth.tokens.renewal import MOST_CHANGES, version_of
from vkauth.tokens.values import StoredToken, TokenRecord

__all__ = ["Saving", "refused_again"]

_log: Final = logging.getLogger(__name__)

# Seconds at the end for a store that may not answer.
_GRACE: Final = 2.0


class Saving:
    """Stores the new tokens of a source.

    Args:
        place: where.
        holding: what the source has in memory.
        cooldown: begins where a new token is no use.
        clock: where the time comes from.
    """

    def __init__(self, place: Place, holding: Holding, cooldown: Cooldown, clock: Clock) -> None:
        self._place = place
        self._holding = holding
        self._cooldown = cooldown
        self._clock = clock

    def later(self, token: StoredToken, record: TokenRecord | None) -> None:
        """Keep what came too late, to be stored by whoever asks next. ``record``: that of the old token."""
        self._holding.unsaved = Unsaved(token, record)

    async def is_done(self, changes: list[TokenChange]) -> bool:
        """Whether there was a new token that was not stored; now it is, or one that somebody else has stored is taken.

        What has changed by that is added to ``changes``.

        Raises:
            TokenStoreError: the store cannot be used.
            AuthError: ``TOKEN_EXPIRED``: it is stored, and no use.
        """
        if self._holding.unsaved is None:
            return False
        await self._save(self._holding.unsaved, changes)
        return True

    async def at_last(self, work: Coroutine[object, object, object]) -> None:
        """Wait for ``work``, which stores a token, when nobody will be there to try again."""
        try:
            async with asyncio.timeout(_GRACE):
                await work
        except Exception as error:  # noqa: BLE001 - a store of anybody's, at the end
            if self._holding.unsaved is not None:  # else it was stored, and is no use
                _log.warning("a new token of %r could not be stored: %s", self._place.key, type(error).__name__)

    async def _save(self, unsaved: Unsaved, changes: list[TokenChange]) -> None:
        holding, record = self._holding, unsaved.record
        old = None if record is None else record.token
        left, stored = MOST_CHANGES, None
        while stored is None:
            left -= 1
            try:
                stored = await self._place.write(unsaved.token, version_of(record))
                continue
            except TokenStoreError as error:
                if error.code is not AuthErrorCode.STORE_CONFLICT or not left:
                    raise
            record = await self._place.read()
            is_another = record is not None and (old is None or record.token.token != old.token)
            if record is not None and is_another and holding.is_usable(record):
                if holding.unsaved is unsaved:
                    holding.unsaved = None
                    holding.adopt(record, changes)
                return
        if holding.unsaved is unsaved:  # put() may have brought another one meanwhile
            self._take(stored, old, changes)

    def _take(self, stored: TokenRecord, old: StoredToken | None, changes: list[TokenChange]) -> None:
        """Have in memory what was stored."""
        self._holding.unsaved = None
        self._cooldown.end()
        self._holding.keep(stored)
        changes.append(TokenChange(self._place.key, old, stored.token, "renewed"))
        if stored.token.token == self._holding.refused:
            useless = refused_again()
        elif has_ended(stored.token, self._clock.now()):
            self._holding.refused = None
            useless = AuthError(
                AuthErrorCode.TOKEN_EXPIRED, "the new token has ended already: is the clock of this machine right?"
            )
        else:
            self._holding.refused = None
            return
        self._cooldown.begin(useless, stored)
        raise useless


def refused_again() -> AuthError:
    """The error of a renewal that changes nothing."""
    return AuthError(AuthErrorCode.TOKEN_EXPIRED, "the renewal gave the very token that was refused")
