"""Captchas: the picture of old and the "not robot" page of today.

Shapes and answers: https://dev.vk.ru/ru/api/captcha-error (seen 2026-11); fields that are missing, or come as numbers:
https://github.com/negezor/vk-io/issues/581 and https://github.com/python273/vk_api/issues/536 (2025-07 to 2026-09).
docs/vk.md, 2.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

from yarl import URL

from vkauth.secret import Secret
from vkauth.wire.addresses import absolute, browser_address
from vkauth.wire.json import Fields, parse_object

__all__ = [
    "CAPTCHA_ERROR",
    "CaptchaAnswer",
    "CaptchaPrompt",
    "CaptchaType",
    "parse_captcha",
    "read_success_token",
]

CAPTCHA_ERROR: Final = 14
"""The number of the API's error that asks for a captcha."""

_ANSWER_FIELDS: Final = frozenset({"captcha_sid", "captcha_key", "success_token", "remixstlid"})


class CaptchaType(StrEnum):
    """Which part of a login asks for a captcha."""

    DIRECT_AUTH = "direct_auth"
    IMPLICIT_FLOW_AUTH = "implicit_flow_auth"
    ACCOUNT_VERIFICATION = "account_verification"
    API_REQUEST = "api_request"


@dataclass(frozen=True, slots=True)
class CaptchaAnswer:
    """What a person made of a captcha.

    Attributes:
        value: the text of the picture, or the success token.
        as_token: whether it is the success token.
    """

    value: str
    as_token: bool

    def __post_init__(self) -> None:
        object.__setattr__(self, "value", Secret(self.value))


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptchaPrompt:
    """A captcha that VK asks for. Every field may be missing: each shape has been seen.

    Attributes:
        sid: its id.
        src: the address of the picture.
        redirect_uri: the address of the "not robot" page; it holds a session token that lives five minutes.
        audio_src: the address of the sound.
        remixstlid: to be sent back as it came.
    """

    sid: str | None = None
    src: str | None = None
    redirect_uri: str | None = None
    audio_src: str | None = None
    remixstlid: str | None = None

    def __post_init__(self) -> None:
        for name in ("sid", "src", "redirect_uri", "audio_src", "remixstlid"):
            if (value := getattr(self, name)) is not None:
                object.__setattr__(self, name, Secret(value))

    def __repr__(self) -> str:
        return f"<CaptchaPrompt {self.kind}>"

    @property
    def kind(self) -> Literal["image", "redirect"]:
        """What a person has to do. VK no longer supports the picture where it also gives a page."""
        return "redirect" if self.redirect_uri else "image"

    def answer_in(self, form: Mapping[str, str], answer: CaptchaAnswer) -> dict[str, str]:
        """Return ``form`` with ``answer`` in the place of any earlier one.

        A success token goes together with ``captcha_sid``, where there is one: without it ``/token`` asks again
        (reported 2026-08, docs/vk.md, 2.2.5).
        """
        fields = {name: value for name, value in form.items() if name not in _ANSWER_FIELDS}
        if self.sid is not None:
            fields["captcha_sid"] = self.sid
        if not answer.as_token:
            fields["captcha_key"] = answer.value
            return fields
        if self.remixstlid is not None:
            fields["remixstlid"] = self.remixstlid
        fields["success_token"] = answer.value
        return fields


def parse_captcha(fields: Fields, base: URL) -> CaptchaPrompt:
    """Read a captcha from an answer; ``base`` is the address that pictures are relative to. A sid may be a number."""
    return CaptchaPrompt(
        sid=fields.text("captcha_sid"),
        src=absolute(base, fields.text("captcha_img")),
        redirect_uri=browser_address(fields.text("redirect_uri")),
        audio_src=absolute(base, fields.text("captcha_track")),
        remixstlid=fields.text("remixstlid"),
    )


def read_success_token(told: str) -> Secret | None:
    """Read what the "not robot" page hands to an application; ``None`` if there is no token in it."""
    fields = parse_object(told)
    return None if fields is None else fields.secret("token") or None
