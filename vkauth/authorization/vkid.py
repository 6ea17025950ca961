"""VK ID: the person signs in at the browser, and the program gets tokens for the code that they bring."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar, Unpack

from yarl import URL

from vkauth import checks
from vkauth.authorization._base import CommonOptions, hide_options
from vkauth.authorization._code_flow import CodeAuthorization
from vkauth.errors import AuthError, AuthErrorCode
from vkauth.oauth.answer import keep_old
from vkauth.oauth.callback import hide_callback
from vkauth.oauth.request import AuthorizationRequest, read_scope
from vkauth.protocol import vkid_oauth
from vkauth.protocol.endpoints import Host
from vkauth.protocol.vkid_oauth import VKID_PUBLIC_KEY
from vkauth.secret import Secret, hide_unless
from vkauth.token_set import TokenSet, access_token_of
from vkauth.wire.http import Request, Response

__all__ = ["VKIDAuthorization"]

_Result = TypeVar("_Result")


class VKIDAuthorization(CodeAuthorization[TokenSet]):
    """VK ID (OAuth 2.1 with PKCE): the person signs in at the browser.

    What VK recommends since 2024, and the only way for applications made since then.
    https://id.vk.com/about/business/go/docs/ru/vkid/latest/vk-id/connection/api-integration/api-description

    :meth:`run` does it all where the person's browser is on the same machine. Elsewhere make an
    :meth:`authorization_request`, open its ``url`` in the person's browser, and give the address that they come back
    to, with the request, to :meth:`exchange`.

    Args:
        client_id: the application's.
        redirect_uri: where the person comes back to, letter by letter as it was registered.
        scope: names of rights, as text (parted by spaces) or one by one; none: the person's name and picture.
        prompt: what VK shows: ``"none"``, ``"login"``, ``"consent"``, ``"select_account"``, or several of them.
        provider: who the account is with: ``"vkid"``, ``"ok_ru"``, ``"mail_ru"``.
        lang_id: VK's number of the language of its pages (0 Russian, 3 English).
        color_scheme: ``"light"`` or ``"dark"``.
        service_token: the service key, for an application that VK counts as confidential.
        id_token_key: the key that VK signs id_tokens with, as PEM; ``None``: they are not looked at.
        options: see :class:`CommonOptions`.

    Raises:
        ValueError, TypeError: an argument is wrong; the message names it.
        ImportError: there is an ``id_token_key``, and the extra ``oauth`` is not installed.
    """

    _dialect = vkid_oauth.DIALECT

    def __init__(
        self,
        *,
        client_id: int | str,
        redirect_uri: str | URL,
        scope: str | Iterable[str] = (),
        prompt: str | Iterable[str] | None = None,
        provider: str | None = None,
        lang_id: int | None = None,
        color_scheme: str | None = None,
        service_token: str | None = None,
        id_token_key: str | None = VKID_PUBLIC_KEY,
        **options: Unpack[CommonOptions],
    ) -> None:
        service_token = hide_unless(service_token, Secret)
        hide_options(options)
        super().__init__(client_id=client_id, redirect_uri=redirect_uri, **options)
        self._scope = read_scope(scope)
        self._prompt = vkid_oauth.read_prompt(prompt)
        self._account = checks.one_of("provider", provider, vkid_oauth.PROVIDERS)
        self._lang_id = vkid_oauth.read_language(lang_id)
        self._color_scheme = checks.one_of("color_scheme", color_scheme, vkid_oauth.COLOR_SCHEMES)
        self._service_token = checks.optional_text("service_token", service_token)
        self._key = vkid_oauth.read_key(id_token_key)

    def authorization_request(
        self,
        *,
        state: str | None = None,
        scope: str | Iterable[str] | None = None,
        prompt: str | Iterable[str] | None = None,
    ) -> AuthorizationRequest:
        """Make a request: its ``url`` is for the person's browser, the rest for :meth:`exchange`. Nothing is sent.

        Args:
            state: ties the answer to the request, 32 characters or more of ``A-Z a-z 0-9 _ -``. Default: a new one.
            scope, prompt: in place of those of this object.

        Raises:
            ValueError, TypeError: an argument is wrong; the message names it.
        """
        state = hide_unless(state, Secret)
        return self._request_at(self._redirect_uri, self._state(state), scope=scope, prompt=prompt)

    def _request_at(
        self,
        redirect_uri: str,
        state: Secret,
        *,
        scope: str | Iterable[str] | None = None,
        prompt: str | Iterable[str] | None = None,
    ) -> AuthorizationRequest:
        rights = self._scope if scope is None else read_scope(scope)
        params = vkid_oauth.page_params(
            prompt=self._prompt if prompt is None else vkid_oauth.read_prompt(prompt),
            provider=self._account,
            lang_id=self._lang_id,
            color_scheme=self._color_scheme,
        )
        return self._dialect.begin(
            self._url(vkid_oauth.AUTHORIZE),
            {"scope": self._dialect.join(rights), **params},
            client_id=self._client_id,
            redirect_uri=redirect_uri,
            state=state,
            code_verifier=self._random(),
            scope=rights,
        )

    async def exchange(self, callback: str | URL, request: AuthorizationRequest) -> TokenSet:
        """Get tokens for what the person came back with. A request gives tokens once.

        Args:
            callback: the whole address that the browser came to.
            request: the request that it answers.

        Raises:
            AuthError: before anything is sent, in this order: ``UNTRUSTED_REDIRECT`` if the callback is not on the
                ``redirect_uri``, ``UNEXPECTED_RESPONSE`` if it cannot be read or has a parameter twice,
                ``STATE_MISMATCH`` if it belongs to another request, ``ACCESS_DENIED`` if the person refused,
                ``VALIDATION_REQUIRED`` (with the address) if they have to sign in and ``prompt`` did not let them,
                other refusals by their codes, ``UNEXPECTED_RESPONSE`` without a code, ``STATE_MISMATCH`` if VK has
                answered this request already; after ``NETWORK_ERROR`` and ``TIMEOUT`` it may be tried again.
                Then ``INVALID_GRANT`` if VK does not take the code, or if the id_token is not to be trusted.
            TypeError, ValueError: ``callback`` is no address, ``request`` none that this class made.
        """
        callback, request = hide_callback(callback), hide_unless(request, AuthorizationRequest)
        url, login = self._url(vkid_oauth.TOKEN), self._login()
        return await self._exchange(callback, request, url, login, self._read)

    async def refresh(self, tokens: TokenSet) -> TokenSet:
        """Get new tokens for old ones, whose refresh token is spent by it: keep the new ones before you use them.

        What VK leaves out is kept from ``tokens``, which stay as they are. It is not tried again by itself.

        Raises:
            AuthError: ``INVALID_GRANT`` if there is no refresh token (nothing is sent), if VK does not take it, or if
                a new id_token is not to be trusted; ``STATE_MISMATCH`` if the answer belongs to another request.
            TypeError: ``tokens`` is no :class:`TokenSet`.
        """
        tokens = hide_unless(tokens, TokenSet)
        request = self._dialect.refresh(self._url(vkid_oauth.TOKEN), tokens, login=self._login(), state=self._random())
        return await self._caller.ask(
            request,
            lambda response: keep_old(self._read(response, request, tokens.user_id), tokens, rules=vkid_oauth.RULES),
        )

    async def revoke(self, tokens: TokenSet | str) -> None:
        """Take back what the person has granted: they are asked again next time.

        Args:
            tokens: the tokens, or the access token alone.

        Raises:
            AuthError: ``INVALID_GRANT`` if the token is not valid (any more); others as their codes say.
            TypeError, ValueError: these are no tokens.
        """
        tokens = hide_unless(tokens, TokenSet)
        await self._ask(vkid_oauth.REVOKE, tokens, vkid_oauth.read_done)

    async def logout(self, tokens: TokenSet | str) -> None:
        """End the login: the tokens are not valid any more.

        Args:
            tokens: the tokens, or the access token alone.

        Raises:
            AuthError: ``INVALID_GRANT`` if the token is not valid (any more); others as their codes say.
            TypeError, ValueError: these are no tokens.
        """
        tokens = hide_unless(tokens, TokenSet)
        await self._ask(vkid_oauth.LOGOUT, tokens, vkid_oauth.read_done)

    async def user_info(self, tokens: TokenSet | str) -> dict[str, object]:
        """Return who the person is, as VK tells it: ``user_id`` (text), ``first_name``, ``last_name``, ``avatar`` ...

        Args:
            tokens: the tokens, or the access token alone.

        Raises:
            AuthError: ``INVALID_GRANT`` if the token is not valid (any more); others as their codes say.
            TypeError, ValueError: these are no tokens.
        """
        tokens = hide_unless(tokens, TokenSet)
        return await self._ask(vkid_oauth.USER_INFO, tokens, vkid_oauth.read_user)

    async def public_info(self, id_token: TokenSet | str) -> dict[str, object]:
        """Return whom an id_token is about, partly hidden (``last_name`` is an initial), without an access token.

        Args:
            id_token: the token, or the tokens that it is among.

        Raises:
            AuthError: ``INVALID_GRANT`` if there is none among the tokens (nothing is sent); others as their codes say.
            TypeError, ValueError: these are no tokens.
        """
        id_token = hide_unless(id_token, TokenSet)
        request = vkid_oauth.public_info_request(
            self._url(vkid_oauth.PUBLIC_INFO), client_id=self._client_id, id_token=_id_token(id_token)
        )
        return await self._caller.ask(request, vkid_oauth.read_user)

    def check_id_token(self, id_token: TokenSet | str) -> dict[str, object]:
        """Check an id_token and return what it says. Tokens that came by :meth:`exchange` were checked.

        Args:
            id_token: the token, or the tokens that it is among.

        Raises:
            AuthError: ``INVALID_GRANT`` if it is not to be trusted.
            ValueError: there is no ``id_token_key`` to check it with.
            TypeError: this is no token.
        """
        id_token = hide_unless(id_token, TokenSet)
        if self._key is None:
            raise ValueError("id_token_key is None: there is nothing to check an id_token with")
        return dict(
            vkid_oauth.check_id_token(
                _id_token(id_token), key=self._key, client_id=self._client_id, now=self._clock.now()
            )
        )

    def _url(self, path: str) -> URL:
        return self._endpoints.url(Host.ID, path)

    async def _ask(self, path: str, tokens: TokenSet | str, read: Callable[[Response], _Result]) -> _Result:
        request = vkid_oauth.token_request(
            self._url(path), client_id=self._client_id, access_token=access_token_of(tokens)
        )
        return await self._caller.ask(request, read)

    def _login(self) -> dict[str, str]:
        return vkid_oauth.login_fields(self._client_id, self._service_token)

    def _read(self, response: Response, sent: Request, user_id: str | None = None) -> TokenSet:
        """The tokens in an answer, with the claims of their id_token."""
        tokens, now = self._dialect.read_tokens(response, sent), self._clock.now()
        return vkid_oauth.with_claims(tokens, key=self._key, client_id=self._client_id, now=now, user_id=user_id)


def _id_token(tokens: object) -> str:
    if not isinstance(tokens, TokenSet):
        return checks.text("id_token", tokens)
    if tokens.id_token is None:
        raise AuthError(AuthErrorCode.INVALID_GRANT, "there is no id_token among these tokens")
    return tokens.id_token
