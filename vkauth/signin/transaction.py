"""A sign-in under way: what has to be known again when the provider sends the person back, sealed in a cookie.

Each has a cookie of its own, so that tabs do not disturb each other. It holds nothing that can be made again and keeps
random texts as the bytes they stand for: five of them fit in what all cookies of a browser may take together. Of a
long target, then, the path is kept, or nothing.

Its path keeps it from being a cookie of the host alone, so a neighbouring host could plant one, of its own sign-in, and
have somebody else end that: they would be signed in as somebody they are not. Therefore a transaction knows the browser
that began it, by the token against forged requests (see :mod:`vkauth.signin.csrf`), whose cookie is of the host alone
on https. It knows the token, not the cookie: one that is sealed anew, and any number of tabs, are the same browser. The
cookie is ``Lax`` as the transaction is, so it comes along when the provider sends the person back. It is gone if the
browser was closed meanwhile, or its cookies deleted: then the person has to begin again (``STATE_MISMATCH``).
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

from vkauth.oauth.request import AuthorizationRequest, read_redirect_uri
from vkauth.sealing import CookieSealer
from vkauth.secret import Secret, hide, made_of
from vkauth.signin.cookies import MOST_ROOM, Cookies, cookie_size, delete_cookie, set_cookie, transaction_prefix
from vkauth.wire.base64url import from_base64url, to_base64url

__all__ = ["Found", "Transaction", "begin_transaction", "find_transaction"]

_RANDOM: Final = 6
# Bytes that a moment takes, and the length of a field.
_MOMENT: Final = 5
_LENGTH: Final = 2
_SHARE: Final = MOST_ROOM // 5
"""Bytes that a transaction may take where there is too little room for all."""
_PACKED, _PLAIN = b"\x01", b"\x00"


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """A sign-in under way. Its ``repr`` shows nothing of it but the provider.

    Attributes:
        provider: the id of the provider that the person was sent to.
        state, nonce, code_verifier, scope: of the authorization request.
        browser: the mark of the browser that began it.
        origin: of this site, when it was made.
        target: the path to go to when it is done.
        made_at: when it began, in seconds since 1970.
    """

    provider: str
    state: str = field(repr=False)
    nonce: str | None = field(repr=False)
    code_verifier: str | None = field(repr=False)
    scope: tuple[str, ...] = field(repr=False)
    browser: bytes = field(repr=False)
    origin: str = field(repr=False)
    target: str = field(repr=False)
    made_at: int = field(repr=False)

    @classmethod
    def of(
        cls, request: AuthorizationRequest, *, browser: bytes, origin: str, target: str, made_at: int
    ) -> Transaction:
        """Keep of a request what cannot be made again, whose it is, and where the person wants to go."""
        return cls(
            provider=request.provider,
            state=request.state,
            nonce=request.nonce,
            code_verifier=request.code_verifier,
            scope=request.scope,
            browser=browser,
            origin=origin,
            target=target,
            made_at=made_at,
        )

    def request(self, callback_path: str) -> AuthorizationRequest:
        """Make the request again. It has no address to open: the person has been there."""
        redirect_uri = read_redirect_uri(f"{self.origin}{callback_path}")
        return made_of(
            AuthorizationRequest,
            provider=self.provider,
            url=Secret(redirect_uri),
            redirect_uri=redirect_uri,
            state=hide(self.state),
            nonce=hide(self.nonce),
            code_verifier=hide(self.code_verifier),
            scope=self.scope,
        )

    def pack(self) -> bytes:
        """Return the bytes to be sealed."""
        random = map(_shrink, (self.state, self.nonce, self.code_verifier))
        texts = (self.provider, " ".join(self.scope), self.origin, self.target)
        fields = (self.made_at.to_bytes(_MOMENT), self.browser, *random, *map(str.encode, texts))
        return b"".join([len(each).to_bytes(_LENGTH) + each for each in fields])

    @classmethod
    def unpack(cls, content: bytes) -> Transaction:
        """Read what :meth:`pack` gave; it was sealed, so it is nothing else."""
        made_at, browser, state, nonce, verifier, *texts = _split(content)
        provider, scope, origin, target = map(bytes.decode, texts)
        return cls(
            provider=provider,
            state=_stretch(state),
            nonce=_stretch(nonce) or None,
            code_verifier=_stretch(verifier) or None,
            scope=tuple(scope.split()),
            browser=browser,
            origin=origin,
            target=target,
            made_at=int.from_bytes(made_at),
        )


def _split(content: bytes) -> Iterable[bytes]:
    at = 0
    while at < len(content):
        length = int.from_bytes(content[at : at + _LENGTH])
        at += _LENGTH + length
        yield content[at - length : at]


def _shrink(text: str | None) -> bytes:
    """As the bytes that URL-safe base64 stands for, if it is that, else as it is."""
    if not text:
        return b""
    packed = from_base64url(text)
    return _PLAIN + text.encode() if packed is None else _PACKED + packed


def _stretch(content: bytes) -> str:
    return to_base64url(content[1:]) if content.startswith(_PACKED) else content[1:].decode()


class Found(NamedTuple):
    """A transaction and the name of its cookie."""

    name: str
    transaction: Transaction


def begin_transaction(
    sealer: CookieSealer, transaction: Transaction, *, received: Cookies, secure: bool, path: str, max_age: int
) -> list[str]:
    """Return the headers that keep a transaction, and make room for it among the others of the browser.

    Where there is too little, the oldest ones that take more than their share lose the query of their target or all of
    it, then this one does; only if that is not enough, the oldest are deleted. So a long target is kept where it can
    be, and five tabs fit whatever their targets are.

    Args:
        sealer: of transactions.
        transaction: what begins.
        received: the cookies that the browser has. Those that do not open, of another server on this machine, say,
            are left alone, but take their room.
        secure: whether the site is on https.
        path: the paths that the cookies are sent for.
        max_age: seconds that a transaction lives.

    Raises:
        ValueError: it is too large by itself.
    """
    prefix = transaction_prefix(secure)
    begun = Found(prefix + secrets.token_urlsafe(_RANDOM), transaction)
    sizes = _sizes(received, prefix)
    headers: dict[str, str] = {}

    def keep(name: str, kept: Transaction) -> int:
        value = sealer.seal(kept.pack(), name)
        sizes[name] = cookie_size(name, value)
        left = max_age - (transaction.made_at - kept.made_at)
        headers[name] = set_cookie(name, value, path=path, max_age=left)
        return sizes[name]

    def delete(name: str) -> None:
        sizes.pop(name, None)
        headers[name] = delete_cookie(name, path=path)

    def is_too_much() -> bool:
        return sum(sizes.values()) > MOST_ROOM

    if keep(*begun) > MOST_ROOM and (size := _shorten(begun, keep, MOST_ROOM)) > MOST_ROOM:
        raise ValueError(f"this sign-in would need a cookie of {size} bytes, more than {MOST_ROOM}: ask for less scope")
    others = sorted(_opened(sealer, received, secure), key=lambda each: each.transaction.made_at)
    living = [each for each in others if transaction.made_at - each.transaction.made_at < max_age]
    for each in others[: len(others) - len(living)]:
        delete(each.name)
    for each in (*living, begun):
        if is_too_much() and sizes.get(each.name, 0) > _SHARE:
            _shorten(each, keep, _SHARE)
    for each in living:
        if is_too_much():
            delete(each.name)
    return [headers.pop(begun.name), *headers.values()]


def _shorten(found: Found, keep: Callable[[str, Transaction], int], most: int) -> int:
    """Keep a transaction with the path of its target, or without it if that is more than ``most``; returns its size."""
    size = 0
    for target in (re.split("[?#]", found.transaction.target, maxsplit=1)[0], "/"):
        size = keep(found.name, replace(found.transaction, target=target))
        if size <= most:
            break
    return size


def _sizes(received: Cookies, prefix: str) -> dict[str, int]:
    sizes: dict[str, int] = {}
    for name, value in received:
        if name.startswith(prefix):
            sizes[name] = sizes.get(name, 0) + cookie_size(name, value)
    return sizes


def _opened(sealer: CookieSealer, received: Cookies, secure: bool) -> list[Found]:
    contents = [
        (name, sealer.open(value, name)) for name, value in received if name.startswith(transaction_prefix(secure))
    ]
    return [Found(name, Transaction.unpack(content)) for name, content in contents if content is not None]


def find_transaction(sealer: CookieSealer, received: Cookies, secure: bool, state: str) -> Found | None:
    """Return the transaction of a browser that a ``state`` belongs to; it may be over, or of another provider."""
    given = state.encode("utf-8", "replace")
    found = _opened(sealer, received, secure)
    return next((each for each in found if hmac.compare_digest(each.transaction.state.encode(), given)), None)
