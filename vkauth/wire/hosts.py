"""The list of addresses that may be talked to at all, each with the name of the job that is done there."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple, TypeAlias

from yarl import URL

__all__ = ["ADDRESS_ERRORS", "Hosts", "Place", "is_loopback", "read_base"]

ADDRESS_ERRORS: Final = (ValueError, IndexError)
"""What yarl 1.25 raises for a text that is no address: an ``IndexError`` for ``https://[]@``, say."""

_Origin: TypeAlias = tuple[str, str]

# Each address of a login is asked for several times: by whoever follows it, sends to it and reads its answer.
_MOST_LOCATED: Final = 128


class Place(NamedTuple):
    """A trusted address, told by the host's job and the path on it."""

    host: str
    path: str

    def __str__(self) -> str:
        return f"{self.host}{self.path}"


def _origins(base: URL) -> Iterator[_Origin]:
    """Scheme and authority of a base, with and without the port that goes without saying."""
    yield base.scheme, base.raw_authority
    if base.explicit_port is None:
        yield base.scheme, f"{base.raw_authority}:{base.port}"
    elif base.is_default_port():
        yield base.scheme, base.raw_authority.rpartition(":")[0]


class Hosts:
    """An allow-list. Immutable.

    Args:
        known: pairs of a base address (it may have a path) and the name of the job that is done there.
    """

    __slots__ = ("_known", "_located")

    _known: dict[_Origin, list[tuple[str, str]]]
    _located: dict[tuple[str, str, str], Place | None]

    def __init__(self, known: Iterable[tuple[URL, str]]) -> None:
        places: dict[_Origin, list[tuple[str, str]]] = {}
        for base, name in known:
            for origin in _origins(base):
                places.setdefault(origin, []).append((base.raw_path.rstrip("/") + "/", name))
        for entries in places.values():
            entries.sort(key=lambda entry: -len(entry[0]))  # the longest prefix is the best match
        object.__setattr__(self, "_known", places)
        object.__setattr__(self, "_located", {})

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} cannot be changed; make new ones")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__} cannot be changed; make new ones")

    def __eq__(self, other: object) -> bool:
        return self._known == other._known if isinstance(other, Hosts) else NotImplemented

    def __hash__(self) -> int:
        return hash(frozenset((origin, tuple(places)) for origin, places in self._known.items()))

    def __reduce__(self) -> tuple[object, ...]:
        return _restored, (type(self), self._known)

    def locate(self, url: URL) -> Place | None:
        """Tell which host's which path ``url`` is, or ``None`` if nothing may be sent there.

        Compared are the parsed scheme and authority (host and port) exactly, and whole path segments of a base; an
        address with a user name in it is never trusted, as its authority is another.
        """
        asked = url.scheme, url.raw_authority, url.raw_path  # an encoded slash does not part segments
        if asked in self._located:
            return self._located[asked]
        places = self._known.get(asked[:2])
        if places is None:  # it is not remembered: there may be a password in it
            return None
        if len(self._located) >= _MOST_LOCATED:
            self._located.clear()
        found = self._located[asked] = _find_place(places, url.raw_path)
        return found


def _find_place(places: Iterable[tuple[str, str]], path: str) -> Place | None:
    whole = path if path.endswith("/") else path + "/"
    for prefix, host in places:
        if whole.startswith(prefix):
            return Place(host, path[len(prefix) - 1 :] or "/")
    return None


def _restored(kind: type[Hosts], known: dict[_Origin, list[tuple[str, str]]]) -> Hosts:
    hosts = object.__new__(kind)
    object.__setattr__(hosts, "_known", known)
    object.__setattr__(hosts, "_located", {})
    return hosts


def is_loopback(host: str | None) -> bool:
    """Whether ``host`` (a name or an address, without brackets) is this machine itself."""
    if host is None:
        return False
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def read_base(name: str, value: str | URL) -> URL:
    """Check a base address that a caller gave as the argument ``name``: https, or http to this machine.

    Raises:
        ValueError, TypeError: it is none; the message begins with ``name``.
    """
    if not isinstance(value, str | URL):
        raise TypeError(f"{name} must be an address (str or yarl.URL), not {type(value).__name__}")
    try:
        url = URL(value)
    except ADDRESS_ERRORS as error:
        raise ValueError(f"{name} is not an address: {error}") from None
    if url.scheme not in ("http", "https") or not url.host:
        raise ValueError(f"{name} must be an absolute http(s) address")
    if url.scheme == "http" and not is_loopback(url.host):
        raise ValueError(f"{name}: plain http is allowed to this machine only, not to {url.host}")
    if url.user is not None or url.password is not None or url.query_string or url.fragment:
        raise ValueError(f"{name} must have no user, query or fragment")
    return url.with_path(url.path.rstrip("/") or "/")
