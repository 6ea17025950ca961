"""The address in a QR code, as a person's phone opens it: log in, allow or decline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from aiohttp import web

from vkauth.protocol.endpoints import Host
from vkauth.testing.accounts import Account
from vkauth.testing.answers import html_answer
from vkauth.testing.layout import escape, page
from vkauth.testing.oauth.pages import Item, stop_page
from vkauth.testing.oauth.sign_in import Attempt
from vkauth.testing.vk.pages.sign_in import VKSignIn
from vkauth.testing.vk.state.qr import QRLogin, QRState
from vkauth.testing.vk.state.tokens import scope_mask, scope_names
from vkauth.testing.vk.state.world import World
from vkauth.testing.vk.wire import Exchange

__all__ = ["open_code", "step"]

_ENDS: Final = {
    QRState.ALLOWED: ("The login is confirmed", "Go back to the device that showed the code."),
    QRState.DECLINED: ("The login was declined", "Nobody was let in."),
    QRState.EXPIRED: ("This code is out of date", "Have a new one shown on the other device."),
}


class _QRSignIn(VKSignIn):
    """The steps of the person at the phone."""

    service = "VK"

    def open(self, call: Exchange, login: QRLogin) -> web.Response:
        """Begin with the address of a code."""
        if login.state in _ENDS:
            return _end(login.state)
        self._world.qr.enter(login, QRState.SCANNED)
        app = self._world.apps.find(login.client_id)
        name = f"{app.name if app else ''} ({login.device_name})"
        return self.begin(call, {"q": login.code, "scope": login.scope}, name)

    def action(self, call: Exchange) -> str:
        return call.links.relative(Host.ID, "/simulator/qr")

    def items(self, attempt: Attempt, account: Account) -> Sequence[Item] | None:
        names = scope_names(scope_mask(attempt.asked["scope"])) or ["general information"]
        return [Item(name=each, label=each) for each in names]

    def stop(self, attempt: Attempt, account: Account) -> web.Response | None:
        state = self._qr_login(attempt).state
        return _end(state) if state in _ENDS else super().stop(attempt, account)

    def allow(self, call: Exchange, attempt: Attempt, account: Account, names: frozenset[str]) -> str:
        login = self._qr_login(attempt)
        allowed = QRState.DECLINED if account.consent_action == "cancel" else QRState.ALLOWED
        if self._world.qr.enter(login, allowed):
            login.account = account
        return self._end_address(attempt)

    def refuse(self, attempt: Attempt, error: str) -> str:
        self._world.qr.enter(self._qr_login(attempt), QRState.DECLINED)
        return self._end_address(attempt)

    def _end_address(self, attempt: Attempt) -> str:
        return f"../qr_auth?q={attempt.asked['q']}"

    def _qr_login(self, attempt: Attempt) -> QRLogin:
        login = self._world.qr.by_code(attempt.asked["q"])
        assert login is not None  # the attempt began with it
        return login


def open_code(world: World, exchange: Exchange) -> web.Response:
    """``id.*/qr_auth``: the address in the code. That VK's has this form is not known."""
    login = world.qr.by_code(exchange.query.get("q", ""))
    if login is None:
        return html_answer(stop_page("VK", "No such code", ["Have a new one shown on the other device."]), 404)
    return _QRSignIn(world).open(exchange, login)


def step(world: World, exchange: Exchange) -> web.Response:
    """The forms of the pages that it leads to."""
    return _QRSignIn(world).step(exchange)


def _end(state: QRState) -> web.Response:
    title, words = _ENDS[state]
    return html_answer(page(f"{title}: VK", f"<h1>{escape(title)}</h1><p>{escape(words)}</p>", service="VK"))
