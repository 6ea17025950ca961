"""The one place that meets the network, on real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
import logging
import socket
import ssl
import subprocess
import sys
import textwrap
import zlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
import pytest
from aioresponses import aioresponses
from multidict import CIMultiDict
from support import LOGIN, PASSWORD, FakeClock, direct, person, refused
from yarl import URL

from vkauth import Captcha, Endpoints, TwoFactor
from vkauth.clock import Clock
from vkauth.endpoints import Host
from vkauth.protocol.messages import Request, Response, get, post
from vkauth.testing import Fault, VKSimulator
from vkauth.transport import MAX_BODY, Connection, Transport

TOKEN = "oauth/token"
OKAY = b'{"access_token":"vk1.a.SAMPLE","user_id":1}'
PACKED = gzip.compress(OKAY, mtime=0)


async def fetch(endpoints: Endpoints, request: Request | None = None, **options: Any) -> Response:
    """Send one request."""
    async with Transport(Connection(**options), endpoints, FakeClock()) as transport:
        return await transport.send(request or post(endpoints.url(Host.OAUTH, "/token"), {"a": "b"}), 5.0)


PAUSE = b"<pause>"


@contextlib.asynccontextmanager
async def raw_server(*answers: bytes) -> AsyncIterator[tuple[Endpoints, list[bytes]]]:
    """A server that says these bytes, one a connection, whatever it is asked."""
    left = list(answers)
    asked: list[bytes] = []
    serving: set[asyncio.Task[None] | None] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving.add(asyncio.current_task())
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
        asked.append(head + await reader.readexactly(length))
        with contextlib.suppress(ConnectionError):  # the client may have had enough
            for piece in left.pop(0).split(PAUSE):
                writer.write(piece)
                await writer.drain()
                for _ in range(20):  # the other side reads meanwhile
                    await asyncio.sleep(0)
            writer.close()
            await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield Endpoints.under(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"), asked
        await asyncio.gather(*filter(None, serving))


def http(body: bytes = OKAY, *headers: str, status: str = "200 OK") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


# -- what is sent ----------------------------------------------------------------------------------------------------


async def test_r10_a_request_byte_for_byte() -> None:
    """R10, S3: every header, in order; the form is in the body, the name of the library in the User-Agent."""
    async with raw_server(http()) as (endpoints, asked):
        request = post(
            endpoints.url(Host.OAUTH, "/token"), {"password": "a b&ü", "x": ""}, headers={"Origin": "https://x"}
        )
        await fetch(endpoints, request, headers={"User-Agent": "me/1"})
    host = str(endpoints.url(Host.OAUTH).authority)
    expected = f"""\
POST /oauth/token HTTP/1.1
Host: {host}
User-Agent: me/1
Origin: https://x
Accept-Encoding: gzip, deflate
Content-Type: application/x-www-form-urlencoded
Accept: */*
Content-Length: 24

password=a+b%26%C3%BC&x="""
    head, _, body = asked[0].decode().partition("\r\n\r\n")
    # Where aiohttp puts its own headers depends on its version.
    assert sorted(head.split("\r\n")) == sorted(expected.partition("\n\n")[0].split("\n"))
    assert body == expected.partition("\n\n")[2]


async def test_headers_of_the_caller_are_sent_once(vk: VKSimulator) -> None:
    """Whatever their case; an encoding that could not be undone is not asked for."""
    vk.add_account()
    given = {"user-agent": "me/1", "X-Own": "yes", "accept-encoding": "br", "content-type": "text/plain"}
    assert (await direct(vk, headers=given).run()).token
    headers = vk.requests.last.headers
    assert isinstance(headers, CIMultiDict)
    assert headers.getall("User-Agent") == ["me/1"]
    assert headers.getall("Accept-Encoding") == ["gzip, deflate"]
    assert headers.getall("Content-Type") == ["application/x-www-form-urlencoded"]
    assert headers["X-Own"] == "yes"


async def test_text_that_has_no_bytes_is_sent_all_the_same(vk: VKSimulator) -> None:
    """An answer of a terminal may hold half a character: it is wrong, and no crash."""
    vk.add_account(two_factor="sms")
    callbacks = person(vk)
    callbacks.on_two_factor(lambda challenge: "12\ud80034")
    await refused(direct(vk, callbacks, max_attempts=1).run(), "OTP_FORMAT_IS_INCORRECT")


async def test_h1_an_address_that_is_not_allowed_is_sent_nothing(vk: VKSimulator) -> None:
    """H1: the last gate before the socket."""
    async with Transport(Connection(), Endpoints(), FakeClock()) as transport:
        await refused(transport.send(get(vk.base_url), 1.0), "UNTRUSTED_REDIRECT")
    assert len(vk.requests) == 0


# -- redirects -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/?next=https://oauth.vk.ru/blank.html",
        "//evil.example/",
        "http://evil.example/oauth/blank.html",
        "/\\evil.example",
        "https://oauth.vk.ru@evil.example/",
        "javascript:alert(1)",
        "https://oauth.vk.ru/token",
    ],
)
async def test_h2_a_redirect_elsewhere_is_not_followed(vk: VKSimulator, status: int, target: str) -> None:
    """H2: nothing is sent to where it leads, with whatever status."""
    vk.add_account()
    vk.faults.add(Fault.redirect(target, status), on=TOKEN)
    await refused(direct(vk).run(), "UNTRUSTED_REDIRECT")
    assert len(vk.requests) == 1


@pytest.mark.parametrize("status", [307, 308])
async def test_h2_a_body_is_not_sent_twice(vk: VKSimulator, status: int) -> None:
    """H2: these two ask to repeat the password, be it on the same host."""
    vk.add_account()
    vk.faults.add(Fault.redirect("/oauth/token2", status), on=TOKEN)
    await refused(direct(vk).run(), "UNTRUSTED_REDIRECT")
    assert len(vk.requests) == 1


@pytest.mark.parametrize("status", [301, 302, 303])
@pytest.mark.parametrize("target", ["/oauth/authorize", "authorize", "?x=1"])
async def test_a_redirect_of_the_token_endpoint_is_no_answer(vk: VKSimulator, status: int, target: str) -> None:
    """Not even within VK: there is nothing to be had there."""
    vk.add_account()
    vk.faults.add(Fault.redirect(target, status), on=TOKEN)
    await refused(direct(vk).run(), "UNEXPECTED_RESPONSE")
    assert len(vk.requests) == 1


async def test_a_redirect_without_location(vk: VKSimulator) -> None:
    """It does not say where to."""
    vk.add_account()
    vk.faults.add(Fault.redirect_without_location(), on=TOKEN)
    assert "does not say where" in (await refused(direct(vk).run(), "UNEXPECTED_RESPONSE")).message


async def test_h2_a_redirect_of_the_picture(vk: VKSimulator) -> None:
    """H2: within VK it is followed, relative or not, and no form goes along; elsewhere it is not; a loop has an end."""
    vk.add_account(captcha="image")
    callbacks = person(vk)
    pictures: list[object] = []

    @callbacks.on_captcha
    async def on_captcha(captcha: Captcha) -> str:
        vk.faults.add(Fault.redirect("/api/captcha.php?sid=" + (captcha.sid or "")), on="api/captcha.php")
        pictures.append(await captcha.image())
        captcha.show(captcha._prompt, 1, None)
        vk.faults.add(Fault.redirect("https://evil.example/captcha.php"), on="api/captcha.php")
        pictures.append(await refused(captcha.image(), "UNTRUSTED_REDIRECT"))
        vk.faults.add(Fault.redirect_loop(), on="api/captcha.php")
        pictures.append(await refused(captcha.image(), "UNEXPECTED_RESPONSE"))
        return vk.captcha_text(captcha.sid or "")

    assert (await direct(vk, callbacks).run()).token
    assert bytes(pictures[0]).startswith(b"\x89PNG")  # type: ignore[call-overload]
    fetched = vk.requests.to("api/captcha.php")
    assert len(fetched) == 2 + 1 + 6
    assert not any(each.form or "password" in each.query for each in fetched)


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault.status(404), "UNEXPECTED_RESPONSE"),
        (Fault.answer(200, "image/png", b""), "UNEXPECTED_RESPONSE"),
        (Fault.status(500), "SERVER_ERROR"),
        (Fault.status(429), "RATE_LIMITED"),
        (Fault.reset(), "NETWORK_ERROR"),
        (Fault.oversize(MAX_BODY + 1), "UNEXPECTED_RESPONSE"),
    ],
    ids=repr,
)
async def test_a_picture_that_does_not_come(vk: VKSimulator, fault: Fault, code: str) -> None:
    """The handler hears of it and may answer all the same, or try once more."""
    vk.add_account(captcha="image")
    # aiohttp itself repeats a GET once, if the connection had been used before: it may just have been idle too long.
    vk.faults.add(fault, on="api/captcha.php", times=2 if code == "NETWORK_ERROR" else 1)
    callbacks = person(vk)

    @callbacks.on_captcha
    async def on_captcha(captcha: Captcha) -> str:
        await refused(captcha.image(), code)
        assert (await captcha.image()).startswith(b"\x89PNG")
        return vk.captcha_text(captcha.sid or "")

    assert (await direct(vk, callbacks).run()).token


@pytest.mark.parametrize(
    "picture", ["https://evil.example/c.png", "http://169.254.169.254/", "https://vk.ru@evil.example/"]
)
async def test_h1_a_picture_elsewhere_is_not_fetched(vk: VKSimulator, picture: str) -> None:
    """H1: an answer of VK does not make us ask other hosts."""
    vk.add_account()
    body = {"error": "need_captcha", "captcha_sid": "1", "captcha_img": picture}
    vk.faults.add(Fault.answer(401, "application/json", json.dumps(body)), on=TOKEN)
    callbacks = person(vk)

    @callbacks.on_captcha
    async def on_captcha(captcha: Captcha) -> str:
        await refused(captcha.image(), "UNTRUSTED_REDIRECT")
        return "SAMPLE"

    assert (await direct(vk, callbacks).run()).token


async def test_a_captcha_without_a_picture(vk: VKSimulator) -> None:
    """There is nothing to fetch; the error says what to do instead."""
    vk.add_account(captcha="redirect_only")
    callbacks = person(vk)

    @callbacks.on_captcha
    async def on_captcha(captcha: Captcha) -> str:
        assert "redirect_uri" in (await refused(captcha.image(), "UNEXPECTED_RESPONSE")).message
        return vk.pass_not_robot(captcha.redirect_uri or "")

    assert (await direct(vk, callbacks).run()).token


# -- bodies ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    [
        Fault.oversize(MAX_BODY + 1),
        Fault.oversize(MAX_BODY + 1, declared=False),
        Fault.oversize(300 * 2**20),
        Fault.endless_body(),
        Fault.gzip_bomb(300 * 2**20),
    ],
    ids=repr,
)
async def test_r3_a_body_that_is_too_long(vk: VKSimulator, fault: Fault) -> None:
    """R3: reading stops; packed ones count by what they hold."""
    vk.add_account()
    vk.faults.add(fault, on=TOKEN)
    error = await refused(direct(vk).run(), "UNEXPECTED_RESPONSE")
    assert "longer than 2097152 bytes" in error.message


@pytest.mark.parametrize("packed", [False, True])
async def test_r3_a_body_of_the_very_limit_is_read(packed: bool) -> None:
    """R3: not one byte less."""
    body = b" " * MAX_BODY
    headers = ["Content-Encoding: gzip"] if packed else []
    async with raw_server(http(gzip.compress(body, 1) if packed else body, *headers)) as (endpoints, _):
        assert len((await fetch(endpoints)).body) == MAX_BODY


def deflated(body: bytes, window: int) -> bytes:
    packer = zlib.compressobj(wbits=window)
    return packer.compress(body) + packer.flush()


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("gzip", PACKED),
        ("x-gzip", PACKED),
        (" GZIP ", PACKED),
        ("gzip", PACKED + b"what follows is no part of it"),
        ("deflate", zlib.compress(OKAY)),
        ("deflate", deflated(OKAY, -zlib.MAX_WBITS)),
        ("identity", OKAY),
        ("", OKAY),
    ],
)
@pytest.mark.parametrize("chunked", [False, True])
async def test_encodings(encoding: str, packed: bytes, chunked: bool) -> None:
    """Both kinds of deflate, whole or byte by byte."""
    if chunked:
        pieces = b"".join(b"1\r\n" + packed[n : n + 1] + b"\r\n" for n in range(len(packed)))
        answer = f"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Encoding: {encoding}\r\n\r\n".encode()
        answer += pieces + b"0\r\n\r\n"
    else:
        answer = http(packed, f"Content-Encoding: {encoding}")
    async with raw_server(answer) as (endpoints, _):
        assert (await fetch(endpoints)).body == OKAY


@pytest.mark.parametrize("cut", [1, 10, len(PACKED)])
async def test_a_packed_answer_in_pieces(cut: int) -> None:
    """Wherever it is cut, also behind its end."""
    packed = PACKED + b"what follows is no part of it"
    answer = http(packed, "Content-Encoding: gzip")
    at = len(answer) - len(packed) + cut
    async with raw_server(answer[:at] + PAUSE + answer[at:]) as (endpoints, _):
        assert (await fetch(endpoints)).body == OKAY


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_nothing_packed_is_nothing(encoding: str) -> None:
    """A redirect without a body may still carry the header."""
    async with raw_server(http(b"", f"Content-Encoding: {encoding}", status="302 Found")) as (endpoints, _):
        assert (await fetch(endpoints)).body == b""


@pytest.mark.parametrize(
    ("encoding", "body", "code"),
    [
        ("gzip", b"not packed at all", "UNEXPECTED_RESPONSE"),
        ("deflate", b"\xff\xff\xff", "UNEXPECTED_RESPONSE"),
        ("gzip", PACKED[:-4], "NETWORK_ERROR"),
        ("deflate", zlib.compress(OKAY)[:-6], "NETWORK_ERROR"),
        ("br", OKAY, "UNEXPECTED_RESPONSE"),
        ("gzip, gzip", gzip.compress(PACKED, mtime=0), "UNEXPECTED_RESPONSE"),
    ],
)
async def test_broken_encodings(encoding: str, body: bytes, code: str) -> None:
    """Each has its code; none is passed on as if it were an answer."""
    async with raw_server(http(body, f"Content-Encoding: {encoding}")) as (endpoints, _):
        await refused(fetch(endpoints), code)


CHARSETS = [
    ("application/json; charset=windows-1251", b"{}", "cp1251"),
    ("application/json; charset=utf-8", b"", "utf-8"),
    ("application/json", b"", "utf-8"),
    ("application/json", b"", "cp1251"),
    ("application/json", b"\xef\xbb\xbf", "utf-8"),
    ("application/json; charset=nonsense", b"", "utf-8"),
]


@pytest.mark.parametrize(("kind", "_mark", "charset"), CHARSETS)
async def test_charsets(vk: VKSimulator, kind: str, _mark: bytes, charset: str) -> None:
    """Said or not, with a mark at the beginning or not: Cyrillic comes out readable."""
    vk.add_account()
    mark = _mark if _mark != b"{}" else b""
    body = mark + json.dumps({"error": "x", "error_description": "Ошибка"}, ensure_ascii=False).encode(charset)
    vk.faults.add(Fault.answer(401, kind, body), on=TOKEN)
    assert "Ошибка" in (await refused(direct(vk).run(), "AUTHORIZATION_FAILED")).message


async def test_r3_memory_stays_small() -> None:
    """R3: 300 MB, packed or not, cost less than 40 MB."""
    program = """
    import asyncio, resource, sys
    sys.path.insert(0, sys.argv[1])
    from support import direct, refused
    from vkauth.testing import Fault, VKSimulator

    async def main():
        async with VKSimulator() as vk:
            vk.add_account()
            await direct(vk).run()
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            for fault in (Fault.oversize(300 * 2**20), Fault.gzip_bomb(300 * 2**20), Fault.endless_body()):
                vk.faults.add(fault)
                await refused(direct(vk).run(), "UNEXPECTED_RESPONSE")
            print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)

    asyncio.run(main())
    """
    command = [sys.executable, "-c", textwrap.dedent(program), str(__file__).rpartition("/")[0]]
    grown = await asyncio.to_thread(subprocess.run, command, check=True, capture_output=True, text=True)
    assert int(grown.stdout) < 40 * 1024  # kilobytes


# -- faults of the network, at each request of a login ---------------------------------------------------------------

BROKEN: list[tuple[str, Callable[[], Fault], str]] = [
    ("reset", Fault.reset, "NETWORK_ERROR"),
    ("truncate", Fault.truncate, "NETWORK_ERROR"),
    ("hang", Fault.hang, "TIMEOUT"),
    ("slow headers", lambda: Fault.slow_headers(0.002), "TIMEOUT"),
    ("slow body", lambda: Fault.slow_body(0.002), "TIMEOUT"),
    ("502", lambda: Fault.status(502), "SERVER_ERROR"),
    ("429", lambda: Fault.status(429), "RATE_LIMITED"),
    ("endless", Fault.endless_body, "UNEXPECTED_RESPONSE"),
    ("page", lambda: Fault.answer(200, "text/html", "<title>x</title>"), "UNEXPECTED_RESPONSE"),
]


@pytest.mark.parametrize("number", [1, 2, 3, 4])
@pytest.mark.parametrize(("name", "fault", "code"), BROKEN, ids=[name for name, _, _ in BROKEN])
async def test_r2_r8_every_fault_at_every_request(
    vk: VKSimulator, number: int, name: str, fault: Callable[[], Fault], code: str
) -> None:
    """R2, R8: plain, with the captcha, with the code, with the captcha after it; one that failed is not sent again."""
    vk.add_account(captcha="image", two_factor="sms", captcha_after_code="redirect")
    vk.faults.add(fault(), nth=number)
    slow = code == "TIMEOUT"
    error = await refused(direct(vk, timeout=0.05 if slow else 5.0).run(), code)
    assert len(vk.requests) == number
    assert error.retryable == (code != "UNEXPECTED_RESPONSE")
    assert error.__context__ is None
    assert error.__cause__ is None


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (b"", "NETWORK_ERROR"),
        (b"HTTP/1.1 200 OK\r\n", "NETWORK_ERROR"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab", "NETWORK_ERROR"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", "NETWORK_ERROR"),
        (b"\x16\x03\x01\x02\x00\x01\x00", "UNEXPECTED_RESPONSE"),
        (b"SSH-2.0-OpenSSH_9.0\r\n\r\n", "UNEXPECTED_RESPONSE"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", "UNEXPECTED_RESPONSE"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n", "UNEXPECTED_RESPONSE"),
        (b"HTTP/1.1 9999 OK\r\n\r\n", "UNEXPECTED_RESPONSE"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000 + b"\r\n\r\n", "UNEXPECTED_RESPONSE"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 70_000 + b"\r\n", "UNEXPECTED_RESPONSE"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "UNEXPECTED_RESPONSE"),
    ],
    ids=range(12),
)
async def test_r1_bytes_that_are_no_answer(answer: bytes, code: str) -> None:
    """R1: never another exception."""
    async with raw_server(answer) as (endpoints, _):
        error = await refused(fetch(endpoints, timeout=2.0), code)
    assert error.__context__ is None


async def test_long_addresses_of_vk_fit() -> None:
    """Addresses with addresses in them outgrow the 8 KB that aiohttp allows by itself."""
    async with raw_server(http(b"", "Location: /oauth/x?" + "y" * 20_000, status="302 Found")) as (endpoints, _):
        assert len((await fetch(endpoints)).headers["location"]) > 20_000


async def test_the_first_of_two_headers_counts() -> None:
    """A second Location cannot overrule the one that was checked."""
    async with raw_server(http(OKAY, "X-A: first", "x-a: second")) as (endpoints, _):
        assert (await fetch(endpoints)).headers["x-a"] == "first"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


async def test_nobody_listens(vk: VKSimulator) -> None:
    """The error names the place, and the kind of failure."""
    login = direct(vk, endpoints=Endpoints.under(f"http://127.0.0.1:{free_port()}"))
    error = await refused(login.run(), "NETWORK_ERROR")
    assert error.message == "the connection to oauth/token failed (ClientConnectorError)"


class _Writer:
    output_size = 0


class Answer(aiohttp.ClientResponse):
    """aioresponses 0.7.9 does not know the argument that aiohttp has wanted since 3.14."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        try:
            super().__init__(*arguments, **options, stream_writer=_Writer())  # type: ignore[arg-type]
        except TypeError:
            super().__init__(*arguments, **options)


@pytest.mark.parametrize(
    ("raised", "code"),
    [
        (aiohttp.ClientConnectionError("CANARY"), "NETWORK_ERROR"),
        (aiohttp.ServerDisconnectedError("CANARY"), "NETWORK_ERROR"),
        (aiohttp.ClientPayloadError("CANARY"), "NETWORK_ERROR"),
        (aiohttp.ClientOSError(104, "CANARY"), "NETWORK_ERROR"),
        (OSError("CANARY"), "NETWORK_ERROR"),
        (aiohttp.ServerFingerprintMismatch(b"a", b"CANARY", "h", 1), "NETWORK_ERROR"),
        (aiohttp.ServerTimeoutError("CANARY"), "TIMEOUT"),
        (aiohttp.ConnectionTimeoutError("CANARY"), "TIMEOUT"),
        (TimeoutError("CANARY"), "TIMEOUT"),
        (aiohttp.http_exceptions.LineTooLong(b"CANARY", 5), "UNEXPECTED_RESPONSE"),
        (aiohttp.InvalidURL("CANARY"), "NETWORK_ERROR"),
        (ValueError("CANARY"), "UNEXPECTED_RESPONSE"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else value,
)
async def test_r1_every_exception_of_aiohttp_has_a_code(raised: Exception, code: str) -> None:
    """R1, S1: and nothing of its text comes along."""
    with aioresponses() as mocked:
        mocked.post("https://oauth.vk.ru/token", exception=raised)
        error = await refused(fetch(Endpoints()), code)
    assert "CANARY" not in f"{error} {error!r}"
    assert error.__context__ is None


async def test_one_request_without_a_network() -> None:
    """To the real address, if nobody says otherwise."""
    with aioresponses() as mocked:
        mocked.post("https://oauth.vk.ru/token", body=OKAY, response_class=Answer)
        response = await fetch(Endpoints())
        (call,) = mocked.requests["POST", URL("https://oauth.vk.ru/token")]
    assert (response.status, response.body) == (200, OKAY)
    assert call.kwargs["data"] == b"a=b"
    assert call.kwargs["allow_redirects"] is False


# -- cookies ---------------------------------------------------------------------------------------------------------


async def test_hostile_cookies_break_nothing(vk: VKSimulator) -> None:
    """A collection of bad ones, at each answer."""
    vk.add_account(captcha="image", two_factor="sms")
    for number in (1, 2, 3):
        vk.faults.add(Fault.set_cookie("hostile"), nth=number)
    assert (await direct(vk).run()).token
    for each in vk.requests:
        assert "SIMULATED-stranger" not in each.cookies.values()
        assert "SIMULATED-whole-zone" not in each.cookies.values()
        assert "SIMULATED-lookalike" not in each.cookies.values()


async def test_the_cookies_of_runs_are_apart(vk: VKSimulator) -> None:
    """Two accounts side by side on one session never see each other's; nor does a run see those of the one before."""
    vk.add_account(captcha="image")
    vk.add_account(login="+79990000002", captcha="image")
    vk.faults.add(Fault.set_cookie("who=first"), nth=1)
    vk.faults.add(Fault.set_cookie("who=second"), nth=2)
    async with aiohttp.ClientSession() as session:
        one = direct(vk, session=session)
        other = direct(vk, person(vk, "+79990000002"), login="+79990000002", session=session)
        await asyncio.gather(one.run(), other.run())
        await one.run()
    by_login: dict[str, set[str | None]] = {}
    for each in vk.requests:
        by_login.setdefault(each.form["username"], set()).add(each.cookies.get("who"))
    first, second = (by_login[name] - {None} for name in (LOGIN, "+79990000002"))
    assert len(first) == len(second) == 1
    assert first != second
    assert "who" not in vk.requests[4].cookies


async def test_forgotten_cookies_are_not_sent(vk: VKSimulator) -> None:
    """``forget`` empties the jar of the run."""
    url = vk.endpoints.url(Host.WEB)
    vk.faults.add(Fault.set_cookie("a=CANARY"), nth=1)
    async with Transport(Connection(), vk.endpoints, FakeClock()) as transport:
        await transport.send(get(url), 5.0)
        assert [each.name for each in transport.cookies] == ["a"]
        await transport.send(get(url), 5.0)
        kept = transport.cookies
        transport.forget()
        await transport.send(get(url), 5.0)
    assert [each.cookies.get("a") for each in vk.requests] == [None, "CANARY", None]
    async with Transport(Connection(), vk.endpoints, FakeClock(), kept) as transport:
        await transport.send(get(url), 5.0)
    assert vk.requests.last.cookies == {"a": "CANARY"}


# -- a session of the caller -----------------------------------------------------------------------------------------


async def test_a_shared_session_is_left_as_it_was(vk: VKSimulator) -> None:
    """Not closed, no cookie in it, its own headers and cookies not sent."""
    vk.add_account(captcha="image")
    vk.faults.add(Fault.set_cookie("of_vk=1"), nth=1)
    jar = aiohttp.CookieJar(unsafe=True)
    jar.update_cookies({"private": "CANARY"}, vk.base_url)
    async with aiohttp.ClientSession(cookie_jar=jar, headers={"Authorization": "Bearer CANARY"}) as session:
        assert (await direct(vk, session=session).run()).token
        assert not session.closed
        assert [morsel.key for morsel in jar] == ["private"]
        async with session.get(vk.base_url) as answer:
            assert answer.status == 200
    for each in vk.requests[:2]:
        assert "private" not in each.cookies
        assert "Authorization" not in each.headers
    assert vk.requests[1].cookies == {"of_vk": "1"}


async def test_the_connections_of_a_shared_session_are_used(vk: VKSimulator) -> None:
    """One connection for two logins one after the other, with one connector."""
    vk.add_account(captcha="image")
    async with aiohttp.ClientSession() as session:
        await direct(vk, session=session).run()
        await direct(vk, session=session).run()
    assert len(vk.requests) == 4
    assert vk.requests.connections() == 1


async def test_one_connection_for_a_run(vk: VKSimulator) -> None:
    """Every host of the simulator is at one address, so one handshake does."""
    vk.add_account(captcha="image", two_factor="sms", success="silent")
    assert (await direct(vk).run()).token
    assert len(vk.requests) == 5
    assert vk.requests.connections() == 1


async def test_a_closed_session(vk: VKSimulator) -> None:
    """It is said what is wrong."""
    async with aiohttp.ClientSession() as session:
        pass
    error = await refused(direct(vk, session=session).run(), "NETWORK_ERROR")
    assert "closed" in error.message


async def test_a_proxy(vk: VKSimulator) -> None:
    """The option; the simulator is the proxy here, for an address where nobody listens."""
    vk.add_account()
    away = Endpoints.under(f"http://127.0.0.1:{free_port()}")
    assert (await direct(vk, endpoints=away, proxy=str(vk.base_url)).run()).token
    assert vk.requests.last.raw_target == str(away.url(Host.OAUTH, "/token"))


async def test_the_proxy_of_a_shared_session(vk: VKSimulator) -> None:
    """Its default proxy is used, unless the option names another."""
    vk.add_account()
    away = Endpoints.under(f"http://127.0.0.1:{free_port()}")
    async with aiohttp.ClientSession(proxy=vk.base_url) as session:
        assert (await direct(vk, endpoints=away, session=session).run()).token
    async with aiohttp.ClientSession(proxy=f"http://127.0.0.1:{free_port()}") as session:
        assert (await direct(vk, endpoints=away, session=session, proxy=vk.base_url).run()).token
    assert len(vk.requests) == 2


@pytest.mark.parametrize("trust", [True, False])
async def test_trust_env_of_a_shared_session(vk: VKSimulator, monkeypatch: pytest.MonkeyPatch, trust: bool) -> None:
    """The environment's proxy counts only if the caller's session says so."""
    for name in ("http_proxy", "HTTP_PROXY", "no_proxy", "NO_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", str(vk.base_url))
    vk.add_account()
    away = Endpoints.under(f"http://127.0.0.1:{free_port()}")
    async with aiohttp.ClientSession(trust_env=trust) as session:
        login = direct(vk, endpoints=away, session=session)
        if trust:
            assert (await login.run()).token
        else:
            await refused(login.run(), "NETWORK_ERROR")
    await refused(direct(vk, endpoints=away).run(), "NETWORK_ERROR")
    assert len(vk.requests) == int(trust)


# -- TLS -------------------------------------------------------------------------------------------------------------


async def test_h4_a_certificate_that_nobody_vouches_for_is_refused() -> None:
    """H4: nothing is sent to such a server."""
    async with VKSimulator(tls=True) as vk:
        vk.add_account()
        endpoints = Endpoints.under(f"https://localhost:{vk.tls_port}")
        error = await refused(direct(vk, endpoints=endpoints).run(), "NETWORK_ERROR")
        assert error.message == "no trusted TLS connection to oauth/token could be made"
        assert len(vk.requests) == 0


async def test_h4_the_callers_own_context_counts() -> None:
    """H4: the way to trust another authority."""
    async with VKSimulator(tls=True) as vk:
        vk.add_account(captcha="image", two_factor="sms")
        context = ssl.create_default_context(cafile=str(vk.ca_file))
        endpoints = Endpoints.under(f"https://localhost:{vk.tls_port}")
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context)) as session:
            assert (await direct(vk, endpoints=endpoints, session=session).run()).token
        assert vk.requests.connections() == 1


async def test_h4_the_name_is_checked() -> None:
    """H4: a certificate of other hosts is none, be its authority known."""
    async with VKSimulator(tls=True) as vk:
        context = ssl.create_default_context(cafile=str(vk.ca_file))
        endpoints = Endpoints.under(f"https://127.0.0.2:{vk.tls_port}")
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context)) as session:
            await refused(direct(vk, endpoints=endpoints, session=session).run(), "NETWORK_ERROR")


@pytest.mark.parametrize("domain", ["vk.ru", "vk.com"])
async def test_under_vks_own_names(domain: str) -> None:
    """With the addresses of the real VK; one handshake for each host."""
    async with VKSimulator(tls=True) as vk, aiohttp.ClientSession(connector=vk.connector()) as session:
        vk.add_account(success="silent", captcha="image")
        token = await direct(vk, endpoints=Endpoints(domain), session=session).run()
        assert vk.issued[token.token].kind == "user"
        assert {each.host for each in vk.requests} == {f"oauth.{domain}", f"api.{domain}"}
        assert vk.requests.connections() == 2


async def test_h2_a_step_down_from_https_is_refused() -> None:
    """H2: from https to http, on whatever host, this machine among them."""
    async with VKSimulator(tls=True) as vk, aiohttp.ClientSession(connector=vk.connector()) as session:
        vk.add_account()
        for target in ("http://oauth.vk.ru/token", "http://127.0.0.1/token", f"{vk.base_url}/oauth/token"):
            vk.faults.add(Fault.redirect(target), on=TOKEN)
            await refused(direct(vk, endpoints=Endpoints(), session=session).run(), "UNTRUSTED_REDIRECT")
        assert len(vk.requests) == 3


# -- logs and looks --------------------------------------------------------------------------------------------------


async def test_s2_the_log_names_places_only(vk: VKSimulator, caplog: pytest.LogCaptureFixture) -> None:
    """S2: method, place, status and size; not the query, which holds the sid of a picture."""
    caplog.set_level(logging.DEBUG, logger="vkauth")
    vk.add_account(captcha="image")
    callbacks = person(vk)

    @callbacks.on_captcha
    async def on_captcha(captcha: Captcha) -> str:
        await captcha.image()
        return vk.captcha_text(captcha.sid or "")

    vk.faults.add(Fault.reset(), nth=3)
    await refused(direct(vk, callbacks).run(), "NETWORK_ERROR")
    said = [each.getMessage() for each in caplog.records if each.name == "vkauth"]
    assert [line.partition(":")[0] for line in said] == ["POST oauth/token", "GET api/captcha.php", "POST oauth/token"]
    assert said[2] == "POST oauth/token: NETWORK_ERROR"
    assert vk.captchas[0].sid not in " ".join(said)


def test_s1_how_a_connection_is_made_is_not_shown() -> None:
    """S1: headers and the proxy may hold passwords."""
    connection = Connection(proxy=URL("http://u:CANARY@x"), headers={"Authorization": "CANARY"})
    assert repr(connection) == "<Connection timeout=10.0>"


async def test_r2_the_nearer_limit_counts(vk: VKSimulator) -> None:
    """R2: what the run has left may be less than the time for a request."""
    vk.faults.add(Fault.hang(), times=2)
    request = get(vk.endpoints.url(Host.WEB))
    async with Transport(Connection(timeout=5.0), vk.endpoints, Clock()) as transport:
        assert "0.02 seconds" in (await refused(transport.send(request, 0.02), "TIMEOUT")).message
    async with Transport(Connection(timeout=0.02), vk.endpoints, Clock()) as transport:
        assert "0.02 seconds" in (await refused(transport.send(request, 5.0), "TIMEOUT")).message


async def test_the_clock_tells_when_an_answer_came(vk: VKSimulator) -> None:
    """So that the end of a token can be tested."""
    assert (await fetch(vk.endpoints)).received_at == FakeClock().now()


async def test_r8_the_password_is_sent_as_often_as_there_are_answers(vk: VKSimulator) -> None:
    """R8, R4: once, and once more with each answer of the person; in bodies only (S3)."""
    vk.add_account(captcha="image", two_factor="sms", captcha_after_code="image")
    callbacks = person(vk)

    @callbacks.on_two_factor
    async def on_two_factor(challenge: TwoFactor) -> None:
        await challenge.retry(vk.code_for(LOGIN))

    assert (await direct(vk, callbacks).run()).token
    assert [each.form.get("password") for each in vk.requests] == [PASSWORD] * 4
    vk.requests.assert_never_in_url(PASSWORD)
