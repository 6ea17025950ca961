"""Which page answers where."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from aiohttp import web

from vkauth.protocol.endpoints import Host
from vkauth.testing.vk import (
    api_methods,
    authorize,
    captcha_pages,
    desktop_login,
    index_page,
    old_login,
    site,
    token_endpoint,
    vkid_api,
    vkid_pages,
)
from vkauth.testing.vk.html import page
from vkauth.testing.vk.wire import Exchange, html_answer
from vkauth.testing.vk.world import World

__all__ = ["answer"]

Handler = Callable[[World, Exchange], web.Response]

_PAGES: Final[dict[tuple[Host | None, str], Handler]] = {
    (None, "/"): index_page.index,
    (Host.OAUTH, "/token"): token_endpoint.token,
    (Host.API, "/oauth/token"): token_endpoint.token,
    (Host.OAUTH, "/access_token"): token_endpoint.access_token,
    (Host.API, "/oauth/access_token"): token_endpoint.access_token,
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
    (Host.MOBILE, "/join"): vkid_pages.join,
    (Host.ID, "/auth"): vkid_pages.auth_page,
    (Host.ID, "/simulator.js"): vkid_pages.script,
    (Host.ID, "/not_robot_captcha"): captcha_pages.not_robot_page,
    (Host.ID, "/not_robot_captcha/press"): captcha_pages.press,
    (Host.WEB, "/"): site.front,
    (Host.WEB, "/challenge.html"): site.challenge,
    (Host.WEB, "/429.html"): site.gate_429,
    (Host.WEB, "/feed.php"): site.private,
    (Host.WEB, "/settings"): site.private,
    (Host.WEB, "/login"): desktop_login.login_page,
    (Host.WEB, "/login.php"): desktop_login.digits,
    (Host.WEB, "/al_login.php"): desktop_login.code,
    (Host.WEB, "/images/image_not_supported.png"): captcha_pages.unsupported,
    (Host.WEB, "/sound_captcha.php"): captcha_pages.sound,
}
# Old pages link to the picture relatively, so every host has it.
_PAGES.update({(host, "/captcha.php"): captcha_pages.picture for host in Host})
_ACTS: Final[dict[str, Handler]] = {
    "login": old_login.password,
    "grant_access": authorize.grant,
    "connect_authorize": vkid_pages.connect_authorize,
    "connect_internal": vkid_pages.connect_internal,
}


def answer(world: World, x: Exchange) -> web.Response:
    """Answer a request."""
    reply = _answer(world, x)
    if x.links.family and x.host in (Host.API, Host.LOGIN) and x.headers.get("Origin") == x.links.origin(Host.ID):
        # The page of VK ID asks other hosts with the person's cookies; a browser wants their leave for that.
        reply.headers["Access-Control-Allow-Origin"] = x.links.origin(Host.ID)
        reply.headers["Access-Control-Allow-Credentials"] = "true"
    return reply


def _answer(world: World, x: Exchange) -> web.Response:
    if x.host is Host.API and x.path.startswith("/method/"):
        return api_methods.call(world, x, vkid_api.METHODS)
    handler = _ACTS.get(x.act) if (x.host, x.path) == (Host.LOGIN, "/") else _PAGES.get((x.host, x.path))
    if handler is None:
        return html_answer(page("Not found", "<h1>404</h1><p>The simulated VK has no such page.</p>"), 404)
    return handler(world, x)
