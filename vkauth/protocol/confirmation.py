"""Confirmation codes (2FA): what VK asks for, and how a code is sent again.

``need_validation``: https://github.com/vk-cli/vk/issues/67 (2016-12), https://github.com/vkbottle/vkbottle/pull/1076
(2024-12); ``auth.validatePhone``: https://github.com/vodka2/vk-audio-token/issues/25 (2020-05).
docs/vk.md, 1.6 and 1.10.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from vkauth.protocol.api import ApiResult, method_request
from vkauth.protocol.endpoints import Endpoints
from vkauth.protocol.waiting import LONGEST_CODE_DELAY
from vkauth.secret import Secret
from vkauth.wire.http import Request
from vkauth.wire.json import Fields
from vkauth.wire.waiting import read_wait

__all__ = ["CodePrompt", "apply_resend", "code_type", "parse_code_prompt", "read_code_length", "resend_request"]

_PREFIX: Final = "2fa_"
# What one API calls by its generator, the other calls by its place.
_SAME: Final = {"codegen": "app", "phone": "sms", "call_reset": "callreset"}
# Codes of four to eight characters have been seen.
_LONGEST_CODE: Final = 32


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
        received_at: when the answer came that says all this (aware, UTC); ``delay`` counts from then. ``None`` where
            VK was not asked, or says nothing of a delay.
    """

    type: str
    validation_sid: str | None = None
    phone_mask: str | None = None
    code_length: int | None = None
    delay: float = 0.0
    methods: tuple[str, ...] = ()
    sent: bool = True
    received_at: datetime | None = None

    def __post_init__(self) -> None:
        if self.validation_sid is not None:
            object.__setattr__(self, "validation_sid", Secret(self.validation_sid))

    def __repr__(self) -> str:
        return f"<CodePrompt {self.type}>"


def _read_target(fields: Fields) -> str | None:
    for name in ("phone_mask", "masked_email", "device_name", "phone", "info"):
        if text := fields.text(name):
            return text
    return None


def read_code_length(fields: Fields) -> int | None:
    """Return how many characters the code has; ``None`` if VK does not say, or nothing that a code could have."""
    length = fields.number("code_length")
    return length if length is not None and 0 < length <= _LONGEST_CODE else None


def _read_delay(fields: Fields) -> float:
    return read_wait(fields, "delay", longest=LONGEST_CODE_DELAY) or 0.0


def parse_code_prompt(fields: Fields, received_at: datetime) -> CodePrompt:
    """Read ``need_validation`` of ``/token``, which came at ``received_at``."""
    way = code_type(fields.text("validation_type"))
    return CodePrompt(
        type=way,
        validation_sid=fields.text("validation_sid"),
        phone_mask=_read_target(fields),
        code_length=read_code_length(fields),
        delay=_read_delay(fields),
        # For an SMS it says that one comes on request only; for an app or a call, that an SMS may be had instead.
        sent=way != "sms" or fields.text("validation_resend") is None,
        received_at=received_at,
    )


def resend_request(
    endpoints: Endpoints,
    validation_sid: str,
    *,
    client_id: str,
    client_secret: str,
    device_id: str,
    api_version: str,
) -> Request:
    """Ask VK to send the code (again): ``auth.validatePhone``."""
    form = {
        "sid": validation_sid,
        "client_id": client_id,
        "client_secret": client_secret,
        "device_id": device_id,
        "v": api_version,
    }
    return method_request(endpoints, "auth.validatePhone", form)


def apply_resend(prompt: CodePrompt, result: ApiResult, received_at: datetime) -> CodePrompt:
    """Return what ``prompt`` has become after the code was sent again, by the answer of ``received_at``.

    ``{"response": 1}`` is all that some answers say.
    """
    answer = result.value
    way = answer.text("validation_type")
    return replace(
        prompt,
        type=code_type(way) if way else prompt.type,
        validation_sid=answer.text("sid") or answer.text("next_sid") or prompt.validation_sid,
        phone_mask=_read_target(answer) or prompt.phone_mask,
        code_length=read_code_length(answer) or (None if way else prompt.code_length),
        delay=_read_delay(answer),
        sent=True,
        received_at=received_at,
    )
