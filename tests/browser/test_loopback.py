"""Hearing of what a person came back with, over real connections."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest
from yarl import URL

from vkauth.browser import LoopbackReceiver, listener
from vkauth.testing import LeakScanner

from .receiver_support import (
    IPV6,
    RIGHT,
    STATE,
    ask,
    assert_nobody,
    assert_still_waiting,
    own,
    receiver_at,
    request,
    send,
    waiting,
)

# -- the right one ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", pytest.param("[::1]", marks=IPV6)])
async def test_the_browser_comes_back(host: str) -> None:
    """The address is that of the redirect, with the port that was found; it is masked."""
    async with aiohttp.ClientSession() as browser, receiver_at(f"http://{host}:0/cb") as receiver:
        port = URL(receiver.redirect_uri).port
        assert receiver.redirect_uri == f"http://{host}:{port}/cb"
        assert repr(receiver) == f"<LoopbackReceiver {receiver.redirect_uri}>"
        async with browser.get(f"{receiver.redirect_uri}?{RIGHT}") as answer:
            text = await answer.text()
            assert answer.status == 200
        address = await receiver.wait()
        assert address == f"{receiver.redirect_uri}?{RIGHT}"
        assert await receiver.wait() == address
        LeakScanner(["CANARY"]).scan(receiver, text, [address])
        await assert_nobody(port, host.strip("[]"))


@IPV6
async def test_localhost_is_both() -> None:
    """A browser may take either; they have one port."""
    for address in ("127.0.0.1", "::1"):
        async with receiver_at("http://localhost:0/cb") as receiver:
            target = request(f"/cb?{RIGHT}", host=f"localhost:{URL(receiver.redirect_uri).port}")
            assert (await send(receiver, target, address)).startswith(b"HTTP/1.1 200 OK\r\n")
            assert await receiver.wait() == f"{receiver.redirect_uri}?{RIGHT}"
            for each in ("127.0.0.1", "::1"):
                await assert_nobody(URL(receiver.redirect_uri).port, each)


@pytest.mark.parametrize(
    "query",
    [
        RIGHT, f"state={STATE}&code=x", f"error=access_denied&error_description=no&state={STATE}",
        f"payload={quote(json.dumps({'code': 'x', 'state': STATE, 'expires_in': 600}))}",
        f"code=x&code=y&state={STATE}", f"state={STATE.replace('C', '%43')}", f"a=b?c&state={STATE}",
        f"state={STATE}&x={'x' * (16 * 1024 - 52)}",
    ],
)  # fmt: skip
async def test_what_ends_the_wait(query: str) -> None:
    """The right state, flat or in ``payload``; what else there is, is for whoever reads it."""
    async with waiting() as (receiver, task):
        status, answer = await ask(receiver, f"/cb?{query}")
        assert status == 200
        assert await task == f"{receiver.redirect_uri}?{query}"
        assert STATE.encode() not in answer


@pytest.mark.parametrize(
    ("uri", "path"), [("http://127.0.0.1:0", "/"), ("http://127.0.0.1:0/a%20b/ы?x=1", "/a%20b/%D1%8B")]
)
async def test_the_path_is_that_of_the_redirect(uri: str, path: str) -> None:
    """As a browser asks for it."""
    async with waiting(uri) as (receiver, task):
        assert (await ask(receiver, f"{path}x?{RIGHT}"))[0] == 404
        assert (await ask(receiver, f"{path}?{RIGHT}"))[0] == 200
        assert URL(await task).query["code"] == "CANARY-code"


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "LOCALHOST", "[::1]"])
async def test_other_names_of_this_machine(name: str) -> None:
    """A browser that is led to another one of them is still here."""
    async with waiting() as (receiver, task):
        port = URL(receiver.redirect_uri).port
        assert (await ask(receiver, f"/cb?{RIGHT}", host=f"{name}:{port}"))[0] == 200
        assert (await task).startswith(receiver.redirect_uri)


async def test_byte_by_byte() -> None:
    """A request may come in pieces."""
    async with waiting() as (receiver, task):
        reader, writer = await asyncio.open_connection("127.0.0.1", URL(receiver.redirect_uri).port)
        for each in request(f"/cb?{RIGHT}", host=own(receiver)):
            writer.write(bytes([each]))
            await writer.drain()
            await asyncio.sleep(0)
        assert (await reader.read()).startswith(b"HTTP/1.1 200 OK")
        assert await task
        writer.close()


async def test_it_may_come_before_anybody_waits() -> None:
    """Browsers are fast."""
    async with receiver_at() as receiver:
        assert (await ask(receiver, f"/cb?{RIGHT}"))[0] == 200
        await assert_nobody(URL(receiver.redirect_uri).port)
        assert await receiver.wait()


# -- all others ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "more", "status"),
    [
        (f"/?{RIGHT}", {}, 404), (f"/cb/?{RIGHT}", {}, 404), (f"/CB?{RIGHT}", {}, 404), ("/favicon.ico", {}, 404),
        (f"/%63b?{RIGHT}", {}, 404), (f"//cb?{RIGHT}", {}, 404), (f"/x/../cb?{RIGHT}", {}, 404),
        *((f"/cb?{RIGHT}", {"method": each}, 405) for each in ("POST", "HEAD", "PUT", "OPTIONS", "DELETE", "CONNECT")),
        *((f"/cb?{RIGHT}", {"host": each}, 421) for each in ("evil.example", "127.0.0.1", "localhost:1", "")),
        (f"/cb?{RIGHT}", {"host": None}, 400), (f"/cb?{RIGHT}", {"more": "Host: evil.example\r\n"}, 400),
        (f"/cb?{RIGHT}", {"more": "hOST:x\r\n"}, 400),
        ("/cb", {}, 400), ("/cb?", {}, 400), ("/cb?code=x", {}, 400), ("/cb?code=x&state=", {}, 400),
        ("/cb?code=x&state=" + "x" * 43, {}, 400), (f"/cb?state={STATE}x", {}, 400), (f"/cb?STATE={STATE}", {}, 400),
        (f"/cb?{RIGHT}&state={STATE}", {}, 400), (f"/cb?state=x&{RIGHT}", {}, 400), ("/cb?state=%FF%00", {}, 400),
        (f"/cb?{RIGHT}&payload=" + quote(json.dumps({"state": STATE})), {}, 400),
        (f"/cb?payload={quote(json.dumps({'state': STATE}))}&payload={quote(json.dumps({'state': STATE}))}", {}, 400),
        ("/cb?payload=" + quote(f'{{"state": "{STATE}", "state": "{STATE}"}}'), {}, 400),
        ("/cb?payload=" + quote(json.dumps({"state": [STATE]})), {}, 400), ("/cb?payload=" + "[" * 5000, {}, 400),
        ("/cb?" + "&" .join(["a=1"] * 200) + f"&state={STATE}", {}, 400),
        (f"/cb?{RIGHT}&x={'x' * 16 * 1024}", {}, 414), (f"/cb?{'x' * (16 * 1024 + 1)}", {}, 414),
        (f"/cb?{RIGHT}", {"more": f"Cookie: {'x' * 70_000}\r\n"}, 431), (f"/cb?{'x' * 200_000}", {}, 431),
        (f"http://127.0.0.1/cb?{RIGHT}", {}, 400), (f"/cb#?{RIGHT}", {}, 400), (f"/cb?{RIGHT}#", {}, 400),
        (f"cb?{RIGHT}", {}, 400), ("*", {"method": "OPTIONS"}, 400), (f"/cb?{RIGHT}\xe9", {}, 400),
        (f"/cb?{RIGHT} ", {}, 400), (f"/cb?{RIGHT}", {"method": "get"}, 400), (f"/cb?{RIGHT}\x00", {}, 400),
    ],
    ids=str,
)  # fmt: skip
async def test_o4_anything_else_is_answered_and_the_wait_goes_on(
    target: str, more: dict[str, Any], status: int
) -> None:
    """O4: with a page that has nothing of it."""
    async with waiting() as (receiver, task):
        found, answer = await ask(receiver, target, **more)
        assert found == status
        assert b"CANARY" not in answer
        head, _, body = answer.partition(b"\r\n\r\n")
        assert (b"<!DOCTYPE html>" in body) is (more.get("method") != "HEAD")
        assert (b"\r\nAllow: GET\r\n" in head) is (status == 405)
        await assert_still_waiting(receiver, task)


@pytest.mark.parametrize(
    "data",
    [
        b"\r\n\r\n", b"GET\r\n\r\n", b"GET /cb?%s\r\n\r\n" % RIGHT.encode(), b"\x16\x03\x01\x02\x00\r\n\r\n",
        b"GET /cb?%s HTTP/2.0\r\nHost: x\r\n\r\n" % RIGHT.encode(), b"HEAD \xff\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\xff" * 100 + b"\r\n\r\n",
    ],
)  # fmt: skip
async def test_what_is_no_http(data: bytes) -> None:
    """It is a request like any other wrong one."""
    async with waiting() as (receiver, task):
        assert (await send(receiver, data)).startswith(b"HTTP/1.1 400 ")
        await assert_still_waiting(receiver, task)


async def test_a_body_is_not_read() -> None:
    """Whoever sends one gets their answer all the same; one without end is cut off."""
    async with aiohttp.ClientSession() as browser, waiting() as (receiver, task):
        async with browser.post(f"{receiver.redirect_uri}?{RIGHT}", data=b"x" * 500_000) as answer:
            assert answer.status == 405
        data = request("/cb", "POST", host=own(receiver)) + b"x" * 4_000_000
        with contextlib.suppress(ConnectionError):
            assert (await send(receiver, data))[:12] in (b"", b"HTTP/1.1 405")
        await assert_still_waiting(receiver, task)


async def test_somebody_who_does_not_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answered connection is not kept."""
    monkeypatch.setattr(listener, "LINGER", 0.01)
    async with waiting() as (receiver, task):
        reader, writer = await asyncio.open_connection("127.0.0.1", URL(receiver.redirect_uri).port)
        writer.write(request("/", host=own(receiver)))
        assert (await reader.read()).startswith(b"HTTP/1.1 404")
        await gone(receiver)
        writer.close()
        await assert_still_waiting(receiver, task)


async def test_somebody_who_never_stops_sending(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are cut off, before their time is over."""
    monkeypatch.setattr(listener, "LINGER", 60.0)
    async with waiting() as (receiver, task):
        _, writer = await asyncio.open_connection("127.0.0.1", URL(receiver.redirect_uri).port)
        writer.write(request("/cb", "POST", host=own(receiver)) + b"x" * 4_000_000)
        await asyncio.sleep(0)
        assert receiver._listener.connections
        await gone(receiver)
        writer.close()
        await assert_still_waiting(receiver, task)


async def test_who_was_answered_does_not_stay_longer_than_the_receiver(monkeypatch: pytest.MonkeyPatch) -> None:
    """At its end their connection is closed too, whatever time they had."""
    monkeypatch.setattr(listener, "LINGER", 60.0)
    async with receiver_at() as receiver:
        reader, writer = await asyncio.open_connection("127.0.0.1", URL(receiver.redirect_uri).port)
        writer.write(request("/", host=own(receiver)))
        assert (await reader.read()).startswith(b"HTTP/1.1 404")
    async with asyncio.timeout(10):
        while not writer.transport.is_closing():
            writer.write(b"x")
            await asyncio.sleep(0)


async def gone(receiver: LoopbackReceiver) -> None:
    """Wait until nobody is connected."""
    async with asyncio.timeout(10):
        while receiver._listener.connections:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0)


async def test_o4_idle_and_half_open_connections_hold_nobody_up() -> None:
    """O4: browsers open some in advance; a second request on one of them finds nobody."""
    async with waiting() as (receiver, task):
        port = URL(receiver.redirect_uri).port
        others = [await asyncio.open_connection("127.0.0.1", port) for _ in range(20)]
        for number, (_, writer) in enumerate(others):
            if number % 2:
                writer.write(request(f"/cb?{RIGHT}")[:-10])
        _, half = await asyncio.open_connection("127.0.0.1", port)
        half.write(b"GET /")
        half.write_eof()
        await assert_still_waiting(receiver, task)
        for reader, writer in others:
            with contextlib.suppress(ConnectionError):
                assert await reader.read() == b""
            writer.close()
        half.close()


async def test_no_more_connections_than_some() -> None:
    """The oldest makes room, so that the right one always finds some."""
    async with waiting() as (receiver, task):
        port = URL(receiver.redirect_uri).port
        others = [await asyncio.open_connection("127.0.0.1", port) for _ in range(listener.MOST_CONNECTIONS + 50)]
        await asyncio.sleep(0)
        assert len(receiver._listener.connections) <= listener.MOST_CONNECTIONS
        with contextlib.suppress(ConnectionError):
            assert await others[0][0].read() == b""
        await assert_still_waiting(receiver, task)
        for _, writer in others:
            writer.close()


async def test_wrong_requests_in_front_of_the_right_one() -> None:
    """A thousand of them do not delay it: no answer costs more than the one before."""
    wrong = request("/cb?code=x&state=" + "x" * 43, host="127.0.0.1")
    async with waiting() as (receiver, task):
        for first in range(0, 1000, 50):
            answers = await asyncio.gather(*[send(receiver, wrong) for _ in range(50)])
            assert {each[:12] for each in answers} == {b"HTTP/1.1 421"}, first
        assert not any(each.let_in for each in receiver._listener._listening)
        await assert_still_waiting(receiver, task)
        assert not receiver._listener.connections


async def test_waiting_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no timer but the one of the whole wait, and with idle connections the loop sleeps all the same."""
    turns = 0
    loop: Any = asyncio.get_running_loop()
    select = loop._selector.select

    def count(timeout: float | None = None) -> Any:
        nonlocal turns
        turns += 1
        return select(timeout)

    async with waiting(timeout=0.2) as (receiver, task):
        others = [await asyncio.open_connection("127.0.0.1", URL(receiver.redirect_uri).port) for _ in range(20)]
        await asyncio.sleep(0)
        assert len([each for each in loop._scheduled if not each.cancelled()]) == 1
        monkeypatch.setattr(loop._selector, "select", count)
        await asyncio.wait([task])
        assert turns < 10
        for _, writer in others:
            writer.close()


# -- the page --------------------------------------------------------------------------------------------------------


async def test_o4_the_page_is_constant() -> None:
    """O4: the same for each request of a kind; kept nowhere, loading nothing, without a script."""
    pages: dict[int, set[bytes]] = {}
    for query in (RIGHT, f"error=access_denied&state={STATE}"):
        async with waiting() as (receiver, _):
            for target in ("/x", f"/y?{query}", "/cb?a", "/cb?state=b", f"/cb?{query}"):
                status, answer = await ask(receiver, target)
                pages.setdefault(status, set()).add(answer)
    assert {status: len(found) for status, found in pages.items()} == {404: 1, 400: 1, 200: 1}
    for (answer,) in pages.values():
        head, _, body = answer.partition(b"\r\n\r\n")
        fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
        assert fields["Cache-Control"] == "no-store"
        assert fields["Referrer-Policy"] == "no-referrer"
        assert fields["Content-Length"] == str(len(body))
        assert fields["Content-Security-Policy"].startswith("default-src 'none'")
        assert not [each for each in (b"<script", b"src=", b"href=", b"<style", b"http") if each in body.lower()]
        assert body.decode("utf-8")


async def test_s2_nothing_is_logged(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    """S2: no request, a malformed one neither, not even where asyncio tells all it does."""
    loop = asyncio.get_running_loop()
    loop.set_debug(True)
    try:
        with caplog.at_level(logging.DEBUG):
            async with waiting() as (receiver, task):
                for data in (
                    f"GET /cb?{RIGHT}\xff\r\n\r\n".encode("latin-1"),
                    b"\xff" * 70_000,
                    request(f"/x?{RIGHT}"),
                ):
                    await send(receiver, data)
                await assert_still_waiting(receiver, task)
    finally:
        loop.set_debug(False)
    assert "CANARY" not in caplog.text
    assert {each.name for each in caplog.records} <= {"asyncio"}
    assert capfd.readouterr() == ("", "")
