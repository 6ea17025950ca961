"""Providers that sign who somebody is, as OpenID Connect has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Unpack

from yarl import URL

from vkauth.checks import text
from vkauth.errors import AuthError
from vkauth.oauth.id_token import key_id_of, require_joserfc, verify
from vkauth.oauth.jwks import KeySet, read_jwks
from vkauth.oauth.request import AuthorizationRequest
from vkauth.providers._base import Provider
from vkauth.providers._options import ProviderOptions
from vkauth.providers._quirks import Profile
from vkauth.token_set import TokenSet
from vkauth.wire.http import get

if TYPE_CHECKING:
    from vkauth.engine.jwks import KeyCache

__all__ = ["OpenIDOptions", "OpenIDProvider"]


class OpenIDOptions(ProviderOptions, total=False):
    """The options of a provider that signs id_tokens.

    Attributes:
        jwks_url: another address of its keys than the provider's own.
    """

    jwks_url: str | URL | None


class OpenIDProvider(Provider[Profile]):
    """A provider of which an id_token is wanted, and checked, if ``openid`` is among the rights that are asked for.

    ``issuer`` is who makes it.
    """

    _KNOWS_OPENID = True

    def __init__(
        self,
        client_id: int | str | None = None,
        client_secret: str | None = None,
        *,
        issuer: str,
        jwks_url: str | URL | None = None,
        **options: Unpack[ProviderOptions],
    ) -> None:
        super().__init__(client_id, client_secret, **options)
        self._issuer = text("issuer", issuer)
        self._place(jwks_url=jwks_url)
        if "openid" in self._scope:
            require_joserfc(f"the scope openid of {self.name}")

    async def _prepare(self, *, openid: bool) -> None:
        if openid:
            await self._signers.load()

    async def _check_exchanged(
        self, tokens: TokenSet, request: AuthorizationRequest, params: Mapping[str, str]
    ) -> TokenSet:
        if "openid" not in request.scope:
            return tokens  # one may come all the same: nobody asked for it, so nobody looks at it
        if tokens.id_token is None:
            raise self._unexpected("no id_token came, though openid was asked for")
        return await self._with_claims(tokens, tokens.id_token, nonce=request.nonce)

    async def _check_refreshed(self, new: TokenSet, old: TokenSet) -> TokenSet:
        if new.id_token is None or old.claims is None:
            return new
        return await self._with_claims(new, new.id_token, subject=old.claims.get("sub"))

    async def _with_claims(
        self, tokens: TokenSet, id_token: str, *, nonce: str | None = None, subject: object = None
    ) -> TokenSet:
        keys = await self._keys_for(key_id_of(id_token, provider=self.id))
        claims = verify(id_token, keys=keys, provider=self.id)
        now = self._clock.now()
        checked = claims.check_openid(issuer=self._issuer, audience=self._credentials.id, nonce=nonce, now=now)
        if subject is not None and checked["sub"] != subject:
            raise claims.refusal("it is about somebody else")
        return replace(tokens, claims=checked)

    async def _keys_for(self, key_id: str | None) -> KeySet:
        try:
            return await self._signers.keys_for(key_id)
        except AuthError as error:
            if not error.retryable:
                raise
            failure = error
        # The code, or the refresh token, is spent by now: the same call cannot succeed later.
        raise self._unexpected(f"the keys to check the id_token with cannot be had ({failure.code})") from failure

    @property
    def _signers(self) -> KeyCache:
        if self._made.keys is None:
            from vkauth.engine.jwks import KeyCache  # with the event loop, which an authorization request does not need

            self._made.keys = KeyCache(self._fetch_keys, self._clock)
        return self._made.keys

    async def _fetch_keys(self) -> KeySet:
        rules = self._DIALECT.rules
        return await self._ask(get(self._url("jwks_url")), lambda response: read_jwks(response, rules=rules))
