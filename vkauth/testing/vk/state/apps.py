"""The applications that the simulator knows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

__all__ = ["App", "Apps"]


@dataclass(kw_only=True)
class App:
    """An application registered at VK.

    Attributes:
        client_id: its number.
        client_secret: its secret; empty: it has none to check.
        name: shown on the consent page.
        direct: whether it may send passwords to ``/token`` (VK approves such applications one by one).
        implicit: what ``/authorize`` says to it: ``"allowed"``, ``"invalid_request"``, ``"security_error"`` (a redirect
            to the error page) or ``"blocked"``.
        redirect_uris: addresses it may use besides the blank pages.
    """

    client_id: int
    client_secret: str = field(default="", repr=False)
    name: str = "Sample app"
    direct: bool = True
    implicit: Literal["allowed", "invalid_request", "security_error", "blocked"] = "allowed"
    redirect_uris: tuple[str, ...] = ()


# The pairs are printed in the public source of many clients: they name an application and protect nothing.
_KNOWN: Final[tuple[tuple[int, str, str, bool], ...]] = (
    (2274003, "hHbZxrka2uZ6jB1inYsH", "VK for Android", True),
    (3140623, "VeWdmVclDCtn6ihuP1nt", "VK for iPhone", True),
    (3682744, "mY6CDUswIVdJLCD3j15n", "VK for iPad", True),
    (3697615, "AlVXZFMUqyrnABp8ncuU", "VK for Windows", True),
    (3502557, "PEObAuQi6KloPM4T30DV", "VK for Windows Phone", True),
    (3502561, "omvP3y2MZmpREFZJDNHd", "VK for Windows Phone (older)", True),
    (6146827, "qVxWRF1CwHERuIrKBnqe", "VK Me", True),
    (2685278, "", "Kate Mobile", True),
    (6222115, "", "vk_api's default application", False),
    (6287487, "", "vk.com", False),
    (7913379, "", "VK ID on a desktop", False),
    (7934655, "", "VK ID on a phone", False),
    (51453752, "", "A client that gets silent tokens", True),
)


class Apps(Mapping[int, App]):
    """The applications by their numbers."""

    def __init__(self) -> None:
        self._apps = {
            client_id: App(client_id=client_id, client_secret=secret, name=name, direct=direct)
            for client_id, secret, name, direct in _KNOWN
        }

    def __getitem__(self, client_id: int) -> App:
        return self._apps[client_id]

    def __iter__(self) -> Iterator[int]:
        return iter(self._apps)

    def __len__(self) -> int:
        return len(self._apps)

    def add(self, app: App) -> None:
        """Register an application, or replace the one with its number."""
        self._apps[app.client_id] = app

    def find(self, client_id: str) -> App | None:
        """Find an application by what a request says."""
        return self._apps.get(int(client_id)) if client_id.isdecimal() else None
