"""The stage of these tests: one account at the simulated services, and the person it belongs to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vkauth.testing import Account, VKSimulator

from .peer import Peer, Question

LOGIN = "+79990000001"
PASSWORD = "sample-password"


@dataclass
class Scene:
    """One account at the simulated services, and its owner."""

    vk: VKSimulator
    home: Path
    asked: list[Question] = field(default_factory=list)
    """What the client asked the person, in order."""
    mistakes: list[str] = field(default_factory=list)
    """Wrong answers that the person gives first."""
    denies: bool = False
    """Whether the person refuses what a site asks for."""
    meanwhile: list[Callable[[], object]] = field(default_factory=list)
    """What happens at the service before the person goes there for the first time, the second time, ..."""

    def given(self, **options: Any) -> Account:
        """Set up the account."""
        return self.vk.add_account(login=LOGIN, password=PASSWORD, **options)

    async def run(self, peer: Peer, **job: Any) -> dict[str, Any]:
        """Let a client do its job with the account."""
        job = {"login": LOGIN, "password": PASSWORD, **job}
        return await self._run(peer, job)

    async def sign_in(self, peer: Peer, **job: Any) -> dict[str, Any]:
        """Let the person sign in at a client that is a site: it does not get to know the password."""
        return await self._run(peer, job)

    async def _run(self, peer: Peer, job: dict[str, Any]) -> dict[str, Any]:
        return await peer.run(job, self._answer, port=self.vk.tls_port, ca_file=self.vk.ca_file, home=self.home)

    @property
    def questions(self) -> list[str]:
        """What was asked, in one word each."""
        return [each["ask"] for each in self.asked]

    @property
    def steps(self) -> list[str]:
        """What VK was asked, in order."""
        return self.vk.requests.paths()

    def owner(self, token: str) -> Account | None:
        """Whose token it is; fails for one that this VK never gave out."""
        assert token in self.vk.issued, "the simulator never issued this token"
        return self.vk.issued[token].account

    async def _answer(self, question: Question) -> str | None:
        self.asked.append(question)
        if question["ask"] == "browser":
            if self.meanwhile:
                self.meanwhile.pop(0)()
            return await self.vk.approve(question["url"], LOGIN, deny=self.denies)
        if self.mistakes:
            return self.mistakes.pop(0)
        if question["ask"] == "code":
            return self.vk.code_for(LOGIN)
        if question.get("redirect_uri"):
            return self.vk.pass_not_robot(question["redirect_uri"])
        assert question["picture"]["size"] > 0
        return self.vk.captcha_text(question["sid"])
