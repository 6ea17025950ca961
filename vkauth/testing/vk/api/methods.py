"""``/method/...``: the API methods that logging in needs, and a few to try a token on."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from aiohttp import web

from vkauth.testing.accounts import Account
from vkauth.testing.answers import json_answer
from vkauth.testing.vk.api.errors import ApiError
from vkauth.testing.vk.api.token_info import app_permissions, check_token, group_by_id, group_permissions
from vkauth.testing.vk.api.users import users_get
from vkauth.testing.vk.state.tokens import IssuedToken
from vkauth.testing.vk.state.validations import wire_method
from vkauth.testing.vk.state.world import World
from vkauth.testing.vk.wire import Exchange, Links

__all__ = ["Method", "call"]

_OTHER_ADDRESS: Final = 1130
# What tokens of VK ID are good for, as applications found out (gitroomhq/postiz-app#1408, 2026-07).
_FOR_VK_ID: Final = frozenset({"users.get", "groups.getById", "auth.logout"})


Method = Callable[[World, Exchange], object]


def call(world: World, exchange: Exchange, more_methods: dict[str, Method]) -> web.Response:
    """Answer a call of a method."""
    name = exchange.path.removeprefix("/method/")
    try:
        return json_answer({"response": _call(world, exchange, name, more_methods)})
    except ApiError as error:
        return error.answer(name, exchange.params)


def _call(world: World, exchange: Exchange, name: str, more_methods: dict[str, Method]) -> object:
    if not exchange.params.get("v"):
        raise ApiError(8, "Invalid request: v (version) is required")
    method = _WITHOUT_TOKEN.get(name) or more_methods.get(name)
    if method is not None:
        return method(world, exchange)
    with_token = _WITH_TOKEN.get(name)
    if with_token is None:
        raise ApiError(3, "Unknown method passed")
    info = bearer(world, exchange)
    if info.kind == "vkid" and name not in _FOR_VK_ID:
        raise ApiError(1051)
    return with_token(world, exchange, info)


def bearer(world: World, exchange: Exchange) -> IssuedToken:
    """Whose token a call has; makes people with a verification pass it first."""
    text = exchange.token
    refused = world.tokens.why_refused(text)
    if refused is not None:
        more = {"error_subcode": _OTHER_ADDRESS} if "another ip address" in refused else {}
        raise ApiError(5, f"User authorization failed: {refused}", **more)
    info = world.tokens.find(text)
    assert info is not None  # else it was refused
    account = info.account
    if account is not None and account.verification is not None and not account.verified:
        page = verification_page(world, exchange.links, account, info)
        words = "Validation required: please open redirect_uri in browser [1]"
        raise ApiError(17, words, redirect_uri=page)
    return info


def verification_page(world: World, links: Links, account: Account, info: IssuedToken | None) -> str:
    """A new single-use address of the page that the account has to pass."""
    checkpoint = world.checkpoints.add(
        account,
        account.verification or "security_check",
        "verification",
        client_id=info.client_id if info else "",
        scope=info.scope if info else 0,
    )
    return world.checkpoints.url(checkpoint, links)


def want_captcha(world: World, exchange: Exchange, account: Account, stage: str) -> None:
    """Want a captcha before an API method goes on.

    Raises:
        ApiError: number 14, unless it was passed.
    """
    challenge = world.captchas.demand(
        exchange.params,
        owner=account.login,
        stage=f"api:{stage}",
        kind=account.kind_of_captcha,
        numeric_sid=account.captcha_sid_type == "number",
    )
    if challenge is not None:
        raise ApiError(14, "Captcha needed", **world.captchas.fields(challenge, exchange.links, source=stage))
    world.captchas.complete(account.login, exchange.params)


def _captcha_force(world: World, exchange: Exchange, info: IssuedToken) -> object:
    if info.account is not None:
        want_captcha(world, exchange, info.account, "captcha.force")
    return 1


def _track_visitor(_world: World, _exchange: Exchange, _info: IssuedToken) -> object:
    return 1


def _validate_phone(world: World, exchange: Exchange) -> object:
    validation = world.validations.by_sid(exchange.params.get("sid", ""))
    if validation is None:
        raise ApiError(100, "One of the parameters specified was missing or invalid: sid is invalid")
    account = validation.account
    # The first call after a telephone call, or instead of the authenticator, brings an SMS.
    method = "email" if validation.method == "email" else "push" if validation.method == "push" else "sms"
    world.validations.send(validation, method)
    if account.validate_phone_form == "one":
        return 1
    values: dict[str, object] = {
        "type": "general",
        "sid": validation.sid,
        "delay": math.ceil(world.validations.wait(validation)),
        "libverify_support": False,
        "validation_type": wire_method(validation.method),
        "validation_resend": "sms",
        "code_length": account.code_length or len(account.expected_code(validation.method)),
        "phone": account.phone_mask,
    }
    if validation.method == "email":
        values["masked_email"] = account.masked_email
    return values


def _anonym_token(world: World, exchange: Exchange) -> object:
    app = world.apps.find(exchange.params.get("client_id", ""))
    if app is None or (app.client_secret and exchange.params.get("client_secret") != app.client_secret):
        raise ApiError(100, "One of the parameters specified was missing or invalid: client_secret is incorrect")
    lifetime = 86400
    token = world.tokens.issue("anonymous", client_id=str(app.client_id), expires_in=lifetime)
    return {"token": token, "expired_at": 1_700_000_000 + int(world.clock()) + lifetime}


def _exchange_silent(world: World, exchange: Exchange) -> object:
    refused = world.tokens.why_refused(exchange.params.get("access_token", ""))
    if refused is not None:
        raise ApiError(5, f"User authorization failed: {refused}")
    silent = exchange.params.get("token", "")
    info = world.tokens.find(silent)
    if info is None or info.kind != "silent" or info.uuid != exchange.params.get("uuid"):
        raise ApiError(100, "One of the parameters specified was missing or invalid: token is invalid")
    if world.tokens.why_refused(silent) is not None:
        raise ApiError(104, "Not found: token is used or expired")
    world.tokens.refuse([silent], "token was used.")
    account = info.account
    assert account is not None  # silent tokens are people's
    token = world.tokens.issue(
        "user", account=account, scope=info.scope, client_id=info.client_id, expires_in=account.expires_in
    )
    return {
        "access_token": token,
        "access_token_id": "",
        "user_id": account.user_id,
        "expires_in": account.expires_in,
        "phone": account.phone_mask,
        "phone_validated": 1,
        "email": account.email or "",
        "is_partial": False,
        "is_service": False,
        "additional_signup_required": False,
        "source": 5,
        "source_description": "Silent token exchange",
    }


def _logout(world: World, exchange: Exchange, _info: IssuedToken) -> object:
    world.tokens.refuse([exchange.params.get("access_token", "")], "user revoke access for this token.")
    return 1


_WITHOUT_TOKEN: Final[dict[str, Method]] = {
    "auth.validatePhone": _validate_phone,
    "auth.getAnonymToken": _anonym_token,
    "auth.exchangeSilentAuthToken": _exchange_silent,
}
_WITH_TOKEN: Final[dict[str, Callable[[World, Exchange, IssuedToken], object]]] = {
    "users.get": users_get,
    "captcha.force": _captcha_force,
    "account.getAppPermissions": app_permissions,
    "stats.trackVisitor": _track_visitor,
    "groups.getById": group_by_id,
    "groups.getTokenPermissions": group_permissions,
    "secure.checkToken": check_token,
    "auth.logout": _logout,
}
