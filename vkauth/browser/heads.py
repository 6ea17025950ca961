"""What stands before the empty line of a request to this machine."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

__all__ = ["Head", "own_names", "read_head"]

# The query is parted from the path by the first "?". No browser asks for an address that has other characters.
_REQUEST_LINE: Final = re.compile(r"([A-Z]{1,20}) (/[!\"$->@-~]*)(?:\?([!\"$-~]*))? HTTP/1\.[01]")
_NAMES: Final = ("127.0.0.1", "[::1]", "localhost")
_HTTP_PORT: Final = 80


@dataclass(frozen=True, slots=True, repr=False)
class Head:
    """A request line and header fields. It may hold a code, so it is not shown.

    Attributes:
        method: ``"GET"``, ``"POST"``, ...
        path: as it was sent.
        query: as it was sent, without the question mark.
        fields: the lines below.
    """

    method: str
    path: str
    query: str
    fields: tuple[str, ...]

    def all(self, name: str) -> list[str]:
        """The values of the header fields of a name (in lower case)."""
        parted = (each.partition(":") for each in self.fields)
        return [value.strip(" \t") for found, _, value in parted if found.lower() == name]

    def is_for(self, port: int) -> bool:
        """Whether the request is meant for this machine by its one ``Host``.

        Another name may be somebody's who leads browsers here.
        """
        hosts = self.all("host")
        return len(hosts) == 1 and hosts[0].lower() in own_names(port)


def read_head(head: bytes) -> Head | None:
    """Read a head of a bounded length; ``None``: it is none. Never fails."""
    first, *fields = head.decode("latin-1").split("\r\n")
    asked = _REQUEST_LINE.fullmatch(first)
    if asked is None:
        return None
    method, path, query = asked.groups(default="")
    return Head(method, path, query, tuple(fields))


def own_names(port: int) -> frozenset[str]:
    """The names by which a browser on this machine asks for a port of it."""
    names = {f"{each}:{port}" for each in _NAMES}
    return frozenset(names | set(_NAMES) if port == _HTTP_PORT else names)
