"""``id.*/oauth2/...``: codes and refresh tokens of VK ID for tokens, and what those are good for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from aiohttp import web

from vkauth.testing.accounts import Account
from vkauth.testing.answers import html_answer, json_answer
from vkauth.testing.oauth.grants import Grant, Issued
from vkauth.testing.oauth.pages import stop_page
from vkauth.testing.oauth.pkce import matches, s256_challenge
from vkauth.testing.vk.pages.sign_in import PERSONAL_INFO, mobile_address
from vkauth.testing.vk.state.apps import App
from vkauth.testing.vk.state.tokens import scope_mask
from vkauth.testing.vk.state.vk_id_oauth import ACCESS_LIFETIME
from vkauth.testing.vk.state.world import World
from vkauth.testing.vk.wire import Exchange

__all__ = ["auth", "logout", "public_info", "revoke", "user_info"]

# VK's documentation has 43 to 128, its own SDK for Android sends 171.
_VERIFIER: Final = re.compile(r"[A-Za-z0-9_-]{43,171}")


def _misplaced(world: World, exchange: Exchange) -> web.Response | None:
    """The answer to what is no POST, or JSON: parameters may be anywhere, but not there."""
    if exchange.method != "POST":
        answer = world.vk_id.oauth.error("invalid_request", "method is not supported")
        answer.set_status(405)
        return answer
    if "json" in exchange.headers.get("Content-Type", "").lower():
        return world.vk_id.oauth.error("invalid_request", "Content-Type is not supported")
    return None


def auth(world: World, exchange: Exchange) -> web.Response:
    """``/oauth2/auth``, by ``grant_type``."""
    misplaced = _misplaced(world, exchange)
    if misplaced is not None:
        return misplaced
    oauth, params = world.vk_id.oauth, exchange.params
    app = world.apps.find(params.get("client_id", ""))
    if app is None or not app.vk_id:
        return oauth.error("invalid_client", state=params.get("state"))
    if "client_secret" in params and not app.confidential and oauth.secret == "not_found":
        return html_answer(stop_page("VK ID", "Not found", ["404"]), 404)
    if app.confidential and params.get("service_token") != app.service_key:
        return oauth.error("invalid_grant", "service_token is invalid", state=params.get("state"))
    match params.get("grant_type"):
        case "authorization_code":
            return _exchange(world, exchange, app)
        case "refresh_token":
            return _refresh(world, exchange, app)
        case "access_token":
            return _migrate(world, exchange, app)
    return oauth.error("invalid_request", "grant_type is missing or invalid", state=params.get("state"))


def _exchange(world: World, exchange: Exchange, app: App) -> web.Response:
    oauth, params = world.vk_id.oauth, exchange.params
    held = oauth.grants.find(params.get("code", ""), "code")
    error, words = _why_not(held, params, app)
    if not error and not oauth.grants.is_good(held):
        error, words = "invalid_grant", "code is invalid or expired"
    if held is None or error:
        return oauth.error(error, words, state=params.get("state"))
    held.used = True
    values: dict[str, object] = {"refresh_token": oauth.refresh(held.grant), "access_token": oauth.access(held.grant)}
    id_token = oauth.id_token(held.grant)
    if id_token is not None:
        values["id_token"] = id_token
    return _granted(world, exchange, held.grant, values)


def _why_not(held: Issued | None, params: Mapping[str, str], app: App) -> tuple[str, str]:
    if held is None or held.grant.client_id != str(app.client_id):
        return "invalid_grant", "code is invalid or expired"
    if held.used:
        return "invalid_grant", "code was already used"
    if params.get("device_id") != held.grant.device_id:
        return "invalid_request", "device_id is invalid"
    if params.get("redirect_uri") != held.grant.redirect_uri:
        words = "redirect_uri is invalid, please pass same redirect_uri, you used in authorize method."
        return "invalid_grant", words
    verifier = params.get("code_verifier", "")
    if not _VERIFIER.fullmatch(verifier) or not matches(held.grant.challenge, s256_challenge(verifier)):
        return "invalid_request", "verifier is missing or invalid"
    return "", ""


def _refresh(world: World, exchange: Exchange, app: App) -> web.Response:
    oauth, params = world.vk_id.oauth, exchange.params
    held = oauth.grants.find(params.get("refresh_token", ""), "refresh")
    if held is not None and held.used:
        oauth.end(held.grant)  # somebody else has it too
    if held is None or held.grant.client_id != str(app.client_id) or not oauth.grants.is_good(held):
        return oauth.error(oauth.refresh_error, "refresh_token is missing or invalid", state=params.get("state"))
    if params.get("device_id") != held.grant.device_id:
        return oauth.error("invalid_request", "device_id is invalid", state=params.get("state"))
    held.used = True
    values: dict[str, object] = {"refresh_token": oauth.refresh(held.grant), "access_token": oauth.access(held.grant)}
    return _granted(world, exchange, held.grant, values)


def _granted(world: World, exchange: Exchange, grant: Grant, values: dict[str, object]) -> web.Response:
    assert grant.account is not None  # these tokens are people's
    if world.vk_id.oauth.token_type is not None:
        values["token_type"] = world.vk_id.oauth.token_type
    values |= {"expires_in": ACCESS_LIFETIME, "user_id": grant.account.user_id}
    if "state" in exchange.params:
        values["state"] = exchange.params["state"]  # that of this request, whatever the sign-in had
    return json_answer(values | {"scope": " ".join(grant.scopes)})


def _migrate(world: World, exchange: Exchange, app: App) -> web.Response:
    """A code for a token of the old kind, as VK's own SDKs do when an application moves to VK ID."""
    oauth, params = world.vk_id.oauth, exchange.params
    info = world.tokens.find(params.get("access_token", ""))
    alive = info is not None and world.tokens.why_refused(params["access_token"]) is None
    if info is None or not alive or info.kind != "user" or info.client_id != str(app.client_id):
        return oauth.error("invalid_token", state=params.get("state"))
    if not params.get("code_challenge"):
        return oauth.error("invalid_request", "code_challenge is missing or invalid", state=params.get("state"))
    grant = Grant(
        client_id=info.client_id,
        account=info.account,
        scopes=(PERSONAL_INFO, *(each for each in ("email", "phone") if info.scope & scope_mask(each))),
        redirect_uri=mobile_address(app.client_id),
        challenge=params["code_challenge"],
        device_id=oauth.device_id(),
    )
    values = {"code": oauth.code(grant), "device_id": grant.device_id}
    return json_answer(values | ({"state": params["state"]} if "state" in params else {}))


def user_info(world: World, exchange: Exchange) -> web.Response:
    """``/oauth2/user_info``: what was consented to."""
    grant = _by_token(world, exchange)
    if isinstance(grant, web.Response):
        return grant
    account = grant.account
    assert account is not None  # these tokens are people's
    user: dict[str, object] = {
        "user_id": str(account.user_id),
        "first_name": account.first_name,
        "last_name": account.last_name,
        "avatar": account.avatar,
        "sex": {"female": 1, "male": 2}.get(account.sex or "", 0),
        "verified": False,
    }
    if account.birthday is not None:
        user["birthday"] = ".".join(reversed(account.birthday.split("-")))
    if "email" in grant.scopes and (account.email or world.vk_id.oauth.no_email == "empty"):
        user["email"] = account.email or ""
    if "phone" in grant.scopes:
        user["phone"] = account.phone_digits_only
    return json_answer({"user": user})


def _by_token(world: World, exchange: Exchange) -> Grant | web.Response:
    misplaced = _misplaced(world, exchange)
    if misplaced is not None:
        return misplaced
    held = world.vk_id.oauth.grants.good(exchange.token, "access")
    if held is None or exchange.params.get("client_id") != held.grant.client_id:
        return world.vk_id.oauth.error("invalid_token")
    return held.grant


def public_info(world: World, exchange: Exchange) -> web.Response:
    """``/oauth2/public_info``: whom an id_token is of, masked."""
    misplaced = _misplaced(world, exchange)
    if misplaced is not None:
        return misplaced
    held = world.vk_id.oauth.grants.find(exchange.params.get("id_token", ""), "id")
    good = held is not None and world.vk_id.oauth.grants.left(held) > 0
    if held is None or not good or exchange.params.get("client_id") != held.grant.client_id:
        return world.vk_id.oauth.error("invalid_request", "id_token is missing or invalid")
    account = held.grant.account
    assert account is not None  # id_tokens are people's
    return json_answer({"user": _masked(account)})


def _masked(account: Account) -> dict[str, str]:
    name, at, domain = (account.email or "").partition("@")
    return {
        "user_id": str(account.user_id),
        "first_name": account.first_name,
        "last_name": f"{account.last_name[:1]}.",
        "phone": account.phone_mask,
        "avatar": account.avatar,
        "email": f"{name[:2]}***{at}{domain}" if at else "",
    }


def revoke(world: World, exchange: Exchange) -> web.Response:
    """``/oauth2/revoke``: the consent is withdrawn, and every token of the application over."""
    grant = _by_token(world, exchange)
    if isinstance(grant, web.Response):
        return grant
    assert grant.account is not None  # these tokens are people's
    world.vk_id.oauth.disconnect(grant.account, grant.client_id)
    return json_answer({"response": 1})


def logout(world: World, exchange: Exchange) -> web.Response:
    """``/oauth2/logout``: the sign-in the token belongs to is over."""
    grant = _by_token(world, exchange)
    if isinstance(grant, web.Response):
        return grant
    world.vk_id.oauth.end(grant)
    return json_answer({"response": 1})
