"""A provider and a browser in memory: the routes are asked without any server."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from support import FakeClock

from vkauth.clock import Clock
from vkauth.errors import AuthError, AuthErrorCode
from vkauth.oauth.request import AuthorizationRequest
from vkauth.providers.identity import Identity
from vkauth.signin.hooks import Hooks
from vkauth.signin.routes import respond
from vkauth.signin.site import Sealers, Site
from vkauth.signin.values import Answer, Request
from vkauth.token_set import TokenSet

SECRET = "SAMPLE-secret-of-32-characters-0"
OTHER_SECRET = "SAMPLE-secret-of-32-characters-1"
ACCESS_TOKEN = "SAMPLE-access-token"
SITE = "https://app.example"


class Provider:
    """A provider that checks what a real one checks, and asks nobody."""

    def __init__(
        self, id: str = "kakao", name: str = "Kakao", *, scope: tuple[str, ...] = (), oidc: bool = True
    ) -> None:
        self.id = id
        self.name = name
        self.scope = scope
        self.oidc = oidc
        self.person = Identity(
            provider=id, id="1001", name="Анна Образцова", email="anna@example.com", email_verified=True,
            image="https://img.example/1001.jpg", profile={"raw": "SAMPLE-profile"},
        )  # fmt: skip
        self.spent: set[str] = set()
        self.exchanged: list[tuple[str, AuthorizationRequest]] = []
        self.raises: dict[str, BaseException] = {}

    def __repr__(self) -> str:
        return f"<Provider {self.id}>"

    def _fail(self, method: str) -> None:
        if method in self.raises:
            raise self.raises[method]

    def authorization_request(self, redirect_uri: str) -> AuthorizationRequest:
        """Random texts of the usual length."""
        self._fail("authorization_request")
        state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        query = urlencode({"client_id": "1", "redirect_uri": redirect_uri, "state": state, "response_type": "code"})
        return AuthorizationRequest(
            provider=self.id,
            url=f"https://auth.example/{self.id}/authorize?{query}",
            redirect_uri=redirect_uri,
            state=state,
            nonce=secrets.token_urlsafe(32) if self.oidc else None,
            code_verifier=verifier,
            scope=self.scope,
        )

    async def exchange(self, callback: str, request: AuthorizationRequest) -> TokenSet:
        """A code is good once."""
        self.exchanged.append((callback, request))
        self._fail("exchange")
        pairs = parse_qsl(urlsplit(callback).query)
        params = dict(pairs)
        if len(pairs) != len(params):
            raise AuthError(AuthErrorCode.UNEXPECTED_RESPONSE, "a parameter is there twice")
        if "payload" in params:
            params = json.loads(params["payload"])
        if params.get("state") != request.state:
            raise AuthError(AuthErrorCode.STATE_MISMATCH, "another state")
        if "error" in params:
            raise AuthError(AuthErrorCode.ACCESS_DENIED, "refused", said=params.get("error_description"))
        if params.get("code", "") in self.spent or "code" not in params:
            raise AuthError(AuthErrorCode.INVALID_GRANT, "the code is not good")
        self.spent.add(params["code"])
        return TokenSet(access_token=ACCESS_TOKEN, refresh_token="SAMPLE-refresh-token", id_token="SAMPLE.id.token")

    async def identity(self, tokens: TokenSet) -> Identity:
        """Always the same person."""
        self._fail("identity")
        assert tokens.access_token == ACCESS_TOKEN
        return self.person


def make_site(*providers: Provider, clock: Clock | None = None, **changes: Any) -> Site:
    """The settings of a site with its own defaults."""
    options: dict[str, Any] = {
        "providers": {each.id: each for each in providers or (Provider(),)},
        "sealers": Sealers([each.encode() for each in changes.pop("secrets", [SECRET])]),
        "base_path": "/api/auth",
        "base_url": None,
        "trust_proxy": False,
        "session_max_age": 30 * 24 * 3600,
        "transaction_max_age": 900,
        "clock": clock or FakeClock(),
        "hooks": Hooks(**{name: changes.pop(name) for name in list(changes) if name.startswith("on_")}),
    }
    return Site(**{**options, **changes})


@dataclass
class Kept:
    """A cookie in a browser."""

    value: str
    path: str
    max_age: int | None
    attributes: str


@dataclass
class Browser:
    """Keeps cookies as browsers do: their prefixes, paths and ends, in the order of their paths."""

    site: Site
    base: str = SITE
    headers: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, Kept] = field(default_factory=dict)
    native: object = None

    async def ask(
        self, method: str, address: str, *, headers: Mapping[str, str] | None = None, body: bytes | None = b""
    ) -> Answer:
        """Send a request and keep the cookies of the answer."""
        scheme, host, path, query, _ = urlsplit(address if address.startswith("http") else self.base + address)
        sent = {"host": host, **self.headers, **(headers or {})}
        line = self.cookie_line(path)
        if line:
            sent["cookie"] = line
        answer = await respond(
            self.site,
            Request(method=method, path=path, query=query, headers=sent, scheme=scheme, body=body, native=self.native),
        )
        for each in answer.cookies:
            self.keep(each)
        return answer

    async def get(self, address: str, **headers: str) -> Answer:
        """Open an address."""
        return await self.ask("GET", address, headers={name.replace("_", "-"): headers[name] for name in headers})

    async def post(self, address: str, fields: Mapping[str, str] | None = None, **headers: str) -> Answer:
        """Send a form, with the token of this browser unless there is one in it."""
        form = dict(fields or {})
        if "csrfToken" not in form:
            form["csrfToken"] = await self.csrf()
        sent = {"content-type": "application/x-www-form-urlencoded"}
        sent |= {name.replace("_", "-"): headers[name] for name in headers}
        return await self.ask("POST", address, headers=sent, body=urlencode(form).encode())

    async def csrf(self) -> str:
        """The token of this browser."""
        token = json.loads((await self.get("/api/auth/csrf")).body)["csrfToken"]
        assert isinstance(token, str)
        return token

    async def start(self, provider: str = "kakao", target: str = "/account") -> dict[str, str]:
        """Begin a sign-in; returns the query of the provider's address."""
        answer = await self.post(f"/api/auth/signin/{provider}", {"callbackUrl": target})
        assert answer.status == 302, answer
        location = urlsplit(answer.headers["Location"])
        assert location.netloc == "auth.example", location
        return dict(parse_qsl(location.query))

    async def come_back(self, asked: Mapping[str, str], provider: str = "kakao", **params: str) -> Answer:
        """Come back from a provider with a code, or with ``params``."""
        query = urlencode({"state": asked["state"], **(params or {"code": f"SAMPLE-code-{secrets.token_hex(4)}"})})
        return await self.get(f"/api/auth/callback/{provider}?{query}")

    async def sign_in(self, provider: str = "kakao", target: str = "/account") -> Answer:
        """Sign in."""
        return await self.come_back(await self.start(provider, target), provider)

    async def session(self) -> dict[str, Any] | None:
        """What ``GET session`` tells."""
        answer = await self.get("/api/auth/session")
        assert answer.status == 200
        told: dict[str, Any] | None = json.loads(answer.body)
        return told

    def cookie_line(self, path: str) -> str:
        """The ``Cookie`` header for a path."""
        sent = [(name, each) for name, each in self.cookies.items() if is_below(path, each.path)]
        sent.sort(key=lambda pair: -len(pair[1].path))
        return "; ".join(f"{name}={each.value}" for name, each in sent)

    def keep(self, line: str) -> None:
        """Take a ``Set-Cookie``."""
        pair, _, attributes = line.partition("; ")
        name, _, value = pair.partition("=")
        known = dict(each.partition("=")[::2] for each in attributes.split("; "))
        secure = self.base.startswith("https")
        assert ("Secure" in known) == secure, line
        assert "HttpOnly" in known, line
        assert known["SameSite"] == "Lax", line
        assert "Domain" not in known, line
        assert name.startswith("__Secure-" if "vkauth.tx." in name else "__Host-") == secure, line
        assert not name.startswith("__Host-") or known["Path"] == "/", line
        assert len(name) + len(value) <= 4096, "browsers drop it"
        age = known.get("Max-Age")
        if age == "0":
            old = self.cookies.pop(name, None)
            assert old is None or old.path == known["Path"], f"{name} would stay"
        else:
            self.cookies[name] = Kept(value, known["Path"], None if age is None else int(age), attributes)

    def names(self, part: str) -> list[str]:
        """The names of cookies with ``part`` in them."""
        return [name for name in self.cookies if part in name]

    def copy(self) -> Browser:
        """The same with another profile: a thief who has all cookies."""
        return Browser(self.site, self.base, dict(self.headers), dict(self.cookies), self.native)


def is_below(path: str, base: str) -> bool:
    """Whether a cookie of ``base`` is sent for ``path`` (RFC 6265, 5.1.4)."""
    return path == base or path.startswith(base if base.endswith("/") else base + "/")


def fields_of(page: str) -> dict[str, str]:
    """The hidden fields of a page, those of several forms once."""
    return {
        unescape(name): unescape(value)
        for name, value in re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page)
    }


def error_of(answer: Answer) -> str:
    """The code of the error page that an answer leads to."""
    assert answer.status == 302, answer
    path, mark, code = answer.headers["Location"].partition("?error=")
    assert mark, answer
    assert path.endswith("/error")
    return code


def cookie_names(lines: Iterable[str]) -> set[str]:
    """The names of cookies that an answer sets or deletes."""
    return {line.partition("=")[0] for line in lines}
