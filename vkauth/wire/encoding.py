"""Forms as bytes, and compressed bodies undone within a limit."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final
from urllib.parse import quote_plus

from vkauth.errors import AuthError, AuthErrorCode

__all__ = ["Decoder", "encode_form", "is_too_large"]

_LARGEST_FORM: Final = 64 * 1024
_MOST_FIELDS: Final = 500
_MAGIC: Final = b"\x1f\x8b"
_MOST_MEMBERS: Final = 100  # each costs a copy of what follows it
_NEEDS_NO_QUOTES: Final = re.compile(r"[\w.~-]*", re.ASCII).fullmatch  # most names and values: quoting is slow


def encode_form(form: Mapping[str, str]) -> bytes:
    """A form as ``application/x-www-form-urlencoded``."""
    return "&".join([f"{_quoted_name(name)}={_quoted(value)}" for name, value in form.items()]).encode("ascii")


def is_too_large(form: Mapping[str, str]) -> bool:
    """Whether a form is larger than any that a login needs: 64 KiB as it is sent, or 500 fields."""
    characters = sum(map(len, form)) + sum(map(len, form.values()))
    if len(form) > _MOST_FIELDS or characters > _LARGEST_FORM:
        return True
    # A character becomes up to twelve; most forms are so small that they need not be encoded to be measured.
    return characters * 12 + len(form) * 2 > _LARGEST_FORM and len(encode_form(form)) > _LARGEST_FORM


# quote_plus goes by way of bytes and back, which takes four times as long.
_QUOTED: Final = {code: quote_plus(chr(code)) for code in range(128)}


def _quoted(text: str) -> str:
    if _NEEDS_NO_QUOTES(text):
        return text
    return text.translate(_QUOTED) if text.isascii() else quote_plus(text, errors="replace")


# Names are few and known; values are secrets, and not to be kept.
_quoted_name: Final = lru_cache(maxsize=256)(_quoted)


def _broken() -> AuthError:
    return AuthError(AuthErrorCode.UNEXPECTED_RESPONSE, "the answer's compression is broken")


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
        self._after = b""  # what came after the end, until it can be told whether it begins another member
        self._members = 0
        self._done = False
        if self._name not in ("", "identity", "gzip", "x-gzip", "deflate"):
            raise AuthError(AuthErrorCode.UNEXPECTED_RESPONSE, "the answer has an encoding that was not asked for")

    def feed(self, chunk: bytes, at_most: int) -> bytes:
        """Undo a part of the body; the first ``at_most`` bytes of what it gives.

        Raises:
            AuthError: ``UNEXPECTED_RESPONSE`` if it is broken.
        """
        if self._name in ("", "identity") or not chunk:
            return chunk[:at_most]
        found = bytearray()
        while chunk and not self._done and len(found) < at_most:
            if self._stream is None or self._stream.eof:
                chunk = self._begin(chunk)
                continue
            piece = self._undo(chunk, at_most - len(found))
            if piece is None:
                raise _broken()
            found += piece
            chunk = self._stream.unused_data
        return bytes(found)

    def _undo(self, chunk: bytes, at_most: int) -> bytes | None:
        try:
            return bytes(self._stream.decompress(chunk, at_most))
        except zlib.error:
            return None

    def _begin(self, chunk: bytes) -> bytes:
        """Begin a stream, or the next member of one (RFC 1952, 2.2); return what it is to be fed."""
        if self._stream is not None:
            chunk = self._after + chunk
            self._after = chunk if chunk == _MAGIC[:1] else b""
            if self._after:
                return b""
            if self._name == "deflate" or not chunk.startswith(_MAGIC):
                self._done = True
                return b""
        self._members += 1
        if self._members > _MOST_MEMBERS:
            raise _broken()
        self._stream = zlib.decompressobj(wbits=self._window(chunk[0]))
        return chunk

    @property
    def done(self) -> bool:
        """Whether the body has ended, so that whatever follows is none of it."""
        return self._done

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
