"""What every error leads to, here and in the READMEs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from vkauth.cli.exits import ADVICE, EXIT_OF, Exit, describe, duration, exit_of, exit_table
from vkauth.errors import CASES, AuthError, AuthErrorCode, Next

ROOT = Path(__file__).parents[2]
READMES = {"en": "README.md", "ru": "README.ru.md"}


def _rows(language: str, heading: str) -> list[tuple[str, str]]:
    """The two cells of each row of the table that begins with ``heading``."""
    text = (ROOT / READMES[language]).read_text(encoding="utf-8")
    table = re.search(rf"^\| {re.escape(heading)} \|\n\|[- |]+\|\n((?:\|.*\n)+)", text, re.MULTILINE)
    assert table is not None
    cells = [line.strip("|").split("|") for line in table[1].splitlines()]
    return [(each[0].strip(), each[1].strip()) for each in cells]


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


def test_the_table_for_the_help_has_every_code() -> None:
    """The help lists the exit codes with their meaning."""
    lines = exit_table().splitlines()
    assert [int(line.split()[0]) for line in lines] == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 129, 130, 143]
    assert Exit.USAGE.meaning in lines[2]


def test_the_readme_has_the_exit_codes_of_the_help() -> None:
    """Its table says what the command says."""
    assert _rows("en", "code | meaning") == [(str(code.value), code.meaning) for code in Exit]


def test_the_russian_readme_has_the_same_exit_codes() -> None:
    """Its table has a row for each, in Russian."""
    rows = _rows("ru", "код | значение")
    assert [code for code, _ in rows] == [str(code.value) for code in Exit]
    assert all(re.search("[а-я]", meaning) for _, meaning in rows)


def _codes_by_next() -> list[list[str]]:
    return [[f"`{code}`" for code, case in CASES.items() if case.next is each] for each in Next]


def test_the_readme_says_what_to_do_about_every_error() -> None:
    """Its table of error codes is the table of the errors themselves, grouped by what to do."""
    rows = _rows("en", "code | what to do")
    assert [codes.split(", ") for codes, _ in rows] == _codes_by_next()
    assert [words.replace("`", "") for _, words in rows] == [each.value for each in Next]


def test_the_russian_readme_says_what_to_do_about_every_error() -> None:
    """Its table has the same groups of codes in the same order."""
    rows = _rows("ru", "код | что делать")
    assert [codes.split(", ") for codes, _ in rows] == _codes_by_next()
    assert all(re.search("[а-я]", words) for _, words in rows)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "1 second"), (59.1, "60 seconds"), (120, "120 seconds"), (121, "3 minutes"), (7300, "3 hours")],
)
def test_durations_are_rounded_up(seconds: float, words: str) -> None:
    """Who waits that long has waited long enough."""
    assert duration(seconds) == words
