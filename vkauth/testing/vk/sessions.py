"""Who is logged in at the web site, by cookies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from aiohttp import web

from vkauth.protocol.endpoints import Host
from vkauth.testing.vk.accounts import Account
from vkauth.testing.vk.entropy import Entropy
from vkauth.testing.vk.wire import Exchange, Links

__all__ = ["Sessions", "VKIDLogin", "set_cookie"]

REFUSED: Final = "DELETED"
"""What VK puts into ``remixsid`` when a session is no longer good."""


@dataclass(kw_only=True, eq=False)
class VKIDLogin:
    """A VK ID login under way.

    Attributes:
        sid: its id; every step that succeeds gives a new one.
        account: who logs in.
        sent: the ways by which a code was sent.
        code_passed: the code was right.
        wrong_codes: how many were not.
    """

    sid: str
    account: Account
    sent: dict[str, float] = field(default_factory=dict)
    code_passed: bool = False
    wrong_codes: int = 0


class Sessions:
    """Keeps the web sessions, the VK ID logins under way and the hashes that stand for them."""

    def __init__(self, entropy: Entropy) -> None:
        self._entropy = entropy
        self._web: dict[str, Account] = {}
        self._logins: dict[str, VKIDLogin] = {}
        self.page_tokens: set[str] = set()
        """The anonymous tokens that VK ID pages carried."""
        self.requests: dict[str, Mapping[str, str]] = {}
        """What ``/authorize`` was asked for, by ``return_auth_hash``."""
        self.user_hashes: dict[str, Account] = {}
        """Who is behind an ``auth_user_hash``."""

    def begin(self, account: Account, answer: web.StreamResponse, x: Exchange) -> None:
        """Log a person in: the answer gets the cookies."""
        value = f"SIMULATED-{self._entropy.hex(40)}"
        self._web[value] = account
        set_cookie(answer, x.links, Host.WEB, "remixsid", value)
        if x.host is Host.LOGIN or x.links.family is None:  # other hosts cannot set cookies of the login host
            set_cookie(answer, x.links, Host.LOGIN, "p", f"SIMULATED-{self._entropy.hex(20)}")
            set_cookie(answer, x.links, Host.LOGIN, "l", str(account.user_id))

    def who(self, exchange: Exchange) -> Account | None:
        """Who sent a request, by its cookies."""
        return self._web.get(exchange.cookies.get("remixsid", ""))

    def is_stale(self, exchange: Exchange) -> bool:
        """Whether a request has a session that is no longer good."""
        return exchange.cookies.get("remixsid", REFUSED) != REFUSED and self.who(exchange) is None

    def end_all(self, account: Account) -> None:
        """Log a person out everywhere."""
        self._web = {value: each for value, each in self._web.items() if each is not account}

    def begin_vk_id(self, account: Account) -> VKIDLogin:
        """Begin a VK ID login."""
        login = VKIDLogin(sid=self._entropy.token("sid."), account=account)
        self._logins[login.sid] = login
        return login

    def vk_id(self, sid: str) -> VKIDLogin | None:
        """Find a VK ID login."""
        return self._logins.get(sid)

    def renew(self, login: VKIDLogin) -> None:
        """Give it a new sid; the old one is over."""
        del self._logins[login.sid]
        login.sid = self._entropy.token("sid.")
        self._logins[login.sid] = login

    def end_vk_id(self, login: VKIDLogin) -> None:
        """It is over."""
        self._logins.pop(login.sid, None)


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
