"""The promises that reach across modules. What one module keeps by itself is tested beside it, under the same names."""

from __future__ import annotations

import dataclasses
import json
import logging
from collections.abc import Callable
from secrets import token_hex
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import CLIENT, LOGIN, PASSWORD, SECRET_OF_CLIENT, FakeClock, direct, person, refused, solution
from yarl import URL

from vkauth import (
    AuthError,
    CallbackService,
    Captcha,
    DirectAuthorization,
    Endpoints,
    ImplicitFlowUser,
    TwoFactor,
)
from vkauth.engine.transport import Connection, Transport
from vkauth.flows.challenges import Context
from vkauth.flows.direct import DirectOptions
from vkauth.flows.direct import direct as direct_flow
from vkauth.flows.person import Person
from vkauth.flows.steps import Accepted, AskCaptcha, AskCode, Send
from vkauth.protocol.captcha import CaptchaAnswer, CaptchaType
from vkauth.testing import Fault, LeakScanner, VKSimulator
from vkauth.wire.http import Response

CANARY = "CANARY-pässword &?#%"


def canaries(vk: VKSimulator, no_leaks: LeakScanner) -> LeakScanner:
    """Everything of a login at the simulator that must not be seen."""
    no_leaks.add(CANARY, SECRET_OF_CLIENT, LOGIN, "654987", *vk.issued)
    for each in vk.captchas:
        no_leaks.add(each.sid, each.text, each.session_token, *each.success_tokens)
    return no_leaks


SCENES: dict[str, dict[str, Any]] = {
    "plain": {},
    "picture and code": {"captcha": "image", "two_factor": "sms"},
    "page and code": {"captcha": "redirect", "two_factor": "app"},
    "api captcha after the code": {"two_factor": "sms", "captcha_after_code": "api"},
    "silent token": {"success": "silent", "two_factor": "callreset"},
    "trusted hash": {"success": "trusted_hash", "two_factor": "email"},
    "phone check": {"browser_check": "security"},
}
FAILURES: dict[str, tuple[dict[str, Any], str]] = {
    "ban": ({"banned": True}, "PAGE_BLOCKED"),
    "flood": ({"flood": True}, "FLOOD_CONTROL"),
    "browser": ({"browser_check": "validate"}, "VALIDATION_REQUIRED"),
    "captchas": ({"captcha": "image"}, "FAILED_PASSED_CAPTCHA"),
    "pages": ({"captcha": "redirect_only"}, "FAILED_PASSED_CAPTCHA"),
    "codes": ({"two_factor": "sms", "code": "654987"}, "WRONG_OTP"),
    "error object": ({"error_object": 17}, "VALIDATION_REQUIRED"),
}


@pytest.mark.parametrize("scene", SCENES)
async def test_s1_s2_s3_a_login_gives_no_secret_away(vk: VKSimulator, no_leaks: LeakScanner, scene: str) -> None:
    """S1, S2, S3: at DEBUG, with secrets that need encoding; nothing in logs, output, objects or addresses."""
    options = {"code": "654987"} if "two_factor" in SCENES[scene] else {}
    vk.add_account(password=CANARY, **SCENES[scene], **options)
    login = direct(vk, password=CANARY)
    token = await login.run()
    canaries(vk, no_leaks).scan(token, login, [token], vk.requests[0], *vk.requests)
    vk.requests.assert_never_in_url(CANARY, SECRET_OF_CLIENT, *vk.issued, "654987")
    for each in vk.requests.to("oauth/token"):
        assert each.form["password"] == CANARY


@pytest.mark.parametrize("scene", FAILURES)
async def test_s1_s2_a_failed_login_gives_no_secret_away(vk: VKSimulator, no_leaks: LeakScanner, scene: str) -> None:
    """S1, S2: nor does an error: its text, its parts, what caused it, the variables of its traceback."""
    options, code = FAILURES[scene]
    vk.add_account(password=CANARY, **options)
    errors: list[BaseException] = []
    wrong = {Captcha: "CANARY-answer", TwoFactor: "123987"}
    no_leaks.add(*wrong.values())
    callbacks = CallbackService()

    async def answer(challenge: Captcha | TwoFactor) -> None:
        try:
            await challenge.retry(wrong[type(challenge)])
        except AuthError as error:
            errors.append(error)
            raise

    callbacks.on_captcha(answer)
    callbacks.on_two_factor(answer)
    errors.append(await refused(direct(vk, callbacks, password=CANARY).run(), code))
    canaries(vk, no_leaks).scan(*errors)


@pytest.mark.parametrize(
    "fault",
    [Fault.reset(), Fault.truncate(), Fault.oversize(3 * 2**20), Fault.redirect("https://evil.example/"),
     Fault.answer(200, "text/html", "<title>x</title>"), Fault.status(502), Fault.hang()],
    ids=repr,
)  # fmt: skip
async def test_s1_s2_a_fault_gives_no_secret_away(vk: VKSimulator, no_leaks: LeakScanner, fault: Fault) -> None:
    """S1: aiohttp's own exceptions and frames, which hold the whole form, are not behind the error."""
    vk.add_account(password=CANARY, captcha="image", two_factor="sms", code="654987")
    vk.faults.add(fault, nth=3)
    with pytest.raises(AuthError) as caught:
        await direct(vk, password=CANARY, timeout=0.05 if "hang" in repr(fault) else 5.0).run()
    canaries(vk, no_leaks).scan(caught.value)
    assert caught.value.__cause__ is caught.value.__context__ is None


@pytest.mark.parametrize("number", [1, 2, 3])
async def test_s1_what_vk_repeats_is_taken_out(vk: VKSimulator, no_leaks: LeakScanner, number: int) -> None:
    """S1: an answer that echoes the request: its words are kept, what was sent is not."""
    vk.add_account(password=CANARY, captcha="image", two_factor="sms", code="654987")
    echo = {"error": "invalid_request", "error_description": f"bad {CANARY} {SECRET_OF_CLIENT} {LOGIN} 654987"}
    vk.faults.add(Fault.answer(400, "application/json", json.dumps(echo)), nth=number)
    error = await refused(direct(vk, password=CANARY).run(), "AUTHORIZATION_FAILED")
    assert "bad ***" in error.message
    if number < 3:
        vk.account(LOGIN).code = ""  # a code that was not sent yet is no secret of this run
    no_leaks.add(CANARY, SECRET_OF_CLIENT, LOGIN, *(["654987"] if number == 3 else []))
    no_leaks.scan(error)


async def test_s1_a_wrong_code_that_is_repeated_is_taken_out_of_the_refusal(vk: VKSimulator) -> None:
    """S1: the handler's copy of the refusal is clean too."""
    vk.add_account(two_factor="sms")
    echo = {"error": "invalid_request", "error_type": "wrong_otp", "error_description": "code 987123 is wrong"}
    vk.faults.add(Fault.answer(401, "application/json", json.dumps(echo)), nth=2)
    told: list[AuthError] = []
    callbacks = CallbackService()

    @callbacks.on_two_factor
    async def on_two_factor(challenge: TwoFactor) -> str:
        if challenge.error is None:
            return "987123"
        told.append(challenge.error)
        return vk.code_for(LOGIN)

    assert (await direct(vk, callbacks).run()).token
    LeakScanner(["987123"]).scan(*told)
    assert told[0].message.endswith("code *** is wrong)")


def test_s1_the_values_of_a_flow_are_masked(no_leaks: LeakScanner) -> None:
    """S1: every value that a flow passes around, and what a debugger would print of it."""
    context = Context(endpoints=Endpoints(), api_version="5.199", captcha_type=CaptchaType.DIRECT_AUTH)
    options = DirectOptions(
        person=Person("CANARY-login", None, CANARY),
        client_id=str(CLIENT),
        client_secret="CANARY-client",
        scope="1",
        device_id="device",
        trusted_hash="CANARY-trusted",
    )
    no_leaks.add(CANARY, "CANARY-login", "CANARY-client", "CANARY-trusted", "CANARY-sid", "CANARY-text")
    flow = direct_flow(context, options)
    step = next(flow)
    assert isinstance(step, Send)
    body = json.dumps(
        {"error": "need_captcha", "captcha_sid": "CANARY-sid", "captcha_img": "https://api.vk.ru/CANARY-sid"}
    )
    response = Response(step.request.url, 401, {}, body.encode(), FakeClock().now())
    asked = flow.send(response)
    assert isinstance(asked, AskCaptcha)
    again = flow.send(CaptchaAnswer("CANARY-text", False))
    no_leaks.scan(options.person, asked.prompt, CaptchaAnswer("CANARY-text", True))
    for each in (options, step, step.request, asked, again, response):
        no_leaks.text(f"{each!r} {each}", type(each).__name__)
    assert flow.gi_frame is not None
    no_leaks.text(repr(flow.gi_frame.f_locals), "the variables of the flow")


def test_s1_asdict_does_not_undo_the_mask() -> None:
    """S1: ``field(repr=False)`` would not be enough."""
    values = dataclasses.asdict(CaptchaAnswer("CANARY", True))
    assert values["value"] == "CANARY"
    assert "CANARY" not in repr(values)


async def test_s2_the_library_logs_under_one_name(vk: VKSimulator, caplog: pytest.LogCaptureFixture) -> None:
    """S2: ``vkauth``, so that it can be silenced; nothing above DEBUG for a login that ends well."""
    caplog.set_level(logging.DEBUG)
    vk.add_account(captcha="image", two_factor="sms")
    await direct(vk).run()
    ours = [each for each in caplog.records if not each.name.startswith(("asyncio", "aiohttp"))]
    assert ours
    assert {(each.name, each.levelno) for each in ours} == {("vkauth", logging.DEBUG)}


async def test_s3_secrets_are_never_in_an_address(vk: VKSimulator) -> None:
    """S3: nor is anything else: the addresses of a direct login have no query at all, but for the picture's own."""
    vk.add_account(captcha="image", two_factor="sms", success="silent", resend_delay=0)
    callbacks = CallbackService()

    @callbacks.on_captcha
    async def on_captcha(captcha: Captcha) -> str:
        await captcha.image()
        return solution(vk, captcha)

    @callbacks.on_two_factor
    async def on_two_factor(challenge: TwoFactor) -> str:
        await challenge.resend()
        return vk.code_for(LOGIN)

    assert (await direct(vk, callbacks).run()).token
    queries = {each.place: set(each.query) for each in vk.requests}
    assert queries.pop("api/captcha.php") == {"sid", "source", "resized"}
    assert not any(queries.values())
    assert not any("Referer" in each.headers for each in vk.requests)


async def test_s5_what_a_login_leaves_behind_has_no_password(vk: VKSimulator) -> None:
    """S5: neither the token nor the cookies that may be stored, pickled or not."""
    import pickle

    vk.add_account(password=CANARY, look="page")
    token = await direct(vk, password=CANARY).run()
    web = ImplicitFlowUser(client_id=CLIENT, login=LOGIN, password=CANARY, endpoints=vk.endpoints)
    web_token = await web.run()
    assert web.cookies is not None
    kept = [pickle.dumps(token), pickle.dumps(web_token), pickle.dumps(web.cookies), web.cookies.dump().encode()]
    assert not any(part in each for each in kept for part in (CANARY.encode(), b"CANARY"))


HOSTILE_PAGES = [
    "https://evil.example/",
    "https://login.vk.ru.evil.example/",
    "https://login.vk.ru@evil.example/",
    "http://evil.example/",
    "//evil.example/",
    "/\\evil.example/",
    "https:\\\\evil.example",
    "javascript:alert(1)",
]


@pytest.mark.parametrize("action", HOSTILE_PAGES)
async def test_h5_a_form_that_leads_elsewhere_is_not_sent(vk: VKSimulator, action: str) -> None:
    """H5: the password stays here."""
    vk.add_account(look="page")
    page = f'<form method="post" action="{action}"><input name="email"><input name="pass" type="password"></form>'
    vk.faults.add(Fault.answer(200, "text/html", page))
    web = ImplicitFlowUser(client_id=CLIENT, login=LOGIN, password=PASSWORD, endpoints=vk.endpoints)
    await refused(web.run(), "UNTRUSTED_REDIRECT")
    assert [each.method for each in vk.requests] == ["GET"]


async def test_h2_a_loop_of_redirects_has_an_end(vk: VKSimulator) -> None:
    """H2: on the way to the login page; nothing but GET was sent."""
    vk.add_account(look="page")
    vk.faults.add(Fault.redirect_loop(), on="oauth/authorize")
    web = ImplicitFlowUser(client_id=CLIENT, login=LOGIN, password=PASSWORD, endpoints=vk.endpoints)
    await refused(web.run(), "UNEXPECTED_RESPONSE")
    assert 1 < len(vk.requests) <= 21
    assert {each.method for each in vk.requests} == {"GET"}


async def test_h1_cookies_of_one_host_stay_there() -> None:
    """H1: a cookie of login.vk.ru is not sent to api.vk.ru; one of vk.ru is; neither crosses to vk.com."""
    import aiohttp

    async with VKSimulator(tls=True) as vk, aiohttp.ClientSession(connector=vk.connector()) as session:
        vk.faults.add(Fault.set_cookie("narrow=1; Path=/; Secure"), nth=1)
        vk.faults.add(Fault.set_cookie("wide=1; Path=/; Secure; Domain=vk.ru"), nth=2)
        from vkauth.wire.http import get

        async with Transport(Connection(session=session), Endpoints(), FakeClock()) as transport:
            for host in ("login.vk.ru", "login.vk.ru", "api.vk.ru", "login.vk.ru", "login.vk.com"):
                await transport.send(get(URL(f"https://{host}/")), 5.0)
        assert [sorted(each.cookies) for each in vk.requests] == [[], ["narrow"], ["wide"], ["narrow", "wide"], []]


# -- robustness ------------------------------------------------------------------------------------------------------

ANSWERS: list[bytes] = [
    b'{"access_token":"vk1.a.x","user_id":1,"expires_in":0}',
    b'{"error":"need_captcha","captcha_sid":1,"captcha_img":"https://api.vk.ru/captcha.php?sid=1"}',
    b'{"error":"need_validation","validation_type":"2fa_sms","validation_sid":"s","phone_mask":"+7","delay":1}',
    b'{"error":"need_validation","ban_info":{"member_name":"x","message":"y","restore_url":"https://vk.ru/restore"}}',
    b'{"error":{"error_code":17,"error_msg":"x","redirect_uri":"https://m.vk.ru/activation?act=validate"}}',
    b'{"silent_token":"s","silent_token_uuid":"u","silent_token_ttl":600}',
    b"<html><head><title>VK</title></head><form action='/x'><input name=pass></form></html>",
]


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """An answer of VK with some of its bytes changed, left out or put in."""
    body = bytearray(draw(st.sampled_from(ANSWERS)))
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.integers(0, len(body)))
        change = draw(st.sampled_from(["put", "drop", "cut", "nest"]))
        if change == "put":
            body[at:at] = draw(st.binary(min_size=1, max_size=4))
        elif change == "drop":
            del body[at : at + draw(st.integers(1, 8))]
        elif change == "cut":
            del body[at:]
        else:
            body[at:at] = draw(st.sampled_from([b"null", b"[]", b"{}", b'""', b"-1", b"1e999", b"true", b'"\\ud800"']))
    return bytes(body)


def drive(bodies: list[bytes], status: int) -> None:
    """Drive a login by hand on these answers; whatever it wants of a person it gets."""
    context = Context(endpoints=Endpoints(), api_version="5.199", captcha_type=CaptchaType.DIRECT_AUTH)
    someone = Person(LOGIN, None, PASSWORD)
    options = DirectOptions(person=someone, client_id="1", client_secret="s", scope="1", device_id="d")
    flow = direct_flow(context, options)
    left = list(bodies)
    value: object = None
    token: object = None
    try:
        while True:
            step = flow.send(value)
            match step:
                case Send(request) if left:
                    value = Response(request.url, status, {}, left.pop(), FakeClock().now())
                case AskCaptcha():
                    value = CaptchaAnswer("x", step.prompt.kind == "redirect")
                case AskCode():
                    value = "123456"
                case Accepted():
                    value = None
                case _:
                    return  # it wants more answers than there are
    except StopIteration as end:
        token = end.value.token
    except AuthError as error:
        token = error.code
    finally:
        flow.close()
    assert token


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=1000, derandomize=True)
@given(st.lists(mutated(), min_size=1, max_size=4), st.sampled_from([200, 302, 400, 401, 500]))
def test_r1_any_bytes_give_a_token_or_an_auth_error(bodies: list[bytes], status: int) -> None:
    """R1: never another exception, and never more than a second."""
    drive(bodies, status)


@settings(max_examples=100, deadline=1000, derandomize=True)
@given(st.binary(max_size=200))
def test_r1_noise_is_no_answer(body: bytes) -> None:
    """R1: bytes that never were anything."""
    drive([body, body], 200)


@pytest.mark.parametrize(
    "body", [b"[" * 10**6, b'{"a":' * 10**5, b"9" * 10**6, b'{"expires_in":' + b"9" * 10**6 + b"}"]
)
def test_r1_huge_nonsense_takes_no_time(body: bytes) -> None:
    """R1: deep nesting and numbers of a million digits."""
    drive([body], 200)


@pytest.mark.parametrize(
    "missing", ["captcha_sid", "captcha_img", "redirect_uri", "captcha_ts", "captcha_ratio", "all"]
)
async def test_r9_a_captcha_may_lack_any_field(vk: VKSimulator, missing: str) -> None:
    """R9: other libraries die of the shape of 2026 (vk-io#581)."""
    vk.add_account()
    shape = {
        "captcha_sid": 300000000001,
        "captcha_img": f"{vk.base_url}/api/captcha.php?sid=300000000001",
        "redirect_uri": f"{vk.base_url}/id/not_robot_captcha?session_token=x",
        "captcha_ts": 1700000000.123,
        "captcha_ratio": 2.6,
        "is_enabled_captcha": True,
        "captcha_stid": "new in 2026",
        "uiux_changes": [],
    }
    body = {"error": "need_captcha"} | {name: value for name, value in shape.items() if missing not in (name, "all")}
    vk.faults.add(Fault.answer(401, "application/json", json.dumps(body)))
    callbacks = CallbackService()
    callbacks.on_captcha(lambda captcha: "SAMPLE")
    assert (await direct(vk, callbacks).run()).token


@pytest.mark.parametrize("wrong", [None, 0, "", [], {}, 1.5, True, -1, 10**30, "x" * 10_000, "\ud800"])
@pytest.mark.parametrize(
    "name", ["validation_type", "validation_sid", "phone_mask", "code_length", "delay", "validation_resend"]
)
async def test_r9_fields_of_any_type_do_not_crash(vk: VKSimulator, name: str, wrong: object) -> None:
    """R9: a code is asked for whatever is said of it."""
    vk.add_account()
    body = {"error": "need_validation", "validation_type": "2fa_sms", "validation_sid": "s"} | {name: wrong}
    vk.faults.add(Fault.answer(401, "application/json", json.dumps(body)))
    shown: list[object] = []
    callbacks = CallbackService()

    @callbacks.on_two_factor
    def on_two_factor(challenge: TwoFactor) -> str:
        shown.append(
            (challenge.type, challenge.phone_mask, challenge.code_length, challenge.resend_in, repr(challenge))
        )
        return "123456"

    assert (await direct(vk, callbacks).run()).token
    assert len(shown) == 1


async def log_of_a_run(make: Callable[[VKSimulator], DirectAuthorization]) -> list[object]:
    async with VKSimulator(clock=FakeClock().monotonic) as vk:
        vk.add_account(captcha="image", two_factor="sms", captcha_after_code="api", success="silent", resend_delay=0)
        login = make(vk)
        assert (await login.run()).token
        port = str(vk.base_url.port)
        return [
            (each.method, each.raw_target, list(each.form.items()), [
                (name, value.replace(port, "PORT")) for name, value in each.headers.items()
            ])
            for each in vk.requests
        ]  # fmt: skip


async def test_r10_the_same_run_sends_the_same_bytes() -> None:
    """R10: with the same clock and the same chance; the order of fields and headers counts too."""

    def make(vk: VKSimulator) -> DirectAuthorization:
        callbacks = person(vk)

        @callbacks.on_captcha
        async def on_captcha(captcha: Captcha) -> str:
            if captcha.kind == "image":
                await captcha.image()
            return solution(vk, captcha)

        return direct(vk, callbacks)

    first, second = await log_of_a_run(make), await log_of_a_run(make)
    assert first == second
    assert len(first) == 7


async def test_r10_chance_is_used_for_the_device_only(vk: VKSimulator) -> None:
    """R10: 16 hexadecimal digits, the same for a whole run, others for the next one."""
    vk.add_account(captcha="image")
    login = direct(vk, random_hex=token_hex)
    await login.run()
    await login.run()
    devices = [each.form["device_id"] for each in vk.requests]
    assert devices[0] == devices[1] != devices[2] == devices[3]
    assert all(len(bytes.fromhex(each)) == 8 for each in devices)
    first, third = ({k: v for k, v in vk.requests[n].form.items() if k != "device_id"} for n in (0, 2))
    assert first == third


async def test_the_default_clock_and_chance_are_the_machines_own() -> None:
    """What is replaced in tests is there without being asked for."""
    from datetime import UTC, datetime

    from vkauth.clock import Clock

    login = DirectAuthorization(client_id=1, client_secret="s", login="l", password="p")
    assert type(login._clock) is Clock
    assert login._hex(8) != login._hex(8)
    assert abs((datetime.now(UTC) - login._clock.now()).total_seconds()) < 5
    assert login._clock.monotonic() <= login._clock.monotonic()
