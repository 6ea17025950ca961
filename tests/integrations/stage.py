"""How the tests of this directory set a scene: one client, and one VK, for all tests of a module."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from peers.peer import Client, Peer, Question

from vkauth.testing import Account, LeakScanner, VKSimulator

DRIVERS = Path(__file__).parent / "drivers"
USERS = "POST api/method/users.get"
CAPTCHA = "api/method/captcha.force"


@dataclass(frozen=True)
class Wanted:
    """A call, and how VK treats it."""

    method: str
    account: dict[str, Any] = field(default_factory=dict)
    dead: int = 0

    def __str__(self) -> str:
        return " ".join([self.method, *map(str, self.account.values()), *["dead token"] * self.dead])


class Stage:
    """A client at work, and VK."""

    def __init__(self, vk: VKSimulator, client: Client) -> None:
        self.vk = vk
        self.client = client
        self.account: Account
        self.asked: list[Question] = []
        self.mistakes: list[str] = []

    def clear(self) -> None:
        """Get ready for another test."""
        self.vk.requests.clear()
        self.vk.faults.clear()
        self.asked, self.mistakes = [], []

    def given_tokens(self, count: int, *, dead: int = 0, **options: Any) -> list[str]:
        """Set up an account, and give it tokens, of which the first ones are dead."""
        self.account = self.vk.add_account(login=f"+7999{len(self.vk.accounts):07}", **options)
        tokens = [self.vk.issue_token(self.account) for _ in range(count)]
        for each in tokens[:dead]:
            self.vk.refuse_token(each, "access_token has expired.")
        return tokens

    async def play(self, scene: str = "call", method: str = "users.get", **job: Any) -> Any:
        """Have a scene of the driver played."""
        job = {"scene": scene, "method": method, "login": self.account.login, **job}
        return await self.client.do(job, self._answer)

    @property
    def steps(self) -> list[str]:
        """What VK was asked, in order."""
        return self.vk.requests.paths()

    def require_no_secrets(self, text: str) -> None:
        """Check that nothing of what VK knows is in a text."""
        LeakScanner(secret for secret, _ in self.vk.secrets).text(text, "the log")

    async def _answer(self, question: Question) -> str | None:
        self.asked.append(question)
        if self.mistakes:
            return self.mistakes.pop(0)
        if question["ask"] == "code":
            return self.vk.code_for(self.account)
        if question.get("redirect_uri"):
            return self.vk.pass_not_robot(question["redirect_uri"])
        assert question["picture"]["size"] > 0
        return self.vk.captcha_text(question["sid"])


@contextlib.asynccontextmanager
async def set_up(peer: Peer, home: Path) -> AsyncIterator[Stage]:
    """Start a client and a VK for it."""
    peer.require()
    async with (
        VKSimulator(tls=True) as vk,
        peer.started(port=vk.tls_port, ca_file=vk.ca_file, home=home) as client,
    ):
        yield Stage(vk, client)
