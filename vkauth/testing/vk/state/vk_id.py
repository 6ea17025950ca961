"""VK ID logins under way, and what its pages were given to go on with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from vkauth.testing.accounts import Account
from vkauth.testing.entropy import Entropy
from vkauth.testing.options import Choice
from vkauth.testing.vk.state.validations import wire_method
from vkauth.testing.vk.state.vk_id_oauth import VKIDOAuth

__all__ = ["VKID", "VKIDLogin"]


@dataclass(kw_only=True, eq=False)
class VKIDLogin:
    """A VK ID login under way.

    Attributes:
        sid: its id; every step that succeeds gives a new one.
        account: who logs in.
        sent: when a code was sent by each way, in seconds of the simulator's clock.
        code_passed: the code was right.
    """

    sid: str
    account: Account
    sent: dict[str, float] = field(default_factory=dict)
    code_passed: bool = False

    @property
    def first_method(self) -> str:
        """The way VK ID asks for first; the vendor's own way is not one of them."""
        if self.account.two_factor is None:
            return "password"
        method = wire_method(self.account.two_factor, vk_id=True)
        return "sms" if method == "libverify" else method

    @property
    def methods(self) -> list[str]:
        """All the ways, the first one first."""
        return list(dict.fromkeys([self.first_method, *self.account.other_methods]))


class VKID:
    """Keeps the logins, the anonymous tokens of the pages and the hashes that stand for people.

    Attributes:
        unknown_login: how ``auth.validateAccount`` says that there is no such account.
        oauth: how VK ID treats applications that sign people in by it.
    """

    unknown_login: Choice[Literal["no_sid", "error_104"]] = Choice("no_sid", "error_104")

    def __init__(self, clock: Callable[[], float], entropy: Entropy, oauth: VKIDOAuth) -> None:
        self.oauth: VKIDOAuth = oauth
        self._clock = clock
        self._entropy = entropy
        self._logins: dict[str, VKIDLogin] = {}
        self._page_tokens: set[str] = set()
        self._people: dict[str, Account] = {}

    def open_page(self) -> dict[str, str]:
        """Give a page the two anonymous tokens it calls methods with."""
        tokens = {"access_token": self._entropy.token("auth."), "anonymous_token": self._entropy.token("anonym.")}
        self._page_tokens.update(tokens.values())
        return tokens

    def is_page_token(self, token: str) -> bool:
        """Whether a page was given this token."""
        return token in self._page_tokens

    def begin(self, account: Account) -> VKIDLogin:
        """Begin a login."""
        login = VKIDLogin(sid=self._entropy.token("sid."), account=account)
        self._logins[login.sid] = login
        return login

    def find(self, sid: str) -> VKIDLogin | None:
        """Find a login."""
        return self._logins.get(sid)

    def waiting(self) -> list[VKIDLogin]:
        """The logins that are not over, newest first."""
        return list(reversed(self._logins.values()))

    def renew(self, login: VKIDLogin) -> None:
        """Give a login a new sid; the old one is over."""
        del self._logins[login.sid]
        login.sid = self._entropy.token("sid.")
        self._logins[login.sid] = login

    def end(self, login: VKIDLogin) -> None:
        """A login is over."""
        self._logins.pop(login.sid, None)

    def send_code(self, login: VKIDLogin, method: str) -> bool:
        """Send a code, unless that is too early."""
        if self.wait(login, method) > 0:
            return False
        login.sent[method] = self._clock()
        login.account.send_code(method)
        return True

    def wait(self, login: VKIDLogin, method: str) -> float:
        """Seconds until a code can be sent by ``method`` (again)."""
        sent_at = login.sent.get(method)
        return 0.0 if sent_at is None else max(0.0, sent_at + login.account.resend_delay - self._clock())

    def vouch_for(self, account: Account) -> str:
        """Make an ``auth_user_hash``: it stands for the person, once."""
        user_hash = self._entropy.hex(18)
        self._people[user_hash] = account
        return user_hash

    def who(self, user_hash: str) -> Account | None:
        """Who is behind an ``auth_user_hash``."""
        return self._people.get(user_hash)

    def use_up(self, user_hash: str) -> None:
        """An ``auth_user_hash`` did its work."""
        self._people.pop(user_hash, None)
