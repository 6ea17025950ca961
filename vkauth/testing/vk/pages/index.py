"""The simulator's own page: who has an account, and what there is to try."""

from __future__ import annotations

from aiohttp import web

from vkauth.protocol.endpoints import Host
from vkauth.testing.answers import html_answer
from vkauth.testing.layout import escape, page
from vkauth.testing.vk.state.world import World
from vkauth.testing.vk.wire import Exchange

__all__ = ["index"]


def index(world: World, exchange: Exchange) -> web.Response:
    """List the accounts (they are made up: their passwords and codes are shown) and the pages."""
    rows = "".join(
        f"<tr><td>{each.user_id}</td><td>{escape(each.first_name)} {escape(each.last_name)}</td>"
        f"<td>{escape(each.login)}</td><td>{escape(each.password)}</td><td>{escape(each.code)}</td>"
        f"<td>{escape(each.situation)}</td></tr>"
        for each in world.accounts
    )
    query: dict[str, str | int] = {
        "client_id": 6287487,
        "response_type": "token",
        "scope": "friends",
        "display": "page",
    }
    authorize = exchange.links.url(
        Host.OAUTH, "/authorize", {**query, "redirect_uri": exchange.links.blank(), "v": "5.199"}
    )
    open_pages = "".join(
        f'<li><a href="{escape(world.captchas.page_url(each, exchange.links))}">a "not robot" page</a>, '
        f"attempt {each.attempt}</li>"
        if each.has_page
        else f"<li>a picture, attempt {each.attempt}: shown where it is asked for</li>"
        for each in world.captchas
        if each.state == "open"
    )
    hosts = "".join(f"<li><code>{escape(exchange.links.url(host, '/'))}</code></li>" for host in Host)
    body = (
        "<h1>A simulated VK</h1>"
        f"<h2>Accounts</h2><table><tr><th>id</th><th>Name</th><th>Login</th><th>Password</th><th>Code</th>"
        f"<th>Situation</th></tr>{rows}</table>"
        f'<h2>Try it</h2><p><a class="button" href="{escape(authorize)}">Log in as in a browser</a></p>'
        f"<h2>Captchas waiting for a person</h2><ul>{open_pages or '<li>none</li>'}</ul>"
        f"<h2>Where VK's hosts are</h2><ul>{hosts}</ul>"
    )
    return html_answer(page("A simulated VK", body))
