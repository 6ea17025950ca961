"""A hook that lets a person pass the "not robot" page of a captcha in a browser's window."""

from __future__ import annotations

import sys
from inspect import isawaitable
from typing import Final

from vkauth import checks
from vkauth.browser.person import limit, require_hook
from vkauth.browser.window import BrowserWindow
from vkauth.callbacks import Captcha, CaptchaHandler
from vkauth.engine.traces import without_frames
from vkauth.errors import AuthError, AuthErrorCode
from vkauth.protocol.endpoints import Endpoints
from vkauth.secret import hide
from vkauth.wire.addresses import read_address

__all__ = ["BrowserCaptcha"]

LIFETIME: Final = 300.0
"""Seconds for which VK keeps such a page: https://dev.vk.ru/ru/api/captcha-error (seen 2026-11)."""


_HINT: Final = "give BrowserCaptcha(endpoints=...) the endpoints of the login; if it has them, report it"


class BrowserCaptcha:
    """A handler of captchas, ``callbacks.on_captcha(BrowserCaptcha())``: a person passes the page in a window.

    The page hands its token over as it does to an application on a telephone. A page is believed only at the top of its
    tab, and while it is on a host of ``endpoints``.

    Args:
        window: shows the page. Default: a :class:`BrowserWindow` as it is made without arguments.
        endpoints: the hosts of such pages; those of the login. Default: VK's.
        otherwise: the handler of captchas that are pictures, which no window is needed for.

    Raises:
        ImportError: without ``window``, if Playwright is not installed; names the extra.
        TypeError: an argument is wrong; the message names it.
    """

    def __init__(
        self,
        window: BrowserWindow | None = None,
        *,
        endpoints: Endpoints | None = None,
        otherwise: CaptchaHandler | None = None,
    ) -> None:
        if otherwise is not None:
            require_hook("otherwise", otherwise)
        self._endpoints = Endpoints() if endpoints is None else checks.instance("endpoints", endpoints, Endpoints)
        self._otherwise = otherwise
        self._window = BrowserWindow() if window is None else checks.instance("window", window, BrowserWindow)

    def __repr__(self) -> str:
        return "<BrowserCaptcha>"

    async def __call__(self, captcha: Captcha) -> str | None:
        """Have a captcha passed.

        Returns:
            The success token, masked; of a picture what ``otherwise`` returned.

        Raises:
            AuthError: ``ACCESS_DENIED`` if the page or the window was closed, ``TIMEOUT`` after five minutes or the
                window's ``answer_timeout``, ``VALIDATION_REQUIRED`` with the address if there is no browser or no
                display, ``UNTRUSTED_REDIRECT`` if the page is not on a host of ``endpoints`` (nothing is opened),
                ``MISSING_CAPTCHA_HANDLER`` for a picture without ``otherwise``.
            BaseException: what ``otherwise`` raised to give up.
        """
        address = captcha.redirect_uri
        if address is None:
            return await self._read_picture(captcha)
        address, outside = hide(address), sys.exception()
        try:
            if not self._is_trusted(address):
                raise AuthError(
                    AuthErrorCode.UNTRUSTED_REDIRECT,
                    "the page of the captcha is on another host; it was not opened",
                    details={"hint": _HINT},
                )
            async with limit(LIFETIME, "nobody passed the page of the captcha"):
                return await self._window.pass_captcha(address, self._is_trusted)
        except AuthError as error:
            failure = error
        raise without_frames(failure, outside)

    async def _read_picture(self, captcha: Captcha) -> str | None:
        if self._otherwise is None:
            raise AuthError(
                AuthErrorCode.MISSING_CAPTCHA_HANDLER,
                "this captcha is a picture, which is passed in no window: give BrowserCaptcha(otherwise=...)",
            )
        answer = self._otherwise(captcha)
        return await answer if isawaitable(answer) else answer

    def _is_trusted(self, address: str) -> bool:
        url = read_address(address)
        return url is not None and self._endpoints.locate(url) is not None
