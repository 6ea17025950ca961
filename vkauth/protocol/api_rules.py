"""The errors of VK's API, as far as they come where a code is exchanged or a profile is asked for."""

from __future__ import annotations

from typing import Final

from vkauth.errors import AuthErrorCode
from vkauth.oauth.refusals import OAuthRules
from vkauth.protocol.captcha import CAPTCHA_ERROR
from vkauth.protocol.error_codes import VALIDATION_ERROR, api_refusal
from vkauth.wire.json import Fields

__all__ = ["API_RULES"]


def _classify(error: Fields, _status: int | None) -> AuthErrorCode | None:
    """What the number, or the text, says; ``None`` if it is none that is known."""
    # Nobody can pass a captcha here: the person has to, in their browser.
    if error.number("error_code") == CAPTCHA_ERROR:
        return AuthErrorCode.VALIDATION_REQUIRED
    code = api_refusal(error).code
    return None if code is AuthErrorCode.AUTHORIZATION_FAILED else code


API_RULES: Final = OAuthRules(
    provider="vk",
    name="VK",
    hints={
        "5": "the token has ended or was revoked; sign the person in again",
        "6": "the application asks too often: VK takes some requests a second",
        "9": "VK's flood control; wait for hours",
        str(CAPTCHA_ERROR): "VK wants a captcha passed; open error.redirect_uri in the person's browser",
        str(VALIDATION_ERROR): "VK wants a confirmation; open error.redirect_uri in the person's browser",
        "29": "the limit of this method is used up; wait",
        "1117": "the token has ended; sign the person in again",
    },
    names=("error_code",),
    texts=("error_msg",),
    kept=("error_subcode",),
    classify=_classify,
)
"""How they are told. Their HTTP status is 200 (https://dev.vk.com/en/reference/errors, seen 2026-11)."""
