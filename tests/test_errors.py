"""The one exception and its codes."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable, Iterator

import pytest

from vkauth import (
    AnswerRefused,
    AuthError,
    AuthErrorCode,
    GroupToken,
    GroupTokens,
    LoginRefused,
    Misconfigured,
    MissingGroupsError,
    NotUnderstood,
    TokenStoreError,
    Unreachable,
)
from vkauth.errors import CASES, Next, Said
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
    "SIGNATURE_INVALID",
    "SIGNATURE_EXPIRED",
    "STORE_UNAVAILABLE",
    "STORE_CORRUPT",
    "STORE_CONFLICT",
    "LOCK_TIMEOUT",
    "WRONG_KEY",
    "KEY_UNAVAILABLE",
    "TOKEN_NOT_FOUND",
    "TOKEN_EXPIRED",
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
    of_stores = ("STORE_UNAVAILABLE", "LOCK_TIMEOUT")
    expected = code in ("NETWORK_ERROR", "TIMEOUT", "SERVER_ERROR", "RATE_LIMITED", *of_stores)
    assert AuthError(code, "x").retryable is expected


def test_text_names_the_code_and_the_message() -> None:
    """Both are in ``str``; the address, which may hold a key, is in neither ``str`` nor ``repr``."""
    error = full()
    assert str(error) == "[VALIDATION_REQUIRED] open the page"
    assert repr(error) == "LoginRefused(VALIDATION_REQUIRED, 'open the page')"
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
    assert type(other) is LoginRefused
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


def test_scrub_takes_secrets_out_of_what_the_service_said() -> None:
    """S1: a service may repeat in its answer what it was sent."""
    error = AuthError(
        AuthErrorCode.WRONG_OTP, "no", said="VK: code CANARY", details={"text": Said("CANARY!"), "error_code": 7}
    )
    error.scrub(["CANARY"])
    assert error.message == "no (VK: code ***)"
    assert error.args == (error.message,)
    assert dict(error.details) == {"text": "***!", "error_code": 7}


def test_scrub_leaves_the_librarys_own_words_and_the_services_names() -> None:
    """A password like "wrong" or "password" must not blot out what the error means."""
    error = AuthError(
        AuthErrorCode.USERNAME_OR_PASSWORD_IS_INCORRECT,
        "the login or the password is wrong",
        said="VK: wrong or expired",
        details={"error_type": "username_or_password_is_incorrect"},
    )
    error.scrub(["wrong", "password"])
    assert error.message == "the login or the password is wrong (VK: *** or expired)"
    assert error.details["error_type"] == "username_or_password_is_incorrect"


def test_a_secret_is_found_before_the_text_is_cut() -> None:
    """S1: a text that is cut in the middle of an echoed password would show its first half."""
    error = AuthError(AuthErrorCode.WRONG_OTP, "no", said="x" * 290 + "CANARY-CANARY-CANARY")
    error.scrub(["CANARY-CANARY-CANARY"])
    assert "CANARY" not in error.message
    assert len(error.message) < 320


FAULTS = {
    AnswerRefused: "WRONG_OTP OTP_FORMAT_IS_INCORRECT FAILED_PASSED_CAPTCHA FAILED_PASSED_TWO_FACTOR",
    NotUnderstood: "UNEXPECTED_RESPONSE UNTRUSTED_REDIRECT STATE_MISMATCH SIGNATURE_INVALID SIGNATURE_EXPIRED",
    Unreachable: "NETWORK_ERROR TIMEOUT SERVER_ERROR RATE_LIMITED",
    TokenStoreError: "STORE_UNAVAILABLE STORE_CORRUPT STORE_CONFLICT LOCK_TIMEOUT WRONG_KEY KEY_UNAVAILABLE",
    Misconfigured: "MISSING_CAPTCHA_HANDLER MISSING_TWO_FACTOR_HANDLER APP_NOT_ALLOWED",
}


@pytest.mark.parametrize("code", list(AuthErrorCode))
def test_the_class_says_whose_fault_it_is(code: AuthErrorCode) -> None:
    """Who catches a fault need not know all of its codes; an error made by its code alone is of the right class."""
    expected = next((kind for kind, codes in FAULTS.items() if code in codes.split()), LoginRefused)
    error = AuthError(code, "x")
    assert type(error) is expected is CASES[code].fault
    assert error.advice


def test_what_is_known_of_an_error_is_its_advice() -> None:
    """It says more than the advice of its code."""
    plain = AuthError(AuthErrorCode.APP_NOT_ALLOWED, "refused")
    known = AuthError(AuthErrorCode.APP_NOT_ALLOWED, "refused", details={"hint": "switch Kakao Login on"})
    assert plain.advice == Next.CHANGE_APPLICATION.value
    assert known.advice == "switch Kakao Login on"


def test_every_code_is_in_the_one_table() -> None:
    """A code without its case would fail only when it happens."""
    assert set(CASES) == set(AuthErrorCode)


def test_a_code_as_text_is_that_code() -> None:
    """Hooks of other people may have nothing but the name; one that is none is refused at once."""
    assert AuthError("TIMEOUT", "x").code is AuthErrorCode.TIMEOUT  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="NO_SUCH_CODE"):
        AuthError("NO_SUCH_CODE", "x")  # type: ignore[arg-type]


def test_a_sample_survives_pickling_without_its_page() -> None:
    """The page stays in its process: what crosses is the sample."""
    error = AuthError(AuthErrorCode.UNEXPECTED_RESPONSE, "x")
    assert isinstance(error, NotUnderstood)
    assert error.sample() is None
    assert pickle.loads(pickle.dumps(error)).sample() is None
    error.keep_sample(lambda: "<html>")
    assert pickle.loads(pickle.dumps(error)).sample() == "<html>"


def test_details_cannot_be_changed() -> None:
    """Whoever catches an error cannot change it for the next one."""
    with pytest.raises(TypeError):
        full().details["error"] = "x"  # type: ignore[index]


@pytest.mark.parametrize(
    ("kind", "code"),
    [(AnswerRefused, AuthErrorCode.TIMEOUT), (LoginRefused, AuthErrorCode.WRONG_OTP), (Unreachable, "ACCESS_DENIED")],
)
def test_class_and_code_agree(kind: type[AuthError], code: AuthErrorCode) -> None:
    """Who catches a class may rely on its codes; the mistake is named in full."""
    with pytest.raises(ValueError, match=rf"^{kind.__name__} cannot have the code {code}"):
        kind(code, "x")


def test_own_subclasses() -> None:
    """Users' own errors may be of one fault, with its codes, or of none, with any."""

    class OwnTimeout(Unreachable):
        pass

    class OwnError(AuthError):
        pass

    assert type(OwnTimeout(AuthErrorCode.TIMEOUT, "x")) is OwnTimeout
    assert type(OwnError(AuthErrorCode.WRONG_OTP, "x")) is OwnError
    with pytest.raises(ValueError, match="OwnTimeout cannot have the code WRONG_OTP"):
        OwnTimeout(AuthErrorCode.WRONG_OTP, "x")


def test_nothing_is_looked_for_where_the_service_said_nothing() -> None:
    """To collect the secrets of a run takes time, so an error of ours alone does not ask for them."""

    def secrets() -> Iterator[str]:
        raise AssertionError
        yield ""

    error = AuthError(AuthErrorCode.TIMEOUT, "x", details={"status": 200})
    error.scrub(secrets())
    assert error.message == "x"


@pytest.mark.parametrize("length", [3, 4, 10, 77])
def test_a_text_is_kept_long_and_its_cut_end_is_taken_out(length: int) -> None:
    """S1: masks make a text shorter, so that what was cut at its end might be shown."""
    password = ("SAMPLE_password" * 20)[: length + 200]
    error = AuthError(
        AuthErrorCode.WRONG_OTP, "no", said=f"VK: {password * 100}", details={"text": Said(password * 100)}
    )
    error.scrub([password])
    assert "SAMP" not in f"{error}{error!r}{error.args}{dict(error.details)}{vars(error)}"


@pytest.mark.parametrize("again", [lambda e: pickle.loads(pickle.dumps(e)), copy.copy, copy.deepcopy])
def test_what_was_said_stays_foreign_in_another_process(again: Callable[[AuthError], AuthError]) -> None:
    """S1: an error that is scrubbed after it was handed on hides the same."""
    text = Said("x" * 60 + "SAMPLE_password", longest=70, was_cut=True)
    error = again(AuthError(AuthErrorCode.WRONG_OTP, "no", said=text, details={"text": text}))
    error.scrub(["SAMPLE_password and more"])
    assert error.message == f"no ({'x' * 60}***)"
    assert error.details["text"] == "x" * 60 + "***"


@pytest.mark.parametrize("again", [lambda e: pickle.loads(pickle.dumps(e)), copy.copy, copy.deepcopy])
def test_an_error_of_a_store_names_the_record_and_the_store(again: Callable[[AuthError], AuthError]) -> None:
    """Both are in the message where they are known, and survive pickling."""
    error = again(TokenStoreError(AuthErrorCode.STORE_CORRUPT, "damaged", key="me", location="/sample.db"))
    assert isinstance(error, TokenStoreError)
    assert (error.key, error.location, error.retryable) == ("me", "/sample.db", False)
    assert str(error) == "[STORE_CORRUPT] damaged [record 'me', store /sample.db]"
    assert (error.summary, error.args) == ("damaged", (error.message,))
    bare = AuthError(AuthErrorCode.STORE_CORRUPT, "damaged", retry_after=2)
    assert isinstance(bare, TokenStoreError)
    assert (bare.key, bare.location, bare.message, bare.retry_after) == (None, None, "damaged", 2)
