"""What a flow can want: a request sent, a person asked or waited for, an answer reported as accepted."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeAlias, TypeVar

from vkauth.errors import AuthError
from vkauth.login_code import LoginCode
from vkauth.protocol.captcha import CaptchaAnswer, CaptchaPrompt, CaptchaType
from vkauth.protocol.confirmation import CodePrompt
from vkauth.secret import Secret
from vkauth.wire.http import Request, Response

__all__ = [
    "Accepted",
    "AskCaptcha",
    "AskCode",
    "ChallengeKind",
    "Flow",
    "Forget",
    "Send",
    "Show",
    "Step",
    "Wait",
    "accepted",
    "ask_captcha",
    "ask_code",
    "send",
    "wait",
]

_Result = TypeVar("_Result")


class ChallengeKind(StrEnum):
    """What a person is asked for; attempts are counted for each."""

    CAPTCHA = "captcha"
    TWO_FACTOR = "two_factor"


@dataclass(frozen=True, slots=True)
class Send:
    """Send ``request``; comes back as a :class:`Response`, or is raised inside the flow as an :class:`AuthError`.

    ``looks``: it asks whether a person is done, so neither its time nor its number counts to the run's.
    """

    request: Request
    looks: bool = False


@dataclass(frozen=True, slots=True)
class AskCaptcha:
    """Ask for a captcha's answer; comes back as a :class:`CaptchaAnswer`.

    Asking again means that the answer before was refused.
    """

    prompt: CaptchaPrompt
    type: CaptchaType
    picture: Callable[[], Flow[bytes]]
    refusal: AuthError | None = None


@dataclass(frozen=True, slots=True)
class AskCode:
    """Ask for a confirmation code; comes back as text.

    Asking again means that the code before was refused; ``refusal`` says why, if VK did. ``resend`` sends the code
    again, by the method that is named or the one that VK chooses, and gives what the prompt has become.
    """

    prompt: CodePrompt
    resend: Callable[[CodePrompt, str | None], Flow[CodePrompt]] | None
    refusal: AuthError | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """VK has accepted the answer to the last challenge of this kind (if there was one)."""

    kind: ChallengeKind


@dataclass(frozen=True, slots=True)
class Forget:
    """Throw away the cookies of this run: those it was given belong to a session that VK has ended."""


@dataclass(frozen=True, slots=True)
class Show:
    """Show the person what they confirm the login by."""

    code: LoginCode


@dataclass(frozen=True, slots=True)
class Wait:
    """Let the person have some seconds; comes back as the date and time after them (aware, UTC)."""

    seconds: float


Step: TypeAlias = Send | AskCaptcha | AskCode | Accepted | Forget | Show | Wait
Flow: TypeAlias = Generator[Step, Any, _Result]


def send(request: Request, *, looks: bool = False) -> Flow[Response]:
    """Send ``request`` and return what came; ``looks``: see :class:`Send`."""
    response: Response = yield Send(request, looks)
    return response


def wait(seconds: float) -> Flow[datetime]:
    """Let the person have some seconds and return the date and time after them."""
    now: datetime = yield Wait(seconds)
    return now


def ask_captcha(step: AskCaptcha) -> Flow[CaptchaAnswer]:
    """Ask and return the answer."""
    answer: CaptchaAnswer = yield step
    return answer


def ask_code(step: AskCode) -> Flow[Secret]:
    """Ask and return the code."""
    code: str = yield step
    return Secret(code)


def accepted(*kinds: ChallengeKind) -> Flow[None]:
    """Report that the answers to the last challenges of these kinds were right; without any: of all kinds."""
    for kind in kinds or ChallengeKind:
        yield Accepted(kind)
