"""What a login costs, as ratios: its CPU time by that of bare aiohttp sending the same requests.

A login is recorded on the simulator once and played back by another process, so only the client's work is measured.
Both sides use connections that are kept open. The sides take turns, and each counts with its best round.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

import aiohttp
import pytest
from lxml import etree
from measuring import ROUNDS, RUNS, Row, bare, cpu, import_row, kept_session, retried
from playing import played
from yarl import URL

from vkauth import CallbackService, DirectAuthorization, Endpoints, ImplicitFlowUser, official_app_credentials
from vkauth.engine.transport import Transport
from vkauth.protocol.pages import LoginPage, classify
from vkauth.testing import VKSimulator
from vkauth.wire.http import Request, Response

pytestmark = pytest.mark.benchmark

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


async def check(name: str, options: dict[str, Any], make: Make, limit: float, folder: Path, table: list[Row]) -> None:
    """Record, measure, compare."""
    recording = await record(name, options, make)

    # The simulator is gone, and a recording takes any answer.
    scene = Scene(Endpoints.under(f"http://127.0.0.1:{recording.port}"), lambda sid: "sample")
    row = await retried(lambda: measure(recording, scene, folder, limit))
    table.append(row)
    row.check()


async def test_direct_plain(tmp_path: Path, table: list[Row]) -> None:
    """A plain direct login costs little more than its one request."""
    await check("direct, plain", {}, direct, 1.4, tmp_path, table)


async def test_direct_with_captcha_and_code(tmp_path: Path, table: list[Row]) -> None:
    """So does one with a captcha and a code, three requests."""
    await check("direct, captcha and code", {"captcha": "image", "two_factor": "sms"}, direct, 1.5, tmp_path, table)


async def test_implicit_plain(tmp_path: Path, table: list[Row]) -> None:
    """The old forms have to be read, by lxml."""
    await check("implicit, old forms", {"look": "mobile"}, implicit, 1.9, tmp_path, table)


async def test_implicit_with_captcha_and_code(tmp_path: Path, table: list[Row]) -> None:
    """So do the pages of a captcha and a code."""
    options = {"look": "mobile", "captcha": "image", "two_factor": "sms"}
    await check("implicit, captcha and code", options, implicit, 2.0, tmp_path, table)


async def test_vkid_plain(tmp_path: Path, table: list[Row]) -> None:
    """VK ID's page holds JSON."""
    await check("implicit, VK ID", {"look": "vkid"}, implicit, 1.25, tmp_path, table)


async def test_import_costs_no_more_than_aiohttp(table: list[Row]) -> None:
    """``import vkauth`` takes at most a tenth of ``import aiohttp``: heavy parts load when used."""
    row = await retried(lambda: import_row("import vkauth", "import aiohttp", 0.1))
    table.append(row)
    row.check()


async def test_reading_a_page_costs_little_more_than_its_tree(table: list[Row]) -> None:
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

    def once(work: Callable[[], object]) -> float:
        started = time.process_time()
        for _ in range(RUNS):
            work()
        return (time.process_time() - started) / RUNS

    async def measure() -> Row:
        trees, pages = [], []
        for _ in range(10 * ROUNDS):
            trees.append(once(lambda: etree.fromstring(text, parser)))
            pages.append(once(lambda: classify(answer, endpoints)))
        return Row("a page of 8 KB, by its tree", 0, min(trees), min(pages), PAGE_LIMIT)

    row = await retried(measure)
    table.append(row)
    row.check()
