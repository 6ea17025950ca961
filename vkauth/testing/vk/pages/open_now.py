"""What waits for a person at the moment: captchas, codes that were sent, pages to be passed, logins under way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

from vkauth.testing.layout import escape
from vkauth.testing.vk.state.captchas import Challenge
from vkauth.testing.vk.state.world import World
from vkauth.testing.vk.wire import Exchange

__all__ = ["open_now"]

_MOST: Final = 10
"""The newest ones of a kind are shown; a simulator may have run for days."""
_WAYS: Final = {"sms": "SMS", "callreset": "call", "email": "e-mail", "push": "push", "libverify": "SMS or call"}


def open_now(world: World, exchange: Exchange) -> str:
    """Markup of all of it."""
    return (
        f'<h3 id="captchas">Captchas waiting for a person</h3>{_list(_captchas(world, exchange))}\n'
        f'<h3 id="messages">Codes that were sent</h3>{_list(_messages(world))}\n'
        f'<h3 id="pages">Pages waiting to be passed</h3>{_list(_pages(world, exchange))}\n'
        f'<h3 id="logins">Logins waiting for a code or a password</h3>{_list(_logins(world))}\n'
        f'<h3 id="codes">Logins by QR code, for the phone</h3>{_list(_codes(world, exchange))}\n'
    )


def _list(entries: Iterable[str]) -> str:
    return f"<ul>{''.join(f'<li>{each}</li>' for each in islice(entries, _MOST)) or '<li>none</li>'}</ul>"


def _captchas(world: World, exchange: Exchange) -> Iterator[str]:
    for each in reversed(world.captchas):
        if each.state == "open" and not world.captchas.is_old(each):
            yield f"{_captcha(world, exchange, each)}, for {escape(_owner(world, each))}, attempt {each.attempt}"


def _captcha(world: World, exchange: Exchange, challenge: Challenge) -> str:
    ways = []
    if challenge.has_picture:
        address = world.captchas.image_url(challenge, exchange.links)
        ways.append(f'<a href="{escape(address)}">a picture</a>')
    if challenge.has_page:
        address = world.captchas.page_url(challenge, exchange.links)
        passed = ", passed" if challenge.success_tokens else ""
        ways.append(f'<a href="{escape(address)}">a "not robot" page</a>{passed}')
    return " or ".join(ways)


def _owner(world: World, challenge: Challenge) -> str:
    account = world.accounts.find(challenge.owner)
    return account.login if account is not None else "a caller of the API"  # else it is a token


def _messages(world: World) -> Iterator[str]:
    for account in reversed(world.accounts):
        for each in reversed(account.sent[-3:]):
            way = _WAYS.get(each.method, each.method)
            yield f"<b>{escape(each.code)}</b>, by {escape(way)} to {escape(each.target)}, for {escape(account.login)}"


def _pages(world: World, exchange: Exchange) -> Iterator[str]:
    for each in world.checkpoints.waiting():
        whose = f"for {escape(each.account.login)}, to end a {each.purpose}"
        if each.opened:
            yield f"{each.kind}, {whose}: open in a browser"
        else:
            yield f"{each.kind}, {whose}: <code>{escape(world.checkpoints.url(each, exchange.links))}</code>"


def _logins(world: World) -> Iterator[str]:
    for validation in world.validations.waiting():
        app = world.apps.find(validation.client_id)
        by = f" in {escape(app.name)}" if app is not None else ""
        yield f"{escape(validation.account.login)}{by}: a code by {escape(validation.method)}"
    for login in world.vk_id.waiting():
        what = "the password" if login.code_passed else escape(login.first_method)
        yield f"{escape(login.account.login)} at VK ID: {what}"


def _codes(world: World, exchange: Exchange) -> Iterator[str]:
    for login in world.qr.waiting():
        address = escape(world.qr.url(login, exchange.links))
        yield f'<a href="{address}">of {escape(login.device_name)}</a>: {login.state}'
