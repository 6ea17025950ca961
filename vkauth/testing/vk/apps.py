"""The applications that the simulator knows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

__all__ = ["KNOWN_APPS", "App"]


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
    client_secret: str = ""
    name: str = "Sample app"
    direct: bool = True
    implicit: Literal["allowed", "invalid_request", "security_error", "blocked"] = "allowed"
    redirect_uris: tuple[str, ...] = ()


# The pairs are printed in the public source of many clients: they name an application and protect nothing.
KNOWN_APPS: Final[tuple[tuple[int, str, str, bool], ...]] = (
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
