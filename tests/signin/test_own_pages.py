"""Forms of the application's own that sign people in and out."""

from __future__ import annotations

import re
from html import escape
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from support import FakeClock

from vkauth.signin import SignIn

from .web_support import serving, sign_in_of


def add_page(sign_in: SignIn, app: web.Application) -> None:
    """A page with a form for each way."""

    async def page(request: web.Request) -> web.Response:
        token = escape(await sign_in.csrf_token(request))
        assert token == await sign_in.csrf_token(request)
        forms = (
            f'<form method="post" action="/api/auth/{way}"><input type="hidden" name="csrfToken" value="{token}">'
            '<input type="hidden" name="callbackUrl" value="/mine"></form>'
            for way in ("signin/kakao", "signout")
        )
        return web.Response(text="".join(forms), content_type="text/html")

    app.router.add_get("/mine", page)
    app.router.add_get("/account", sign_in.required(page))


async def test_own_forms() -> None:
    """They work as those of the pages do; the cookie comes with the first page, and the page is for nobody else."""
    sign_in = sign_in_of()
    async with serving(sign_in, lambda app: add_page(sign_in, app)) as site, site.client() as client:
        first, text = await client.get("/mine")
        (line,) = first.headers.getall("Set-Cookie")
        assert re.fullmatch("vkauth.csrf=[^;]+; Path=/; HttpOnly; SameSite=Lax", line)
        assert first.headers["Cache-Control"] == "private"
        again, other = await client.get("/mine")
        assert "Set-Cookie" not in again.headers
        assert other == text
        answer = await client.press("/mine", "/api/auth/signin/kakao")
        assert answer.headers["Location"].startswith("https://auth.example/")
        await client.sign_in()
        answer = await client.press("/account", "/api/auth/signout")
        assert (answer.status, answer.headers["Location"]) == (302, "/mine")


async def test_with_a_session_that_is_renewed(clock: FakeClock) -> None:
    """Both cookies are set."""
    sign_in = sign_in_of(clock=clock)
    async with serving(sign_in, lambda app: add_page(sign_in, app)) as site, site.client() as client:
        await client.sign_in()
        client.session.cookie_jar.clear(lambda cookie: cookie.key == "vkauth.csrf")
        clock.seconds += 20 * 24 * 3600
        answer, _ = await client.get("/account")
        names = [line.partition("=")[0] for line in answer.headers.getall("Set-Cookie")]
        assert names == ["vkauth.session", "vkauth.csrf"]


async def test_behind_a_middleware_that_hands_on_a_copy_of_the_request(clock: FakeClock) -> None:
    """As those do that tell an application its address behind a proxy: both cookies are set all the same."""
    sign_in = sign_in_of(clock=clock)

    @web.middleware
    async def copy(request: web.Request, handler: Any) -> web.StreamResponse:
        answer: web.StreamResponse = await handler(request.clone(remote="192.0.2.1"))
        return answer

    def add(app: web.Application) -> None:
        app.middlewares.append(copy)
        add_page(sign_in, app)

    async with serving(sign_in, add) as site, site.client() as client:
        answer, _ = await client.get("/mine")
        assert [line.partition("=")[0] for line in answer.headers.getall("Set-Cookie", [])] == ["vkauth.csrf"]
        assert "Set-Cookie" not in (await client.get("/mine"))[0].headers
        await client.sign_in()
        clock.seconds += 20 * 24 * 3600
        answer, _ = await client.get("/account")
        assert [line.partition("=")[0] for line in answer.headers.getall("Set-Cookie", [])] == ["vkauth.session"]


async def test_a_request_without_a_host() -> None:
    """Nothing can be said of it."""
    with pytest.raises(web.HTTPBadRequest):
        await sign_in_of().csrf_token(make_mocked_request("GET", "/"))


async def test_answers_of_callbacks() -> None:
    """What aiohttp knows as an answer is one: the person goes there, is not signed in, and nothing is left."""

    def on_sign_in(*_: object) -> None:
        raise web.HTTPFound("/banned", headers={"X-Frame-Options": "SAMEORIGIN", "Cache-Control": "max-age=60"})

    async with serving(sign_in_of(on_sign_in=on_sign_in)) as site, site.client() as client:
        answer = await client.sign_in()
        assert (answer.status, answer.headers["Location"]) == (302, "/banned")
        assert client.names() == {"vkauth.csrf"}
        assert answer.headers.getall("Cache-Control") == ["no-store"]
        assert answer.headers.getall("X-Frame-Options") == ["SAMEORIGIN"]
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
