"""All that the simulated TikTok knows."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Final, Literal

from vkauth.testing.accounts import Account, Accounts
from vkauth.testing.entropy import Entropy
from vkauth.testing.oauth.grants import Consents, Grants
from vkauth.testing.oauth.sign_in import BrowserSessions
from vkauth.testing.options import Choice
from vkauth.testing.tiktok.apps import TikTokApp, TikTokApps

__all__ = ["ACCESS_LIFETIME", "APPLICATION_LIFETIME", "CODE_LIFETIME", "REFRESH_LIFETIME", "TikTokState"]

# Seconds. Those of the tokens are of docs of 2026-11 (before: a day and a year); TikTok does not tell that of a code.
CODE_LIFETIME: Final = 600
ACCESS_LIFETIME: Final = 7200
REFRESH_LIFETIME: Final = 15552000
APPLICATION_LIFETIME: Final = 7200


class TikTokState:
    """The state behind TikTok's pages.

    Args:
        clock: seconds that never go back.
        entropy: where made-up values come from.
        accounts: the people, shared with the other services.

    Attributes:
        error_status: the HTTP status of errors of the OAuth endpoints, of which TikTok says nothing.
    """

    error_status: Choice[Literal[400, 200]] = Choice(400, 200)

    def __init__(self, clock: Callable[[], float], entropy: Entropy, accounts: Accounts) -> None:
        self.entropy = entropy
        self.accounts = accounts
        self.apps: TikTokApps = TikTokApps()
        self.grants: Grants = Grants(clock)
        self.consents: Consents = Consents()
        self.sessions: BrowserSessions = BrowserSessions("sid_simulated", entropy)

    def log_id(self) -> str:
        """A number of TikTok's own log; every answer has one, and it is no secret."""
        return f"20261121120000{self.entropy.open_hex(18).upper()}"

    def open_id(self, account: Account, app: TikTokApp) -> str:
        """What a person is called at one application."""
        return _id(f"{app.client_key} {account.user_id}")

    def union_id(self, account: Account) -> str:
        """What a person is called at all applications of a developer (here: at all)."""
        return _id(f"union {account.user_id}")

    def username(self, account: Account) -> str:
        """The name in the person's address."""
        return account.tiktok.username or f"sample.person.{account.user_id}"

    def disconnect(self, account: Account, app: TikTokApp) -> None:
        """A person withdraws the consent: it is asked for anew, and the tokens are over."""
        for each in self.grants.of(account, app.client_key):
            each.over = True
        self.consents.withdraw(account, app.client_key)


def _id(text: str) -> str:
    # Nothing that was thrown dice for: an id is no secret, and it must stay the same.
    return f"-000SIMULATED{sha256(text.encode()).hexdigest()[:23]}"
