"""Text that must not be shown by accident: passwords, tokens, codes, addresses with keys in them.

:class:`Secret` is ordinary text to whoever uses it on purpose and a mask to whoever only looks at it (``repr``,
``%r``, tracebacks with local variables, ``dataclasses.asdict`` printed). :func:`mask` is what is shown instead,
:func:`scrub` takes known secrets out of text that came from somewhere else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from html import escape
from typing import Final, TypeVar, cast
from urllib.parse import quote, quote_plus

__all__ = ["Secret", "hide", "mask", "scrub"]

_Value = TypeVar("_Value")

_HIDDEN: Final = "***"
# The prefixes say what kind of token it is and are the same for everybody, so showing them gives nothing away.
_PUBLIC_PREFIX: Final = re.compile(r"(?:vk[12]\.a\.|anonym\.)")
# Shorter secrets (a code of four digits, say) would also blot out innocent text: years, error numbers, ids.
_SHORTEST_SCRUBBED: Final = 4
_ESCAPE: Final = re.compile(r"%[0-9A-F]{2}")


def mask(secret: str) -> str:
    """Return what may be shown instead of ``secret``: its public prefix, if VK gave it one, and ``***``.

    >>> mask("vk1.a.SAMPLE")
    'vk1.a.***'
    """
    if not secret:
        return ""
    prefix = _PUBLIC_PREFIX.match(secret)
    return (prefix.group() if prefix else "") + _HIDDEN


class Secret(str):
    """Text whose ``repr`` is a mask. Everything else (sending, comparing, storing, ``str()``) works as with text."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"Secret({mask(str(self))!r})"


# Bytes where text is wanted are refused as "bytes", without being shown.
_HIDDEN_BYTES: Final = type("bytes", (bytes,), {"__repr__": lambda _: f"b{_HIDDEN!r}"})


def hide(value: _Value) -> _Value:
    """Return ``value`` as a :class:`Secret` if it is text, masked if it is bytes, else as it is.

    Called on an argument before anything can fail, so that no traceback shows what it was.
    """
    if isinstance(value, str) and not isinstance(value, Secret):
        return cast("_Value", Secret(value))
    return cast("_Value", _HIDDEN_BYTES(value)) if type(value) in (bytes, bytearray) else value


def scrub(text: str, secrets: Iterable[str]) -> str:
    """Return ``text`` with every one of ``secrets`` (of four characters or more) replaced by ``***``.

    A secret is also found as an address, a form, a page or JSON would spell it, and with its white space folded.
    """
    spellings = {each for secret in secrets if len(secret) >= _SHORTEST_SCRUBBED for each in _spellings(str(secret))}
    for spelling in sorted(spellings, key=len, reverse=True):
        text = text.replace(spelling, _HIDDEN)
    return text


def _spellings(secret: str) -> Iterator[str]:
    folded = " ".join(secret.split())
    for each in {secret, folded, secret.strip()}:
        if len(each) < _SHORTEST_SCRUBBED:
            continue
        yield each
        if each.isascii() and each.isalnum():
            continue
        for encode in (quote, quote_plus):
            for safe in ("", "/"):
                encoded = encode(each, safe=safe, errors="replace")
                yield encoded
                yield _ESCAPE.sub(lambda match: match.group().lower(), encoded)
        for quoted in (True, False):
            yield escape(each, quote=quoted)
        yield escape(each).replace("&#x27;", "&#39;").replace("&quot;", "&#34;")
        yield json.dumps(each)[1:-1]
        yield json.dumps(each, ensure_ascii=False)[1:-1]
        yield json.dumps(each)[1:-1].replace("/", "\\/")
        yield repr(each)[1:-1]
