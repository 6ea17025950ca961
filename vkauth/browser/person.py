"""What a person at the browser is asked to do: look at a page, paste an address."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import threading
import webbrowser
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import Final, Protocol, TypeAlias, TypeVar, cast

from vkauth.calls import signature_of
from vkauth.checks import kind_of
from vkauth.engine.interrupts import interruptible
from vkauth.errors import AuthError, AuthErrorCode
from vkauth.secret import Secret, hide_unless

__all__ = [
    "Open",
    "Paste",
    "ask_address",
    "has_started",
    "hide_hook",
    "limit",
    "not_shown",
    "require_hook",
    "require_paste",
    "show_page",
]

Open: TypeAlias = Callable[[str], Awaitable[object] | object]
"""Shows the page of an address to the person; sync or async. What it returns is not looked at."""


class _PlainPaste(Protocol):
    def __call__(self) -> Awaitable[str] | str: ...


class _PasteWithError(Protocol):
    def __call__(self, *, error: AuthError | None) -> Awaitable[str] | str: ...


Paste: TypeAlias = _PlainPaste | _PasteWithError
"""Asks the person for the address that their browser came to, and returns it; sync or async.

One with a parameter ``error`` is told by it what the person has to know first, as an :class:`AuthError`, or ``None``:
why the last address was refused; or ``VALIDATION_REQUIRED``, if no browser was found, with the address that they have
to open themselves in ``redirect_uri``.
"""

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


def require_paste(paste: object) -> None:
    """Check a hook that asks for an address, before anything is shown.

    Raises:
        TypeError: it cannot be called, or wants arguments that it is not given.
    """
    require_hook("paste", paste)
    call = cast("Paste", paste)
    signature = signature_of(call)
    if signature is None:
        return
    try:
        signature.bind(**({"error": None} if _takes_error(call) else {}))
    except TypeError:
        raise TypeError("paste must be callable without arguments, or with error= alone") from None


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
    with interruptible():
        result = open(url)
    if inspect.isawaitable(result):
        await result
    return True


def not_shown(url: str) -> AuthError:
    """What is to be known where no browser was found that shows a page."""
    return AuthError(
        AuthErrorCode.VALIDATION_REQUIRED,
        "no browser was found: the person has to sign in at one",
        redirect_uri=url,
    )


async def ask_address(paste: Paste, seconds: float | None, error: AuthError | None = None) -> str:
    """Ask the person for an address, masked.

    Args:
        paste: asks.
        seconds: how long it may take; ``None``: as long as it likes.
        error: what the person has to know first.

    Raises:
        AuthError: ``TIMEOUT`` if it took longer.
        TypeError: it returned no text.
        BaseException: what ``paste`` raised.
    """
    async with limit(seconds, "nobody pasted an address"):
        with interruptible():
            given = _call(paste, error)
        given = hide_unless(await given if inspect.isawaitable(given) else given, Secret)
    if not isinstance(given, str):
        raise TypeError(f"paste must return str, not {kind_of(given)}")
    return given


def _call(paste: Paste, error: AuthError | None) -> Awaitable[str] | str:
    if _takes_error(paste):
        return cast("_PasteWithError", paste)(error=error)
    return cast("_PlainPaste", paste)()


def _takes_error(paste: Paste) -> bool:
    if isinstance(paste, partial) and "error" in paste.keywords:
        return False
    signature = signature_of(paste)
    parameter = None if signature is None else signature.parameters.get("error")
    return parameter is not None and parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY)


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
        late = AuthError(AuthErrorCode.TIMEOUT, f"{what} within {seconds:g} s")
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
