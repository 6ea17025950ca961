"""Sign in with Kakao, with and without OpenID Connect.

https://developers.kakao.com/docs/ko/kakaologin/rest-api, seen 2026-11.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Unpack, cast

from yarl import URL

from vkauth._options import hide_options
from vkauth.checks import instance, optional_text
from vkauth.oauth.dialect import Dialect
from vkauth.oauth.request import authorization_url, read_redirect_uri, read_scope
from vkauth.providers._base import bearer, whole
from vkauth.providers._openid import OpenIDOptions, OpenIDProvider
from vkauth.providers._options import Scope
from vkauth.providers.identity import ProfileMap
from vkauth.providers.kakao_errors import API, LOGIN
from vkauth.secret import Secret, hide_unless
from vkauth.token_set import TokenSet
from vkauth.wire.http import Response, get, post

if TYPE_CHECKING:
    from vkauth.providers.kakao_profile import KakaoProfile

__all__ = ["Kakao"]


class Kakao(OpenIDProvider["KakaoProfile"]):
    """Sign in with Kakao. With the scope ``openid`` an id_token is wanted and checked (extra ``oauth``).

    Args:
        client_id: the REST API key. Default: the environment variable ``AUTH_KAKAO_ID``, read when it is needed.
        client_secret: the secret; Kakao's console may switch it off. Default: ``AUTH_KAKAO_SECRET``, if it is there.
        issuer: who makes id_tokens.
        jwks_url, unlink_url, logout_url, token_info_url, browser_logout_url: other addresses than Kakao's own.
        secure_resource: whether the addresses of pictures are to be https.
        property_keys: what to ask about a person (``"kakao_account.email"`` say). Default: all that they consented to.
        options: see :class:`ProviderOptions`.

    Raises:
        ValueError, TypeError: an argument is wrong; the message names it.
        ImportError: ``scope`` has ``openid``, and the extra ``oauth`` is not installed.
    """

    id = "kakao"
    name = "Kakao"
    _URLS: ClassVar = {
        "authorize_url": "https://kauth.kakao.com/oauth/authorize",
        "token_url": "https://kauth.kakao.com/oauth/token",
        "jwks_url": "https://kauth.kakao.com/.well-known/jwks.json",
        "userinfo_url": "https://kapi.kakao.com/v2/user/me",
        "unlink_url": "https://kapi.kakao.com/v1/user/unlink",
        "logout_url": "https://kapi.kakao.com/v1/user/logout",
        "token_info_url": "https://kapi.kakao.com/v1/user/access_token_info",
        "browser_logout_url": "https://kauth.kakao.com/oauth/logout",
    }
    _PAGES = ("authorize_url", "browser_logout_url")
    _DIALECT = Dialect(rules=LOGIN, refresh_expires_in="refresh_token_expires_in")
    _NEEDS_SECRET = False
    _IDENTITY = ProfileMap(
        id="id",
        is_number=True,
        name=("kakao_account.profile.nickname",),
        email="kakao_account.email",
        verified=("kakao_account.is_email_valid", "kakao_account.is_email_verified"),
        image=("kakao_account.profile.profile_image_url",),
    )

    def __init__(
        self,
        client_id: int | str | None = None,
        client_secret: str | None = None,
        *,
        issuer: str = "https://kauth.kakao.com",
        unlink_url: str | URL | None = None,
        logout_url: str | URL | None = None,
        token_info_url: str | URL | None = None,
        browser_logout_url: str | URL | None = None,
        secure_resource: bool = True,
        property_keys: Scope | None = None,
        **options: Unpack[OpenIDOptions],
    ) -> None:
        client_secret = hide_unless(client_secret, Secret)
        hide_options(options)
        super().__init__(client_id, client_secret, issuer=issuer, **options)
        self._place(unlink_url=unlink_url, logout_url=logout_url, token_info_url=token_info_url)
        self._place(browser_logout_url=browser_logout_url)
        self._wanted = {"secure_resource": "true"} if instance("secure_resource", secure_resource, bool) else {}
        if property_keys is not None:
            self._wanted["property_keys"] = json.dumps(read_scope(property_keys, name="property_keys"))

    def browser_logout_url(self, logout_redirect_uri: str | URL, state: str | None = None) -> str:
        """The address to send a person to who shall be signed out of Kakao itself, in this browser.

        Args:
            logout_redirect_uri: where they come back to, as it is registered in Kakao's console.
            state: comes back with them.

        Raises:
            ValueError, TypeError: an argument is wrong, or ``client_id`` is missing; the message names it.
        """
        state = hide_unless(state, Secret)
        query = {
            "client_id": self._credentials.id,
            "logout_redirect_uri": read_redirect_uri(logout_redirect_uri),
            "state": optional_text("state", state),
        }
        return str(authorization_url(self._url("browser_logout_url"), query))

    async def token_info(self, tokens: TokenSet) -> Mapping[str, object]:
        """Ask about an access token: ``id`` of the person, ``expires_in`` (seconds), ``app_id``.

        Raises:
            AuthError: ``INVALID_GRANT``: it has ended. ``SERVER_ERROR``: Kakao failed; the token may be good all the
                same.
        """
        tokens = hide_unless(tokens, TokenSet)
        return await self._ask(get(self._url("token_info_url"), headers=bearer(tokens)), _read)

    async def logout(self, tokens: TokenSet) -> None:
        """End the tokens. The person stays signed in to Kakao in their browser: see :meth:`browser_logout_url`.

        Raises:
            AuthError: ``INVALID_GRANT``: the access token has ended already.
        """
        tokens = hide_unless(tokens, TokenSet)
        await self._ask(post(self._url("logout_url"), {}, headers=bearer(tokens)), _read)

    async def unlink(self, tokens: TokenSet) -> None:
        """Take back what the person allowed: their tokens end, and they are asked again next time.

        Raises:
            AuthError: ``INVALID_GRANT``: the access token has ended already.
        """
        tokens = hide_unless(tokens, TokenSet)
        await self._ask(post(self._url("unlink_url"), {}, headers=bearer(tokens)), _read)

    async def revoke(self, tokens: TokenSet) -> None:
        """The same as :meth:`unlink`.

        Raises:
            AuthError: as there.
        """
        tokens = hide_unless(tokens, TokenSet)
        await self.unlink(tokens)

    def _read_profile(self, response: Response) -> KakaoProfile:
        return cast("KakaoProfile", _read(response))


def _read(response: Response) -> dict[str, object]:
    return whole(API.read(response, wanted="an answer"))
