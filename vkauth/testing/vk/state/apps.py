"""The applications that the simulator knows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

from vkauth.testing.oauth.apps import Registry
from vkauth.testing.oauth.credentials import Credentials, credentials
from vkauth.testing.oauth.redirects import is_web_address

__all__ = ["App", "Apps"]


@dataclass(kw_only=True)
class App:
    """An application registered at VK.

    Attributes:
        client_id: its number.
        client_secret: its secret; empty: it has none to check.
        name: shown on the consent page.
        direct: whether it may send passwords to ``/token`` (VK approves such applications one by one).
        implicit: what ``/authorize`` and ``/access_token`` of the oauth host say to it: ``"allowed"``,
            ``"invalid_request"``, ``"security_error"`` (as to applications made for VK ID; a redirect to the error
            page) or ``"blocked"``.
        redirect_uris: addresses people may be sent back to besides the blank pages, compared exactly; ``None``: any
            http(s) address.
        vk_id: whether VK ID knows it.
        scopes: what it may ask for at VK ID.
        service_key: its key for calls of its own.
        confidential: VK ID wants the service key (``service_token``) at each exchange and refresh.
    """

    client_id: int
    client_secret: str = field(default="", repr=False)
    name: str = "Sample app"
    direct: bool = True
    implicit: Literal["allowed", "invalid_request", "security_error", "blocked"] = "allowed"
    redirect_uris: tuple[str, ...] | None = ()
    vk_id: bool = True
    scopes: tuple[str, ...] = ("vkid.personal_info", "email", "phone")
    service_key: str = field(default="", repr=False)
    confidential: bool = False

    def __post_init__(self) -> None:
        if self.confidential and not self.service_key:
            raise ValueError("a confidential application needs a service_key")

    @property
    def credentials(self) -> Credentials:
        """What a client has to know: ``VK(endpoints=vk.endpoints, **app.credentials)``."""
        return credentials(str(self.client_id), self.client_secret)

    def returns_to(self, address: str) -> bool:
        """Whether people may be sent back there."""
        if self.redirect_uris is None and is_web_address(address):
            return True
        return address in (self.redirect_uris or ())


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

_LONGEST: Final = 20  # digits of a number


class Apps(Registry[int, App]):
    """The applications by their numbers.

    Attributes:
        sample: a site's, for VK ID and for the code flow, with a secret and a service key; it is there from the
            beginning.
    """

    def __init__(self) -> None:
        sample = App(
            client_id=51000001,
            client_secret="SIMULATED-VK-CLIENT-SECRET",  # noqa: S106 - it says of itself that it is none
            name="Sample site",
            direct=False,
            redirect_uris=None,
            service_key="SIMULATED-VK-SERVICE-KEY",
        )
        known = (
            App(client_id=client_id, client_secret=secret, name=name, direct=direct)
            for client_id, secret, name, direct in _KNOWN
        )
        super().__init__(sample, *known, key=lambda app: app.client_id)

    def find(self, client_id: str) -> App | None:
        """Find an application by what a request says."""
        return self.get(int(client_id)) if client_id.isdecimal() and len(client_id) <= _LONGEST else None
