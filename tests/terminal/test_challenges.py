"""What is told of a confirmation code, by what VK says of it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from vkauth import Endpoints
from vkauth.protocol.confirmation import CodePrompt
from vkauth.terminal.challenges import Challenges
from vkauth.terminal.changing import Changing


class Told:
    """A terminal that writes down what is told, with somebody who gives these answers."""

    def __init__(self, *answers: str) -> None:
        self.lines: list[str] = []
        self._answers = iter(answers)

    def notice(self, text: str) -> None:
        """Tell."""
        self.lines.append(text)

    async def answer(self, question: Changing) -> str:
        """Ask."""
        self.lines.append(question.now())
        return next(self._answers)


class Challenge(SimpleNamespace):
    """A code of which VK says this."""

    def __init__(self, **prompt: Any) -> None:
        found = CodePrompt(phone_mask="+7 *** 01", code_length=6, **prompt)
        said = {name: getattr(found, name) for name in ("type", "sent", "methods", "phone_mask", "code_length")}
        super().__init__(error=None, attempt=1, can_resend=not found.delay, resend_in=found.delay, **said)

    async def resend(self, _method: str | None) -> None:
        """Have it sent."""
        vars(self).update(sent=True, resend_in=30.0)


async def told(challenge: Challenge, *answers: str) -> list[str]:
    """What a person reads until the code is typed."""
    terminal: Any = Told(*answers)
    pictures: Any = None
    assert await Challenges(terminal, pictures, Endpoints()).two_factor(challenge) == "123456"  # type: ignore[arg-type]
    return terminal.lines  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("sms", "VK sends a code by SMS only when it is asked for (+7 *** 01)."),
        ("other", "VK sends a code only when it is asked for (+7 *** 01)."),
    ],
)
async def test_a_code_that_cannot_be_sent_yet(kind: str, said: str) -> None:
    """Nobody waits for what was not sent: it is said who has it sent, and from when on."""
    assert await told(Challenge(type=kind, sent=False, delay=60.0), "r", "123456") == [
        f"{said} Type r for that, in 60 seconds at the earliest.",
        "Code (6 {}; r: have it sent, in 60 seconds): ".format("digits" if kind == "sms" else "characters"),
        "VK sends a code in 60 seconds at the earliest.",
        "Code (6 {}; r: have it sent, in 60 seconds): ".format("digits" if kind == "sms" else "characters"),
    ]


async def test_a_code_that_was_sent() -> None:
    """It is asked for again."""
    assert await told(Challenge(type="sms", delay=60.0), "r", "123456") == [
        "VK sent a code by SMS (+7 *** 01).",
        "Code (6 digits; r: send it again, in 60 seconds): ",
        "VK sends a code again in 60 seconds at the earliest.",
        "Code (6 digits; r: send it again, in 60 seconds): ",
    ]


async def test_a_code_that_is_sent_now() -> None:
    """By itself, if it can be."""
    assert await told(Challenge(type="sms", sent=False), "123456") == [
        "VK sent a code by SMS (+7 *** 01).",
        "Code (6 digits; r: send it again, in 30 seconds): ",
    ]
