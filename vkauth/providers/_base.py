"""What all providers share: one code flow, and the profile of whoever went through it."""

from __future__ import annotations

import inspect
import secrets
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, ClassVar, Final, Self, TypeVar

from yarl import URL

from vkauth import checks
from vkauth._options import hide_mapping, show_options, unknown_option
from vkauth.apps import user_agent
from vkauth.clock import Clock
from vkauth.errors import CASES, AuthError, AuthErrorCode, Unreachable
from vkauth.oauth.answer import keep_old
from vkauth.oauth.callback import Callback, hide_callback
from vkauth.oauth.id_token import require_joserfc
from vkauth.oauth.pkce import Pkce
from vkauth.oauth.request import AuthorizationRequest, check_state, read_scope
from vkauth.oauth.spent import SpentRequests
from vkauth.providers import _options as options
from vkauth.providers._quirks import Profile, Quirks
from vkauth.providers.http import OwnFetch, adapt
from vkauth.providers.identity import Identity, lay_over
from vkauth.secret import Secret, hide_unless
from vkauth.token_set import TokenSet
from vkauth.wire.hosts import Hosts
from vkauth.wire.http import Request, Response, get
from vkauth.wire.json import Fields

if TYPE_CHECKING:
    import aiohttp

    from vkauth.engine.caller import Caller
    from vkauth.engine.jwks import KeyCache

__all__ = ["Provider", "bearer", "whole"]

_Result = TypeVar("_Result")

# The same call may succeed later: a code that was not looked at is still good.
_PASSING: Final = frozenset(code for code, case in CASES.items() if issubclass(case.fault, Unreachable))


@dataclass(slots=True)
class _Made:
    """What a provider has made of its session, when it was first needed.

    Attributes:
        caller: sends its requests.
        keys: those of id_tokens, which came by it.
    """

    caller: Caller | None = None
    keys: KeyCache | None = None


class Provider(Quirks[Profile]):
    """A service that says who somebody is: the base of :class:`VK`, :class:`VKID`, :class:`Kakao`, :class:`TikTok`.

    One object serves any number of people, also at once. ``async with provider`` keeps one session for its requests;
    otherwise each opens and closes its own, if no ``session`` was given.

    Args:
        client_id: the application's id. Default: the environment variable ``AUTH_<ID>_ID``, read when it is needed.
        client_secret: the application's secret. Default: ``AUTH_<ID>_SECRET``.
        options: see :class:`ProviderOptions`.

    Raises:
        ValueError, TypeError: an argument is wrong; the message names it.

    Attributes:
        id: the provider's id, ``"kakao"`` say.
        name: the provider's name, for people.
    """

    __signature__: ClassVar[inspect.Signature]

    def __init__(
        self,
        client_id: int | str | None = None,
        client_secret: str | None = None,
        *,
        scope: options.Scope | None = None,
        authorization_params: Mapping[str, str | None] | None = None,
        authorize_url: str | URL | None = None,
        token_url: str | URL | None = None,
        userinfo_url: str | URL | None = None,
        pkce: str = "auto",
        map_profile: options.MapProfile | None = None,
        fetch: OwnFetch | None = None,
        session: aiohttp.ClientSession | None = None,
        timeout: float = 10.0,
        proxy: str | URL | None = None,
        headers: Mapping[str, str] | None = None,
        clock: Clock | None = None,
        **unknown: object,
    ) -> None:
        client_secret = hide_unless(client_secret, Secret)
        for name in unknown:
            raise unknown_option(type(self), name, "authorization_request")
        self._credentials = options.Credentials(self.id, client_id, client_secret)
        self._scope = self._SCOPE if scope is None else read_scope(scope)
        self._params = options.read_params("authorization_params", authorization_params)
        self._urls: dict[str, URL] = {}
        self._place(authorize_url=authorize_url, token_url=token_url, userinfo_url=userinfo_url)
        self._pkce = options.read_pkce(pkce)
        options.read_callable("map_profile", map_profile)
        options.read_callable("fetch", fetch)
        options.require_one_way(fetch, session=session, proxy=proxy)
        self._map_profile, self._fetch = map_profile, fetch
        self._session = None if session is None else options.read_session(session)
        self._timeout = checks.seconds("timeout", timeout)
        self._proxy = checks.proxy(proxy)
        self._headers = {"User-Agent": user_agent, "Accept": "application/json", **checks.headers(headers)}
        self._made = _Made()
        self._clock = Clock() if clock is None else checks.instance("clock", clock, Clock)
        self._spent = SpentRequests(AuthErrorCode.INVALID_GRANT, unspent=_PASSING)

    def __init_subclass__(cls, **keywords: object) -> None:
        """Put the options of the base among those of the class, for ``help()`` and ``inspect.signature``.

        A class of a caller's own may have another ``id``: a second application of one service, say.
        """
        super().__init_subclass__(**keywords)
        show_options(cls, options.ProviderOptions)
        if hasattr(cls, "_DIALECT"):
            cls._DIALECT = cls._DIALECT.under(cls.id, cls.name)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    # -- before and after the person was away

    def check_configured(self) -> None:
        """Check that the application's id and, where it is needed, its secret are there.

        Raises:
            ValueError: one is missing; the message names it and its environment variable.
        """
        self._login_fields()

    def authorization_request(
        self,
        redirect_uri: str | URL,
        *,
        scope: options.Scope | None = None,
        state: str | None = None,
        nonce: str | None = None,
        params: Mapping[str, str | None] | None = None,
    ) -> AuthorizationRequest:
        """Make the address to send a person to, with what has to be kept until they come back. Nothing is sent.

        Args:
            redirect_uri: where they come back to, as it is registered at the provider's.
            scope: other rights than those of the provider object.
            state: 32 characters or more of ``A-Z a-z 0-9 _ -``. Default: 43 random ones.
            nonce: the same; sent only if ``openid`` is among the rights.
            params: laid over ``authorization_params``.

        Raises:
            ValueError, TypeError: an argument is wrong, or ``client_id`` is missing; the message names it.
        """
        state, nonce, params = hide_unless(state, Secret), hide_unless(nonce, Secret), hide_mapping(params)
        redirect_uri = self._read_redirect_uri(redirect_uri)
        names = self._scope if scope is None else read_scope(scope)
        state = _random() if state is None else check_state(state)
        page = self._url("authorize_url")
        query = {**self._page_fields(), **({"scope": self._DIALECT.join(names)} if names else {})}
        query |= self._params | options.read_params("params", params)
        names = read_scope(query.get("scope", page.query.get("scope")) or "")
        nonce = None if nonce is None else check_state(nonce, name="nonce")
        if self._KNOWS_OPENID and "openid" in names:
            require_joserfc(f"the scope openid of {self.name}")
            nonce = nonce or _random()
        else:
            nonce = None
        way = self._way(redirect_uri)
        return self._DIALECT.begin(
            page,
            query,
            client_id=self._credentials.id,
            redirect_uri=redirect_uri,
            state=state,
            scope=names,
            nonce=nonce,
            code_verifier=None if way is None else _random(),
            way=way or Pkce.S256,
            provider=self.id,
        )

    async def exchange(self, callback: Callback, request: AuthorizationRequest) -> TokenSet:
        """Turn what a person came back with into tokens. All that can be checked is checked before anything is sent.

        Args:
            callback: the address they came to (absolute, or its path and query), or a mapping of its query.
            request: what they were sent away with. It gives tokens once.

        Raises:
            ValueError: the request is another provider's, or ``client_id`` or ``client_secret`` is missing.
            AuthError: ``STATE_MISMATCH``: the callback does not belong to the request. ``ACCESS_DENIED``: the person
                refused. ``INVALID_GRANT``: the code, the request or the id_token is not valid (any more).
                ``UNEXPECTED_RESPONSE``: a parameter is there twice or missing, or the answer is none, or the keys to
                check an id_token with cannot be had after the code was spent. Others: see ``error.code``, and
                ``error.details`` for what the provider said. Only after one that is ``retryable`` may the same call
                succeed: then the code was not looked at.
        """
        callback, request = hide_callback(callback), hide_unless(request, AuthorizationRequest)
        params = self._DIALECT.read_callback(callback, request, provider=self.id)
        url, login = self._url("token_url"), self._login_fields()
        with self._spent.use(request):
            await self._prepare(openid="openid" in request.scope)
            sent = self._DIALECT.exchange(url, request, params, login=login, state=_random())
            tokens = await self._ask_tokens(sent)
        return await self._check_exchanged(tokens, request, params)

    async def refresh(self, tokens: TokenSet) -> TokenSet:
        """Get new tokens for those that have ended. What the answer leaves out is kept; ``tokens`` stays as it is.

        Raises:
            ValueError: ``client_id`` or ``client_secret`` is missing.
            AuthError: ``INVALID_GRANT``: there is no refresh token (then nothing is sent), it is not valid any more, or
                the new tokens are another person's.
        """
        tokens = hide_unless(tokens, TokenSet)
        url, login = self._url("token_url"), self._login_fields()
        sent = self._DIALECT.refresh(url, tokens, login=login, state=_random())
        await self._prepare(openid=tokens.claims is not None)
        new = await self._check_refreshed(await self._ask_tokens(sent), tokens)
        return keep_old(new, tokens, rules=self._DIALECT.rules)

    # -- who it is

    async def profile(self, tokens: TokenSet) -> Profile:
        """What the provider tells of the person, as it came.

        Raises:
            AuthError: ``INVALID_GRANT``: the access token has ended or was revoked.
        """
        tokens = hide_unless(tokens, TokenSet)
        return await self._ask(self._user_call(checks.instance("tokens", tokens, TokenSet)), self._read_profile)

    async def identity(self, tokens: TokenSet) -> Identity:
        """Who the person is, with what ``map_profile`` makes of the profile laid over it.

        Raises:
            AuthError: ``UNEXPECTED_RESPONSE`` if the profile has no usable id, or another one than the id_token; others
                as :meth:`profile`.
            ValueError, TypeError: ``map_profile`` returned something that an :class:`Identity` cannot have.
        """
        tokens = hide_unless(tokens, TokenSet)
        profile = await self.profile(checks.instance("tokens", tokens, TokenSet))
        identity = self._IDENTITY.identify(self.id, profile, tokens)
        problem = _problem_of(identity, tokens)
        if identity is None or problem:
            del profile, identity  # a traceback shows what is in variables
            raise self._unexpected(problem)
        if self._map_profile is None:
            return identity
        mapped = self._map_profile(profile, tokens)
        return lay_over(identity, await mapped if inspect.isawaitable(mapped) else mapped)

    async def revoke(self, tokens: TokenSet) -> None:
        """Take back what the person allowed: their tokens end.

        Raises:
            AuthError: ``AUTHORIZATION_FAILED``, and nothing is sent, if the provider has no way to do that.
        """
        tokens = hide_unless(tokens, TokenSet)
        raise AuthError(
            AuthErrorCode.AUTHORIZATION_FAILED,
            f"{self.name} has no way for an application to revoke a token",
            details={"provider": self.id},
        )

    # -- sessions

    def using(self, session: aiohttp.ClientSession) -> Self:
        """Return this provider with its requests sent through ``session``, which is never closed.

        A provider that was given a session or a ``fetch`` has a way of its own: it is returned itself. A request that
        either of the two has answered is answered by neither again.

        Raises:
            TypeError: it is no session of aiohttp.
        """
        session = options.read_session(session)
        if self._session is not None or self._fetch is not None:
            return self
        copied = copy(self)
        copied._session, copied._made = session, _Made()  # noqa: SLF001 - its own class
        return copied

    async def __aenter__(self) -> Self:
        await self._caller.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._caller.__aexit__(kind, error, traceback)

    @property
    def _caller(self) -> Caller:
        if self._made.caller is None:
            self._made.caller = self._make_caller()
        return self._made.caller

    def _make_caller(self) -> Caller:
        from vkauth.engine.caller import Caller  # with the HTTP client, which an authorization request does not need

        called = {name: url for name, url in self._urls.items() if name not in self._PAGES}
        return Caller(
            session=self._session,
            timeout=self._timeout,
            proxy=self._proxy,
            headers=self._headers,
            hosts=Hosts((url.with_query(None), name.removesuffix("_url")) for name, url in called.items()),
            clock=self._clock,
            fetch=None if self._fetch is None else adapt(self._fetch, self._headers, self._clock),
        )

    async def _ask(self, request: Request, read: Callable[[Response], _Result]) -> _Result:
        return await self._caller.ask(request, read)

    async def _ask_tokens(self, sent: Request) -> TokenSet:
        return await self._ask(sent, lambda response: self._DIALECT.read_tokens(response, sent))

    # -- what a provider does its own way

    def _place(self, **given: str | URL | None) -> None:
        """Set addresses: those that were given, or the provider's."""
        for name, value in given.items():
            self._urls[name] = self._default_url(name) if value is None else options.read_url(name, value)

    def _default_url(self, name: str) -> URL:
        return URL(self._URLS[name])

    def _url(self, name: str) -> URL:
        return self._urls[name]

    def _login_fields(self) -> dict[str, str]:
        """Who the application is, for the endpoint that gives tokens."""
        secret = self._credentials.secret(needed=self._NEEDS_SECRET)
        return {self._DIALECT.client_id: self._credentials.id} | ({} if secret is None else {"client_secret": secret})

    def _way(self, redirect_uri: str) -> Pkce | None:
        match self._pkce:
            case options.PkceWord.AUTO:
                return self._way_for(redirect_uri)
            case options.PkceWord.OFF:
                return None
        return self._pkce

    def _user_call(self, tokens: TokenSet) -> Request:
        url = options.add_query(self._url("userinfo_url"), self._user_query(tokens))
        return get(url, headers=bearer(tokens))


show_options(Provider, options.ProviderOptions)


def bearer(tokens: TokenSet) -> dict[str, str]:
    """The header that has the access token."""
    return {"Authorization": Secret(f"Bearer {checks.instance('tokens', tokens, TokenSet).access_token}")}


def whole(fields: Fields) -> dict[str, object]:
    """A JSON object as it came."""
    return {name: fields.raw(name) for name in fields}


def _problem_of(identity: Identity | None, tokens: TokenSet) -> str:
    if identity is None:
        return "the profile has no usable id"
    if tokens.claims is not None and str(tokens.claims.get("sub")) != identity.id:
        return "the id_token and the profile are not of the same person"
    return ""


def _random() -> Secret:
    return Secret(secrets.token_urlsafe(32))
