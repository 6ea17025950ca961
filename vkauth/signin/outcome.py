"""How a sign-in ended: one line in the log, and the code that the error page is shown for."""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import Iterable, Iterator
from typing import Final

from vkauth.errors import CASES, AuthError, AuthErrorCode, Said, TokenStoreError, Unreachable
from vkauth.signin.known import folded, one_line, secrets_of_error

__all__ = [
    "CONFIGURATION",
    "report_answer",
    "report_failure",
    "report_fault",
    "report_forgery",
    "report_success",
    "status_of",
]

_logger = logging.getLogger("vkauth.signin")

CONFIGURATION: Final = "CONFIGURATION"
"""The code of a mistake in the application: an exception that is no :class:`AuthError`."""

# Names and numbers of errors, and of lines in a service's own log. A secret has another form: it is longer, or has both
# letters in lower case and digits.
_SYMBOL: Final = re.compile(r"[a-z_]{2,40}|-?[0-9]{1,6}|[A-Z]{2,8}-?[0-9]{1,6}")
_LOG_ID: Final = re.compile(r"[0-9A-Za-z_-]{1,64}")
_DETAILS: Final = (("error", _SYMBOL), ("error_code", _SYMBOL), ("code", _SYMBOL), ("log_id", _LOG_ID))
_LONGEST_SYMBOL: Final = 64


def status_of(code: str) -> int:
    """The HTTP status of the error page for a code."""
    match code:
        case AuthErrorCode.ACCESS_DENIED:
            return 403
        case AuthErrorCode.APP_NOT_ALLOWED | "CONFIGURATION":
            return 500
    known = CASES.get(code)  # type: ignore[call-overload]  # any text may be asked for
    return 503 if known is not None and issubclass(known.fault, Unreachable) else 400


def report_success(provider: str) -> None:
    """Log that somebody signed in."""
    _logger.info("%s: signed in", provider)


def report_answer(provider: str, hook: str) -> None:
    """Log that a callback of the application answered instead of having somebody signed in."""
    _logger.info("%s: not signed in, %s gave an answer of its own", provider, hook)


def report_forgery(provider: str) -> None:
    """Log that a sign-in did not begin: another site may have sent the form, or cookies are blocked."""
    _logger.info("%s: not begun, the form's csrfToken is missing, or is none of this browser's", provider)


def report_failure(provider: str, error: Exception, secrets: Iterable[str], *, by: str = "") -> str:
    """Log how a sign-in failed, and return its code. That somebody changed their mind at the provider is no warning.

    Of an :class:`AuthError` its code is logged, the service's names for it, what happened in the library's words, and
    what to do about it. The service's own words are not: it may repeat there what it was sent. For anything else see
    :func:`report_fault`.

    Args:
        provider: its id.
        error: what happened.
        secrets: what the sign-in has dealt with.
        by: the callback of the application that raised it, if one did.
    """
    if not isinstance(error, AuthError):
        report_fault(provider, error, secrets)
        return CONFIGURATION
    hidden = {*secrets}
    details = "".join(f", {name} {value}" for name, value in _symbols(error) if value not in hidden)
    whose = f" by {by}" if by else ""
    level = logging.INFO if error.code is AuthErrorCode.ACCESS_DENIED and not by else logging.WARNING
    words = _words(error, hidden)
    _logger.log(level, "%s: %s%s%s%s", provider, error.code.value, whose, details, f": {words}" if words else "")
    return error.code.value


def _words(error: AuthError, secrets: set[str]) -> str:
    hint = error.details.get("hint")
    known = hint if isinstance(hint, str) and not isinstance(hint, Said) else ""
    what = error.message if isinstance(error, TokenStoreError) else error.summary  # with its key and location
    text = "; ".join(filter(None, (what, known)))
    return one_line(text, {*secrets, *secrets_of_error(error)})


def _symbols(error: AuthError) -> Iterator[tuple[str, str]]:
    for name, pattern in _DETAILS:
        value = str(error.details.get(name, ""))
        if len(value) <= _LONGEST_SYMBOL and pattern.fullmatch(value):
            yield name, value


def report_fault(what: str, error: Exception, secrets: Iterable[str] = ()) -> None:
    """Log a mistake in the application: what it was, where, and what was said without secrets, all on one line.

    The exception itself is not handed to the log: tools that read it show the variables of each frame.

    Args:
        what: failed.
        error: what was raised; what this library was working with then is not shown either.
        secrets: what else must not be shown.
    """
    text = one_line(_text_of(error), {*secrets, *secrets_of_error(error)})
    kind = folded(type(error).__qualname__ + _place_of(error))
    _logger.error("%s: %s: %s%s", what, CONFIGURATION, kind, f": {text}" if text else "")


def _place_of(error: Exception) -> str:
    places = [(frame.f_code.co_filename, line) for frame, line in traceback.walk_tb(error.__traceback__)]
    return " at {}:{}".format(*places[-1]) if places else ""


def _text_of(error: BaseException) -> str:
    try:
        return str(error)
    except Exception as broken:  # noqa: BLE001 - an exception of somebody else's may do anything
        return f"<its text cannot be had: {type(broken).__qualname__}>"
