"""Signs id_tokens, if joserfc is there."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Final

from vkauth.testing.entropy import Entropy

if TYPE_CHECKING:
    from joserfc.jwk import RSAKey

__all__ = ["KeyRing", "can_sign"]

_log: Final = logging.getLogger("vkauth.testing")
_MISSING: Final = 'id_tokens need joserfc: pip install "vkauth[test]"'
_BITS: Final = 2048


def can_sign() -> bool:
    """Whether joserfc is installed."""
    try:
        import joserfc.jwk  # noqa: F401 - it is looked for
    except ImportError:
        return False
    return True


@cache
def _key(owner: str, number: int) -> RSAKey:
    # Making one takes long. All simulators of a process play the same services, so they have the same keys.
    from joserfc.jwk import RSAKey

    return RSAKey.generate_key(_BITS)


class KeyRing:
    """The keys of one service, made when the first one is needed.

    Args:
        owner: the service.
        entropy: hears of each id_token.
        named: whether id_tokens say by a ``kid`` which key it was.
        published: how many keys there are at the beginning.
    """

    def __init__(self, owner: str, entropy: Entropy, *, named: bool, published: int = 1) -> None:
        self._owner = owner
        self._entropy = entropy
        self._named = named
        self._numbers = list(range(published))
        self._next = published
        self._told = False

    def sign(self, claims: Mapping[str, object]) -> str | None:
        """Make an id_token with the newest key; ``None``, and once a line in the log: there is no joserfc."""
        if not can_sign():
            if not self._told:
                self._told = True
                _log.warning("The simulated %s gives no id_token: %s", self._owner, _MISSING)
            return None
        from joserfc import jws

        number = self._numbers[0]
        header: dict[str, object] = {"typ": "JWT", "alg": "RS256"}
        if self._named:
            header["kid"] = self._kid(number)
        payload = json.dumps(claims, separators=(",", ":"), ensure_ascii=False)
        token = jws.serialize_compact(header, payload, _key(self._owner, number), algorithms=["RS256"])
        self._entropy.announce(token, "an id_token")
        return token

    def rotate(self, keep: int = 1) -> None:
        """Sign with a new key from now on; the ``keep`` newest of the old ones are still published."""
        if keep < 0:
            raise ValueError("keep must not be negative")
        self._numbers = [self._next, *self._numbers[:keep]]
        self._next += 1

    def published(self) -> dict[str, list[dict[str, object]]]:
        """The public keys as a JWKS; without joserfc there are none."""
        keys: list[dict[str, object]] = []
        if can_sign():
            for number in self._numbers:
                # The order of Kakao's own document.
                public = _key(self._owner, number).as_dict(private=False)
                key: dict[str, object] = {"kid": self._kid(number), "kty": "RSA", "alg": "RS256", "use": "sig"}
                keys.append(key | {name: public[name] for name in ("n", "e")})
        return {"keys": keys}

    def public_pem(self) -> str:
        """The newest public key as PEM.

        Raises:
            ImportError: joserfc is not installed.
        """
        if not can_sign():
            raise ImportError(_MISSING)
        return _key(self._owner, self._numbers[0]).as_pem(private=False).decode()

    def _kid(self, number: int) -> str:
        return f"simulated{number:023x}"
