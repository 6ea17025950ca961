"""What a person at the browser is asked to do: look at a page, paste an address."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import webbrowser
from collections.abc import AsyncIterator, Awaitable, Callable
from inspect import isawaitable
from typing import Final, TypeAlias, TypeVar

from vkauth.checks import kind_of
from vkauth.errors import AuthError, AuthErrorCode
from vkauth.secret import Secret, hide_unless

__all__ = ["Open", "Paste", "ask_address", "has_started", "hide_hook", "limit", "require_hook", "show_page"]

Open: TypeAlias = Callable[[str], Awaitable[object] | object]
"""Shows the page of an address to the person; sync or async. What it returns is not looked at."""

Paste: TypeAlias = Callable[[], Awaitable[str] | str]
"""Asks the person for the address that their browser came to, and returns it; sync or async."""

_Hook = TypeVar("_Hook")

LONGEST_START: Final = 10.0
"""Seconds that a browser has to start. One that takes over the terminal goes on until the person ends it."""


def hide_hook(hook: _Hook) -> _Hook:
    """Return what is called as it is. All else, the address itself say, shows nothing of itself (to be refused)."""
    return hook if callable(hook) else hide_unless(hook, Secret)


def require_hook(name: str, hook: object) -> None:
    """Check a hook.

    Raises:
        TypeError: it cannot be called.
    """
    if not callable(hook):
        raise TypeError(f"{name} must be callable, not {kind_of(hook)}")


async def show_page(url: str, open: Open | None) -> bool:
    """Show a page; whether there was a browser to show it in, as far as can be known.

    Args:
        url: its address.
        open: shows it. ``None``: the machine's usual browser does.

    Raises:
        BaseException: what ``open`` raised.
    """
    if open is None:
        return await has_started(lambda: webbrowser.open(url))
    result = open(url)
    if isawaitable(result):
        await result
    return True


async def ask_address(paste: Paste, seconds: float | None) -> str:
    """Ask the person for an address, masked.

    Args:
        paste: asks.
        seconds: how long it may take; ``None``: as long as it likes.

    Raises:
        AuthError: ``TIMEOUT`` if it took longer.
        TypeError: it returned no text.
        BaseException: what ``paste`` raised.
    """
    async with limit(seconds, "nobody pasted an address"):
        given = paste()
        given = hide_unless(await given if isawaitable(given) else given, Secret)
    if not isinstance(given, str):
        raise TypeError(f"paste must return str, not {kind_of(given)}")
    return given


@contextlib.asynccontextmanager
async def limit(seconds: float | None, what: str) -> AsyncIterator[None]:
    """Give a person so much time.

    Args:
        seconds: how long; ``None``: without a limit.
        what: has not happened then, for the message.

    Raises:
        AuthError: ``TIMEOUT``.
    """
    scope = asyncio.timeout(seconds)
    try:
        async with scope:
            yield
    except TimeoutError:
        if not scope.expired():  # a hook's own
            raise
        late = AuthError(AuthErrorCode.TIMEOUT, f"{what} within {seconds:g} seconds")
    else:
        return
    raise late


async def has_started(start: Callable[[], bool]) -> bool:
    """Start a browser beside the event loop, which that may hold up for seconds; whether there was one.

    In a thread of its own, which nobody waits for at the end of the program.

    Args:
        start: starts it, and tells whether it did; a failure says that it did not.
    """
    loop = asyncio.get_running_loop()
    started: asyncio.Future[bool] = loop.create_future()

    def work() -> None:
        found = False
        with contextlib.suppress(Exception):  # a BROWSER that cannot be read is a ValueError, say
            found = start()
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(started.set_result, found)

    threading.Thread(target=work, name="vkauth-open", daemon=True).start()
    done, _ = await asyncio.wait([started], timeout=LONGEST_START)
    return started.result() if done else True
