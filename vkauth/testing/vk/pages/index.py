"""The simulator's own pages: who has an account, what there is to try, and what an application would be told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from aiohttp import web

from vkauth.protocol.endpoints import Host
from vkauth.testing.answers import html_answer
from vkauth.testing.layout import escape, page
from vkauth.testing.oauth.id_tokens import can_sign
from vkauth.testing.oauth.pkce import s256_challenge
from vkauth.testing.vk.state.world import World
from vkauth.testing.vk.wire import Exchange

__all__ = ["callback", "index"]

_TITLE: Final = "A simulated VK, with Kakao and TikTok"
_VERIFIER: Final = "SIMULATED-code-verifier-of-the-start-page-00"
_STATE: Final = "SIMULATED-state-of-the-start-page-000"


def index(world: World, exchange: Exchange) -> web.Response:
    """List the accounts and applications (they are made up: passwords and secrets are shown) and the addresses."""
    body = (
        f"<h1>{_TITLE}</h1>\n"
        f"<h2>Accounts</h2>{_accounts(world)}\n"
        f"<h2>Try it</h2>{_samples(world, exchange)}\n"
        f"<h2>Applications for a first test</h2>{_applications(world)}\n"
        f"<h2>Captchas waiting for a person</h2><ul>{_captchas(world, exchange) or '<li>none</li>'}</ul>\n"
        f"<h2>Where everything is</h2>{_addresses(world, exchange)}"
    )
    return html_answer(page(_TITLE, body, head="\n<style>html body{max-width:56rem}</style>"))


def _table(heads: tuple[str, ...], rows: list[tuple[object, ...]]) -> str:
    head = "".join(f"<th>{escape(each)}</th>" for each in heads)
    body = "".join(f"<tr>{''.join(f'<td>{escape(str(each))}</td>' for each in row)}</tr>" for row in rows)
    return f'<div class="scroll" tabindex="0"><table><tr>{head}</tr>{body}</table></div>'


def _accounts(world: World) -> str:
    rows: list[tuple[object, ...]] = [
        (each.user_id, f"{each.first_name} {each.last_name}", each.login, each.password, each.code, each.situation)
        for each in world.accounts
    ]
    return _table(("id", "Name", "Login", "Password", "Code", "Situation"), rows)


def _samples(world: World, exchange: Exchange) -> str:
    back = f"{exchange.links.root}/callback"
    sample = str(world.apps.sample.client_id)
    implicit: dict[str, str | int] = {
        "client_id": 6287487,
        "response_type": "token",
        "scope": "friends",
        "display": "page",
        "redirect_uri": exchange.links.blank(),
        "v": "5.199",
    }
    code: dict[str, str | int] = {"client_id": sample, "redirect_uri": back, "response_type": "code", "state": _STATE}
    by_id = code | {"scope": "email", "code_challenge": s256_challenge(_VERIFIER), "code_challenge_method": "S256"}
    links = {
        "Log in as in a browser": exchange.links.url(Host.OAUTH, "/authorize", implicit),
        "Sign in by VK ID": exchange.links.url(Host.ID, "/authorize", by_id),
        "Sign in by VK": exchange.links.url(Host.OAUTH, "/authorize", code | {"scope": "email", "v": "5.199"}),
        **{f"Sign in by {each.name}": each.sample_request(back, _STATE, _VERIFIER) for each in world.neighbours},
    }
    return "".join(f'<p><a class="button" href="{escape(url)}">{escape(name)}</a></p>' for name, url in links.items())


def _applications(world: World) -> str:
    sample = world.apps.sample
    rows: list[tuple[object, ...]] = [("VK, VK ID", sample.client_id, sample.client_secret)]
    for each in world.neighbours:
        credentials = each.sample_credentials
        rows.append((each.name, credentials["client_id"], credentials.get("client_secret", "none")))
    note = "VK ID signs with its own key: <code>vk.id_token_key</code>."
    if not can_sign():
        note = 'There are no id_tokens: they need joserfc (<code>pip install "vkauth[test]"</code>).'
    return _table(("Service", "Client id", "Client secret"), rows) + f"<p>{note}</p>"


def _captchas(world: World, exchange: Exchange) -> str:
    return "".join(
        f'<li><a href="{escape(world.captchas.page_url(each, exchange.links))}">a "not robot" page</a>, '
        f"attempt {each.attempt}</li>"
        if each.has_page
        else f"<li>a picture, attempt {each.attempt}: shown where it is asked for</li>"
        for each in world.captchas
        if each.state == "open"
    )


def _addresses(world: World, exchange: Exchange) -> str:
    places: list[tuple[str, Mapping[str, object]]] = [
        ("VK", {host.value: exchange.links.url(host, "/") for host in Host}),
        *((each.name, each.addresses) for each in world.neighbours),
    ]
    return "".join(
        f"<h3>{escape(service)}</h3><ul>"
        + "".join(f"<li>{escape(name)}: <code>{escape(str(url))}</code></li>" for name, url in addresses.items())
        + "</ul>"
        for service, addresses in places
    )


def callback(_world: World, exchange: Exchange) -> web.Response:
    """Where the sign-ins of the start page lead: what an application would have been told."""
    told = "".join(
        f"<dt>{escape(name)}</dt><dd><code>{escape(text)}</code></dd>" for name, text in exchange.query.items()
    )
    body = (
        "<h1>Back from the sign-in</h1><p>An application would now be told:</p>\n"
        f'<dl>{told}</dl>\n<p><a class="button" href="/">Back to the start</a></p>'
    )
    return html_answer(page("Back from the sign-in", body))
