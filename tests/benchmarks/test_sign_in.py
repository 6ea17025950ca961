"""What a sign-in costs a site: its CPU time by that of bare aiohttp, and of Auth.js, with the same requests to Kakao.

Kakao is another process that plays answers back. The browser's requests reach the handlers without a socket; they are
made, and what comes of them is looked at, while nothing is counted. All connections are kept open.
"""

from __future__ import annotations

import asyncio
import gc
import json
import shutil
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from aiohttp import StreamReader, web
from aiohttp.base_protocol import BaseProtocol
from aiohttp.test_utils import make_mocked_request
from measuring import ROUNDS, RUNS, Row, bare, cpu, import_row, kept_session, retried
from peers.peer import INSTALLED, Peer
from playing import json_answer, played
from yarl import URL

from vkauth.providers import Kakao
from vkauth.signin import SignIn
from vkauth.wire.http import get, post

pytestmark = pytest.mark.benchmark

SITE = "https://app.example"
CALLBACK = f"{SITE}/api/auth/callback/kakao"
CLIENT = {"client_id": "sample-client", "client_secret": "sample-client-secret"}
ACCESS_TOKEN = "SAMPLE-access-token-of-54-letters-0123456789-0123456789"
TOKENS = {
    "token_type": "bearer",
    "access_token": ACCESS_TOKEN,
    "expires_in": 21599,
    "refresh_token": "SAMPLE-refresh-token-of-54-letters-0123456789-01234567",
    "refresh_token_expires_in": 5184000,
    "scope": "account_email profile_image profile_nickname",
}
PERSON = {
    "id": 4000100001,
    "connected_at": "2026-11-01T12:00:00Z",
    "kakao_account": {
        "profile_nickname_needs_agreement": False,
        "profile_image_needs_agreement": False,
        "profile": {
            "nickname": "Sample",
            "thumbnail_image_url": "https://avatars.example/sample.jpg?size=110",
            "profile_image_url": "https://avatars.example/sample.jpg?size=640",
            "is_default_image": False,
            "is_default_nickname": False,
        },
        "email_needs_agreement": False,
        "is_email_valid": True,
        "is_email_verified": True,
        "email": "sample@person.example",
    },
}
ANSWERS = [json_answer(json.dumps(each).encode()) for each in (TOKENS, PERSON)]


def floor_requests(base: str) -> list[Any]:
    """What has to be asked of Kakao in a sign-in."""
    form = {"grant_type": "authorization_code", "code": "SAMPLE", "redirect_uri": CALLBACK, "code_verifier": "v" * 43}
    return [
        post(URL(f"{base}/kakao/oauth/token"), {**CLIENT, **form}),
        get(URL(f"{base}/kapi/v2/user/me"), headers={"Authorization": f"Bearer {ACCESS_TOKEN}"}),
    ]


def from_browser(path: str, cookies: Mapping[str, str], form: Mapping[str, str] | None = None) -> web.Request:
    """A request as a server hands it to a handler."""
    headers = {"Host": "app.example", "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
    loop = asyncio.get_running_loop()
    body = StreamReader(BaseProtocol(loop), 2**16, loop=loop)
    if form is not None:
        content = urlencode(form).encode()
        headers |= {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": str(len(content))}
        body.feed_data(content)
    body.feed_eof()
    return make_mocked_request("GET" if form is None else "POST", path, headers, payload=body)


@dataclass
class Site:
    """A site with a sign-in, and the browser of somebody who was on its page."""

    sign_in: SignIn
    app: web.Application
    cookies: dict[str, str] = field(default_factory=dict)
    csrf_token: str = ""

    async def open(self) -> None:
        """Get what the forms of the page have."""
        answer = (await self.answers([from_browser("/api/auth/csrf", {})]))[0][0]
        assert isinstance(answer.body, bytes)
        self.csrf_token = json.loads(answer.body)["csrfToken"]
        self.cookies = cookies_of(answer)

    async def answers(self, requests: Sequence[web.Request]) -> tuple[list[web.Response], float]:
        """What the handlers answer, and the seconds of CPU of one."""
        handler = (await self.app.router.resolve(requests[0])).handler
        gc.collect()
        started = time.process_time()
        answers = [await handler(request) for request in requests]
        return answers, (time.process_time() - started) / len(requests)

    async def sign_ins(self, number: int) -> tuple[list[dict[str, str]], float]:
        """Sign in so many times: the cookies of the sessions, and the seconds of CPU that one took."""
        form = {"csrfToken": self.csrf_token, "callbackUrl": "/welcome"}
        posts = [from_browser("/api/auth/signin/kakao", self.cookies, form) for _ in range(number)]
        asked, before = await self.answers(posts)
        callbacks = []
        for each in asked:
            query = urlencode({"code": "SAMPLE", "state": URL(each.headers["Location"]).query["state"]})
            callbacks.append(from_browser(f"/api/auth/callback/kakao?{query}", self.cookies | cookies_of(each)))
        answered, after = await self.answers(callbacks)
        assert {each.headers["Location"] for each in answered} == {"/welcome"}
        return [cookies_of(each) for each in answered], before + after


def cookies_of(answer: web.Response) -> dict[str, str]:
    """The cookies that an answer sets."""
    lines = (each.partition(";")[0].partition("=") for each in answer.headers.getall("Set-Cookie", []))
    return {name: value for name, _, value in lines if value}


@asynccontextmanager
async def site_at(base: str) -> AsyncIterator[Site]:
    """A site whose Kakao is at ``base``."""
    kakao = Kakao(
        **CLIENT,
        authorize_url=f"{base}/kakao/oauth/authorize",
        token_url=f"{base}/kakao/oauth/token",
        userinfo_url=f"{base}/kapi/v2/user/me",
    )
    sign_in = SignIn(providers=[kakao], secret="SAMPLE-secret-of-the-site-0123456789", base_url=SITE)
    app = web.Application()
    sign_in.setup(app)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        site = Site(sign_in, app)
        await site.open()
        yield site
    finally:
        await runner.cleanup()


@contextmanager
def program(command: Sequence[str], **options: Any) -> Iterator[Any]:
    """A program that answers each number with a line: call it with the number."""
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, **options) as process:
        assert process.stdin is not None
        assert process.stdout is not None

        def ask(number: int) -> str:
            process.stdin.write(f"{number}\n")
            process.stdin.flush()
            return str(process.stdout.readline())

        try:
            yield ask
        finally:
            process.communicate(timeout=10)


async def test_a_sign_in_by_bare_aiohttp(tmp_path: Path, table: list[Row]) -> None:
    """All that a sign-in does besides its two requests costs no more than one and a half times as much as they."""

    async def measure() -> Row:
        with played(ANSWERS, tmp_path) as port:
            base = f"http://127.0.0.1:{port}"
            requests = floor_requests(base)
            floors, own = [], []
            async with kept_session() as plain, site_at(base) as site:
                for _ in range(ROUNDS + 1):
                    gc.collect()
                    floors.append(await cpu([lambda: bare(plain, requests)] * RUNS))
                    own.append((await site.sign_ins(RUNS))[1])
        # The first round opens the connections.
        return Row("a sign-in, by bare aiohttp", 2, min(floors[1:]), min(own[1:]), 2.5)

    row = await retried(measure)
    table.append(row)
    row.check()


async def test_a_sign_in_by_authjs(tmp_path: Path, table: list[Row]) -> None:
    """Auth.js takes 2.8 times as long for it at least, when all of its code is compiled."""
    Peer("node", "authjs.cjs").require()
    script = str(Path(__file__).with_name("authjs.cjs"))

    async def measure() -> Row:
        theirs, own = [], []
        with played(ANSWERS, tmp_path) as port:
            base = f"http://127.0.0.1:{port}"
            command = [str(shutil.which("node")), script, base]
            environ = {"NODE_PATH": str(INSTALLED / "node" / "node_modules")}
            async with site_at(base) as site:
                with program(command, env=environ) as authjs:
                    authjs(ROUNDS * RUNS)  # Node.js has compiled by then what it is going to compile
                    for _ in range(ROUNDS + 1):
                        theirs.append(float(json.loads(authjs(RUNS))["cpu"]))
                        own.append((await site.sign_ins(RUNS))[1])
        return Row("a sign-in, by @auth/core", 2, min(theirs[1:]), min(own[1:]), 0.35)

    row = await retried(measure)
    table.append(row)
    row.check()


async def test_reading_a_session(tmp_path: Path, table: list[Row]) -> None:
    """To know who sent a request costs a site a third of the request itself, at most."""

    async def hello(request: web.Request) -> web.Response:
        return web.Response(text="hello")

    async def measure(site: Site, cookies: dict[str, str]) -> Row:
        app = web.Application()
        app.router.add_get("/", hello)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        listening = web.TCPSite(runner, "127.0.0.1", 0)
        await listening.start()
        floors, own = [], []
        try:
            command = [sys.executable, str(Path(__file__).with_name("asking.py")), str(runner.addresses[0][1])]
            with program(command) as browser:
                for _ in range(ROUNDS + 1):
                    gc.collect()
                    started = time.process_time()
                    await asyncio.to_thread(browser, 10 * RUNS)
                    floors.append((time.process_time() - started) / (10 * RUNS))
                    own.append(await read_sessions(site, cookies))
        finally:
            await runner.cleanup()
        return Row("reading a session, by a request to bare aiohttp", 0, min(floors[1:]), min(own[1:]), 0.3)

    with played(ANSWERS, tmp_path) as port:
        async with site_at(f"http://127.0.0.1:{port}") as site:
            (cookies,), _ = await site.sign_ins(1)
            row = await retried(lambda: measure(site, cookies))
    table.append(row)
    row.check()


async def read_sessions(site: Site, cookies: dict[str, str]) -> float:
    """Seconds of CPU that it takes to know who sent a request."""
    requests = [from_browser("/", site.cookies | cookies) for _ in range(RUNS)]
    gc.collect()
    started = time.process_time()
    found = [await site.sign_in.session(request) for request in requests]
    spent = (time.process_time() - started) / RUNS
    assert all(each is not None and each.identity.id == str(PERSON["id"]) for each in found)
    return spent


async def test_import(table: list[Row]) -> None:
    """The sign-in, with all that it loads, costs little more than the framework it is for."""
    row = await retried(lambda: import_row("from vkauth.signin import SignIn", "import aiohttp.web", 1.3))
    table.append(row)
    row.check()
