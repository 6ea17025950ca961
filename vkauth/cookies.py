"""The cookies of a run as a value that can be kept, so that the next run needs no password."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from vkauth import stored
from vkauth.secret import Secret

__all__ = ["Cookie", "Cookies"]


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

    def dump(self) -> Secret:
        """The cookies as JSON text, values and all: ordinary text whose ``repr`` is a mask."""
        return stored.dump("cookies", self.cookies)

    @classmethod
    def load(cls, text: str | bytes) -> Cookies:
        """Read what :meth:`dump` gave.

        Raises:
            ValueError: it is something else.
        """
        cookies = stored.revive_all(Cookie, stored.unpack("cookies", text))
        if cookies is None:
            text = ""  # a traceback shows what is in variables
            raise ValueError("these are not cookies that dump() gave")
        return cls(tuple(cookies))
