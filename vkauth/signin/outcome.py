"""How a sign-in ended: one line in the log, and the code that the error page is shown for."""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import Iterable, Iterator
from typing import Final

from vkauth.errors import CASES, AuthError, AuthErrorCode, Said, Unreachable
from vkauth.secret import Scrubber

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
_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_LONGEST_WORDS: Final = 300

_MOST_ERRORS: Final = 5
_MOST_FRAMES: Final = 20


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
    what to do about it. The service's own words are not: it may repeat there what it was sent. Of anything else the
    traceback is, without ``secrets``.

    Args:
        provider: its id.
        error: what happened.
        secrets: what the sign-in has dealt with.
        by: the callback of the application that raised it, if one did.
    """
    if not isinstance(error, AuthError):
        report_fault(f"{provider}: {CONFIGURATION}", error, secrets)
        return CONFIGURATION
    secrets = [*secrets]
    details = "".join(f", {name} {value}" for name, value in _symbols(error))
    whose = f" by {by}" if by else ""
    level = logging.INFO if error.code is AuthErrorCode.ACCESS_DENIED and not by else logging.WARNING
    words = _words(error, secrets)
    _logger.log(level, "%s: %s%s%s%s", provider, error.code.value, whose, details, f": {words}" if words else "")
    return error.code.value


def _words(error: AuthError, secrets: Iterable[str]) -> str:
    hint = error.details.get("hint")
    known = hint if isinstance(hint, str) and not isinstance(hint, Said) else ""
    text = "; ".join(filter(None, (error.summary, known)))
    line = " ".join(_CONTROLS.sub(" ", Scrubber(secrets).clean(text)).split())
    return line if len(line) <= _LONGEST_WORDS else f"{line[:_LONGEST_WORDS]}..."


def _symbols(error: AuthError) -> Iterator[tuple[str, str]]:
    for name, pattern in _DETAILS:
        value = str(error.details.get(name, ""))
        if len(value) <= _LONGEST_SYMBOL and pattern.fullmatch(value):
            yield name, value


def report_fault(what: str, error: Exception, secrets: Iterable[str] = ()) -> None:
    """Log a mistake in the application with its traceback: where it was, and what was said without ``secrets``.

    The exception itself is not handed to the log: tools that read it show the variables of each frame.
    """
    _logger.error("%s\n%s", what, "".join(_described(error, Scrubber(secrets))).rstrip())


def _described(error: BaseException, known: Scrubber) -> Iterator[str]:
    chain: list[BaseException] = []
    left: BaseException | None = error
    while left is not None and left not in chain and len(chain) < _MOST_ERRORS:
        chain.append(left)
        left = left.__cause__ or (None if left.__suppress_context__ else left.__context__)
    for each in reversed(chain):
        yield "Traceback (most recent call last):\n"
        yield from traceback.format_list(traceback.extract_tb(each.__traceback__)[-_MOST_FRAMES:])
        yield f"{type(each).__qualname__}: {known.clean(_text_of(each))}\n"


def _text_of(error: BaseException) -> str:
    try:
        return str(error)
    except Exception as broken:  # noqa: BLE001 - an exception of somebody else's may do anything
        return f"<its text cannot be had: {type(broken).__qualname__}>"
