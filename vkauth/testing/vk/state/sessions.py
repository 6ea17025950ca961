"""Who is logged in at the web site, by cookies."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from vkauth.protocol.endpoints import Host
from vkauth.testing.accounts import Account
from vkauth.testing.entropy import Entropy
from vkauth.testing.vk.wire import Exchange, Links

__all__ = ["REFUSED", "Sessions", "set_cookie"]

REFUSED: Final = "DELETED"
"""What VK puts into ``remixsid`` when a session is no longer good."""


class Sessions:
    """Keeps the web sessions."""

    def __init__(self, entropy: Entropy) -> None:
        self._entropy = entropy
        self._accounts: dict[str, Account] = {}

    def begin(self, account: Account, answer: web.StreamResponse, exchange: Exchange) -> None:
        """Log a person in: the answer gets the cookies."""
        value = f"SIMULATED-{self._entropy.hex(40)}"
        self._accounts[value] = account
        set_cookie(answer, exchange.links, Host.WEB, "remixsid", value)
        if exchange.host is Host.LOGIN or exchange.links.family is None:  # other hosts set no cookies of the login host
            set_cookie(answer, exchange.links, Host.LOGIN, "p", f"SIMULATED-{self._entropy.hex(20)}")
            set_cookie(answer, exchange.links, Host.LOGIN, "l", str(account.user_id))

    def who(self, exchange: Exchange) -> Account | None:
        """Who sent a request, by its cookies."""
        return self._accounts.get(exchange.cookies.get("remixsid", ""))

    def is_stale(self, exchange: Exchange) -> bool:
        """Whether a request has a session that is no longer good."""
        return exchange.cookies.get("remixsid", REFUSED) != REFUSED and self.who(exchange) is None

    def end_all(self, account: Account) -> None:
        """Log a person out everywhere."""
        self._accounts = {value: each for value, each in self._accounts.items() if each is not account}


def set_cookie(
    answer: web.StreamResponse, links: Links, host: Host, name: str, value: str, *, max_age: int | None = None
) -> None:
    """Set a cookie for a host and those below it; ``max_age`` is in seconds."""
    answer.set_cookie(
        name,
        value,
        domain=links.cookie_domain(host),
        path="/",
        secure=links.secure or None,
        httponly=True,
        max_age=max_age,
    )
