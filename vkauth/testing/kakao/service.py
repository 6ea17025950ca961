"""Kakao as one of the services that a simulator's server answers for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from aiohttp import web

from vkauth.testing.answers import html_answer
from vkauth.testing.kakao import openid, token, user
from vkauth.testing.kakao.errors import SERVICE, kakao_json
from vkauth.testing.kakao.sign_in import KakaoSignIn
from vkauth.testing.kakao.state import KakaoState
from vkauth.testing.oauth.pages import stop_page
from vkauth.testing.sites import SiteCall, Sites, SiteService

__all__ = ["SITES", "KakaoService"]

SITES: Final = Sites({"kakao": "kauth.kakao.com", "kapi": "kapi.kakao.com"})

_PAGES: Final = ("kakao/oauth/authorize", "kakao/simulator", "kakao/oauth/logout")

Handler = Callable[[KakaoState, SiteCall], web.Response]

_HANDLERS: Final[Mapping[tuple[str, str], Handler]] = {
    ("POST", "kakao/oauth/token"): token.token,
    ("POST", "kakao/oauth/tokeninfo"): openid.token_info,
    ("GET", "kakao/.well-known/openid-configuration"): openid.discovery,
    ("GET", "kakao/.well-known/jwks.json"): openid.jwks,
    ("GET", "kapi/v2/user/me"): user.me,
    ("POST", "kapi/v2/user/me"): user.me,
    ("GET", "kapi/v1/user/access_token_info"): user.access_token_info,
    ("POST", "kapi/v1/user/logout"): user.logout,
    ("POST", "kapi/v1/user/unlink"): user.unlink,
    ("GET", "kapi/v1/oidc/userinfo"): openid.userinfo,
    ("POST", "kapi/v1/oidc/userinfo"): openid.userinfo,
}


class KakaoService(SiteService):
    """Answers as Kakao.

    Args:
        state: what Kakao knows.
    """

    sites = SITES

    def __init__(self, state: KakaoState) -> None:
        self._state = state
        self._sign_in = KakaoSignIn(state)

    @property
    def places(self) -> Sequence[str]:
        """Its pages and its API."""
        return (*_PAGES, *(place for _, place in _HANDLERS))

    def _answer(self, call: SiteCall) -> web.Response:
        match call.method, call.place:
            case "GET", "kakao/oauth/authorize":
                return self._sign_in.authorize(call)
            case "GET" | "POST", "kakao/simulator":
                return self._sign_in.step(call)
            case "GET", "kakao/oauth/logout":
                return self._sign_in.logout(call)
            case key:
                handler = _HANDLERS.get(key)
        if handler is not None:
            return handler(self._state, call)
        if call.site == "kapi":
            return kakao_json({"msg": "no such API", "code": -2}, 404)
        return html_answer(stop_page(SERVICE, "Not found", ["The simulated Kakao has no such page (KOE002)."]), 404)
