"""Asking VK what a token is, and whether it can be used."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, TypeAlias, Unpack

from vkauth import checks
from vkauth.authorization._base import DEFAULT_API_VERSION, Authorization, CommonOptions, hide_options
from vkauth.engine.transport import Transport
from vkauth.errors import AuthError
from vkauth.flows.token_info import Question, identify
from vkauth.models import GroupToken, UserToken
from vkauth.protocol.rights import read_wanted
from vkauth.protocol.token_info import ABOUT_THE_TOKEN
from vkauth.secret import Secret, hide_unless
from vkauth.token_info import TokenCheck, TokenInfo, TokenKind
from vkauth.token_set import TokenSet, is_sendable_token

__all__ = ["AnyToken", "check", "whoami"]

AnyToken: TypeAlias = str | UserToken | GroupToken | TokenSet
"""A token as text, or as a login gave it."""

_Tokens: Final = UserToken | GroupToken | TokenSet
_LONGEST: Final = 8 * 1024  # characters; tokens have some hundreds


async def whoami(
    token: AnyToken,
    *,
    kind: TokenKind | str | None = None,
    client_id: int | str | None = None,
    service_token: str | None = None,
    **options: Unpack[CommonOptions],
) -> TokenInfo:
    """Ask VK what a token is: whose, with which rights, until when.

    At most four requests are sent, all of them to methods that only read. The token goes in their bodies.

    Args:
        token: as text, or as a login gave it.
        kind: what it is. Default: that of a :class:`UserToken` or :class:`GroupToken`; a :class:`TokenSet` with a
            device id is VK ID's; for others VK is asked.
        client_id: the application of a token of VK ID, to ask VK ID itself.
        service_token: the service key of a user token's application. With it VK says until when the token lives, where
            the token itself does not, and refuses one of another application.
        options: see :class:`CommonOptions`. Nobody is asked anything, so the hooks are not called.

    Raises:
        AuthError: ``INVALID_GRANT`` if the token is dead, or does not work from here (``details["hint"]`` says so);
            ``PAGE_BLOCKED`` if its person is blocked; ``VALIDATION_REQUIRED`` if they have to confirm something at
            ``error.redirect_uri``; ``APP_NOT_ALLOWED`` if the service key or the client id is not right;
            ``UNEXPECTED_RESPONSE`` if it is of another kind than ``kind``, or VK does not tell; ``RATE_LIMITED`` (also
            if VK wants a captcha), ``FLOOD_CONTROL``, ``NETWORK_ERROR``, ``TIMEOUT``, ``SERVER_ERROR``;
            ``UNTRUSTED_REDIRECT`` if somebody on the way answers with a redirect to elsewhere, which is not followed.
        ValueError, TypeError: an argument is wrong; the message names it.
    """
    token, service_token = hide_unless(token, _Tokens), hide_unless(service_token, Secret)
    hide_options(options)
    _require_known("whoami", options)
    asker = _Asker(**options)
    return await asker.ask(asker.question(token, kind, client_id, service_token))


async def check(
    token: AnyToken,
    *,
    scope: str | int | Iterable[str | int] | None = None,
    kind: TokenKind | str | None = None,
    client_id: int | str | None = None,
    service_token: str | None = None,
    **options: Unpack[CommonOptions],
) -> TokenCheck:
    """Ask VK whether a token can be used, for what is wanted of it.

    Args:
        token: as text, or as a login gave it.
        scope: the rights that it should have: ``"all"``, names, flags, a mask, or a list of these. A name that means
            nothing for its kind counts as missing, and so do all where VK does not tell its rights.
        kind, client_id, service_token: as for :func:`whoami`.
        options: see :class:`CommonOptions`. Nobody is asked anything, so the hooks are not called.

    Raises:
        AuthError: what says nothing about the token: ``NETWORK_ERROR``, ``TIMEOUT``, ``SERVER_ERROR``,
            ``RATE_LIMITED``, ``FLOOD_CONTROL``, ``UNEXPECTED_RESPONSE``, ``UNTRUSTED_REDIRECT``, and
            ``APP_NOT_ALLOWED`` if the service key or the client id is not right.
        ValueError, TypeError: an argument is wrong; the message names it.
    """
    token, service_token = hide_unless(token, _Tokens), hide_unless(service_token, Secret)
    hide_options(options)
    _require_known("check", options)
    wanted = read_wanted(scope)
    asker = _Asker(**options)
    question = asker.question(token, kind, client_id, service_token)
    try:
        info = await asker.ask(question)
    except AuthError as error:
        if error.code not in ABOUT_THE_TOKEN:
            raise
        return TokenCheck(alive=False, error=error.with_traceback(None))
    return TokenCheck(alive=True, info=info, missing=wanted.missing(info))


class _Asker(Authorization):
    """Asks with the options of a call."""

    def __init__(self, **options: Unpack[CommonOptions]) -> None:
        super().__init__(**options)

    def question(
        self, token: AnyToken, kind: TokenKind | str | None, client_id: int | str | None, service_token: str | None
    ) -> Question:
        """Check the arguments."""
        scope: Iterable[str] | None = None
        if isinstance(token, UserToken):
            scope = None if token.scope is None else token.scopes
        elif isinstance(token, TokenSet):
            scope = token.scope or None
        return Question(
            endpoints=self._endpoints,
            api_version=DEFAULT_API_VERSION,
            token=_read_text("token", _text_of(token)),
            kind=_kind_of(token) if kind is None else _read_kind(kind),
            client_id=None if client_id is None else checks.client_id(client_id),
            service_token=None if service_token is None else _read_text("service_token", service_token),
            scope=None if scope is None else frozenset(scope),
            expires_at=None if isinstance(token, str) else token.expires_at,
        )

    async def ask(self, question: Question) -> TokenInfo:
        """Ask VK."""
        async with Transport(self._connection, self._endpoints, self._clock, keeps_cookies=False) as transport:
            return await self._drive(identify(question), transport)


def _require_known(function: str, options: CommonOptions) -> None:
    for name in options:
        if name not in CommonOptions.__annotations__:
            raise TypeError(f"{function}() takes no option {name!r}")


def _text_of(token: object) -> object:
    if isinstance(token, UserToken | GroupToken):
        return token.token
    return token.access_token if isinstance(token, TokenSet) else token


def _kind_of(token: object) -> TokenKind | None:
    if isinstance(token, UserToken):
        return TokenKind.USER
    if isinstance(token, GroupToken):
        return TokenKind.GROUP
    # A device belongs to a sign-in with VK ID; tokens of other code flows come without.
    return TokenKind.VKID if isinstance(token, TokenSet) and token.device_id is not None else None


def _read_text(name: str, value: object) -> Secret:
    if not isinstance(value, str):
        kinds = "str, UserToken, GroupToken or TokenSet" if name == "token" else "str"
        raise TypeError(f"{name} must be {kinds}, not {checks.kind_of(value)}")
    if not value:
        raise ValueError(f"{name} must not be empty")
    if len(value) > _LONGEST or not is_sendable_token(value):
        raise ValueError(f"{name} must be visible ASCII, and no longer than {_LONGEST} characters")
    return Secret(value)


def _read_kind(kind: object) -> TokenKind:
    known = [each for each in TokenKind if each is not TokenKind.PROVIDER]
    if not isinstance(kind, str):
        raise TypeError(f"kind must be TokenKind, not {checks.kind_of(kind)}")
    if kind not in known:
        raise ValueError(f"kind must be one of those that VK knows: {', '.join(known)}")
    return TokenKind(kind)
