"""The promises that reach across modules. What one module keeps by itself is tested beside it, under the same names."""

from __future__ import annotations

import dataclasses
import json
import logging
from typing import Any

import pytest
from support import CLIENT, LOGIN, PASSWORD, SECRET_OF_CLIENT, FakeClock, direct, refused, solution
from yarl import URL

from vkauth import (
    AuthError,
    CallbackService,
    Captcha,
    Endpoints,
    ImplicitFlowUser,
    TwoFactor,
)
from vkauth.engine.transport import Connection, Transport
from vkauth.flows.challenges import Context
from vkauth.flows.direct import DirectOptions
from vkauth.flows.direct import direct as direct_flow
from vkauth.flows.person import Person
from vkauth.flows.steps import AskCaptcha, Send
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
        no_leaks.allow("654987")  # a code that was not sent yet is no secret of this run
    no_leaks.add(LOGIN)
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
        trusted_hash="CANARY-trusted",
    )
    no_leaks.add(CANARY, "CANARY-login", "CANARY-client", "CANARY-trusted", "CANARY-sid", "CANARY-text")
    flow = direct_flow(context, options, "device")
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
