"""The simulator's own pages: who has an account, what there is to try, and what an application would be told."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Final

from aiohttp import web

from vkauth.protocol.endpoints import Host
from vkauth.testing.answers import html_answer
from vkauth.testing.layout import escape, page
from vkauth.testing.oauth.id_tokens import can_sign
from vkauth.testing.oauth.pkce import s256_challenge
from vkauth.testing.vk.pages.open_now import open_now
from vkauth.testing.vk.state.world import World
from vkauth.testing.vk.wire import Exchange

__all__ = ["callback", "index"]

_TITLE: Final = "A simulated VK, with Kakao and TikTok"
# On a telephone a row of a table is a card: nobody has to scroll sideways to a password.
_STYLE: Final = """
<style>html body{max-width:56rem;overflow-wrap:anywhere}table{border-collapse:collapse}
[data-name=Id],[data-name=Code]{white-space:nowrap}
th,td{text-align:left;border:1px solid var(--line);padding:.2rem .5rem}@media (max-width:48rem){thead{display:none}
table,tbody,tr,td{display:block}tr{border:1px solid var(--line);border-radius:.3rem;margin:.7rem 0;padding:.2rem .6rem}
td{border:0;padding:.1rem 0;overflow-wrap:anywhere}
td::before{content:attr(data-name) ": ";color:var(--note)}}</style>"""
# What it shows changes with each login, and it has no script.
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_VERIFIER: Final = "SIMULATED-code-verifier-of-the-start-page-00"
_STATE: Final = "SIMULATED-state-of-the-start-page-000"


def index(world: World, exchange: Exchange) -> web.Response:
    """List the accounts and applications (they are made up: passwords and secrets are shown), what is open now, and
    the addresses.
    """
    body = (
        f"<h1>{_TITLE}</h1>\n"
        f"<h2>Accounts</h2>{_accounts(world)}\n"
        f'<h2>Open now</h2><p class="note">As of this moment: <a href="/">load the page again</a>.</p>\n'
        f"{open_now(world, exchange)}"
        f"<h2>Try it</h2>{_samples(world, exchange)}\n"
        f"<h2>Applications for a first test</h2>{_applications(world)}\n{_programs(world, exchange)}\n"
        f"<h2>Where everything is</h2>{_addresses(world, exchange)}"
    )
    answer = html_answer(page(_TITLE, body, head=_STYLE))
    answer.headers.update(_HEADERS)
    return answer


def _table(heads: tuple[str, ...], rows: list[tuple[object, ...]]) -> str:
    head = "".join(f"<th>{escape(each)}</th>" for each in heads)
    lines = []
    for row in rows:
        cells = zip(heads, row, strict=True)
        lines.append("".join(f'<td data-name="{escape(name)}">{escape(str(each))}</td>' for name, each in cells))
    body = "".join(f"<tr>{each}</tr>" for each in lines)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _accounts(world: World) -> str:
    rows: list[tuple[object, ...]] = []
    for each in world.accounts:
        name = f"{each.first_name} {each.last_name}"
        code = each.code if each.two_factor else "-"  # nobody asks for one otherwise
        rows.append((each.user_id, name, each.login, each.password, code, each.situation))
    return _table(("Id", "Name", "Login", "Password", "Code", "Situation"), rows)


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
        **{name: exchange.links.url(Host.OAUTH, "/authorize", implicit | more) for name, more in _communities(world)},
        "Sign in by VK ID": exchange.links.url(Host.ID, "/authorize", by_id),
        "Sign in by VK": exchange.links.url(Host.OAUTH, "/authorize", code | {"scope": "email", "v": "5.199"}),
        **{f"Sign in by {each.name}": each.sample_request(back, _STATE, _VERIFIER) for each in world.neighbours},
    }
    return "".join(f'<p><a class="button" href="{escape(url)}">{escape(name)}</a></p>' for name, url in links.items())


def _communities(world: World) -> Iterator[tuple[str, dict[str, str | int]]]:
    """What the implicit flow asks for to get tokens of communities, for each account that administers some."""
    for each in world.accounts:
        if each.groups:
            more: dict[str, str | int] = {"group_ids": ",".join(map(str, each.groups)), "scope": "manage"}
            yield f"Log in for the communities of {each.login}", more


def _applications(world: World) -> str:
    sample = world.apps.sample
    rows: list[tuple[object, ...]] = [("VK, VK ID", sample.client_id, sample.client_secret)]
    for each in world.neighbours:
        credentials = each.sample_credentials
        rows.append((each.name, credentials["client_id"], credentials.get("client_secret", "none")))
    return _table(("Service", "Client id", "Client secret"), rows)


def _programs(world: World, exchange: Exchange) -> str:
    """What a program is told, to be copied: the addresses, and the key of VK ID's id_tokens."""
    endpoints = {"endpoints": f"Endpoints.under({_quoted(exchange.links.root)})"}
    sample = {name: _quoted(str(text)) for name, text in world.apps.sample.credentials.items()}
    key = {"id_token_key": f'"""{world.vk_id.oauth.public_pem}"""'} if can_sign() else {}
    calls = [_call("VKID", sample | endpoints | key), _call("VK", sample | endpoints)]
    for each in world.neighbours:
        known = {**each.sample_credentials, **each.addresses}
        calls.append(_call(each.name, {name: _quoted(str(text)) for name, text in known.items()}))
    text = (
        "from vkauth import Endpoints\nfrom vkauth.providers import VK, VKID, Kakao, TikTok\n\n"
        f"providers = [\n{''.join(calls)}]\n"
    )
    shown = f"<pre>{escape(text)}</pre></details>"
    if can_sign():
        return f"<details><summary>All this in Python, with the key of VK ID's id_tokens</summary>{shown}"
    none = 'There are no id_tokens: they need joserfc (<code>pip install "vkauth[test]"</code>).'
    return f"<p>{none}</p><details><summary>All this in Python</summary>{shown}"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _call(name: str, arguments: Mapping[str, str]) -> str:
    lines = "".join(f"        {each}={value},\n" for each, value in arguments.items())
    return f"    {name}(\n{lines}    ),\n"


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
    answer = html_answer(page("Back from the sign-in", body))
    answer.headers.update(_HEADERS)
    return answer
