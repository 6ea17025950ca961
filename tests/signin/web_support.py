"""A real aiohttp server with a sign-in, and a browser of aiohttp's client."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from html import unescape
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer
from yarl import URL

from vkauth.signin import SignIn

from .doubles import SECRET, Provider

__all__ = ["Client", "Site", "serving", "sign_in_of"]


def sign_in_of(*providers: Any, **options: Any) -> SignIn:
    """A sign-in with a double of a provider."""
    return SignIn(providers=providers or [Provider()], **{"secret": SECRET, **options})


@dataclass
class Client:
    """A browser: keeps cookies, follows nothing."""

    session: aiohttp.ClientSession
    root: URL

    async def ask(self, method: str, path: str, **options: Any) -> tuple[aiohttp.ClientResponse, str]:
        """Send a request; returns the answer with its text."""
        url = URL(f"{self.root.origin()}{path}", encoded=True)
        async with self.session.request(method, url, allow_redirects=False, **options) as answer:
            return answer, await answer.text()

    async def get(self, path: str, **headers: str) -> tuple[aiohttp.ClientResponse, str]:
        """Open a page."""
        return await self.ask("GET", path, headers={name.replace("_", "-"): headers[name] for name in headers})

    async def press(self, page: str, action: str, **headers: str) -> aiohttp.ClientResponse:
        """Open a page and send its form."""
        _, text = await self.get(page)
        assert f'action="{action}"' in text
        fields = dict(re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', text))
        data = {name: unescape(value) for name, value in fields.items()}
        answer, _ = await self.ask("POST", action, data=data, headers=headers)
        return answer

    async def sign_in(self, target: str = "/account", provider: str = "kakao") -> aiohttp.ClientResponse:
        """Sign in."""
        state = await self.start(target, provider)
        answer, _ = await self.get(f"/api/auth/callback/{provider}?state={state}&code=SAMPLE-{state[:8]}")
        return answer

    async def start(self, target: str = "/account", provider: str = "kakao") -> str:
        """Begin a sign-in; returns its state."""
        answer = await self.press(f"/api/auth/signin?callbackUrl={target}", f"/api/auth/signin/{provider}")
        assert answer.status == 302
        return URL(answer.headers["Location"]).query["state"]

    def names(self) -> set[str]:
        """The names of the cookies that it keeps."""
        return {each.key for each in self.session.cookie_jar}


@dataclass
class Site:
    """A server."""

    app: web.Application
    root: URL

    @asynccontextmanager
    async def client(self) -> AsyncIterator[Client]:
        """Another browser."""
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
            yield Client(session, self.root)


@asynccontextmanager
async def serving(sign_in: SignIn, add: Callable[[web.Application], None] | None = None) -> AsyncIterator[Site]:
    """Run an application with a sign-in."""
    app = web.Application()
    sign_in.setup(app)
    if add is not None:
        add(app)
    async with TestServer(app) as server:
        yield Site(app, server.make_url("/"))
