"""Sealing: content that only whoever has the key can read, and that nobody can change unseen.

Each name loads when it is first used; cryptography and keyring load when they are needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vkauth._lazy import attach

if TYPE_CHECKING:
    from vkauth.sealing.keys import EnvironmentKey, FileKey, KeyringKey, generate_key
    from vkauth.sealing.seal import Seal
    from vkauth.sealing.sealer import CookieSealer, NotSealedHereError, Sealer, SealingError

__all__ = [
    "CookieSealer",
    "EnvironmentKey",
    "FileKey",
    "KeyringKey",
    "NotSealedHereError",
    "Seal",
    "Sealer",
    "SealingError",
    "generate_key",
]

_HOMES = {
    "keys": ("EnvironmentKey", "FileKey", "KeyringKey", "generate_key"),
    "seal": ("Seal",),
    "sealer": ("CookieSealer", "NotSealedHereError", "Sealer", "SealingError"),
}

if not TYPE_CHECKING:  # to a type checker every name would be there
    __getattr__, __dir__ = attach(__name__, _HOMES)
