"""Text that must not be shown by accident: passwords, tokens, codes, addresses with keys in them.

:class:`Secret` is ordinary text to whoever uses it on purpose and a mask to whoever only looks at it (``repr``,
``%r``, tracebacks with local variables, ``dataclasses.asdict`` printed). :func:`mask` is what is shown instead,
:func:`scrub` takes known secrets out of text that came from somewhere else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

__all__ = ["Secret", "mask", "scrub"]

_HIDDEN: Final = "***"
# The prefixes say what kind of token it is and are the same for everybody, so showing them gives nothing away.
_PUBLIC_PREFIX: Final = re.compile(r"(?:vk[12]\.a\.|anonym\.)")
# Shorter secrets (a code of four digits, say) would also blot out innocent text: years, error numbers, ids.
_SHORTEST_SCRUBBED: Final = 4


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


def scrub(text: str, secrets: Iterable[str]) -> str:
    """Return ``text`` with every one of ``secrets`` (of four characters or more) replaced by ``***``."""
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= _SHORTEST_SCRUBBED:
            text = text.replace(str(secret), _HIDDEN)
    return text
