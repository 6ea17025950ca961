"""The page that takes a success token, without a browser: what it answers to whom, and how it ends."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator
from typing import Any, Final
from urllib.parse import quote, urlencode

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import refused
from yarl import URL

from vkauth import AuthErrorCode
from vkauth.browser import listener
from vkauth.browser.captcha_page import CaptchaPage
from vkauth.testing import LeakScanner

CHECK: Final = 'https://id.vk.ru/not_robot_captcha?domain=vk.com&session_token=eyJ.CANARY-session"><script>'
TOKEN: Final = "eyJ.CANARY-success-token"
COPIED: Final = json.dumps({"response": {"redirect": "", "status": "OK", "success_token": TOKEN}})
FORM: Final = "application/x-www-form-urlencoded"


@contextlib.asynccontextmanager
async def waited_for(check: str = CHECK) -> AsyncIterator[tuple[CaptchaPage, asyncio.Task[str]]]:
    """A page that somebody waits for."""
    async with CaptchaPage(check) as page:
        task = asyncio.ensure_future(page.wait())
        try:
            yield page, task
        finally:
            task.cancel()
            await asyncio.wait([task])


async def send(page: CaptchaPage, data: bytes) -> tuple[int, str]:
    """Status and whole answer to bytes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", URL(page.url).port)
    writer.write(data)
    try:
        whole = (await reader.read()).decode()
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
    return int(whole.split(" ", 2)[1]), whole


def request(page: CaptchaPage, method: str = "GET", body: bytes = b"", **changed: str | None) -> bytes:
    """A browser's request; fields may be changed, or left out by ``None``."""
    url = URL(page.url)
    target = changed.pop("target", url.raw_path)
    fields: dict[str, str | None] = {"Host": url.authority}
    if method == "POST":
        fields |= {"Origin": str(url.origin()), "Content-Type": FORM, "Content-Length": str(len(body))}
    fields |= {name.replace("_", "-"): value for name, value in changed.items()}
    lines = [
        f"{method} {target} HTTP/1.1",
        *(f"{name}: {value}" for name, value in fields.items() if value is not None),
    ]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def form(copied: str = COPIED) -> bytes:
    return urlencode({"copied": copied}).encode()


async def assert_still_waiting(page: CaptchaPage, task: asyncio.Task[str]) -> None:
    """Check that the right form is still taken, and that then nobody listens."""
    assert not task.done()
    assert (await send(page, request(page, "POST", form())))[0] == 200
    assert await task == TOKEN
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", URL(page.url).port)


@pytest.mark.parametrize("copied", [TOKEN, COPIED, json.dumps(json.loads(COPIED), indent=2)])
async def test_what_is_sent_is_what_is_waited_for(copied: str) -> None:
    """The response or the token; the page says that the program goes on."""
    async with waited_for() as (page, task):
        status, text = await send(page, request(page, "POST", form(copied)))
        assert status == 200
        assert "The program has it and goes on." in text
        assert TOKEN not in text
        assert await task == TOKEN
        LeakScanner([TOKEN]).scan(await task)
    assert page.url not in repr(page)


@pytest.mark.parametrize(("accepted", "words"), [("en", "Open the check"), ("ru,en;q=0.5", "Открыть проверку")])
async def test_the_page(accepted: str, words: str) -> None:
    """It has the address as a link, escaped, no script, and headers that keep it to itself. It is always the same."""
    async with waited_for() as (page, task):
        answers = [await send(page, request(page, Accept_Language=accepted)) for _ in range(2)]
        assert answers[0] == answers[1]
        status, text = answers[0]
        assert status == 200
        assert words in text
        assert "session_token=eyJ.CANARY-session&quot;&gt;&lt;script&gt;" in text
        assert "<script" not in text
        assert "\r\nCache-Control: no-store\r\n" in text
        assert "\r\nReferrer-Policy: same-origin\r\n" in text
        assert "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'" in text
        await assert_still_waiting(page, task)


@pytest.mark.parametrize("accepted", ["en", "ru"])
@pytest.mark.parametrize("copied", ["", "two words", '{"response":{"status":"BOT"}}', CHECK])
async def test_what_holds_no_token_is_told(copied: str, accepted: str) -> None:
    """No attempt is lost by it, and nothing of it is shown."""
    async with waited_for() as (page, task):
        status, text = await send(page, request(page, "POST", form(copied), Accept_Language=accepted))
        assert status == 422
        assert 'role="alert"' in text
        assert "two words" not in text
        await assert_still_waiting(page, task)


@pytest.mark.parametrize(
    ("method", "changed", "status"),
    [
        ("GET", {"target": "/"}, 404),
        ("GET", {"target": "/favicon.ico"}, 404),
        ("POST", {"target": "/"}, 404),
        ("GET", {"Host": "evil.example"}, 421),
        ("POST", {"Host": "evil.example"}, 421),
        ("POST", {"Host": "evil.example", "Origin": "http://evil.example"}, 421),
        ("GET", {"Host": None}, 400),
        ("GET", {"Host": "127.0.0.1"}, 421),
        ("HEAD", {}, 405),
        ("PUT", {}, 405),
        ("OPTIONS", {}, 405),
        ("POST", {"Origin": None}, 403),
        ("POST", {"Origin": "null"}, 403),
        ("POST", {"Origin": "http://evil.example"}, 403),
        ("POST", {"Origin": "https://id.vk.ru"}, 403),
        ("POST", {"Origin": "http://127.0.0.1"}, 403),
        ("POST", {"Content-Type": None}, 400),
        ("POST", {"Content-Type": "text/plain"}, 400),
        ("POST", {"Content-Type": "multipart/form-data; boundary=x"}, 400),
        ("POST", {"Content-Length": None}, 400),
        ("POST", {"Content-Length": "-1"}, 400),
        ("POST", {"Content-Length": "1e3"}, 400),
        ("POST", {"Content-Length": "٣"}, 400),
        ("POST", {"Content-Length": "9" * 5000}, 400),
        ("POST", {"Content-Length": str(16 * 1024 + 1)}, 413),
        ("POST", {"Content-Length": "999999999"}, 413),
        ("POST", {"Transfer-Encoding": "chunked"}, 400),
        ("POST", {"X": "y" * 70_000}, 431),
    ],
    ids=str,
)
async def test_somebody_elses_requests(method: str, changed: dict[str, Any], status: int) -> None:
    """Each is answered, says nothing of the page, and the wait goes on."""
    async with waited_for() as (page, task):
        fields = {name: value.encode().decode("latin-1") if value else value for name, value in changed.items()}
        got, text = await send(page, request(page, method, form(), **fields))
        assert got == status
        assert "CANARY" not in text
        assert URL(page.url).path not in text
        assert (text.endswith("\r\n\r\n")) is (method == "HEAD")
        await assert_still_waiting(page, task)


@pytest.mark.parametrize(
    "data",
    [
        b"\r\n\r\n",
        b"\x16\x03\x01\x00\r\n\r\n",
        b"GET http://127.0.0.1/ HTTP/1.1\r\n\r\n",
        b"HEAD x\r\n\r\n",
    ],
)
async def test_what_is_no_request(data: bytes) -> None:
    """It is answered all the same."""
    async with waited_for() as (page, task):
        assert (await send(page, data))[0] == 400
        await assert_still_waiting(page, task)


async def test_a_query_is_another_address() -> None:
    """The page has one address, without a query; two hosts are none."""
    async with waited_for() as (page, task):
        path = URL(page.url).raw_path
        assert (await send(page, request(page, target=f"{path}?x=1")))[0] == 404
        twice = request(page).replace(b"\r\n\r\n", f"\r\nHost: {URL(page.url).authority}\r\n\r\n".encode())
        assert (await send(page, twice))[0] == 400
        await assert_still_waiting(page, task)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"copied=",
        b"other=x",
        form() + b"&" + form(),
        b"&".join([form()] * 9),
        b"copied=\xff",
        b"copied=%ff",
        b"=&=",
    ],
)
async def test_other_forms(body: bytes) -> None:
    """A form has one field; of two nobody knows which is meant."""
    async with waited_for() as (page, task):
        assert (await send(page, request(page, "POST", body)))[0] == 422
        await assert_still_waiting(page, task)


async def test_the_longest_form() -> None:
    """A response with a token of a thousand letters is far from it."""
    async with waited_for() as (page, task):
        body = form().ljust(16 * 1024, b"&")
        assert (await send(page, request(page, "POST", body)))[0] == 422  # so many fields
        body = form(COPIED + " " * 5000)
        assert (await send(page, request(page, "POST", body)))[0] == 200
        assert await task == TOKEN


async def test_a_form_in_pieces_behind_idle_ones() -> None:
    """Nobody is held up by connections that say nothing, or half of something; they are closed in the end."""
    async with waited_for() as (page, task):
        port = URL(page.url).port
        idle = [await asyncio.open_connection("127.0.0.1", port) for _ in range(listener.MOST_CONNECTIONS - 1)]
        for number, (_, writer) in enumerate(idle):
            half = request(page, "POST", form())
            writer.write(half[: number * 3])
            await writer.drain()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        whole = request(page, "POST", form())
        for at in range(0, len(whole), 7):
            writer.write(whole[at : at + 7])
            await writer.drain()
            await asyncio.sleep(0)
        assert b"200 OK" in await reader.read()
        assert await task == TOKEN
        for each, other in [*idle, (reader, writer)]:
            with contextlib.suppress(ConnectionResetError):
                assert await each.read() == b""
            other.close()
            with contextlib.suppress(OSError):
                await other.wait_closed()


async def test_nothing_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """Neither the address of the page nor what it is sent."""
    caplog.set_level(logging.DEBUG)
    async with waited_for() as (page, task):
        await send(page, request(page, "GET"))
        await send(page, request(page, "POST", b"copied=two+words"))
        await send(page, request(page, "POST", form()))
        await task
    LeakScanner([TOKEN, "CANARY-session", URL(page.url).path]).scan(caplog.text)


async def test_it_ends_with_its_block() -> None:
    """By the end of the block, by an error, by cancelling twice, and in a scope of anyio."""
    async with CaptchaPage(CHECK) as page:
        pass
    async with CaptchaPage(CHECK) as other:
        task = asyncio.ensure_future(other.wait())
        await asyncio.sleep(0)
        task.cancel()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    third = CaptchaPage(CHECK)
    with anyio.move_on_after(0):
        async with third:
            await third.wait()
    for each in (page, other, third):
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", URL(each.url).port)
    with pytest.raises(RuntimeError, match="served before"):
        await page.__aenter__()
    with pytest.raises(RuntimeError, match="is not served"):
        await CaptchaPage(CHECK).wait()


async def test_no_port(monkeypatch: pytest.MonkeyPatch) -> None:
    """It says so."""

    def none(*_: object) -> None:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(listener, "_listen_on", none)
    await refused(CaptchaPage(CHECK).__aenter__(), AuthErrorCode.NETWORK_ERROR)


@pytest.mark.parametrize(
    ("check", "wrong"),
    [("", ValueError), ("javascript:CANARY", ValueError), ("file:///CANARY", ValueError), (None, TypeError)],
)
def test_a_wrong_address(check: Any, wrong: type[Exception]) -> None:
    """It is named, and not shown."""
    with pytest.raises(wrong, match=r"^check\b") as caught:
        CaptchaPage(check)
    LeakScanner(["CANARY"]).scan(caught.value)


@given(st.binary(), st.binary())
def test_any_bytes(head: bytes, body: bytes) -> None:
    """Whatever comes is answered, and is not what is waited for."""
    page = CaptchaPage(CHECK)
    got, last = page._asked(head, body)
    assert got.startswith(b"HTTP/1.1 4")
    assert not last


def test_two_pages_have_two_addresses() -> None:
    """Which nobody can guess."""
    assert len({URL(CaptchaPage(CHECK).url).path for _ in range(50)}) == 50
    assert len(quote(URL(CaptchaPage(CHECK).url).path)) > 22
