"""What the simulator's own tests share: a clock that is moved by hand and a client that follows nothing by itself."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import aiohttp
import pytest
import pytest_asyncio
from yarl import URL

from vkauth.testing import VKSimulator

from .oauth_support import KakaoClient, TikTokClient, VKIDClient

ANDROID = {"client_id": "2274003", "client_secret": "hHbZxrka2uZ6jB1inYsH"}


class Clock:
    """Seconds that go on only when told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Reply:
    """An answer that was read to its end."""

    status: int
    url: URL
    headers: Any
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("cp1251" if "1251" in self.headers.get("Content-Type", "") else "utf-8")

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def location(self) -> URL:
        return URL(self.headers["Location"], encoded=True)

    @property
    def fragment(self) -> dict[str, str]:
        return dict(parse_qsl(self.location.raw_fragment))


class Browser:
    """One person's browser, or one client: keeps cookies and follows a redirect when told."""

    def __init__(self, vk: VKSimulator, session: aiohttp.ClientSession) -> None:
        self.vk = vk
        self.session = session

    async def send(self, method: str, url: str | URL, **options: Any) -> Reply:
        target = URL(url, encoded=True) if "://" in str(url) else URL(f"{self.vk.base_url}/{url}", encoded=True)
        async with self.session.request(method, target, allow_redirects=False, **options) as answer:
            return Reply(answer.status, answer.real_url, answer.headers, await answer.read())

    async def get(self, url: str | URL, **options: Any) -> Reply:
        return await self.send("GET", url, **options)

    async def post(self, url: str | URL, data: dict[str, Any] | None = None, **options: Any) -> Reply:
        return await self.send("POST", url, data=data or {}, **options)

    async def follow(self, reply: Reply) -> Reply:
        """Follow redirects, up to the blank page."""
        while "Location" in reply.headers and not reply.location.path.endswith("/blank.html"):
            reply = await self.get(reply.location)
        return reply

    async def token(self, **params: Any) -> Reply:
        """Ask for a token with a password, as the Android application does."""
        fields = {"grant_type": "password", "username": "+79990000001", "password": "sample-password"}
        fields |= ANDROID | {"scope": "all", "v": "5.199", "2fa_supported": "1"}
        fields |= {name: str(value) for name, value in params.items()}
        return await self.post("oauth/token", fields)

    async def method(self, name: str, **params: Any) -> Any:
        """Call an API method and return the whole answer."""
        reply = await self.post(f"api/method/{name}", {"v": "5.199", **params})
        assert reply.status == 200
        return reply.json


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest_asyncio.fixture
async def vk(clock: Clock) -> AsyncIterator[VKSimulator]:
    async with VKSimulator(clock=clock) as simulator:
        yield simulator


@pytest_asyncio.fixture
async def browser(vk: VKSimulator) -> AsyncIterator[Browser]:
    # The simulator is an IP address, of which a careful jar takes no cookies.
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        yield Browser(vk, session)


@pytest.fixture
def vk_id(vk: VKSimulator, browser: Browser) -> VKIDClient:
    return VKIDClient(vk, browser)


@pytest.fixture
def kakao(vk: VKSimulator, browser: Browser) -> KakaoClient:
    return KakaoClient(vk, browser)


@pytest.fixture
def tiktok(vk: VKSimulator, browser: Browser) -> TikTokClient:
    return TikTokClient(vk, browser)
