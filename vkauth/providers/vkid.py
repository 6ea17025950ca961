"""Sign in with VK ID, as every application of today does. Its facts are in :mod:`vkauth.protocol.vkid_oauth`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Unpack, cast

from yarl import URL

from vkauth import checks
from vkauth._options import hide_options
from vkauth.oauth.request import AuthorizationRequest
from vkauth.protocol import vkid_oauth as facts
from vkauth.protocol.endpoints import Host
from vkauth.providers._options import PkceWord, Scope
from vkauth.providers._vk_hosts import VKHostsOptions, VKHostsProvider
from vkauth.providers.identity import ProfileMap
from vkauth.secret import Secret, hide_unless
from vkauth.token_set import TokenSet, access_token_of
from vkauth.wire.http import Request, Response

if TYPE_CHECKING:
    from vkauth.providers.vkid_profile import VKIDProfile

__all__ = ["VKID"]


class VKID(VKHostsProvider["VKIDProfile"]):
    """Sign in with VK ID (OAuth 2.1). No ``client_secret`` is ever sent.

    Args:
        client_id: the application's id. Default: the environment variable ``AUTH_VKID_ID``, read when it is needed.
        client_secret: is not used.
        prompt: how VK ID asks the person: ``none``, ``login``, ``consent``, ``select_account``, or several of them.
        lang_id: the language of its page: 0 Russian, 3 English, others in VK ID's documentation.
        color_scheme: ``light`` or ``dark``.
        service_token: the service key, of an application that VK ID counts as confidential.
        id_token_key: the PEM of the key that id_tokens are checked with (extra ``oauth``); ``None``: they are not
            looked at.
        endpoints: the hosts. Default: vk.ru.
        revoke_url, logout_url: other addresses than VK ID's own.
        options: see :class:`ProviderOptions`.

    Raises:
        ValueError, TypeError: an argument is wrong; the message names it.
        ImportError: there is a key, and the extra ``oauth`` is not installed.
    """

    id = "vkid"
    name = "VK ID"
    _DIALECT = facts.DIALECT
    _SCOPE = ("vkid.personal_info", "email")
    _NEEDS_SECRET = False
    _IDENTITY = ProfileMap(
        id="user_id", is_number=True, name=("first_name", "last_name"), email="email", image=("avatar",)
    )
    _PLACES: ClassVar[Mapping[str, tuple[Host, str]]] = {
        "authorize_url": (Host.ID, facts.AUTHORIZE),
        "token_url": (Host.ID, facts.TOKEN),
        "userinfo_url": (Host.ID, facts.USER_INFO),
        "revoke_url": (Host.ID, facts.REVOKE),
        "logout_url": (Host.ID, facts.LOGOUT),
    }

    def __init__(
        self,
        client_id: int | str | None = None,
        client_secret: str | None = None,
        *,
        prompt: Scope | None = None,
        lang_id: int | None = None,
        color_scheme: str | None = None,
        service_token: str | None = None,
        id_token_key: str | None = facts.VKID_PUBLIC_KEY,
        revoke_url: str | URL | None = None,
        logout_url: str | URL | None = None,
        **options: Unpack[VKHostsOptions],
    ) -> None:
        client_secret, service_token = hide_unless(client_secret, Secret), hide_unless(service_token, Secret)
        hide_options(options)
        super().__init__(client_id, client_secret, **options)
        self._place(revoke_url=revoke_url, logout_url=logout_url)
        if self._pkce is PkceWord.OFF:
            raise ValueError("pkce must not be off: VK ID gives no tokens without")
        self._key = facts.read_key(id_token_key)
        self._service_token = checks.optional_text("service_token", service_token)
        self._prompt = facts.read_prompt(prompt)
        self._language = facts.read_language(lang_id)
        self._colors = checks.one_of("color_scheme", color_scheme, facts.COLOR_SCHEMES)

    async def profile(self, tokens: TokenSet | str) -> VKIDProfile:
        """What VK ID tells of the person, as it came.

        Args:
            tokens: the tokens, or the access token alone.

        Raises:
            AuthError: ``INVALID_GRANT``: the access token has ended or was revoked.
            TypeError, ValueError: these are no tokens.
        """
        tokens = hide_unless(tokens, TokenSet)
        return await self._ask(self._call("userinfo_url", tokens), self._read_profile)

    async def revoke(self, tokens: TokenSet | str) -> None:
        """Take back what the person allowed: their tokens end, and they are asked again next time.

        Args:
            tokens: the tokens, or the access token alone.

        Raises:
            AuthError: ``INVALID_GRANT``: the access token has ended already.
            TypeError, ValueError: these are no tokens.
        """
        tokens = hide_unless(tokens, TokenSet)
        await self._ask(self._call("revoke_url", tokens), facts.read_done)

    async def logout(self, tokens: TokenSet | str) -> None:
        """End the tokens. What the person allowed stays allowed.

        Args:
            tokens: the tokens, or the access token alone.

        Raises:
            AuthError: ``INVALID_GRANT``: the access token has ended already.
            TypeError, ValueError: these are no tokens.
        """
        tokens = hide_unless(tokens, TokenSet)
        await self._ask(self._call("logout_url", tokens), facts.read_done)

    def _page_fields(self) -> dict[str, str | None]:
        return facts.page_params(prompt=self._prompt, lang_id=self._language, color_scheme=self._colors)

    def _login_fields(self) -> dict[str, str]:
        return facts.login_fields(self._credentials.id, self._service_token)

    async def _check_exchanged(
        self, tokens: TokenSet, request: AuthorizationRequest, params: Mapping[str, str]
    ) -> TokenSet:
        return self._with_claims(tokens)

    async def _check_refreshed(self, new: TokenSet, old: TokenSet) -> TokenSet:
        return self._with_claims(new, old.user_id)

    def _with_claims(self, tokens: TokenSet, user_id: str | None = None) -> TokenSet:
        client_id, now = self._credentials.id, self._clock.now()
        return facts.with_claims(tokens, key=self._key, client_id=client_id, now=now, user_id=user_id)

    def _call(self, place: str, tokens: TokenSet | str) -> Request:
        token = access_token_of(tokens)
        return facts.token_request(self._url(place), client_id=self._credentials.id, access_token=token)

    def _read_profile(self, response: Response) -> VKIDProfile:
        return cast("VKIDProfile", facts.read_user(response))
