"""Proof Key for Code Exchange (RFC 7636): who brings the code proves that they asked for it."""

from __future__ import annotations

import hashlib
from enum import StrEnum

from vkauth.wire.base64url import to_base64url

__all__ = ["Pkce", "code_challenge"]


class Pkce(StrEnum):
    """How the challenge is made of the verifier."""

    S256 = "s256"
    """As RFC 7636 has it: SHA-256 as base64url."""
    HEX = "hex"
    """SHA-256 in hexadecimal digits, as some want it who call it ``S256`` all the same."""


def code_challenge(verifier: str, way: Pkce) -> str:
    """The challenge that is sent for a verifier."""
    digest = hashlib.sha256(verifier.encode("ascii"))
    return digest.hexdigest() if way is Pkce.HEX else to_base64url(digest.digest())
