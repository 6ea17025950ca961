"""The one exception and its codes."""

from __future__ import annotations

import copy
import pickle

import pytest

from vkauth import AuthError, AuthErrorCode, GroupToken, GroupTokens, MissingGroupsError
from vkauth.secret import Secret

# Names that other people's programs compare with: none may go.
PROMISED = [
    "PAGE_BLOCKED",
    "INVALID_PHONE_NUMBER",
    "AUTHORIZATION_FAILED",
    "FAILED_PASSED_CAPTCHA",
    "FAILED_PASSED_TWO_FACTOR",
    "USERNAME_OR_PASSWORD_IS_INCORRECT",
    "TOO_MUCH_TRIES",
    "WRONG_OTP",
    "OTP_FORMAT_IS_INCORRECT",
    "MISSING_CAPTCHA_HANDLER",
    "MISSING_TWO_FACTOR_HANDLER",
    "FLOOD_CONTROL",
    "RATE_LIMITED",
    "APP_NOT_ALLOWED",
    "ACCESS_DENIED",
    "VALIDATION_REQUIRED",
    "INVALID_GRANT",
    "STATE_MISMATCH",
    "UNEXPECTED_RESPONSE",
    "UNTRUSTED_REDIRECT",
    "NETWORK_ERROR",
    "TIMEOUT",
    "SERVER_ERROR",
]


def full() -> AuthError:
    return AuthError(
        AuthErrorCode.VALIDATION_REQUIRED,
        "open the page",
        details={"error": "need_validation", "error_code": 17, "flag": True, "none": None},
        redirect_uri="https://m.vk.ru/activation?hash=CANARY",
        retry_after=1.5,
    )


@pytest.mark.parametrize("name", PROMISED)
def test_a_code_is_its_own_name(name: str) -> None:
    """Codes are text, so that they can be compared, stored and logged as it."""
    assert AuthErrorCode(name) == name == str(AuthErrorCode[name])


@pytest.mark.parametrize("code", list(AuthErrorCode))
def test_retryable_is_what_may_pass_by_itself(code: AuthErrorCode) -> None:
    """Flood control and a wrong password are among those that must not be tried again."""
    expected = code in ("NETWORK_ERROR", "TIMEOUT", "SERVER_ERROR", "RATE_LIMITED")
    assert AuthError(code, "x").retryable is expected


def test_text_names_the_code_and_the_message() -> None:
    """Both are in ``str``; the address, which may hold a key, is in neither ``str`` nor ``repr``."""
    error = full()
    assert str(error) == "[VALIDATION_REQUIRED] open the page"
    assert repr(error) == "AuthError(VALIDATION_REQUIRED, 'open the page')"
    assert error.redirect_uri == "https://m.vk.ru/activation?hash=CANARY"
    assert "CANARY" not in repr(error.redirect_uri)


def test_defaults_are_empty() -> None:
    """An error that nothing is known of has no details, address or time."""
    error = AuthError(AuthErrorCode.TIMEOUT, "x")
    assert (dict(error.details), error.redirect_uri, error.retry_after) == ({}, None, None)


@pytest.mark.parametrize("again", [lambda e: pickle.loads(pickle.dumps(e)), copy.copy, copy.deepcopy])
def test_an_error_survives_pickling_whole(again: object) -> None:
    """Workers hand errors to other processes: every part comes along, still masked and read-only."""
    error = full()
    error.add_note("a note")
    other = again(error)  # type: ignore[operator]
    assert type(other) is AuthError
    assert (other.code, other.message, str(other)) == (error.code, error.message, str(error))
    assert dict(other.details) == dict(error.details)
    assert (other.redirect_uri, other.retry_after, other.retryable) == (error.redirect_uri, 1.5, False)
    assert isinstance(other.redirect_uri, Secret)
    assert other.__notes__ == ["a note"]
    assert other.args == (error.message,)
    with pytest.raises(TypeError):
        other.details["x"] = 1


def test_missing_groups_carries_the_tokens_that_came() -> None:
    """The communities without a token are named; those with one are not lost, also not by pickling."""
    tokens = GroupTokens(groups=[GroupToken(group_id=3, token="vk1.a.CANARY")])
    error = pickle.loads(pickle.dumps(MissingGroupsError((1, 2), tokens)))
    assert isinstance(error, MissingGroupsError)
    assert error.code is AuthErrorCode.ACCESS_DENIED
    assert error.group_ids == (1, 2)
    assert error.tokens == tokens
    assert "1, 2" in str(error)
    assert "CANARY" not in str(error) + repr(error) + repr(error.tokens)


def test_scrub_takes_secrets_out_of_everything_that_is_said() -> None:
    """S1: a service may repeat in its answer what it was sent."""
    error = AuthError(AuthErrorCode.WRONG_OTP, "code CANARY is wrong", details={"error": "CANARY!", "error_code": 7})
    error.scrub(["CANARY"])
    assert error.message == "code *** is wrong"
    assert error.args == ("code *** is wrong",)
    assert dict(error.details) == {"error": "***!", "error_code": 7}


def test_details_cannot_be_changed() -> None:
    """Whoever catches an error cannot change it for the next one."""
    with pytest.raises(TypeError):
        full().details["error"] = "x"  # type: ignore[index]
