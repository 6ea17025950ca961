"""The simulator as a test uses it: options, a person's helpers, latency, several services on one port."""

from __future__ import annotations

import asyncio
import inspect
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from vkauth.testing import Account, Fault, KnownSecrets, SeenRequest, VKSimulator
from vkauth.testing.options import read_options
from vkauth.testing.server import Server

from .conftest import Browser


@dataclass
class Shown:
    """A captcha as a client has it."""

    sid: str | None = None
    redirect_uri: str | None = None


@dataclass
class Asked:
    """A question for a code as a client has it."""

    validation_sid: str | None = None


# -- options ---------------------------------------------------------------------------------------------------------


def test_every_option_is_in_sight() -> None:
    """``help()`` shows each option of an account with its default and what it means."""
    shown = inspect.signature(VKSimulator.add_account).parameters
    assert list(shown)[1:] == list(inspect.signature(Account).parameters)
    assert shown["captcha"].default is None
    assert all(f"    {name}: " in (Account.__doc__ or "") for name in list(shown)[1:])
    said = (
        r"^VKSimulator\.add_account\(\) takes options by keyword: add_account\(login=\.\.\.\); its options are login, "
    )
    with pytest.raises(TypeError, match=said):
        VKSimulator().add_account("+79990000001")  # type: ignore[misc]
    said = (
        r"^SimulatedKakao\.add_app\(\) takes .*: add_app\(client_id=\.\.\., client_secret=\.\.\.\); its options are cl"
    )
    with pytest.raises(TypeError, match=said):
        VKSimulator().kakao.add_app("kk", "s")  # type: ignore[misc]


def test_options_as_text() -> None:
    """Every option but those that are secret or bytes can be written as text, by its type."""
    text = "login=a@b.example, groups=1+2,flood,banned=no,too_many_tries=3,resend_delay=2,code_length=5,captcha=both"
    values: dict[str, Any] = {"login": "a@b.example", "groups": (1, 2), "flood": True, "banned": False}
    values |= {"too_many_tries": 3, "resend_delay": 2.0, "code_length": 5, "captcha": "both"}
    assert read_options(Account, text) == values
    account = Account(**values)
    assert account.situation == "code_length=5, resend_delay=2.0, captcha=both, flood, too_many_tries=3, groups=1+2"
    assert (account.email, account.phone) == ("a@b.example", "+79990000001")


@pytest.mark.parametrize("text", ["password=x", "raw_answer=x", "sent=x", "code_length=x", "login", "banned=perhaps"])
def test_options_that_cannot_be(text: str) -> None:
    """Unknown names and impossible values are named."""
    with pytest.raises(ValueError, match=text.partition("=")[0]):
        read_options(Account, text)


# -- what a person does ----------------------------------------------------------------------------------------------


async def test_captchas_by_what_is_at_hand(vk: VKSimulator, browser: Browser) -> None:
    """A captcha is answered by its sid, its address or itself; the wrong helper names the right one."""
    account = vk.add_account(captcha="image")
    sid = (await browser.token()).json["captcha_sid"]
    assert vk.captcha_text(sid) == vk.captcha_text(int(sid)) == vk.captcha_text(Shown(sid=sid)) == vk.captchas[0].text
    with pytest.raises(LookupError, match=r"has no page: use captcha_text\(captcha\)"):
        vk.pass_not_robot(Shown(sid=sid))
    account.captcha = "redirect_only"
    page = (await browser.token()).json["redirect_uri"]
    with pytest.raises(LookupError, match=r"has no text: use pass_not_robot\(captcha\)"):
        vk.captcha_text(Shown(redirect_uri=page))
    assert vk.pass_not_robot(Shown(redirect_uri=page)) != vk.pass_not_robot(page)
    vk.expire_captcha(Shown(redirect_uri=page))
    with pytest.raises(LookupError, match="out of date"):
        vk.pass_not_robot(page)
    for nothing in (Shown(), "1", 1):
        with pytest.raises(LookupError, match=r"captchas\[-1\]"):
            vk.captcha_text(nothing)
    with pytest.raises(TypeError, match="not list"):
        vk.captcha_text([])  # type: ignore[arg-type]


async def test_codes_by_what_is_at_hand(vk: VKSimulator, browser: Browser) -> None:
    """A code is known by the login, the account or the question; without a sid that is only one person's question."""
    account = vk.add_account(two_factor="sms", code="739154")
    asked = Asked((await browser.token()).json["validation_sid"])
    assert {vk.code_for(each) for each in (account.login, account, asked, Asked())} == {"739154"}
    vk.add_account(login="other@mail.example", two_factor="app", code="444444")
    assert vk.code_for(asked) == "739154"
    with pytest.raises(LookupError, match=r"use code_for\(account\)"):
        vk.code_for(Asked())
    assert vk.last_message(account).code == "739154"


async def test_helpers_take_an_account(vk: VKSimulator) -> None:
    """Whatever takes a login takes the account as well."""
    account = vk.add_account()
    assert vk.issued[vk.issue_token(account)] == vk.issued[vk.issue_token(account.login)]
    assert "api_hash=" in vk.verification_url(account)
    assert "api_hash=" in vk.verification_url(account.login, domain="vk.com")
    vk.end_sessions(account)


@pytest.mark.parametrize(
    ("language", "said"),
    [("ru", "Слишком много попыток. Попробуйте позже."), ("en", "Too many attempts. Please try again later.")],
)
async def test_the_old_login_page_refuses_in_two_languages(
    vk: VKSimulator, browser: Browser, language: Any, said: str
) -> None:
    """After too many logins the page says so, in the language of the account."""
    account = vk.add_account(look="page", too_many_tries=True, language=language)
    page = await browser.get("oauth/authorize?client_id=6287487&response_type=token&display=page")
    to = page.text.partition('name="to" value="')[2].partition('"')[0]
    form = {"email": account.login, "pass": account.password, "to": to}
    answer = await browser.follow(await browser.post("login/?act=login", form))
    assert said in answer.text


# -- latency ---------------------------------------------------------------------------------------------------------


async def test_a_thousand_requests_are_held_side_by_side(vk: VKSimulator) -> None:
    """Connections stay busy for as long as a test wants, without a clock; then each gets its true answer."""
    opened = asyncio.Event()
    vk.faults.add(Fault.hold(opened), times=math.inf)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=50)) as session:
        waiting = [asyncio.create_task(_status(session, str(vk.base_url))) for _ in range(1000)]
        while len(vk.requests) < 50:  # noqa: ASYNC110 - the log is a list; it has no event to wait for
            await asyncio.sleep(0)
        assert not any(each.done() for each in waiting)
        opened.set()
        assert set(await asyncio.gather(*waiting)) == {200}
    assert {each.status for each in vk.requests} == {200}
    assert vk.requests.connections() == 50


async def test_an_answer_comes_later(vk: VKSimulator, browser: Browser) -> None:
    """A delay holds the one answer that it is planned for, for so long."""
    vk.faults.add(Fault.delay(0.01))
    loop = asyncio.get_running_loop()
    before = loop.time()
    assert (await browser.get("web/")).status == 200
    assert loop.time() - before >= 0.01


async def test_what_is_held_ends_with_the_simulator() -> None:
    """Nothing that waits keeps the simulator from ending."""
    async with aiohttp.ClientSession() as session:
        async with VKSimulator() as vk:
            for fault in (Fault.hold(asyncio.Event()), Fault.delay(3600)):
                vk.faults.add(fault)
            waiting = [asyncio.create_task(_status(session, str(vk.base_url))) for _ in range(2)]
            while len(vk.requests) < 2:  # noqa: ASYNC110 - the log is a list; it has no event to wait for
                await asyncio.sleep(0)
        done = await asyncio.gather(*waiting, return_exceptions=True)
    assert all(each == 200 or isinstance(each, aiohttp.ClientError) for each in done)


async def _status(session: aiohttp.ClientSession, url: str) -> int:
    async with session.get(url) as answer:
        await answer.read()
        return answer.status


# -- several services ------------------------------------------------------------------------------------------------


class _Other:
    """A service beside VK."""

    @property
    def host_names(self) -> Sequence[str]:
        return ("other.example",)

    @property
    def places(self) -> Sequence[str]:
        return ("other/first", "other/second")

    def locate(self, request: SeenRequest) -> str | None:
        return request.path[1:] if request.path.startswith("/other/") else None

    def answer(self, request: SeenRequest) -> web.Response:
        return web.Response(text=f"other {request.query['name']}", headers={"Set-Cookie": "a=SAMPLE-cookie-of-other"})


async def test_services_share_a_port_the_log_and_the_faults() -> None:
    """The first service that knows a place answers; what none knows is not found; what they set is remembered."""
    secrets = KnownSecrets()
    async with (
        Server([_Other()], secrets, host="127.0.0.1", port=0, tls=False) as server,
        aiohttp.ClientSession() as session,
    ):
        server.faults.add(Fault.status(503), on="other/second")
        async with session.get(server.base_url / "other/first" % {"name": "x"}) as answer:
            assert await answer.text() == "other x"
        assert await _status(session, str(server.base_url / "other/second")) == 503
        assert await _status(session, str(server.base_url / "nobody")) == 404
    assert server.requests.paths() == ["GET other/first", "GET other/second", "GET nobody"]
    assert [secret for secret, _ in secrets] == ["SAMPLE-cookie-of-other"]


async def test_the_start_page_lists_what_waits_for_a_person() -> None:
    """Pictures too: whoever opens it must not read that nothing is wanted."""
    async with VKSimulator() as vk, aiohttp.ClientSession() as session:
        for number, captcha in enumerate(("image", "redirect_only"), 1):
            vk.add_account(login=f"+7999000000{number}", password="sample-password", captcha=captcha)
            form = {"grant_type": "password", "client_id": "2274003", "client_secret": "hHbZxrka2uZ6jB1inYsH"}
            form |= {"username": f"+7999000000{number}", "password": "sample-password", "scope": "1", "v": "5.199"}
            async with session.post(f"{vk.base_url}/oauth/token", data=form) as answer:
                assert answer.status == 401
        async with session.get(vk.base_url) as answer:
            page = await answer.text()
    waiting = page.partition("Captchas waiting for a person")[2]
    assert 'dif=1">a picture</a>, for +79990000001, attempt 1' in waiting
    assert "not_robot_captcha" in waiting
