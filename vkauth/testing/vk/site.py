"""The site itself, as far as clients look at it: the start page, its gates, pages for those who are logged in."""

from __future__ import annotations

from hashlib import md5

from aiohttp import web

from vkauth.protocol.endpoints import Host
from vkauth.testing.vk.desktop_login import front_form, wants_digits
from vkauth.testing.vk.html import page
from vkauth.testing.vk.sessions import REFUSED, set_cookie
from vkauth.testing.vk.wire import Exchange, html_answer, redirect
from vkauth.testing.vk.world import World

__all__ = ["challenge", "front", "gate_429", "gated", "private"]

_PASS = "remixpassed"  # the simulator's own name for "this browser passed the gate"


def gated(world: World, x: Exchange) -> web.Response | None:
    """The way to the gate, for browsers that have not passed it."""
    if world.gate is None or x.cookies.get(_PASS) == "1":
        return None
    secret = world.entropy.hex(32)
    if world.gate == "challenge":
        world.gates[secret] = world.entropy.hex(16)
        answer = redirect(x.links.url(Host.WEB, "/challenge.html", {"hash429": secret, "redirect429": "/"}))
        answer.headers["X-Challenge-Url"] = "/challenge.html"
        return answer
    answer = redirect(x.links.url(Host.WEB, "/429.html", {"redirect429": "/"}))
    world.gates[secret] = ""
    set_cookie(answer, x.links, Host.WEB, "hash429", secret)
    return answer


def challenge(world: World, x: Exchange) -> web.Response:
    """``/challenge.html``: the key is the MD5 of the hash and the salt of the page."""
    secret = x.query.get("hash429", "")
    salt = world.gates.get(secret)
    if salt and x.query.get("key") == md5(f"{secret}:{salt}".encode(), usedforsecurity=False).hexdigest():
        return _let_through(x)
    text = f"var salt = '{salt or world.entropy.hex(16)}';"
    return html_answer(page("Challenge", "<p>One moment, your browser is being checked.</p>", script=text))


def gate_429(world: World, x: Exchange) -> web.Response:
    """``/429.html``: the older gate, its key is the MD5 of a cookie (which clients drop before they come back)."""
    key = x.query.get("key", "")
    if any(not salt and key == _digest(secret) for secret, salt in world.gates.items()):
        return _let_through(x)
    return html_answer(page("429", "<p>Too many requests.</p>"))


def _digest(secret: str) -> str:
    return md5(secret.encode(), usedforsecurity=False).hexdigest()


def _let_through(x: Exchange) -> web.Response:
    answer = redirect(x.links.url(Host.WEB, "/"))
    set_cookie(answer, x.links, Host.WEB, _PASS, "1")
    return answer


def front(world: World, x: Exchange) -> web.Response:
    """The start page."""
    stopped = gated(world, x)
    if stopped is not None:
        return stopped
    if world.front == "legacy":
        return front_form(world, x)
    return html_answer(page("VK", f'<h1>VK</h1><p><a href="{x.links.url(Host.MOBILE, "/join")}">Log in</a></p>'))


def private(world: World, x: Exchange) -> web.Response:
    """A page for those who are logged in; others are sent to the login."""
    account = world.sessions.who(x)
    if account is not None and x.path == "/settings" and wants_digits(world, account):
        return redirect(x.links.url(Host.WEB, "/login", {"act": "security_check"}))
    if account is not None:
        return html_answer(page("News", f"<h1>News of {account.first_name}</h1>"))
    answer = redirect(x.links.url(Host.WEB, "/login", {"to": "feed"}))
    if world.sessions.is_stale(x):
        set_cookie(answer, x.links, Host.WEB, "remixsid", REFUSED)
    return answer
