"""The applications that the simulated TikTok knows, and where it lets them have people sent back to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import SplitResult, urlsplit

from vkauth.testing.oauth.apps import Registry
from vkauth.testing.oauth.credentials import Credentials, credentials
from vkauth.testing.oauth.redirects import split_address

__all__ = ["SCOPES", "TikTokApp", "TikTokApps", "is_loopback"]

SCOPES: Final[Mapping[str, str]] = {
    "user.info.basic": "Profile name and picture",
    "user.info.profile": "Profile: username, bio, link, verification",
    "user.info.stats": "Numbers of followers, likes and videos",
    "video.list": "Public videos",
}
"""What applications can ask for, with words for a page."""

_LONGEST: Final = 512
_LOOPBACK: Final = ("localhost", "127.0.0.1")


def _port(parts: SplitResult) -> str:
    return parts.netloc.rpartition(":")[2] if ":" in parts.netloc else ""


def is_loopback(address: str) -> bool:
    """Whether an address is that of a desktop program: on this machine."""
    parts = split_address(address)
    return parts is not None and parts.hostname in _LOOPBACK


def _may_be_registered(address: str) -> bool:
    """TikTok's rules: https without a query for the web; for the desktop this machine, and a port, which may be ``*``.

    https://developers.tiktok.com/doc/login-kit-web and https://developers.tiktok.com/doc/login-kit-desktop
    (seen 2026-11).
    """
    parts = split_address(address)
    if parts is None or not parts.hostname or len(address) >= _LONGEST or "#" in address:
        return False
    if is_loopback(address):
        port = _port(parts)
        return parts.scheme in ("http", "https") and (port == "*" or port.isdecimal())
    return parts.scheme == "https" and "?" not in address


@dataclass(kw_only=True)
class TikTokApp:
    """An application registered at TikTok.

    Attributes:
        client_key: its key.
        client_secret: its secret.
        name: shown on the consent page.
        redirect_uris: addresses people may be sent back to, compared exactly, but for a port registered as ``*``;
            ``None``: every address that TikTok lets be registered.
        scopes: what it may ask for; ``user.info.basic`` every application may.
        needs_challenge: a request without ``code_challenge`` is refused for web addresses as well (reported of some
            applications); for addresses of this machine it always is.
    """

    client_key: str
    client_secret: str = field(repr=False)
    name: str = "Sample application"
    redirect_uris: tuple[str, ...] | None = None
    scopes: tuple[str, ...] = tuple(SCOPES)
    needs_challenge: bool = False

    def __post_init__(self) -> None:
        wrong = [each for each in self.redirect_uris or () if not _may_be_registered(each)]
        if wrong:
            raise ValueError(f"redirect_uris: TikTok does not let {wrong[0]!r} be registered")
        unknown = [each for each in self.scopes if each not in SCOPES]
        if unknown:
            raise ValueError(f"scopes: no such scope: {', '.join(unknown)}")

    @property
    def credentials(self) -> Credentials:
        """What a client has to know: ``TikTok(**vk.tiktok.addresses, **app.credentials)``."""
        return credentials(self.client_key, self.client_secret)

    def returns_to(self, address: str) -> bool:
        """Whether people may be sent back there."""
        if not _may_be_registered(address) or ":*" in address:
            return False
        if self.redirect_uris is None or address in self.redirect_uris:
            return True
        parts = urlsplit(address)
        host = parts.netloc.rpartition(":")[0]
        return is_loopback(address) and parts._replace(netloc=f"{host}:*").geturl() in self.redirect_uris


class TikTokApps(Registry[str, TikTokApp]):
    """The applications by their keys."""

    def __init__(self) -> None:
        sample = TikTokApp(
            client_key="simulatedtiktokkey",
            client_secret="SIMULATED-TIKTOK-CLIENT-SECRET",  # noqa: S106 - it says of itself that it is none
        )
        super().__init__(sample, key=lambda app: app.client_key)
