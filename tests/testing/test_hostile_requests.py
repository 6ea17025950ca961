"""Requests that would stop the simulator, break it, or read it from a page on the Internet."""

from __future__ import annotations

import time
from typing import Any

import aiohttp
import pytest

from vkauth.testing import VKSimulator
from vkauth.testing.hosts import why_not_here

from .conftest import Browser
from .oauth_support import KakaoClient, TikTokClient, VKIDClient

FORM = "application/x-www-form-urlencoded"
PARTS = "multipart/form-data; boundary=x"
SLOW = b"a-" + b"b9a" * 130_000  # punycode of 400 KB: 16 seconds


def part(value: bytes, head: bytes = b"", name: bytes = b"client_id") -> bytes:
    """A body of one part."""
    return b'--x\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n--x--\r\n' % (name, head, value)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (f"{FORM}; charset=punycode", SLOW),
        (f'{FORM}; Charset="IDNA"', SLOW),
        (f"{FORM}; charset=unicode_escape", b"client_id=\\ud800"),
        (f"{FORM}; charset=utf-7", b"client_id=+2AA-"),
        (f"{FORM}; charset=zip", b"x"),
        (PARTS, part(SLOW, b"\r\nContent-Type: text/plain; charset=punycode")),
    ],
)
async def test_a_charset_that_no_client_uses(vk: VKSimulator, browser: Browser, kind: str, body: bytes) -> None:
    """It is refused before anything is decoded, and the request is in the log."""
    before = time.process_time()
    reply = await browser.send("POST", "kakao/oauth/token", data=body, headers={"Content-Type": kind})
    assert time.process_time() - before < 1
    assert (reply.status, vk.requests.last.status) == (415, 415)
    assert reply.text == "a form is read in utf-8, windows-1251, iso-8859-1 and us-ascii only\n"
    assert vk.requests.last.form == {}


async def test_a_default_charset_of_parts_is_a_field_like_any(vk: VKSimulator, browser: Browser) -> None:
    """RFC 7578 has one, which nobody sends; nothing is decoded by it."""
    body = part(b"punycode", name=b"_charset_").removesuffix(b"--\r\n") + b"\r\n" + part(SLOW).removeprefix(b"--x\r\n")
    before = time.process_time()
    await browser.send("POST", "kakao/oauth/token", data=body, headers={"Content-Type": PARTS})
    assert time.process_time() - before < 1
    assert vk.requests.last.form == {"_charset_": "punycode", "client_id": SLOW.decode()}


@pytest.mark.parametrize(
    ("kind", "body", "form"),
    [
        (f"{FORM}; charset=windows-1251", "a=имя&b=%E8".encode("cp1251"), {"a": "имя", "b": "и"}),
        (f"{FORM}; charset=UTF-8", "a=имя&a=%D0%B8".encode(), {"a": "и"}),
        (FORM, b"a=%ED%A0%80&b", {"a": "\ufffd" * 3, "b": ""}),
        (FORM, b"a=\xff", {}),
        (FORM, b"&".join([b"a=b"] * 1001), {}),
        (PARTS, part(b"a b", b"; x=y"), {"client_id": "a b"}),
        (PARTS, part(b"\xff", b"\r\nContent-Type: text/plain; charset=latin-1"), {"client_id": "ÿ"}),
        (PARTS, part(b"a", b'; filename="f"'), {}),
        (PARTS, part(b"a", b"; x=" + b"y" * 4096), {}),
        (PARTS, b"--x\r\n" * 50_000, {}),
        (PARTS, part(b"a")[:-4], {}),
        ("multipart/form-data", part(b"a"), {}),
        ("application/json", b'{"a": "b"}', {}),
    ],
)
async def test_what_is_read_of_a_form(vk: VKSimulator, browser: Browser, kind: str, body: bytes, form: Any) -> None:
    """The fields; what is cut or too long has none, and is answered like a form without any."""
    reply = await browser.send("POST", "kakao/oauth/token", data=body, headers={"Content-Type": kind})
    assert 400 <= reply.status < 500
    assert vk.requests.last.form == form


# -- addresses to go back to -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address", ["https://x.example/\r\nX-Own:1", "https://x.example/\0", "https://x.example/\u2028"]
)
async def test_no_address_writes_a_header(
    browser: Browser, vk_id: VKIDClient, kakao: KakaoClient, tiktok: TikTokClient, address: str
) -> None:
    """An address with a line's end is none that people are sent to, at no service; the answer says so."""
    for url in (
        kakao.url(redirect_uri=address, prompt="none"),
        vk_id.url(redirect_uri=address, prompt="none"),
        tiktok.url(redirect_uri=address),
        str(
            browser.vk.base_url
            / "kakao/oauth/logout"
            % {"client_id": kakao.app.client_id}
            % {"logout_redirect_uri": address}
        ),
        str(browser.vk.base_url / "oauth/authorize" % {"client_id": "51000001", "redirect_uri": address}),
    ):
        reply = await browser.get(url)
        assert 400 <= reply.status < 500, url
        assert "Location" not in reply.headers


@pytest.mark.parametrize("address", ["https://[::1", "https://oauth.vk.ru/blank.html\n", "https://["])
async def test_an_address_that_is_none(browser: Browser, address: str) -> None:
    """VK says that it is not the application's."""
    url = browser.vk.base_url / "oauth/authorize" % {"client_id": "6287487", "redirect_uri": address}
    assert (await browser.get(str(url))).json["error"] == "invalid_request"


# -- hosts -------------------------------------------------------------------------------------------------------------

OWN = [
    "127.0.0.1",
    "127.0.0.1:8080",
    "LOCALHOST:1",
    "app.localhost",
    "[::1]:80",
    "127.8.8.8",
    "oauth.vk.ru",
    "vk.com:443",
]
OTHERS = ["evil.example", "vk.ru.evil.example", "evilvk.ru", "x.vk.ru", "10.0.0.1", "localhost.evil.example", "0.0.0.0"]
BROKEN = ["[x.vk.ru", "vk.ru:99999", "vk.ru:abc", "oauth.vk.ru:-1", "", "a b", "vk.ru:80:80", "user@vk.ru", "[vk.ru]x"]


@pytest.mark.parametrize("host", OWN)
async def test_its_own_hosts(browser: Browser, host: str) -> None:
    """This machine, by any name that it always has, and the hosts that are played."""
    assert (await browser.get("callback", headers={"Host": host})).status in (200, 404)


@pytest.mark.parametrize("host", OTHERS + BROKEN)
async def test_a_name_that_leads_here_by_a_trick(vk: VKSimulator, browser: Browser, host: str) -> None:
    """Nothing is told to whoever asks by it (DNS rebinding), but why; the log has the request."""
    vk.add_account(login="+79990000009")
    reply = await browser.get("", headers={"Host": host})
    assert (reply.status, vk.requests.last.status) == (421, 421)
    assert reply.headers["Content-Type"].startswith("text/plain")
    assert ("DNS rebinding" if host in OTHERS else "no name or address with a port") in reply.text
    assert "+79990000009" not in reply.text


async def test_a_request_of_http_1_0(vk: VKSimulator) -> None:
    """It needs no Host."""
    async with (
        aiohttp.ClientSession(version=aiohttp.HttpVersion10) as session,
        session.get(vk.base_url, skip_auto_headers=["Host"]) as answer,
    ):
        assert answer.status == 200
    assert vk.requests.last.host == vk.base_url.authority


def test_what_it_was_bound_to() -> None:
    """By its own name, and by any address where it listens on all of them: no page is named like an address."""
    assert why_not_here("build-7:8080", bound="build-7") is None
    assert why_not_here("10.0.0.1:8080", bound="0.0.0.0") is None
    assert why_not_here("[fe80::1]", bound="::") is None
    assert "Ask for 0.0.0.0" in (why_not_here("evil.example", bound="0.0.0.0") or "")
    assert why_not_here("10.0.0.1", bound="127.0.0.1") is not None
