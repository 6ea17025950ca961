"""TikTok as one of the services that a simulator's server answers for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from aiohttp import web

from vkauth.testing.answers import html_answer
from vkauth.testing.oauth.pages import stop_page
from vkauth.testing.sites import SiteCall, Sites, SiteService
from vkauth.testing.tiktok.errors import SERVICE
from vkauth.testing.tiktok.sign_in import TikTokSignIn
from vkauth.testing.tiktok.state import TikTokState
from vkauth.testing.tiktok.token import revoke, token
from vkauth.testing.tiktok.user import user_info

__all__ = ["SITES", "TikTokService"]

SITES: Final = Sites({"tiktok": "www.tiktok.com", "tiktok-api": "open.tiktokapis.com"})

_PLACES: Final = (
    *("tiktok/v2/auth/authorize/", "tiktok/simulator"),
    *("tiktok-api/v2/oauth/token/", "tiktok-api/v2/oauth/revoke/", "tiktok-api/v2/user/info/"),
)


class TikTokService(SiteService):
    """Answers as TikTok.

    Args:
        state: what TikTok knows.
    """

    sites = SITES

    def __init__(self, state: TikTokState) -> None:
        self._state = state
        self._sign_in = TikTokSignIn(state)

    @property
    def places(self) -> Sequence[str]:
        """Its pages and its API."""
        return _PLACES

    def _answer(self, call: SiteCall) -> web.Response:
        # TikTok writes its addresses with a slash at their end; Auth.js leaves it out for the page.
        match call.method, call.place.rstrip("/"):
            case "GET", "tiktok/v2/auth/authorize":
                return self._sign_in.authorize(call)
            case "GET" | "POST", "tiktok/simulator":
                return self._sign_in.step(call)
            case "POST", "tiktok-api/v2/oauth/token":
                return token(self._state, call)
            case "POST", "tiktok-api/v2/oauth/revoke":
                return revoke(self._state, call)
            case "GET", "tiktok-api/v2/user/info":
                return user_info(self._state, call)
        return html_answer(stop_page(SERVICE, "Not found", ["The simulated TikTok has no such page."]), 404)
