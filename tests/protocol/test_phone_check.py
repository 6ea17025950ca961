"""The check of the phone number."""

from __future__ import annotations

import pytest

from vkauth.errors import AuthError, AuthErrorCode
from vkauth.protocol.phone_check import digits_between, phone_of


@pytest.mark.parametrize(
    "number",
    [
        "+79990000011",
        "79990000011",
        "+7 (999) 000-00-11",
        " +7 999 000 00 11 ",
        "0079990000011",
        "00 7 999 000 00 11",
        "+0079990000011",  # two prefixes: other libraries strip one, and then the other is taken for digits
        "89990000011",
        "8 (999) 000-00-11",
    ],
)
@pytest.mark.parametrize(("prefix", "suffix"), [("+7", "11"), ("7", "..11"), ("+7 ", "\xa0*11"), ("+ 7", "1 1")])
def test_every_spelling_of_a_number(number: str, prefix: str, suffix: str) -> None:
    """However the number and the shown digits are written, the digits between are the same."""
    assert digits_between(number, prefix, suffix) == "99900000"


@pytest.mark.parametrize(
    ("number", "prefix", "suffix", "between"),
    [
        ("+380440000022", "+380", "22", "4400000"),
        ("00380440000022", "+380", "22", "4400000"),
        ("+85200000011", "+852", "11", "000000"),  # eleven digits that begin with 8, and no 8 for 7
        ("+79990000011", "+7", "", "9990000011"),
        ("+79990000011", "", "11", "799900000"),
        ("+79990000011", "+7 999", "0011", "000"),
    ],
)
def test_other_numbers(number: str, prefix: str, suffix: str, between: str) -> None:
    """Numbers of other countries, and other amounts of what is shown."""
    assert digits_between(number, prefix, suffix) == between


@pytest.mark.parametrize(
    ("number", "prefix", "suffix"),
    [
        ("+79990000011", "+7", "12"),
        ("+79990000011", "+380", "11"),
        ("89990000011", "+8 7", "11"),
        ("8999000001", "+7", "01"),
        ("711", "+7", "11"),
        ("71", "+71", "71"),
        ("7", "+7", "7"),
        ("", "+7", "11"),
        ("t@example.org", "+7", "11"),
    ],
)
def test_a_number_that_is_not_the_one_shown(number: str, prefix: str, suffix: str) -> None:
    """Nothing is sent for a number that does not begin and end as shown; the number is not in the error."""
    with pytest.raises(AuthError) as caught:
        digits_between(number, prefix, suffix)
    assert caught.value.code is AuthErrorCode.INVALID_PHONE_NUMBER
    assert not number or number not in caught.value.message


def test_no_number() -> None:
    """Without a number the error says how to give one."""
    with pytest.raises(AuthError, match=r"phone=") as caught:
        digits_between(None, "+7", "11")
    assert caught.value.code is AuthErrorCode.INVALID_PHONE_NUMBER


@pytest.mark.parametrize(
    ("login", "phone", "number"),
    [
        ("t@example.org", None, None),
        ("t@example.org", "+7999", "+7999"),
        ("+7 (999) 000-00-11", None, "+7 (999) 000-00-11"),
        ("79990000011", "", ""),
        ("a_name", None, None),
        ("имя", None, None),
        (None, None, None),
        (None, "+7999", "+7999"),
    ],
)
def test_which_number(login: str | None, phone: str | None, number: str | None) -> None:
    """The number given as such comes first, then a login that can be one."""
    assert phone_of(login, phone) == number
