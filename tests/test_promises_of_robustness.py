"""The promises of robustness that reach across modules: any answer, any field, the same run again."""

from __future__ import annotations

import json
from collections.abc import Callable
from secrets import token_hex

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import LOGIN, PASSWORD, FakeClock, direct, person, solution

from vkauth import (
    AuthError,
    CallbackService,
    Captcha,
    DirectAuthorization,
    Endpoints,
    TwoFactor,
)
from vkauth.flows.challenges import Context
from vkauth.flows.direct import DirectOptions
from vkauth.flows.direct import direct as direct_flow
from vkauth.flows.person import Person
from vkauth.flows.steps import Accepted, AskCaptcha, AskCode, Send
from vkauth.protocol.captcha import CaptchaAnswer, CaptchaType
from vkauth.testing import Fault, VKSimulator
from vkauth.wire.http import Response

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
    options = DirectOptions(person=someone, client_id="1", client_secret="s", scope="1")
    flow = direct_flow(context, options, "device")
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


@settings(max_examples=150, deadline=1000)
@given(st.lists(mutated(), min_size=1, max_size=4), st.sampled_from([200, 302, 400, 401, 500]))
def test_r1_any_bytes_give_a_token_or_an_auth_error(bodies: list[bytes], status: int) -> None:
    """R1: never another exception, and never more than a second."""
    drive(bodies, status)


@settings(max_examples=100, deadline=1000)
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
