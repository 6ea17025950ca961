"""One request of a browser, with what the routes ask of it and the answers they give."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from vkauth.signin import csrf
from vkauth.signin.addresses import local_path, origin_of, query_values, safe_location
from vkauth.signin.cookies import Cookies
from vkauth.signin.forms import read_fields
from vkauth.signin.session import Issued, Opened, Session, read_session, seal_session
from vkauth.signin.site import Site
from vkauth.signin.values import Answer, RefusedError, Request
from vkauth.wire.preferences import preferred_language, wants_json

if TYPE_CHECKING:
    from vkauth.providers.identity import Identity

__all__ = ["Visit", "json_answer", "native_answer", "page_answer", "refusal"]

_NO_STORE: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


class Visit:
    """A request to a site.

    Args:
        site: the settings.
        request: what came.

    Raises:
        RefusedError: 400 if the request's ``Host`` is none.
    """

    def __init__(self, site: Site, request: Request) -> None:
        self.site: Final = site
        self.request: Final = request
        self.origin: Final = origin_of(request, site.base_url, site.trust_proxy)
        self.secure: Final = self.origin.startswith("https:")
        self.cookies: Final = Cookies(request.headers.get("cookie", ""))

    @cached_property
    def fields(self) -> dict[str, str]:
        """The fields of the body."""
        return read_fields(self.request)

    @property
    def host(self) -> str:
        """The site's host, with its port if that says something."""
        return self.origin.partition("://")[2]

    @property
    def cookie_path(self) -> str:
        """The paths that transactions are sent for: the start has to see them too, to delete what is old."""
        return self.site.base_path or "/"

    @property
    def language(self) -> str:
        """``"ru"`` or ``"en"``."""
        return preferred_language(self.request.headers.get("accept-language", ""))

    @property
    def wants_address(self) -> bool:
        """Whether a script wants to be told where to go, instead of being sent there."""
        return "x-auth-return-redirect" in self.request.headers

    def now(self) -> int:
        """The time, in seconds since 1970."""
        return int(self.site.clock.now().timestamp())

    def url(self, route: str) -> str:
        """The path of a route."""
        return f"{self.site.base_path}/{route}"

    def callback_url(self, provider: str) -> str:
        """The address that a provider sends people back to."""
        return f"{self.origin}{self.url(f'callback/{provider}')}"

    def target(self) -> str:
        """The path to go to in the end: the ``callbackUrl`` of the body or the query, made safe."""
        given = self.fields.get("callbackUrl") if self.request.method == "POST" else None
        if given is None:
            values = query_values(self.request.query, "callbackUrl")
            given = values[0] if len(values) == 1 else "/"
        return local_path(given, self.origin)

    def session(self) -> Session | None:
        """Who is signed in."""
        opened = self._opened()
        return None if opened is None else opened.session

    def renewed_session(self) -> tuple[Session | None, list[str]]:
        """Who is signed in, and the headers that set the session anew if half of its life is over."""
        opened = self._opened()
        if opened is None or not opened.is_old:
            return None if opened is None else opened.session, []
        issued = self.issue(opened.session.identity, opened.session.data, provider=opened.provider)
        return replace(opened.session, expires_at=issued.expires_at), issued.cookies

    def _opened(self) -> Opened | None:
        site = self.site
        opened = read_session(
            site.sealers.session, self.cookies, now=self.now(), secure=self.secure, max_age=site.session_max_age
        )
        return opened if opened is not None and opened.provider in site.providers else None

    def issue(self, identity: Identity, data: Mapping[str, Any], *, provider: str) -> Issued:
        """Make a session that begins now, of who signed in with a provider.

        Raises:
            ValueError, TypeError: it cannot be kept in cookies.
        """
        return seal_session(
            self.site.sealers.session,
            identity,
            data,
            provider=provider,
            now=self.now(),
            max_age=self.site.session_max_age,
            received=self.cookies,
            secure=self.secure,
        )

    def csrf(self) -> csrf.CsrfToken:
        """The token of the browser, or a new one."""
        return csrf.csrf_token(self.site.sealers.csrf, self.cookies, self.secure)

    def require_csrf(self) -> bytes:
        """Let nothing through but what a form of this site, or a script on it, sent; return the mark of the browser.

        Raises:
            RefusedError: 403; 4xx if the body cannot be read.
        """
        if self._is_foreign():
            raise RefusedError(403, "csrf")
        token = self.fields.get("csrfToken", "")
        if not csrf.is_csrf_token(self.site.sealers.csrf, self.cookies, self.secure, token):
            raise RefusedError(403, "csrf")
        return csrf.mark_of(token.encode())

    def is_marked(self, mark: bytes) -> bool:
        """Whether a mark is of this browser."""
        return csrf.is_marked(self.site.sealers.csrf, self.cookies, self.secure, mark)

    def _is_foreign(self) -> bool:
        """Whether the browser says that a page of another site sent this.

        It says so better by ``Sec-Fetch-Site`` than by ``Origin``, which is ``null`` for forms of pages with
        ``Referrer-Policy: no-referrer``, as ours are, and has another port or scheme than we know of behind some
        proxies. So of that one only another host counts, and only where the first is missing.
        https://w3c.github.io/webappsec-fetch-metadata/, https://fetch.spec.whatwg.org/#origin-header, seen 2026-11
        """
        site = self.request.headers.get("sec-fetch-site")
        if site is not None:
            return site == "cross-site"
        origin = self.request.headers.get("origin", "null").lower()
        return origin != "null" and _name_of(origin) != _name_of(self.origin)

    def secrets(self, *others: object) -> Iterator[str]:
        """What must not be logged of this visit.

        Args:
            others: what else has secrets: the provider, the tokens.
        """
        from vkauth.signin.known import secrets_in, secrets_of_request  # for those alone who fail

        fields = self.fields if self.request.method == "POST" else {}
        yield from secrets_of_request(self.request.query, self.request.headers.get("cookie", ""), fields)
        session = self.session()
        yield from secrets_in(*others, None if session is None else session.data)

    def redirect(self, address: object, cookies: Iterable[str] = ()) -> Answer:
        """Send the browser to ``address``, or tell a script.

        Raises:
            ValueError, TypeError: it is none that a header can have.
        """
        location = safe_location(address)
        if self.wants_address and self.request.method == "POST":
            return json_answer(200, {"url": location}, cookies)
        return Answer(status=302, headers={**_NO_STORE, "Location": location}, cookies=tuple(cookies))


def refusal(request: Request, problem: RefusedError, sign_in: str) -> Answer:
    """Say why nothing was done for a request, by a page or by JSON."""
    allow = {} if problem.allow is None else {"Allow": problem.allow}
    is_script = "x-auth-return-redirect" in request.headers or wants_json(request.headers)
    if is_script or request.headers.get("content-type", "").startswith("application/json"):
        answer = json_answer(problem.status, {"error": problem.problem})
    else:
        from vkauth.signin.pages import problem_page

        language = preferred_language(request.headers.get("accept-language", ""))
        answer = page_answer(problem.status, problem_page(language, problem.problem, sign_in=sign_in))
    return Answer(status=answer.status, headers={**answer.headers, **allow}, body=answer.body)


def _name_of(origin: str) -> str:
    authority = origin.partition("://")[2]
    host, mark, port = authority.rpartition(":")
    return host if mark and port.isdigit() else authority


def json_answer(status: int, content: Mapping[str, Any] | None, cookies: Iterable[str] = ()) -> Answer:
    """Return JSON that nobody keeps.

    Raises:
        ValueError, TypeError: there is something in it that JSON cannot have.
    """
    text = json.dumps(content, allow_nan=False)
    headers = {**_NO_STORE, "Content-Type": "application/json; charset=utf-8"}
    return Answer(status=status, headers=headers, cookies=tuple(cookies), body=text)


def page_answer(status: int, page: str, cookies: Iterable[str] = ()) -> Answer:
    """Return a page that nobody keeps, frames or puts a script in."""
    from vkauth.signin.pages import POLICY

    headers = {
        **_NO_STORE,
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": POLICY,
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
    }
    return Answer(status=status, headers=headers, cookies=tuple(cookies), body=page)


def native_answer(native: Exception, cookies: Iterable[str]) -> Answer:
    """Return an answer that the application gave itself, with what keeps a page from being stored, framed or named."""
    answer = page_answer(200, "", cookies)
    headers = {name: value for name, value in answer.headers.items() if name != "Content-Type"}
    return replace(answer, headers=headers, native=native)
