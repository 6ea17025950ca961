"""What differs between providers: their facts, and what some of them do their own way."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar, Generic, TypeVar

from vkauth.errors import AuthError, AuthErrorCode
from vkauth.oauth.dialect import Dialect
from vkauth.oauth.pkce import Pkce
from vkauth.oauth.request import AuthorizationRequest, read_redirect_uri
from vkauth.providers.identity import ProfileMap
from vkauth.token_set import TokenSet
from vkauth.wire.http import Response

__all__ = ["Profile", "Quirks"]

Profile = TypeVar("Profile", bound=Mapping[str, object])


class Quirks(ABC, Generic[Profile]):
    """A provider as data. A method is what most do; those that do something else have their own."""

    id: ClassVar[str]
    name: ClassVar[str]

    _URLS: ClassVar[Mapping[str, str]] = {}
    """The provider's addresses, by the names of the options that replace them."""
    _PAGES: ClassVar[tuple[str, ...]] = ("authorize_url",)
    """Those of them that a person is sent to; no request goes there."""
    _DIALECT: ClassVar[Dialect]
    """How it speaks the code flow."""
    _IDENTITY: ClassVar[ProfileMap]
    """Where its profile says who somebody is."""
    _SCOPE: ClassVar[tuple[str, ...]] = ()
    """The rights that are asked for if nothing else is said."""
    _PKCE: ClassVar[Pkce | None] = Pkce.S256
    """How the code challenge is made, if nothing else is said; ``None``: none is sent."""
    _NEEDS_SECRET: ClassVar[bool] = True
    _KNOWS_OPENID: ClassVar[bool] = False
    """Whether the right ``openid`` brings an id_token, with a nonce."""

    _wanted: Mapping[str, str]
    """What is asked about everybody; for those who have no :meth:`_user_query` of their own."""

    def _page_fields(self) -> dict[str, str | None]:
        """Parameters of the authorization page that only this provider has."""
        return {}

    def _read_redirect_uri(self, redirect_uri: object) -> str:
        """Check the address that a person comes back to."""
        return read_redirect_uri(redirect_uri)

    def _way_for(self, redirect_uri: str) -> Pkce | None:
        """How the code challenge is made, if nothing else is said."""
        return self._PKCE

    async def _prepare(self, *, openid: bool) -> None:
        """Get what the answer is checked with, before a code or a refresh token is spent.

        Args:
            openid: whether an id_token is wanted.
        """

    async def _check_exchanged(
        self, tokens: TokenSet, request: AuthorizationRequest, params: Mapping[str, str]
    ) -> TokenSet:
        """Check tokens that came for a code."""
        return tokens

    async def _check_refreshed(self, new: TokenSet, old: TokenSet) -> TokenSet:
        """Check tokens that came for a refresh token."""
        return new

    def _user_query(self, tokens: TokenSet) -> Mapping[str, str]:
        """What goes with a request for the profile, in its address."""
        return self._wanted

    @abstractmethod
    def _read_profile(self, response: Response) -> Profile:
        """Read the answer to that."""

    def _unexpected(self, what: str) -> AuthError:
        return AuthError(AuthErrorCode.UNEXPECTED_RESPONSE, f"{self.name}: {what}", details={"provider": self.id})
