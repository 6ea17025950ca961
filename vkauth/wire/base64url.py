"""Octets as letters that an address, a cookie and an id_token can hold: base64url without padding (RFC 4648, 5)."""

from __future__ import annotations

from binascii import a2b_base64, b2a_base64
from typing import Final

__all__ = ["from_base64url", "to_base64url"]

_TO_URL: Final = bytes.maketrans(b"+/", b"-_")
_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
# With what letters texts end, by the octets behind the last three: of those, six, two or four bits count.
_LAST: Final = (_LETTERS, _LETTERS[::16], _LETTERS[::4])
_FROM_URL: Final = bytes.maketrans(b"-_+/=", b"+/!!!")  # what is not of the alphabet becomes what no base64 has


def to_base64url(octets: bytes) -> str:
    """Write octets as letters."""
    return b2a_base64(octets, newline=False).translate(_TO_URL).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes | None:
    """Read what :func:`to_base64url` gave; ``None`` for anything else.

    There is one spelling only, lest a changed text be as good as the right one.
    """
    try:
        octets = a2b_base64(text.encode().translate(_FROM_URL) + b"=" * (-len(text) % 4), strict_mode=True)
    except ValueError:
        return None
    # All but the bits that the last letter has to spare was checked by the decoder.
    return octets if text[-1:] in _LAST[len(octets) % 3] else None
