"""Login and password for a user token in one request."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Unpack

from vkauth import checks
from vkauth.authorization._base import DEFAULT_API_VERSION, Authorization, CommonOptions, hide_options
from vkauth.authorization._person import read_person
from vkauth.flows.challenges import Context
from vkauth.flows.direct import DirectOptions, direct
from vkauth.models import UserToken
from vkauth.protocol.captcha import CaptchaType
from vkauth.scopes import UserScope, parse_scope
from vkauth.secret import Secret, hide_unless

__all__ = ["DirectAuthorization"]


class DirectAuthorization(Authorization):
    """Login and password for a user token in one request: the password grant.

    VK admits only applications that it has approved (see :data:`vkauth.official_app_credentials`), and since May 2026
    many such logins are answered with ``FLOOD_CONTROL``: a login through a browser is the way that VK recommends.
    https://dev.vk.com/en/api/direct-auth

    Args:
        client_id, client_secret: the application's.
        login: phone number, e-mail address or name.
        password: is sent in the body of requests to VK's own hosts and kept nowhere but in this object.
        phone: the phone number, where ``login`` is another one; also what ``login`` may be left out for.
        scope: ``"all"``, names (``"friends,wall"`` or a list), :class:`UserScope` or a mask.
        api_version: of VK's API.
        device_id: of this installation; give the same each time, with ``trusted_hash``, to be asked for a code once.
        trusted_hash: from the :class:`UserToken` of an earlier login of this account and device.
        options: see :class:`CommonOptions`.

    Raises:
        ValueError, TypeError: an argument is wrong; the message names it.
    """

    def __init__(
        self,
        *,
        client_id: int | str,
        client_secret: str,
        password: str,
        login: str | None = None,
        phone: str | None = None,
        scope: str | int | Iterable[str | int] = "all",
        api_version: str = DEFAULT_API_VERSION,
        device_id: str | None = None,
        trusted_hash: str | None = None,
        **options: Unpack[CommonOptions],
    ) -> None:
        password, client_secret = hide_unless(password, Secret), hide_unless(client_secret, Secret)
        login, phone, trusted_hash = (hide_unless(each, Secret) for each in (login, phone, trusted_hash))
        hide_options(options)
        super().__init__(**options)
        self._options = DirectOptions(
            person=read_person(login, phone, password),
            client_id=checks.client_id(client_id),
            client_secret=checks.text("client_secret", client_secret),
            scope=str(parse_scope(scope, UserScope)),
            trusted_hash=checks.optional_text("trusted_hash", trusted_hash),
        )
        self._context = Context(
            endpoints=self._endpoints,
            api_version=checks.api_version(api_version),
            captcha_type=CaptchaType.DIRECT_AUTH,
        )
        self._device_id = checks.optional_text("device_id", device_id)

    async def run(self) -> UserToken:
        """Log in and return the token.

        Raises:
            AuthError: the login did not succeed; ``error.code`` says why.
        """
        flow = direct(self._context, self._options, self._device_id or self._hex(8))
        async with self._connect() as transport:
            return await self._drive(flow, transport)
