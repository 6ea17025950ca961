"""Sign in with TikTok: Login Kit for the web and for programs.

https://developers.tiktok.com/doc/login-kit-web, https://developers.tiktok.com/doc/login-kit-desktop and
https://developers.tiktok.com/doc/oauth-user-access-token-management, seen 2026-11.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Final, Unpack, cast

from yarl import URL

from vkauth._options import hide_options
from vkauth.checks import instance
from vkauth.oauth.dialect import Dialect
from vkauth.oauth.pkce import Pkce
from vkauth.oauth.request import AuthorizationRequest, read_scope
from vkauth.providers._base import Provider, whole
from vkauth.providers._options import ProviderOptions, Scope
from vkauth.providers.identity import ProfileMap
from vkauth.providers.tiktok_errors import RULES
from vkauth.secret import Secret, hide_unless
from vkauth.token_set import TokenSet
from vkauth.wire.http import Response, post

if TYPE_CHECKING:
    from vkauth.providers.tiktok_profile import TikTokProfile

__all__ = ["TikTok"]

_BASIC: Final = "user.info.basic"
# A field without its scope fails the whole call (https://developers.tiktok.com/doc/tiktok-api-v2-get-user-info).
_FIELDS: Final = {
    _BASIC: ("open_id", "union_id", "avatar_url", "avatar_url_100", "avatar_large_url", "display_name"),
    "user.info.profile": ("bio_description", "profile_deep_link", "is_verified", "username"),
    "user.info.stats": ("follower_count", "following_count", "likes_count", "video_count"),
}
_THIS_MACHINE: Final = ("localhost", "127.0.0.1")
_LONGEST_REDIRECT: Final = 512


class TikTok(Provider["TikTokProfile"]):
    """Sign in with TikTok. There is never an e-mail address, and each refresh token works once.

    Args:
        client_id: the client key. Default: the environment variable ``AUTH_TIKTOK_ID``, read when it is needed.
        client_secret: the client secret. Default: ``AUTH_TIKTOK_SECRET``.
        fields: what to ask about a person. Default: what the granted scopes allow.
        revoke_url: another address than TikTok's own.
        options: see :class:`ProviderOptions`.

    Raises:
        ValueError, TypeError: an argument is wrong; the message names it.
    """

    id = "tiktok"
    name = "TikTok"
    _URLS: ClassVar = {
        "authorize_url": "https://www.tiktok.com/v2/auth/authorize/",
        "token_url": "https://open.tiktokapis.com/v2/oauth/token/",
        "userinfo_url": "https://open.tiktokapis.com/v2/user/info/",
        "revoke_url": "https://open.tiktokapis.com/v2/oauth/revoke/",
    }
    _DIALECT = Dialect(rules=RULES, client_id="client_key", user_id="open_id")
    _SCOPE = (_BASIC,)
    _IDENTITY = ProfileMap(
        id="data.user.open_id",
        name=("data.user.display_name",),
        email="data.user.email",
        image=("data.user.avatar_url",),
    )

    def __init__(
        self,
        client_id: int | str | None = None,
        client_secret: str | None = None,
        *,
        fields: Scope | None = None,
        revoke_url: str | URL | None = None,
        **options: Unpack[ProviderOptions],
    ) -> None:
        client_secret = hide_unless(client_secret, Secret)
        hide_options(options)
        super().__init__(client_id, client_secret, **options)
        self._place(revoke_url=revoke_url)
        self._fields = None if fields is None else read_scope(fields, name="fields")

    async def revoke(self, tokens: TokenSet) -> None:
        """Take back what the person allowed: their tokens end.

        Raises:
            ValueError: ``client_id`` or ``client_secret`` is missing.
            AuthError: ``INVALID_GRANT``: the access token has ended already. ``APP_NOT_ALLOWED``: the secret is wrong.
        """
        tokens = hide_unless(tokens, TokenSet)
        form = {**self._login_fields(), "token": instance("tokens", tokens, TokenSet).access_token}
        call = post(self._url("revoke_url"), form)
        await self._ask(call, lambda response: RULES.check_success(response, wanted="a confirmation"))

    async def client_credentials(self) -> TokenSet:
        """Get a token of the application itself, for TikTok's research and advertisement APIs; it lives two hours.

        Raises:
            ValueError: ``client_id`` or ``client_secret`` is missing.
            AuthError: ``APP_NOT_ALLOWED``: TikTok does not let the application have one, or the secret is wrong.
        """
        url, login = self._url("token_url"), self._login_fields()
        return await self._ask_tokens(self._DIALECT.ask(url, "client_credentials", {}, login=login))

    def _read_redirect_uri(self, redirect_uri: object) -> str:
        text = super()._read_redirect_uri(redirect_uri)
        url = URL(text)
        if len(text) >= _LONGEST_REDIRECT:
            raise ValueError(f"redirect_uri must have less than {_LONGEST_REDIRECT} characters: TikTok takes no others")
        of_program = url.scheme in ("http", "https") and url.host in _THIS_MACHINE and url.explicit_port is not None
        if not of_program and (url.scheme != "https" or "?" in text):
            raise ValueError("redirect_uri must be https without a query, or localhost or 127.0.0.1 with a port")
        return text

    def _way_for(self, redirect_uri: str) -> Pkce | None:
        # For programs TikTok wants SHA-256 in hexadecimal digits, under the name S256 (login-kit-desktop).
        return Pkce.HEX if URL(redirect_uri).host in _THIS_MACHINE else self._PKCE

    async def _check_exchanged(
        self, tokens: TokenSet, request: AuthorizationRequest, params: Mapping[str, str]
    ) -> TokenSet:
        if tokens.scope:
            return tokens
        # The callback tells what was granted, too: a person may allow some of the rights only.
        granted = params.get("scopes", "").replace(",", " ").split()
        return replace(tokens, scope=tuple(dict.fromkeys(granted)))

    def _user_query(self, tokens: TokenSet) -> dict[str, str]:
        fields = self._fields
        if fields is None:
            fields = tuple(each for scope in tokens.scope or self._SCOPE for each in _FIELDS.get(scope, ()))
        return {"fields": ",".join(dict.fromkeys(("open_id", *fields)))}

    def _read_profile(self, response: Response) -> TikTokProfile:
        return cast("TikTokProfile", whole(RULES.read(response, wanted="a profile")))
