"""``oauth.*/authorize`` and the pages around it: who may ask, who is logged in, how the token is handed over."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote, urlencode

from aiohttp import web

from vkauth.protocol.endpoints import Host
from vkauth.testing.accounts import Account
from vkauth.testing.answers import html_answer, json_answer, redirect
from vkauth.testing.oauth.redirects import split_address, with_params
from vkauth.testing.vk.api.access_token import REFUSED_APPS
from vkauth.testing.vk.pages.old_markup import OLD_CHARSET, auth_redirect_page, consent_page, login_page
from vkauth.testing.vk.pages.site import gated
from vkauth.testing.vk.state.apps import App
from vkauth.testing.vk.state.sessions import REFUSED, set_cookie
from vkauth.testing.vk.state.tokens import scope_mask, scope_names
from vkauth.testing.vk.state.world import World
from vkauth.testing.vk.wire import Exchange

__all__ = ["auth_redirect", "authorize", "blank", "denied", "error_page", "grant", "handed_over_address"]

_PARAMETERS: Final = (
    *("client_id", "redirect_uri", "display", "scope", "response_type", "v", "state", "revoke", "group_ids"),
    *("lang", "device_id"),
)
_OTHER: Final = "other_account"  # the simulator's own: whoever is logged in is not meant
_BLANK_HOSTS: Final = ("oauth.vk.ru", "oauth.vk.com", "api.vk.ru", "api.vk.com", "vk.ru", "vk.com")
# What the login page says by the number in ``m``. Those of 11 and 12 are the simulator's own: VK's are not known.
_MESSAGES: Final[dict[str, dict[str, str]]] = {
    "4": {"ru": "Указан неверный логин или пароль.", "en": "The login or password you entered is incorrect."},
    "5": {"ru": "Код с картинки введён неверно.", "en": "The text of the picture is wrong."},
    "11": {"ru": "Flood control", "en": "Flood control"},
    "12": {"ru": "Слишком много попыток. Попробуйте позже.", "en": "Too many attempts. Please try again later."},
}


def authorize(world: World, exchange: Exchange) -> web.Response:
    """Begin, or go on once the person is logged in."""
    stopped = gated(world, exchange)
    if stopped is not None:
        return stopped
    app = world.apps.find(exchange.params.get("client_id", ""))
    if app is None:
        return _oauth_error("invalid_client", "client_id is incorrect")
    refused = _refused(app, exchange)
    if refused is not None:
        return refused
    account = None if exchange.query.get(_OTHER) == "1" else world.sessions.who(exchange)
    if account is not None:
        answer = _logged_in(world, exchange, account, app)
    elif world.accounts.look == "vkid":
        answer = to_vk_id(world, exchange)
    else:
        answer = _login(world, exchange)
    if world.sessions.is_stale(exchange):
        set_cookie(answer, exchange.links, Host.WEB, "remixsid", REFUSED)
    return answer


def _refused(app: App, exchange: Exchange) -> web.Response | None:
    if app.implicit == "security_error":
        return redirect(exchange.links.url(Host.OAUTH, "/error", {"err": 2}))
    if app.implicit == "blocked":
        return _oauth_error("invalid_client", REFUSED_APPS[app.implicit])
    if app.implicit == "invalid_request":
        return _oauth_error("invalid_request", REFUSED_APPS[app.implicit])
    if exchange.params.get("code_challenge") or exchange.params.get("code_challenge_method"):
        return _oauth_error("invalid_request", "Code challenge method is unsupported")
    if exchange.params.get("response_type", "token") not in ("token", "code"):
        return _oauth_error("unsupported_response_type", "response_type is not supported")
    asked = exchange.params.get("redirect_uri", "")
    if asked and not app.returns_to(asked) and not _is_blank(exchange, asked):
        words = "redirect_uri is incorrect, check application redirect uri in the settings page"
        return _oauth_error("invalid_request", words)
    return None


def _is_blank(exchange: Exchange, address: str) -> bool:
    if address in {exchange.links.url(host, "/blank.html") for host in Host}:
        return True
    parts = split_address(address)
    return (
        parts is not None and parts.scheme == "https" and parts.netloc in _BLANK_HOSTS and parts.path == "/blank.html"
    )


def _oauth_error(error: str, words: str) -> web.Response:
    return json_answer({"error": error, "error_description": words}, 401)


def error_page(_world: World, _exchange: Exchange) -> web.Response:
    """``/error?err=2``."""
    return _oauth_error("invalid_request", "Security Error")


def asked_for(exchange: Exchange) -> dict[str, str]:
    """What an authorization asks for: the parameters that matter, with the default of ``redirect_uri``."""
    values = {name: exchange.params[name] for name in _PARAMETERS if name in exchange.params}
    values.setdefault("redirect_uri", exchange.links.url(Host.OAUTH, "/blank.html"))
    values.setdefault("response_type", "token")
    return values


def to_vk_id(world: World, exchange: Exchange) -> web.Response:
    """Send the person to VK ID; what was asked for is remembered under a hash."""
    asked = asked_for(exchange)
    query: dict[str, str | int] = {
        "return_auth_hash": world.authorizations.remember(asked),
        "redirect_uri": asked["redirect_uri"],
        "redirect_uri_hash": world.entropy.hex(18),
        "force_hash": 1,
        "app_id": asked["client_id"],
        "response_type": asked["response_type"],
        "code_challenge": "",
        "code_challenge_method": "",
        "scope": scope_mask(asked.get("scope", "")),
        "state": asked.get("state", ""),
    }
    return redirect(exchange.links.url(Host.ID, "/auth", query))


def is_mobile(account: Account | None, look: str, exchange: Exchange) -> bool:
    """Whether the mobile markup is meant."""
    look = account.look if account is not None else look
    return exchange.params.get("display") == "mobile" if look == "old" else look == "mobile"


def _login(world: World, exchange: Exchange) -> web.Response:
    asked = asked_for(exchange)
    mobile = is_mobile(None, world.accounts.look, exchange)
    address = exchange.links.url(Host.OAUTH, "/authorize", asked)
    hidden = {
        "_origin": exchange.links.origin(Host.OAUTH),
        "ip_h": world.entropy.hex(18),
        "lg_h" if mobile else "lg_domain_h": world.entropy.hex(18),
        "to": base64.b64encode(address.encode()).decode().replace("=", "-"),
    }
    action = exchange.links.url(Host.LOGIN, "/", {"act": "login", "soft": 1, "utf8": 1})
    captcha = None
    challenge = world.captchas.by_sid(exchange.query.get("sid", ""))
    if challenge is not None:
        src = f"/captcha.php?sid={challenge.sid}&dif=1"
        captcha = challenge.sid, exchange.links.relative(Host.OAUTH, src)
        if mobile:
            # The mobile page with a captcha had short links (aiovk puts the mobile host before them).
            action = exchange.links.relative(Host.OAUTH, "/login?act=login&soft=1&utf8=1")
        else:
            captcha = challenge.sid, world.captchas.image_url(challenge, exchange.links)
    cancel = handed_over_address(asked, denied(asked))
    person = world.accounts.find(exchange.query.get("email", ""))
    message = _MESSAGES.get(exchange.query.get("m", ""), {}).get(person.language if person else "ru", "")
    text = login_page(
        action,
        hidden,
        mobile=mobile,
        email=exchange.query.get("email", ""),
        message=message,
        captcha=captcha,
        # VK leaves the scheme out: it is that of the page, unless an application is reached by another one.
        cancel=cancel.removeprefix(exchange.links.root.partition("/")[0]),
    )
    return html_answer(text, charset=OLD_CHARSET)


def _logged_in(world: World, exchange: Exchange, account: Account, app: App) -> web.Response:
    if account.look == "vkid":
        return to_vk_id(world, exchange)
    if account.banned:
        return redirect(exchange.links.url(Host.MOBILE, "/login", {"act": "blocked"}))
    if account.consent == "none":
        return handed_over(world, exchange, account, asked_for(exchange))
    if "__q_hash" not in exchange.query:
        return redirect(
            exchange.links.url(Host.OAUTH, "/authorize", {**exchange.query, "__q_hash": world.entropy.hex(32)})
        )
    asked = asked_for(exchange)
    mask = scope_mask(asked.get("scope", ""))
    remembered = world.authorizations.remember(asked, f"{1_700_000_000 + int(world.clock())}_")
    query: dict[str, str | int] = {
        "act": "grant_access",
        "client_id": asked["client_id"],
        "settings": mask,
        "redirect_uri": asked["redirect_uri"],
        "response_type": asked["response_type"],
        "group_ids": asked.get("group_ids", ""),
        "token_type": 0,
        "v": asked.get("v", ""),
        "state": asked.get("state", ""),
        "display": asked.get("display", "page"),
        "ip_h": world.entropy.hex(18),
        "hash": remembered,
        "https": 1,
    }
    action = exchange.links.url(Host.LOGIN, "/", query)
    rights = scope_names(mask) or ["general information"]
    another = exchange.links.url(Host.OAUTH, "/authorize", {**asked, _OTHER: 1})
    text = consent_page(action, rights, app.name, form=account.consent == "form", another=another)
    return html_answer(text, charset=OLD_CHARSET)


def grant(world: World, exchange: Exchange) -> web.Response:
    """``login.*/?act=grant_access``: the person agreed, or did not."""
    account = world.sessions.who(exchange)
    asked = world.authorizations.asked(exchange.params.get("hash", ""))
    if account is None or asked is None:
        return redirect(exchange.links.url(Host.OAUTH, "/error", {"err": 2}))
    if exchange.params.get("cancel") == "1" or account.consent_action == "cancel":
        return redirect(handed_over_address(asked, denied(asked)))
    return handed_over(world, exchange, account, asked)


def denied(asked: Mapping[str, str]) -> dict[str, str | int]:
    """What an application is told when the person refused."""
    values: dict[str, str | int] = {
        "error": "access_denied",
        "error_reason": "user_denied",
        "error_description": "User denied your request",
    }
    return values | ({"state": asked["state"]} if asked.get("state") else {})


def handed_over_address(asked: Mapping[str, str], values: Mapping[str, str | int]) -> str:
    """The address of the end, with values in its fragment (or query, for a code)."""
    if asked["response_type"] == "code":
        return with_params(asked["redirect_uri"], values)
    return f"{asked['redirect_uri']}#{urlencode(values, quote_via=quote)}"


def handed_over(world: World, exchange: Exchange, account: Account, asked: Mapping[str, str]) -> web.Response:
    """The end, in the way that the account's ``final`` says."""
    values = world.authorizations.result(account, asked)
    if asked.get("state"):
        values["state"] = asked["state"]
    target = handed_over_address(asked, values)
    if account.final == "302":
        return redirect(target)
    query: dict[str, str | int] = {"app_id": asked["client_id"], "response_type": asked["response_type"]}
    if account.final in ("meta", "script"):
        ticket = world.authorizations.put_end(account.final, target)
        return redirect(exchange.links.url(Host.OAUTH, "/auth_redirect", {**query, "hash": ticket}))
    query["authorize_url"] = quote(target, safe="") if account.final == "auth_redirect_twice" else target
    return redirect(exchange.links.url(Host.OAUTH, "/auth_redirect", query))


def auth_redirect(world: World, exchange: Exchange) -> web.Response:
    """``/auth_redirect``: the page before the end."""
    link = "link", exchange.query.get("authorize_url", "")
    kind, target = world.authorizations.end(exchange.query.get("hash", "")) or link
    return html_answer(auth_redirect_page(target, kind), charset=OLD_CHARSET)


def blank(_world: World, _exchange: Exchange) -> web.Response:
    """``/blank.html``: the end; what matters is in the fragment."""
    text = (
        '<!DOCTYPE html>\n<html><head><meta charset="windows-1251"><title>OAuth Blank</title></head>\n<body>'
        "<b>Пожалуйста, не копируйте данные из адресной строки для сторонних сайтов.</b></body></html>\n"
    )  # VK's own words: "please do not copy data from the address bar for other sites"
    return html_answer(text, charset=OLD_CHARSET)
