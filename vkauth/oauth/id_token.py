"""Who somebody is, signed by a service: id_tokens (OpenID Connect Core 1.0, 2 and 3.1.3.7), RS256 only.

The mathematics of signatures is joserfc's, of the extra ``oauth``; this is the one module that knows it. What a token's
header offers in place of the service's keys (``jwk``, ``jku``, ``x5c``, ``x5u``) is not looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from vkauth.checks import kind_of
from vkauth.errors import AuthError, AuthErrorCode
from vkauth.oauth.jwks import LONGEST_KEY, SHORTEST_KEY, KeySet
from vkauth.oauth.request import is_same
from vkauth.secret import Secret, hide
from vkauth.token_set import ReadOnly
from vkauth.wire.base64url import from_base64url
from vkauth.wire.json import Fields, parse_object

if TYPE_CHECKING:
    from joserfc.jwk import RSAKey

__all__ = ["LEEWAY", "Claims", "PublicKey", "key_id_of", "read_public_key", "require_joserfc", "verify"]

LEEWAY: Final = 60.0
"""Seconds by which the clocks of a service and of this machine may differ."""

# Characters. Tokens of 1,000 have been seen.
_LONGEST: Final = 16 * 1024
_LONGEST_PEM: Final = 16 * 1024
_ALGORITHM: Final = "RS256"
_LAST_SECOND: Final = 253_402_300_800.0  # the end of the year 9999: what is beyond is no moment


@dataclass(frozen=True, slots=True)
class PublicKey:
    """The only key that a service signs with. It is read when it is used: see :func:`read_public_key`."""

    pem: str

    def __repr__(self) -> str:
        return "<PublicKey>"


@dataclass(frozen=True, slots=True)
class Claims:
    """What an id_token says whose signature is right. The rest is still to be checked.

    Attributes:
        values: the claims.
        provider: the id of the service, for ``details`` of errors.
    """

    values: ReadOnly
    provider: str

    def refusal(self, why: str) -> AuthError:
        """The error ``INVALID_GRANT`` of an id_token that is not to be trusted."""
        return _refusal(why, self.provider)

    def require_end(self, now: datetime) -> None:
        """Check that the token has not ended (``exp``).

        Raises:
            AuthError: ``INVALID_GRANT``.
        """
        end = self._moment("exp")
        if end <= now.timestamp() - LEEWAY:
            raise self.refusal("it has ended")

    def check_openid(self, *, issuer: str, audience: str, nonce: str | None, now: datetime) -> ReadOnly:
        """Check all that OpenID Connect wants to be checked, and return the claims.

        Args:
            issuer: who must have made it (``iss``).
            audience: whom it must be for (``aud``): that one alone.
            nonce: what was sent; ``None``: it is not compared.
            now: the time.

        Raises:
            AuthError: ``STATE_MISMATCH`` if the ``nonce`` is missing or another one, ``INVALID_GRANT`` if anything else
                is wrong: ``iss``, ``aud``, ``exp``, ``iat`` (missing or to come), ``sub`` (missing or no text).
        """
        if self.values.get("iss") != issuer:
            raise self.refusal("somebody else has made it")
        if self.values.get("aud") not in (audience, [audience]):
            raise self.refusal("it is for another application, or not for this one alone")
        self.require_end(now)
        if self._moment("iat") > now.timestamp() + LEEWAY:
            raise self.refusal("it is of the future")
        subject = self.values.get("sub")
        if not isinstance(subject, str) or not subject:
            raise self.refusal("it does not say whom it is about")
        given = self.values.get("nonce")
        if nonce is not None and not (isinstance(given, str) and is_same(given, nonce)):
            raise AuthError(
                AuthErrorCode.STATE_MISMATCH,
                "the nonce of the id_token is not the one that was sent: it belongs to another login",
                details={"provider": self.provider},
            )
        return self.values

    def _moment(self, name: str) -> float:
        value = self.values.get(name)
        # Digits as text are no number, nor are True and NaN.
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < _LAST_SECOND:
            raise self.refusal(f"its {name} is missing or no time")
        return value


def require_joserfc(what: str) -> None:
    """Check that id_tokens can be checked here. Nothing is loaded for that.

    Raises:
        ImportError: the extra ``oauth`` is not installed; the message names it and ``what`` needs it.
    """
    try:
        if find_spec("joserfc") is not None:
            return
    except (ImportError, ValueError):
        pass
    raise ImportError(f'{what} needs the extra "oauth": pip install "vkauth[oauth]"')


def read_public_key(name: str, pem: object) -> PublicKey:
    """Check the public RSA key that a caller gave as the argument ``name``.

    Raises:
        ImportError: the extra ``oauth`` is not installed.
        ValueError, TypeError: it is no PEM of such a key (2048 to 8192 bits).
    """
    if not isinstance(pem, str):
        raise TypeError(f"{name} must be str, not {kind_of(pem)}")
    require_joserfc(name)
    text = pem.strip()
    known = len(text) <= _LONGEST_PEM and text.startswith("-----BEGIN PUBLIC KEY-----")
    if not known or _import_key(text) is None:
        raise ValueError(f"{name} must be the PEM of a public RSA key of 2048 to 8192 bits")
    return PublicKey(text)


def key_id_of(id_token: str, *, provider: str) -> str | None:
    """Return the ``kid`` that a token names, before anything of it is checked; ``None`` if it names none.

    Raises:
        AuthError: ``INVALID_GRANT`` if it is no token signed with RS256 at all.
    """
    key_id = _read_header(hide(id_token), provider)[0].raw("kid")
    return key_id if isinstance(key_id, str) and key_id else None


def verify(id_token: str, *, keys: KeySet | PublicKey, provider: str) -> Claims:
    """Check the signature of an id_token.

    Args:
        id_token: the token.
        keys: the service's keys, of which the token names one (``kid``), or its only key.
        provider: the id of the service.

    Raises:
        AuthError: ``INVALID_GRANT`` if it is no token, is not signed with RS256, has critical extensions (``crit``), or
            was not signed with the service's key.
        ImportError: the extra ``oauth`` is not installed.
    """
    require_joserfc("checking an id_token")
    id_token = hide(id_token)
    header, (head, body, signature) = _read_header(id_token, provider)
    key = _import_key(keys.pem if isinstance(keys, PublicKey) else _find_key(header, keys, provider))
    if key is None:
        raise _refusal("the service's key cannot be used", provider)
    if not _is_signed(f"{head}.{body}".encode("ascii"), from_base64url(signature) or b"", key):
        raise _refusal("its signature is wrong", provider)
    claims = _read_object(body)
    if claims is None or claims.is_deep():
        raise _refusal("what it says is no JSON object, or a deep one", provider)
    return Claims(ReadOnly(claims.sendable()), provider)


def _refusal(why: str, provider: str) -> AuthError:
    return AuthError(AuthErrorCode.INVALID_GRANT, f"the id_token is not valid: {why}", details={"provider": provider})


def _read_header(id_token: str, provider: str) -> tuple[Fields, tuple[Secret, Secret, Secret]]:
    if len(id_token) > _LONGEST:
        raise _refusal("it is longer than any", provider)
    parts = [Secret(part) for part in id_token.split(".", 3)]  # masked: a traceback shows what is in variables
    header = _read_object(parts[0])
    if header is None or len(parts) != 3:
        raise _refusal("it is no signed token", provider)
    if header.raw("alg") != _ALGORITHM:
        raise _refusal(f"it is not signed with {_ALGORITHM}", provider)
    if "crit" in header:
        raise _refusal("it has extensions that have to be understood", provider)
    return header, (parts[0], parts[1], parts[2])


def _read_object(segment: str) -> Fields | None:
    octets = from_base64url(segment)
    try:
        return None if octets is None else parse_object(octets.decode("utf-8"))
    except UnicodeDecodeError:
        return None


def _find_key(header: Fields, keys: KeySet, provider: str) -> dict[str, str | list[str]]:
    key_id = header.raw("kid")
    found = keys.keys.get(key_id) if isinstance(key_id, str) else None
    if found is None:
        raise _refusal("its key is none of the service's", provider)
    return {"kty": "RSA", "n": found.modulus, "e": found.exponent}


def _import_key(value: str | dict[str, str | list[str]]) -> RSAKey | None:
    from joserfc.jwk import RSAKey

    try:
        key = RSAKey.import_key(value)
    except Exception:  # noqa: BLE001 - whatever another library says of bytes that anybody may have sent
        return None
    return key if SHORTEST_KEY <= key.raw_value.key_size <= LONGEST_KEY and not key.is_private else None


def _is_signed(signed: bytes, signature: bytes, key: RSAKey) -> bool:
    from joserfc.jws import JWSRegistry

    try:
        # By itself, not through joserfc's reading of the token: that stops at headers which are to be ignored here.
        return JWSRegistry(algorithms=[_ALGORITHM]).get_alg(_ALGORITHM).verify(signed, signature, key)
    except Exception:  # noqa: BLE001 - as above
        return False
