"""Proof Key for Code Exchange (RFC 7636): who brings the code proves that they asked for it."""

from __future__ import annotations

import hashlib
from enum import StrEnum

from vkauth.wire.base64url import to_base64url

__all__ = ["Pkce", "code_challenge"]


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


def code_challenge(verifier: str, way: Pkce) -> str:
    """The challenge that is sent for a verifier.

    Raises:
        ValueError: ``way`` makes none (``AUTO``, ``OFF``): whoever calls has to know which one is wanted.
    """
    digest = hashlib.sha256(verifier.encode("ascii"))
    match way:
        case Pkce.S256:
            return to_base64url(digest.digest())
        case Pkce.HEX:
            return digest.hexdigest()
    raise ValueError(f"no challenge is made the way {way!r}")
