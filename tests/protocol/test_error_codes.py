"""VK's error names and numbers: the whole table."""

from __future__ import annotations

import json
from typing import Any

import pytest
from costs import cost_of

from vkauth.errors import AuthError, Said
from vkauth.errors import AuthErrorCode as Code
from vkauth.protocol.error_codes import (
    api_refusal,
    ban_error,
    form_refusal,
    named_refusal,
    split_numbered,
    what_vk_said,
)
from vkauth.wire.json import Fields

NUMBERS = {
    2: Code.APP_NOT_ALLOWED,
    4: Code.APP_NOT_ALLOWED,
    5: Code.INVALID_GRANT,
    6: Code.RATE_LIMITED,
    7: Code.APP_NOT_ALLOWED,
    8: Code.AUTHORIZATION_FAILED,
    9: Code.FLOOD_CONTROL,
    10: Code.SERVER_ERROR,
    15: Code.ACCESS_DENIED,
    17: Code.VALIDATION_REQUIRED,
    18: Code.PAGE_BLOCKED,
    24: Code.VALIDATION_REQUIRED,
    25: Code.INVALID_GRANT,
    28: Code.APP_NOT_ALLOWED,
    29: Code.RATE_LIMITED,
    37: Code.PAGE_BLOCKED,
    38: Code.APP_NOT_ALLOWED,
    43: Code.SERVER_ERROR,
    101: Code.APP_NOT_ALLOWED,
    103: Code.TOO_MUCH_TRIES,
    104: Code.USERNAME_OR_PASSWORD_IS_INCORRECT,
    1000: Code.INVALID_PHONE_NUMBER,
    1004: Code.INVALID_PHONE_NUMBER,
    1105: Code.TOO_MUCH_TRIES,
    1110: Code.WRONG_OTP,
    1112: Code.RATE_LIMITED,
    1113: Code.INVALID_GRANT,
    1114: Code.INVALID_GRANT,
    1116: Code.INVALID_GRANT,
    1117: Code.INVALID_GRANT,
    1118: Code.INVALID_GRANT,
    3609: Code.INVALID_GRANT,
    3610: Code.PAGE_BLOCKED,
    8210: Code.INVALID_GRANT,
    1: Code.AUTHORIZATION_FAILED,
    100: Code.AUTHORIZATION_FAILED,
    -1: Code.AUTHORIZATION_FAILED,
    123456789: Code.AUTHORIZATION_FAILED,
}

# error, error_type, error_description -> code (docs/vk.md, 1.7 and 3.1)
ANSWERS: list[tuple[object, object, object, Code]] = [
    ("invalid_client", "username_or_password_is_incorrect", "", Code.USERNAME_OR_PASSWORD_IS_INCORRECT),
    ("invalid_client", None, "client_secret is incorrect", Code.APP_NOT_ALLOWED),
    ("invalid_client", None, "Username or password is incorrect", Code.USERNAME_OR_PASSWORD_IS_INCORRECT),
    ("invalid_client", None, "Указан неверный логин или пароль", Code.USERNAME_OR_PASSWORD_IS_INCORRECT),
    ("invalid_client", None, None, Code.APP_NOT_ALLOWED),
    ("invalid_request", "wrong_otp", "wrong code", Code.WRONG_OTP),
    ("invalid_request", None, "Вы ввели неверный код", Code.WRONG_OTP),
    ("invalid_request", None, "too much tries", Code.TOO_MUCH_TRIES),
    ("invalid_request", "otp_format_is_incorrect", None, Code.OTP_FORMAT_IS_INCORRECT),
    ("invalid_request", "too_much_tries", None, Code.TOO_MUCH_TRIES),
    ("invalid_request", "password_bruteforce_attempt", None, Code.FLOOD_CONTROL),
    ("invalid_request", "restore_wait_delayed_request", None, Code.AUTHORIZATION_FAILED),
    ("invalid_request", "cancel_by_owner_needed", None, Code.AUTHORIZATION_FAILED),
    ("invalid_request", None, "Security Error", Code.APP_NOT_ALLOWED),
    ("invalid_request", None, "application was deleted", Code.APP_NOT_ALLOWED),
    ("invalid_request", None, "Application is blocked", Code.APP_NOT_ALLOWED),
    ("invalid_request", None, "OAuth authorization cannot be used from native VK applications", Code.APP_NOT_ALLOWED),
    ("invalid_request", None, "redirect_uri is incorrect, check application settings", Code.AUTHORIZATION_FAILED),
    ("9;Flood control", "password_bruteforce_attempt", None, Code.FLOOD_CONTROL),
    ("9;Flood control", None, None, Code.FLOOD_CONTROL),
    ("8210;Invalid sid", None, None, Code.INVALID_GRANT),
    ("17;Validation required", None, None, Code.VALIDATION_REQUIRED),
    ("777;Something", None, None, Code.AUTHORIZATION_FAILED),
    ("777;Flood", None, None, Code.FLOOD_CONTROL),
    ("too_many_requests", None, None, Code.RATE_LIMITED),
    ("slow_down", None, None, Code.RATE_LIMITED),
    ("x", "too_many_requests", None, Code.RATE_LIMITED),
    ("unauthorized_client", None, None, Code.APP_NOT_ALLOWED),
    ("unsupported_response_type", None, None, Code.APP_NOT_ALLOWED),
    ("access_denied", None, "User denied your request", Code.ACCESS_DENIED),
    ("invalid_grant", None, None, Code.INVALID_GRANT),
    ("invalid_token", None, None, Code.INVALID_GRANT),
    ("invalid_anonymous_token", None, None, Code.INVALID_GRANT),
    ("anonymous_token_has_expired", None, None, Code.INVALID_GRANT),
    ("invalid_scope", None, None, Code.AUTHORIZATION_FAILED),
    ("server_error", None, None, Code.SERVER_ERROR),
    ("temporarily_unavailable", None, None, Code.SERVER_ERROR),
    ("need_validation", None, "please open redirect_uri in browser [3]", Code.VALIDATION_REQUIRED),
    ("need_authcheck", None, None, Code.VALIDATION_REQUIRED),
    ("x", "phone_validation_required", None, Code.VALIDATION_REQUIRED),
    ("x", "user_banned", None, Code.PAGE_BLOCKED),
    ("x", "user_deactivated", None, Code.PAGE_BLOCKED),
    ("deactivated", None, None, Code.PAGE_BLOCKED),
    ("need_validation", None, "user has been banned", Code.PAGE_BLOCKED),
    ("invalid_password", None, None, Code.USERNAME_OR_PASSWORD_IS_INCORRECT),
    ("sign_in_agreement_required", None, None, Code.AUTHORIZATION_FAILED),
    ("x", "partial_token", None, Code.AUTHORIZATION_FAILED),
    ("never heard of", "neither", "nor this", Code.AUTHORIZATION_FAILED),
    (None, None, None, Code.AUTHORIZATION_FAILED),
    (17, {}, [], Code.AUTHORIZATION_FAILED),
]


@pytest.mark.parametrize(("number", "code"), NUMBERS.items())
def test_numbers(number: int, code: Code) -> None:
    """Each number of an API error has one code, whether it comes as a number, as text, or glued to its text."""
    for given in (number, str(number)):
        error = api_refusal(Fields({"error_code": given, "error_msg": "Said"}))
        assert error.code is code
        assert error.details == {"error_code": str(number), "error_msg": "Said"}
        assert error.message.endswith("(VK: Said)")
    assert named_refusal(Fields({"error": f"{number};Said"})).code is code


@pytest.mark.parametrize(("error", "kind", "description", "code"), ANSWERS)
def test_names(error: object, kind: object, description: object, code: Code) -> None:
    """Each name has one code; ``error_type`` is the narrower word, and VK's text helps where neither says enough."""
    given = {"error": error, "error_type": kind, "error_description": description}
    assert named_refusal(Fields({name: value for name, value in given.items() if value is not None})).code is code


@pytest.mark.parametrize(
    ("error_code", "info", "code"),
    [
        ("incorrect_password", "Wrong password", Code.USERNAME_OR_PASSWORD_IS_INCORRECT),
        ("incorrect_credentials", "", Code.USERNAME_OR_PASSWORD_IS_INCORRECT),
        ("password_bruteforce", "", Code.FLOOD_CONTROL),
        ("", "wrong origin", Code.AUTHORIZATION_FAILED),
        ("", "wrong_host", Code.AUTHORIZATION_FAILED),
        ("", "unauthorized", Code.AUTHORIZATION_FAILED),
        ("", "Flood control", Code.FLOOD_CONTROL),
    ],
)
def test_names_of_the_web_login(error_code: str, info: str, code: Code) -> None:
    """The web login names its errors in ``error_code`` and tells about them in ``error_info``."""
    error = named_refusal(Fields({"type": "error", "error_code": error_code, "error_info": info}))
    assert error.code is code
    assert info in error.message


def test_the_text_of_an_unknown_number_counts() -> None:
    """Where the number says nothing, or too little, the text may."""
    assert api_refusal(Fields({"error_code": 99999, "error_msg": "Flood control"})).code is Code.FLOOD_CONTROL
    assert api_refusal(Fields({"error_text": "User was banned"})).code is Code.PAGE_BLOCKED
    assert api_refusal(Fields({})).code is Code.AUTHORIZATION_FAILED
    blocked = {"error_code": 5, "error_msg": "User authorization failed: user is blocked."}
    assert api_refusal(Fields(blocked)).code is Code.PAGE_BLOCKED


@pytest.mark.parametrize(
    "fields",
    [
        {"error_code": 5, "error_msg": "User authorization failed: access_token was given to another ip address."},
        {"error_code": 5, "error_subcode": 1130, "error_msg": "User authorization failed"},
        {"error_code": "5", "error_subcode": "1130"},
    ],
)
def test_a_token_of_another_address(fields: dict[str, object]) -> None:
    """It is not dead: the details say what to do."""
    error = api_refusal(Fields(fields))
    assert error.code is Code.INVALID_GRANT
    assert "bound to the network address" in str(error.details["hint"])
    assert "hint" not in api_refusal(Fields({**fields, "error_code": 15})).details
    assert "hint" not in api_refusal(Fields({"error_code": 5, "error_subcode": 1133, "error_msg": "x"})).details


def test_an_error_may_mean_something_else_where_it_came() -> None:
    """Whoever asks knows better; VK's words stay."""
    error = api_refusal(Fields({"error_code": 28, "error_msg": "Said"}), Code.INVALID_GRANT)
    assert (error.code, error.details["error_code"], "Said" in error.message) == (Code.INVALID_GRANT, "28", True)


def test_what_a_refusal_carries() -> None:
    """An address to open and a time to wait go along; the address is not shown."""
    answer = {"error": "need_validation", "redirect_uri": "https://m.vk.ru/SAMPLE", "retry_after": 5, "x": "SAMPLE"}
    error = named_refusal(Fields(answer))
    assert error.redirect_uri == "https://m.vk.ru/SAMPLE"
    assert error.retry_after == 5.0
    assert "SAMPLE" not in f"{error} {error!r} {error.details}"
    assert api_refusal(Fields({"redirect_uri": "javascript:alert(1)"})).redirect_uri is None


def test_what_vk_said_is_kept_without_secrets() -> None:
    """Names, numbers and texts are kept; ``request_params`` with its token is not."""
    said = what_vk_said(
        Fields(
            {
                "error": "e" * 10_000,
                "error_code": 5,
                "error_subcode": 1130,
                "request_params": [{"key": "access_token", "value": "SAMPLE"}],
                "captcha_sid": "SAMPLE",
                "error_text": None,
            }
        )
    )
    assert said == {"error": "e" * 4000, "error_code": "5", "error_subcode": "1130"}


@pytest.mark.parametrize(
    ("answer", "names"),
    [
        (
            {"error": "invalid_client", "error_type": "username_or_password_is_incorrect", "error_description": "x"},
            {"error", "error_type"},
        ),
        ({"error": "access_denied", "error_reason": "user_denied"}, {"error", "error_reason"}),
        ({"error": "need_validation", "validation_type": "2fa_sms"}, {"error", "validation_type"}),
        ({"error_code": 1110, "error_subcode": 1110, "error_msg": "wrong"}, {"error_code", "error_subcode"}),
        ({"error_code": 14}, {"error_code"}),
        ({"error_code": "incorrect_password", "error_info": "wrong"}, {"error_code"}),
        ({"error": "9;Flood control"}, set()),
        ({"error": "new_name", "error_type": "of_something", "error_code": 123456}, set()),
    ],
)
def test_what_is_a_name_and_what_is_said(answer: dict[str, Any], names: set[str]) -> None:
    """Names and numbers that VK is known for are its own; all other text may repeat what it was sent."""
    said = what_vk_said(Fields(answer))
    assert {name for name, value in said.items() if not isinstance(value, Said)} == names
    assert said == {name: str(value) for name, value in answer.items()}


@pytest.mark.parametrize("password", ["password", "wrong", "username", "incorrect", "invalid", "login"])
def test_scrubbing_leaves_names_and_our_words(password: str) -> None:
    """A password that is a word of ours or of VK's names changes neither; in VK's sentence it is taken out."""
    answer = {
        "error": "invalid_client",
        "error_type": "username_or_password_is_incorrect",
        "error_description": f"This is wrong: {password}!",
    }
    error = named_refusal(Fields(answer))
    error.scrub([password])
    assert error.details["error"] == "invalid_client"
    assert error.details["error_type"] == "username_or_password_is_incorrect"
    assert error.message.startswith("the login or the password is wrong (VK: This is ")
    assert password not in str(error.details["error_description"])
    assert password not in error.message.partition("VK: This is")[2].removeprefix(" wrong")


def test_scrubbing_leaves_a_name_in_the_message() -> None:
    """Where VK says nothing but a name, that is no text that could repeat anything."""
    error = named_refusal(Fields({"error": "invalid_client"}))
    error.scrub(["client", "invalid_client"])
    assert error.message == "VK does not let this application log in this way (VK: invalid_client)"


def test_an_echoed_password_is_not_cut_before_it_is_taken_out() -> None:
    """S1: a text is shown cut, so what it is cut from is scrubbed first."""
    echo = "x" * 290 + "SAMPLE_password" + "y" * 100
    error = named_refusal(Fields({"error": "invalid_request", "error_description": echo}))
    error.scrub(["SAMPLE_password"])
    assert "SAMPLE" not in f"{error} {error!r} {dict(error.details)} {vars(error)}"


@pytest.mark.parametrize(
    ("value", "seconds"),
    [(5, 5.0), ("17", 17.0), (604800, 604800.0), (604801, None), (-5, None), (1e23, None), (True, None)],
)
def test_how_long_to_wait(value: object, seconds: float | None) -> None:
    """A time to wait is one that somebody could wait for."""
    assert named_refusal(Fields({"error": "slow_down", "retry_after": value})).retry_after == seconds


HOSTILE = {
    "Russian": "логин" * 400_000,
    "spaces": " " * 2_000_000,
    "digits": "9" * 2_000_000,
    "numbered": "9;" * 1_000_000,
    "surrogates": "\udcff" * 500_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("name", ["error", "error_type", "error_description", "error_msg", "error_code", "retry_after"])
def test_the_longest_answers(name: str, text: str) -> None:
    """R1: 2 MiB of anything in any part of an error cost next to nothing, and the error is short."""
    fields = Fields({name: text, "ban_info": {"message": text, "restore_url": text}, "redirect_uri": text})

    def errors() -> list[object]:
        return [api_refusal(fields), named_refusal(fields), ban_error(fields), form_refusal(text)]

    assert cost_of(errors) < 0.5
    for error in errors():
        assert isinstance(error, AuthError)
        assert len(error.message) < 500


def test_numbers_of_any_size() -> None:
    """R1: a number of 5,000 digits is none of VK's."""
    error = api_refusal(Fields({"error_code": 10**5000, "error_msg": "x", "retry_after": 10**5000}))
    assert (error.code, dict(error.details)) == (Code.AUTHORIZATION_FAILED, {"error_msg": "x"})
    assert named_refusal(Fields(json.loads('{"error": 1e999, "error_type": NaN}'))).code is Code.AUTHORIZATION_FAILED


def test_long_texts_are_cut() -> None:
    """A message holds no page."""
    assert len(named_refusal(Fields({"error_description": "x" * 10_000})).message) < 400


@pytest.mark.parametrize(
    ("error", "parts"),
    [
        ("9;Flood control", (9, "Flood control")),
        ("8210; Invalid sid ", (8210, "Invalid sid")),
        ("-1;", (-1, "")),
        ("1;two;three\nfour", (1, "two;three\nfour")),
        ("invalid_client", None),
        (";x", None),
        ("9:Flood", None),
        ("1234567890;x", None),
        ("", None),
    ],
)
def test_numbers_glued_to_their_text(error: str, parts: tuple[int, str] | None) -> None:
    """VK glues an API error's number to its text."""
    assert split_numbered(error) == parts


def test_bans() -> None:
    """A ban says what VK says of it and where to go, and leaves the restricted token out."""
    info = {"member_name": "T", "message": "Blocked", "access_token": "SAMPLE", "restore_url": "https://vk.ru/restore"}
    error = ban_error(Fields({"error": "need_validation", "ban_info": info}))
    assert (error.code, error.redirect_uri) == (Code.PAGE_BLOCKED, "https://vk.ru/restore")
    assert error.message == "the account is blocked (VK: Blocked)"
    error.scrub(["Blocked", "account"])
    assert error.message == "the account is blocked (VK: ***)"
    assert "SAMPLE" not in repr(vars(error))


@pytest.mark.parametrize("info", [None, {}, [], "x", {"message": 5}])
def test_bans_with_parts_missing(info: object) -> None:
    """R9: whatever shape ``ban_info`` has (vkbottle#699), it is a ban."""
    error = ban_error(Fields({"ban_info": info, "error_description": "user has been banned"}))
    assert error.code is Code.PAGE_BLOCKED
    assert error.redirect_uri is None
    assert ban_error(Fields({})).message == "the account is blocked"


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (None, Code.USERNAME_OR_PASSWORD_IS_INCORRECT),
        ("", Code.USERNAME_OR_PASSWORD_IS_INCORRECT),
        ("Указан неверный логин или пароль.", Code.USERNAME_OR_PASSWORD_IS_INCORRECT),
        ("Something else", Code.AUTHORIZATION_FAILED),
        ("Слишком много попыток. Попробуйте позже.", Code.TOO_MUCH_TRIES),
        ("Ваша страница заблокирована", Code.PAGE_BLOCKED),
        ("Неверный код", Code.WRONG_OTP),
        ("Flood control", Code.FLOOD_CONTROL),
        ("Application is blocked", Code.APP_NOT_ALLOWED),
    ],
)
def test_login_forms_that_come_back(message: str | None, code: Code) -> None:
    """A login form again, without a word, is a wrong password; what the page says is never made into one."""
    error = form_refusal(message)
    assert error.code is code
    assert not message or message in error.message
