"""The "not robot" page of VK: passed in a window that opens by itself, or by a page that says what to copy."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

from vkauth.browser.captcha_page import CaptchaPage
from vkauth.callbacks import Captcha
from vkauth.errors import AuthError, AuthErrorCode
from vkauth.language import gettext as _
from vkauth.protocol.copied_token import find_success_token
from vkauth.protocol.endpoints import Endpoints
from vkauth.terminal.happened import what_happened
from vkauth.terminal.standard_input import can_wait
from vkauth.terminal.terminal import Terminal
from vkauth.terminal.words import mark

__all__ = ["NotRobot"]

_QUESTION = mark("Success token, or that response (it is not shown): ")


class NotRobot:
    """Has a person pass the page.

    Args:
        terminal: where the person is. Without one, what comes on the standard input is the answer.
        endpoints: VK's hosts: the window shows pages of no others.
    """

    def __init__(self, terminal: Terminal, endpoints: Endpoints) -> None:
        self._terminal = terminal
        self._endpoints = endpoints
        self._windows = True

    async def answer(self, captcha: Captcha) -> str:
        """Return the success token.

        Raises:
            InputEndedError: nobody answers.
            AuthError: ``ACCESS_DENIED`` or ``TIMEOUT``, if the window was closed, or too long open; of the window only.
        """
        if self._windows and self._terminal.has_person:
            token = await self._in_window(captcha)
            if token is not None:
                return token
            self._windows = False  # what is missing now will be missing then
        return await self._by_hand(captcha.redirect_uri or "")

    async def _in_window(self, captcha: Captcha) -> str | None:
        """The token, or ``None`` where no window can be had."""
        try:
            from vkauth.browser import BrowserCaptcha

            window = BrowserCaptcha(endpoints=self._endpoints)
        except ImportError:  # the extra is not installed
            return None
        self._terminal.explain(_("A browser window opens for it. Pass the check there: nothing has to be copied."))
        try:
            return await window(captcha)
        except AuthError as error:
            if error.code is not AuthErrorCode.VALIDATION_REQUIRED:
                raise
            self._terminal.explain(_("No window can be opened ({what}).").format(what=what_happened(error)))
            return None

    async def _by_hand(self, address: str) -> str:
        tell = self._terminal.explain
        async with AsyncExitStack() as stack:
            page = await self._serve(stack, address) if self._terminal.has_person else None
            tell(_("Its page gives the answer to applications only, so a person has to copy it, within five minutes."))
            if page is not None:
                tell(
                    _("Open this page of the program in a browser on this machine. It says how, and takes the answer:")
                )
                self._terminal.say(f"  {page.url}")
            how = (
                _("Or do it without that page, in a browser on the same network: {how}")
                if page
                else _("To do it, in a browser on the same network: {how}")
            )
            steps = _("open an empty tab, press F12, choose Network, and only then open this address in that tab:")
            tell(how.format(how=steps))
            self._terminal.say(f"  {address}")
            tell(_("Pass the check. Then copy the response of the request captchaNotRobot.check."))
            if page is None:
                return await self._typed()
            return await self._typed_or_sent(page)

    async def _serve(self, stack: AsyncExitStack, address: str) -> CaptchaPage | None:
        try:
            return await stack.enter_async_context(CaptchaPage(address))
        except AuthError:  # a machine without a port to be had can still be typed at
            return None

    async def _typed_or_sent(self, page: CaptchaPage) -> str:
        """What was typed or what the page was sent, whichever comes first."""
        typed, sent = (asyncio.ensure_future(each) for each in (self._typed(), page.wait()))
        try:
            await asyncio.wait((typed, sent), return_when=asyncio.FIRST_COMPLETED)
            if not sent.done():
                return typed.result()
            token = sent.result()
        finally:
            for each in (typed, sent):
                each.cancel()
            await asyncio.gather(typed, sent, return_exceptions=True)
        # Where a question cannot be given up, the main thread sits there until Enter.
        self._terminal.notice(
            _("The page has sent it.") if can_wait() else _("The page has sent it. Press Enter to go on.")
        )
        return token

    async def _typed(self) -> str:
        while True:
            copied = await self._terminal.answer_pasted(_(_QUESTION))
            token = find_success_token(copied)
            if token is not None:
                return token
            if copied:
                self._terminal.notice(_("There is no success token in this."))
