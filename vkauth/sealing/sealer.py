"""Authenticated encryption with rotation: content is sealed under a name, and only what was not touched opens again.

AES-256-GCM with keys that HKDF-SHA256 derives for one purpose each, so that what was sealed for one is nothing for
another. The name (of a cookie, a record) is authenticated: content that was moved to another name does not open.
Needs ``cryptography``, which is imported when the first :class:`Sealer` is made.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from vkauth.wire.base64url import from_base64url, to_base64url

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

__all__ = ["CookieSealer", "NotSealedHereError", "Sealer", "SealingError", "require_cryptography"]

_FORMAT: Final = b"\x01"
_KEY = 32
_KEY_ID = 4
_HEADER: Final = len(_FORMAT) + _KEY_ID
# Chosen at random, which is safe for some 2**32 messages of one key (NIST SP 800-38D, section 8.3).
_NONCE: Final = 12
_TAG: Final = 16


class SealingError(ValueError):
    """What should be opened was changed, is cut, has another name, or was never sealed."""


class NotSealedHereError(SealingError):
    """It was sealed with a key that is not given, or in a format of the future."""


class Sealer:
    """Seals for one purpose.

    A sealed text is the number of the format, the id of the key, a random nonce, the encrypted content and its tag: 33
    bytes more than the content. The id, which HKDF gives together with the key and which tells nothing about it, finds
    the right one of several keys at once.

    Args:
        purpose: what it is for; each has keys of its own.
        secrets: what the keys are derived from, hard to guess: the first seals, all open. They are not kept.

    Raises:
        ImportError: ``cryptography`` is not installed.
        ValueError: ``secrets`` is empty.
    """

    __slots__ = ("_damaged", "_keys", "_newest")

    def __init__(self, purpose: str, secrets: Sequence[bytes]) -> None:
        if not secrets:
            raise ValueError("secrets must not be empty")
        keys = [_derive(each, purpose) for each in secrets]
        from cryptography.exceptions import InvalidTag

        self._damaged: Final = InvalidTag
        self._newest: Final = keys[0]
        self._keys: Final = dict(reversed(keys))  # should two ids be the same, the first counts

    def seal(self, content: bytes, name: str) -> bytes:
        """Return ``content`` sealed under ``name``."""
        key_id, key = self._newest
        header, nonce = _FORMAT + key_id, os.urandom(_NONCE)
        return header + nonce + key.encrypt(nonce, content, header + name.encode())

    def is_newest(self, sealed: bytes) -> bool:
        """Whether the first of the keys sealed this, if any did."""
        return sealed.startswith(_FORMAT + self._newest[0])

    def open(self, sealed: bytes, name: str) -> bytes:
        """Return what was sealed under ``name``.

        Raises:
            NotSealedHereError: its key is none of these.
            SealingError: it is damaged, or of another name.
        """
        if len(sealed) < _HEADER + _NONCE + _TAG:
            raise SealingError("this is too short to have been sealed")
        header = sealed[:_HEADER]
        key = self._keys.get(header[len(_FORMAT) :])
        if key is None or not header.startswith(_FORMAT):
            raise NotSealedHereError("this was sealed with a key that is not given")
        nonce, encrypted = sealed[_HEADER : _HEADER + _NONCE], sealed[_HEADER + _NONCE :]
        try:
            return key.decrypt(nonce, encrypted, header + name.encode())
        except (self._damaged, UnicodeEncodeError):  # a name that has no bytes is none that anything was sealed under
            raise SealingError("this was changed since it was sealed, or belongs elsewhere") from None


def require_cryptography(how: str) -> None:
    """See that sealing is possible here.

    Args:
        how: how to make it possible, for the error.

    Raises:
        ImportError: ``cryptography`` is not installed.
    """
    try:
        import cryptography  # noqa: F401
    except ImportError as error:
        raise ImportError(f"sealing needs cryptography: {how}") from error


def _derive(secret: bytes, purpose: str) -> tuple[bytes, AESGCM]:
    require_cryptography("pip install 'vkauth[oauth]'")
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    derived = HKDF(SHA256(), _KEY + _KEY_ID, None, f"vkauth {purpose}".encode()).derive(secret)
    return derived[_KEY:], AESGCM(derived[:_KEY])


class CookieSealer:
    """Seals what goes in cookies of one kind: URL-safe base64 without padding.

    Args:
        purpose, secrets: see :class:`Sealer`.
        longest: characters of a value beyond which it is not even decoded.
    """

    __slots__ = ("_longest", "_sealer")

    def __init__(self, purpose: str, secrets: Sequence[bytes], longest: int) -> None:
        self._sealer: Final = Sealer(purpose, secrets)
        self._longest: Final = longest

    def seal(self, content: bytes, name: str) -> str:
        """Return the value of the cookie ``name``."""
        return to_base64url(self._sealer.seal(content, name))

    def open(self, value: str, name: str) -> bytes | None:
        """Return what was sealed in the cookie ``name``; ``None`` for anything else."""
        sealed = from_base64url(value) if len(value) <= self._longest else None
        try:
            return None if sealed is None else self._sealer.open(sealed, name)
        except SealingError:
            return None
