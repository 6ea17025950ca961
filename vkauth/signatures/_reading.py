"""What came with a signature, read in one way only, and the signature compared."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Final, TypeAlias, TypeVar, cast
from urllib.parse import unquote

from vkauth import checks
from vkauth.clock import Clock
from vkauth.errors import AuthError, AuthErrorCode
from vkauth.moments import require_moment
from vkauth.secret import Secret, hide, hide_unless

__all__ = [
    "MOST_PARAMS",
    "Fields",
    "Pairs",
    "invalid",
    "is_text",
    "mask",
    "matches",
    "read_moment",
    "read_now",
    "read_number",
    "read_query",
    "read_text",
    "require_secret",
]

Fields: TypeAlias = dict[str, Secret]
"""Names with their values, decoded, in the order in which they came. The values are masked."""

_Value = TypeVar("_Value")

# Characters. Servers take addresses of 8 KB, so this is more than any that VK sends.
_LONGEST: Final = 64 * 1024
MOST_PARAMS: Final = 1000
"""Parameters of a mapping beyond which it is none that VK signed."""

_MOST_DIGITS: Final = 19
_LATEST: Final = 10**11  # seconds: the year 5138


class Pairs(tuple[tuple[Any, Any], ...]):
    """What :func:`mask` makes of a mapping."""

    __slots__ = ()


def mask(given: _Value) -> _Value:
    """Mask an address, a query or parameters before anything can fail: a traceback shows what is in variables.

    A mapping becomes :class:`Pairs`; what is none of these, only its kind is left of.
    """
    if isinstance(given, Mapping):
        # Pairs, as the multidicts of web frameworks may have a name twice. One too many says that there are too many.
        pairs = islice(given.items(), MOST_PARAMS + 1)
        return cast("_Value", Pairs((name, hide_unless(value, int)) for name, value in pairs))
    if not isinstance(given, str):
        from yarl import URL  # nobody has one who has not loaded it

        return cast("_Value", Secret(given)) if isinstance(given, URL) else hide_unless(given, Secret)
    return hide(given)


def read_query(query: object) -> Fields:
    """Read what :func:`mask` has masked.

    Raises:
        AuthError: ``SIGNATURE_INVALID`` if a name comes twice, if it is too long, or not UTF-8.
        TypeError: it is neither text nor a mapping of text.
    """
    if isinstance(query, Pairs):
        if not all(isinstance(each, str) for pair in query for each in pair):
            raise TypeError("query must map names (str) to values (str)")
        return _require_fields(_read_pairs(query) if len(query) <= MOST_PARAMS else None)
    if not isinstance(query, str):
        raise TypeError(f"query must be an address, a query or a mapping, not {checks.kind_of(query)}")
    return _require_fields(_read_text(_query_of(query)))


def read_text(text: str) -> Fields:
    """Read names and values that ``&`` parts.

    Raises:
        AuthError: as :func:`read_query`.
    """
    return _require_fields(_read_text(text))


def _require_fields(fields: Fields | None) -> Fields:
    if fields is None:
        raise invalid("what came has no one meaning: a name comes twice, it is too long, or it is not UTF-8")
    return fields


def _query_of(address: str) -> Secret:
    text = address.partition("#")[0]
    before, mark, after = text.partition("?")
    # A query may have a question mark too, in a value: then there is a name with "=" in front of it.
    is_address = mark and "=" not in before.partition("://")[0]
    return Secret(after if is_address else text)


def _read_text(text: str) -> Fields | None:
    if len(text) > _LONGEST:
        return None
    pieces = (piece.partition("=") for piece in text.split("&") if piece)
    try:
        return _read_pairs((_decode(name), _decode(value)) for name, _, value in pieces)
    except UnicodeDecodeError:
        return None


def _decode(text: str) -> str:
    return unquote(text.replace("+", " "), errors="strict")


def _read_pairs(pairs: Iterable[tuple[str, str]]) -> Fields | None:
    fields: Fields = {}
    length = 0
    for name, value in pairs:
        length += len(name) + len(value) + 1
        if name in fields or length > _LONGEST or not is_text(name) or not is_text(value):
            return None
        fields[str(name)] = Secret(value)
    return fields


def is_text(text: str) -> bool:
    """Whether it can be written as UTF-8: a lone surrogate cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def read_number(text: str | None) -> int | None:
    """A number above 0, in digits alone; ``None`` for anything else."""
    if text is None or not (text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS):
        return None
    return int(text) or None


def read_moment(text: str | None) -> datetime | None:
    """Seconds since 1970 as a date (aware, UTC); ``None`` for anything else."""
    seconds = read_number(text)
    return None if seconds is None or seconds > _LATEST else datetime.fromtimestamp(seconds, UTC)


def read_now(now: datetime | None) -> datetime:
    """The time that was given, or else the machine's.

    Raises:
        TypeError, ValueError: it is no date, or one without a time zone.
    """
    require_moment("now", now)
    return Clock().now() if now is None else now


def require_secret(secret: object) -> None:
    """Check an application's secret.

    Raises:
        ValueError, TypeError: it is empty, or no text.
    """
    checks.text("secret", secret)


def matches(
    given: str | None, sign: Callable[[str, Iterable[_Value]], str], secret: str, signed: Iterable[_Value]
) -> bool:
    """Whether a signature is the right one, in constant time.

    The right one is a secret too, so it is in no variable of anybody who may fail.

    Args:
        given: the signature that came; ``None``: none did.
        sign: makes the right one.
        secret: the application's secret.
        signed: what is signed.
    """
    if given is None:
        return False
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), sign(secret, signed).encode())


def invalid(why: str) -> AuthError:
    """Return the error of what is not what VK signed."""
    return AuthError(AuthErrorCode.SIGNATURE_INVALID, why)
