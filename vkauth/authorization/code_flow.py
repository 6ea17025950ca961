"""The code flow of ``oauth.vk.ru``: a token of the person, or those of communities that they manage."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Unpack

from yarl import URL

from vkauth import checks
from vkauth.authorization._base import DEFAULT_API_VERSION, CommonOptions, hide_options
from vkauth.authorization._code_flow import CodeAuthorization
from vkauth.models import GroupTokens, UserToken
from vkauth.oauth.callback import hide_callback
from vkauth.oauth.request import AuthorizationRequest
from vkauth.protocol import legacy_oauth
from vkauth.protocol.endpoints import Host
from vkauth.scopes import GroupScope, UserScope, parse_scope, scope_names
from vkauth.secret import Secret, hide_unless
from vkauth.wire.http import Response

__all__ = ["CodeFlow"]


class CodeFlow(CodeAuthorization[UserToken | GroupTokens]):
    """The code flow of ``oauth.vk.ru``: the person agrees at the browser, the program exchanges the code.

    For tokens of communities, and for applications of before 25 June 2024: newer ones get no token of a person here
    (``APP_NOT_ALLOWED``), but by :class:`VKIDAuthorization`.
    https://dev.vk.com/en/api/access-token/authcode-flow-user,
    https://dev.vk.com/en/api/access-token/authcode-flow-community

    :meth:`run` does it all where the person's browser is on the same machine. Elsewhere make an
    :meth:`authorization_request`, open its ``url`` in the person's browser, and give the address that they come back
    to, with the request, to :meth:`exchange`.

    Args:
        client_id, client_secret: the application's.
        redirect_uri: where the person comes back to, letter by letter as it was registered.
        scope: names (``"friends,wall"`` or a list), ``"all"``, :class:`UserScope` or :class:`GroupScope`, or a mask.
        group_ids: a community or a list of them, whose tokens are wanted; ``-1`` is community 1. Default: the person's
            own token is.
        api_version: of VK's API.
        display: how VK's page looks: ``"page"``, ``"popup"``, ``"mobile"``.
        revoke: whether the person is asked again for what they have granted already.
        options: see :class:`CommonOptions`.

    Raises:
        ValueError, TypeError: an argument is wrong; the message names it.
    """

    _dialect = legacy_oauth.DIALECT

    def __init__(
        self,
        *,
        client_id: int | str,
        client_secret: str,
        redirect_uri: str | URL,
        scope: str | int | Iterable[str | int] = "",
        group_ids: int | Iterable[int] | None = None,
        api_version: str = DEFAULT_API_VERSION,
        display: str | None = None,
        revoke: bool = False,
        **options: Unpack[CommonOptions],
    ) -> None:
        client_secret = hide_unless(client_secret, Secret)
        hide_options(options)
        super().__init__(client_id=client_id, redirect_uri=redirect_uri, **options)
        self._client_secret = checks.text("client_secret", client_secret)
        self._group_ids = () if group_ids is None else checks.group_ids(group_ids)
        rights = GroupScope if self._group_ids else UserScope
        mask = parse_scope(scope, rights)
        self._scope = str(mask) if mask else ""
        self._names = scope_names(mask, rights)
        self._api_version = checks.api_version(api_version)
        self._display = checks.one_of("display", display, legacy_oauth.DISPLAYS)
        self._revoke = checks.instance("revoke", revoke, bool)

    def authorization_request(self, *, state: str | None = None) -> AuthorizationRequest:
        """Make a request: its ``url`` is for the person's browser, the rest for :meth:`exchange`. Nothing is sent.

        Args:
            state: ties the answer to the request, 32 characters or more of ``A-Z a-z 0-9 _ -``. Default: a new one.

        Raises:
            ValueError, TypeError: ``state`` is wrong.
        """
        state = hide_unless(state, Secret)
        return self._request_at(self._redirect_uri, self._state(state))

    def _request_at(self, redirect_uri: str, state: Secret) -> AuthorizationRequest:
        params = legacy_oauth.page_params(
            scope=self._scope,
            api_version=self._api_version,
            group_ids=self._group_ids,
            display=self._display,
            revoke=self._revoke,
        )
        return self._dialect.begin(
            self._endpoints.url(Host.OAUTH, legacy_oauth.AUTHORIZE),
            params,
            client_id=self._client_id,
            redirect_uri=redirect_uri,
            state=state,
            scope=self._names,
        )

    async def exchange(self, callback: str | URL, request: AuthorizationRequest) -> UserToken | GroupTokens:
        """Get a token for what the person came back with, or those of the communities. A request gives them once.

        Args:
            callback: the whole address that the browser came to.
            request: the request that it answers.

        Raises:
            MissingGroupsError: some communities gave no token; it carries those that did.
            AuthError: before anything is sent, in this order: ``UNTRUSTED_REDIRECT`` if the callback is not on the
                ``redirect_uri``, ``UNEXPECTED_RESPONSE`` if it cannot be read or has a parameter twice,
                ``STATE_MISMATCH`` if it belongs to another request, ``ACCESS_DENIED`` if the person refused, other
                refusals by their codes, ``UNEXPECTED_RESPONSE`` without a code, ``STATE_MISMATCH`` if VK has answered
                this request already; after ``NETWORK_ERROR`` and ``TIMEOUT`` it may be tried again.
                Then ``INVALID_GRANT`` if VK does not take the code, ``APP_NOT_ALLOWED`` if the secret is wrong or the
                application too new, ``VALIDATION_REQUIRED`` with an address to open, ``UNEXPECTED_RESPONSE`` for a
                person's token where communities' were asked for, and the reverse.
            TypeError, ValueError: ``callback`` is no address, ``request`` none that this class made.
        """
        callback, request = hide_callback(callback), hide_unless(request, AuthorizationRequest)
        login = legacy_oauth.login_fields(self._client_id, self._client_secret, self._api_version)
        url = self._endpoints.url(Host.OAUTH, legacy_oauth.ACCESS_TOKEN)
        return await self._exchange(callback, request, url, login, lambda response, _: self._read(response))

    def _read(self, response: Response) -> UserToken | GroupTokens:
        if self._group_ids:
            return legacy_oauth.read_group_tokens(response, self._group_ids)
        return legacy_oauth.read_user_token(response, scope=self._scope or None)
