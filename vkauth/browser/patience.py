"""Waiting that no cancellation cuts short: what was started has to be ended."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

__all__ = ["see_done"]


async def see_done(tasks: Iterable[asyncio.Task[Any]], seconds: float) -> bool:
    """Wait until all tasks are done, and tell whether they are. What they ended in is not looked at.

    Whoever cancels meanwhile may do so again and again (anyio's scopes do at every turn of the loop).

    Args:
        tasks: what is waited for.
        seconds: how long at most.

    Raises:
        asyncio.CancelledError: it was cancelled; only after the waiting.
    """
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    cancelled: asyncio.CancelledError | None = None
    left = {each for each in tasks if not each.done()}
    while left and loop.time() < end:
        try:
            await asyncio.wait(left, timeout=end - loop.time())
        except asyncio.CancelledError as error:
            cancelled = error
        left = {each for each in left if not each.done()}
    if cancelled is not None:
        raise cancelled
    return not left
