"""The proof that who comes with a code is who asked for it (RFC 7636)."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from hashlib import sha256

__all__ = ["hex_challenge", "matches", "s256_challenge"]


def s256_challenge(verifier: str) -> str:
    """The challenge of a verifier as RFC 7636 has it: the SHA-256 in base64url without padding."""
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def hex_challenge(verifier: str) -> str:
    """The challenge as TikTok's desktop login has it: the SHA-256 in hexadecimal digits."""
    return sha256(verifier.encode()).hexdigest()


def matches(challenge: str, *expected: str) -> bool:
    """Whether a challenge is one of those expected."""
    return any(hmac.compare_digest(challenge.encode(), each.encode()) for each in expected)
