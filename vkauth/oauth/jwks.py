"""The keys that a service signs with (RFC 7517), and when to ask for them again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from vkauth.oauth.refusals import OAuthRules
from vkauth.wire.base64url import from_base64url
from vkauth.wire.http import Response
from vkauth.wire.json import Fields

__all__ = ["LONGEST_KEY", "SHORTEST_KEY", "KeyMemory", "KeySet", "RsaKey", "read_jwks"]

SHORTEST_KEY: Final = 2048
"""Bits of an RSA key's modulus: the least that RFC 7518, 3.3 allows."""

LONGEST_KEY: Final = 8192
"""Bits beyond which a key costs whoever checks signatures with it dearly."""

_LONGEST_NUMBER: Final = 1366  # 8192 bits
_LONGEST_EXPONENT: Final = 8
_LONGEST_ID: Final = 256
# Characters. Services have a handful of keys; ten thousand would still be read.
_LONGEST_ANSWER: Final = 800 * 1024

_BETWEEN_REFETCHES: Final = 60.0
_LONGEST_KEPT: Final = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class RsaKey:
    """The numbers of a public key, as base64url."""

    modulus: str
    exponent: str


@dataclass(frozen=True, slots=True)
class KeySet:
    """The public keys of a service that can check an RS256 signature, by their id."""

    keys: Mapping[str, RsaKey]


def read_jwks(response: Response, *, rules: OAuthRules) -> KeySet:
    """Read a JWK Set. Whatever in it is no RSA key for RS256 signatures with an id of its own is left out.

    Raises:
        AuthError: ``UNEXPECTED_RESPONSE`` if there is no list of keys at all; others as :meth:`OAuthRules.read`.
    """
    fields = rules.read(response, wanted="keys", longest=_LONGEST_ANSWER)
    if not isinstance(fields.raw("keys"), list):
        raise rules.unexpected(response, wanted="keys")
    found: dict[str, RsaKey] = {}
    for each in fields.children("keys"):
        key_id, key = each.raw("kid"), _read_key(each)
        if key is not None and isinstance(key_id, str) and 0 < len(key_id) <= _LONGEST_ID:
            found.setdefault(key_id, key)
    return KeySet(found)


def _read_key(fields: Fields) -> RsaKey | None:
    modulus, exponent, uses = fields.raw("n"), fields.raw("e"), fields.raw("key_ops")
    if fields.raw("kty") != "RSA" or fields.raw("use") not in (None, "sig") or fields.raw("alg") not in (None, "RS256"):
        return None
    if uses is not None and not (isinstance(uses, list) and "verify" in uses):
        return None
    if not isinstance(modulus, str) or not isinstance(exponent, str) or len(exponent) > _LONGEST_EXPONENT:
        return None
    if not SHORTEST_KEY <= _bits(modulus) <= LONGEST_KEY or not _bits(exponent):
        return None
    return RsaKey(modulus, exponent)


def _bits(number: str) -> int:
    """The length of a number in base64url; 0 if it is none."""
    octets = from_base64url(number) if len(number) <= _LONGEST_NUMBER else None
    return int.from_bytes(octets or b"", "big").bit_length()


@dataclass(slots=True)
class KeyMemory:
    """The keys that were fetched, and when to fetch them again. Times are those of a clock that never goes back.

    A token with an unknown ``kid`` is a reason to fetch, as services change their keys; but anybody can make one up, so
    it is a reason once in 60 seconds only. After a day keys are fetched anew: what was withdrawn is not trusted on.

    Attributes:
        keys: those of the last fetch that ended well.
    """

    keys: KeySet | None = None
    _fetched_at: float = field(default=0.0, init=False)
    _refetched_at: float | None = field(default=None, init=False)

    def is_stale(self, now: float) -> bool:
        """Whether there are no keys yet, or only old ones."""
        return self.keys is None or now - self._fetched_at >= _LONGEST_KEPT

    def needs_fetch(self, key_id: str, now: float) -> bool:
        """Whether to fetch the keys before a signature of ``key_id`` can be checked."""
        if self.keys is None or self.is_stale(now):
            return True
        if key_id in self.keys.keys:
            return False
        return self._refetched_at is None or now - self._refetched_at >= _BETWEEN_REFETCHES

    def store(self, keys: KeySet, now: float) -> None:
        """Remember the keys of a fetch that ended well. One that failed is nothing to remember."""
        if self.keys is not None:
            self._refetched_at = now
        self.keys, self._fetched_at = keys, now
