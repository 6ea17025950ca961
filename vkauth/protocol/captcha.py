"""Captchas: the picture of old and the "not robot" page of today (https://dev.vk.ru/ru/api/captcha-error)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

from yarl import URL

from vkauth.secret import Secret
from vkauth.wire.addresses import absolute, browser_address
from vkauth.wire.json import Fields

__all__ = ["CAPTCHA_FIELDS", "NOT_ROBOT_RECIPE", "CaptchaAnswer", "CaptchaPrompt", "CaptchaType", "parse_captcha"]

CAPTCHA_FIELDS: Final = frozenset({"captcha_sid", "captcha_key", "success_token", "remixstlid"})
"""The fields in which an answer travels; a new answer replaces all of them."""

# The page hands its token to the application that shows it: in an Android webview through an object of this name,
# as JSON text. A plain browser tab gets nothing. Seen in the sources of two clients, October 2025 and later.
NOT_ROBOT_RECIPE: Final = "window.AndroidBridge = {VKCaptchaGetResult: r => prompt('token', JSON.parse(r).token)}"
"""What a person enters in the console of a browser, before passing the page, to see the success token."""


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
        ratio: width by height of the picture.
    """

    sid: str | None = None
    src: str | None = None
    redirect_uri: str | None = None
    audio_src: str | None = None
    remixstlid: str | None = None
    ratio: float | None = None

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

    def fields(self, answer: CaptchaAnswer) -> dict[str, str]:
        """The form fields that bring ``answer`` to VK.

        A success token goes together with ``captcha_sid``, where there is one: without it ``/token`` asks again.
        """
        fields = {} if self.sid is None else {"captcha_sid": self.sid}
        if not answer.as_token:
            return fields | {"captcha_key": answer.value}
        if self.remixstlid is not None:
            fields["remixstlid"] = self.remixstlid
        return fields | {"success_token": answer.value}


def parse_captcha(fields: Fields, base: URL) -> CaptchaPrompt:
    """Read a captcha from an answer; ``base`` is the address that pictures are relative to."""
    return CaptchaPrompt(
        sid=fields.text("captcha_sid"),
        src=absolute(base, fields.text("captcha_img")),
        redirect_uri=browser_address(fields.text("redirect_uri")),
        audio_src=absolute(base, fields.text("captcha_track")),
        remixstlid=fields.text("remixstlid"),
        ratio=fields.decimal("captcha_ratio"),
    )
