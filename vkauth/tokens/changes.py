"""Telling a program that its token is another one."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from inspect import isawaitable
from typing import Final, Literal, TypeAlias

from vkauth.secret import kind_of
from vkauth.tokens.values import StoredToken

__all__ = ["Cause", "Listener", "Listeners", "TokenChange"]

_log: Final = logging.getLogger(__name__)

Cause: TypeAlias = Literal["renewed", "adopted", "put"]


@dataclass(frozen=True, slots=True)
class TokenChange:
    """A token was stored, or somebody else's was found in the store.

    Attributes:
        key: the record.
        old: the token before; ``None``: there was none, or it was not known here.
        new: the token now.
        cause: ``"renewed"`` here, ``"adopted"`` from the store, or ``"put"`` here.
    """

    key: str
    old: StoredToken | None
    new: StoredToken
    cause: Cause


Listener: TypeAlias = Callable[[TokenChange], Awaitable[object] | object]
"""Is told of a change; sync or async."""


# Seconds that a token waits for those who are told of it.
_PATIENCE: Final = 5.0


class Listeners:
    """Those who want to know."""

    def __init__(self) -> None:
        self._all: list[Listener] = []
        self._tasks: set[asyncio.Task[None]] = set()

    def add(self, listener: Listener) -> None:
        """Tell this one too.

        Raises:
            TypeError: it cannot be called.
        """
        if not callable(listener):
            raise TypeError(f"listener must be callable, not {kind_of(listener)}")
        self._all.append(listener)

    async def tell(self, change: TokenChange) -> None:
        """Tell all of a change, in their order, and wait for them, but not for ever. What one raises is logged."""
        told = [asyncio.create_task(self._tell(each, change)) for each in self._all]
        if told:
            self._tasks.update(told)
            await asyncio.wait(told, timeout=_PATIENCE)

    async def close(self, closer: asyncio.Task[object] | None) -> None:
        """Cancel those who are still busy with what they were told, but for ``closer``, who may be one of them."""
        loop = asyncio.get_running_loop()
        left = {each for each in self._tasks if each is not closer and each.get_loop() is loop}
        for each in left:
            each.cancel()
        if left:
            await asyncio.wait(left, timeout=1)

    async def _tell(self, listener: Listener, change: TokenChange) -> None:
        try:
            result = listener(change)
            if isawaitable(result):
                await result
        except (asyncio.CancelledError, KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # noqa: BLE001 - the token is there, whatever they make of it
            # Not its text and not its frames: both may hold the token.
            _log.error("a listener of the token %r failed: %s", change.key, type(error).__name__)
        finally:
            self._tasks.discard(asyncio.current_task())
