"""What a login costs, as ratios: its CPU time by that of bare aiohttp sending the same requests.

A login is recorded on the simulator once and played back by another process, so only the client's work is measured.
Both sides use connections that are kept open. The sides take turns, and each counts with its best round.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import urlencode

import aiohttp
import pytest
from lxml import etree
from playing import played
from yarl import URL

from vkauth import CallbackService, DirectAuthorization, Endpoints, ImplicitFlowUser, official_app_credentials
from vkauth.apps import user_agent
from vkauth.engine.transport import Transport
from vkauth.protocol.pages import LoginPage, classify
from vkauth.testing import VKSimulator
from vkauth.wire.http import Request, Response

pytestmark = pytest.mark.benchmark

ROUNDS = 15
RUNS = 30
TRIES = 5
PAGES = Path(__file__).parent.parent / "pages"
PAGE_SIZE = 8 * 1024
PAGE_LIMIT = 1.42  # 0.25 ms where lxml takes 0.176
LOGIN, PASSWORD, CODE = "+79990000001", "sample-password", "123456"
RECORDED_HEADERS = ("content-type", "location", "set-cookie")


@dataclass(frozen=True)
class Scene:
    """Whom to log in, where, with which answers."""

    endpoints: Endpoints
    captcha_text: Callable[[str], str]

    def callbacks(self) -> CallbackService:
        """Hooks that know the answers."""
        service = CallbackService()
        service.on_captcha(lambda captcha: self.captcha_text(captcha.sid or ""))
        service.on_two_factor(lambda challenge: CODE)
        return service


Make: TypeAlias = Callable[[Scene, aiohttp.ClientSession], DirectAuthorization | ImplicitFlowUser]


@dataclass(frozen=True)
class Recording:
    """The requests of one login, and the port on which the answers name themselves."""

    name: str
    requests: list[Request]
    answers: list[bytes]
    port: int
    make: Make


@dataclass
class Row:
    """A line of the table."""

    name: str
    requests: int
    floor: float
    login: float
    limit: float

    @property
    def ratio(self) -> float:
        return self.login / self.floor


_table: list[Row] = []


@pytest.fixture(scope="module", autouse=True)
def table() -> Iterator[None]:
    """Print what was measured."""
    yield
    print("\n\n| login | requests | bare aiohttp | vkauth | ratio | limit |\n|---|---|---|---|---|---|")
    for row in _table:
        print(
            f"| {row.name} | {row.requests} | {row.floor * 1e3:.2f} ms | {row.login * 1e3:.2f} ms "
            f"| {row.ratio:.2f} | {row.limit:.2f} |"
        )


def wire(response: Response, cookies: list[str]) -> bytes:
    """An answer as it goes over the wire."""
    lines = [f"HTTP/1.1 {response.status} Recorded", f"Content-Length: {len(response.body)}"]
    lines += [
        f"{name}: {value}"
        for name, value in response.headers.items()
        if name.lower() in RECORDED_HEADERS and name.lower() != "set-cookie"
    ]
    lines += [f"Set-Cookie: {each}" for each in cookies]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + response.body


async def record(name: str, options: dict[str, Any], make: Make) -> Recording:
    """Log in once on the simulator and keep what was sent and what came."""
    requests: list[Request] = []
    answers: list[bytes] = []
    original = Transport.send

    async def send(self: Transport, request: Request, timeout: float) -> Response:
        before = {each.key: each.value for each in self._jar}
        response = await original(self, request, timeout)
        changed = [f"{each.key}={each.value}; Path=/" for each in self._jar if before.get(each.key) != each.value]
        requests.append(request)
        answers.append(wire(response, changed))
        return response

    async with VKSimulator() as vk, aiohttp.ClientSession() as session:
        vk.add_account(login=LOGIN, password=PASSWORD, code=CODE, **options)
        scene = Scene(vk.endpoints, vk.captcha_text)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Transport, "send", send)
            await make(scene, session).run()
        port = vk.base_url.port
    assert port is not None
    return Recording(name, requests, answers, port, make)


def direct(scene: Scene, session: aiohttp.ClientSession) -> DirectAuthorization:
    """A direct authorization."""
    return DirectAuthorization(
        **official_app_credentials.android,
        login=LOGIN,
        password=PASSWORD,
        endpoints=scene.endpoints,
        callback_service=scene.callbacks(),
        session=session,
    )


def implicit(scene: Scene, session: aiohttp.ClientSession) -> ImplicitFlowUser:
    """An implicit flow."""
    return ImplicitFlowUser(
        client_id=2274003,
        login=LOGIN,
        password=PASSWORD,
        endpoints=scene.endpoints,
        callback_service=scene.callbacks(),
        session=session,
    )


async def bare(session: aiohttp.ClientSession, requests: list[Request]) -> None:
    """Send the requests as plainly as aiohttp can."""
    for request in requests:
        data = urlencode(request.form).encode() if request.method == "POST" else None
        headers = {"User-Agent": user_agent, "Accept-Encoding": "gzip, deflate", **request.headers}
        if data is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        async with session.request(
            request.method, request.url, data=data, headers=headers, allow_redirects=False
        ) as answer:
            await answer.read()


async def cpu(works: Sequence[Callable[[], Awaitable[object]]]) -> float:
    """Seconds of CPU that one of ``works`` takes."""
    started = time.process_time()
    for work in works:
        await work()
    return (time.process_time() - started) / len(works)


@asynccontextmanager
async def kept_session() -> AsyncIterator[aiohttp.ClientSession]:
    """A session that keeps its connections, with a jar that accepts loopback's cookies."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        yield session


async def measure(recording: Recording, scene: Scene, folder: Path, limit: float) -> Row:
    """Measure both sides in turns; the least of each is what the machine's other work disturbed least."""
    floors, logins = [], []
    with played(recording.answers, folder, port=recording.port):
        async with kept_session() as plain, kept_session() as shared:
            for _ in range(ROUNDS + 1):
                floors.append(await cpu([lambda: bare(plain, recording.requests)] * RUNS))
                # A login of its own each: one that has logged in would go on with its cookies.
                logins.append(await cpu([recording.make(scene, shared).run for _ in range(RUNS)]))
    del floors[0], logins[0]  # the first round opens the connections
    return Row(recording.name, len(recording.requests), min(floors), min(logins), limit)


async def check(name: str, options: dict[str, Any], make: Make, limit: float, folder: Path) -> None:
    """Record, measure, compare."""
    recording = await record(name, options, make)

    # The simulator is gone, and a recording takes any answer.
    scene = Scene(Endpoints.under(f"http://127.0.0.1:{recording.port}"), lambda sid: "sample")
    row = await measure(recording, scene, folder, limit)
    for _ in range(TRIES - 1):
        if row.ratio > limit:  # the machine may have been busy with something else
            row = min(row, await measure(recording, scene, folder, limit), key=lambda each: each.ratio)
    _table.append(row)
    assert row.ratio <= limit, f"{name}: {row.ratio:.2f} times bare aiohttp, {limit} allowed"


async def test_direct_plain(tmp_path: Path) -> None:
    """A plain direct login costs little more than its one request."""
    await check("direct, plain", {}, direct, 1.4, tmp_path)


async def test_direct_with_captcha_and_code(tmp_path: Path) -> None:
    """So does one with a captcha and a code, three requests."""
    await check("direct, captcha and code", {"captcha": "image", "two_factor": "sms"}, direct, 1.5, tmp_path)


async def test_implicit_plain(tmp_path: Path) -> None:
    """The old forms have to be read, by lxml."""
    await check("implicit, old forms", {"look": "mobile"}, implicit, 1.9, tmp_path)


async def test_implicit_with_captcha_and_code(tmp_path: Path) -> None:
    """So do the pages of a captcha and a code."""
    options = {"look": "mobile", "captcha": "image", "two_factor": "sms"}
    await check("implicit, captcha and code", options, implicit, 2.0, tmp_path)


async def test_vkid_plain(tmp_path: Path) -> None:
    """VK ID's page holds JSON."""
    await check("implicit, VK ID", {"look": "vkid"}, implicit, 1.25, tmp_path)


def test_import_costs_no_more_than_aiohttp() -> None:
    """``import vkauth`` takes at most a tenth of ``import aiohttp``: heavy parts load when used."""

    def cost(module: str) -> float:
        program = f"import time; s = time.process_time(); import {module}; print(time.process_time() - s)"
        found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        return float(found.stdout)

    pairs = [(cost("aiohttp"), cost("vkauth")) for _ in range(5)]
    floor, own = (statistics.median(each) for each in zip(*pairs, strict=True))
    _table.append(Row("import", 0, floor, own, 0.1))
    assert own <= 0.1 * floor


def test_reading_a_page_costs_little_more_than_its_tree() -> None:
    """An 8 KB page, most of it what nobody asked for, is classified in little more than lxml needs for its tree."""
    page = (PAGES / "login-page" / "page.html").read_bytes()
    rows = b"<div class='row'><span>sample</span> <b>text</b></div>\n" * 200
    body = page.replace(b"</body>", rows[: PAGE_SIZE - len(page)] + b"</body>")
    assert len(body) == PAGE_SIZE
    address = URL("https://oauth.vk.ru/authorize?client_id=1")
    answer = Response(address, 200, {"content-type": "text/html"}, body, datetime.now(UTC))
    endpoints = Endpoints()
    assert isinstance(classify(answer, endpoints), LoginPage)
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False)
    text = answer.text("windows-1251").encode()

    def best(work: Callable[[], object]) -> float:
        started = time.process_time()
        for _ in range(RUNS):
            work()
        return (time.process_time() - started) / RUNS

    trees, pages = [], []
    for _ in range(10 * ROUNDS):
        trees.append(best(lambda: etree.fromstring(text, parser)))
        pages.append(best(lambda: classify(answer, endpoints)))
    _table.append(Row("a page of 8 KB, by its tree", 0, min(trees), min(pages), PAGE_LIMIT))
    assert min(pages) <= PAGE_LIMIT * min(trees), f"{min(pages) * 1e3:.2f} ms, its tree {min(trees) * 1e3:.2f} ms"
