"""Answers that are not what was asked for: which error each one is. The one table of VK's error names and numbers."""

from __future__ import annotations

import re
from typing import Final

from vkauth.errors import AuthError, AuthErrorCode
from vkauth.wire.addresses import browser_address
from vkauth.wire.json import Fields

__all__ = ["api_refusal", "ban_error", "form_refusal", "named_refusal", "split_numbered", "what_vk_said"]

Code = AuthErrorCode

# https://github.com/VKCOM/vk-api-schema errors.json, and the codes of the official Android SDK.
_BY_NUMBER: Final = {
    4: Code.APP_NOT_ALLOWED,  # incorrect signature
    5: Code.INVALID_GRANT,  # the access token is not valid
    6: Code.RATE_LIMITED,  # too many requests per second
    7: Code.APP_NOT_ALLOWED,  # no permission
    8: Code.AUTHORIZATION_FAILED,  # invalid request
    9: Code.FLOOD_CONTROL,
    10: Code.SERVER_ERROR,
    15: Code.ACCESS_DENIED,
    17: Code.VALIDATION_REQUIRED,
    18: Code.PAGE_BLOCKED,  # deleted or banned
    24: Code.VALIDATION_REQUIRED,  # confirmation required
    25: Code.INVALID_GRANT,  # token confirmation required
    29: Code.RATE_LIMITED,
    37: Code.PAGE_BLOCKED,  # banned
    43: Code.SERVER_ERROR,  # temporarily unavailable
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
    8210: Code.INVALID_GRANT,  # invalid sid
}

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

# Where neither name says enough, VK's text does.
_BY_TEXT: Final = (
    (re.compile(r"flood|bruteforce", re.IGNORECASE), Code.FLOOD_CONTROL),
    (
        re.compile(r"security error|application (?:is|was) (?:blocked|deleted)|native vk app", re.IGNORECASE),
        Code.APP_NOT_ALLOWED,
    ),
    (
        re.compile(r"(?:user ?name|login) or password|логин\w* или парол", re.IGNORECASE),
        Code.USERNAME_OR_PASSWORD_IS_INCORRECT,
    ),
    (re.compile(r"user (?:has been|is|was) (?:banned|blocked|deleted)", re.IGNORECASE), Code.PAGE_BLOCKED),
)

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

_SAID: Final = (
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
_LONGEST_DETAIL: Final = 300


def what_vk_said(fields: Fields) -> dict[str, str | int | float | bool | None]:
    """The parts of an error answer that are safe and useful to keep: names, numbers and texts, nothing else of it."""
    said = {name: fields.text(name) for name in _SAID}
    return {name: text[:_LONGEST_DETAIL] for name, text in said.items() if text is not None}


def split_numbered(error: str) -> tuple[int, str] | None:
    """Read ``"9;Flood control"``: VK glues an API error's number to its text."""
    match = _NUMBERED.fullmatch(error)
    return (int(match.group(1)), match.group(2).strip()) if match else None


def _refusal(code: AuthErrorCode, fields: Fields, *texts: str | None) -> AuthError:
    said = next((text for text in texts if text), None)
    message = _ADVICE.get(code, _ADVICE[Code.AUTHORIZATION_FAILED])
    return AuthError(
        code,
        f"{message} (VK: {said[:_LONGEST_DETAIL]})" if said else message,
        details=what_vk_said(fields),
        redirect_uri=browser_address(fields.text("redirect_uri")),
        retry_after=fields.decimal("retry_after"),
    )


def _by_text(*texts: str | None) -> AuthErrorCode | None:
    for text in texts:
        for pattern, code in _BY_TEXT:
            if text and pattern.search(text):
                return code
    return None


def api_refusal(error: Fields) -> AuthError:
    """The error that an API error object (``error_code``, ``error_msg``) stands for."""
    text = error.text("error_msg") or error.text("error_text")
    number = error.number("error_code")
    code = _BY_NUMBER.get(number) if number is not None else None
    return _refusal(code or _by_text(text) or Code.AUTHORIZATION_FAILED, error, text)


def named_refusal(answer: Fields) -> AuthError:
    """The error that a flat answer stands for: OAuth's ``error`` and ``error_type``, the web login's ``error_code``."""
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
    """The error of a login form that came back: a wrong password, unless its ``message`` says something else."""
    return _refusal(_by_text(message) or Code.USERNAME_OR_PASSWORD_IS_INCORRECT, Fields({}), message)


def ban_error(answer: Fields) -> AuthError:
    """The error for an account that VK has blocked (``ban_info``)."""
    info = answer.child("ban_info") or Fields({})
    return AuthError(
        Code.PAGE_BLOCKED,
        f"the account is blocked (VK: {info.text('message') or answer.text('error_description') or 'banned'})",
        details=what_vk_said(answer),
        redirect_uri=browser_address(info.text("restore_url")),
    )
