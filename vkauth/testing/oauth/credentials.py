"""What a client has to know of its application."""

from __future__ import annotations

from typing import TypedDict

__all__ = ["Credentials"]


class Credentials(TypedDict):
    """Made to be unpacked with ``**``."""

    client_id: str
    client_secret: str
