"""Confirmation codes (2FA): what VK asks for, and how a code is sent again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from vkauth.protocol.api import ApiResult, method_request
from vkauth.protocol.endpoints import Endpoints
from vkauth.wire.http import Request
from vkauth.wire.json import Fields

__all__ = ["CodePrompt", "apply_resend", "code_type", "parse_code_prompt", "resend_request"]

_PREFIX: Final = "2fa_"
# What one API calls by its generator, the other calls by its place.
_SAME: Final = {"codegen": "app", "phone": "sms", "call_reset": "callreset"}


def code_type(name: str | None) -> str:
    """The way a code reaches the person, in one spelling: ``sms``, ``app``, ``callreset``, ``email``, ``push``, ..."""
    short = (name or "sms").lower().removeprefix(_PREFIX)
    return _SAME.get(short, short)


@dataclass(frozen=True, slots=True, kw_only=True)
class CodePrompt:
    """A confirmation code that VK asks for.

    Attributes:
        type: the way it reaches the person, see :func:`code_type`.
        validation_sid: the id under which it can be sent again.
        phone_mask: where it went: part of the number, or of the e-mail address, or the device's name.
        code_length: how many characters it has, if VK says so.
        delay: seconds until it may be sent again.
        methods: other ways that the account offers, in :func:`code_type`'s spelling.
        sent: whether VK has sent it; otherwise it comes only after a request to send it.
        received_at: when VK said so.
    """

    type: str
    validation_sid: str | None = None
    phone_mask: str | None = None
    code_length: int | None = None
    delay: float = 0.0
    methods: tuple[str, ...] = ()
    sent: bool = True
    received_at: datetime | None = None

    def __repr__(self) -> str:
        return f"<CodePrompt {self.type}>"


def _target(fields: Fields) -> str | None:
    for name in ("phone_mask", "masked_email", "device_name", "phone", "info"):
        if text := fields.text(name):
            return text
    return None


def _delay(fields: Fields) -> float:
    return max(0.0, fields.decimal("delay") or fields.number("delay") or 0.0)


def parse_code_prompt(fields: Fields) -> CodePrompt:
    """Read ``need_validation`` of ``/token``."""
    way = code_type(fields.text("validation_type"))
    return CodePrompt(
        type=way,
        validation_sid=fields.text("validation_sid"),
        phone_mask=_target(fields),
        code_length=fields.number("code_length"),
        delay=_delay(fields),
        # For an SMS it says that one comes on request only; for an app or a call, that an SMS may be had instead.
        sent=way != "sms" or fields.text("validation_resend") is None,
    )


def resend_request(endpoints: Endpoints, validation_sid: str, form: Mapping[str, str]) -> Request:
    """Ask VK to send the code (again): ``auth.validatePhone``."""
    return method_request(endpoints, "auth.validatePhone", {**form, "sid": validation_sid})


def apply_resend(prompt: CodePrompt, result: ApiResult) -> CodePrompt:
    """What the prompt has become after the code was sent again. ``{"response": 1}`` is all that some answers say."""
    answer = result.value
    way = answer.text("validation_type")
    return replace(
        prompt,
        type=code_type(way) if way else prompt.type,
        validation_sid=answer.text("sid") or answer.text("next_sid") or prompt.validation_sid,
        phone_mask=_target(answer) or prompt.phone_mask,
        code_length=answer.number("code_length") or (None if way else prompt.code_length),
        delay=_delay(answer),
        sent=True,
    )
