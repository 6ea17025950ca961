"""What the tests of the web logins share: short ways in, a person whose outcomes are noted, and a foreign host."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from aiohttp import web
from support import LOGIN, PASSWORD, solution, still_world

from vkauth import (
    AccountVerification,
    AuthError,
    CallbackService,
    Captcha,
    ImplicitFlowGroups,
    ImplicitFlowUser,
    TwoFactor,
    UserToken,
)
from vkauth.testing import Fault, VKSimulator

__all__ = [
    "APP",
    "CONNECT",
    "LOOKS",
    "OLD",
    "ForeignHost",
    "Witness",
    "changed",
    "foreign_host",
    "granted",
    "groups",
    "implicit",
    "passwords",
    "verification",
]

APP: Final = 6222115
LOOKS: Final = ["page", "mobile", "vkid"]
OLD: Final = ["page", "mobile"]
CONNECT: Final = "login/?act=connect_authorize"


def _options(vk: VKSimulator, callbacks: CallbackService | None) -> dict[str, Any]:
    return still_world() | {
        "login": LOGIN,
        "endpoints": vk.endpoints,
        "callback_service": Witness(vk).callbacks if callbacks is None else callbacks,
    }


def implicit(vk: VKSimulator, callbacks: CallbackService | None = None, **options: Any) -> ImplicitFlowUser:
    """A web login to the simulator, by default of somebody who answers everything rightly."""
    values = _options(vk, callbacks) | {"client_id": APP, "password": PASSWORD}
    return ImplicitFlowUser(**values | options)


def groups(
    vk: VKSimulator, group_ids: Any, callbacks: CallbackService | None = None, **options: Any
) -> ImplicitFlowGroups:
    """The same for communities."""
    values = _options(vk, callbacks) | {"client_id": APP, "password": PASSWORD, "group_ids": group_ids}
    return ImplicitFlowGroups(**values | options)


def verification(vk: VKSimulator, callbacks: CallbackService | None = None, **options: Any) -> AccountVerification:
    """Passes the page of error 17 at the simulator."""
    return AccountVerification(**_options(vk, callbacks) | options)


async def granted(vk: VKSimulator, run: Awaitable[UserToken]) -> UserToken:
    """Wait for a login that has to succeed: with a token that the simulator gave out to that very person."""
    token = await run
    issued = vk.issued[token.token]
    assert issued.kind == "user"
    assert issued.account is not None
    assert issued.account.user_id == token.user_id
    return token


@dataclass
class Witness:
    """A person, and what became of each of their answers.

    Attributes:
        vk: the simulator that they log in to.
        login: theirs.
        wrong: how many of their first answers of each kind are wrong.
        choose: the way in which they want the code instead of the first one.
        outcomes: ``"captcha"`` or ``"code"`` and the outcome of the answer: ``"accepted"`` or the code of the error.
        seen: the challenges as they were shown: the kind or type, the attempt, and the error before.
        answers: what they said.
        errors: what ``retry`` raised.
    """

    vk: VKSimulator
    login: str = LOGIN
    wrong: int = 0
    choose: str | None = None
    outcomes: list[tuple[str, str]] = field(default_factory=list)
    seen: list[tuple[str, int, str | None]] = field(default_factory=list)
    answers: list[str] = field(default_factory=list, repr=False)
    errors: list[AuthError] = field(default_factory=list)

    @property
    def callbacks(self) -> CallbackService:
        """Their hooks."""
        callbacks = CallbackService()
        callbacks.on_captcha(self._captcha)
        callbacks.on_two_factor(self._code)
        return callbacks

    async def _captcha(self, captcha: Captcha) -> None:
        self.seen.append((captcha.kind, captcha.attempt, captcha.error.code if captcha.error else None))
        right = solution(self.vk, captcha)
        await self._answer("captcha", captcha.retry, "mistaken" if captcha.attempt <= self.wrong else right)

    async def _code(self, challenge: TwoFactor) -> None:
        if self.choose is not None and challenge.attempt == 1:
            await challenge.resend(self.choose)
        self.seen.append((challenge.type, challenge.attempt, challenge.error.code if challenge.error else None))
        right = self.vk.code_for(self.login)
        if self.choose is not None:
            right = self.vk.last_message(self.login).code
        await self._answer("code", challenge.retry, "0" * len(right) if challenge.attempt <= self.wrong else right)

    async def _answer(self, what: str, retry: Callable[[str], Any], answer: str) -> None:
        self.answers.append(answer)
        place = len(self.outcomes)
        self.outcomes.append((what, "never told"))
        try:
            await retry(answer)
        except AuthError as error:
            self.outcomes[place] = what, error.code
            self.errors.append(error)
            raise
        self.outcomes[place] = what, "accepted"


def passwords(vk: VKSimulator) -> int:
    """How often a password was sent."""
    return sum(1 for each in vk.requests for name in ("pass", "password") if each.form.get(name))


@dataclass
class ForeignHost:
    """A host that is not VK's.

    Attributes:
        origin: its address.
        connections: how many connections it was asked for.
    """

    origin: str
    connections: int = 0


@asynccontextmanager
async def foreign_host() -> AsyncIterator[ForeignHost]:
    """A host on another port of this machine, which counts the connections that it gets."""
    host = ForeignHost("")

    async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host.connections += 1
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        host.origin = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield host


def changed(name: str, change: Callable[[str], str]) -> Fault:
    """A fault that changes the text of the simulator's own page, or where its redirect leads."""

    def serve(answer: web.StreamResponse) -> None:
        assert isinstance(answer, web.Response)
        if "Location" in answer.headers:
            answer.headers["Location"] = change(answer.headers["Location"])
        if isinstance(answer.body, bytes) and answer.body:
            charset = answer.charset or "utf-8"
            answer.body = change(answer.body.decode(charset)).encode(charset)

    return Fault(name, change=serve)
