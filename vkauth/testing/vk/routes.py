"""Which page or method answers where."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from aiohttp import web

from vkauth.protocol.endpoints import Host
from vkauth.testing.answers import html_answer
from vkauth.testing.layout import page
from vkauth.testing.vk.api import methods, not_robot, token, vk_id_oauth
from vkauth.testing.vk.api.access_token import access_token
from vkauth.testing.vk.api.qr import QR_METHODS, connect_code_auth
from vkauth.testing.vk.api.vkid import METHODS
from vkauth.testing.vk.pages import authorize, captcha, desktop_login, index, old_login, qr, sign_in, site, vkid
from vkauth.testing.vk.state.world import World
from vkauth.testing.vk.wire import Exchange

__all__ = ["PLACES", "answer"]

Handler = Callable[[World, Exchange], web.Response]

_PAGES: Final[dict[tuple[Host | None, str], Handler]] = {
    (None, "/"): index.index,
    (None, "/callback"): index.callback,
    (Host.OAUTH, "/token"): token.token,
    (Host.API, "/oauth/token"): token.token,
    (Host.OAUTH, "/access_token"): access_token,
    (Host.API, "/oauth/access_token"): access_token,
    (Host.OAUTH, "/authorize"): authorize.authorize,
    (Host.API, "/oauth/authorize"): authorize.authorize,
    (Host.OAUTH, "/auth_redirect"): authorize.auth_redirect,
    (Host.OAUTH, "/error"): authorize.error_page,
    (Host.OAUTH, "/blank.html"): authorize.blank,
    (Host.API, "/blank.html"): authorize.blank,
    (Host.WEB, "/blank.html"): authorize.blank,
    (Host.OAUTH, "/security_check"): old_login.security_test,
    (Host.OAUTH, "/login"): old_login.login,
    (Host.MOBILE, "/login"): old_login.login,
    (Host.MOBILE, "/login.php"): old_login.login_php,
    (Host.MOBILE, "/activation"): old_login.activation,
    (Host.MOBILE, "/join"): vkid.join,
    (Host.ID, "/auth"): vkid.auth_page,
    (Host.ID, "/simulator.js"): vkid.script,
    (Host.ID, "/authorize"): sign_in.authorize,
    (Host.ID, "/simulator"): sign_in.step,
    (Host.ID, "/simulator/old"): sign_in.without_script,
    (Host.ID, "/qr_auth"): qr.open_code,
    (Host.ID, "/simulator/qr"): qr.step,
    (Host.ID, "/oauth2/auth"): vk_id_oauth.auth,
    (Host.ID, "/oauth2/user_info"): vk_id_oauth.user_info,
    (Host.ID, "/oauth2/public_info"): vk_id_oauth.public_info,
    (Host.ID, "/oauth2/revoke"): vk_id_oauth.revoke,
    (Host.ID, "/oauth2/logout"): vk_id_oauth.logout,
    (Host.ID, "/not_robot_captcha"): captcha.not_robot_page,
    (Host.WEB, "/"): site.front,
    (Host.WEB, "/challenge.html"): site.challenge,
    (Host.WEB, "/429.html"): site.gate_429,
    (Host.WEB, "/feed.php"): site.private,
    (Host.WEB, "/settings"): site.private,
    (Host.WEB, "/login"): desktop_login.login_page,
    (Host.WEB, "/login.php"): desktop_login.digits,
    (Host.WEB, "/al_login.php"): desktop_login.code,
    (Host.WEB, "/images/image_not_supported.png"): captcha.unsupported,
    (Host.WEB, "/sound_captcha.php"): captcha.sound,
}
# Old pages link to the picture relatively, so every host has it.
_PAGES.update({(host, "/captcha.php"): captcha.picture for host in Host})
_ACTS: Final[dict[str, Handler]] = {
    "login": old_login.password,
    "grant_access": authorize.grant,
    "connect_authorize": vkid.connect_authorize,
    "connect_code_auth": connect_code_auth,
    "connect_internal": vkid.connect_internal,
}
_METHODS: Final = METHODS | QR_METHODS | not_robot.METHODS
PLACES: Final = (
    *((f"{host.value}{path}" if host else path[1:] or "/") for host, path in _PAGES),
    *(f"{Host.LOGIN.value}/?act={each}" for each in _ACTS),
    f"{Host.API.value}/method",
)
"""Every place, by host and path; below the last one are the methods."""


def answer(world: World, exchange: Exchange) -> web.Response:
    """Answer a request."""
    reply = _answer(world, exchange)
    own_page = exchange.links.origin(Host.ID)
    if exchange.links.family and exchange.host in (Host.API, Host.LOGIN) and exchange.headers.get("Origin") == own_page:
        # The page of VK ID asks other hosts with the person's cookies; a browser wants their leave for that.
        reply.headers["Access-Control-Allow-Origin"] = own_page
        reply.headers["Access-Control-Allow-Credentials"] = "true"
    return reply


def _answer(world: World, exchange: Exchange) -> web.Response:
    if exchange.links.family == "vk.com" and world.site.old_family == "gone":
        return web.Response(status=404)
    if exchange.host is Host.API and exchange.path.startswith("/method/"):
        return methods.call(world, exchange, _METHODS)
    if (exchange.host, exchange.path) == (Host.LOGIN, "/"):
        handler = _ACTS.get(exchange.act)
    else:
        handler = _PAGES.get((exchange.host, exchange.path))
    if handler is None:
        return html_answer(page("Not found", "<h1>404</h1><p>The simulated VK has no such page.</p>"), 404)
    return handler(world, exchange)
