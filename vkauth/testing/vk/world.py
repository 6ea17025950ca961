"""All that the simulated VK knows, in one object that the pages share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from vkauth.protocol.endpoints import Host
from vkauth.testing.vk.accounts import Account
from vkauth.testing.vk.apps import KNOWN_APPS, App
from vkauth.testing.vk.captchas import Captchas
from vkauth.testing.vk.checkpoints import Checkpoints
from vkauth.testing.vk.entropy import Entropy
from vkauth.testing.vk.sessions import Sessions
from vkauth.testing.vk.tokens import Tokens
from vkauth.testing.vk.validations import Validations
from vkauth.testing.vk.wire import Links

__all__ = ["World"]


class World:
    """The state behind the pages.

    Args:
        clock: seconds that never go back.
        entropy: where made-up values come from.
    """

    def __init__(self, clock: Callable[[], float], entropy: Entropy) -> None:
        self.clock = clock
        self.entropy = entropy
        self.accounts: list[Account] = []
        self.apps: dict[int, App] = {}
        for client_id, secret, name, direct in KNOWN_APPS:
            self.apps[client_id] = App(client_id=client_id, client_secret=secret, name=name, direct=direct)
        self.captchas: Captchas = Captchas(clock, entropy)
        self.validations: Validations = Validations(clock, entropy)
        self.tokens: Tokens = Tokens(clock, entropy)
        self.checkpoints: Checkpoints = Checkpoints(clock, entropy)
        self.sessions: Sessions = Sessions(entropy)
        self.gate: Literal["challenge", "429"] | None = None
        self.verified: set[int] = set()
        self.checked_in_browser: set[int] = set()
        self.codes: dict[str, tuple[Account, str, int]] = {}
        self.front: Literal["vkid", "legacy"] = "vkid"
        self.digit_hashes: dict[str, Account] = {}
        self.gates: dict[str, str] = {}
        self.handovers: dict[str, tuple[str, str]] = {}
        self.unknown_login: Literal["no_sid", "error_104"] = "no_sid"

    def account(self, login: str) -> Account | None:
        """Find an account by its login, phone number or e-mail address."""
        return next((each for each in self.accounts if login and each.is_called(login)), None)

    def app(self, client_id: str) -> App | None:
        """Find an application."""
        return self.apps.get(int(client_id)) if client_id.isdecimal() else None

    def blank(self, links: Links, fragment: dict[str, str | int]) -> str:
        """The blank page with something in its fragment."""
        return links.url(Host.OAUTH, "/blank.html", fragment=fragment)

    @property
    def look(self) -> str:
        """Which web login somebody gets who is not logged in: that of the newest account."""
        return self.accounts[-1].look if self.accounts else "vkid"
