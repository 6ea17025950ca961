"""What every error leads to."""

from __future__ import annotations

import pytest

from vkauth.cli.epilogs import exit_table
from vkauth.cli.exits import ADVICE, EXIT_OF, Exit, describe, duration, exit_of, lines_of
from vkauth.errors import CASES, AuthError, AuthErrorCode, Next, TokenStoreError


def test_every_error_code_has_an_exit_code_and_advice() -> None:
    """Nothing can go wrong that the command has no exit code and no sentence for."""
    assert set(EXIT_OF) == set(Next)
    assert set(ADVICE) == set(CASES) == set(AuthErrorCode)
    assert all(each.endswith(".") for each in ADVICE.values())


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (AuthErrorCode.AUTHORIZATION_FAILED, 1),
        (AuthErrorCode.APP_NOT_ALLOWED, 1),
        (AuthErrorCode.UNEXPECTED_RESPONSE, 1),
        (AuthErrorCode.USERNAME_OR_PASSWORD_IS_INCORRECT, 3),
        (AuthErrorCode.FAILED_PASSED_CAPTCHA, 4),
        (AuthErrorCode.MISSING_CAPTCHA_HANDLER, 4),
        (AuthErrorCode.VALIDATION_REQUIRED, 5),
        (AuthErrorCode.FLOOD_CONTROL, 6),
        (AuthErrorCode.RATE_LIMITED, 6),
        (AuthErrorCode.TIMEOUT, 7),
        (AuthErrorCode.TOKEN_UNCHANGED, 0),
        (AuthErrorCode.STORE_UNAVAILABLE, 8),
        (AuthErrorCode.STORE_CORRUPT, 8),
        (AuthErrorCode.STORE_CONFLICT, 8),
        (AuthErrorCode.LOCK_TIMEOUT, 8),
        (AuthErrorCode.WRONG_KEY, 8),
        (AuthErrorCode.KEY_UNAVAILABLE, 8),
        (AuthErrorCode.TOKEN_NOT_FOUND, 9),
        (AuthErrorCode.TOKEN_EXPIRED, 9),
    ],
)
def test_exit_codes_stay(code: AuthErrorCode, expected: int) -> None:
    """Scripts rely on these numbers."""
    assert exit_of(AuthError(code, "sample")) == expected


def test_the_description_is_one_line_with_the_code_the_advice_and_the_wait() -> None:
    """A failure is told in one line, whatever the service said."""
    error = AuthError(AuthErrorCode.RATE_LIMITED, "too many\nrequests.", retry_after=90)
    expected = "[RATE_LIMITED] too many requests. Wait before trying again. VK asks to wait 90 seconds."
    assert describe(error) == expected


def test_one_advice_about_a_store() -> None:
    """The exact one, where it is known, as a sentence; without one that of the code."""
    known = TokenStoreError(AuthErrorCode.STORE_UNAVAILABLE, "full", details={"hint": "make room on the disk"})
    assert list(lines_of(known)) == ["vkauth: [STORE_UNAVAILABLE] full. Make room on the disk."]
    unknown = TokenStoreError(AuthErrorCode.STORE_UNAVAILABLE, "gone")
    assert list(lines_of(unknown)) == [f"vkauth: [STORE_UNAVAILABLE] gone. {ADVICE[AuthErrorCode.STORE_UNAVAILABLE]}"]


def test_one_advice_about_a_picture_that_nobody_can_see() -> None:
    """A terminal, the usual one for this code, would not help."""
    error = AuthError(AuthErrorCode.MISSING_CAPTCHA_HANDLER, "not saved", details={"hint": "make room on the disk"})
    assert list(lines_of(error)) == ["vkauth: [MISSING_CAPTCHA_HANDLER] not saved. Make room on the disk."]


def test_the_hint_of_a_service_has_a_line_of_its_own() -> None:
    """It is no advice in the words of the command."""
    error = AuthError(AuthErrorCode.RATE_LIMITED, "too many", details={"hint": "sample"})
    assert list(lines_of(error)) == [f"vkauth: {describe(error)}", "  sample"]


def test_the_table_for_the_help_has_every_code() -> None:
    """The help lists the exit codes with their meaning."""
    title, *lines = exit_table().splitlines()
    assert title == "exit codes:"
    assert [int(line.split()[0]) for line in lines] == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 129, 130, 143]
    assert Exit.USAGE.meaning in lines[2]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "1 second"), (59.1, "60 seconds"), (120, "120 seconds"), (121, "3 minutes"), (7300, "3 hours")],
)
def test_durations_are_rounded_up(seconds: float, words: str) -> None:
    """Who waits that long has waited long enough."""
    assert duration(seconds) == words
