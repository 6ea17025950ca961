"""VK ID in the web: the page with ``window.init``, and what it asks the login host for."""

from __future__ import annotations

import json
from typing import Final

from aiohttp import web

from vkauth.protocol.endpoints import Host
from vkauth.testing.vk.accounts import Account
from vkauth.testing.vk.html import escape, page
from vkauth.testing.vk.site import gated
from vkauth.testing.vk.vkid_api import allowed_methods, first_method
from vkauth.testing.vk.vkid_script import SCRIPT
from vkauth.testing.vk.wire import Exchange, html_answer, json_answer, redirect
from vkauth.testing.vk.world import World

__all__ = ["auth_page", "connect_authorize", "connect_internal", "join", "script"]

DESKTOP_APP: Final = 7913379
MOBILE_APP: Final = 7934655
_LOGIN_FORM: Final = (
    '<form id="login-form"><label>Phone or e-mail <input name="login" autocomplete="username"></label>'
    '<label>Password <input name="password" type="password" autocomplete="current-password"></label>'
    '<label>Code, if there is one <input name="code" autocomplete="one-time-code"></label>'
    "<button>Log in</button></form>"
)


def join(world: World, x: Exchange) -> web.Response:
    """``m.*/join``: leads to VK ID, but only browsers that told their screen by a cookie."""
    stopped = gated(world, x)
    if stopped is not None:
        return stopped
    if not x.cookies.get("remixmdevice"):
        return html_answer(page("VK", "<h1>VK</h1><p>Welcome to the mobile site.</p>"))
    if world.sessions.who(x) is not None:
        return redirect(x.links.url(Host.WEB, "/feed.php"))
    query: dict[str, str | int] = {
        "app_id": MOBILE_APP,
        "response_type": "silent_token",
        "v": "1.46.0",
        "redirect_uri": x.links.url(Host.MOBILE, "/join"),
        "uuid": world.entropy.hex(21),
    }
    return redirect(x.links.url(Host.ID, "/auth", query))


def auth_page(world: World, x: Exchange) -> web.Response:
    """``id.*/auth``: the login page, and the page that asks somebody logged in for consent."""
    account = world.sessions.who(x)
    tokens = {"access_token": world.entropy.token("auth."), "anonymous_token": world.entropy.token("anonym.")}
    world.sessions.page_tokens.update(tokens.values())
    # Only the login page has a uuid, the page for somebody logged in does not.
    data: dict[str, object] = {"uuid": x.query.get("uuid") or world.entropy.hex(21)} if account is None else {}
    remembered = x.query.get("return_auth_hash", "")
    if remembered in world.sessions.requests:
        data["hash"] = {"return_auth": remembered}
    app_id = MOBILE_APP if x.query.get("app_id") == str(MOBILE_APP) else DESKTOP_APP
    init = {"auth": {"host_app_id": app_id, **tokens}, "data": data}
    if account is None:
        body = f'<h1>VK ID</h1><div id="result" class="note"></div>{_LOGIN_FORM}'
    else:
        name = escape(f"{account.first_name} {account.last_name}")
        body = (
            f'<h1>VK ID</h1><div id="result" class="note"></div><p>You are {name}.</p>'
            '<p><button id="allow" type="button">Go on</button> <button id="deny" type="button">Cancel</button></p>'
        )
    # The page's own script has its addresses here: VK's real page has them built in.
    places = {
        "api": x.links.url(Host.API, "/method/"),
        "login": x.links.url(Host.LOGIN, "/"),
        "blank": x.query.get("redirect_uri", ""),
        "app": x.query.get("app_id", ""),
        "state": x.query.get("state", ""),
        "done": x.links.url(Host.WEB, "/feed.php"),
    }
    settings = f"<script>window.init = {_json(init)};</script>\n<script>window.places = {_json(places)};</script>"
    source = x.links.relative(Host.ID, "/simulator.js")
    head = f'\n{settings}\n<script src="{source}" defer></script>'
    return html_answer(page("VK ID", body, head=head))


def _json(values: object) -> str:
    # Text from an address gets into the page here, so it must not be able to end the script.
    return json.dumps(values, separators=(",", ":")).replace("<", "\\u003c")


def script(_world: World, _x: Exchange) -> web.Response:
    """The script that makes the page work for a person."""
    return web.Response(text=SCRIPT, content_type="text/javascript")


def connect_authorize(world: World, x: Exchange) -> web.Response:
    """``login.*/?act=connect_authorize``: the password, at the end of a VK ID login."""
    if x.headers.get("Origin") != x.links.origin(Host.ID):
        return _error("", "wrong origin")
    login = world.sessions.vk_id(x.form.get("sid", ""))
    account = world.account(x.form.get("username", ""))
    if x.form.get("auth_token") not in world.sessions.page_tokens or login is None or login.account is not account:
        return _error("", "unauthorized")
    assert account is not None  # it is the login's
    refused = _refused(world, x, account)
    if refused is not None:
        return refused
    may_skip = login.code_passed and account.can_skip_password
    if not may_skip and x.form.get("password") != account.password:
        return _error("incorrect_password", "Wrong password")
    needs_code = first_method(account) != "password" and "password" not in allowed_methods(account)
    if needs_code and not login.code_passed:
        return _error("", "unauthorized")
    world.captchas.complete(account.login, x.form)
    world.sessions.end_vk_id(login)
    answer = _okay(world, account, is_user_banned=account.banned)
    if not account.banned:
        world.sessions.begin(account, answer, x)
    return answer


def _refused(world: World, x: Exchange, account: Account) -> web.Response | None:
    if account.flood_kind:
        return _error("password_bruteforce", "Too many attempts, try again later")
    if account.captcha is None or "connect_authorize" not in account.captcha_on_steps:
        return None
    challenge = world.captchas.demand(
        x.form,
        owner=account.login,
        stage="connect_authorize",
        kind="redirect" if account.captcha == "api" else account.captcha,
        numeric_sid=account.captcha_sid_type == "number",
    )
    if challenge is None:
        return None
    values = world.captchas.fields(challenge, x.links, source="connect_authorize")
    return json_answer({"type": "captcha", "captcha_type": "default", **values})


def connect_internal(world: World, x: Exchange) -> web.Response:
    """``login.*/?act=connect_internal``: somebody logged in goes on to an application."""
    if x.headers.get("Origin") != x.links.origin(Host.ID):
        return _error("", "wrong origin")
    account = world.sessions.who(x)
    if account is None or not x.cookies.get("p"):
        return _error("", "unauthorized")
    asked = world.sessions.requests.get(x.form.get("return_auth_hash", ""))
    if asked is None or asked["client_id"] != x.form.get("app_id", ""):
        return _error("", "wrong return_auth_hash")
    return _okay(world, account)


def _okay(world: World, account: Account, **more: object) -> web.Response:
    user_hash = world.entropy.hex(18)
    world.sessions.user_hashes[user_hash] = account
    token = world.tokens.issue("web", account=account, expires_in=3600)
    return json_answer({"type": "okay", "data": {"access_token": token, "auth_user_hash": user_hash, **more}})


def _error(code: str, info: str) -> web.Response:
    return json_answer({"type": "error", "error_code": code, "error_info": info})
