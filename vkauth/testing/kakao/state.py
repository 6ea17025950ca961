"""All that the simulated Kakao knows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from vkauth.testing.accounts import Account, Accounts
from vkauth.testing.entropy import Entropy
from vkauth.testing.kakao.apps import KakaoApp, KakaoApps
from vkauth.testing.oauth.grants import Consents, Grants
from vkauth.testing.oauth.id_tokens import KeyRing
from vkauth.testing.oauth.sign_in import BrowserSessions

__all__ = ["ACCESS_LIFETIME", "CODE_LIFETIME", "REFRESH_LIFETIME", "RENEWED_BEFORE", "KakaoState"]

# Seconds. Those of the tokens are of docs of 2026-11; Kakao does not tell that of a code.
CODE_LIFETIME: Final = 600
ACCESS_LIFETIME: Final = 21599
REFRESH_LIFETIME: Final = 5184000
RENEWED_BEFORE: Final = 2592000
"""A refresh token is renewed when it has less than this left: one month."""

_FIRST_ID: Final = 4_000_000_000


class KakaoState:
    """The state behind Kakao's pages.

    Args:
        clock: seconds that never go back.
        unix_time: seconds since 1970, as id_tokens and profiles say them.
        entropy: where made-up values come from.
        accounts: the people, shared with the other services.
    """

    def __init__(
        self, clock: Callable[[], float], unix_time: Callable[[], float], entropy: Entropy, accounts: Accounts
    ) -> None:
        self.clock = clock
        self.unix_time = unix_time
        self.entropy = entropy
        self.accounts = accounts
        self.apps: KakaoApps = KakaoApps()
        self.grants: Grants = Grants(clock)
        self.consents: Consents = Consents()
        self.sessions: BrowserSessions = BrowserSessions("_kawsimulated", entropy)
        self.keys: KeyRing = KeyRing("Kakao", entropy, named=True, published=2)
        self.connected_at: dict[tuple[int, str], float] = {}
        self.id_token_claims: dict[str, dict[str, object]] = {}

    def user_id(self, account: Account) -> int:
        """The number Kakao knows a person by."""
        return account.kakao.id or _FIRST_ID + account.user_id

    def by_user_id(self, user_id: str) -> Account | None:
        """Find a person by that number."""
        return next((each for each in self.accounts if str(self.user_id(each)) == user_id), None)

    def agreed(self, account: Account, app: KakaoApp) -> set[str]:
        """The consent items a person agreed to; nothing for somebody who is not connected to the application."""
        return (self.consents.agreed(account, app.client_id) or set()) & set(app.items)

    def is_connected(self, account: Account, app: KakaoApp) -> bool:
        """Whether a person signed in at an application and did not end that."""
        return self.consents.agreed(account, app.client_id) is not None

    def connect(self, account: Account, app: KakaoApp, names: frozenset[str]) -> None:
        """A person agrees."""
        if not self.is_connected(account, app):
            self.connected_at[account.user_id, app.client_id] = self.unix_time()
        self.consents.agree(account, app.client_id, names)

    def end_tokens(self, account: Account, app: KakaoApp) -> None:
        """No token of a person at an application is good any more."""
        for each in self.grants.of(account, app.client_id):
            each.over = True

    def disconnect(self, account: Account, app: KakaoApp) -> None:
        """A person withdraws the consent: it is asked for anew, and the tokens are over."""
        self.end_tokens(account, app)
        self.consents.withdraw(account, app.client_id)
