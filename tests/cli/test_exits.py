"""The table of what every error leads to."""

from __future__ import annotations

import pytest

from vkauth.cli.exits import NEXT, Exit, describe, duration, exit_table
from vkauth.errors import AuthError, AuthErrorCode


def test_every_error_code_has_an_exit_code_and_advice() -> None:
    assert set(NEXT) == set(AuthErrorCode)
    assert all(each.advice.endswith(".") for each in NEXT.values())


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (AuthErrorCode.AUTHORIZATION_FAILED, 1),
        (AuthErrorCode.USERNAME_OR_PASSWORD_IS_INCORRECT, 3),
        (AuthErrorCode.FAILED_PASSED_CAPTCHA, 4),
        (AuthErrorCode.VALIDATION_REQUIRED, 5),
        (AuthErrorCode.FLOOD_CONTROL, 6),
        (AuthErrorCode.TIMEOUT, 7),
        (AuthErrorCode.TOKEN_UNCHANGED, 0),
    ],
)
def test_exit_codes_stay(code: AuthErrorCode, expected: int) -> None:
    assert NEXT[code].exit == expected


def test_the_description_is_one_line_with_the_code_the_advice_and_the_wait() -> None:
    error = AuthError(AuthErrorCode.RATE_LIMITED, "too many\nrequests.", retry_after=90)
    expected = "[RATE_LIMITED] too many requests. Wait before trying again. VK asks to wait 90 seconds."
    assert describe(error) == expected


def test_the_table_for_the_help_has_every_code() -> None:
    lines = exit_table().splitlines()
    assert [int(line.split()[0]) for line in lines] == [0, 1, 2, 3, 4, 5, 6, 7, 130]
    assert Exit.USAGE.meaning in lines[2]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "1 second"), (59.1, "60 seconds"), (120, "120 seconds"), (121, "3 minutes"), (7300, "3 hours")],
)
def test_durations_are_rounded_up(seconds: float, words: str) -> None:
    assert duration(seconds) == words
