"""Forms as bytes, and compressed bodies undone within a limit."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final
from urllib.parse import quote_plus

from vkauth.errors import AuthError, AuthErrorCode

__all__ = ["Decoder", "encode_form"]

_NEEDS_NO_QUOTES: Final = re.compile(r"[\w.~-]*", re.ASCII).fullmatch  # most names and values: quoting is slow


def encode_form(form: Mapping[str, str]) -> bytes:
    """A form as ``application/x-www-form-urlencoded``."""
    return "&".join([f"{_quoted_name(name)}={_quoted(value)}" for name, value in form.items()]).encode("ascii")


def _quoted(text: str) -> str:
    return text if _NEEDS_NO_QUOTES(text) else quote_plus(text, errors="replace")


# Names are few and known; values are secrets, and not to be kept.
_quoted_name: Final = lru_cache(maxsize=256)(_quoted)


class Decoder:
    """Undoes a content encoding, never giving more than is asked for: a small answer may hide a huge one.

    Args:
        encoding: what the ``Content-Encoding`` header says.

    Raises:
        AuthError: ``UNEXPECTED_RESPONSE`` for an encoding that cannot be undone here.
    """

    def __init__(self, encoding: str) -> None:
        self._name = encoding.strip().lower()
        self._stream: Any = None
        if self._name not in ("", "identity", "gzip", "x-gzip", "deflate"):
            raise AuthError(AuthErrorCode.UNEXPECTED_RESPONSE, "the answer has an encoding that was not asked for")

    def feed(self, chunk: bytes, at_most: int) -> bytes:
        """Undo a part of the body; the first ``at_most`` bytes of what it gives.

        Raises:
            AuthError: ``UNEXPECTED_RESPONSE`` if it is broken.
        """
        if self._name in ("", "identity") or not chunk:
            return chunk[:at_most]
        if self._stream is None:
            self._stream = zlib.decompressobj(wbits=self._window(chunk[0]))
        if self._stream.eof:
            return b""
        try:
            return bytes(self._stream.decompress(chunk, at_most))
        except zlib.error:
            failure = AuthError(AuthErrorCode.UNEXPECTED_RESPONSE, "the answer's compression is broken")
        raise failure

    def _window(self, first: int) -> int:
        if self._name != "deflate":
            return zlib.MAX_WBITS | 16
        # With the zlib header or without it: servers disagree.
        return zlib.MAX_WBITS if first & 0x0F == 8 else -zlib.MAX_WBITS

    def finish(self) -> None:
        """Say that there is no more.

        Raises:
            AuthError: ``NETWORK_ERROR`` if there should be.
        """
        if self._stream is not None and not self._stream.eof:
            raise AuthError(AuthErrorCode.NETWORK_ERROR, "the answer broke off")
