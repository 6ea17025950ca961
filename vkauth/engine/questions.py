"""The two kinds of question that a login asks a person, and what differs between them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from vkauth.callbacks import CallbackService, Captcha, TwoFactor, read_code
from vkauth.engine.conversation import Conversation
from vkauth.errors import AuthErrorCode
from vkauth.flows.steps import AskCaptcha, AskCode
from vkauth.protocol.captcha import CaptchaAnswer

__all__ = ["CAPTCHA", "CODE", "Question"]

_Step = TypeVar("_Step", bound=AskCaptcha | AskCode)
_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class Question(Generic[_Step, _Answer]):
    """A kind of question.

    Attributes:
        what: its name, for messages.
        hook: where its handler is set.
        missing: the code when no handler is set.
        used_up: the code when every attempt was wrong and VK gave no other reason.
        handler: the handler of a service.
        read: makes an answer of what a handler returned; raises ``TypeError`` for what is none.
        show: what a handler is given.
    """

    what: str
    hook: str
    missing: AuthErrorCode
    used_up: AuthErrorCode
    handler: Callable[[CallbackService], Callable[[Any], Any] | None]
    read: Callable[[_Step, object], _Answer]
    show: Callable[[Conversation[_Step, _Answer]], object]


def _read_captcha(step: AskCaptcha, value: object) -> CaptchaAnswer:
    if not isinstance(value, str):
        raise TypeError(f"a captcha handler must return str, not {type(value).__name__}")
    return CaptchaAnswer(value.strip(), as_token=step.prompt.kind == "redirect")


def _read_code(step: AskCode, value: object) -> str:
    return read_code(value)


CAPTCHA: Final[Question[AskCaptcha, CaptchaAnswer]] = Question(
    what="captcha",
    hook="CallbackService.on_captcha",
    missing=AuthErrorCode.MISSING_CAPTCHA_HANDLER,
    used_up=AuthErrorCode.FAILED_PASSED_CAPTCHA,
    handler=lambda callbacks: callbacks.captcha_handler,
    read=_read_captcha,
    show=Captcha,
)
CODE: Final[Question[AskCode, str]] = Question(
    what="confirmation code",
    hook="CallbackService.on_two_factor",
    missing=AuthErrorCode.MISSING_TWO_FACTOR_HANDLER,
    used_up=AuthErrorCode.FAILED_PASSED_TWO_FACTOR,
    handler=lambda callbacks: callbacks.two_factor_handler,
    read=_read_code,
    show=TwoFactor,
)
