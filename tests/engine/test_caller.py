"""Single requests: by the transport's rules, without cookies, with one session or one each."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest
from support import FakeClock, refused
from transport_support import OKAY, http, raw_server

from vkauth import AuthError, AuthErrorCode, Endpoints
from vkauth.engine.caller import Caller
from vkauth.engine.transport import MAX_BODY
from vkauth.protocol.endpoints import Host
from vkauth.secret import Secret
from vkauth.testing import LeakScanner
from vkauth.wire.http import Request, Response, get, post

Code = AuthErrorCode


def caller(endpoints: Endpoints, **options: Any) -> Caller:
    values: dict[str, Any] = {
        "session": None,
        "timeout": 5.0,
        "proxy": None,
        "headers": {"User-Agent": "sample"},
        "hosts": endpoints,
        "clock": FakeClock(),
    }
    return Caller(**values | options)


def question(endpoints: Endpoints) -> Request:
    """A request with secrets in its form and its headers."""
    return post(
        endpoints.url(Host.ID, "/oauth2/auth"),
        {"code": "CANARY-code", "grant_type": "x"},
        headers={"Authorization": Secret("Bearer CANARY-token")},
        public=frozenset({"grant_type"}),
    )


async def test_one_request() -> None:
    """What was asked and what came back; the time is the clock's."""
    async with raw_server(http(OKAY, "X-Test: 1")) as (endpoints, asked):
        response = await caller(endpoints).call(question(endpoints))
    assert (response.status, response.body, response.headers["x-test"]) == (200, OKAY, "1")
    assert response.received_at == FakeClock().now()
    head, _, body = asked[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /id/oauth2/auth HTTP/1.1\r\n")
    assert b"Authorization: Bearer CANARY-token" in head
    assert b"User-Agent: sample" in head
    assert body == b"code=CANARY-code&grant_type=x"


async def test_no_cookies_are_kept() -> None:
    """Neither within one session nor beyond it."""
    answers = [http(OKAY, "Set-Cookie: a=b; Path=/")] * 3
    async with raw_server(*answers) as (endpoints, asked), caller(endpoints) as kept:
        for _ in range(3):
            await kept.call(get(endpoints.url(Host.ID)))
    assert len(asked) == 3
    assert not any(b"cookie" in each.lower() for each in asked)


async def test_h2_no_redirect_is_followed() -> None:
    """H2: it is an answer like any."""
    async with raw_server(http(b"", "Location: https://evil.example/", status="302 Found")) as (endpoints, asked):
        response = await caller(endpoints).call(get(endpoints.url(Host.ID)))
    assert response.status == 302
    assert len(asked) == 1


async def test_h1_only_to_known_hosts() -> None:
    """H1: whatever sends it, nothing goes elsewhere."""
    sent: list[Request] = []

    async def fetch(request: Request) -> Response:
        sent.append(request)
        raise AssertionError

    request = post(Endpoints().url(Host.ID).with_host("evil.example"), {"code": "CANARY"})
    for each in (caller(Endpoints()), caller(Endpoints(), fetch=fetch)):
        error = await refused(each.call(request), Code.UNTRUSTED_REDIRECT)
        LeakScanner(["CANARY"]).scan(error)
    assert sent == []


async def test_one_session_or_one_each(monkeypatch: pytest.MonkeyPatch) -> None:
    """``async with`` keeps one, also when it is entered again meanwhile, and closes it at the end."""
    made: list[aiohttp.ClientSession] = []
    make = aiohttp.ClientSession.__init__

    def count(self: aiohttp.ClientSession, *arguments: Any, **options: Any) -> None:
        made.append(self)
        make(self, *arguments, **options)

    monkeypatch.setattr(aiohttp.ClientSession, "__init__", count)
    async with raw_server(*[http()] * 6) as (endpoints, _):
        one = caller(endpoints)
        await one.call(get(endpoints.url(Host.ID)))
        await one.call(get(endpoints.url(Host.ID)))
        assert len(made) == 2
        async with one:
            await one.call(get(endpoints.url(Host.ID)))
            async with one:
                await one.call(get(endpoints.url(Host.ID)))
            await one.call(get(endpoints.url(Host.ID)))
            assert len(made) == 3
            assert not made[-1].closed
        await one.call(get(endpoints.url(Host.ID)))
    assert len(made) == 4
    assert all(each.closed for each in made)


async def test_a_session_that_was_passed() -> None:
    """Its connections are used and it stays open; its cookies and headers are nobody's business."""
    own = aiohttp.ClientSession(headers={"X-Own": "CANARY"}, cookies={"own": "CANARY"})
    async with raw_server(http(), http()) as (endpoints, asked), own as session:
        one = caller(endpoints, session=session)
        await one.call(get(endpoints.url(Host.ID)))
        async with one:
            await one.call(get(endpoints.url(Host.ID)))
        assert not session.closed
    assert not any(b"CANARY" in each for each in asked)


async def test_requests_side_by_side() -> None:
    """Over one session."""
    async with raw_server(*[http()] * 5) as (endpoints, _), caller(endpoints) as kept:
        answers = await asyncio.gather(*[kept.call(get(endpoints.url(Host.ID))) for _ in range(5)])
    assert [each.body for each in answers] == [OKAY] * 5


@pytest.mark.parametrize(
    ("answer", "code"), [(b"", Code.NETWORK_ERROR), (b"no HTTP\r\n\r\n", Code.UNEXPECTED_RESPONSE)]
)
async def test_what_goes_wrong_has_a_code(answer: bytes, code: AuthErrorCode) -> None:
    """And shows nothing that was sent."""
    async with raw_server(answer) as (endpoints, _):
        error = await refused(caller(endpoints).call(question(endpoints)), code)
    LeakScanner(["CANARY"]).scan(error)


# -- a way of one's own ------------------------------------------------------------------------------------------------


def answering(body: bytes) -> Callable[[Request], Any]:
    async def fetch(request: Request) -> Response:
        return Response(request.url, 200, {}, body, FakeClock().now(), request.method)

    return fetch


async def test_a_fetch_of_ones_own() -> None:
    """Every request goes through it, and no session is opened; its answers are bounded too."""
    endpoints = Endpoints()
    async with caller(endpoints, fetch=answering(b"x" * MAX_BODY)) as one:
        assert len((await one.call(get(endpoints.url(Host.ID)))).body) == MAX_BODY
    one = caller(endpoints, fetch=answering(b"x" * (MAX_BODY + 1)))
    await refused(one.call(get(endpoints.url(Host.ID))), Code.UNEXPECTED_RESPONSE)


async def test_r2_a_fetch_that_hangs() -> None:
    """R2: has as much time as a request of the library's own, and is cancelled then."""
    cancelled = []

    async def fetch(request: Request) -> Response:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append(request)
            raise
        raise AssertionError

    request = post(Endpoints().url(Host.ID), {"code": "CANARY"})
    error = await refused(caller(Endpoints(), fetch=fetch, timeout=0.01).call(request), Code.TIMEOUT)
    assert "0.01 s" in error.message
    assert error.__context__ is None
    assert cancelled == [request]


async def test_a_timeout_of_the_fetch_itself_passes_through() -> None:
    """It is not taken for ours, and a cancellation from outside stays one."""
    own = TimeoutError("own")

    async def fetch(request: Request) -> Response:
        if request.form:
            await asyncio.Event().wait()
        raise own

    with pytest.raises(TimeoutError) as caught:
        await caller(Endpoints(), fetch=fetch).call(get(Endpoints().url(Host.ID)))
    assert caught.value is own
    task = asyncio.create_task(caller(Endpoints(), fetch=fetch).call(post(Endpoints().url(Host.ID), {"a": "b"})))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_what_a_fetch_raises_passes_through() -> None:
    """As it is."""
    problem = LookupError("sample")

    async def fetch(request: Request) -> Response:
        raise problem

    with pytest.raises(LookupError) as caught:
        await caller(Endpoints(), fetch=fetch).call(get(Endpoints().url(Host.ID)))
    assert caught.value is problem


# -- reading the answer ------------------------------------------------------------------------------------------------


async def test_an_answer_is_read() -> None:
    """By whoever knows what it should be."""
    one = caller(Endpoints(), fetch=answering(b"sample"))
    assert await one.ask(get(Endpoints().url(Host.ID)), lambda response: response.text()) == "sample"


async def test_s1_a_refusal_shows_nothing_that_was_sent() -> None:
    """S1: the service may repeat it, also without the word before it; the frames that saw the answer are gone."""

    def read(response: Response) -> None:
        content = response.text()
        raise AuthError(Code.INVALID_GRANT, "no", said=f"CANARY-code, CANARY-token and CANARY-state: {content}")

    one = caller(Endpoints(), fetch=answering(b"CANARY-token"))
    error = await refused(one.ask(question(Endpoints()), read, secrets=["CANARY-state"]), Code.INVALID_GRANT)
    assert error.message == "no (***, *** and ***: ***)"
    LeakScanner(["CANARY"]).scan(error)


async def test_the_callers_own_error_keeps_its_frames() -> None:
    """What was being handled when the request was made is not the library's."""

    def read(response: Response) -> None:
        raise AuthError(Code.INVALID_GRANT, "no")

    one = caller(Endpoints(), fetch=answering(b""))
    try:
        raise LookupError("sample")
    except LookupError as problem:
        error = await refused(one.ask(get(Endpoints().url(Host.ID)), read), Code.INVALID_GRANT)
        own = problem
    assert own.__traceback__ is not None
    assert error.__context__ is own


def test_a_loop_that_is_over() -> None:
    """What it was entered in is gone: requests in another one have their own sessions, and it can be entered anew."""
    entered: list[Caller] = []

    async def enter() -> None:
        async with raw_server(http()) as (endpoints, _):
            entered.append(await caller(endpoints).__aenter__())
            await entered[0].call(get(endpoints.url(Host.ID)))
            kept = entered[0]._kept
            assert kept is not None
            await kept._session.close()  # so that nothing is left open for the next test

    async def use() -> None:
        async with raw_server(*[http()] * 3) as (endpoints, seen):
            one = entered[0]
            one._hosts = endpoints
            await one.call(get(endpoints.url(Host.ID)))
            async with one:
                await one.call(get(endpoints.url(Host.ID)))
                await one.call(get(endpoints.url(Host.ID)))
            assert one._kept is None
            assert len(seen) == 3

    asyncio.run(enter())
    asyncio.run(use())
