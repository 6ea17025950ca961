"""What tests share: a clock that is moved by hand, a person who knows the answers, and short ways to log in."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from vkauth import AuthError, AuthErrorCode, CallbackService, Captcha, DirectAuthorization, TwoFactor
from vkauth.clock import Clock
from vkauth.testing import Fault, VKSimulator

__all__ = [
    "CLIENT",
    "LOGIN",
    "PASSWORD",
    "SECRET_OF_CLIENT",
    "TOKEN",
    "FakeClock",
    "answer",
    "direct",
    "person",
    "refused",
    "solution",
    "still_world",
    "told",
]

LOGIN: Final = "+79990000001"
PASSWORD: Final = "sample-password"
CLIENT: Final = 2274003
SECRET_OF_CLIENT: Final = "hHbZxrka2uZ6jB1inYsH"
TOKEN: Final = "oauth/token"


class FakeClock(Clock):
    """A clock that stands still until it is moved; ``step`` moves it by so much at every look."""

    def __init__(self, step: float = 0.0) -> None:
        self.seconds = 1000.0
        self.step = step

    def monotonic(self) -> float:
        self.seconds += self.step
        return self.seconds

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.seconds)

    async def sleep(self, seconds: float) -> None:
        self.seconds += seconds
        await asyncio.sleep(0)


def still_world() -> dict[str, Any]:
    """Time and chance that are the same in every run."""
    return {"clock": FakeClock(), "random_hex": lambda octets: "0123456789abcdef"[:octets] * 2}


def solution(vk: VKSimulator, captcha: Captcha) -> str:
    """What a person makes of a captcha."""
    if captcha.kind == "redirect":
        return vk.pass_not_robot(captcha.redirect_uri or "")
    return vk.captcha_text(captcha.sid or "")


def person(vk: VKSimulator, login: str = LOGIN) -> CallbackService:
    """Hooks that answer everything rightly."""
    callbacks = CallbackService()

    @callbacks.on_captcha
    async def on_captcha(captcha: Captcha) -> None:
        await captcha.retry(solution(vk, captcha))

    @callbacks.on_two_factor
    async def on_two_factor(challenge: TwoFactor) -> None:
        if not challenge.sent and not vk.account(login).sent:
            await challenge.resend()
        await challenge.retry(vk.code_for(login))

    return callbacks


def direct(vk: VKSimulator, callbacks: CallbackService | None = None, **options: Any) -> DirectAuthorization:
    """A login to the simulator, with a clock that stands still."""
    values: dict[str, Any] = {
        "client_id": CLIENT,
        "client_secret": SECRET_OF_CLIENT,
        "login": LOGIN,
        "password": PASSWORD,
        "endpoints": vk.endpoints,
        "callback_service": callbacks or person(vk),
    }
    return DirectAuthorization(**values | still_world() | options)


async def refused(run: Awaitable[object], code: AuthErrorCode | str) -> AuthError:
    """Wait for a login that has to fail with ``code``, and return the error."""
    with pytest.raises(AuthError) as caught:
        await run
    assert caught.value.code == code, caught.value
    return caught.value


def answer(vk: VKSimulator, status: int, body: object, *, kind: str = "application/json", times: int = 1) -> None:
    """The next answer of ``/token``."""
    content = body if isinstance(body, bytes | str) else json.dumps(body)
    vk.faults.add(Fault.answer(status, kind, content), on=TOKEN, times=times)


def told(errors: bytes) -> list[str]:
    """What a program in development mode has written, but for slow callbacks, as any are on a busy machine."""
    return [line for line in errors.decode().splitlines() if " took " not in line]
