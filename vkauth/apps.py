"""Applications of VK itself, whose ids and secrets have been public for years."""

from __future__ import annotations

from typing import Final, NamedTuple, TypedDict

from vkauth._version import __version__

__all__ = ["AppCredentials", "OfficialAppCredentials", "official_app_credentials", "user_agent"]

user_agent: Final = f"vkauth/{__version__}"
"""What the library calls itself in the ``User-Agent`` header, unless the caller's ``headers`` say otherwise."""


class AppCredentials(TypedDict):
    """What an authorization needs of an application; made to be unpacked with ``**``."""

    client_id: int
    client_secret: str


class OfficialAppCredentials(NamedTuple):
    """The known applications, one attribute each."""

    android: AppCredentials
    windows: AppCredentials
    windows_phone: AppCredentials
    iphone: AppCredentials
    ipad: AppCredentials
    vk_me: AppCredentials


def _app(client_id: int, client_secret: str) -> AppCredentials:
    return AppCredentials(client_id=client_id, client_secret=client_secret)


official_app_credentials: Final = OfficialAppCredentials(
    android=_app(2274003, "hHbZxrka2uZ6jB1inYsH"),
    windows=_app(3697615, "AlVXZFMUqyrnABp8ncuU"),
    windows_phone=_app(3502557, "PEObAuQi6KloPM4T30DV"),
    iphone=_app(3140623, "VeWdmVclDCtn6ihuP1nt"),
    ipad=_app(3682744, "mY6CDUswIVdJLCD3j15n"),
    vk_me=_app(6146827, "qVxWRF1CwHERuIrKBnqe"),
)
"""Applications that VK lets use direct authorization: ``DirectAuthorization(**official_app_credentials.android, ...)``.

VK admits only applications it has approved for this (https://dev.vk.com/en/api/direct-auth) and may block any of these
at any time, for everybody or for one account; such an answer is ``APP_NOT_ALLOWED``. The ``User-Agent`` that is
sent names this library, not the application (see :data:`user_agent`).
"""
