"""Which service renews a token that is kept, and takes it back."""

from __future__ import annotations

from collections.abc import Awaitable
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from vkauth.cli.connection import ConnectionArguments, make, reach
from vkauth.cli.exits import UsageError
from vkauth.cli.files import read_secret
from vkauth.cli.parser import Parser
from vkauth.cli.terminal import Terminal
from vkauth.errors import AuthError, AuthErrorCode
from vkauth.language import gettext as _
from vkauth.terminal.happened import Translated
from vkauth.terminal.words import mark

if TYPE_CHECKING:
    from vkauth.token_set import TokenSet
    from vkauth.tokens import StoredToken

__all__ = [
    "SERVICE_ENVIRONMENT",
    "VKID_ENVIRONMENT",
    "ServiceArguments",
    "Services",
    "add_service",
    "is_renewable",
    "is_revocable",
]

VKID_ENVIRONMENT: Final = MappingProxyType(
    {"AUTH_VKID_ID": mark("the application of a VK ID token that was stored without it")}
)
"""What VK ID wants of the environment."""
SERVICE_ENVIRONMENT: Final = MappingProxyType(
    {
        **VKID_ENVIRONMENT,
        "AUTH_KAKAO_ID": mark("the application of tokens whose provider is kakao"),
        "AUTH_KAKAO_SECRET": mark("its secret"),
        "AUTH_TIKTOK_ID": mark("the application of tokens whose provider is tiktok"),
        "AUTH_TIKTOK_SECRET": mark("its secret"),
    }
)
"""What any service wants of the environment."""
_ELSEWHERE: Final = {"kakao": "Kakao", "tiktok": "TikTok"}
_Result = TypeVar("_Result")


class ServiceArguments(ConnectionArguments, Protocol):
    """What :func:`add_service` adds, besides the connection."""

    service_token_file: Path | None


class _Service(Protocol):
    async def refresh(self, tokens: TokenSet, /) -> TokenSet: ...
    async def revoke(self, tokens: TokenSet, /) -> None: ...


def add_service(parser: Parser) -> None:
    """Add what a service wants to know."""
    parser.add_argument(
        "--service-token-file",
        type=Path,
        metavar=_("FILE"),
        help=_("its first line is the service key, for a VK ID application that is set up as confidential"),
    )


def is_renewable(token: StoredToken) -> bool:
    """Whether a token is renewed by itself when it has ended."""
    return token.refresh_token is not None and is_revocable(token)


def is_revocable(token: StoredToken) -> bool:
    """Whether it is known which service takes a token back."""
    return token.kind == "vkid" or (token.kind == "provider" and token.provider in {"vkid", *_ELSEWHERE})


class Services:
    """The services that the tokens of a store came from.

    Args:
        arguments: those of the command.
        terminal: where the person is.

    Raises:
        UsageError: a file cannot be read: that is known before anybody's lock is taken.

    Attributes:
        service_token: the application's service key, if a file with it was named.
        has_begun: whether a refresh token may have been sent, and is spent then.
    """

    def __init__(self, arguments: ServiceArguments, terminal: Terminal) -> None:
        key = arguments.service_token_file
        self.service_token: Final[str | None] = (
            None if key is None else read_secret(key, _("service token"), terminal.warn).strip()
        )
        self._arguments = arguments
        self._terminal = terminal
        self.has_begun: bool = False

    async def renew(self, old: StoredToken) -> StoredToken:
        """Renew a token by its refresh token.

        Raises:
            AuthError: ``TOKEN_EXPIRED`` if it cannot be renewed; what the service says.
            UsageError: the application's id or secret is missing.
        """
        from vkauth.tokens import StoredToken, renew_by_refresh

        if old.refresh_token is None:
            raise AuthError(
                AuthErrorCode.TOKEN_EXPIRED,
                Translated(_("the token cannot be renewed: it came without a refresh token")),
            )
        if not is_renewable(old):
            raise AuthError(
                AuthErrorCode.TOKEN_EXPIRED,
                Translated(_("the token cannot be renewed: it is not known from whom it is")),
            )
        renewing = renew_by_refresh(self._service(old))
        self.has_begun = True
        return StoredToken.of(await _configured(renewing(old)))

    async def revoke(self, token: StoredToken) -> None:
        """Have the service take a token back.

        Raises:
            AuthError: what the service says.
            UsageError: the application's id or secret is missing.
        """
        await _configured(self._service(token).revoke(token.token_set()))

    def _service(self, token: StoredToken) -> _Service:
        from vkauth import Endpoints, providers

        way: dict[str, Any] = {**reach(self._arguments, self._terminal)}
        if token.kind == "provider" and token.provider in _ELSEWHERE:
            del way["endpoints"]  # which are VK's
            kind = getattr(providers, _ELSEWHERE[token.provider])
        else:
            kind = providers.VKID
            way["service_token"] = self.service_token
            if way["endpoints"] not in (Endpoints("vk.ru"), Endpoints("vk.com")):
                way["id_token_key"] = None  # it is VK's own
        service: _Service = make(kind, client_id=token.client_id, **way)
        return service


async def _configured(answer: Awaitable[_Result]) -> _Result:
    """What the service answers.

    Raises:
        UsageError: the application's id or secret is missing.
    """
    try:
        return await answer
    except ValueError as error:
        raise UsageError(str(error)) from None
