"""What a provider is told when it is made: the options that all have, and their checks."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Iterable, Mapping
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypedDict

from yarl import URL

from vkauth import checks
from vkauth.clock import Clock
from vkauth.oauth.pkce import Pkce
from vkauth.providers.http import OwnFetch
from vkauth.providers.identity import Identity
from vkauth.secret import Secret, hide
from vkauth.token_set import TokenSet
from vkauth.wire.hosts import read_base

if TYPE_CHECKING:
    import aiohttp

__all__ = [
    "Credentials",
    "MapProfile",
    "PkceWord",
    "ProviderOptions",
    "Scope",
    "add_query",
    "read_callable",
    "read_params",
    "read_pkce",
    "read_session",
    "read_url",
    "require_one_way",
]

_Mapped: TypeAlias = Identity | Mapping[str, object]
MapProfile: TypeAlias = Callable[[Any, TokenSet], _Mapped | Awaitable[_Mapped]]
"""Makes an identity, or some fields of one, of a profile and the tokens it was got with; sync or async."""
Scope: TypeAlias = str | Iterable[str]
"""Names of rights: as text, parted by spaces or commas, or one by one."""


class PkceWord(StrEnum):
    """What may be said instead of a way to make a code challenge."""

    AUTO = "auto"
    """As the service wants it."""
    OFF = "off"
    """None is sent."""


# What ties an answer to its request is not to be written over from outside.
_PROTECTED: Final = frozenset(
    {
        "client_id", "client_key", "code_challenge", "code_challenge_method", "nonce", "redirect_uri", "response_type",
        "state",
    }
)  # fmt: skip


class ProviderOptions(TypedDict, total=False):
    """The options that every provider takes besides ``client_id`` and ``client_secret``, all by keyword.

    Attributes:
        scope: the rights to ask for: names, as text (parted by spaces or commas) or one by one. Default: the
            provider's, see there.
        authorization_params: further parameters of the authorization page, laid over the usual ones; ``None`` takes
            one away.
        authorize_url, token_url, userinfo_url: other addresses than the provider's own (https, or http to this
            machine); their query stays.
        pkce: ``"s256"``, ``"hex"``, ``"off"``, or ``"auto"``: as the provider wants it.
        map_profile: is called with the profile and the tokens and returns an :class:`Identity`, or a mapping of some of
            its fields that are laid over the usual ones; sync or async. What it raises passes through.
        fetch: sends every request instead of this library: an async function of a :class:`Request` that returns a
            :class:`Response`. What it raises passes through; after ``timeout`` it is cancelled. With it there is no
            ``session`` and no ``proxy``.
        session: a session whose connections and proxy are used; it is never closed, and neither its headers nor its
            cookies are sent.
        timeout: seconds for one HTTP request, from connecting or sending to the last byte.
        proxy: the address of an HTTP proxy.
        headers: sent with every request. Default: a ``User-Agent`` that names this library.
        clock: where the time comes from. Default: the machine's.
    """

    scope: Scope | None
    authorization_params: Mapping[str, str | None] | None
    authorize_url: str | URL | None
    token_url: str | URL | None
    userinfo_url: str | URL | None
    pkce: str
    map_profile: MapProfile | None
    fetch: OwnFetch | None
    session: aiohttp.ClientSession | None
    timeout: float
    proxy: str | URL | None
    headers: Mapping[str, str] | None
    clock: Clock | None


class Credentials:
    """An application's id and secret: what was given, or else what the environment has when it is needed.

    Args:
        provider: the id of the provider.
        client_id, client_secret: what was given; white space around it is left out, as files have it.

    Raises:
        ValueError, TypeError: one is something else than text (or a number, for the id).
    """

    def __init__(self, provider: str, client_id: object, client_secret: object) -> None:
        if isinstance(client_id, int) and not isinstance(client_id, bool):
            client_id = str(client_id)
        if client_id is not None and not isinstance(client_id, str):
            raise TypeError(f"client_id must be int or str, not {checks.kind_of(client_id)}")
        self._provider = provider
        self._id = (checks.optional_text("client_id", client_id) or "").strip()
        self._secret = hide((checks.optional_text("client_secret", client_secret) or "").strip())

    @property
    def id(self) -> str:
        """The id.

        Raises:
            ValueError: it is missing; the message names the variable.
        """
        return self._id or self._look_up("client_id", "ID", needed=True)

    def secret(self, *, needed: bool) -> Secret | None:
        """The secret; ``None`` if there is none.

        Raises:
            ValueError: it is missing and needed; the message names the variable.
        """
        return Secret(self._secret or self._look_up("client_secret", "SECRET", needed=needed)) or None

    def _look_up(self, name: str, suffix: str, *, needed: bool) -> str:
        variable = f"AUTH_{self._provider.upper()}_{suffix}"
        found = os.environ.get(variable, "").strip()
        if needed and not found:
            raise ValueError(f"{name} is missing: pass it, or set the environment variable {variable}")
        return found


def read_url(name: str, value: object) -> URL:
    """An address with its query: https, or http to this machine."""
    if not isinstance(value, str | URL):
        raise TypeError(f"{name} must be an address (str or yarl.URL), not {checks.kind_of(value)}")
    text = str(value)
    read_base(name, text.partition("?")[0])
    url = URL(text)
    if url.raw_fragment:
        raise ValueError(f"{name} must have no fragment")
    return url


def add_query(url: URL, params: Mapping[str, str]) -> URL:
    """``url`` with those of ``params`` that its own query does not have."""
    return _add_query(url, tuple(params.items()))


@lru_cache(maxsize=64)  # a site asks the same of everybody
def _add_query(url: URL, params: tuple[tuple[str, str], ...]) -> URL:
    return url.update_query([(name, value) for name, value in params if name not in url.query])


def read_params(name: str, value: object) -> dict[str, str | None]:
    """Parameters of the authorization page that a caller may set."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise TypeError(f"{name} must be a mapping, not {checks.kind_of(value)}")
    found: dict[str, str | None] = {}
    for param, content in value.items():
        if not isinstance(param, str) or not (content is None or isinstance(content, str)):
            raise TypeError(f"{name} must map str to str or None")
        if param in _PROTECTED:
            raise ValueError(f"{name} must not hold {param!r}: the library sets it")
        found[param] = content
    return found


def read_pkce(value: object) -> Pkce | PkceWord:
    """How to prove who asked for a code: a way, or what is said instead of one."""
    for kind in (PkceWord, Pkce):
        if isinstance(value, str) and value in [*kind]:
            return kind(value)
    raise ValueError(f"pkce must be one of {', '.join((*PkceWord, *Pkce))}")


def require_one_way(fetch: object, **others: object) -> None:
    """Check that requests are not to be sent by ``fetch`` and by something else as well."""
    for name, value in others.items():
        if fetch is not None and value is not None:
            raise ValueError(f"{name} must not be given with fetch: it would not be used")


def read_callable(name: str, value: object) -> None:
    """Check a function that may be ``None``."""
    if value is not None and not callable(value):
        raise TypeError(f"{name} must be callable, not {checks.kind_of(value)}")


def read_session(value: object) -> aiohttp.ClientSession:
    """A session. aiohttp is loaded for one only: then it is loaded already."""
    import aiohttp

    return checks.instance("session", value, aiohttp.ClientSession)
