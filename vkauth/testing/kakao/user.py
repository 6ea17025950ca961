"""``kapi.kakao.com``: who somebody is, what a token is good for, and the ends of both."""

from __future__ import annotations

from typing import NamedTuple

from aiohttp import web

from vkauth.testing.accounts import Account
from vkauth.testing.kakao.apps import KakaoApp
from vkauth.testing.kakao.errors import kakao_json, kapi_error
from vkauth.testing.kakao.profile import profile, select
from vkauth.testing.kakao.state import KakaoState
from vkauth.testing.oauth.grants import Issued
from vkauth.testing.sites import SiteCall

__all__ = ["Caller", "access_token_info", "caller", "logout", "me", "unlink"]


class Caller(NamedTuple):
    """Whom a call is about, and in whose name it is made."""

    account: Account
    app: KakaoApp
    token: Issued | None
    """``None``: it was authorized by the application's admin key."""


def caller(state: KakaoState, call: SiteCall, *, admin: bool = True) -> Caller | web.Response:
    """Who calls, by a token or (with ``admin``) by an admin key and the number of a person; or the refusal."""
    authorization = call.headers.get("Authorization", "")
    if admin and authorization.startswith("KakaoAK "):
        return _by_admin_key(state, call, authorization.removeprefix("KakaoAK "))
    held = state.grants.good(call.bearer, "access")
    if held is None or held.grant.account is None:
        return kapi_error(-401)
    if held.grant.account.kakao.under_14:
        return kapi_error(-406)
    return Caller(held.grant.account, state.apps[held.grant.client_id], held)


def _by_admin_key(state: KakaoState, call: SiteCall, key: str) -> Caller | web.Response:
    app = next((each for each in state.apps.values() if each.admin_key and each.admin_key == key), None)
    if app is None:
        return kapi_error(-401)
    if call.params.get("target_id_type") != "user_id" or not call.params.get("target_id"):
        return kapi_error(-2)
    account = state.by_user_id(call.params["target_id"])
    if account is None or not state.is_connected(account, app):
        return kapi_error(-101)
    return Caller(account, app, None)


def me(state: KakaoState, call: SiteCall) -> web.Response:
    """``/v2/user/me``, by GET or POST."""
    found = caller(state, call)
    if isinstance(found, web.Response):
        return found
    secure = call.params.get("secure_resource", "").lower() == "true"
    values = profile(state, found.account, found.app, secure=secure)
    if "property_keys" in call.params:
        try:
            values = select(values, call.params["property_keys"])
        except (ValueError, RecursionError):
            return kapi_error(-2)
    return kakao_json(values)


def access_token_info(state: KakaoState, call: SiteCall) -> web.Response:
    """``/v1/user/access_token_info``."""
    found = caller(state, call, admin=False)
    if isinstance(found, web.Response):
        return found
    assert found.token is not None  # no admin key was taken
    left = int(state.grants.left(found.token))
    return kakao_json({"id": state.user_id(found.account), "expires_in": left, "app_id": found.app.app_id})


def logout(state: KakaoState, call: SiteCall) -> web.Response:
    """``/v1/user/logout``: ends the sign-in the token belongs to; by an admin key all of the person."""
    found = caller(state, call)
    if isinstance(found, web.Response):
        return found
    if found.token is not None:
        found.token.grant.over = True
    else:
        state.end_tokens(found.account, found.app)
    return kakao_json({"id": state.user_id(found.account)})


def unlink(state: KakaoState, call: SiteCall) -> web.Response:
    """``/v1/user/unlink``: the consent is withdrawn and every token over."""
    found = caller(state, call)
    if isinstance(found, web.Response):
        return found
    state.disconnect(found.account, found.app)
    return kakao_json({"id": state.user_id(found.account)})
