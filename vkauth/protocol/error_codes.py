"""VK's error names and numbers, and which error each one is.

Numbers: https://github.com/VKCOM/vk-api-schema errors.json (2025-01); 1000, 1004, 1110, 1112, 1113 and 8210 are from
clients (docs/vk.md, 1.7, 1.10 and 3.4.3). Names: docs/vk.md, 1.7 and 3.4.4 (2017 to 2026-08).
"""

from __future__ import annotations

import re
from typing import Final

from vkauth.errors import AuthError, AuthErrorCode, Said
from vkauth.protocol.captcha import CAPTCHA_ERROR
from vkauth.protocol.error_texts import code_of_text
from vkauth.wire.addresses import browser_address
from vkauth.wire.json import Fields
from vkauth.wire.waiting import LONGEST_RETRY, read_wait

__all__ = [
    "CODE_ERRORS",
    "VALIDATION_ERROR",
    "api_code",
    "api_refusal",
    "ban_error",
    "form_refusal",
    "named_refusal",
    "split_numbered",
    "what_vk_said",
]

Code = AuthErrorCode

CODE_ERRORS: Final = frozenset({Code.WRONG_OTP, Code.OTP_FORMAT_IS_INCORRECT})
"""The confirmation code was wrong: another one may be given."""

VALIDATION_ERROR: Final = 17
"""The number of the API's error that asks for a validation."""

_NOT_VALID: Final = 5  # the access token is not valid
# Or not here: it works from the address that it was given to (docs/vk.md, 7.3).
_OTHER_ADDRESS: Final = 1130
_OTHER_ADDRESS_WORDS: Final = "another ip address"
_OTHER_ADDRESS_HINT: Final = (
    "the token is bound to the network address that it was given to: use it there, or get or refresh it here"
)
_LONGEST_READ: Final = 2000

_BY_NUMBER: Final = {
    2: Code.APP_NOT_ALLOWED,  # the application is disabled
    4: Code.APP_NOT_ALLOWED,  # incorrect signature
    _NOT_VALID: Code.INVALID_GRANT,
    6: Code.RATE_LIMITED,  # too many requests per second
    7: Code.APP_NOT_ALLOWED,  # no permission
    8: Code.AUTHORIZATION_FAILED,  # invalid request
    9: Code.FLOOD_CONTROL,
    10: Code.SERVER_ERROR,
    15: Code.ACCESS_DENIED,
    VALIDATION_ERROR: Code.VALIDATION_REQUIRED,
    18: Code.PAGE_BLOCKED,  # deleted or banned
    24: Code.VALIDATION_REQUIRED,  # confirmation required
    25: Code.INVALID_GRANT,  # token confirmation required
    28: Code.APP_NOT_ALLOWED,  # application authorization failed
    29: Code.RATE_LIMITED,
    37: Code.PAGE_BLOCKED,  # banned
    38: Code.APP_NOT_ALLOWED,  # unknown application
    43: Code.SERVER_ERROR,  # temporarily unavailable
    101: Code.APP_NOT_ALLOWED,  # invalid application id
    103: Code.TOO_MUCH_TRIES,  # out of limits
    104: Code.USERNAME_OR_PASSWORD_IS_INCORRECT,  # not found: no such login
    1000: Code.INVALID_PHONE_NUMBER,
    1004: Code.INVALID_PHONE_NUMBER,
    1105: Code.TOO_MUCH_TRIES,
    1110: Code.WRONG_OTP,
    1112: Code.RATE_LIMITED,  # processing, try later
    1113: Code.INVALID_GRANT,  # unknown validation sid
    1114: Code.INVALID_GRANT,  # anonymous token expired
    1116: Code.INVALID_GRANT,  # anonymous token invalid
    1117: Code.INVALID_GRANT,  # access token expired
    1118: Code.INVALID_GRANT,  # anonymous token of another address
    3609: Code.INVALID_GRANT,  # token extension required
    3610: Code.PAGE_BLOCKED,  # the user is deactivated
    8210: Code.INVALID_GRANT,  # invalid sid
}
# "User authorization failed: user is blocked" is 5 as well (https://github.com/python273/vk_api/issues/432, 2021-11).
_VAGUE_NUMBERS: Final = frozenset({_NOT_VALID})
_NUMBERS: Final = frozenset(map(str, (*_BY_NUMBER, CAPTCHA_ERROR)))

_BY_NAME: Final = {
    # error_type first: it is the narrower word
    "username_or_password_is_incorrect": Code.USERNAME_OR_PASSWORD_IS_INCORRECT,
    "wrong_otp": Code.WRONG_OTP,
    "otp_format_is_incorrect": Code.OTP_FORMAT_IS_INCORRECT,
    "too_much_tries": Code.TOO_MUCH_TRIES,
    "password_bruteforce_attempt": Code.FLOOD_CONTROL,
    "password_bruteforce": Code.FLOOD_CONTROL,
    "too_many_requests": Code.RATE_LIMITED,
    "slow_down": Code.RATE_LIMITED,
    "user_banned": Code.PAGE_BLOCKED,
    "user_deactivated": Code.PAGE_BLOCKED,
    "deactivated": Code.PAGE_BLOCKED,
    "phone_validation_required": Code.VALIDATION_REQUIRED,
    "need_authcheck": Code.VALIDATION_REQUIRED,
    # web login
    "incorrect_password": Code.USERNAME_OR_PASSWORD_IS_INCORRECT,
    "incorrect_credentials": Code.USERNAME_OR_PASSWORD_IS_INCORRECT,
    "invalid_password": Code.USERNAME_OR_PASSWORD_IS_INCORRECT,
    # error
    "invalid_client": Code.APP_NOT_ALLOWED,
    "unauthorized_client": Code.APP_NOT_ALLOWED,
    "unsupported_response_type": Code.APP_NOT_ALLOWED,
    "access_denied": Code.ACCESS_DENIED,
    "invalid_grant": Code.INVALID_GRANT,
    "invalid_token": Code.INVALID_GRANT,
    "invalid_anonymous_token": Code.INVALID_GRANT,
    "anonymous_token_has_expired": Code.INVALID_GRANT,
    "server_error": Code.SERVER_ERROR,
    "temporarily_unavailable": Code.SERVER_ERROR,
    "need_validation": Code.VALIDATION_REQUIRED,
}

# Names that say too little for a code of their own, and those of answers that are no errors. They are VK's names all
# the same: nothing that anybody typed is among them.
_OTHER_NAMES: Final = frozenset(
    {
        "invalid_request", "invalid_scope", "need_captcha", "user_denied", "restore_wait_delayed_request",
        "cancel_by_owner_needed", "partial_token", "sign_in_agreement_required", "oauth_specific_error",
        "2fa_sms", "2fa_app", "2fa_callreset", "2fa_libverify", "2fa_push", "2fa_email",
    }
)  # fmt: skip

_ADVICE: Final = {
    Code.FLOOD_CONTROL: "VK's flood control refused the login; wait, or log in through a browser instead",
    Code.TOO_MUCH_TRIES: "too many logins of this account; wait a few hours",
    Code.USERNAME_OR_PASSWORD_IS_INCORRECT: "the login or the password is wrong",
    Code.APP_NOT_ALLOWED: "VK does not let this application log in this way",
    Code.WRONG_OTP: "the confirmation code is wrong",
    Code.OTP_FORMAT_IS_INCORRECT: "the confirmation code has the wrong shape",
    Code.PAGE_BLOCKED: "the account is blocked or deleted",
    Code.RATE_LIMITED: "VK asks to slow down",
    Code.SERVER_ERROR: "VK failed to answer",
    Code.ACCESS_DENIED: "access was denied",
    Code.INVALID_GRANT: "VK says that a token or a code is not valid (any more)",
    Code.VALIDATION_REQUIRED: "VK wants a confirmation in a browser",
    Code.INVALID_PHONE_NUMBER: "VK does not accept the phone number",
    Code.AUTHORIZATION_FAILED: "VK refused",
}

_KEPT: Final = (
    "error",
    "error_type",
    "error_reason",
    "error_code",
    "error_subcode",
    "error_description",
    "error_msg",
    "error_text",
    "error_info",
    "validation_type",
)
_NUMBERED: Final = re.compile(r"(-?\d{1,9});(.*)", re.DOTALL)


def what_vk_said(fields: Fields) -> dict[str, str | int | float | bool | None]:
    """Keep the parts of an error answer that are useful: names, numbers and texts, nothing else of it.

    A name or number of VK's stays as it is, whatever was typed; all other text is :class:`~vkauth.errors.Said`.
    """
    said = {name: fields.text(name) for name in _KEPT}
    return {name: text if _is_name(text) else Said(text) for name, text in said.items() if text is not None}


def _is_name(text: str) -> bool:
    return text in _BY_NAME or text in _OTHER_NAMES or text in _NUMBERS


def split_numbered(error: str) -> tuple[int, str] | None:
    """Read ``"9;Flood control"``: VK glues an API error's number to its text."""
    match = _NUMBERED.fullmatch(error)
    return (int(match.group(1)), match.group(2).strip()) if match else None


def _refusal(
    code: AuthErrorCode, fields: Fields, *texts: str | None, advice: str | None = None, hint: str | None = None
) -> AuthError:
    said = next((text for text in texts if text), None)
    message = advice or _ADVICE.get(code, _ADVICE[Code.AUTHORIZATION_FAILED])
    if said is not None and _is_name(said):
        message, said = f"{message} (VK: {said})", None
    return AuthError(
        code,
        message,
        said=None if said is None else f"VK: {said}",
        details=what_vk_said(fields) | ({} if hint is None else {"hint": hint}),
        redirect_uri=browser_address(fields.text("redirect_uri")),
        retry_after=read_wait(fields, "retry_after", longest=LONGEST_RETRY),
    )


def _by_text(*texts: str | None) -> AuthErrorCode | None:
    return next((code for text in texts if text and (code := code_of_text(text)) is not None), None)


def api_code(error: Fields) -> AuthErrorCode:
    """Return what an API error object (``error_code``, ``error_msg``) says."""
    number = error.number("error_code")
    code = _BY_NUMBER.get(number) if number is not None else None
    if code is None or number in _VAGUE_NUMBERS:
        code = _by_text(_text_of(error)) or code
    return code or Code.AUTHORIZATION_FAILED


def api_refusal(error: Fields, code: AuthErrorCode | None = None, *, advice: str | None = None) -> AuthError:
    """Return the error that an API error object stands for.

    Args:
        error: the object.
        code: what it means where it came; by default what it means anywhere.
        advice: what the message says of it; by default what it says wherever somebody logs in.
    """
    text = _text_of(error)
    hint = _OTHER_ADDRESS_HINT if _is_of_other_address(error, text) else None
    return _refusal(code or api_code(error), error, text, advice=advice, hint=hint)


def _text_of(error: Fields) -> str | None:
    return error.text("error_msg") or error.text("error_text")


def _is_of_other_address(error: Fields, text: str | None) -> bool:
    if error.number("error_code") != _NOT_VALID:
        return False
    return error.number("error_subcode") == _OTHER_ADDRESS or _OTHER_ADDRESS_WORDS in (text or "")[:_LONGEST_READ]


def named_refusal(answer: Fields) -> AuthError:
    """Return the error that a flat answer stands for.

    OAuth's answers have ``error`` and ``error_type``, the web login's ``error_code``.
    """
    error, kind = answer.text("error"), answer.text("error_type")
    description = answer.text("error_description") or answer.text("error_info")
    number = split_numbered(error) if error else None
    code = (
        _BY_NAME.get(kind or "")
        or (_BY_NUMBER.get(number[0]) if number else None)
        # "Client authorization failed" and "client_secret is incorrect" are invalid_client too, but without a type.
        or _BY_NAME.get(answer.text("error_code") or "")
        or _by_text(error, description)
        or _BY_NAME.get(error or "")
        or Code.AUTHORIZATION_FAILED
    )
    return _refusal(code, answer, description, answer.text("error_reason"), number[1] if number else error, kind)


def form_refusal(message: str | None) -> AuthError:
    """Return the error of a login form that came back, by the ``message`` on its page.

    Without a message it is a wrong password, the usual reason. A message that is not known may say anything: it is
    ``AUTHORIZATION_FAILED``, with VK's words.
    """
    code = (_by_text(message) or Code.AUTHORIZATION_FAILED) if message else Code.USERNAME_OR_PASSWORD_IS_INCORRECT
    return _refusal(code, Fields({}), message)


def ban_error(answer: Fields) -> AuthError:
    """Return the error for an account that VK has blocked (``ban_info``)."""
    info = answer.child("ban_info") or Fields({})
    said = info.text("message") or answer.text("error_description")
    return AuthError(
        Code.PAGE_BLOCKED,
        "the account is blocked",
        said=None if said is None else f"VK: {said}",
        details=what_vk_said(answer),
        redirect_uri=browser_address(info.text("restore_url")),
    )
