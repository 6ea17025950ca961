"""A login that the person confirms on their phone: what is asked for, and what VK says of it.

Clients for desktops log in so (https://github.com/Fooxboy/MusicX-WPF, 2024-12, and three more); VK documents none of
it. docs/vk.md, 3.4.6.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, TypeAlias

from vkauth.login_code import LoginCode
from vkauth.models import UserToken
from vkauth.protocol.api import ApiResult, method_request
from vkauth.protocol.endpoints import Endpoints
from vkauth.protocol.gate import unexpected_error
from vkauth.protocol.user_token import read_user_token
from vkauth.protocol.vkid_calls import login_action
from vkauth.secret import Secret
from vkauth.wire.addresses import read_address, require_trusted
from vkauth.wire.http import Request, Response

__all__ = [
    "Confirmed",
    "Declined",
    "Expired",
    "Progress",
    "Shown",
    "Waiting",
    "check_request",
    "code_request",
    "read_code",
    "read_progress",
    "session_request",
]

# VK's codes live some minutes. A greater number is none that VK means.
_LONGEST_LIFE: Final = 24 * 3600

_WAITING: Final = frozenset({0, 1})  # nobody has looked at it; somebody has, and has to confirm
_ALLOWED: Final = 2
_DECLINED: Final = 3
_EXPIRED: Final = 4


@dataclass(frozen=True, slots=True)
class Shown:
    """A code that can be shown.

    Attributes:
        code: what the person sees.
        key: what VK is asked with how far they are. It is as good as the token that comes in the end.
    """

    code: LoginCode
    key: Secret


@dataclass(frozen=True, slots=True)
class Waiting:
    """The person has not answered yet."""


@dataclass(frozen=True, slots=True)
class Declined:
    """The person said no."""


@dataclass(frozen=True, slots=True)
class Expired:
    """The code has run out."""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The person said yes.

    Attributes:
        token: the application's token, where VK gives it at once.
        session: else what a web session is had for.
        needs_browser: VK wants something else of the person first, their password say.
    """

    token: UserToken | None
    session: Secret | None
    needs_browser: bool


Progress: TypeAlias = Waiting | Declined | Expired | Confirmed


def code_request(
    endpoints: Endpoints, anonymous: str, *, client_id: str, scope: str, device_name: str, api_version: str
) -> Request:
    """Ask for a code; ``device_name`` is what the person sees of who asks."""
    form = {
        "client_id": client_id,
        "scope": scope,
        "anonymous_token": anonymous,
        "device_name": device_name,
        "v": api_version,
    }
    return method_request(endpoints, "auth.getAuthCode", form)


def read_code(result: ApiResult, response: Response, endpoints: Endpoints) -> Shown:
    """Read the code.

    Raises:
        AuthError: ``UNEXPECTED_RESPONSE`` if there is none, or if it cannot be told how long it lives;
            ``UNTRUSTED_REDIRECT`` if its address is not on VK's hosts, where alone a login may be confirmed.
    """
    address, key = result.value.secret("auth_url"), result.value.secret("auth_hash")
    life = result.value.number("expires_in")
    url = None if address is None else read_address(address)
    if address is None or url is None or key is None or life is None or not 1 <= life <= _LONGEST_LIFE:
        raise unexpected_error(response, endpoints, wanted="a code to log in by")
    require_trusted(url, endpoints, what="the address of the login code")
    return Shown(LoginCode(url=address, expires_at=response.received_at + timedelta(seconds=life)), key)


def check_request(endpoints: Endpoints, anonymous: str, key: str, *, api_version: str) -> Request:
    """Ask how far the person is."""
    form = {"anonymous_token": anonymous, "auth_hash": key, "web_auth": "1", "v": api_version}
    return method_request(endpoints, "auth.checkAuthCode", form)


def read_progress(result: ApiResult, response: Response, endpoints: Endpoints, *, scope: str) -> Progress:
    """Read how far the person is; ``scope`` is what was asked for.

    Raises:
        AuthError: ``UNEXPECTED_RESPONSE`` if VK does not say, or gives a token of which it cannot be told how long it
            lives.
    """
    answer = result.value
    status = answer.number("status")
    if status in _WAITING:
        return Waiting()
    if status == _DECLINED:
        return Declined()
    if status == _EXPIRED:
        return Expired()
    if status != _ALLOWED:
        raise unexpected_error(response, endpoints, wanted="how far a login by code is")
    if answer.flag("need_password") or answer.flag("is_partial"):
        return Confirmed(None, None, needs_browser=True)
    token = read_user_token(answer, response.received_at, scope=scope)
    session = answer.secret("super_app_token")
    if token is None and session is None:
        raise unexpected_error(response, endpoints, wanted="a token")
    return Confirmed(token, session, needs_browser=False)


def session_request(endpoints: Endpoints, token: str, *, client_id: str, scope: str) -> Request:
    """Ask for a web session, by cookies, for what the person has confirmed."""
    form = {
        "token": token,
        "app_id": client_id,
        "oauth_scope": scope,
        "oauth_force_hash": "1",
        "is_registration": "0",
        "oauth_response_type": "token",
        "is_oauth_migrated_flow": "1",
        "version": "1",
        "to": base64.b64encode(str(endpoints.blank).encode()).decode(),
    }
    return login_action(endpoints, "connect_code_auth", form)
