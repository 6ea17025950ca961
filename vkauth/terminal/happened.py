"""What an error says to a person in their language. The library's own words are English.

Those that are not in the catalogue are replaced by the meaning of the code; what the service said itself follows.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from vkauth.errors import AuthError, AuthErrorCode, MissingGroupsError, TokenStoreError
from vkauth.language import gettext as _
from vkauth.terminal.explanations import find_explanation
from vkauth.terminal.words import is_english, mark

__all__ = ["MEANINGS", "Translated", "what_happened"]

_Code = AuthErrorCode
_INNER: Final = "what"
_REASON: Final = "reason"
"""What stands as it is if the catalogue does not have it: the name of an error, say."""

MEANINGS: Final[Mapping[AuthErrorCode, str]] = MappingProxyType(
    {
        _Code.PAGE_BLOCKED: mark("VK has blocked the account"),
        _Code.INVALID_PHONE_NUMBER: mark("the phone number is missing or wrong"),
        _Code.AUTHORIZATION_FAILED: mark("VK refuses the login"),
        _Code.FAILED_PASSED_CAPTCHA: mark("the captcha was answered wrongly"),
        _Code.FAILED_PASSED_TWO_FACTOR: mark("the code was wrong"),
        _Code.USERNAME_OR_PASSWORD_IS_INCORRECT: mark("the login or the password is wrong"),
        _Code.TOO_MUCH_TRIES: mark("there were too many tries"),
        _Code.WRONG_OTP: mark("the code is wrong"),
        _Code.OTP_FORMAT_IS_INCORRECT: mark("this is not what the code looks like"),
        _Code.MISSING_CAPTCHA_HANDLER: mark("VK asks for a captcha, and nobody can be asked"),
        _Code.MISSING_TWO_FACTOR_HANDLER: mark("VK asks for a code, and nobody can be asked"),
        _Code.FLOOD_CONTROL: mark("VK holds back logins like this one: there were too many"),
        _Code.RATE_LIMITED: mark("there were too many requests"),
        _Code.APP_NOT_ALLOWED: mark("VK does not allow this to the application"),
        _Code.ACCESS_DENIED: mark("the access was not allowed"),
        _Code.VALIDATION_REQUIRED: mark("VK wants something to be confirmed in a browser"),
        _Code.INVALID_GRANT: mark("the token, the code or the session is not valid any more"),
        _Code.STATE_MISMATCH: mark("the answer is not that to this login"),
        _Code.UNEXPECTED_RESPONSE: mark("the answer is not understood"),
        _Code.UNTRUSTED_REDIRECT: mark("the address is not one of the service"),
        _Code.NETWORK_ERROR: mark("the connection failed"),
        _Code.TIMEOUT: mark("it took too long"),
        _Code.SERVER_ERROR: mark("the service is out of order"),
        _Code.TOKEN_UNCHANGED: mark("the account is verified, and no new token came"),
        _Code.SIGNATURE_INVALID: mark("the signature is wrong"),
        _Code.SIGNATURE_EXPIRED: mark("the signature is too old"),
        _Code.STORE_UNAVAILABLE: mark("the token store cannot be reached"),
        _Code.STORE_CORRUPT: mark("what is in the token store is damaged"),
        _Code.STORE_CONFLICT: mark("the token was changed meanwhile"),
        _Code.LOCK_TIMEOUT: mark("the token is in use by another program"),
        _Code.WRONG_KEY: mark("the token is sealed with another key"),
        _Code.KEY_UNAVAILABLE: mark("the key of the seal cannot be had"),
        _Code.TOKEN_NOT_FOUND: mark("no such token is stored"),
        _Code.TOKEN_EXPIRED: mark("the token has ended and cannot be renewed"),
    }
)
"""What every code means, in a few words."""


class Translated(str):
    """The message of an error that is in the person's language already: whoever makes the error marks it so."""

    __slots__ = ()


def what_happened(error: AuthError) -> str:
    """What happened, in one line without a full stop."""
    if is_english() or isinstance(error.summary, Translated):
        text = error.message
    elif isinstance(error, MissingGroupsError):
        groups = ", ".join(map(str, error.group_ids))
        text = _("no token came for these communities: {groups}").format(groups=groups)
    else:
        text = _explained(error.summary, error.code) or _(MEANINGS[error.code])
        # No service says anything of a store.
        text += _place(error) if isinstance(error, TokenStoreError) else error.message.removeprefix(error.summary)
    line = " ".join(text.split()).rstrip(".")
    return f"{line.removesuffix('.)')})" if line.endswith(".)") else line


def _place(error: TokenStoreError) -> str:
    """Which record is meant, and where it is, as the message has it in English."""
    where = [] if error.key is None else [_("record {key!r}").format(key=error.key)]
    where += [] if error.location is None else [_("store {location}").format(location=error.location)]
    return f" [{', '.join(where)}]" if where else ""


def _explained(text: str, code: AuthErrorCode) -> str | None:
    """The library's words in the person's language; ``None``: the catalogue does not have them."""
    found = find_explanation(text)
    if found is None:
        return None
    template, values = found
    if (inner := values.get(_INNER)) is not None:
        values[_INNER] = _inner(inner, code)
    if (reason := values.get(_REASON)) is not None:
        values[_REASON] = _explained(reason, code) or reason
    return _(template).format(**values)


def _inner(text: str, code: AuthErrorCode) -> str:
    """The same of words within others, which the service's own may follow in brackets."""
    words, bracket, said = text.partition(" (")
    known = _explained(text, code)
    return (_explained(words, code) or _(MEANINGS[code])) + bracket + said if known is None else known
