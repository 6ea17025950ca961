"""S1: tracebacks that print local variables, debuggers and asyncio's debug mode show no secret."""

from __future__ import annotations

import asyncio
import itertools
import os
import sys
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from authorization.code_flow_support import Service, back, code_flow, grant, vkid
from support import CLIENT, LOGIN, PASSWORD, SECRET_OF_CLIENT, direct, person, refused, solution
from web_support import implicit, verification
from yarl import URL

from vkauth import (
    AccountVerification,
    AuthError,
    BrowserAuthorization,
    CallbackService,
    Captcha,
    CodeFlow,
    DirectAuthorization,
    ImplicitFlowGroups,
    ImplicitFlowUser,
    QRAuthorization,
    TokenSet,
    TwoFactor,
    VKIDAuthorization,
)
from vkauth.terminal import ask_in_terminal, paste_in_terminal
from vkauth.testing import Fault, LeakScanner, VKSimulator

CANARY = "CANARY-password&x"
KEY = "CANARY_single_use_key"


def shown(error: BaseException) -> str:
    """What a tool prints that knows the variables of every frame; the test's own frames are not the library's."""
    parts: list[str] = []
    seen: set[int] = set()
    left: list[BaseException | None] = [error]
    while left:
        each = left.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        left += [each.__cause__, each.__context__]
        parts.append(repr(each))
        for frame, _ in traceback.walk_tb(each.__traceback__):
            if "/tests/" not in frame.f_code.co_filename and "vkauth/testing" not in frame.f_code.co_filename:
                parts += [f"{name}={_repr(value)}" for name, value in frame.f_locals.items()]
    return "\n".join(parts)


def _repr(value: object) -> str:
    try:
        return repr(value)
    except Exception as error:  # noqa: BLE001 - a half-made object cannot show itself
        return type(error).__name__


async def by_cancel(run: Awaitable[Any], started: Callable[[], bool]) -> BaseException:
    """Cancel a run as somebody who holds its task would."""
    task = asyncio.ensure_future(run)
    while not started():  # noqa: ASYNC110 - the log is a list
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError) as caught:
        await task
    return caught.value


async def by_timeout(run: Awaitable[Any], started: Callable[[], bool]) -> BaseException:
    """Let ``asyncio.timeout`` do it."""
    with pytest.raises(TimeoutError) as caught:
        async with asyncio.timeout(0.2):
            await run
    assert started()
    return caught.value


async def by_wait_for(run: Awaitable[Any], started: Callable[[], bool]) -> BaseException:
    """Let ``asyncio.wait_for`` do it."""
    with pytest.raises(TimeoutError) as caught:
        await asyncio.wait_for(run, 0.2)
    assert started()
    return caught.value


@pytest.mark.parametrize("cancel", [by_cancel, by_timeout, by_wait_for])
@pytest.mark.parametrize("number", [1, 2, 3])
async def test_s1_a_cancelled_run_shows_nothing(vk: VKSimulator, cancel: Any, number: int) -> None:
    """S1: aiohttp's frames hold the form, at whichever request it was."""
    vk.add_account(password=CANARY, captcha="image", two_factor="sms", code="654987")
    vk.faults.add(Fault.hang(), nth=number)
    error = await cancel(direct(vk, password=CANARY).run(), lambda: len(vk.requests) >= number)
    text = shown(error)
    assert "Runner" in text
    for secret in (CANARY, "CANARY-password%26x", SECRET_OF_CLIENT, "654987"):
        assert secret not in text


@pytest.mark.parametrize("look", ["page", "vkid"])
@pytest.mark.parametrize("number", range(1, 6))
async def test_s1_a_cancelled_web_login_shows_nothing(vk: VKSimulator, look: Any, number: int) -> None:
    """S1: nor the addresses with single-use keys, the cookies and the hashes of the pages."""
    vk.add_account(password=CANARY, look=look)
    vk.faults.add(Fault.hang(), nth=number)
    error = await by_cancel(implicit(vk, password=CANARY).run(), lambda: len(vk.requests) >= number)
    text = shown(error)
    assert "CANARY" not in text
    for request in vk.requests:
        for name, value in request.cookies.items():
            assert value not in text, name
        for name in ("hash", "ip_h", "lg_h", "to", "return_auth_hash", "auth_token"):
            value = request.form.get(name) or request.query.get(name) or ""
            assert len(value) < 8 or value not in text, name


CODE_FLOWS: dict[str, Callable[[Service], Awaitable[Any]]] = {
    "exchange with VK ID": lambda service: exchange(vkid(service, service_token="CANARY-service")),
    "exchange": lambda service: exchange(code_flow(service)),
    "exchange for communities": lambda service: exchange(code_flow(service, group_ids=[1])),
    "refresh": lambda service: vkid(service, service_token="CANARY-service").refresh(TOKENS),
    "user_info": lambda service: vkid(service).user_info(TOKENS),
    "user_info of a text": lambda service: vkid(service).user_info("CANARY-access"),
    "public_info": lambda service: vkid(service).public_info("CANARY-id"),
    "revoke": lambda service: vkid(service).revoke(TOKENS),
    "logout": lambda service: vkid(service).logout("CANARY-access"),
}
TOKENS = TokenSet(
    access_token="CANARY-access", refresh_token="CANARY-refresh", id_token="CANARY-id", device_id="CANARY-device"
)


def exchange(login: VKIDAuthorization | CodeFlow) -> Awaitable[Any]:
    request = login.authorization_request()
    return login.exchange(back(request), request)


@pytest.mark.parametrize("cancel", [by_cancel, by_timeout, by_wait_for])
@pytest.mark.parametrize("work", CODE_FLOWS.values(), ids=CODE_FLOWS.keys())
async def test_s1_a_cancelled_code_flow_shows_nothing(work: Callable[[Service], Awaitable[Any]], cancel: Any) -> None:
    """S1: neither code and tokens nor state and verifier, which are in the form that is being sent."""
    gate = asyncio.Event()

    async def hang(asked: Any) -> dict[str, Any]:
        await gate.wait()
        return {}

    async with Service(answers=[hang]).running() as service:
        error = await cancel(work(service), lambda: bool(service.asked))
        gate.set()
        assert_hidden(service, shown(error))


def echo(asked: Any) -> dict[str, Any]:
    """An error that repeats all that was sent."""
    text = " ".join(value for name, value in asked.form.items() if name != "client_id")
    return {"error": "invalid_grant", "error_description": f"code: {text}"}


BAD: list[Any] = [echo, "[]", (500, "<html>CANARY"), (302, "", {"Location": "https://evil.example/?CANARY"})]
BAD_GRANTS = [grant(token_type="mac"), grant(state="CANARY-state"), grant(id_token="CANARY.CANARY.CANARY")]
REFUSED = [
    *((name, answer) for name in CODE_FLOWS for answer in BAD),
    *((name, answer) for name in ("exchange with VK ID", "refresh") for answer in BAD_GRANTS),
]


@pytest.mark.parametrize(("name", "answer"), REFUSED, ids=itertools.count())
async def test_s1_a_refused_code_flow_shows_nothing(name: str, answer: Any) -> None:
    """S1: nor what came, of which some may be tokens."""
    async with Service(answers=[answer]).running() as service:
        with pytest.raises(AuthError) as caught:
            await CODE_FLOWS[name](service)
        assert_hidden(service, shown(caught.value))


def assert_hidden(service: Service, text: str) -> None:
    """Check that nothing of what was sent in confidence is in ``text``."""
    assert "CANARY" not in text
    for name in ("state", "code_verifier"):
        value = service.asked[0].form.get(name)
        assert value is None or value not in text


ADDRESS = f"https://m.vk.ru/activation?act=validate&hash={KEY}"


@pytest.mark.parametrize("address", [ADDRESS, URL(ADDRESS), f"https://evil.example/?hash={KEY}", f"\\{ADDRESS}"])
async def test_s1_a_verification_shows_no_address(vk: VKSimulator, address: str | URL) -> None:
    """S1: it works once, for whoever has it."""
    with pytest.raises((AuthError, ValueError)) as caught:
        await verification(vk).run(address)
    assert KEY not in shown(caught.value)


async def test_s1_a_verification_that_fails_on_the_way_shows_no_address(vk: VKSimulator) -> None:
    """S1: at any of its pages, also as cancelled."""
    vk.add_account()
    address = f"{vk.base_url}/mobile/activation?act=validate&hash={KEY}"
    unknown, away = Fault.answer(200, "text/html", "<title>x</title>"), Fault.redirect("https://evil.example/")
    for fault in (Fault.reset(), unknown, away):
        vk.faults.add(fault, times=2)
        with pytest.raises(AuthError) as caught:
            await verification(vk).run(address)
        assert KEY not in shown(caught.value)
        vk.faults.clear()
    vk.faults.add(Fault.hang())
    before = len(vk.requests)
    error = await by_cancel(verification(vk).run(address), lambda: len(vk.requests) > before)
    assert KEY not in shown(error)


SECRETS: dict[type, dict[str, Any]] = {
    DirectAuthorization: {
        "client_id": CLIENT, "client_secret": "CANARY-secret", "login": "CANARY-login", "password": CANARY,
        "phone": "CANARY-phone", "trusted_hash": "CANARY-hash",
    },
    ImplicitFlowUser: {"client_id": CLIENT, "login": "CANARY-login", "password": CANARY, "phone": "CANARY-phone"},
    ImplicitFlowGroups: {"client_id": CLIENT, "login": "CANARY-login", "password": CANARY, "group_ids": [1]},
    AccountVerification: {"login": "CANARY-login", "phone": "CANARY-phone"},
    VKIDAuthorization: {"client_id": CLIENT, "redirect_uri": "http://localhost/", "service_token": "CANARY-service"},
    CodeFlow: {"client_id": CLIENT, "redirect_uri": "http://localhost/", "client_secret": "CANARY-secret"},
    QRAuthorization: {"client_id": CLIENT, "client_secret": "CANARY-secret", "show": print},
    BrowserAuthorization: {"client_id": CLIENT, "state": "CANARY_state_of_43_characters_0123456789abc"},
}  # fmt: skip
WITH_SECRETS = {"proxy": URL("http://me:CANARY-proxy@127.0.0.1:1"), "headers": {"Authorization": "CANARY-header"}}


@pytest.mark.parametrize("kind", SECRETS)
@pytest.mark.parametrize(
    "wrong",
    [{"timeout": 0}, {"max_attempts": "x"}, {"no_such_option": "CANARY"}, {"login": ""}, {"proxy": "CANARY:x"},
     {"headers": {"Authorization": "CANARY\r\n"}}, {"client_secret": b"CANARY"}, {"client_secret": ["CANARY"]},
     {"password": ["CANARY"]}, {"login": {"name": "CANARY"}}, {"phone": ["CANARY"]}, {"session": 1}],
    ids=str,
)  # fmt: skip
def test_s1_a_wrong_argument_shows_no_other(kind: type, wrong: dict[str, Any]) -> None:
    """S1: the frames of the constructor hold all of them, the wrong one too."""
    with pytest.raises((ValueError, TypeError)) as caught:
        kind(**SECRETS[kind] | WITH_SECRETS | wrong)
    assert "CANARY" not in shown(caught.value)


@pytest.mark.parametrize("kind", SECRETS)
def test_s1_an_authorization_shows_none_of_its_parts(kind: type) -> None:
    """S1: ``vars()`` is what a debugger opens first."""
    made = kind(**SECRETS[kind] | WITH_SECRETS)
    LeakScanner(["CANARY"]).scan(made)
    assert "CANARY" not in f"{vars(made)} {vars(made._connection) if hasattr(made._connection, '__dict__') else ''}"
    assert "CANARY" not in repr([getattr(made._connection, name) for name in type(made._connection).__slots__])


@pytest.mark.filterwarnings("ignore:.*was never awaited")
async def test_s1_asyncio_in_debug_mode_logs_no_answer(vk: VKSimulator, caplog: pytest.LogCaptureFixture) -> None:
    """S1, S2: it logs slow steps with the task and its result, and a task's result may be a code."""
    vk.add_account(captcha="image", two_factor="sms", code="654987")
    loop = asyncio.get_running_loop()
    loop.set_debug(True)
    loop.slow_callback_duration = 0.0
    texts: list[str] = []

    async def on_captcha(captcha: Captcha) -> str:
        texts.append(answer := solution(vk, captcha))
        await asyncio.sleep(0)
        return answer

    async def on_two_factor(challenge: TwoFactor) -> str:
        await asyncio.sleep(0)
        return vk.code_for(LOGIN)

    callbacks = CallbackService()
    callbacks.on_captcha(on_captcha)
    callbacks.on_two_factor(on_two_factor)
    with caplog.at_level("DEBUG"):
        try:
            token = await direct(vk, callbacks).run()
        finally:
            loop.set_debug(False)
    assert "Executing <Task" in caplog.text
    for secret in ("654987", *texts, PASSWORD, str(token.token)):
        assert secret not in caplog.text


async def test_s1_an_error_begins_where_the_library_was_called(vk: VKSimulator) -> None:
    """S1: the frames of flows and parsers hold forms and addresses; the error says what happened without them."""
    vk.add_account()
    error = await refused(direct(vk, password="xyzzy-xyzzy").run(), "USERNAME_OR_PASSWORD_IS_INCORRECT")
    names = [frame.f_code.co_qualname for frame, _ in traceback.walk_tb(error.__traceback__)]
    assert names[-1] == "Runner.run"
    assert error.__context__ is None


async def test_s1_a_handlers_own_error_keeps_its_frames(vk: VKSimulator) -> None:
    """Its author has to find the line."""
    vk.add_account(captcha="image")
    callbacks = person(vk)

    @callbacks.on_captcha
    async def on_captcha(captcha: Captcha) -> str:
        raise AuthError("ACCESS_DENIED", "no")  # type: ignore[arg-type]

    error = await refused(direct(vk, callbacks).run(), "ACCESS_DENIED")
    assert "on_captcha" in [frame.f_code.co_name for frame, _ in traceback.walk_tb(error.__traceback__)]


async def test_s2_a_session_with_trust_env_sends_no_netrc(
    vk: VKSimulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    """S2, H1: the proxy is what it is for; a password for the host is nobody's business here."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login CANARY password CANARY\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    vk.add_account()
    async with aiohttp.ClientSession(trust_env=True) as session:
        async with session.get(vk.base_url):
            pass
        assert "Authorization" in vk.requests[0].headers  # aiohttp itself would
        assert (await direct(vk, session=session).run()).token
    assert "Authorization" not in vk.requests[-1].headers


async def test_a_session_with_trust_env_still_goes_through_the_proxy(
    vk: VKSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the environment says; and not for hosts that it leaves out."""
    vk.add_account()
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    async with aiohttp.ClientSession(trust_env=True) as session:
        await refused(direct(vk, session=session).run(), "NETWORK_ERROR")
        assert not len(vk.requests)
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        assert (await direct(vk, session=session).run()).token


async def test_the_callers_own_error_keeps_its_frames(vk: VKSimulator) -> None:
    """A login may be what somebody falls back to while handling an error of their own."""
    vk.add_account()

    def fail() -> None:
        raise KeyError("mine")

    async def fall_back() -> tuple[BaseException, BaseException]:
        try:
            fail()
        except KeyError as mine:
            return mine, await refused(direct(vk, password="xyzzy-xyzzy").run(), "USERNAME_OR_PASSWORD_IS_INCORRECT")
        raise AssertionError

    mine, error = await fall_back()
    assert error.__context__ is mine
    assert [frame.f_code.co_name for frame, _ in traceback.walk_tb(mine.__traceback__)][-1] == "fail"


@pytest.mark.parametrize("raised", [KeyError, RuntimeError, ValueError, ExceptionGroup("x", [KeyError("y")])])
async def test_s1_an_error_of_a_hook_of_the_session_shows_nothing(vk: VKSimulator, raised: Any) -> None:
    """S1: it comes through aiohttp's frames, and no error of ours is behind it."""
    vk.add_account(password=CANARY)
    trace = aiohttp.TraceConfig()

    async def fail(*_: object) -> None:
        raise raised

    trace.on_request_end.append(fail)
    async with aiohttp.ClientSession(trace_configs=[trace]) as session:
        with pytest.raises(Exception) as caught:  # noqa: PT011 - whichever it was
            await direct(vk, password=CANARY, session=session).run()
    text = shown(caught.value)
    assert CANARY not in text
    assert "CANARY-password%26x" not in text
    assert SECRET_OF_CLIENT not in text


@pytest.mark.skipif(os.name != "posix", reason="uses terminals of POSIX")
async def test_s1_an_answer_that_was_half_pasted(monkeypatch: pytest.MonkeyPatch) -> None:
    """S1: the terminal goes before Enter."""
    terminal, slave = os.openpty()
    read, own, types = bytearray(), os.read, iter([b"CANARY"])
    write = "vkauth.terminal.threaded.write_or_drop"  # the question, which is answered once
    monkeypatch.setattr(write, lambda *_: [os.write(terminal, each) for each in types])
    monkeypatch.setattr(os, "read", lambda *where: [piece := own(*where), read.extend(piece)][0])
    with os.fdopen(slave) as stream:
        monkeypatch.setattr(sys, "stdin", stream)
        asked = asyncio.ensure_future(paste_in_terminal())
        while read != b"CANARY":  # noqa: ASYNC110 - it is a thread that reads
            await asyncio.sleep(0)
        os.close(terminal)
        assert "CANARY" not in shown(await refused(asked, "ACCESS_DENIED"))


async def test_s1_an_answer_that_is_no_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """S1: the error of the decoding holds it."""
    reader, writer = os.pipe()
    os.write(writer, b"CANARY\xff\n")
    os.close(writer)
    with os.fdopen(reader, encoding="utf-8") as stream:
        monkeypatch.setattr(sys, "stdin", stream)
        text = shown(await refused(ask_in_terminal("? "), "ACCESS_DENIED"))
    assert "CANARY" not in text.replace("', '", "")  # of a list


async def test_s5_a_challenge_that_is_kept_holds_nothing_of_the_login(vk: VKSimulator) -> None:
    """S5: bots keep what they were shown; the password must not live on in it."""
    import gc

    from vkauth.secret import Secret

    vk.add_account(password=CANARY, captcha="image", two_factor="sms")
    kept: list[Any] = []
    callbacks = person(vk)

    @callbacks.on_captcha
    async def on_captcha(captcha: Captcha) -> str:
        kept.append(captcha)
        return solution(vk, captcha)

    @callbacks.on_two_factor
    async def on_two_factor(challenge: TwoFactor) -> str:
        kept.append(challenge)
        return vk.code_for(LOGIN)

    assert (await direct(vk, callbacks, password=CANARY).run()).token
    seen: set[int] = set()
    left: list[Any] = [each._conversation for each in kept]
    while left:
        each = left.pop()
        if id(each) in seen or isinstance(each, type) or type(each).__name__ in ("module", "function", "frame"):
            continue
        seen.add(id(each))
        if isinstance(each, Secret):
            assert str(each) not in (CANARY, SECRET_OF_CLIENT)
        module = type(each).__module__
        if (
            module.startswith("vkauth")
            or isinstance(each, list | tuple | dict | set | frozenset)
            or "method" in str(type(each))
        ):
            left += gc.get_referents(each)
    assert len(kept) == 2
    assert len(seen) > 10
