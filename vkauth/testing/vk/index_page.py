"""The simulator's own page: who has an account, and what there is to try."""

from __future__ import annotations

from dataclasses import fields

from aiohttp import web

from vkauth.protocol.endpoints import Host
from vkauth.testing.vk.accounts import Account
from vkauth.testing.vk.html import escape, page
from vkauth.testing.vk.wire import Exchange, html_answer
from vkauth.testing.vk.world import World

__all__ = ["index"]

_PLAIN = frozenset({"login", "password", "user_id", "first_name", "last_name", "phone", "code", "sms_code"})


def index(world: World, x: Exchange) -> web.Response:
    """List the accounts (they are made up: their passwords and codes are shown) and the pages."""
    rows = "".join(
        f"<tr><td>{each.user_id}</td><td>{escape(each.first_name)} {escape(each.last_name)}</td>"
        f"<td>{escape(each.login)}</td><td>{escape(each.password)}</td><td>{escape(each.code)}</td>"
        f"<td>{escape(_options(each))}</td></tr>"
        for each in world.accounts
    )
    query: dict[str, str | int] = {
        "client_id": 6287487,
        "response_type": "token",
        "scope": "friends",
        "display": "page",
    }
    authorize = x.links.url(Host.OAUTH, "/authorize", {**query, "redirect_uri": world.blank(x.links, {}), "v": "5.199"})
    open_pages = "".join(
        f'<li><a href="{escape(world.captchas.page_url(each, x.links))}">{escape(each.stage)}, '
        f"attempt {each.attempt}</a></li>"
        for each in world.captchas.challenges
        if each.state == "open" and each.has_page
    )
    hosts = "".join(f"<li><code>{escape(x.links.url(host, '/'))}</code></li>" for host in Host)
    body = (
        "<h1>A simulated VK</h1>"
        f"<h2>Accounts</h2><table><tr><th>id</th><th>Name</th><th>Login</th><th>Password</th><th>Code</th>"
        f"<th>Situation</th></tr>{rows}</table>"
        f'<h2>Try it</h2><p><a class="button" href="{escape(authorize)}">Log in as in a browser</a></p>'
        f"<h2>Captchas waiting for a person</h2><ul>{open_pages or '<li>none</li>'}</ul>"
        f"<h2>Where VK's hosts are</h2><ul>{hosts}</ul>"
    )
    return html_answer(page("A simulated VK", body))


def _options(account: Account) -> str:
    told = []
    for each in fields(account):
        if not each.init or not each.repr or each.name in _PLAIN:
            continue
        value = getattr(account, each.name)
        if value != each.default:
            told.append(f"{each.name}={value!r}")
    return ", ".join(told) or "a plain login"
