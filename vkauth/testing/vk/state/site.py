"""How the web site behaves: its start page, and the gate before it."""

from __future__ import annotations

from hashlib import md5
from typing import Literal

from vkauth.testing.entropy import Entropy
from vkauth.testing.options import Choice

__all__ = ["SiteState"]


class SiteState:
    """The choices of the site, and who passed its gate.

    Attributes:
        front: what the start page has: a link to VK ID, or the old login form.
        old_family: whether hosts below vk.com still answer, for clients that come by TLS and name them.
        gate: what is before the site and ``/authorize``: the ``challenge.html`` page, the older ``429.html``, nothing.
    """

    front: Choice[Literal["vkid", "legacy"]] = Choice("vkid", "legacy")
    old_family: Choice[Literal["answers", "gone"]] = Choice("answers", "gone")
    gate: Choice[Literal["challenge", "429"] | None] = Choice(None, "challenge", "429")

    def __init__(self, entropy: Entropy) -> None:
        self._entropy = entropy
        self._salts: dict[str, str] = {}

    def put_challenge(self) -> str:
        """Put up ``challenge.html``; return the hash it is asked for with."""
        secret = self._entropy.hex(32)
        self._salts[secret] = self._entropy.hex(16)
        return secret

    def put_429(self) -> str:
        """Put up ``429.html``; return the hash that goes into a cookie."""
        secret = self._entropy.hex(32)
        self._salts[secret] = ""
        return secret

    def salt(self, secret: str) -> str:
        """The salt on the page of a challenge; one that is good for nothing if there is no such challenge."""
        return self._salts.get(secret) or self._entropy.hex(16)

    def passes_challenge(self, secret: str, key: str) -> bool:
        """Whether the key is the MD5 of the hash and the salt of the page."""
        salt = self._salts.get(secret)
        return bool(salt) and key == _digest(f"{secret}:{salt}")

    def passes_429(self, key: str) -> bool:
        """Whether the key is the MD5 of a hash (its cookie is not asked for: clients drop it before they come back)."""
        return any(not salt and key == _digest(secret) for secret, salt in self._salts.items())


def _digest(text: str) -> str:
    return md5(text.encode(), usedforsecurity=False).hexdigest()
