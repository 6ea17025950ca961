"""A login that the person confirms on their phone, by a QR code."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from inspect import isawaitable
from typing import TypeAlias, Unpack

from vkauth import checks
from vkauth.authorization._base import DEFAULT_API_VERSION, Authorization, CommonOptions, hide_options
from vkauth.browser.person import limit, require_hook
from vkauth.flows.challenges import Context
from vkauth.flows.qr import QROptions, log_in_by_code
from vkauth.flows.vkid import Application
from vkauth.login_code import LoginCode
from vkauth.models import UserToken
from vkauth.protocol.captcha import CaptchaType
from vkauth.scopes import UserScope, parse_scope
from vkauth.secret import Secret, hide_unless

__all__ = ["QRAuthorization", "ShowCode"]

ShowCode: TypeAlias = Callable[[LoginCode], Awaitable[object] | object]
"""Shows a person what they confirm the login by; sync or async. What it returns is not looked at."""


class QRAuthorization(Authorization):
    """A login that the person confirms on their phone: they scan a QR code, or open its address there.

    No password is typed anywhere. VK's clients for desktops log in so; it is not documented for others (docs/vk.md,
    3.4.6), and VK decides which applications may. ``total_timeout`` does not count the waiting for the person, which
    ends when the code runs out.

    Args:
        client_id, client_secret: the application's.
        show: is called once a run with the :class:`LoginCode`, and has to return (or end) before VK is asked whether
            the login was confirmed; an async one may take ``answer_timeout``, a sync one holds the event loop up.
        scope: ``"all"``, names (``"friends,wall"`` or a list), :class:`UserScope` or a mask.
        device_name: what the person sees on their phone of who asks.
        poll_interval: seconds from an answer of VK's to the next question whether the person is done.
        options: see :class:`CommonOptions`.

    Raises:
        ValueError, TypeError: an argument is wrong; the message names it.
    """

    def __init__(
        self,
        *,
        client_id: int | str,
        client_secret: str,
        show: ShowCode,
        scope: str | int | Iterable[str | int] = "all",
        device_name: str = "vkauth",
        poll_interval: float = 2.0,
        **options: Unpack[CommonOptions],
    ) -> None:
        client_secret = hide_unless(client_secret, Secret)
        hide_options(options)
        super().__init__(**options)
        require_hook("show", show)
        self._show_code = show
        self._client_id = checks.client_id(client_id)
        self._secret = Secret(checks.text("client_secret", client_secret))
        self._scope = str(parse_scope(scope, UserScope))
        self._device_name = checks.text("device_name", device_name)
        self._poll_interval = checks.seconds("poll_interval", poll_interval)

    async def run(self) -> UserToken:
        """Have a code made, show it, wait until the person has confirmed the login, and return the token.

        While the code lives VK is asked again after a network error, a fault of VK's and ``RATE_LIMITED`` (then more
        slowly); anything else ends the login.

        Raises:
            AuthError: ``ACCESS_DENIED`` if the person declined; ``TIMEOUT`` if the code ran out;
                ``VALIDATION_REQUIRED`` if VK wants more of them than the confirmation, their password say;
                ``APP_NOT_ALLOWED`` for a wrong secret or an application that may not log in so; ``FLOOD_CONTROL``;
                others as their codes say.
            BaseException: what ``show`` raised to give up.
        """
        context = Context(
            endpoints=self._endpoints, api_version=DEFAULT_API_VERSION, captcha_type=CaptchaType.API_REQUEST
        )
        application = Application(client_id=self._client_id, scope=self._scope, device_id=self._hex(11)[:21])
        options = QROptions(
            application=application,
            client_secret=self._secret,
            device_name=self._device_name,
            poll_interval=self._poll_interval,
        )
        async with self._connect() as transport:
            return await self._drive(log_in_by_code(context, options), transport, self._show)

    async def _show(self, code: LoginCode) -> None:
        async with limit(self._limits.answer_timeout, "the code of the login was not shown"):
            result = self._show_code(code)
            if isawaitable(result):
                await result
