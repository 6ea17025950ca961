"""Checks of arguments: a wrong one fails where it is given, and the error names it.

No error repeats a value, which may be a secret put in the wrong place, or a number too long to be written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final, TypeVar

from vkauth.secret import Secret, kind_of

__all__ = [
    "api_version",
    "attempts",
    "client_id",
    "group_ids",
    "headers",
    "instance",
    "kind_of",
    "one_of",
    "optional_text",
    "proxy",
    "seconds",
    "text",
]

_VERSION: Final = re.compile(r"[0-9]{1,3}\.[0-9]{1,4}")
_LONE_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")
_MOST_DIGITS: Final = 20
_LARGEST_FLOAT: Final = float.fromhex("0x1.fffffffffffffp+1023")
_TOO_LARGE: Final = 2**63  # VK's numbers are signed ones of 64 bits
# The list goes in an address, and servers commonly refuse one of more than 8 KB: 500 ids of 10 digits make 6.5 KB.
_MOST_GROUPS: Final = 500
_Kind = TypeVar("_Kind")

# What says how a request is framed and carried is not the caller's: it would mean something else to whoever reads it.
_OWN_HEADERS: Final = frozenset(
    {
        "connection", "content-encoding", "content-length", "cookie", "expect", "host", "keep-alive",
        "proxy-authorization", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
    }
)  # fmt: skip
_HEADER_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
# Control characters but the tab, and what has no bytes. The rest is sent as UTF-8.
_UNSENDABLE: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\ud800-\udfff]")

_LONGEST_ADDRESS: Final = 8 * 1024  # decoding a longer host takes minutes
_AMBIGUOUS: Final = re.compile(r"[\x00-\x20\x7f\\\ud800-\udfff]")  # dropped by some readers of addresses, not by others
_HOST_NAME: Final = re.compile(r"[0-9A-Za-z_-]{1,63}(?:\.[0-9A-Za-z_-]{1,63})*\.?")
_LONGEST_HOST: Final = 253


def _is_text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{name} must be str, not {kind_of(value)}")
    if not value.isascii() and _LONE_SURROGATE.search(value):
        raise ValueError(f"{name} holds characters that cannot be sent")
    return value


def text(name: str, value: object) -> str:
    """Text that is not empty."""
    found = _is_text(name, value)
    if not found or found.isspace():
        raise ValueError(f"{name} must not be empty")
    return found


def optional_text(name: str, value: object) -> str | None:
    """Text that is not empty, or ``None``."""
    return None if value is None else text(name, value)


def client_id(value: object) -> str:
    """An application's id: a positive number, as a number or as text."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise TypeError(f"client_id must be int or str, not {kind_of(value)}")
    digits = value.strip() if isinstance(value, str) else str(value) if 0 < value < 10**_MOST_DIGITS else ""
    if not digits.isascii() or not digits.isdigit() or len(digits) > _MOST_DIGITS or int(digits) == 0:
        raise ValueError("client_id must be a positive number")
    return digits


def one_of(name: str, value: object, choices: tuple[str, ...]) -> str | None:
    """One of some words, or ``None``."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise TypeError(f"{name} must be str, not {kind_of(value)}")
    if value not in choices:
        raise ValueError(f"{name} must be one of {', '.join(choices)}")
    return str(value)


def seconds(name: str, value: object) -> float:
    """A finite number of seconds above 0."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{name} must be a number of seconds, not {kind_of(value)}")
    if not 0 < value <= _LARGEST_FLOAT:
        raise ValueError(f"{name} must be a finite number of seconds above 0")
    return float(value)


def attempts(name: str, value: object) -> int:
    """A whole number of at least 1."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name} must be int, not {kind_of(value)}")
    if value < 1:
        raise ValueError(f"{name} must be at least 1")
    if value >= _TOO_LARGE:
        raise ValueError(f"{name} must have at most 63 bits")
    return value


def api_version(value: object) -> str:
    """A version of VK's API, ``"5.199"`` say."""
    found = _is_text("api_version", value)
    if not _VERSION.fullmatch(found):
        raise ValueError('api_version must look like "5.199"')
    return found


def headers(value: object) -> dict[str, str]:
    """Headers that can be sent. Their ``repr`` masks the values: a caller may put a key or a token there."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise TypeError(f"headers must be a mapping, not {kind_of(value)}")
    problem = _problem_of_headers(value)
    if problem is not None:
        value = None  # a traceback shows what is in variables
        raise problem
    return {name.title(): Secret(content) for name, content in value.items()}


def _problem_of_headers(value: Mapping[object, object]) -> ValueError | TypeError | None:
    seen: set[str] = set()
    for number, (name, content) in enumerate(value.items(), 1):
        if not isinstance(name, str) or not isinstance(content, str):
            return TypeError("headers must map str to str")
        if not _HEADER_NAME.fullmatch(name):
            return ValueError(f"headers: the name of no. {number} cannot be sent")
        if name.lower() in _OWN_HEADERS:
            return ValueError(f"headers: {name!r} is set by the library")
        if name.lower() in seen:
            return ValueError(f"headers: the name of no. {number} is there twice, whatever its capitals")
        if _UNSENDABLE.search(content):
            return ValueError(f"headers: the value of no. {number} holds characters that cannot be sent")
        seen.add(name.lower())
    return None


def proxy(value: object) -> str | None:
    """The address of an HTTP proxy. Its ``repr`` is a mask: there may be a password in it."""
    if value is None:
        return None
    from yarl import URL  # whoever checks a secret or a number needs none

    if not isinstance(value, str | URL):
        raise TypeError(f"proxy must be an address (str or yarl.URL), not {kind_of(value)}")
    address = value = Secret(value)  # a traceback shows what is in variables
    if len(address) > _LONGEST_ADDRESS or _AMBIGUOUS.search(address):
        raise ValueError("proxy is no address: too long, or with characters that no address has")
    if address.partition(":")[0].lower() not in ("http", "https"):
        raise ValueError("proxy must be an http(s) address; for SOCKS pass a session with a connector of its own")
    if not _is_reachable(address):
        raise ValueError("proxy must be an http(s) address with a host and a port that can be")
    return address


def _is_reachable(address: str) -> bool:
    """Whether an address has a host and a port that can be, and a name and password that a proxy can be told."""
    from yarl import URL

    try:
        url = URL(address)
        readable = url.host  # a broken name shows only here
        f"{url.user}{url.password}".encode("latin-1")  # as aiohttp sends them
    except (ValueError, IndexError):  # see wire.hosts.ADDRESS_ERRORS
        return False
    host = url.raw_host
    if not host or not readable or url.explicit_port == 0 or ":" in (url.user or ""):
        return False
    return ":" in host or (len(host) <= _LONGEST_HOST and _HOST_NAME.fullmatch(host) is not None)


def group_ids(value: object) -> tuple[int, ...]:
    """Communities as positive numbers, each once, in the order given; ``-1`` is community 1."""
    ids = [value] if isinstance(value, int | str) else value
    if not isinstance(ids, Iterable) or isinstance(ids, bytes | bytearray | memoryview | Mapping):
        raise TypeError(f"group_ids must be int or a list of int, not {kind_of(value)}")
    found: dict[int, None] = {}
    for each in ids:
        if isinstance(each, bool) or not isinstance(each, int):
            raise TypeError(f"group_ids must hold int, not {kind_of(each)}")
        if not 0 < abs(each) < _TOO_LARGE:
            raise ValueError("group_ids must hold numbers of at most 63 bits, and not 0")
        found[abs(each)] = None
        if len(found) > _MOST_GROUPS:
            raise ValueError(f"group_ids must not hold more than {_MOST_GROUPS}: they are sent in an address")
    if not found:
        raise ValueError("group_ids must not be empty")
    return tuple(found)


def instance(name: str, value: object, kind: type[_Kind]) -> _Kind:
    """An object of a class."""
    if not isinstance(value, kind):
        hint = f": use {kind.__name__}.under(address)" if hasattr(kind, "under") and isinstance(value, str) else ""
        raise TypeError(f"{name} must be {kind.__name__}, not {kind_of(value)}{hint}")
    return value
