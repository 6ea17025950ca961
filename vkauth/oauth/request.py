"""What a person is sent to the service with, and what has to be kept until they come back."""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Final

from multidict import MultiDict
from yarl import URL

from vkauth.checks import kind_of, text
from vkauth.secret import Secret, hide, masked
from vkauth.wire.addresses import browser_address, read_address

__all__ = [
    "SEPARATORS",
    "AuthorizationRequest",
    "authorization_url",
    "check_state",
    "is_same",
    "read_redirect_uri",
    "read_scope",
]

_STATE: Final = re.compile(r"[A-Za-z0-9_-]{32,1024}")
SEPARATORS: Final = re.compile(r"[\s,]+")
"""What parts the names of rights in a text."""

_RIGHT: Final = re.compile(r"[!#-\[\]-~]+")
# RFC 7636, 4.1. Those that are made here have letters, digits, "_" and "-" only: VK ID takes no others.
_HALF: Final = re.compile(r"[\ud800-\udfff]")
_VERIFIER: Final = re.compile(r"[A-Za-z0-9._~-]{43,128}")


def check_state(value: object, *, name: str = "state") -> Secret:
    """Check a ``state`` (or a ``nonce``) that a caller made.

    Raises:
        ValueError: it is shorter than 32 characters, very long, or has others than ``A-Z a-z 0-9 _ -``. VK ID takes no
            others (https://github.com/SocialiteProviders/Providers/pull/1490, 2026-09), and what is short is guessed.
        TypeError: it is no text.
    """
    value = hide(value)
    if not isinstance(value, Secret):
        raise TypeError(f"{name} must be str, not {kind_of(value)}")
    if not _STATE.fullmatch(value):
        raise ValueError(f"{name} must have 32 characters or more, of A-Z a-z 0-9 _ - alone")
    return value


def is_same(given: str, sent: str) -> bool:
    """Whether a ``state`` (or a ``nonce``) that came is the one that was sent. The time it takes does not tell more."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), sent.encode("utf-8", "replace"))


def read_redirect_uri(value: object) -> str:
    """Check the address that a person comes back to: absolute, with a host, without a fragment (RFC 6749, 3.1.2).

    Raises:
        ValueError, TypeError: it is none.
    """
    if not isinstance(value, str | URL):
        raise TypeError(f"redirect_uri must be an address (str or yarl.URL), not {kind_of(value)}")
    return _read_redirect_uri(str(value))


@lru_cache(maxsize=32)  # an application has one or two, and each sign-in asks several times
def _read_redirect_uri(text: str) -> str:
    url = read_address(text)
    # Half a character would be sent as another one.
    if url is None or not url.scheme or not url.host or _HALF.search(text):
        raise ValueError("redirect_uri must be an absolute address")
    if url.fragment or text.endswith("#"):
        raise ValueError("redirect_uri must have no fragment")
    return text  # as it was registered: services compare it letter by letter


_SECRET: Final = ("url", "state", "nonce", "code_verifier")


@masked(*_SECRET)
@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationRequest:
    """Where a person is sent to sign in, and what is needed when they come back.

    A web application keeps it between these two HTTP requests, where nobody else can read it: :meth:`to_dict` gives
    what to keep, :meth:`from_dict` makes it again.

    Raises:
        ValueError, TypeError: a value is none that the field can have; the message names the field.

    Attributes:
        provider: the id of the service, ``"vkid"`` say.
        url: the address to open in the person's browser.
        redirect_uri: where the service sends the person back to.
        state: ties the answer to this request.
        nonce: ties the id_token to this request; ``None`` where there will be none.
        code_verifier: proves that the code is brought by who asked for it; ``None`` without PKCE.
        scope: the names of the rights that are asked for.
    """

    provider: str
    url: str
    redirect_uri: str
    state: str
    nonce: str | None = None
    code_verifier: str | None = None
    scope: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if type(self) is not AuthorizationRequest:  # a dataclass made of this one has an __init__ that masks nothing
            for name in _SECRET:
                object.__setattr__(self, name, hide(getattr(self, name)))
        object.__setattr__(self, "provider", str(text("provider", self.provider)))
        if browser_address(text("url", self.url)) is None:
            raise ValueError("url must be an absolute http(s) address")
        object.__setattr__(self, "redirect_uri", read_redirect_uri(self.redirect_uri))
        check_state(self.state)
        if self.nonce is not None:
            check_state(self.nonce, name="nonce")
        if self.code_verifier is not None and not _VERIFIER.fullmatch(text("code_verifier", self.code_verifier)):
            raise ValueError("code_verifier must have 43 to 128 characters, of A-Z a-z 0-9 . _ ~ - alone")
        object.__setattr__(self, "scope", _read_scope(self.scope))

    def __repr__(self) -> str:
        found = read_address(self.url)  # a traceback may show it before it is checked
        url = None if found is None else str(found.with_user(None).with_query(None).with_fragment(None))
        return (
            f"AuthorizationRequest(provider={self.provider!r}, url={url!r}, "
            f"redirect_uri={self.redirect_uri!r}, scope={self.scope!r})"
        )

    def to_dict(self) -> dict[str, object]:
        """The request as data for JSON, with its secrets, under the names of the fields."""
        found: dict[str, object] = {each.name: getattr(self, each.name) for each in fields(self)}
        found["scope"] = list(self.scope)
        return found

    @classmethod
    def from_dict(cls, data: Mapping[str, object]) -> AuthorizationRequest:
        """Make the request of what :meth:`to_dict` gave.

        Raises:
            ValueError, TypeError: it is something else; the message names the field, never its value.
        """
        try:
            return cls(**_read_fields(data))  # type: ignore[arg-type]  # the constructor checks them
        except (ValueError, TypeError) as error:
            problem = error.with_traceback(None)
        del data  # a traceback shows what is in variables
        raise problem


_NAMES: Final = frozenset(each.name for each in fields(AuthorizationRequest))
_REQUIRED: Final = frozenset({"provider", "url", "redirect_uri", "state"})


def _read_fields(data: object) -> dict[str, object]:
    if not isinstance(data, Mapping):
        raise TypeError(f"a request is made of a mapping, not of {kind_of(data)}")
    if not data.keys() >= _REQUIRED or not data.keys() <= _NAMES:
        raise ValueError("fields are missing or unknown: this is no request that to_dict() gave")
    return dict(data)


def read_scope(value: object, *, name: str = "scope") -> tuple[str, ...]:
    """The names of rights, each once, in the order given.

    Args:
        value: names, as text (parted by spaces or commas) or one by one.
        name: of the argument.

    Raises:
        ValueError: a name has characters that no right has (RFC 6749, 3.3).
        TypeError: it is something else, a mask say.
    """
    if isinstance(value, bytes | bytearray | Mapping) or not isinstance(value, Iterable):
        raise TypeError(f"{name} must be names (text, or an iterable of them), not {kind_of(value)}")
    names: dict[str, None] = {}
    for each in [value] if isinstance(value, str) else value:
        if not isinstance(each, str):
            raise TypeError(f"{name} must hold names (str), not {kind_of(each)}")
        names |= dict.fromkeys(part for part in SEPARATORS.split(each) if part)
    if not all(map(_RIGHT.fullmatch, names)):
        raise ValueError(f"{name} must be made of names of visible ASCII")
    return tuple(names)


def _read_scope(value: object) -> tuple[str, ...]:
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable):
        raise TypeError(f"scope must be a tuple of names, not {kind_of(value)}")
    return tuple(str(text("scope", each)) for each in value)


def authorization_url(base: URL, params: Mapping[str, str | None]) -> URL:
    """The address of an authorization page with its parameters.

    Args:
        base: the page; what its query has stays.
        params: laid over that query; ``None`` takes a parameter away.
    """
    query = MultiDict(base.query)
    for name, value in params.items():
        query.popall(name, None)
        if value is not None:
            query.add(name, value)
    return base.with_query(query)
