"""Checks of arguments: a wrong one fails where it is given, and the error names it."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping
from typing import Final, TypeVar

from yarl import URL

__all__ = [
    "api_version",
    "attempts",
    "client_id",
    "group_ids",
    "headers",
    "instance",
    "optional_text",
    "proxy",
    "seconds",
    "text",
]

_VERSION: Final = re.compile(r"[0-9]{1,3}\.[0-9]{1,4}")
_LONE_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")
_OWN_HEADERS: Final = frozenset({"connection", "content-length", "cookie", "host", "transfer-encoding"})
_HEADER_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_MOST_DIGITS: Final = 20
_TOO_LARGE: Final = 10**_MOST_DIGITS
_Kind = TypeVar("_Kind")


def _is_text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{name} must be str, not {type(value).__name__}")
    if _LONE_SURROGATE.search(value):
        raise ValueError(f"{name} holds characters that cannot be sent")
    return value


def text(name: str, value: object) -> str:
    """Text that is not empty."""
    found = _is_text(name, value)
    if not found.strip():
        raise ValueError(f"{name} must not be empty")
    return found


def optional_text(name: str, value: object) -> str | None:
    """Text that is not empty, or ``None``."""
    return None if value is None else text(name, value)


def client_id(value: object) -> str:
    """An application's id: a positive number, as a number or as text."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise TypeError(f"client_id must be int or str, not {type(value).__name__}")
    digits = value.strip() if isinstance(value, str) else str(value) if 0 < value < _TOO_LARGE else ""
    if not digits.isascii() or not digits.isdigit() or len(digits) > _MOST_DIGITS or int(digits) == 0:
        raise ValueError("client_id must be a positive number")
    return digits


def seconds(name: str, value: object) -> float:
    """A finite number of seconds above 0."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{name} must be a number of seconds, not {type(value).__name__}")
    if not 0 < value <= sys.float_info.max:
        raise ValueError(f"{name} must be a finite number of seconds above 0")
    return float(value)


def attempts(name: str, value: object) -> int:
    """A whole number of at least 1."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name} must be int, not {type(value).__name__}")
    if value < 1:
        raise ValueError(f"{name} must be at least 1")
    return value


def api_version(value: object) -> str:
    """A version of VK's API, ``"5.199"`` say."""
    found = _is_text("api_version", value)
    if not _VERSION.fullmatch(found):
        raise ValueError('api_version must look like "5.199"')
    return found


def headers(value: object) -> dict[str, str]:
    """Headers that can be sent."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise TypeError(f"headers must be a mapping, not {type(value).__name__}")
    found: dict[str, str] = {}
    for name, content in value.items():
        if not isinstance(name, str) or not isinstance(content, str):
            raise TypeError("headers must map str to str")
        if not _HEADER_NAME.fullmatch(name) or re.search(r"[\r\n\0\ud800-\udfff]", content):
            raise ValueError(f"headers: {name!r} or its value cannot be sent")
        if name.lower() in _OWN_HEADERS:
            raise ValueError(f"headers: {name!r} is set by the library")
        found[name.title()] = content  # names differ by their letters only, not by their case
    return found


def proxy(value: object) -> URL | None:
    """The address of an HTTP proxy."""
    if value is None:
        return None
    if not isinstance(value, str | URL):
        raise TypeError(f"proxy must be an address (str or yarl.URL), not {type(value).__name__}")
    url: URL | None
    try:
        url = URL(value)
    except ValueError:
        url = None
    if url is None or url.scheme not in ("http", "https") or not url.host:
        # The value is not repeated: it may hold a password.
        raise ValueError("proxy must be an http(s) address; for SOCKS pass a session with a connector of its own")
    return url


def group_ids(value: object) -> tuple[int, ...]:
    """Communities as positive numbers, each once, in the order given; ``-1`` is community 1."""
    ids = [value] if isinstance(value, int | str) else value
    if not isinstance(ids, Iterable) or isinstance(ids, bytes | Mapping):
        raise TypeError(f"group_ids must be int or a list of int, not {type(value).__name__}")
    found: dict[int, None] = {}
    for each in ids:
        if isinstance(each, bool) or not isinstance(each, int):
            raise TypeError(f"group_ids must hold int, not {type(each).__name__}")
        if each == 0:
            raise ValueError("group_ids must not hold 0")
        found[abs(each)] = None
    if not found:
        raise ValueError("group_ids must not be empty")
    return tuple(found)


def instance(name: str, value: object, kind: type[_Kind]) -> _Kind:
    """An object of a class."""
    if not isinstance(value, kind):
        raise TypeError(f"{name} must be {kind.__name__}, not {type(value).__name__}")
    return value
