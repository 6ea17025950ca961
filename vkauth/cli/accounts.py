"""Accounts of the simulator as ``vkauth simulator --account`` takes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from vkauth.cli.exits import UsageError

if TYPE_CHECKING:
    from vkauth.testing import AccountOptions

__all__ = ["ACCOUNT_OPTIONS", "read_account"]


def _flag(text: str) -> bool:
    if text not in ("", "yes", "no"):
        raise ValueError("yes or no")
    return text != "no"


def _number(text: str) -> int:
    return int(text)


def _flag_or(read: Callable[[str], Any]) -> Callable[[str], Any]:
    return lambda text: _flag(text) if text in ("", "yes", "no") else read(text)


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(each) for each in text.split("+"))


def _texts(text: str) -> tuple[str, ...]:
    return tuple(text.split("+"))


ACCOUNT_OPTIONS: Final[Mapping[str, Callable[[str], Any]]] = MappingProxyType(
    {
        "login": str,
        "phone": str,
        "email": str,
        "first_name": str,
        "last_name": str,
        "code": str,
        "two_factor": str,
        "other_methods": _texts,
        "validation_resend": _flag,
        "resend_delay": float,
        "captcha": str,
        "captcha_after_code": _flag_or(str),
        "success": str,
        "look": str,
        "consent": str,
        "consent_action": str,
        "final": str,
        "groups": _numbers,
        "banned": _flag,
        "flood": _flag_or(str),
        "too_many_tries": _flag_or(_number),
        "browser_check": str,
        "phone_digits": _flag,
        "can_skip_password": _flag,
        "expires_in": _number,
        "verification": str,
        "verification_outcome": str,
    }
)
"""What an account can be given on the command line. The password is the sample one, whatever comes."""


def read_account(text: str) -> AccountOptions:
    """Read ``login=+79990000002,two_factor=sms,captcha=image``; an option without a value is switched on.

    Raises:
        UsageError: an unknown option or value, or no login.
    """
    found: dict[str, Any] = {}
    for part in text.split(","):
        name, equals, value = part.strip().partition("=")
        read = ACCOUNT_OPTIONS.get(name)
        if read is None:
            raise UsageError(f"--account knows no option {name!r}; known are {', '.join(ACCOUNT_OPTIONS)}")
        if not equals and read is str:
            raise UsageError(f"--account: {name} needs a value: {name}=...")
        try:
            found[name] = read(value.strip())
        except ValueError:
            raise UsageError(f"--account: {name} cannot be {value!r}") from None
    if not found.get("login"):
        raise UsageError("--account needs a login: login=+79990000002")
    options: AccountOptions = found  # type: ignore[assignment]  # Account itself checks the values
    return options
