"""What is sent over a socket, where a redirect may lead, and what is told of it."""

from __future__ import annotations

import json
import logging

import pytest
from multidict import CIMultiDict
from support import LOGIN, PASSWORD, TOKEN, FakeClock, direct, person, refused
from transport_support import fetch, http, raw_server
from yarl import URL

from vkauth import Captcha, Endpoints, TwoFactor
from vkauth.clock import Clock
from vkauth.engine.transport import MAX_BODY, Connection, Transport
from vkauth.protocol.endpoints import Host
from vkauth.testing import Fault, VKSimulator
from vkauth.wire.http import get, post

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
        captcha._image = None
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
        assert "redirect_uri" in (await refused(captcha.image(), "VALIDATION_REQUIRED")).message
        return vk.pass_not_robot(captcha.redirect_uri or "")

    assert (await direct(vk, callbacks).run()).token


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
        assert "0.02 s" in (await refused(transport.send(request, 0.02), "TIMEOUT")).message
    async with Transport(Connection(timeout=0.02), vk.endpoints, Clock()) as transport:
        assert "0.02 s" in (await refused(transport.send(request, 5.0), "TIMEOUT")).message


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
