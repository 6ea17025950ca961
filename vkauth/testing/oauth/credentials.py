"""What a client has to know of its application."""

from __future__ import annotations

from typing import NotRequired, TypedDict

__all__ = ["Credentials", "credentials"]


class Credentials(TypedDict):
    """Made to be unpacked with ``**``; an application without a secret has no ``client_secret``."""

    client_id: str
    client_secret: NotRequired[str]


def credentials(client_id: str, client_secret: str) -> Credentials:
    """Those of an application; an empty secret is none."""
    if not client_secret:
        return Credentials(client_id=client_id)
    return Credentials(client_id=client_id, client_secret=client_secret)
