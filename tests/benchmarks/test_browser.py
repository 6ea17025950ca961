"""What the ways through a person's browser cost, by CPU time in turns: reading an address, exchanging, receiving."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from measuring import ROUNDS, RUNS, Row, cpu, kept_session, retried
from playing import json_answer, played
from yarl import URL

from vkauth import AuthorizationRequest, BrowserAuthorization, Endpoints, UserToken, VKIDAuthorization
from vkauth.apps import user_agent
from vkauth.browser import LoopbackReceiver
from vkauth.engine.transport import Transport
from vkauth.testing import VKSimulator
from vkauth.wire.http import Request, Response

pytestmark = pytest.mark.benchmark

TENTH_OF_A_MS = 1e-4
REDIRECT = "http://127.0.0.1:8765/callback"
WRONG = 1000


def once(work: Callable[[], object], times: int) -> float:
    """Seconds of CPU that ``work`` takes."""
    started = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - started) / times


async def check(measure: Callable[[], Awaitable[Row]], table: list[Row]) -> None:
    """Measure, tell, compare."""
    row = await retried(measure)
    table.append(row)
    row.check()


@pytest.mark.parametrize("form", ["plain", "encoded twice, in a sentence"])
async def test_finish(table: list[Row], form: str) -> None:
    """An address is read in less than 0.1 ms."""
    login = BrowserAuthorization(client_id=2274003)
    end = f"access_token=vk1.a.{'x' * 200}&expires_in=86400&user_id=100001&state={login.state}"
    address = f"https://oauth.vk.ru/blank.html#{end}"
    if form != "plain":
        twice = address.replace("%", "%25").replace("=", "%253D").replace("&", "%2526").replace("#", "%2523")
        address = f'It says: "{twice}", is that right?'
    token = login.finish(address)
    assert isinstance(token, UserToken)
    assert token.user_id == 100001

    async def measure() -> Row:
        own = min(once(lambda: login.finish(address), 100) for _ in range(10 * ROUNDS))
        return Row(f"finish(), {form}, by 0.1 ms", 0, TENTH_OF_A_MS, own, 1.0)

    await check(measure, table)


async def test_finish_by_the_standard_library(table: list[Row]) -> None:
    """By what taking the same address apart costs without any check of it."""
    login = BrowserAuthorization(client_id=2274003)
    end = f"access_token=vk1.a.{'x' * 200}&expires_in=86400&user_id=100001&state={login.state}"
    address = f"https://oauth.vk.ru/blank.html#{end}"

    async def measure() -> Row:
        floors, own = [], []
        for _ in range(10 * ROUNDS):
            urlsplit.cache_clear()
            floors.append(once(lambda: parse_qs(urlsplit(address).fragment), 100))
            own.append(once(lambda: login.finish(address), 100))
        return Row("finish(), by urlsplit and parse_qs", 0, min(floors), min(own), 20.0)

    await check(measure, table)


async def record() -> tuple[Request, bytes, str]:
    """One exchange at the simulator: what was sent, what came (without the state, which is the request's), the key."""
    sent: list[tuple[Request, Response]] = []
    original = Transport.send

    async def send(self: Transport, request: Request, timeout: float) -> Response:
        response = await original(self, request, timeout)
        sent.append((request, response))
        return response

    async with VKSimulator() as vk:
        account = vk.add_account()
        app = vk.apps.sample.client_id
        flow = VKIDAuthorization(
            client_id=app, redirect_uri=REDIRECT, endpoints=vk.endpoints, id_token_key=vk.id_token_key
        )
        request = flow.authorization_request()
        callback = await vk.approve(request, account)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Transport, "send", send)
            await flow.exchange(callback, request)
        [(post, response)] = sent
        values = json.loads(response.body)
        del values["state"]  # it is another one each time
        assert "id_token" in values
        return post, json_answer(json.dumps(values).encode()), vk.id_token_key


async def tokens_of(session: aiohttp.ClientSession, request: Request) -> str:
    """What whoever has nothing but aiohttp does for a token."""
    headers = {"User-Agent": user_agent, "Accept-Encoding": "gzip, deflate"}
    async with session.post(request.url, data=dict(request.form), headers=headers, allow_redirects=False) as answer:
        token: str = (await answer.json())["access_token"]
        return token


@pytest.mark.parametrize(("checked", "limit"), [(False, 1.5), (True, 3.0)], ids=["no id_token", "id_token"])
async def test_exchange(tmp_path: Path, table: list[Row], checked: bool, limit: float) -> None:
    """An exchange at VK ID costs at most half as much again as by aiohttp alone; a signature comes on top."""
    request, answer, key = await record()
    callback = f"{REDIRECT}?code=SAMPLE&device_id=SAMPLE&state="

    with played([answer], tmp_path) as port:
        endpoints = Endpoints.under(f"http://127.0.0.1:{port}")
        plain_request = Request("POST", endpoints.url("id", "/oauth2/auth"), dict(request.form))  # type: ignore[arg-type]

        async def measure() -> Row:
            floors, own = [], []
            async with kept_session() as plain, kept_session() as shared:
                options: dict[str, Any] = {"session": shared, "endpoints": endpoints}
                options["id_token_key"] = key if checked else None
                flow = VKIDAuthorization(client_id=request.form["client_id"], redirect_uri=REDIRECT, **options)

                def exchange() -> Callable[[], Awaitable[object]]:
                    asked: AuthorizationRequest = flow.authorization_request()
                    return lambda: flow.exchange(callback + asked.state, asked)

                for _ in range(ROUNDS + 1):
                    floors.append(await cpu([lambda: tokens_of(plain, plain_request)] * RUNS))
                    own.append(await cpu([exchange() for _ in range(RUNS)]))
            del floors[0], own[0]  # the first round opens the connections
            name = "VK ID exchange, id_token checked" if checked else "VK ID exchange"
            return Row(name, 1, min(floors), min(own), limit)

        await check(measure, table)


# -- receiving -------------------------------------------------------------------------------------------------------


async def answered(receiver: LoopbackReceiver, query: str) -> bytes:
    """Ask the receiver as a browser does, and read the answer."""
    url = URL(receiver.redirect_uri)
    reader, writer = await asyncio.open_connection("127.0.0.1", url.port)
    writer.write(f"GET {url.path}?{query} HTTP/1.1\r\nHost: {url.authority}\r\n\r\n".encode())
    answer = await reader.read()
    writer.close()
    return answer


async def latency(wrong: int) -> float:
    """Seconds from the right request to the end of the wait, with so many wrong ones in front."""
    async with LoopbackReceiver("http://127.0.0.1:0/cb", state="s" * 43) as receiver:
        for first in range(0, wrong, 50):
            refused = await asyncio.gather(*[answered(receiver, f"code={first}&state=x") for _ in range(50)])
            assert {each[9:12] for each in refused} == {b"400"}
        while receiver._listener.connections:  # noqa: ASYNC110 - what is left of the wrong ones is no delay
            await asyncio.sleep(0)
        started = time.perf_counter()
        [address, _] = await asyncio.gather(receiver.wait(), answered(receiver, f"code=1&state={'s' * 43}"))
        assert "code=1" in address
        return time.perf_counter() - started


async def test_wrong_requests_do_not_delay_the_right_one(table: list[Row]) -> None:
    """After a thousand of them it is heard as soon as after some."""

    async def measure() -> Row:
        floors, own = [], []
        for _ in range(5):
            floors.append(await latency(50))
            own.append(await latency(WRONG))
        return Row(f"the right request after {WRONG} wrong ones, by that after 50", 1, min(floors), min(own), 1.5)

    await check(measure, table)


async def test_wrong_requests_cost_little(table: list[Row]) -> None:
    """All that one costs, its connection included, by what a plain server of asyncio takes that reads nothing."""

    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        writer.close()

    async def measure() -> Row:
        floors, own = [], []
        server = await asyncio.start_server(plain, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server, LoopbackReceiver("http://127.0.0.1:0/cb", state="s" * 43) as receiver:
            other = LoopbackReceiver(f"http://127.0.0.1:{port}/cb", state="s" * 43)
            for _ in range(ROUNDS):
                floors.append(await cpu([lambda: answered(other, "code=1&state=x")] * RUNS))
                own.append(await cpu([lambda: answered(receiver, "code=1&state=x")] * RUNS))
        return Row("a wrong request to the receiver, by a plain server", 1, min(floors), min(own), 1.5)

    await check(measure, table)
