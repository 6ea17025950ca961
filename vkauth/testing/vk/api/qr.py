"""The methods of a login by QR code, and the action that makes a web session of one."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from vkauth.protocol.endpoints import Host
from vkauth.testing.answers import json_answer
from vkauth.testing.vk.api.errors import ApiError
from vkauth.testing.vk.api.methods import Method, want_captcha
from vkauth.testing.vk.state.qr import QRLogin, QRState
from vkauth.testing.vk.state.tokens import scope_mask
from vkauth.testing.vk.state.world import World
from vkauth.testing.vk.wire import Exchange

__all__ = ["QR_METHODS", "connect_code_auth"]

_NUMBERS: Final = {
    QRState.CREATED: 0,
    QRState.SHOWN: 0,
    QRState.SCANNED: 1,
    QRState.ALLOWED: 2,
    QRState.DECLINED: 3,
    QRState.EXPIRED: 4,
}
_EXPIRED_TOKEN: Final = 1114
_WRONG_TOKEN: Final = 1116
_SUPER_LIFETIME: Final = 300


def _get_auth_code(world: World, exchange: Exchange) -> object:
    token = exchange.params.get("anonymous_token", "")
    client_id = _client_of(world, token)
    if exchange.params.get("client_id") != client_id:
        raise ApiError(100, "One of the parameters specified was missing or invalid: client_id is invalid")
    login = world.qr.begin(
        anonymous_token=token,
        client_id=client_id,
        scope=exchange.params.get("scope", ""),
        device_name=exchange.params.get("device_name", ""),
    )
    return {
        "auth_code": login.code,
        "auth_hash": login.key,
        "auth_id": world.entropy.digits(12),
        "auth_url": world.qr.url(login, exchange.links),
        "expires_in": world.qr.lifetime(login),
    }


def _check_auth_code(world: World, exchange: Exchange) -> object:
    token = exchange.params.get("anonymous_token", "")
    _client_of(world, token)
    login = world.qr.by_key(exchange.params.get("auth_hash", ""))
    if login is None or login.anonymous_token != token:
        raise ApiError(100, "One of the parameters specified was missing or invalid: auth_hash is invalid")
    world.qr.enter(login, QRState.SHOWN)  # whoever asks shows it
    if login.account is not None and "checkAuthCode" in login.account.captcha_on_steps:
        want_captcha(world, exchange, login.account, "checkAuthCode")
    answer: dict[str, object] = {"status": _NUMBERS[login.state]}
    if login.state is QRState.ALLOWED:
        world.qr.enter(login, QRState.EXPIRED)  # a login is good for one token
        answer |= _what_it_gives(world, login)
    return answer


def _what_it_gives(world: World, login: QRLogin) -> dict[str, object]:
    account = login.account
    assert account is not None  # somebody allowed it
    if world.qr.wants_password:
        return {"is_partial": True, "need_password": True}
    more: dict[str, object] = {"is_partial": False, "need_password": False}
    if world.qr.gives == "access_token":
        return more | world.authorizations.token_of(account, login.client_id, scope_mask(login.scope))
    token = world.tokens.issue("super_app", account=account, client_id=login.client_id, expires_in=_SUPER_LIFETIME)
    return more | {"super_app_token": token}


def _client_of(world: World, token: str) -> str:
    """The application that has an anonymous token."""
    info = world.tokens.find(token)
    if info is None or info.kind != "anonymous":
        raise ApiError(_WRONG_TOKEN, "Anonymous token is invalid")
    if world.tokens.why_refused(token) is not None:
        raise ApiError(_EXPIRED_TOKEN, "Anonymous token has expired")
    return info.client_id


def connect_code_auth(world: World, exchange: Exchange) -> web.Response:
    """``login.*/?act=connect_code_auth``: a web session for whoever confirmed a login on their phone."""
    token = exchange.form.get("token", "")
    info = world.tokens.find(token)
    if exchange.headers.get("Origin") != exchange.links.origin(Host.ID):
        return _refused("wrong origin")
    if info is None or info.kind != "super_app" or info.account is None or world.tokens.why_refused(token):
        return _refused("unauthorized")
    if exchange.form.get("app_id") != info.client_id:
        return _refused("wrong app_id")
    world.tokens.refuse([token], "token was used.")
    values = {
        "access_token": world.tokens.issue("web", account=info.account, expires_in=3600),
        "auth_user_hash": world.vk_id.vouch_for(info.account),
        "is_user_banned": info.account.banned,
    }
    answer = json_answer({"type": "okay", "data": values})
    if not info.account.banned:
        world.sessions.begin(info.account, answer, exchange)
    return answer


def _refused(words: str) -> web.Response:
    return json_answer({"type": "error", "error_code": "", "error_info": words})


QR_METHODS: Final[dict[str, Method]] = {
    "auth.getAuthCode": _get_auth_code,
    "auth.checkAuthCode": _check_auth_code,
}
