"""Who is asked, as the ``Host`` header says: this machine and the hosts that are played, and nobody else."""

from __future__ import annotations

import re
from collections.abc import Collection
from ipaddress import ip_address
from typing import Final

__all__ = ["why_not_here"]

_AUTHORITY: Final = re.compile(r"(\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9._-]{1,253})(?::([0-9]{1,5}))?")
_LAST_PORT: Final = 65535


def _name(authority: str) -> str | None:
    found = _AUTHORITY.fullmatch(authority)
    if found is None or int(found[2] or 0) > _LAST_PORT:
        return None
    return found[1].strip("[]").lower()


def _is_loopback(name: str) -> bool:
    try:
        return ip_address(name).is_loopback
    except ValueError:  # browsers and resolvers find these names on their own machine
        return name == "localhost" or name.endswith(".localhost")


def _is_bound(name: str, bound: str) -> bool:
    if name == bound.lower():
        return True
    try:
        # Whoever listens on every address of the machine wants to be found by each; no page can be named like one.
        return ip_address(bound).is_unspecified and bool(ip_address(name))
    except ValueError:
        return False


def why_not_here(authority: str, *, bound: str, played: Collection[str] = ()) -> str | None:
    """Say why a request is not answered; ``None``: it is.

    A page of a stranger could have its own name lead to this machine, and then read all that is served here as its own
    (DNS rebinding); so a server for this machine looks at the name that it was asked by.

    Args:
        authority: the ``Host`` header.
        bound: the host that the server listens on.
        played: names of other hosts that it answers for.
    """
    name = _name(authority)
    if name is None:
        return "The Host header is no name or address with a port."
    if _is_loopback(name) or name in played or _is_bound(name, bound):
        return None
    others = f", or a host that is played here: {', '.join(played)}" if played else ""
    return (
        f"{name} is not this machine: a page on the Internet could have its name lead here, to read what is served "
        f"(DNS rebinding). Ask for {bound}, 127.0.0.1 or localhost{others}."
    )
