"""Logins that a person confirms on their phone, by a QR code."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Literal

from yarl import URL

from vkauth.protocol.endpoints import Host
from vkauth.testing.accounts import Account, Accounts
from vkauth.testing.entropy import Entropy
from vkauth.testing.options import Choice
from vkauth.testing.vk.wire import Links

__all__ = ["QRLogin", "QRLogins", "QRState"]

_LIFETIME: Final = 180.0  # seconds; the simulator's own, VK's is not known
_LETTERS: Final = 32


class QRState(StrEnum):
    """How far a login by QR code is."""

    CREATED = "created"
    SHOWN = "shown"
    SCANNED = "scanned"
    ALLOWED = "allowed"
    DECLINED = "declined"
    EXPIRED = "expired"


_NEXT: Final[Mapping[QRState, frozenset[QRState]]] = MappingProxyType(
    {
        QRState.CREATED: frozenset({QRState.SHOWN, QRState.SCANNED, QRState.DECLINED, QRState.EXPIRED}),
        QRState.SHOWN: frozenset({QRState.SCANNED, QRState.DECLINED, QRState.EXPIRED}),
        QRState.SCANNED: frozenset({QRState.ALLOWED, QRState.DECLINED, QRState.EXPIRED}),
        QRState.ALLOWED: frozenset({QRState.EXPIRED}),
        QRState.DECLINED: frozenset(),
        QRState.EXPIRED: frozenset(),
    }
)


@dataclass(kw_only=True, eq=False)
class QRLogin:
    """A login by QR code.

    Attributes:
        code: what is in the address; names the login to the phone.
        key: names it to the client (``auth_hash``).
        anonymous_token: what the client asked with, and has to go on with.
        client_id: the application.
        scope: the rights that it asked for, as it said them.
        device_name: what the client calls itself.
        expires_at: by the simulator's clock, seconds.
        state: how far it is.
        account: who looks at it on their phone.
    """

    code: str
    key: str
    anonymous_token: str
    client_id: str
    scope: str
    device_name: str
    expires_at: float
    state: QRState = QRState.CREATED
    account: Account | None = None


class QRLogins:
    """Keeps the logins, and does what a person does on their phone.

    Args:
        clock: seconds that never go back.
        entropy: where made-up values come from.
        accounts: the people.

    Attributes:
        gives: what the client gets of a login that was allowed: the application's token, or what VK's own web session
            is had for.
        wants_password: whether VK wants the person's password besides.
    """

    gives: Choice[Literal["access_token", "super_app_token"]] = Choice("access_token", "super_app_token")
    wants_password: Choice[bool] = Choice(False, True)

    def __init__(self, clock: Callable[[], float], entropy: Entropy, accounts: Accounts) -> None:
        self._clock = clock
        self._entropy = entropy
        self._accounts = accounts
        self._by_code: dict[str, QRLogin] = {}
        self._by_key: dict[str, QRLogin] = {}

    # -- for the pages and methods -----------------------------------------------------------------------------------

    def begin(self, *, anonymous_token: str, client_id: str, scope: str, device_name: str) -> QRLogin:
        """Begin a login."""
        login = QRLogin(
            code=self._entropy.hex(_LETTERS),
            key=self._entropy.hex(_LETTERS),
            anonymous_token=anonymous_token,
            client_id=client_id,
            scope=scope,
            device_name=device_name,
            expires_at=self._clock() + _LIFETIME,
        )
        self._by_code[login.code] = self._by_key[login.key] = login
        return login

    def by_code(self, code: str) -> QRLogin | None:
        """Find a login by what is in its address."""
        return self._current(self._by_code.get(code))

    def by_key(self, key: str) -> QRLogin | None:
        """Find a login by what the client was given."""
        return self._current(self._by_key.get(key))

    def _current(self, login: QRLogin | None) -> QRLogin | None:
        if login is not None and login.expires_at <= self._clock():
            self.enter(login, QRState.EXPIRED)
        return login

    def enter(self, login: QRLogin, state: QRState) -> bool:
        """Bring a login into a state; whether it can come there from where it is."""
        if state not in _NEXT[login.state]:
            return False
        login.state = state
        return True

    def waiting(self) -> Iterator[QRLogin]:
        """The logins that are neither confirmed nor over, the newest first."""
        for login in reversed(self._by_code.values()):
            if _NEXT[login.state] - {QRState.EXPIRED} and login.expires_at > self._clock():
                yield login

    def url(self, login: QRLogin, links: Links) -> str:
        """The address in a login's code."""
        return links.url(Host.ID, "/qr_auth", {"q": login.code})

    def lifetime(self, login: QRLogin) -> int:
        """Seconds that a login may still be confirmed."""
        return max(0, int(login.expires_at - self._clock()))

    # -- for tests ---------------------------------------------------------------------------------------------------

    @property
    def latest(self) -> QRLogin:
        """The newest login.

        Raises:
            LookupError: there is none yet.
        """
        if not self._by_code:
            raise LookupError("no login by QR code has begun")
        return self._by_code[next(reversed(self._by_code))]

    def scan(self, which: str | URL | QRLogin, whom: str | Account) -> None:
        """Open the address on a person's phone, without an answer yet.

        Raises:
            LookupError: there is no such login or person, or it has ended; says which.
        """
        self._answer(which, QRState.SCANNED, whom)

    def allow(self, which: str | URL | QRLogin, whom: str | Account) -> None:
        """Open the address on a person's phone and allow the login.

        Raises:
            LookupError: as :meth:`scan`.
        """
        if self.find(which).state is not QRState.SCANNED:
            self.scan(which, whom)
        self._answer(which, QRState.ALLOWED, whom)

    def decline(self, which: str | URL | QRLogin) -> None:
        """Decline the login.

        Raises:
            LookupError: there is no such login, or it has ended.
        """
        self._answer(which, QRState.DECLINED)

    def expire(self, which: str | URL | QRLogin) -> None:
        """End the login before its time.

        Raises:
            LookupError: there is no such login, or it has ended.
        """
        self._answer(which, QRState.EXPIRED)

    def find(self, which: str | URL | QRLogin) -> QRLogin:
        """Find a login by the address that is shown, or as it is now.

        Raises:
            LookupError: there is none.
        """
        code = which.code if isinstance(which, QRLogin) else URL(which).query.get("q", "")
        login = self.by_code(code)
        if login is None:
            raise LookupError("there is no login with this address")
        return login

    def _answer(self, which: str | URL | QRLogin, state: QRState, whom: str | Account | None = None) -> None:
        login = self.find(which)
        account = self._accounts.find(whom) if isinstance(whom, str) else whom
        if whom is not None and account is None:
            raise LookupError("there is no account with this login")
        if not self.enter(login, state):
            raise LookupError(f"this login is {login.state} and cannot be {state} any more")
        login.account = account or login.account
