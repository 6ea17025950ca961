"""Exchanging a silent token for a real one (``auth.getAnonymToken``, then ``auth.exchangeSilentAuthToken``).

https://github.com/melod1n/fast-messenger (2026-07), fields of the answer: https://github.com/SevereCloud/vksdk/issues/175
(2022-01). docs/vk.md, 1.4.
"""

from __future__ import annotations

from dataclasses import replace

from vkauth.errors import AuthError, AuthErrorCode
from vkauth.models import UserToken
from vkauth.protocol.api import ApiResult, method_request
from vkauth.protocol.endpoints import Endpoints
from vkauth.protocol.gate import unexpected_error
from vkauth.protocol.token_endpoint import SilentGranted
from vkauth.protocol.user_token import read_user_token
from vkauth.wire.http import Request, Response

__all__ = ["anonymous_token_request", "exchange_request", "read_anonymous_token", "read_exchanged_token"]


def anonymous_token_request(endpoints: Endpoints, *, client_id: str, client_secret: str, api_version: str) -> Request:
    """Ask for an anonymous token of the application."""
    form = {"client_id": client_id, "client_secret": client_secret, "v": api_version}
    return method_request(endpoints, "auth.getAnonymToken", form)


def read_anonymous_token(result: ApiResult, response: Response, endpoints: Endpoints) -> str:
    """Read the anonymous token; raises ``UNEXPECTED_RESPONSE`` if there is none."""
    token = result.value.secret("token")
    if token is None:
        raise unexpected_error(response, endpoints, wanted="an anonymous token")
    return token


def exchange_request(endpoints: Endpoints, granted: SilentGranted, anonymous: str, *, api_version: str) -> Request:
    """Exchange the silent token; it works once."""
    form = {"access_token": anonymous, "token": granted.silent_token, "uuid": granted.uuid, "v": api_version}
    return method_request(endpoints, "auth.exchangeSilentAuthToken", form)


def read_exchanged_token(
    result: ApiResult, granted: SilentGranted, response: Response, endpoints: Endpoints, *, scope: str | None
) -> UserToken:
    """Read the real token.

    Raises:
        AuthError: ``VALIDATION_REQUIRED`` for a partial token (VK wants the sign-up to be finished first),
            ``UNEXPECTED_RESPONSE`` if there is no token, or if it cannot be told how long it lives.
    """
    if result.value.flag("is_partial"):
        raise AuthError(
            AuthErrorCode.VALIDATION_REQUIRED,
            "VK gave a partial token only: the account's sign-up has to be finished in VK's own application",
        )
    token = read_user_token(result.value, response.received_at, scope=scope)
    if token is None:
        raise unexpected_error(response, endpoints, wanted="a token")
    if granted.trusted_hash is not None and token.trusted_hash is None:
        return replace(token, trusted_hash=granted.trusted_hash)
    return token
