"""The sign-in in an aiohttp application, over real sockets."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Self

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, make_mocked_request

from vkauth.signin import SignIn
from vkauth.signin.cookies import LONGEST_SESSION, MOST_ROOM
from vkauth.signin.values import Request
from vkauth.signin.visit import Visit

from .doubles import SECRET, Provider
from .web_support import Client, serving, sign_in_of


async def test_a_sign_in_and_out() -> None:
    """From the page to the session and back, with a browser's cookies."""
    async with serving(sign_in_of()) as site, site.client() as client:
        answer = await client.sign_in("/account?x=1")
        assert (answer.status, answer.headers["Location"]) == (302, "/account?x=1")
        assert client.names() == {"vkauth.csrf", "vkauth.session"}
        _, text = await client.get("/api/auth/session")
        assert json.loads(text)["user"]["name"] == "Анна Образцова"
        answer = await client.press("/api/auth/signout?callbackUrl=/bye", "/api/auth/signout")
        assert (answer.status, answer.headers["Location"]) == (302, "/bye")
        assert (await client.get("/api/auth/session"))[1] == "null"
        assert client.names() == {"vkauth.csrf"}


async def test_five_tabs() -> None:
    """Five at once, each with its own cookie, all end well."""
    async with serving(sign_in_of()) as site, site.client() as client:
        await client.get("/api/auth/csrf")
        states = await asyncio.gather(*(client.start(f"/tab/{number}") for number in range(5)))
        for number, state in enumerate(states):
            answer, _ = await client.get(f"/api/auth/callback/kakao?state={state}&code=SAMPLE-{number}")
            assert answer.headers["Location"] == f"/tab/{number}"


async def test_a_stolen_callback() -> None:
    """In another browser it is worth nothing."""
    async with serving(sign_in_of()) as site, site.client() as client, site.client() as thief:
        state = await client.start()
        answer, _ = await thief.get(f"/api/auth/callback/kakao?state={state}&code=SAMPLE")
        assert answer.headers["Location"] == "/api/auth/error?error=STATE_MISMATCH"
        answer, text = await thief.get(answer.headers["Location"])
        assert answer.status == 400
        assert "STATE_MISMATCH" in text


async def test_two_servers_on_one_machine() -> None:
    """Cookies of 127.0.0.1 are shared by all ports: each takes its own and leaves those of the other alone."""
    other_sign_in = sign_in_of(secret="SAMPLE-another-secret-of-the-other-server")
    async with serving(sign_in_of()) as site, serving(other_sign_in) as other, site.client() as client:
        state = await client.start("/ours")
        there = type(client)(client.session, other.root)
        other_state = await there.start("/theirs")
        answer, _ = await client.get(f"/api/auth/callback/kakao?state={state}&code=SAMPLE-1")
        assert answer.headers["Location"] == "/ours"
        answer, _ = await there.get(f"/api/auth/callback/kakao?state={other_state}&code=SAMPLE-2")
        assert answer.headers["Location"] == "/theirs"


async def test_the_most_that_a_browser_carries_gets_through() -> None:
    """A full session and full transactions are a header that aiohttp takes."""
    sign_in = sign_in_of(on_sign_in=lambda *_: {"x": "y" * 3500})
    async with serving(sign_in) as site, site.client() as client:
        await client.sign_in()
        for _ in range(12):
            await client.start("/" + "x" * 250)
        sizes = [len(each.key) + len(each.value) + 3 for each in client.session.cookie_jar]
        assert sum(sizes) > LONGEST_SESSION + MOST_ROOM - 700
        answer, text = await client.get("/api/auth/session")
        assert answer.status == 200
        assert json.loads(text)["provider"] == "kakao"


BROKEN = [
    ({"Content-Type": "multipart/form-data; boundary=x"}, b"--x\r\nBroken header\r\n\r\nx\r\n--x--\r\n", 400),
    ({"Content-Type": "multipart/form-data; boundary=x"}, b"--x\r\nContent-Disposition: \xff\r\n\r\n", 400),
    ({"Content-Type": "multipart/form-data"}, b"x", 400),
    ({"Content-Type": "application/x-www-form-urlencoded; charset=no-such-charset"}, b"a=b", 415),
    ({"Content-Type": "application/json; charset=utf-7"}, b"{}", 415),
    ({"Content-Type": "application/json"}, b'{"csrfToken": 5}', 400),
    ({"Content-Type": "application/json"}, b"[" * 16000, 400),
    ({"Content-Type": "application/octet-stream"}, b"x", 415),
    ({"Content-Type": "application/json"}, b" " * 500_000, 413),
    ({"Content-Type": "application/x-www-form-urlencoded"}, b"x" * 500_000, 413),
    ({"Content-Encoding": "gzip", "Content-Type": "application/json"}, b"this is no gzip", 400),
    ({"Content-Encoding": "deflate", "Content-Type": "application/json"}, b"\xff" * 50, 400),
    ({}, b"", 403),
]


@pytest.mark.parametrize(("headers", "body", "status"), BROKEN)
@pytest.mark.parametrize("path", ["/api/auth/signin/kakao", "/api/auth/signout"])
async def test_broken_bodies(path: str, headers: dict[str, str], body: bytes, status: int) -> None:
    """They are the sender's fault, whatever aiohttp makes of them."""
    async with serving(sign_in_of()) as site, site.client() as client:
        answer, _ = await client.ask("POST", path, data=body, headers=headers)
        assert answer.status == status


@pytest.mark.parametrize("framing", ["Content-Length: 100\r\n\r\ncsrf", "Transfer-Encoding: chunked\r\n\r\n9\r\ncsrf"])
async def test_a_browser_that_leaves_in_the_middle(framing: str, caplog: pytest.LogCaptureFixture) -> None:
    """It is nobody's mistake: nothing is logged of it, least of all a traceback with what was sent so far."""
    begun, ended = asyncio.Event(), asyncio.Event()

    @web.middleware
    async def tell(request: web.Request, handler: Any) -> web.StreamResponse:
        begun.set()
        try:
            answer: web.StreamResponse = await handler(request)
        finally:
            ended.set()
        return answer

    app = web.Application(middlewares=[tell])
    sign_in_of().setup(app)
    runner = web.AppRunner(app)  # a test's server cancels the handler then, others do not
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        _, writer = await asyncio.open_connection(*runner.addresses[0])
        start = "POST /api/auth/signin/kakao HTTP/1.1\r\nHost: app.example\r\n"
        writer.write(f"{start}Content-Type: application/x-www-form-urlencoded\r\n{framing}".encode())
        async with asyncio.timeout(5):
            await begun.wait()
            writer.close()
            await writer.wait_closed()
            await ended.wait()
    finally:
        await runner.cleanup()
    assert [each for each in caplog.records if each.name != "aiohttp.access"] == []


async def test_a_body_that_breaks_on_the_way() -> None:
    """A chunk that is none is 400; a browser that leaves hurts nobody."""
    async with serving(sign_in_of()) as site:
        head = b"POST /api/auth/signout HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
        chunks = b"Transfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\nno-number\r\n"
        for rest in (chunks, b"Content-Length: 50\r\n\r\nshort"):
            reader, writer = await asyncio.open_connection("127.0.0.1", site.root.port)
            writer.write(head + rest)
            if rest is chunks:
                assert b" 400 " in await reader.readline()
            writer.close()
            await writer.wait_closed()
        async with site.client() as client:
            assert (await client.get("/api/auth/session"))[0].status == 200


async def send_raw(port: int | None, *lines: str, body: str = "") -> str:
    """The answer to a hand-written request."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    end = ["Connection: close", f"Content-Length: {len(body)}", "", body] if body else ["Connection: close", "", ""]
    writer.write("\r\n".join([*lines, *end]).encode("latin-1"))
    answer = (await reader.read()).decode()
    writer.close()
    await writer.wait_closed()
    return answer


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        (["GET /api/auth/providers HTTP/1.1"], 400),
        (["GET /api/auth/providers HTTP/1.0"], 400),
        (["GET /api/auth/providers HTTP/1.1", "Host: "], 400),
        (["GET /api/auth/providers HTTP/1.1", "Host: a b"], 400),
        (["GET /api/auth/providers HTTP/1.1", "Host: evil.example/x"], 400),
        (["GET /api/auth/providers HTTP/1.1", "Host: <script>"], 400),
        (["GET /api/auth/providers HTTP/1.1", "Host: app.example", "X-Forwarded-Host: evil.example"], 200),
        (["GET /api/auth/signin?callbackUrl=//evil HTTP/1.1", "Host: a", "Accept-Language: \xff;q=\xff,;"], 200),
        (["GET /api/auth/session HTTP/1.1", "Host: a", "Cookie: vkauth.session=\xff; =;;vkauth.session"], 200),
        (["GET /api/auth/session HTTP/1.1", "Host: app.example", "Cookie: a=1", "Cookie: vkauth.session=x"], 200),
        (["OPTIONS /api/auth/session HTTP/1.1", "Host: app.example"], 405),
        (["HEAD /api/auth/callback/kakao?code=x HTTP/1.1", "Host: app.example"], 405),
        (["GET /api/auth/%73ession HTTP/1.1", "Host: app.example"], 200),
        (["GET /api/auth/signin%2Fkakao HTTP/1.1", "Host: app.example"], 404),
        (["GET /api/auth/callback/%00 HTTP/1.1", "Host: app.example"], 404),
        (["GET /api/auth/callback/kakao?%ff=%00&state=%f0%9f HTTP/1.1", "Host: app.example"], 302),
        (["GET /api/auth/callback/kakao?state=%ff HTTP/1.1", "Host: a", "Cookie: vkauth.tx.\xff={sealed}"], 302),
        (["GET /api/auth/session HTTP/1.1", "Host: a", "Cookie: vkauth.session\xff={sealed}; \xff=\xff"], 200),
    ],
)  # fmt: skip
async def test_requests_by_hand(lines: list[str], status: int) -> None:
    """What no client library would send."""
    sign_in = sign_in_of()
    sealed = sign_in._site.sealers.transaction.seal(b"SAMPLE", "vkauth.tx.x")
    async with serving(sign_in) as site:
        answer = await send_raw(site.root.port, *(each.replace("{sealed}", sealed) for each in lines))
        assert answer.partition(" ")[2].startswith(f"{status} "), answer
        assert "evil" not in answer
        assert "<script" not in answer


async def test_a_boundary_that_is_no_text() -> None:
    """400: it cannot be the boundary of anything."""
    async with serving(sign_in_of()) as site:
        lines = ["POST /api/auth/signout HTTP/1.1", "Host: a", "Content-Type: multipart/form-data; boundary=\xff"]
        answer = await send_raw(site.root.port, *lines, body="--\xff--\r\n")
        assert answer.startswith("HTTP/1.1 400 ")


async def test_head() -> None:
    """The headers of a page without the page."""
    async with serving(sign_in_of()) as site, site.client() as client:
        answer, text = await client.ask("HEAD", "/api/auth/signin")
        assert (answer.status, text) == (200, "")
        assert "Content-Security-Policy" in answer.headers


async def test_a_header_line_in_several() -> None:
    """A proxy may have split the cookies."""
    sign_in = sign_in_of()
    async with serving(sign_in) as site, site.client() as client:
        await client.sign_in()
        cookies = [f"{each.key}={each.value}" for each in client.session.cookie_jar]
        lines = [f"Cookie: {each}" for each in ["a=1", *cookies]]
        answer = await send_raw(site.root.port, "GET /api/auth/session HTTP/1.1", "Host: 127.0.0.1", *lines)
        assert '"provider": "kakao"' in answer


# -- what is opened and closed ---------------------------------------------------------------------------------------


class Sharing(Provider):
    """A provider that can use a session of others."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.session: aiohttp.ClientSession | None = None
        self.copies: list[Sharing] = []
        self.entered = 0

    def using(self, session: aiohttp.ClientSession) -> Sharing:
        copy = Sharing(self.id, self.name)
        copy.session = session
        self.copies.append(copy)
        return copy

    async def __aenter__(self) -> Self:
        self.entered += 1
        return self

    async def __aexit__(self, *_: object) -> None:
        self.entered -= 1


async def test_one_session_for_all_providers() -> None:
    """It is opened with the application and closed with it, and so is what a provider keeps open."""
    providers = [Sharing(), Sharing("tiktok", "TikTok")]
    async with serving(sign_in_of(*providers)):
        (kakao,), (tiktok,) = (each.copies for each in providers)
        assert kakao.session is tiktok.session
        assert kakao.session is not None
        assert not kakao.session.closed
        assert (kakao.entered, tiktok.entered) == (1, 1)
    assert kakao.session.closed
    assert (kakao.entered, tiktok.entered) == (0, 0)
    assert [each.entered for each in providers] == [0, 0]


async def test_a_session_that_was_passed() -> None:
    """It is used and stays open."""
    provider = Sharing()
    async with aiohttp.ClientSession() as session:
        async with serving(sign_in_of(provider, session=session)) as site, site.client() as client:
            await client.sign_in()
            assert provider.copies[0].session is session
            assert len(provider.copies[0].exchanged) == 1
        assert not session.closed


class Failing(Sharing):
    """A provider that cannot be opened."""

    async def __aenter__(self) -> Self:
        raise OSError("no sockets")

    def using(self, session: aiohttp.ClientSession) -> Sharing:
        self.session = session
        return self


async def test_an_application_that_does_not_start() -> None:
    """What was opened by then is closed."""
    first, failing = Sharing(), Failing("tiktok", "TikTok")
    with pytest.raises(OSError, match="no sockets"):
        async with serving(sign_in_of(first, failing)):
            pass
    assert failing.session is not None
    assert failing.session.closed
    assert first.copies[0].entered == 0


async def test_one_sign_in_in_several_applications() -> None:
    """Each has its own open session; one that ends does not disturb the other."""
    provider = Sharing()
    sign_in = sign_in_of(provider)
    async with serving(sign_in) as site, site.client() as client:
        async with serving(sign_in):
            one, other = provider.copies
        assert one.session is not None
        assert not one.session.closed
        assert other.session is not one.session
        assert (await client.sign_in()).headers["Location"] == "/account"


class Unready(Provider):
    """A provider without a client id."""

    def check_configured(self) -> None:
        raise ValueError("client_id is missing: pass it, or set AUTH_KAKAO_ID")


def test_a_provider_that_is_not_ready() -> None:
    """It is said at once, not when somebody signs in."""
    with pytest.raises(ValueError, match="AUTH_KAKAO_ID"):
        sign_in_of(Unready()).setup(web.Application())


def test_an_application_that_has_a_sign_in_already() -> None:
    """Its routes would never be asked; at another path it may have one more."""
    app = web.Application()
    sign_in_of(base_path="/").setup(app)
    for path in ("/", "/api/auth"):
        sign_in = sign_in_of(base_path=path)
        if path != "/":
            sign_in.setup(app)
        with pytest.raises(ValueError, match=f"app has a sign-in at the base_path {path} already"):
            sign_in.setup(app)


@pytest.mark.parametrize("wrong", ["x", None, web.Application])
def test_what_is_no_application(wrong: Any) -> None:
    """It is said."""
    with pytest.raises(TypeError, match="app"):
        sign_in_of().setup(wrong)


async def test_routes_of_the_application() -> None:
    """Those of others are not touched, also at the root."""

    async def home(_: web.Request) -> web.Response:
        return web.Response(text="home")

    def add(app: web.Application) -> None:
        app.router.add_get("/", home)
        app.router.add_get("/about", home)

    async with serving(sign_in_of(base_path="/"), add) as site, site.client() as client:
        assert (await client.get("/"))[1] == "home"
        assert (await client.get("/about"))[1] == "home"
        assert (await client.get("/signin"))[0].status == 200
        assert (await client.get("/signin/nobody"))[0].status == 404


# -- SignIn.session --------------------------------------------------------------------------------------------------


async def test_the_session_of_a_request() -> None:
    """For handlers of the application."""
    sign_in = sign_in_of()

    async def who(request: web.Request) -> web.Response:
        session = await sign_in.session(request)
        return web.Response(text="nobody" if session is None else session.identity.id)

    async with serving(sign_in, lambda app: app.router.add_get("/who", who) and None) as site, site.client() as client:
        assert (await client.get("/who"))[1] == "nobody"
        await client.sign_in()
        assert (await client.get("/who"))[1] == "1001"


async def test_the_session_of_a_request_without_a_host() -> None:
    """Nobody's."""
    assert await sign_in_of().session(make_mocked_request("GET", "/")) is None


async def test_the_session_of_a_request_through_a_proxy() -> None:
    """Its name is that of the site as the browser knows it."""
    sign_in = sign_in_of(trust_proxy=True)
    visit = Visit(sign_in._site, Request(method="GET", path="/", headers={"host": "app.example"}, scheme="https"))
    (line,) = visit.issue(Provider().person, {}, provider="kakao").cookies
    headers = {"Host": "inner:8080", "Cookie": f"a=1; {line.partition(';')[0]}"}
    assert await sign_in.session(make_mocked_request("GET", "/", headers)) is None
    headers |= {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "app.example"}
    found = await sign_in.session(make_mocked_request("GET", "/", headers))
    assert found is not None
    assert found.identity.id == "1001"


async def test_behind_a_proxy() -> None:
    """The names of the cookies are those of https there."""
    sign_in = sign_in_of(trust_proxy=True)
    async with serving(sign_in) as site, site.client() as client:
        forwarded = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "app.example"}
        answer, text = await client.ask("GET", "/api/auth/providers", headers=forwarded)
        assert json.loads(text)["kakao"]["signinUrl"] == "https://app.example/api/auth/signin/kakao"
        answer, _ = await client.ask("GET", "/api/auth/csrf", headers=forwarded)
        assert answer.headers["Set-Cookie"].startswith("__Host-vkauth.csrf=")
        assert answer.headers["Set-Cookie"].endswith("; Secure")


async def test_a_handler_that_is_cancelled() -> None:
    """A browser that hangs up while the provider is asked leaves nothing behind."""
    provider = Provider()
    asked, left = asyncio.Event(), asyncio.Event()

    async def slow(*_: object) -> Any:
        asked.set()
        try:
            await asyncio.Event().wait()
        finally:
            left.set()

    app = web.Application()
    SignIn(providers=[provider], secret=SECRET).setup(app)
    jar = aiohttp.CookieJar(unsafe=True)
    async with (
        TestServer(app, handler_cancellation=True) as server,
        aiohttp.ClientSession(cookie_jar=jar) as session,
    ):
        client = Client(session, server.make_url("/"))
        state = await client.start()
        provider.identity = slow  # type: ignore[method-assign]
        task = asyncio.ensure_future(client.get(f"/api/auth/callback/kakao?state={state}&code=SAMPLE"))
        await asked.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.wait_for(left.wait(), 5)
