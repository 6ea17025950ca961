"""The cookies of a run as a value that can be kept, so that the next run needs no password."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from vkauth.secret import Secret

__all__ = ["Cookie", "Cookies"]

_FORMAT: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Cookie:
    """One cookie.

    Attributes:
        name, value: what is sent.
        domain: whom it is sent to; without ``host_only`` also to subdomains.
        path: the path it is sent for.
        secure: whether it is sent over https only.
        host_only: whether it goes to exactly ``domain``.
    """

    name: str
    value: str
    domain: str
    path: str = "/"
    secure: bool = True
    host_only: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "value", Secret(self.value))


@dataclass(frozen=True, slots=True)
class Cookies:
    """The cookies of a login: they are worth as much as the password, so keep them as safe.

    ``str()`` and ``repr()`` mask the values; :meth:`dump` gives the text to store, :meth:`load` reads it back.
    """

    cookies: tuple[Cookie, ...] = ()

    def __len__(self) -> int:
        return len(self.cookies)

    def __iter__(self) -> Iterator[Cookie]:
        return iter(self.cookies)

    def dump(self) -> str:
        """The cookies as JSON text, values and all."""
        rows = [
            {
                "name": each.name,
                "value": str(each.value),
                "domain": each.domain,
                "path": each.path,
                "secure": each.secure,
                "host_only": each.host_only,
            }
            for each in self.cookies
        ]
        return Secret(json.dumps({"format": _FORMAT, "cookies": rows}))

    @classmethod
    def load(cls, text: str) -> Cookies:
        """Read what :meth:`dump` gave.

        Raises:
            ValueError: it is something else.
        """
        rows: list[Cookie] | None = None
        try:
            value = json.loads(text)
            if value["format"] == _FORMAT and isinstance(value["cookies"], list):
                rows = [_cookie(row) for row in value["cookies"]]
        except (ValueError, TypeError, KeyError, RecursionError):
            rows = None
        if rows is None:
            raise ValueError("these are not cookies that dump() gave")
        return cls(tuple(rows))


_KINDS: Final = (("name", str), ("value", str), ("domain", str), ("path", str), ("secure", bool), ("host_only", bool))


def _cookie(row: dict[str, Any]) -> Cookie:
    if not all(isinstance(row[name], kind) for name, kind in _KINDS):
        raise TypeError
    return Cookie(**row)
