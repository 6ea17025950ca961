"""The site itself, as far as clients look at it: the start page, its gates, pages for those who are logged in."""

from __future__ import annotations

from aiohttp import web

from vkauth.protocol.endpoints import Host
from vkauth.testing.answers import html_answer, redirect
from vkauth.testing.layout import page
from vkauth.testing.vk.pages.desktop_login import front_form, wants_digits
from vkauth.testing.vk.state.sessions import REFUSED, set_cookie
from vkauth.testing.vk.state.world import World
from vkauth.testing.vk.wire import Exchange

__all__ = ["challenge", "front", "gate_429", "gated", "private"]

_PASS = "remixpassed"  # the simulator's own name for "this browser passed the gate"


def gated(world: World, exchange: Exchange) -> web.Response | None:
    """The way to the gate, for browsers that have not passed it."""
    if world.site.gate is None or exchange.cookies.get(_PASS) == "1":
        return None
    if world.site.gate == "challenge":
        query = {"hash429": world.site.put_challenge(), "redirect429": "/"}
        answer = redirect(exchange.links.url(Host.WEB, "/challenge.html", query))
        answer.headers["X-Challenge-Url"] = "/challenge.html"
        return answer
    answer = redirect(exchange.links.url(Host.WEB, "/429.html", {"redirect429": "/"}))
    set_cookie(answer, exchange.links, Host.WEB, "hash429", world.site.put_429())
    return answer


def challenge(world: World, exchange: Exchange) -> web.Response:
    """``/challenge.html``: the key is the MD5 of the hash and the salt of the page."""
    secret = exchange.query.get("hash429", "")
    if world.site.passes_challenge(secret, exchange.query.get("key", "")):
        return _let_through(exchange)
    text = f"var salt = '{world.site.salt(secret)}';"
    return html_answer(page("Challenge", "<p>One moment, your browser is being checked.</p>", script=text))


def gate_429(world: World, exchange: Exchange) -> web.Response:
    """``/429.html``: the older gate, its key is the MD5 of a cookie (which clients drop before they come back)."""
    if world.site.passes_429(exchange.query.get("key", "")):
        return _let_through(exchange)
    return html_answer(page("429", "<p>Too many requests.</p>"))


def _let_through(exchange: Exchange) -> web.Response:
    answer = redirect(exchange.links.url(Host.WEB, "/"))
    set_cookie(answer, exchange.links, Host.WEB, _PASS, "1")
    return answer


def front(world: World, exchange: Exchange) -> web.Response:
    """The start page."""
    stopped = gated(world, exchange)
    if stopped is not None:
        return stopped
    if world.site.front == "legacy":
        return front_form(world, exchange)
    return html_answer(page("VK", f'<h1>VK</h1><p><a href="{exchange.links.url(Host.MOBILE, "/join")}">Log in</a></p>'))


def private(world: World, exchange: Exchange) -> web.Response:
    """A page for those who are logged in; others are sent to the login."""
    account = world.sessions.who(exchange)
    if account is not None and exchange.path == "/settings" and wants_digits(account):
        return redirect(exchange.links.url(Host.WEB, "/login", {"act": "security_check"}))
    if account is not None:
        return html_answer(page("News", f"<h1>News of {account.first_name}</h1>"))
    answer = redirect(exchange.links.url(Host.WEB, "/login", {"to": "feed"}))
    if world.sessions.is_stale(exchange):
        set_cookie(answer, exchange.links, Host.WEB, "remixsid", REFUSED)
    return answer
