"""What the sign-in asks of a provider: every class of :mod:`vkauth.providers` has all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, Self, runtime_checkable

if TYPE_CHECKING:
    import aiohttp

    from vkauth.oauth.request import AuthorizationRequest
    from vkauth.providers.identity import Identity
    from vkauth.token_set import TokenSet

__all__ = ["ChecksItself", "SharesSession", "SignInProvider"]


class SignInProvider(Protocol):
    """A service that people sign in with."""

    @property
    def id(self) -> str:
        """Its id, part of addresses: letters, digits, ``_`` and ``-``."""
        ...

    @property
    def name(self) -> str:
        """Its name, for people."""
        ...

    def authorization_request(self, redirect_uri: str) -> AuthorizationRequest:
        """Return where to send a person who is to come back to ``redirect_uri``."""
        ...

    async def exchange(self, callback: str, request: AuthorizationRequest) -> TokenSet:
        """Return the tokens for the path and query that a person came back with."""
        ...

    async def identity(self, tokens: TokenSet) -> Identity:
        """Return who the person is."""
        ...


@runtime_checkable
class ChecksItself(Protocol):
    """A provider that can tell whether it is ready, before anybody signs in."""

    def check_configured(self) -> None:
        """Do nothing if the client id and, where it is needed, the secret are there.

        Raises:
            ValueError: one is missing; the message names the environment's variable.
        """
        ...


@runtime_checkable
class SharesSession(Protocol):
    """A provider whose requests can go through a session that others use too."""

    def using(self, session: aiohttp.ClientSession) -> Self:
        """Return this provider with its requests sent through ``session``; itself, if it has a way of its own."""
        ...
