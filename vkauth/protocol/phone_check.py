"""The check of the phone number: VK shows its beginning and its end and wants the digits between.

https://github.com/Yashko/vk-validation-node (read 2026-11), https://github.com/python273/vk_api (2026-07).
docs/vk.md, 3.2f.
"""

from __future__ import annotations

import re
from typing import Final

from vkauth.errors import AuthError, AuthErrorCode

__all__ = ["digits_between", "phone_of"]

_DIGITS: Final = re.compile(r"\D+")
_RUSSIAN_LENGTH: Final = 11


def phone_of(login: str | None, phone: str | None) -> str | None:
    """The phone number: the one given as such, else the login unless that is an e-mail address or a name."""
    if phone is not None:
        return phone
    if login is not None and "@" not in login and not re.search(r"[^\W\d_]", login):
        return login
    return None


def _digits(text: str) -> str:
    return _DIGITS.sub("", text)


def digits_between(number: str | None, prefix: str, suffix: str) -> str:
    """Return the digits of ``number`` between those that VK shows.

    Args:
        number: with or without ``+``, ``00``, spaces, brackets; Russian numbers also with 8 for 7.
        prefix: what VK shows before the gap (``+7``).
        suffix: what it shows after it (``11``, ``..11``).

    Raises:
        AuthError: ``INVALID_PHONE_NUMBER`` if there is no number, or if it does not begin and end as shown; nothing is
            sent then, so no attempt is lost.
    """
    if number is None:
        raise AuthError(
            AuthErrorCode.INVALID_PHONE_NUMBER, "VK asks for the phone number's digits: give the number as phone=..."
        )
    # No country's code begins with a zero, so 00 is the international prefix, also where a + stands before it.
    digits, start, end = _digits(number).removeprefix("00"), _digits(prefix), _digits(suffix)
    if len(digits) == _RUSSIAN_LENGTH and digits.startswith("8") and start.startswith("7"):
        digits = "7" + digits[1:]
    between = digits[len(start) : len(digits) - len(end)]
    if not (digits.startswith(start) and digits.endswith(end) and between):
        raise AuthError(AuthErrorCode.INVALID_PHONE_NUMBER, "the phone number is not the one that VK shows a part of")
    return between
