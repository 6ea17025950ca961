"""The sign-in of an ``aiohttp.web`` application."""

from __future__ import annotations

import functools
import inspect
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeVar, cast
from urllib.parse import quote
from weakref import WeakKeyDictionary

import aiohttp
from aiohttp import web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http_exceptions import HttpProcessingError
from yarl import URL

from vkauth import checks
from vkauth.clock import Clock
from vkauth.secret import hide
from vkauth.signin.addresses import local_path
from vkauth.signin.csrf import CsrfToken
from vkauth.signin.hooks import Hooks, Result
from vkauth.signin.provider import ChecksItself, SharesSession, SignInProvider
from vkauth.signin.session import Session
from vkauth.signin.site import Sealers, Site, read_age, read_base_path, read_base_url, read_providers, read_secrets
from vkauth.signin.values import HEADERS, MOST_BODY, Answer, RefusedError, Request
from vkauth.signin.visit import Visit, json_answer
from vkauth.wire.preferences import wants_json

__all__ = ["SignIn"]

_Handler = TypeVar("_Handler", bound=Callable[..., Awaitable[web.StreamResponse]])

_SESSION: Final = "vkauth_session"
_WHO: Final = ("cookie", "host", "x-forwarded-host", "x-forwarded-proto")
_MONTH: Final = 30 * 24 * 60 * 60
_QUARTER: Final = 15 * 60


class SignIn:
    """Lets people sign in to an ``aiohttp.web`` application with their account at a provider.

    Needs the extra ``oauth``. Who is signed in is kept in a sealed cookie, nothing on the server: whoever has a copy
    of such a cookie is signed in until it ends, also after a sign-out.

    Args:
        providers: of :mod:`vkauth.providers`, in the order of the page.
        secret: text of 32 characters or more, at random, or a list of them: the first seals cookies, all open them.
            Default: the variable ``AUTH_SECRET``. Each site needs its own: sites of one secret take each other's
            sessions, if they have the provider in common.
        base_path: what the addresses of the sign-in begin with.
        base_url: the site's address, ``"https://app.example"`` say. Default: that of each request.
        trust_proxy: whether ``X-Forwarded-Proto`` and ``X-Forwarded-Host`` tell the site's address. Only behind a
            proxy that sets both: everybody else could send them too.
        session_max_age: seconds that a session lives; one that is used past the half of it begins anew. A shorter one
            counts for sessions that were begun before, too.
        transaction_max_age: seconds that a person may take at the provider.
        session: a client session for the requests to providers; it is never closed. Default: one that is opened with
            the application and closed with it.
        on_sign_in: ``on_sign_in(request, identity, tokens)``, sync or async, before somebody is signed in. ``False``
            refuses, a mapping (of what JSON can have) is kept in :attr:`Session.data`, an :class:`AuthError` is shown
            by its code. A ``web.HTTPException`` that a callback raises, ``web.HTTPFound("/banned")`` say, is the
            answer, and nobody is signed in.
        on_redirect: ``on_redirect(request, url)``, sync or async, returns where to go instead of ``url`` after a
            sign-in or a sign-out. It is used as it is: an address of another site is gone to.
        on_session: ``on_session(request, session)``, sync or async, returns a mapping for the JSON of ``GET session``.
        clock: where the time comes from. Default: the machine's.

    Raises:
        ValueError, TypeError: an argument is wrong; the message names it.
        ImportError: the extra is not installed.
    """

    def __init__(
        self,
        *,
        providers: Iterable[SignInProvider],
        secret: str | Sequence[str] | None = None,
        base_path: str = "/api/auth",
        base_url: str | URL | None = None,
        trust_proxy: bool = False,
        session_max_age: float = _MONTH,
        transaction_max_age: float = _QUARTER,
        session: aiohttp.ClientSession | None = None,
        on_sign_in: Callable[..., Result] | None = None,
        on_redirect: Callable[..., Result] | None = None,
        on_session: Callable[..., Result] | None = None,
        clock: Clock | None = None,
    ) -> None:
        given, secret = _masked(secret), None  # a traceback shows what is in variables
        hooks = {"on_sign_in": on_sign_in, "on_redirect": on_redirect, "on_session": on_session}
        for name, hook in hooks.items():
            if hook is not None and not callable(hook):
                raise TypeError(f"{name} must be callable, not {checks.kind_of(hook)}")
        self._session: Final = None if session is None else checks.instance("session", session, aiohttp.ClientSession)
        self._site: Final = Site(
            providers=read_providers(providers),
            sealers=_sealers(read_secrets(given)),
            base_path=read_base_path(base_path),
            base_url=read_base_url(base_url),
            trust_proxy=checks.instance("trust_proxy", trust_proxy, bool),
            session_max_age=read_age("session_max_age", session_max_age),
            transaction_max_age=read_age("transaction_max_age", transaction_max_age),
            clock=Clock() if clock is None else checks.instance("clock", clock, Clock),
            hooks=Hooks(answers=(web.HTTPException,), **hooks),
        )

    def __repr__(self) -> str:
        site: Site | None = vars(self).get("_site")  # of one that was not made, a traceback may show what there is
        return "<SignIn>" if site is None else f"<SignIn {', '.join(site.providers)} at {site.base_path}/>"

    def setup(self, app: web.Application) -> None:
        """Add the routes to an application, and what opens and closes the client session with it.

        It may be set up in several applications; in one that is added to another by ``add_subapp``, the paths of the
        two would not agree, so give it the outermost.

        Raises:
            ValueError: a provider has no client id or no secret; the message names the variable of the environment. Or
                the application has a sign-in at this ``base_path`` already.
            TypeError: ``app`` is no ``aiohttp.web.Application``.
        """
        from vkauth.signin.routes import PATHS, respond  # with all that they need, which a session alone does not

        paths = [f"{self._site.base_path}{path}" for path in PATHS]
        known = {each.canonical for each in checks.instance("app", app, web.Application).router.resources()}
        if known.issuperset(paths):
            raise ValueError(f"app has a sign-in at the base_path {self._site.base_path or '/'} already")
        for provider in self._site.providers.values():
            if isinstance(provider, ChecksItself):
                provider.check_configured()
        site = self._site

        async def share(_: web.Application) -> AsyncIterator[None]:
            nonlocal site
            async with AsyncExitStack() as opened:
                session = self._session
                if session is None:
                    own = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
                    session = await opened.enter_async_context(own)
                providers = [await _enter(each, session, opened) for each in self._site.providers.values()]
                site = replace(self._site, providers={each.id: each for each in providers})
                yield

        async def handle(request: web.Request) -> web.StreamResponse:
            return _response(await respond(site, await _read(request)))

        app.cleanup_ctx.append(share)
        app.on_response_prepare.append(_set_cookies)
        for path in paths:
            app.router.add_route("*", path, handle)

    async def session(self, request: web.Request) -> Session | None:
        """Return who sent ``request``; ``None`` if nobody is signed in."""
        visit = self._visit(request)
        return None if visit is None else visit.session()

    async def csrf_token(self, request: web.Request) -> str:
        """Return the text for the field ``csrfToken`` of a form of your own that signs people in or out.

        Such a form is sent by POST to ``signin/{id}`` or ``signout``, as those of the pages here are, and may have the
        field ``callbackUrl``, too. A browser that has no token yet gets its cookie with the answer to ``request``: so
        call this before that is prepared, and do not let the page be kept for others.

        Raises:
            aiohttp.web.HTTPBadRequest: the request's ``Host`` is none.
        """
        later = _later_of(request)
        if later.token is None:
            visit = self._visit(request)
            if visit is None:
                raise web.HTTPBadRequest(text="400: Bad Request")
            later.token = visit.csrf()
        return later.token.text

    def required(self, handler: _Handler) -> _Handler:
        """Let ``handler`` run only for somebody who is signed in; their session is in ``request["vkauth_session"]``.

        Everybody else is sent to the sign-in page and comes back afterwards (from a form: to the page that it was on),
        or, where no page is being opened, gets 401 and ``{"error": "signed_out"}``. The handler may be a coroutine
        function, a method of a class (the request is its last argument), a method of a ``web.View``, or a ``web.View``
        as a whole.

        It has to be the decorator nearest to the handler: what stands between the two, ``@routes.get("/")`` say, takes
        the handler as it is then, and its page is open to everybody::

            @routes.get("/account")
            @sign_in.required
            async def account(request: web.Request) -> web.Response: ...

        Raises:
            TypeError: it is nothing of that, a function without ``async`` for example.
        """
        if not _is_handler(handler):
            kind = "a function without async" if inspect.isroutine(handler) else checks.kind_of(handler)
            raise TypeError(f"handler must be a coroutine function or a web.View, not {kind}")

        @functools.wraps(handler, updated=())
        async def guarded(*arguments: Any) -> web.StreamResponse:
            last = arguments[-1]
            request: web.Request = last.request if isinstance(last, web.View) else last
            visit = self._visit(request)
            session, cookies = (None, []) if visit is None else visit.renewed_session()
            if session is None:
                return self._turned_away(request, visit)
            _keep(request, _SESSION, session)
            _later_of(request).renewed = cookies
            return await handler(*arguments)

        return cast("_Handler", guarded)

    def _visit(self, request: web.Request) -> Visit | None:
        try:
            # Nothing else of it is needed, and this is done for every request that the application gets.
            headers = _headers(request, _WHO)
            return Visit(self._site, Request(method="GET", path="/", headers=headers, scheme=request.scheme))
        except RefusedError:
            return None

    def _turned_away(self, request: web.Request, visit: Visit | None) -> web.Response:
        if wants_json(_headers(request)):
            return _response(json_answer(401, {"error": "signed_out"}))
        if request.method in ("GET", "HEAD"):
            here = local_path(request.path_qs)
        else:  # it cannot be opened: the page that it was sent from can
            here = "/" if visit is None else local_path(request.headers.get("Referer", ""), visit.origin)
        address = f"{self._site.base_path}/signin?callbackUrl={quote(here, safe='/')}"
        return web.Response(status=302, headers={"Location": address, "Cache-Control": "no-store"})


def _is_handler(value: object) -> bool:
    if isinstance(value, type):
        return issubclass(value, web.View)
    call = getattr(value, "__call__", None)  # noqa: B004 - of an object that can be called it may be a coroutine function
    return inspect.iscoroutinefunction(value) or inspect.iscoroutinefunction(call) or _wraps_handler(value)


def _wraps_handler(value: object) -> bool:
    """Whether it is the wrapper of another decorator, which may be a plain function that returns what it wraps."""
    return hasattr(value, "__wrapped__") and callable(value) and _is_handler(inspect.unwrap(value))


_kept: Final[set[str]] = set()


def _keep(request: web.Request, name: str, value: object) -> None:
    if name in _kept:
        request[name] = value
        return
    # aiohttp 3.14 warns, once of each, of names that are text; its own kind of names is not there in 3.13.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", web.NotAppKeyWarning)
        request[name] = value
    _kept.add(name)


@dataclass(slots=True)
class _Later:
    """What goes with the answer to a request, whichever that will be.

    Attributes:
        renewed: the headers that set a session anew.
        token: against forged requests, with its cookie until that is sent.
    """

    renewed: list[str] = field(default_factory=list)
    token: CsrfToken | None = None


# By what writes the answer, which all copies of a request have in common: middlewares clone requests, and the answer is
# prepared for the first of them.
_later: Final[WeakKeyDictionary[AbstractStreamWriter, _Later]] = WeakKeyDictionary()


def _later_of(request: web.BaseRequest) -> _Later:
    return _later.setdefault(request.writer, _Later())


def _masked(secret: object) -> object:
    return [hide(each) for each in secret] if isinstance(secret, list | tuple) else hide(secret)


def _sealers(secrets: list[bytes]) -> Sealers:
    try:
        return Sealers(secrets)
    except ImportError as error:
        raise ImportError("SignIn needs an extra: pip install 'vkauth[oauth]'") from error


async def _enter(provider: SignInProvider, session: aiohttp.ClientSession, opened: AsyncExitStack) -> SignInProvider:
    """Have a provider send its requests through a session, and keep what it opens until the application ends."""
    used = provider.using(session) if isinstance(provider, SharesSession) else provider
    if isinstance(used, AbstractAsyncContextManager):
        await opened.enter_async_context(used)
    return used


def _headers(request: web.Request, names: Sequence[str] = HEADERS) -> dict[str, str]:
    known = request.headers
    return {name: ("; " if name == "cookie" else ", ").join(known.getall(name)) for name in names if name in known}


async def _read(request: web.Request) -> Request:
    return Request(
        method=request.method,
        path=request.path,
        query=request.rel_url.raw_query_string,
        headers=_headers(request),
        scheme=request.scheme,
        body=await _body(request) if request.method == "POST" else b"",
        native=request,
    )


async def _body(request: web.Request) -> bytes | None:
    """Read a body, but no more of it than shows that it is too long; ``None`` if it is broken or cut."""
    body = bytearray()
    try:
        while len(body) <= MOST_BODY and (chunk := await request.content.readany()):
            body += chunk
    except (web.RequestPayloadError, HttpProcessingError, ConnectionError):
        return None
    return bytes(body[: MOST_BODY + 1])


def _response(answer: Answer) -> web.Response:
    native = answer.native
    if not isinstance(native, web.HTTPException):
        response = web.Response(status=answer.status, headers=answer.headers, body=answer.body.encode())
        _add(response, answer.cookies)
        return response
    _add(native, answer.cookies)
    native.headers["Cache-Control"] = answer.headers["Cache-Control"]
    for name, value in answer.headers.items():
        native.headers.setdefault(name, value)
    raise native  # to return one is deprecated


def _add(response: web.StreamResponse, cookies: Iterable[str]) -> None:
    for cookie in cookies:
        response.headers.add("Set-Cookie", cookie)


async def _set_cookies(request: web.Request, response: web.StreamResponse) -> None:
    """Send a session that was sealed anew, or a new token, with whatever answers: errors and web sockets included.

    Once: an application and a part of it may both have a sign-in.
    """
    later = _later.get(request.writer)
    if later is None:
        return
    cookies, later.renewed = later.renewed, []
    if later.token is not None:
        cookies = [*cookies, *later.token.cookies]
        later.token = later.token._replace(cookies=())
    _add(response, cookies)
    if cookies:
        # They are for this browser alone, whatever else is said of how long the page may be kept, and by whom.
        said = ",".join(response.headers.getall("Cache-Control", ["private"])).lower().split(",")
        if not {"private", "no-store"}.intersection(map(str.strip, said)):
            response.headers["Cache-Control"] = "no-store"
        else:
            response.headers.setdefault("Cache-Control", "private")
