"""VK ID in the web: the page with ``window.init``, and what it asks the login host for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from aiohttp import web

from vkauth.protocol.endpoints import Host
from vkauth.testing.accounts import Account
from vkauth.testing.answers import html_answer, json_answer, redirect
from vkauth.testing.layout import escape, page, script_json
from vkauth.testing.vk.pages.site import gated
from vkauth.testing.vk.pages.vkid_script import SCRIPT
from vkauth.testing.vk.state.tokens import scope_mask, scope_names
from vkauth.testing.vk.state.world import World
from vkauth.testing.vk.wire import Exchange

__all__ = ["auth_page", "connect_authorize", "connect_internal", "join", "script"]

DESKTOP_APP: Final = 7913379
MOBILE_APP: Final = 7934655
_LOGIN_FORM: Final = (
    '<form id="login-form"><label>Phone or e-mail <input name="login" autocomplete="username"></label>'
    '<label>Password <input name="password" type="password" autocomplete="current-password"></label>'
    '<div id="code" hidden><label>Code that confirms it is you <input name="code" autocomplete="one-time-code"></label>'
    '<p id="sent" class="note"></p></div>'
    "<button>Log in</button>{}</form>"
)
# The script fills it; before that it is not to be taken for an error that a page shows.
_RESULT: Final = '<div id="result" role="alert"></div>'
_CANCEL: Final = ' <button id="deny" type="button" class="second">Cancel</button>'
# A captcha: the script fills it with a picture, or puts the page that asks for no robots into a frame.
_CHECK_FORM: Final = (
    '<form id="check" hidden><p id="shown"></p>'
    '<label>Text of the picture <input name="captcha_key" autocomplete="off"></label>'
    '<button id="send">Go on</button> <button id="back" type="button" class="second">Back</button></form>'
)

# The simulator's own parameters of the page's address.
_OTHER: Final = "other_account"
_LOGGED_IN: Final = "logged_in"
_HIDE_SCRIPTED: Final = "<style>#login-form,#scripted{display:none}</style>"


def join(world: World, exchange: Exchange) -> web.Response:
    """``m.*/join``: leads to VK ID, but only browsers that told their screen by a cookie."""
    stopped = gated(world, exchange)
    if stopped is not None:
        return stopped
    if not exchange.cookies.get("remixmdevice"):
        return html_answer(page("VK", "<h1>VK</h1><p>Welcome to the mobile site.</p>"))
    if world.sessions.who(exchange) is not None:
        return redirect(exchange.links.url(Host.WEB, "/feed.php"))
    query: dict[str, str | int] = {
        "app_id": MOBILE_APP,
        "response_type": "silent_token",
        "v": "1.46.0",
        "redirect_uri": exchange.links.url(Host.MOBILE, "/join"),
        "uuid": world.entropy.hex(21),
    }
    return redirect(exchange.links.url(Host.ID, "/auth", query))


def auth_page(world: World, exchange: Exchange) -> web.Response:
    """``id.*/auth``: the login page, and the page that asks somebody logged in for consent."""
    account = None if exchange.query.get(_OTHER) == "1" else world.sessions.who(exchange)
    # Only the login page has a uuid, the page for somebody logged in does not.
    data: dict[str, object] = {"uuid": exchange.query.get("uuid") or world.entropy.hex(21)} if account is None else {}
    remembered = exchange.query.get("return_auth_hash", "")
    without_script = cancel = ""
    asked = world.authorizations.asked(remembered)
    app = world.apps.find(asked["client_id"]) if asked is not None else None
    to = f" to go on to <b>{escape(app.name)}</b>" if app is not None else ""
    if asked is not None:
        data["hash"] = {"return_auth": remembered}
        other = exchange.links.url(Host.ID, "/simulator/old", {"return_auth_hash": remembered})
        link = f'<a class="button" href="{escape(other)}">Go on without a script</a>'
        without_script = f"<noscript>{_HIDE_SCRIPTED}<p>{link}</p></noscript>"
        cancel = _CANCEL
    app_id = MOBILE_APP if exchange.query.get("app_id") == str(MOBILE_APP) else DESKTOP_APP
    init = {"auth": {"host_app_id": app_id, **world.vk_id.open_page()}, "data": data}
    if account is None:
        body = f"<h1>VK ID</h1><p>Log in{to}.</p>{_RESULT}{without_script}{_LOGIN_FORM.format(cancel)}{_CHECK_FORM}"
    else:
        name = escape(f"{account.first_name} {account.last_name}")
        another = exchange.links.url(Host.ID, "/auth", {**exchange.query, _OTHER: 1})
        body = (
            f"<h1>VK ID</h1>{_RESULT}{without_script}<p>You are {name}. Press the button{to}.</p>{_rights(asked)}"
            f'<p id="scripted"><button id="allow" type="button">Go on</button>{_CANCEL}</p>'
            f'<p><a href="{escape(another)}">Use another account</a></p>'
        )
    # Who has just logged in is asked for consent, unless that was given long ago.
    agreed = account is not None and account.consent == "none" and exchange.query.get(_LOGGED_IN) == "1"
    # The page's own script has its addresses here: VK's real page has them built in.
    returns_to = exchange.query.get("redirect_uri", "")
    in_query = "&" if "?" in returns_to else "?"
    places = {
        "api": exchange.links.url(Host.API, "/method/"),
        "login": exchange.links.url(Host.LOGIN, "/"),
        "end": returns_to + (in_query if exchange.query.get("response_type") == "code" else "#"),
        "app": exchange.query.get("app_id", ""),
        "state": exchange.query.get("state", ""),
        "start": "" if exchange.links.family else f"{exchange.links.root}/#messages",
        "agreed": agreed,
        "done": exchange.links.url(Host.WEB, "/feed.php"),
    }
    settings = (
        f"<script>window.init = {script_json(init)};</script>\n<script>window.places = {script_json(places)};</script>"
    )
    source = exchange.links.relative(Host.ID, "/simulator.js")
    head = f'\n{settings}\n<script src="{source}" defer></script>'
    return html_answer(page("VK ID", body, head=head))


def _rights(asked: Mapping[str, str] | None) -> str:
    if asked is None:
        return ""
    names = scope_names(scope_mask(asked.get("scope", ""))) or ["general information"]
    names += [f"community {each}" for each in asked.get("group_ids", "").split(",") if each]
    return "<p>It asks for access to:</p><ul>" + "".join(f"<li>{escape(each)}</li>" for each in names) + "</ul>"


def script(_world: World, _exchange: Exchange) -> web.Response:
    """The script that makes the page work for a person."""
    return web.Response(text=SCRIPT, content_type="text/javascript")


def connect_authorize(world: World, exchange: Exchange) -> web.Response:
    """``login.*/?act=connect_authorize``: the password, at the end of a VK ID login."""
    if exchange.headers.get("Origin") != exchange.links.origin(Host.ID):
        return _error("", "wrong origin")
    login = world.vk_id.find(exchange.form.get("sid", ""))
    account = world.accounts.find(exchange.form.get("username", ""))
    from_page = world.vk_id.is_page_token(exchange.form.get("auth_token", ""))
    if not from_page or login is None or login.account is not account:
        return _error("", "unauthorized")
    assert account is not None  # it is the login's
    refused = _refused(world, exchange, account)
    if refused is not None:
        return refused
    may_skip = login.code_passed and account.can_skip_password
    if not may_skip and exchange.form.get("password") != account.password:
        return _error("incorrect_password", "Wrong password")
    if "password" not in login.methods and not login.code_passed:
        return _error("", "unauthorized")
    world.captchas.complete(account.login, exchange.form)
    world.vk_id.end(login)
    answer = _okay(world, account, is_user_banned=account.banned)
    if not account.banned:
        world.sessions.begin(account, answer, exchange)
    return answer


def _refused(world: World, exchange: Exchange, account: Account) -> web.Response | None:
    if account.flood_kind:
        return _error("password_bruteforce", "Too many attempts, try again later")
    if account.captcha is None or "connect_authorize" not in account.captcha_on_steps:
        return None
    challenge = world.captchas.demand(
        exchange.form,
        owner=account.login,
        stage="connect_authorize",
        kind="redirect" if account.captcha == "api" else account.captcha,
        numeric_sid=account.captcha_sid_type == "number",
    )
    if challenge is None:
        return None
    values = world.captchas.fields(challenge, exchange.links, source="connect_authorize")
    return json_answer({"type": "captcha", "captcha_type": "default", **values})


def connect_internal(world: World, exchange: Exchange) -> web.Response:
    """``login.*/?act=connect_internal``: somebody logged in goes on to an application."""
    if exchange.headers.get("Origin") != exchange.links.origin(Host.ID):
        return _error("", "wrong origin")
    account = world.sessions.who(exchange)
    if account is None or not exchange.cookies.get("p"):
        return _error("", "unauthorized")
    asked = world.authorizations.asked(exchange.form.get("return_auth_hash", ""))
    if asked is None or asked["client_id"] != exchange.form.get("app_id", ""):
        return _error("", "wrong return_auth_hash")
    return _okay(world, account)


def _okay(world: World, account: Account, **more: object) -> web.Response:
    values: dict[str, object] = {
        "access_token": world.tokens.issue("web", account=account, expires_in=3600),
        "auth_user_hash": world.vk_id.vouch_for(account),
    }
    return json_answer({"type": "okay", "data": values | more})


def _error(code: str, info: str) -> web.Response:
    return json_answer({"type": "error", "error_code": code, "error_info": info})
