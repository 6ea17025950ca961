"""What goes wrong on demand, and what is written down."""

from __future__ import annotations

import asyncio
import gzip
import re
import zlib

import aiohttp
import pytest

from vkauth.testing import Fault, VKSimulator

from .conftest import Browser

MIB = 2**20


async def test_a_status_once(vk: VKSimulator, browser: Browser) -> None:
    vk.add_account()
    vk.faults.add(Fault.status(502, retry_after="3"), on="oauth/token")
    assert (await browser.get("web/")).status == 200
    reply = await browser.token()
    assert (reply.status, reply.headers["Retry-After"]) == (502, "3")
    assert (await browser.token()).status == 200


async def test_the_nth_request_and_several_times(vk: VKSimulator, browser: Browser) -> None:
    vk.faults.add(Fault.answer(418, "text/plain", "tea"), nth=2)
    vk.faults.add(Fault.status(503), on="web", times=2)
    assert [(await browser.get("web/")).status for _ in range(4)] == [503, 418, 503, 200]
    vk.faults.add(Fault.status(500))
    vk.faults.clear()
    assert len(vk.faults) == 0
    assert (await browser.get("web/")).status == 200


async def test_broken_connections(vk: VKSimulator, browser: Browser) -> None:
    vk.faults.add(Fault.reset())
    with pytest.raises(aiohttp.ClientConnectionError):
        await browser.post("oauth/token")
    vk.faults.add(Fault.truncate())
    with pytest.raises(aiohttp.ClientPayloadError):
        await browser.post("oauth/token")
    assert [each.status for each in vk.requests] == [500, 200]


async def test_slowness_ends_with_the_simulator() -> None:
    async with aiohttp.ClientSession() as session:
        async with VKSimulator() as vk:
            waiting = []
            for fault in (Fault.hang(), Fault.slow_headers(0.001), Fault.slow_body(0.001), Fault.endless_body()):
                vk.faults.add(fault)
                waiting.append(asyncio.create_task(_read(session, str(vk.base_url))))
            while len(vk.requests) < 4:  # noqa: ASYNC110 - the log is a list; it has no event to wait for
                await asyncio.sleep(0)
            assert not any(each.done() for each in waiting)
        for each in waiting:
            with pytest.raises((aiohttp.ClientError, _EndedError)):
                await each


class _EndedError(Exception):
    """The body came to an end after all."""


async def _read(session: aiohttp.ClientSession, url: str) -> None:
    async with session.get(url) as answer:
        async for _ in answer.content.iter_any():
            pass
    raise _EndedError


async def test_a_client_that_goes_away_frees_a_hanging_request(vk: VKSimulator, browser: Browser) -> None:
    vk.faults.add(Fault.hang())
    with pytest.raises(TimeoutError):
        await browser.get("web/", timeout=aiohttp.ClientTimeout(total=0.05))
    assert (await browser.get("web/")).status == 200


async def test_big_bodies(vk: VKSimulator, browser: Browser) -> None:
    vk.faults.add(Fault.oversize(MIB + 1))
    assert len((await browser.get("web/")).body) == MIB + 1
    vk.faults.add(Fault.oversize(MIB, declared=False))
    assert len((await browser.get("web/")).body) == MIB
    vk.faults.add(Fault.gzip_bomb(3 * MIB))
    assert (await browser.get("web/")).body == b" " * 3 * MIB
    vk.faults.add(Fault.oversize(300 * MIB))
    async with browser.session.get(vk.base_url) as answer:
        assert await answer.content.readexactly(5) == b" " * 5


async def test_the_bomb_is_a_true_gzip_file(vk: VKSimulator) -> None:
    vk.faults.add(Fault.gzip_bomb(MIB))
    async with aiohttp.ClientSession(auto_decompress=False) as session, session.get(vk.base_url) as answer:
        packed = await answer.read()
    assert len(packed) < 5000
    assert zlib.crc32(gzip.decompress(packed)) == zlib.crc32(b" " * MIB)


async def test_redirects(vk: VKSimulator, browser: Browser) -> None:
    vk.faults.add(Fault.redirect("https://stranger.example/", status=307), on="web")
    reply = await browser.get("web/")
    assert (reply.status, str(reply.location)) == (307, "https://stranger.example/")
    vk.faults.add(Fault.redirect_without_location())
    assert "Location" not in (await browser.get("web/")).headers
    vk.faults.add(Fault.redirect_loop(), on="web")
    for _ in range(3):
        assert (await browser.get("web/?a=1")).location == vk.base_url / "web/" % {"a": "1"}


async def test_hostile_cookies(vk: VKSimulator, browser: Browser) -> None:
    vk.faults.add(Fault.set_cookie("hostile"))
    assert len((await browser.get("web/")).headers.getall("Set-Cookie")) > 5
    vk.faults.add(Fault.set_cookie("a=b"))
    assert (await browser.get("web/")).headers["Set-Cookie"] == "a=b"


async def test_the_log(vk: VKSimulator, browser: Browser) -> None:
    vk.add_account()
    await browser.token()
    await browser.get("login/?act=connect_authorize&v=5")
    await browser.get("nothing")
    assert vk.requests.paths() == ["POST oauth/token", "GET login/?act=connect_authorize", "GET nothing"]
    assert [each.number for each in vk.requests.to("oauth")] == [1]
    assert vk.requests.to("login/?act=connect_authorize") == vk.requests.to("login") == [vk.requests[1]]
    assert vk.requests.last.status == 404
    first = vk.requests[0]
    assert first.params["password"] == "sample-password"
    assert first.headers["content-type"] == "application/x-www-form-urlencoded"
    assert "sample-password" not in repr(first) + repr(first.form) + repr(vk.requests[0:1])
    assert vk.requests.connections() == vk.requests.connections("oauth") == 1
    vk.requests.assert_never_in_url("sample-password")
    vk.requests.assert_only_to("oauth", "login", "nothing")
    with pytest.raises(AssertionError, match="#2"):
        vk.requests.assert_only_to("oauth")
    vk.requests.clear()
    assert len(vk.requests) == 0
    await browser.get("web/", params={"a": "pass word"})
    assert vk.requests.last.number == 4
    with pytest.raises(AssertionError) as caught:
        vk.requests.assert_never_in_url("pass word")
    assert "pass" not in str(caught.value)


async def test_the_page_about_itself(vk: VKSimulator, browser: Browser) -> None:
    vk.add_account(first_name="<b>", two_factor="sms", captcha="redirect")
    await browser.token()
    reply = await browser.get("")
    assert reply.status == 200
    assert "&lt;b&gt;" in reply.text
    assert "two_factor=" in reply.text
    assert "not_robot_captcha" in reply.text


async def test_the_same_seed_gives_the_same_values() -> None:
    tokens = []
    for seed in ("a", "a", "b"):
        async with VKSimulator(seed=seed) as vk:
            vk.add_account()
            tokens.append(vk.issue_token("+79990000001"))
            with pytest.raises(RuntimeError):
                await vk.__aenter__()
    assert tokens[0] == tokens[1] != tokens[2]


@pytest.mark.parametrize(
    ("on", "near"),
    [
        ("kako/oauth/token", "kakao/oauth/token"),
        ("/oauth/token", "oauth/token"),
        ("login/?act=logon", "login/?act=login"),
        ("tiktok-api/v2/oauth/tokens", "tiktok-api/v2/oauth/token/"),
        ("nowhere", None),
    ],
)
def test_a_fault_that_would_never_happen(vk: VKSimulator, on: str, near: str | None) -> None:
    """A slip in the place is told at once: the test would pass without the fault that it is about."""
    said = f"on: the simulator serves nothing at {on!r}" + (f": is it {near!r}?" if near else "")
    with pytest.raises(ValueError, match=f"^{re.escape(said)}$"):
        vk.faults.add(Fault.status(503), on=on)
    assert not vk.faults


@pytest.mark.parametrize(
    "on",
    [
        *("oauth", "oauth/", "oauth/token", "login/", "login/?act=login", "api/method/users.get", "/", "callback"),
        *("kapi", "kakao/simulator", "tiktok", "tiktok-api/v2/oauth/token", "tiktok-api/v2/oauth/token/", "id/oauth2"),
    ],
)
def test_a_fault_that_may_happen(vk: VKSimulator, on: str) -> None:
    """A place, what is above it, and a method."""
    vk.faults.add(Fault.status(503), on=on)
    assert len(vk.faults) == 1
