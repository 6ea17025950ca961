"""The tabs of a browser: a page is shown in one, and all are watched until it has led to its end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from vkauth.browser.addresses import Addresses
from vkauth.browser.bridge import cross
from vkauth.browser.patience import see_done
from vkauth.errors import AuthError, AuthErrorCode
from vkauth.secret import Secret

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Page

__all__ = ["IsAddress", "Tabs"]

IsAddress: TypeAlias = Callable[[str], bool]
"""Tells something about an address; it never raises."""

# Milliseconds, 24 days: the longest time that Node.js can wait.
_FOREVER: Final = 2**31 - 1
# A page may open another one and close itself; of the new one nobody knows at once.
_GRACE: Final = 0.5
# Closing a tab that is on its way to a page takes for ever in about half of the tries (seen 2026-11).
_LONGEST_CLOSE: Final = 2.0


class Tabs:
    """The tabs of a browser.

    Args:
        context: the browser, which has one tab yet.
    """

    def __init__(self, context: BrowserContext) -> None:
        self._context = context
        self._fresh: Page | None = context.pages[0] if context.pages else None
        self._is_end: IsAddress | None = None
        self._found: asyncio.Future[Secret] | None = None
        Addresses(context, self._told)

    async def read_end(self, url: str, is_end: IsAddress) -> Secret:
        """Show a page, and return the first address of a tab that is an end, masked.

        Raises:
            AuthError: ``ACCESS_DENIED`` if all tabs were closed, or the browser.
        """
        self._is_end = is_end
        try:
            return await self._show(url, None)
        finally:
            self._is_end = None

    async def pass_captcha(self, url: str, is_trusted: IsAddress) -> Secret:
        """Show a "not robot" page, and return the token that it gives, masked.

        Raises:
            AuthError: ``ACCESS_DENIED`` if the page was closed, by itself or by the person.
        """
        return await self._show(url, is_trusted)

    async def are_there(self) -> bool:
        """Whether a page can be shown: since the last one the person may have closed everything."""
        try:
            async with asyncio.timeout(_LONGEST_CLOSE):
                if self._fresh is None or self._fresh.is_closed():
                    self._fresh = await self._context.new_page()
                await self._fresh.evaluate("0")  # of a browser that has just gone nobody else knows yet
        except Exception:  # noqa: BLE001 - of whatever class
            return False
        return True

    async def tidy(self) -> bool:
        """Leave one empty tab, and tell whether that was possible."""
        try:
            async with asyncio.timeout(_LONGEST_CLOSE):
                old = [*self._context.pages]
                self._fresh = await self._context.new_page()
                await asyncio.gather(*[each.close() for each in old])
        except Exception:  # noqa: BLE001 - whatever it is: this browser is not used any more
            return False
        return True

    # -- one page ------------------------------------------------------------------------------------------------------

    async def _show(self, url: str, is_trusted: IsAddress | None) -> Secret:
        found: asyncio.Future[Secret] = asyncio.get_running_loop().create_future()
        self._found = found
        opening = asyncio.create_task(self._open(url, is_trusted))
        closing = asyncio.create_task(self._until_closed())
        either: tuple[asyncio.Future[Any], ...] = (found, closing)
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._found = None
            opening.cancel()
            closing.cancel()
            await see_done([opening, closing], _LONGEST_CLOSE)
        if not found.done():
            raise AuthError(AuthErrorCode.ACCESS_DENIED, "the window was closed")
        return found.result()

    async def _open(self, url: str, is_trusted: IsAddress | None) -> None:
        """Go to the page, in a tab that nobody has used. Whether it can be reached, the person sees."""
        try:
            page, self._fresh = self._fresh, None
            if page is None or page.is_closed():
                page = await self._context.new_page()
            if is_trusted is not None:
                await cross(page, is_trusted, self._bring, self._give_up)
            await page.goto(url, timeout=0, wait_until="commit")
        except Exception:  # noqa: BLE001, S110 - Playwright's errors hold the address
            pass

    async def _until_closed(self) -> None:
        """Wait until there are no tabs any more. Of a browser that is gone not every way tells; so one waits in it."""
        while True:
            page = next((each for each in self._context.pages if not each.is_closed()), None)
            if page is None:
                await asyncio.sleep(_GRACE)
                if not self._context.pages:
                    return
                continue
            try:
                await page.wait_for_timeout(_FOREVER)
            except Exception:  # noqa: BLE001 - of whatever class
                if not page.is_closed():
                    return

    def _told(self, address: str) -> None:
        if self._awaited() is not None and self._is_end is not None and self._is_end(address):
            self._bring(Secret(address))

    def _awaited(self) -> asyncio.Future[Secret] | None:
        """What a page is shown for, as long as it has not come."""
        return None if self._found is None or self._found.done() else self._found

    def _bring(self, found: Secret) -> None:
        if (awaited := self._awaited()) is not None:
            awaited.set_result(found)

    def _give_up(self) -> None:
        if (awaited := self._awaited()) is not None:
            awaited.set_exception(AuthError(AuthErrorCode.ACCESS_DENIED, "the page was closed"))
