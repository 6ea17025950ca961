"""What comes back over a socket: bodies in every packing and length, and faults of the network."""

from __future__ import annotations

import asyncio
import gzip
import json
import subprocess
import sys
import textwrap
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aioresponses import aioresponses
from support import TOKEN, direct, refused
from transport_support import OKAY, PAUSE, fetch, free_port, http, raw_server
from yarl import URL

from vkauth import Endpoints
from vkauth.engine.transport import MAX_BODY
from vkauth.testing import Fault, VKSimulator

PACKED = gzip.compress(OKAY, mtime=0)

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
    command = [sys.executable, "-c", textwrap.dedent(program), str(Path(__file__).parent.parent)]
    grown = await asyncio.to_thread(subprocess.run, command, check=True, capture_output=True, text=True)
    assert int(grown.stdout) < 40 * 1024  # kilobytes


async def test_r3_compressed_nothing_has_an_end() -> None:
    """R3: a body that unpacks to nothing, again and again, is too long as it comes."""
    empty = b"\0\0\0\xff\xff" * 200_000
    body = empty * 3
    assert len(body) > MAX_BODY
    async with raw_server(http(body, "Content-Encoding: deflate")) as (endpoints, _):
        await refused(fetch(endpoints), "UNEXPECTED_RESPONSE")


async def test_r3_what_follows_a_packed_body_is_not_waited_for() -> None:
    """R3: a server may send rubbish without end behind it; the answer is whole."""
    packed = gzip.compress(OKAY)
    endless = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 9999999999\r\n\r\n"
    async with raw_server(endless + packed + b"rubbish" + PAUSE + b"more") as (endpoints, _):
        assert (await fetch(endpoints)).body == OKAY


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
    # Only the request that is too slow may reach its limit: those before it have time enough on a busy machine too.
    limit = 5.0 if code != "TIMEOUT" else 0.05 if number == 1 else 1.0
    error = await refused(direct(vk, timeout=limit).run(), code)
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
