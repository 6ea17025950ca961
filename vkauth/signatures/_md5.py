"""The hash of VK's older signatures."""

from __future__ import annotations

import hashlib

__all__ = ["md5"]


def md5(text: str) -> str:
    """The MD5 of ``text``, as hexadecimal digits.

    VK chose it. Where FIPS 140 forbids it for security, there is still no other way to check what VK signed.
    """
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
