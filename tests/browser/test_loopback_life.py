"""The loopback receiver from its construction to its end."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import itertools
import socket
import threading
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import refused
from yarl import URL

from vkauth import AuthErrorCode
from vkauth.browser import listener
from vkauth.browser.pages import Page, answer
from vkauth.browser.redirects import judge, read_loopback
from vkauth.testing import LeakScanner

from .receiver_support import (
    IPV6,
    RIGHT,
    STATE,
    ask,
    assert_nobody,
    own,
    receiver_at,
    request,
)

Code = AuthErrorCode


@pytest.mark.parametrize(
    ("options", "wrong", "name"),
    [
        *(({"uri": each}, ValueError, "redirect_uri") for each in (
            "", "/cb", "cb", "https://127.0.0.1/cb", "https://localhost/", "http://app.example/cb", "http://127.0.0.2/cb",
            "http://0.0.0.0/cb", "http://[::]/cb", "http://localhost.evil.example/", "http://me@127.0.0.1/cb",
            "http://me:x@localhost/", "http://127.0.0.1/cb#x", "http://127.0.0.1:99999/", "http://x.localhost/",
            "vk1://vk.ru/blank.html", "http://127.1/cb",
        )),
        *(({"uri": each}, TypeError, "redirect_uri") for each in (None, 5, b"http://127.0.0.1/")),
        ({"state": ""}, ValueError, "state"), ({"state": None}, TypeError, "state"),
        ({"state": b"CANARY"}, TypeError, "state"),
        ({"timeout": 0}, ValueError, "timeout"), ({"timeout": "1"}, TypeError, "timeout"),
        ({"timeout": None}, TypeError, "timeout"), ({"timeout": float("inf")}, ValueError, "timeout"),
    ],
    ids=str,
)  # fmt: skip
def test_a_wrong_argument(options: dict[str, Any], wrong: type[Exception], name: str) -> None:
    """At construction; the error names it."""
    with pytest.raises(wrong, match=rf"^{name}\b") as caught:
        receiver_at(**options)
    LeakScanner(["CANARY"]).scan(caught.value)


def test_the_port_that_goes_without_saying() -> None:
    """Is 80, and its name does without it."""
    for uri in ("http://localhost/cb", URL("http://localhost:80/cb")):
        redirect = read_loopback(uri)
        assert (redirect.port, redirect.at(80).uri) == (80, str(uri))
        for host in ("localhost", "localhost:80", "127.0.0.1", "[::1]:80"):
            page, address, _ = judge(f"GET /cb?{RIGHT} HTTP/1.1\r\nHost: {host}".encode(), redirect, STATE)
            assert page is Page.ARRIVED
            assert URL(str(address)).with_query(None) == URL("http://localhost/cb")


async def test_nobody_comes() -> None:
    """The error says so, and the port is closed."""
    async with receiver_at(timeout=0.01) as receiver:
        error = await refused(receiver.wait(), Code.TIMEOUT)
        assert "did not come back within 0.01 s" in error.message
        LeakScanner(["CANARY"]).scan(error, receiver)
        await assert_nobody(URL(receiver.redirect_uri).port)
        with pytest.raises(RuntimeError, match="has ended"):
            await receiver.wait()


async def test_r4_cancelled_it_leaves_nothing() -> None:
    """R4: the port is closed, and so is every connection."""
    async with receiver_at() as receiver:
        task = asyncio.ensure_future(receiver.wait())
        reader, writer = await asyncio.open_connection("127.0.0.1", URL(receiver.redirect_uri).port)
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await task
        LeakScanner(["CANARY"]).scan(caught.value)
        with contextlib.suppress(ConnectionError):
            assert await reader.read() == b""
        writer.close()
        await assert_nobody(URL(receiver.redirect_uri).port)


async def test_left_without_waiting() -> None:
    """The port is closed, whatever it was left by."""
    receiver = receiver_at()
    with pytest.raises(KeyError):
        async with receiver:
            raise KeyError
    await assert_nobody(URL(receiver.redirect_uri).port)
    with pytest.raises(RuntimeError, match="started before"):
        await receiver.__aenter__()
    with pytest.raises(RuntimeError, match="is not started"):
        await receiver_at().wait()


async def test_two_may_wait() -> None:
    """Both get the address."""
    async with receiver_at(timeout=5.0) as receiver:
        tasks = [asyncio.ensure_future(receiver.wait()) for _ in range(2)]
        await asyncio.sleep(0)
        assert (await ask(receiver, f"/cb?{RIGHT}"))[0] == 200
        assert [await each for each in tasks] == [f"{receiver.redirect_uri}?{RIGHT}"] * 2


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", pytest.param("[::1]", marks=IPV6)])
async def test_a_port_that_is_taken(host: str) -> None:
    """It is another program's, and what comes there is not ours to hear."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server(("::1" if ":" in host else "127.0.0.1", 0), family=family) as taken:
        port = taken.getsockname()[1]
        error = await refused(receiver_at(f"http://{host}:{port}/cb").__aenter__(), Code.NETWORK_ERROR)
    assert f"port {port} of this machine cannot be had" in error.message
    LeakScanner(["CANARY"]).scan(error)


@IPV6
async def test_a_port_that_is_taken_on_one_of_two() -> None:
    """What a browser sends to localhost might go there; with a free port another one is taken."""
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as taken:
        port = taken.getsockname()[1]
        await refused(receiver_at(f"http://localhost:{port}/cb").__aenter__(), Code.NETWORK_ERROR)
        await assert_nobody(port)


def _bind(monkeypatch: pytest.MonkeyPatch, problems: list[OSError | None]) -> list[str]:
    """Let binding fail as often as told; return what was tried."""
    real, tried = listener._listen_on, []

    def bind(address: str, port: int) -> socket.socket:
        tried.append(address)
        problem = problems.pop(0) if problems else None
        if problem is not None:
            raise problem
        return real(address, port)

    monkeypatch.setattr(listener, "_listen_on", bind)
    return tried


NO_IPV6 = OSError(errno.EADDRNOTAVAIL, "Cannot assign requested address")
TAKEN = OSError(errno.EADDRINUSE, "Address already in use")


async def test_a_machine_without_ipv6(monkeypatch: pytest.MonkeyPatch) -> None:
    """Then localhost is the other one; with neither there is an error."""
    _bind(monkeypatch, [None, NO_IPV6])
    async with receiver_at("http://localhost:0/cb") as receiver:
        assert len(receiver._listener._servers) == 1
    _bind(monkeypatch, [NO_IPV6] * 100)
    error = await refused(receiver_at("http://localhost:0/cb").__aenter__(), Code.NETWORK_ERROR)
    assert "a free port of this machine" in error.message


@IPV6
async def test_a_free_port_is_looked_for_until_both_have_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is free on one may be taken on the other."""
    tried = _bind(monkeypatch, [None, TAKEN, None, TAKEN])
    async with receiver_at("http://localhost:0/cb") as receiver:
        ports = {each.sockets[0].getsockname()[1] for each in receiver._listener._servers}
    assert tried == ["127.0.0.1", "::1"] * 3
    assert len(ports) == 1


async def test_a_port_that_may_not_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those below 1024 are the administrator's on some machines."""
    _bind(monkeypatch, [PermissionError(errno.EACCES, "Permission denied"), OSError()])
    error = await refused(receiver_at("http://127.0.0.1/cb").__aenter__(), Code.NETWORK_ERROR)
    assert "port 80 of this machine cannot be had (Permission denied)" in error.message
    error = await refused(receiver_at("http://127.0.0.1/cb").__aenter__(), Code.NETWORK_ERROR)
    assert "(OSError)" in error.message


@pytest.mark.parametrize("turns", [1, 2, 3])
async def test_r4_cancelled_while_it_starts(turns: int) -> None:
    """R4: no port stays open, and the loop watches none: it would be deaf to sockets that get the same numbers."""
    receiver = receiver_at("http://localhost:0/cb")
    task = asyncio.ensure_future(receiver.__aenter__())
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    await receiver.__aexit__(None, None, None)
    assert not receiver._listener.connections
    assert all(not each.sockets for each in receiver._listener._servers)
    loop = asyncio.get_running_loop()
    pairs = [socket.socketpair() for _ in range(3)]
    for one, other in itertools.chain(pairs, [(other, one) for one, other in pairs]):
        one.setblocking(False)
        heard = asyncio.ensure_future(loop.sock_recv(one, 1))
        await asyncio.sleep(0)
        other.send(b"x")
        async with asyncio.timeout(5):
            assert await heard == b"x"
    for each in itertools.chain(*pairs):
        each.close()


@pytest.mark.parametrize("heard", [True, False])
@pytest.mark.parametrize("turns", range(5))
async def test_who_comes_while_it_ends(turns: int, heard: bool) -> None:
    """Is cut off like everybody else, also in the turn of the loop in which the right request is heard."""
    loop = asyncio.get_running_loop()
    async with receiver_at() as receiver:
        here = ("127.0.0.1", URL(receiver.redirect_uri).port)
        first = socket.create_connection(here)
        while not receiver._listener.connections:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0)
        others = [socket.create_connection(here) for _ in range(3)]
        for _ in range(turns):
            await asyncio.sleep(0)
        if heard:
            first.sendall(request(f"/cb?{RIGHT}", host=own(receiver)))
            assert await receiver.wait()
    for each in others:
        each.setblocking(False)
        with contextlib.suppress(ConnectionError):
            async with asyncio.timeout(5):
                assert await loop.sock_recv(each, 1) == b""
    for each in (first, *others):
        each.close()
    assert not receiver._listener.connections


async def test_a_crowd_in_one_turn() -> None:
    """There are no more connections than some, however many come at once."""
    async with receiver_at() as receiver:
        here = ("127.0.0.1", URL(receiver.redirect_uri).port)
        crowd: list[socket.socket] = []
        for number in range(1, 4):
            crowd += [socket.create_connection(here) for _ in range(90)]
            enough = min(90 * number, listener.MOST_CONNECTIONS)
            while len(receiver._listener.connections) < enough:  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0)
            for _ in range(5):
                await asyncio.sleep(0)
            assert len(receiver._listener.connections) <= listener.MOST_CONNECTIONS
        for each in crowd:
            each.close()


def test_other_threads_may_ask() -> None:
    """A browser is another program: it is answered while nobody but the loop is there."""
    answers: list[bytes] = []

    def browser(port: int) -> None:
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            connection.sendall(request(f"/cb?{RIGHT}", host=f"127.0.0.1:{port}"))
            answers.append(connection.recv(100))

    async def main() -> str:
        async with receiver_at() as receiver:
            thread = threading.Thread(target=browser, args=(URL(receiver.redirect_uri).port,))
            thread.start()
            address = await receiver.wait()
            await asyncio.to_thread(thread.join)
            return address

    assert RIGHT in asyncio.run(main())
    assert answers[0].startswith(b"HTTP/1.1 200 OK")


PIECES = [
    b"GET ", b"/cb", b"?", RIGHT.encode(), b" HTTP/1.1", b"\r\n", b"Host: 127.0.0.1", b"Host:", b"payload=%7B",
    b"state=", b"[", b"%22",
]  # fmt: skip


@settings(max_examples=300)
@given(st.binary() | st.lists(st.sampled_from(PIECES) | st.binary(max_size=4), max_size=12).map(b"".join))
def test_any_request(head: bytes) -> None:
    """R1: it has its answer, and what is believed has the state."""
    page, address, head_only = judge(head, read_loopback("http://127.0.0.1/cb"), STATE)
    assert answer(page, head_only=head_only)
    assert (address is not None) is (page is Page.ARRIVED)
    assert address is None or STATE in URL(address).query_string
