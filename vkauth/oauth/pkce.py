"""Proof Key for Code Exchange (RFC 7636): who brings the code proves that they asked for it."""

from __future__ import annotations

import base64
import hashlib
import re
from enum import StrEnum
from typing import Final

__all__ = ["Pkce", "base64url", "code_challenge", "read_base64url"]

_BASE64URL: Final = re.compile(r"[A-Za-z0-9_-]+")


class Pkce(StrEnum):
    """How the challenge is made of the verifier."""

    AUTO = "auto"
    """As the service wants it."""
    S256 = "s256"
    """As RFC 7636 has it: SHA-256 as base64url."""
    HEX = "hex"
    """SHA-256 in hexadecimal digits, as some want it who call it ``S256`` all the same."""
    OFF = "off"
    """None is sent."""


def base64url(octets: bytes) -> str:
    """Octets as text for an address: base64url without padding (RFC 4648, 5)."""
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode("ascii")


def read_base64url(text: str) -> bytes | None:
    """The octets that :func:`base64url` made a text of; ``None`` if it is none, an empty one too."""
    if not _BASE64URL.fullmatch(text) or len(text) % 4 == 1:
        return None
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def code_challenge(verifier: str, way: Pkce) -> str:
    """The challenge that is sent for a verifier.

    Raises:
        ValueError: ``way`` makes none (``AUTO``, ``OFF``): whoever calls has to know which one is wanted.
    """
    digest = hashlib.sha256(verifier.encode("ascii"))
    match way:
        case Pkce.S256:
            return base64url(digest.digest())
        case Pkce.HEX:
            return digest.hexdigest()
    raise ValueError(f"no challenge is made the way {way!r}")
