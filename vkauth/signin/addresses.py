"""Where this site is, and which addresses lead back to it."""

from __future__ import annotations

import re
from collections.abc import Collection
from ipaddress import IPv6Address
from typing import Final
from urllib.parse import quote, unquote_plus

from yarl import URL

from vkauth.signin.values import RefusedError, Request

__all__ = ["local_path", "origin_of", "query_values", "read_origin", "read_pairs", "safe_location"]

_HOST: Final = re.compile(
    r"(?:[0-9a-z_-]{1,63}(?:\.[0-9a-z_-]{1,63}){0,30}\.?|\[(?P<six>[0-9a-f:.]{2,45})\])(?::(?P<port>[0-9]{1,5}))?"
)
_LONGEST_HOST: Final = 300
_PORTS: Final = {"http": ":80", "https": ":443"}
# Traefik says so of requests that open a web socket; the page that does it has the usual scheme, and so do its cookies.
# https://github.com/traefik/traefik/blob/master/pkg/middlewares/forwardedheaders/forwarded_header.go, seen 2026-11
_OF_SOCKETS: Final = {"ws": "http", "wss": "https"}
_LAST_PORT: Final = 65535

_LONGEST_PATH: Final = 1024
# Browsers drop tabs and line ends from an address and read a backslash as a slash: "/\t/evil" is "//evil" to them.
# What is left of the control characters (C1 too) and half a surrogate pair have no place in an address at all.
_AMBIGUOUS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\\\ud800-\udfff]")
# In a path the same, percent-encoded: servers and proxies on the way may decode them. Dot segments, because a path
# that is normalised on the way may begin with two slashes afterwards: "/.//evil".
_DOUBTFUL: Final = re.compile(r"%(?:[01][0-9a-f]|7f|5c)|/(?:\.|%2e){1,2}(?:/|%2f|\Z)|\A/%2f", re.IGNORECASE)
_UNWRITABLE: Final = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_PLAIN: Final = re.compile(r"[!#-;=?-~]+")
_PRINTABLE: Final = "".join(map(chr, range(0x21, 0x7F))).translate({ord(each): None for each in '"<>'})

_MOST_VALUES: Final = 100


def read_origin(scheme: str, host: str) -> str | None:
    """Return ``scheme://host[:port]`` as browsers write it; ``None`` if ``host`` is no bare host and port."""
    host = host.lower() if len(host) <= _LONGEST_HOST else ""
    match = _HOST.fullmatch(host)
    if match is None or (match["port"] and not 0 < int(match["port"]) <= _LAST_PORT):
        return None
    if match["six"] and not _is_six(match["six"]):
        return None
    return f"{scheme}://{host.removesuffix(_PORTS[scheme])}"


def _is_six(text: str) -> bool:
    try:
        IPv6Address(text)
    except ValueError:
        return False
    return True


def origin_of(request: Request, base_url: str | None, trust_proxy: bool) -> str:
    """Return the origin that the browser knows this site by.

    Args:
        request: what came.
        base_url: the origin, if it is given.
        trust_proxy: whether the headers of a proxy count. Those that make no sense never do.

    Raises:
        RefusedError: 400 if the ``Host`` of the request is none.
    """
    if base_url is not None:
        return base_url
    scheme, host = request.scheme, request.headers.get("host", "")
    if trust_proxy:
        proto = _first(request, "x-forwarded-proto").lower()
        proto = _OF_SOCKETS.get(proto, proto)
        scheme = proto if proto in _PORTS else scheme
        forwarded = _first(request, "x-forwarded-host")
        host = forwarded if read_origin(scheme, forwarded) else host
    origin = read_origin(scheme, host)
    if origin is None:
        raise RefusedError(400, "bad_request")
    return origin


def _first(request: Request, name: str) -> str:
    return request.headers.get(name, "").partition(",")[0].strip()


def local_path(text: str, origin: str | None = None) -> str:
    """Return the path of this site that ``text`` means, in ASCII; ``"/"`` for everything else.

    Args:
        text: a path with its query and fragment, or an address of the same origin, from whomever.
        origin: of this site; ``None``: only a path will do.
    """
    if len(text) > _LONGEST_PATH or _AMBIGUOUS.search(text):
        return "/"
    if origin is not None and not text.startswith("/"):
        text = _without_origin(text, origin)
    path = _quoted(text)
    if not path.startswith("/") or path.startswith("//") or len(path) > _LONGEST_PATH:
        return "/"
    return "/" if _DOUBTFUL.search(re.split("[?#]", path, maxsplit=1)[0]) else path


def _without_origin(address: str, origin: str) -> str:
    # Compared as text: nothing that would be read in one way here and in another one by a browser gets through.
    scheme = origin.partition(":")[0]
    for known in (origin + _PORTS[scheme], origin):
        if address[: len(known)].lower() == known:
            rest = address[len(known) :]
            return f"/{rest}" if rest[:1] in ("", "?", "#") else rest
    return ""


def _quoted(text: str) -> str:
    return text if _PLAIN.fullmatch(text) else quote(text, safe=_PRINTABLE)


def safe_location(address: object) -> str:
    """Return ``address`` as a ``Location`` can have it.

    Raises:
        TypeError: it is no text.
        ValueError: it holds line ends or other control characters.
    """
    if not isinstance(address, str | URL):
        raise TypeError(f"the address to go to must be str, not {type(address).__name__}")
    text = str(address)
    if not text or _UNWRITABLE.search(text):
        raise ValueError("the address to go to is empty, or holds characters that no header can have")
    return _quoted(text)


def query_values(query: str, name: str) -> list[str]:
    """Return the values that ``name`` has in a query; none if there are too many parameters."""
    try:
        return [value for _, value in read_pairs(query, (name,))]
    except ValueError:
        return []


def read_pairs(query: str, names: Collection[str]) -> list[tuple[str, str]]:
    """Return the parameters of these names as they follow each other; no others are decoded.

    Raises:
        ValueError: there are more than a hundred parameters.
    """
    if query.count("&") >= _MOST_VALUES:
        raise ValueError("there are too many parameters")
    raw = (each.partition("=") for each in query.split("&"))
    pairs = ((unquote_plus(name) if "%" in name else name, value) for name, _, value in raw)
    return [(name, unquote_plus(value)) for name, value in pairs if name in names]
