"""A browser's window of its own, watched until a login in it has ended."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeAlias

from vkauth import checks
from vkauth.browser.chromium import BrowserOptions, Chromium, NotStartedError
from vkauth.browser.person import limit
from vkauth.browser.tabs import IsAddress, Tabs
from vkauth.engine.traces import without_frames
from vkauth.errors import AuthError, AuthErrorCode
from vkauth.secret import Secret, hide

__all__ = ["BrowserWindow", "require_window"]

_Visit: TypeAlias = Callable[[Tabs], Coroutine[Any, Any, Secret]]


class BrowserWindow:
    """A window of an installed Google Chrome, Microsoft Edge or Chromium, for ``run(window)`` of a login.

    >>> async def example(login: BrowserAuthorization) -> UserToken | GroupTokens:
    ...     return await login.run(BrowserWindow())

    The person logs in there, and the program reads the address at the end by itself. Nothing is downloaded, filled in,
    clicked or disguised. The browser is started for each page, with a profile that knows nobody and is removed again;
    with ``async with BrowserWindow() as window:`` one stays open for several pages. They are shown one after another.
    Whatever happens, the browser is gone in the end.

    It is driven by Playwright, which the extra ``browser`` brings; that and the browser are started when a page is to
    be shown. With ``DEBUG=pw:...`` in the environment Playwright prints all that it does, secrets among it.

    Args:
        executable: the path of the browser. Default: the one that ``VKAUTH_BROWSER`` in the environment names, else one
            that is installed.
        headless: without a window that anybody sees.
        profile: a folder where the browser keeps what it knows (cookies too), for the next time; not the one of the
            person's own browser. Default: a new one each time.
        answer_timeout: seconds that the person has for each page.
        sandbox: whether the browser keeps pages apart from the machine. Root cannot have that.

    Raises:
        ImportError: Playwright is not installed; names the extra.
        ValueError, TypeError: an argument is wrong; the message names it.
    """

    def __init__(
        self,
        *,
        executable: str | os.PathLike[str] | None = None,
        headless: bool = False,
        profile: str | os.PathLike[str] | None = None,
        answer_timeout: float = 300.0,
        sandbox: bool = True,
    ) -> None:
        folder = _path("profile", profile)
        self._options = BrowserOptions(
            executable=_path("executable", executable),
            headless=checks.instance("headless", headless, bool),
            profile=None if folder is None else Path(folder).absolute(),
            sandbox=checks.instance("sandbox", sandbox, bool),
        )
        self._answer_timeout = checks.seconds("answer_timeout", answer_timeout)
        if importlib.util.find_spec("playwright") is None:
            raise ImportError("a browser window is driven by Playwright: pip install 'vkauth[browser]'")
        self._turn = asyncio.Lock()
        self._kept = False
        self._browser: Chromium | None = None
        self._tabs: Tabs | None = None

    def __repr__(self) -> str:
        return f"<BrowserWindow{' headless' if self._options.headless else ''}>"

    async def __aenter__(self) -> Self:
        """Keep one browser for all pages from now on. It is started with the first one.

        Raises:
            RuntimeError: it is kept already.
        """
        if self._kept:
            raise RuntimeError("this window is in use already")
        self._kept = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the browser; whoever waits for a page in it gets ``ACCESS_DENIED``."""
        self._kept = False
        await self._end()

    async def read_end(self, url: str, is_end: IsAddress) -> str:
        """Show the page of an address, wait until a tab comes to an end, and return that address, masked.

        Every address at the top of a tab counts, also if its page changes it at once, or cannot be reached. Logins call
        this.

        Args:
            url: where to begin.
            is_end: whether an address is an end; it must not raise.

        Raises:
            AuthError: ``ACCESS_DENIED`` if the window or the browser was closed, ``TIMEOUT`` after ``answer_timeout``,
                ``VALIDATION_REQUIRED`` with the address if there is no browser or no display.
        """
        url = hide(url)
        return await self._show(url, lambda tabs: tabs.read_end(url, is_end))

    async def pass_captcha(self, url: str, is_trusted: IsAddress) -> str:
        """Show a "not robot" page, wait until the person has passed it, and return its success token, masked.

        :class:`BrowserCaptcha` calls this.

        Args:
            url: its address.
            is_trusted: whether a page at an address may be believed; it must not raise.

        Raises:
            AuthError: as :meth:`read_end`.
        """
        url = hide(url)
        return await self._show(url, lambda tabs: tabs.pass_captcha(url, is_trusted))

    # -- one page after another ----------------------------------------------------------------------------------------

    async def _show(self, url: str, visit: _Visit) -> str:
        outside = sys.exception()
        try:
            async with self._turn:
                return await self._show_now(url, visit)
        except AuthError as error:
            failure = error
        raise without_frames(failure, outside)

    async def _show_now(self, url: str, visit: _Visit) -> str:
        stays = False
        try:
            if self._tabs is not None and not await self._tabs.are_there():
                await self._end()
            tabs = self._tabs = self._tabs or Tabs((await self._launch(url)).context)
            async with limit(self._answer_timeout, "nobody came to the end in the window"):
                found = await visit(tabs)
            stays = self._kept and await tabs.tidy()
            return found
        finally:
            if not stays:
                await self._end()

    async def _launch(self, url: str) -> Chromium:
        """Start a browser.

        Raises:
            AuthError: ``VALIDATION_REQUIRED``, with the address that was to be shown.
        """
        self._browser = Chromium(self._options)
        try:
            await self._browser.start()
        except NotStartedError as error:
            why = str(error)
        else:
            return self._browser
        raise AuthError(
            AuthErrorCode.VALIDATION_REQUIRED,
            f"there is no browser window: {why}. The person has to open the address in a browser",
            redirect_uri=url,
        )

    async def _end(self) -> None:
        browser, self._browser, self._tabs = self._browser, None, None
        if browser is not None:
            await browser.end()


def _path(name: str, value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, os.PathLike):
        value = os.fspath(value)
    return checks.text(name, value)


def require_window(window: object, open: object, paste: object) -> None:
    """Check what is given to show a page.

    Raises:
        TypeError: ``window`` is none.
        ValueError: there is something besides it.
    """
    checks.instance("window", window, BrowserWindow)
    for name, hook in (("open", open), ("paste", paste)):
        if hook is not None:
            raise ValueError(f"{name} cannot be given with window, which needs nobody to open a page or paste anything")
