"""Passing the page behind API error 17."""

from __future__ import annotations

from typing import Unpack

from yarl import URL

from vkauth import checks
from vkauth.authorization._base import DEFAULT_API_VERSION, Authorization, CommonOptions, hide_options
from vkauth.authorization._person import read_phone_owner
from vkauth.errors import AuthError, AuthErrorCode
from vkauth.flows.challenges import Context
from vkauth.flows.verification import verify
from vkauth.models import UserToken
from vkauth.protocol.captcha import CaptchaType
from vkauth.secret import Secret, hide_unless
from vkauth.wire.addresses import read_address
from vkauth.wire.http import Request, get

__all__ = ["AccountVerification"]


class AccountVerification(Authorization):
    """Passes the page that API error 17 ("Validation required") gives as ``redirect_uri``.

    https://dev.vk.com/en/api/validation-required-error

    Args:
        login, phone: the account's phone number: VK asks for some of its digits.
        options: see :class:`CommonOptions`.

    Raises:
        ValueError, TypeError: an argument is wrong; the message names it.
    """

    def __init__(self, *, login: str | None = None, phone: str | None = None, **options: Unpack[CommonOptions]) -> None:
        login, phone = hide_unless(login, Secret), hide_unless(phone, Secret)
        hide_options(options)
        super().__init__(**options)
        self._person = read_phone_owner(login, phone)

    async def run(self, redirect_uri: str | URL) -> UserToken:
        """Pass the page and return the new token, which replaces the one that the error came for.

        The address works once. It is checked before anything is sent.

        Raises:
            AuthError: ``TOKEN_UNCHANGED`` if the account is verified now and VK gave no new token, so that the old one
                goes on working; ``UNTRUSTED_REDIRECT`` for an address that is not VK's; ``VALIDATION_REQUIRED`` for a
                page that needs a browser; others as their codes say.
            TypeError, ValueError: ``redirect_uri`` is no address.
        """
        redirect_uri = hide_unless(str(redirect_uri) if isinstance(redirect_uri, URL) else redirect_uri, Secret)
        if not isinstance(redirect_uri, str):
            raise TypeError(f"redirect_uri must be an address (str or yarl.URL), not {checks.kind_of(redirect_uri)}")
        request = _request_of(redirect_uri)
        if request is None:
            raise ValueError("redirect_uri is not an address")
        context = Context(
            endpoints=self._endpoints, api_version=DEFAULT_API_VERSION, captcha_type=CaptchaType.ACCOUNT_VERIFICATION
        )
        async with self._connect() as transport:
            verified = await self._drive(verify(context, self._person, request), transport)
        if verified.token is None:
            raise AuthError(
                AuthErrorCode.TOKEN_UNCHANGED, "the account is verified; no new token came, so the old one still works"
            )
        return verified.token


def _request_of(address: str) -> Request | None:
    url = read_address(address)
    return None if url is None else get(url)
