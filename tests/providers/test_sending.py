"""How requests are sent: by an own ``fetch``, or by this library over a connection."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from test_secrets_in_tracebacks import shown
from yarl import URL

from vkauth.apps import user_agent
from vkauth.errors import AuthError
from vkauth.errors import AuthErrorCode as Code
from vkauth.providers import Kakao, Provider, Request, Response
from vkauth.testing import LeakScanner
from vkauth.wire.http import get

from .service import HERE, SAMPLES, Service, answer, callback, login, refused, tokens_of

every = pytest.mark.parametrize("name", SAMPLES)

# -- an own fetch


async def test_what_a_fetch_is_given() -> None:
    """All that is to be sent: method, address, headers, form. ``repr`` shows no secret of it."""
    service = SAMPLES["kakao"].service()
    kakao = SAMPLES["kakao"].make(service, headers={"X-Own": "CANARY_header", "User-Agent": "own/1"})
    await kakao.identity(await login(kakao))
    token, user = service.requests
    assert isinstance(token, Request)
    assert (token.method, token.url.host, token.url.path) == ("POST", "kauth.kakao.com", "/oauth/token")
    assert {"X-Own": "CANARY_header", "User-Agent": "own/1", "Accept": "application/json"}.items() <= (
        token.headers.items()
    )
    assert (user.method, user.form) == ("GET", {})
    assert user.headers["Authorization"] == "Bearer CANARY_access"
    LeakScanner(["CANARY"]).scan([repr(token), repr(user), repr(dict(user.headers)), repr(dict(token.form))])


async def test_the_library_names_itself() -> None:
    """Unless the caller says otherwise."""
    service = SAMPLES["kakao"].service()
    await SAMPLES["kakao"].make(service).profile(tokens_of("kakao"))
    assert service.requests[0].headers["User-Agent"] == user_agent


@pytest.mark.parametrize("problem", [LookupError("own"), AuthError(Code.TIMEOUT, "own"), asyncio.CancelledError()])
@every
async def test_what_a_fetch_raises_passes_through(name: str, problem: BaseException) -> None:
    """Unchanged, from every call; the request is not spent by it."""

    def raises(_: Request) -> Response:
        raise problem

    service = SAMPLES[name].service()
    path, body = SAMPLES[name].token
    service.on(path, raises, answer(body))
    service.on(SAMPLES[name].user[0], raises)
    provider = SAMPLES[name].make(service)
    request = provider.authorization_request(HERE)
    with pytest.raises(type(problem)) as caught:
        await provider.exchange(callback(request), request)
    assert caught.value is problem
    tokens = await provider.exchange(callback(request), request)
    with pytest.raises(type(problem)) as caught:
        await provider.identity(tokens)
    assert caught.value is problem


async def test_what_a_fetch_raises_for_the_keys_passes_through() -> None:
    """JWKS are fetched by it, too."""

    def raises(_: Request) -> Response:
        raise LookupError("own")

    service = SAMPLES["kakao"].service()
    service.on(
        "/oauth/token", answer({**SAMPLES["kakao"].token[1], "id_token": "eyJhbGciOiJSUzI1NiIsImtpZCI6IjEifQ.e30.e30"})
    )
    service.on("/.well-known/jwks.json", raises)
    kakao = SAMPLES["kakao"].make(service, scope="openid")
    request = kakao.authorization_request(HERE)
    with pytest.raises(LookupError, match="own"):
        await kakao.exchange(callback(request), request)


@pytest.mark.parametrize("wrong", [None, 5, b"{}", {"status": 200}, (200, {}, b"")], ids=repr)
@every
async def test_what_a_fetch_must_return(name: str, wrong: Any) -> None:
    """A ``Response``; all else is a mistake in the program, and the error names it."""

    async def fetch(_: Request) -> Any:
        return wrong

    with pytest.raises(TypeError, match="fetch"):
        await SAMPLES[name].make(fetch=fetch).profile(tokens_of(name))  # type: ignore[arg-type]


@every
async def test_r2_a_fetch_that_hangs(name: str) -> None:
    """R2: every request has the time that ``timeout`` says; the request may be tried again."""
    hanging = [True]
    service = SAMPLES[name].service()

    async def fetch(request: Request) -> Response:
        if hanging:
            await asyncio.Event().wait()
        return await service(request)

    provider = SAMPLES[name].make(fetch=fetch, timeout=0.01)  # type: ignore[arg-type]
    request = provider.authorization_request(HERE)
    LeakScanner(["CANARY"]).scan(await refused(provider.exchange(callback(request), request), Code.TIMEOUT))
    await refused(provider.identity(tokens_of(name)), Code.TIMEOUT)
    hanging.clear()
    assert await provider.exchange(callback(request), request)


@every
async def test_a_fetch_and_another_way(name: str) -> None:
    """What would not be used is refused; the error names it."""
    async with aiohttp.ClientSession() as session:
        for options in ({"session": session}, {"proxy": "http://me:CANARY@127.0.0.1:1"}):
            with pytest.raises(ValueError, match=f"^{next(iter(options))} .*fetch") as caught:
                SAMPLES[name].make(**options)
            assert "CANARY" not in shown(caught.value)


async def test_header_names_in_any_case() -> None:
    """As HTTP has it."""
    service = Service({"/v2/user/me": [answer(b"", 302, LOCATION="https://evil.example/")]})
    await refused(SAMPLES["kakao"].make(service).profile(tokens_of("kakao")), Code.UNTRUSTED_REDIRECT)


async def test_an_answer_of_a_fetch_that_is_too_long() -> None:
    """R3: is refused as one of the network is."""
    service = Service({"/v2/user/me": [answer(b" " * (2 * 1024 * 1024 + 1))]})
    await refused(SAMPLES["kakao"].make(service).profile(tokens_of("kakao")), Code.UNEXPECTED_RESPONSE)


async def test_a_fetch_needs_no_session() -> None:
    """``async with`` works with it all the same."""
    service = SAMPLES["kakao"].service()
    async with SAMPLES["kakao"].make(service) as kakao:
        await kakao.profile(tokens_of("kakao"))
    assert len(service.requests) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"status": "200"}, {"status": True}, {"status": 0}, {"status": 1000}, {"body": "text"}, {"body": None},
        {"headers": []}, {"headers": {"a": 5}}, {"headers": {5: "a"}}, {"headers": None},
    ],
    ids=str,
)  # fmt: skip
def test_wrong_responses(wrong: dict[str, Any]) -> None:
    """The error names the field."""
    with pytest.raises((TypeError, ValueError), match=next(iter(wrong))):
        Response(**{"status": 200} | wrong)


def test_a_response_is_a_value() -> None:
    """Its ``repr`` shows neither headers nor body."""
    response = Response(status=200, headers={"Set-Cookie": "CANARY"}, body=b"CANARY")
    assert response == Response(status=200, headers={"Set-Cookie": "CANARY"}, body=b"CANARY")
    assert response.headers["Set-Cookie"] == "CANARY"
    assert response.body == b"CANARY"
    assert "CANARY" not in f"{response!r}{dict(response.headers)}{response.body!r}"
    assert Response(status=204).body == b""


@every
async def test_h1_the_page_of_the_authorization_is_sent_nothing(name: str) -> None:
    """H1: a person goes there, no request."""
    page = URL("https://login.sample.example/authorize")
    service = Service({page.path: [answer({})]})
    provider = SAMPLES[name].make(service, authorize_url=page)
    assert provider.authorization_request(HERE).url.startswith(str(page))
    await refused(provider._caller.call(get(page)), Code.UNTRUSTED_REDIRECT)
    assert service.requests == []


# -- the real way


@asynccontextmanager
async def server() -> AsyncIterator[tuple[dict[str, Any], list[web.Request]]]:
    """Kakao's paths on this machine: the addresses as options, and what came."""
    came: list[web.Request] = []

    async def handle(request: web.Request) -> web.StreamResponse:
        await request.post()  # kept by the request
        came.append(request)
        if request.path == "/long":
            response = web.StreamResponse()
            await response.prepare(request)
            chunk = b" " * 65536
            for _ in range(800):
                await response.write(chunk)
            return response
        if request.path == "/slow":
            await asyncio.sleep(60)
        if request.path == "/away":
            raise web.HTTPFound("/v2/user/me")
        body = dict((SAMPLES["kakao"].token, SAMPLES["kakao"].user))[request.path]
        response = web.Response(body=json.dumps(body).encode(), content_type="application/json")
        response.set_cookie("sample", "cookie")
        return response

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    base = f"http://127.0.0.1:{port}"
    try:
        yield {"token_url": f"{base}/oauth/token", "userinfo_url": f"{base}/v2/user/me"}, came
    finally:
        await runner.cleanup()


async def run(kakao: Provider[Any]) -> None:
    """A login and a look at the profile."""
    tokens = await login(kakao)
    assert (await kakao.identity(tokens)).name == "Ryan"


@pytest.mark.parametrize("way", ["alone", "entered", "session"])
async def test_over_a_connection(way: str) -> None:
    """Each call has its own session, or all share one; no cookie is kept, and a session that was passed stays open."""
    async with server() as (urls, came), aiohttp.ClientSession(headers={"X-Session": "1"}) as session:
        options = {"client_secret": "CANARY_client_secret", **urls}
        if way == "session":
            kakao = Kakao("100", session=session, **options)
            await run(kakao)
            assert not session.closed
            assert len(session.cookie_jar) == 0
        elif way == "entered":
            async with Kakao("100", **options) as kakao:
                await run(kakao)
                await run(kakao)
            await run(kakao)  # it works on, without the session
        else:
            await run(Kakao("100", **options))
        token, user = came[:2]
        assert (await token.post())["code"] == "CANARY_code"
        assert token.headers["Content-Type"] == "application/x-www-form-urlencoded"
        assert user.headers["Authorization"] == "Bearer CANARY_access"
        assert user.query_string == "secure_resource=true"
        assert all("Cookie" not in each.headers and "X-Session" not in each.headers for each in came)
        assert all(each.headers["User-Agent"] == user_agent for each in came)


async def test_a_connection_is_kept() -> None:
    """``async with`` saves making new ones."""
    async with server() as (urls, came):
        seen: list[Any] = []
        async with Kakao("100", **urls) as kakao:
            for _ in range(3):
                await kakao.profile(tokens_of("kakao"))
                seen.append(came[-1].transport)
        assert len({id(each) for each in seen}) == 1


async def connections(came: list[web.Request], *providers: Provider[Any]) -> int:
    """How many connections each provider's look at a profile takes together."""
    seen = []
    for each in providers:
        await each.profile(tokens_of("kakao"))
        seen.append(came[-1].transport)
    return len({id(each) for each in seen})


async def test_using_a_session() -> None:
    """A copy sends through the session, which stays open; the provider itself goes on as before."""
    async with server() as (urls, came), aiohttp.ClientSession() as session:
        async with Kakao("100", **urls) as kakao:
            await run(kakao)  # it has made what it sends with
            shared, other = kakao.using(session), Kakao("100", **urls).using(session)
            assert (type(shared), shared.id) == (Kakao, "kakao")
            assert await connections(came, shared, other, shared) == 1
            assert await connections(came, shared, kakao) == 2
        async with shared:
            await run(shared)
        assert not session.closed
        await run(shared)
        await run(kakao)


async def test_keys_through_a_session() -> None:
    """A copy asks for the keys of id_tokens by itself, through the session it has."""
    async with server() as (urls, came), aiohttp.ClientSession() as session:
        kakao = Kakao("100", jwks_url=urls["token_url"], **urls)
        for each in (kakao, kakao.using(session)):
            await refused(each._prepare(openid=True), Code.UNEXPECTED_RESPONSE)  # they are no keys
        assert [each.path for each in came] == ["/oauth/token"] * 2
        await session.close()
        await refused(kakao.using(session)._prepare(openid=True), Code.NETWORK_ERROR)


async def test_a_way_of_its_own() -> None:
    """A provider with a session or a ``fetch`` sends through that whatever it is told to use."""
    async with aiohttp.ClientSession() as own, aiohttp.ClientSession() as session:
        for kakao in (Kakao("100", session=own), SAMPLES["kakao"].make()):
            assert kakao.using(session) is kakao


@pytest.mark.parametrize("wrong", [None, 5, "session", aiohttp.ClientSession], ids=repr)
@every
def test_using_no_session(name: str, wrong: Any) -> None:
    """The error names the argument."""
    for provider in (SAMPLES[name].make(), SAMPLES[name].make(fetch=None)):  # type: ignore[arg-type]
        with pytest.raises(TypeError, match="session"):
            provider.using(wrong)


async def test_a_request_is_spent_for_the_copy_too() -> None:
    """And what the copy has answered is spent for the provider."""
    async with server() as (urls, came), aiohttp.ClientSession() as session:
        kakao = Kakao("100", **urls)
        for first, second in ((kakao, kakao.using(session)), (kakao.using(session), kakao)):
            request = kakao.authorization_request(HERE)
            await first.exchange(callback(request), request)
            sent = len(came)
            await refused(second.exchange(callback(request), request), Code.INVALID_GRANT)
            assert len(came) == sent


@pytest.mark.parametrize(
    ("path", "code"),
    [("/long", Code.UNEXPECTED_RESPONSE), ("/slow", Code.TIMEOUT), ("/away", Code.UNEXPECTED_RESPONSE)],
)
async def test_limits_of_a_connection(path: str, code: Code) -> None:
    """R2, R3, H2: 2 MiB, the timeout, and no redirect is followed."""
    async with server() as (urls, came):
        address = urls["userinfo_url"].replace("/v2/user/me", path)
        kakao = Kakao("100", **{**urls, "userinfo_url": address}, timeout=0.3 if path == "/slow" else 10.0)
        error = await refused(kakao.profile(tokens_of("kakao")), code)
        LeakScanner(["CANARY"]).scan(error)
        assert len(came) == 1


async def test_nobody_listens() -> None:
    """The connection fails, the request may be tried again."""
    kakao = Kakao("100", token_url="http://127.0.0.1:1/t", userinfo_url="http://127.0.0.1:1/u")
    request = kakao.authorization_request(HERE)
    for _ in range(2):
        await refused(kakao.exchange(callback(request), request), Code.NETWORK_ERROR)


# -- what is shown when something fails


@every
@pytest.mark.parametrize("status", [200, 400])
async def test_a_traceback_shows_no_secret(name: str, status: int) -> None:
    """S1: not with the variables of its frames either, whatever the answer repeats."""

    def reply(request: Request) -> Response:
        said = " ".join([*map(str, request.form.values()), request.headers.get("Authorization", "")])
        return answer({"error": "invalid_grant", "error_description": said} if status == 400 else said.encode(), status)

    service = Service({SAMPLES[name].token[0]: [reply], SAMPLES[name].user[0]: [reply]})
    provider = SAMPLES[name].make(service)
    request = provider.authorization_request(HERE)
    refusal = {"error": "x", "error_description": "CANARY_code", "code": "CANARY_code", "state": request.state}
    for call in (
        provider.exchange(callback(request), request),
        provider.exchange(callback(request).replace("state=", "state=x"), request),
        provider.exchange(refusal, request),
        provider.refresh(tokens_of(name)),
        provider.profile(tokens_of(name)),
    ):
        with pytest.raises(AuthError) as caught:
            await call
        text = shown(caught.value)
        assert "CANARY" not in text
        assert request.state not in text
