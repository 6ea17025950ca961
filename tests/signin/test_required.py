"""``SignIn.required``: handlers that run only for somebody signed in."""

from __future__ import annotations

import functools
import inspect
import json
from typing import Any, cast
from urllib.parse import quote

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from support import FakeClock
from yarl import URL

from vkauth.signin import Session, SignIn

from .web_support import Client, serving, sign_in_of

MONTH = 30 * 24 * 3600


def name_in(request: web.Request) -> web.Response:
    """Show who is signed in."""
    session: Session = request["vkauth_session"]
    return web.Response(text=session.identity.id)


def add_all(sign_in: SignIn, app: web.Application) -> None:
    """Handlers of every kind that aiohttp knows."""

    @sign_in.required
    async def function(request: web.Request) -> web.Response:
        """Say who it is."""
        return name_in(request)

    assert function.__name__ == "function"
    assert function.__doc__ == "Say who it is."
    assert inspect.iscoroutinefunction(function)

    class Handlers:
        @sign_in.required
        async def method(self, request: web.Request) -> web.Response:
            return name_in(request)

    class Half(web.View):
        async def get(self) -> web.Response:
            return web.Response(text="open")

        @sign_in.required
        async def post(self) -> web.Response:
            return name_in(self.request)

    @sign_in.required
    class Whole(web.View):
        async def get(self) -> web.Response:
            return name_in(self.request)

    @sign_in.required
    async def socket(request: web.Request) -> web.WebSocketResponse:
        response = web.WebSocketResponse()
        await response.prepare(request)
        await response.send_str(request["vkauth_session"].identity.id)
        await response.close()
        return response

    @sign_in.required
    async def stream(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(request["vkauth_session"].identity.id.encode())
        return response

    @sign_in.required
    async def missing(request: web.Request) -> web.Response:
        raise web.HTTPNotFound(text=request["vkauth_session"].identity.id)

    app.router.add_route("*", "/function", function)
    app.router.add_get("/method", Handlers().method)
    app.router.add_view("/half", Half)
    app.router.add_view("/whole", cast("type[web.View]", Whole))
    app.router.add_get("/socket", socket)
    app.router.add_get("/stream", stream)
    app.router.add_get("/missing", missing)


PAGES = ["/function", "/method", "/whole", "/stream", "/missing"]


@pytest.mark.parametrize("path", PAGES)
async def test_every_kind_of_handler(path: str) -> None:
    """It runs with the session, and does not run without."""
    sign_in = sign_in_of()
    async with serving(sign_in, lambda app: add_all(sign_in, app)) as site, site.client() as client:
        answer, text = await client.get(path)
        assert (answer.status, text) == (302, "")
        await client.sign_in()
        answer, text = await client.get(path)
        assert (answer.status, text) == (404 if path == "/missing" else 200, "1001")


async def test_a_method_of_a_view() -> None:
    """The others of the view stay open."""
    sign_in = sign_in_of()
    async with serving(sign_in, lambda app: add_all(sign_in, app)) as site, site.client() as client:
        assert (await client.get("/half"))[1] == "open"
        assert (await client.ask("POST", "/half"))[0].status == 302
        await client.sign_in()
        assert (await client.ask("POST", "/half"))[1] == "1001"


async def test_other_methods() -> None:
    """HEAD as GET, and POST is sent to the sign-in as well."""
    sign_in = sign_in_of()
    async with serving(sign_in, lambda app: add_all(sign_in, app)) as site, site.client() as client:
        for method in ("HEAD", "POST", "DELETE"):
            assert (await client.ask(method, "/function"))[0].status == 302
        await client.sign_in()
        for method in ("HEAD", "POST", "DELETE"):
            assert (await client.ask(method, "/function"))[0].status == 200


@pytest.mark.parametrize(
    ("referer", "target"),
    [
        ("{own}/form?x=1&y=/a", "/form?x=1&y=/a"),
        ("{own}", "/"),
        ("{own}//evil.example", "/"),
        ("https://evil.example/form", "/"),
        ("{own}.evil.example/form", "/"),
        ("", "/"),
        (None, "/"),
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
async def test_after_a_form(method: str, referer: str | None, target: str) -> None:
    """What was sent cannot be opened: the person comes back to the page with the form, if the browser names it."""
    sign_in = sign_in_of()
    async with serving(sign_in, lambda app: add_all(sign_in, app)) as site, site.client() as client:
        headers = {} if referer is None else {"Referer": referer.format(own=site.root.origin())}
        answer, _ = await client.ask(method, "/function", headers=headers)
        assert URL(answer.headers["Location"]).query["callbackUrl"] == target
        opened, _ = await client.ask("GET", "/function", headers=headers)
        assert URL(opened.headers["Location"]).query["callbackUrl"] == "/function"


async def test_nobody_warns_of_the_session(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is kept as any application would keep something in a request; aiohttp's advice on names is for those."""
    sign_in, names = sign_in_of(), []
    keep = web.Request.__setitem__

    def watch(request: web.Request, name: str, value: object) -> None:
        names.append(name)
        keep(request, name, value)

    monkeypatch.setattr(web.Request, "__setitem__", watch)
    async with serving(sign_in, lambda app: add_all(sign_in, app)) as site, site.client() as client:
        await client.sign_in()
        for _ in range(2):
            assert (await client.get("/function"))[1] == "1001"
    assert names.count("vkauth_session") == 2


async def test_a_web_socket() -> None:
    """It is opened for somebody, and 401 for nobody."""
    sign_in = sign_in_of()
    async with serving(sign_in, lambda app: add_all(sign_in, app)) as site, site.client() as client:
        address = site.root / "socket"
        with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
            await client.session.ws_connect(address)
        assert caught.value.status == 401
        await client.sign_in()
        async with client.session.ws_connect(address) as socket:
            assert (await socket.receive()).data == "1001"


@pytest.mark.parametrize(
    "path", ["/function", "/function?x=1&y=/a", "/function?x=%D1%8F#top", "/function?q=a+b%26c", "/function?%0a=%2f%2f"]
)
async def test_there_and_back(path: str) -> None:
    """The person comes back to the very page."""
    sign_in = sign_in_of()
    async with serving(sign_in, lambda app: add_all(sign_in, app)) as site, site.client() as client:
        answer, _ = await client.get(path)
        location = URL(answer.headers["Location"])
        wanted = path.partition("#")[0]
        assert location.raw_path == "/api/auth/signin"
        assert URL(location.query["callbackUrl"]) == URL(wanted)
        assert answer.headers["Cache-Control"] == "no-store"
        back = await client.sign_in(quote(location.query["callbackUrl"], safe=""))
        assert URL(back.headers["Location"]) == URL(wanted)


@pytest.mark.parametrize("path", ["//evil.example/x", "/\\evil.example", "/%09/evil.example", "/" + "x" * 2000])
async def test_pages_with_odd_addresses(path: str) -> None:
    """Nobody is sent to another site by way of the sign-in."""
    sign_in = sign_in_of()

    def add(app: web.Application) -> None:
        @sign_in.required
        async def anything(request: web.Request) -> web.Response:
            return name_in(request)

        app.router.add_get("/{rest:.*}", anything)

    async with serving(sign_in, add) as site, site.client() as client:
        answer, _ = await client.get(path)
        assert answer.headers["Location"] in (
            "/api/auth/signin?callbackUrl=/",
            "/api/auth/signin?callbackUrl=/%255Cevil.example",
        )


@pytest.mark.parametrize(
    "headers",
    [
        {"Accept": "application/json"},
        {"Accept": "*/*", "Sec-Fetch-Mode": "cors"},
        {"Accept": "text/html", "Sec-Fetch-Mode": "same-origin"},
        {"Upgrade": "websocket"},
        {"X-Requested-With": "XMLHttpRequest"},
    ],
)
async def test_scripts(headers: dict[str, str]) -> None:
    """They get 401 in JSON instead of a page."""
    sign_in = sign_in_of()
    async with serving(sign_in, lambda app: add_all(sign_in, app)) as site, site.client() as client:
        answer, text = await client.ask("GET", "/function", headers=headers)
        assert (answer.status, json.loads(text)) == (401, {"error": "signed_out"})
        assert answer.headers["Cache-Control"] == "no-store"


async def renewed(client: Client, path: str) -> bool:
    """Whether a page sets the session anew."""
    before = {each.key: each.value for each in client.session.cookie_jar}
    if path == "/socket":
        async with client.session.ws_connect(client.root / "socket") as socket:
            await socket.receive()
            client.session.cookie_jar.update_cookies(socket._response.cookies, client.root)
    else:
        answer, _ = await client.get(path)
        if "Set-Cookie" in answer.headers:
            assert answer.headers["Cache-Control"] == "private"
    after = {each.key: each.value for each in client.session.cookie_jar}
    assert set(after) == set(before)
    return after["vkauth.session"] != before["vkauth.session"]


@pytest.mark.parametrize("path", [*PAGES, "/socket"])
async def test_renewal(clock: FakeClock, path: str) -> None:
    """Past half of its life it is sealed anew, whatever kind of answer it is: an error and a web socket too."""
    sign_in = sign_in_of(clock=clock)
    async with serving(sign_in, lambda app: add_all(sign_in, app)) as site, site.client() as client:
        await client.sign_in()
        assert not await renewed(client, path)
        clock.seconds += MONTH / 2 + 1
        assert await renewed(client, path)
        assert not await renewed(client, path)


@pytest.mark.parametrize(
    ("said", "sent"),
    [
        ("no-store", "no-store"),
        ("max-age=60, Private", "max-age=60, Private"),
        ("public, max-age=3600", "no-store"),
        ("no-cache", "no-store"),
        ('private="x-secret", s-maxage=60', "no-store"),
    ],
)
async def test_a_page_that_says_how_it_may_be_kept(clock: FakeClock, said: str, sent: str) -> None:
    """Its own word counts as long as nobody else may keep it: there is a session in it."""
    sign_in = sign_in_of(clock=clock)

    def add(app: web.Application) -> None:
        @sign_in.required
        async def page(request: web.Request) -> web.Response:
            return web.Response(headers={"Cache-Control": said})

        app.router.add_get("/page", page)

    async with serving(sign_in, add) as site, site.client() as client:
        await client.sign_in()
        assert (await client.get("/page"))[0].headers["Cache-Control"] == said
        clock.seconds += MONTH * 0.6
        answer, _ = await client.get("/page")
        assert "vkauth.session" in answer.headers["Set-Cookie"]
        assert answer.headers.getall("Cache-Control") == [sent]


async def test_an_expired_session(clock: FakeClock) -> None:
    """It is none."""
    sign_in = sign_in_of(clock=clock)
    async with serving(sign_in, lambda app: add_all(sign_in, app)) as site, site.client() as client:
        await client.sign_in()
        clock.seconds += MONTH
        assert (await client.get("/function"))[0].status == 302


async def test_in_a_part_of_an_application() -> None:
    """A sub-application's handlers may ask for it too."""
    sign_in = sign_in_of()

    def add(app: web.Application) -> None:
        part = web.Application()
        add_all(sign_in, part)
        app.add_subapp("/part/", part)

    async with serving(sign_in, add) as site, site.client() as client:
        answer, _ = await client.get("/part/function")
        assert answer.headers["Location"] == "/api/auth/signin?callbackUrl=/part/function"
        await client.sign_in()
        assert (await client.get("/part/function"))[1] == "1001"


async def test_a_request_for_no_page() -> None:
    """``OPTIONS *`` names no page to come back to, nor does a request to a host that is none."""
    sign_in = sign_in_of()

    @sign_in.required
    async def anything(request: web.Request) -> web.Response:
        return name_in(request)

    for method, path, host in (("OPTIONS", "*", "a"), ("POST", "/form", "a b")):
        headers = {"Host": host, "Referer": f"http://{host}/form"} if " " in host else {"Host": host}
        answer = await anything(make_mocked_request(method, path, headers=headers))
        assert answer.headers["Location"] == "/api/auth/signin?callbackUrl=/"


def plain(request: web.Request) -> web.Response:
    """No coroutine function."""
    return name_in(request)


class Plain:
    """Nothing of the kind, though it can be called."""

    def __call__(self, request: web.Request) -> web.Response:
        return name_in(request)


@pytest.mark.parametrize(
    "wrong",
    [None, "handler", 5, plain, Plain, Plain(), Plain().__call__, lambda _: None, functools.partial(plain), len],
)
def test_what_is_no_handler(wrong: Any) -> None:
    """It is said at once, not when the first person comes."""
    with pytest.raises(TypeError, match="handler must be a coroutine function"):
        sign_in_of().required(wrong)


async def handler(request: web.Request, greeting: str = "") -> web.Response:
    """A usual one."""
    return web.Response(text=greeting + request["vkauth_session"].identity.id)


class Callable:
    """An object that is a handler."""

    async def __call__(self, request: web.Request) -> web.Response:
        return await handler(request)


@functools.wraps(handler)
def wrapped(request: web.Request) -> Any:
    """As another decorator may make it."""
    return handler(request)


@pytest.mark.parametrize(
    "right", [handler, functools.partial(handler, greeting=""), Callable(), Callable().__call__, wrapped]
)
async def test_what_is_a_handler(right: Any) -> None:
    """In whatever form; twice it is one, too."""
    sign_in = sign_in_of()
    page = sign_in.required(sign_in.required(right))
    async with serving(sign_in, lambda app: app.router.add_get("/x", page) and None) as site, site.client() as client:
        assert (await client.get("/x"))[0].status == 302
        await client.sign_in()
        assert (await client.get("/x"))[1] == "1001"


async def test_a_sign_in_of_an_application_and_of_its_part(clock: FakeClock) -> None:
    """The session is set once."""
    sign_in = sign_in_of(clock=clock)

    def add(app: web.Application) -> None:
        part = web.Application()
        sign_in_of(base_path="/other").setup(part)
        add_all(sign_in, part)
        app.add_subapp("/part/", part)

    async with serving(sign_in, add) as site, site.client() as client:
        await client.sign_in()
        clock.seconds += MONTH * 0.6
        answer, _ = await client.get("/part/function")
        assert len(answer.headers.getall("Set-Cookie")) == 1
