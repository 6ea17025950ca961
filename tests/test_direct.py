"""Direct authorization: everything that ``/token`` may answer (reference: VK's direct authorization, 2026)."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from support import CLIENT, LOGIN, PASSWORD, SECRET_OF_CLIENT, FakeClock, direct, person, refused, solution

from vkauth import CallbackService, Captcha, CaptchaType, TwoFactor, UserScope, official_app_credentials
from vkauth.testing import Fault, VKSimulator

TOKEN = "oauth/token"


def answer(vk: VKSimulator, status: int, body: object, *, kind: str = "application/json", times: int = 1) -> None:
    """The next answer of ``/token``."""
    content = body if isinstance(body, bytes | str) else json.dumps(body)
    vk.faults.add(Fault.answer(status, kind, content), on=TOKEN, times=times)


Asked = tuple[int, str | None]


def codes(vk: VKSimulator, *given: str, returned: bool = False) -> tuple[CallbackService, list[Asked]]:
    """Hooks of a person who types these codes, one a call; ``*`` is the right one. With a list of what was asked."""
    callbacks = person(vk)
    left = list(given)
    seen: list[Asked] = []

    @callbacks.on_two_factor
    async def on_two_factor(challenge: TwoFactor) -> str | None:
        seen.append((challenge.attempt, challenge.error and challenge.error.code))
        code = left.pop(0)
        code = vk.code_for(LOGIN) if code == "*" else code
        if returned:
            return code
        await challenge.retry(code)
        return None

    return callbacks, seen


# -- a token ---------------------------------------------------------------------------------------------------------


async def test_a_plain_login_is_one_request(vk: VKSimulator) -> None:
    """S3: by POST, with everything in the body and nothing in the address."""
    account = vk.add_account(email="person@mail.example", expires_in=86400)
    login = direct(vk)
    token = await login.run()
    assert vk.requests.paths() == ["POST oauth/token"]
    assert vk.requests.last.raw_target == "/oauth/token"
    assert dict(vk.requests.last.form) == {
        "grant_type": "password",
        "client_id": str(CLIENT),
        "client_secret": SECRET_OF_CLIENT,
        "username": LOGIN,
        "password": PASSWORD,
        "scope": "534757343",
        "v": "5.199",
        "2fa_supported": "1",
        "device_id": "0123456701234567",
    }
    issued = vk.issued[token.token]
    assert (issued.kind, issued.account, issued.scope) == ("user", account, 534757343)
    assert (token.user_id, token.email, token.expires_in) == (account.user_id, "person@mail.example", 86400)
    assert token.expires_at == FakeClock().now() + timedelta(days=1)
    assert token.trusted_hash is token.secret is None


async def test_a_token_without_an_end(vk: VKSimulator) -> None:
    """``expires_in`` 0 is never."""
    vk.add_account()
    token = await direct(vk).run()
    assert (token.expires_in, token.expires_at) == (0, None)


async def test_what_was_asked_for_is_sent(vk: VKSimulator) -> None:
    """Scope, version, device and the phone in the place of the login."""
    vk.add_account()
    options = {"login": None, "phone": LOGIN, "scope": UserScope.FRIENDS, "api_version": "5.131", "device_id": "mine"}
    token = await direct(vk, **options).run()
    form = vk.requests.last.form
    assert (form["username"], form["scope"], form["v"], form["device_id"]) == (LOGIN, "2", "5.131", "mine")
    assert token.scope == "2"


async def test_the_scope_that_vk_names_counts(vk: VKSimulator) -> None:
    """It may give less than was asked for."""
    vk.add_account()
    answer(vk, 200, {"access_token": "vk1.a.x", "user_id": "7", "expires_in": "60", "scope": "friends", "secret": "s"})
    token = await direct(vk, scope="friends,wall").run()
    assert (token.scope, token.user_id, token.expires_in, token.secret) == ("friends", 7, 60, "s")


@pytest.mark.parametrize("app", ["android", "windows", "iphone", "ipad", "windows_phone", "vk_me"])
async def test_official_applications(vk: VKSimulator, app: str) -> None:
    """Their credentials are unpacked into the login."""
    credentials = getattr(official_app_credentials, app)
    vk.add_account()
    vk.add_app(credentials["client_id"], credentials["client_secret"])
    assert (await direct(vk, **credentials).run()).token
    assert vk.requests.last.headers["User-Agent"].startswith("vkauth/")


async def test_a_trusted_hash_saves_the_code_next_time(vk: VKSimulator) -> None:
    """It comes with the first token and goes along with the next login."""
    vk.add_account(two_factor="sms", success="trusted_hash")
    first = await direct(vk).run()
    assert first.trusted_hash is not None
    assert first.trusted_hash.startswith("SIMULATED-TRUSTED-")
    vk.requests.clear()
    assert (await direct(vk, CallbackService(), trusted_hash=first.trusted_hash).run()).token
    assert len(vk.requests) == 1


async def test_a_silent_token_is_exchanged(vk: VKSimulator) -> None:
    """Three requests: the password, an anonymous token of the application, the exchange."""
    account = vk.add_account(success="silent", expires_in=60)
    token = await direct(vk, scope="friends").run()
    assert vk.requests.paths() == [
        "POST oauth/token",
        "POST api/method/auth.getAnonymToken",
        "POST api/method/auth.exchangeSilentAuthToken",
    ]
    assert vk.issued[token.token].kind == "user"
    assert (token.user_id, token.expires_in, token.scope) == (account.user_id, 60, "2")
    vk.requests.assert_never_in_url(*vk.issued)
    assert "password" not in vk.requests[1].form
    assert "password" not in vk.requests[2].form


async def test_challenges_before_a_silent_token_are_accepted(vk: VKSimulator) -> None:
    """R7: the handlers hear of it before the exchange begins."""
    vk.add_account(success="silent", two_factor="sms", captcha="image")
    assert (await direct(vk).run()).token


@pytest.mark.parametrize("before", [None, "hash-of-token"])
async def test_the_trusted_hash_of_a_silent_answer_is_kept(vk: VKSimulator, before: str | None) -> None:
    """The exchange gives none of its own; if it does, that is the newer one."""
    vk.add_account()
    answer(vk, 200, {"silent_token": "s", "silent_token_uuid": "u", "trusted_hash": "hash-of-silent"})
    exchanged = {"access_token": "vk1.a.x", "user_id": 1, "expires_in": 0} | (
        {"trusted_hash": before} if before else {}
    )
    vk.faults.add(
        Fault.answer(200, "application/json", json.dumps({"response": exchanged})),
        on="api/method/auth.exchangeSilentAuthToken",
    )
    assert (await direct(vk).run()).trusted_hash == (before or "hash-of-silent")


@pytest.mark.parametrize(
    ("place", "response", "code"),
    [
        ("auth.exchangeSilentAuthToken", {"access_token": "x", "is_partial": True}, "VALIDATION_REQUIRED"),
        ("auth.exchangeSilentAuthToken", {"user_id": 1}, "UNEXPECTED_RESPONSE"),
        ("auth.exchangeSilentAuthToken", 1, "UNEXPECTED_RESPONSE"),
        ("auth.getAnonymToken", {"nothing": 1}, "UNEXPECTED_RESPONSE"),
    ],
)
async def test_an_exchange_that_gives_no_whole_token(vk: VKSimulator, place: str, response: object, code: str) -> None:
    """A partial token is not passed on as a token."""
    vk.add_account(success="silent")
    body = json.dumps({"response": response})
    vk.faults.add(Fault.answer(200, "application/json", body), on=f"api/method/{place}")
    await refused(direct(vk).run(), code)


async def test_an_exchange_that_is_refused(vk: VKSimulator) -> None:
    """An error of the API there is an error of the login."""
    vk.add_account(success="silent")
    body = {"error": {"error_code": 1114, "error_msg": "Anonymous token has expired"}}
    vk.faults.add(Fault.answer(200, "application/json", json.dumps(body)), on="api/method/auth.exchangeSilentAuthToken")
    error = await refused(direct(vk).run(), "INVALID_GRANT")
    assert error.details["error_code"] == "1114"


# -- captchas --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "shape", "sent"),
    [
        ("image", "image", {"captcha_sid", "captcha_key"}),
        ("redirect", "redirect", {"captcha_sid", "success_token"}),
        ("both", "redirect", {"captcha_sid", "success_token"}),
        ("redirect_only", "redirect", {"success_token", "remixstlid"}),
        ("api", "redirect", {"captcha_sid", "success_token", "remixstlid"}),
    ],
)
@pytest.mark.parametrize("sid", ["text", "number"])
async def test_every_kind_of_captcha(vk: VKSimulator, kind: Any, shape: str, sent: set[str], sid: Any) -> None:
    """R9: sid and picture may be missing, the sid may be a number; ``remixstlid`` goes back where it came."""
    vk.add_account(captcha=kind, captcha_sid_type=sid)
    vk.strict_remixstlid = True
    callbacks = person(vk)
    seen: list[Captcha] = []

    @callbacks.on_captcha
    async def on_captcha(captcha: Captcha) -> str:
        seen.append(captcha)
        return solution(vk, captcha)

    token = await direct(vk, callbacks).run()
    assert vk.issued[token.token].kind == "user"
    (captcha,) = seen
    assert (captcha.kind, captcha.type, captcha.attempt, captcha.error) == (shape, CaptchaType.DIRECT_AUTH, 1, None)
    shown = vk.captchas[0]
    assert captcha.sid == (shown.sid if kind != "redirect_only" else None)
    assert (captcha.src is None) == (kind == "redirect_only")
    assert (captcha.audio_src is not None) == (kind in ("image", "both"))
    first, second = vk.requests
    assert dict(first.form).items() <= dict(second.form).items()
    assert second.form.keys() - first.form.keys() == sent
    if kind in ("redirect_only", "api"):
        assert second.form["remixstlid"] == str(shown.remixstlid)


async def test_a_captcha_with_both_may_be_answered_by_its_picture(vk: VKSimulator) -> None:
    """``key=`` says that it is the text of the picture."""
    vk.add_account(captcha="both")
    callbacks = CallbackService()

    @callbacks.on_captcha
    async def on_captcha(captcha: Captcha) -> None:
        await captcha.retry(key=vk.captcha_text(captcha.sid or ""))

    assert (await direct(vk, callbacks).run()).token
    assert vk.requests.last.form.keys() >= {"captcha_key", "captcha_sid"}


async def test_a_captcha_of_the_picture_may_be_answered_by_a_token(vk: VKSimulator) -> None:
    """``success_token=`` is sent as one, whatever the kind."""
    vk.add_account(captcha="image")
    callbacks = CallbackService()

    @callbacks.on_captcha
    async def on_captcha(captcha: Captcha) -> None:
        await captcha.retry(success_token="SAMPLE")

    await refused(direct(vk, callbacks, max_attempts=1).run(), "FAILED_PASSED_CAPTCHA")
    assert vk.requests.last.form["success_token"] == "SAMPLE"
    assert "captcha_key" not in vk.requests.last.form


async def test_a_new_answer_replaces_all_of_the_old_one(vk: VKSimulator) -> None:
    """A token and a text are never sent together."""
    vk.add_account(captcha="both")
    callbacks = CallbackService()

    @callbacks.on_captcha
    async def on_captcha(captcha: Captcha) -> None:
        if captcha.attempt == 1:
            await captcha.retry(key="wrong")
        else:
            await captcha.retry(solution(vk, captcha))

    assert (await direct(vk, callbacks).run()).token
    assert vk.requests[1].form["captcha_key"] == "wrong"
    assert "captcha_key" not in vk.requests[2].form
    assert vk.requests[2].form["captcha_sid"] == vk.captchas[1].sid != vk.captchas[0].sid


async def test_a_captcha_as_a_numbered_error(vk: VKSimulator) -> None:
    """``"14;Captcha needed"`` is a captcha as well, also without anything to show."""
    vk.add_account()
    answer(vk, 401, {"error": "14;Captcha needed", "captcha_sid": 300000000001})
    callbacks = CallbackService()
    seen: list[str | None] = []

    @callbacks.on_captcha
    def on_captcha(captcha: Captcha) -> str:
        seen.append(captcha.sid)
        return "SAMPLE"

    assert (await direct(vk, callbacks).run()).token
    assert seen == ["300000000001"]
    assert vk.requests.last.form["captcha_key"] == "SAMPLE"


# -- confirmation codes ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "kind", "mask", "length"),
    [
        ("sms", "sms", "+7 *** *** ** 01", None),
        ("app", "app", "+7 *** *** ** 01", None),
        ("callreset", "callreset", "+7 *** *** ** 01", 4),
        ("email", "email", "+7 *** *** ** 01", 6),
        ("push", "push", "+7 *** *** ** 01", 6),
        ("reserve_code", "app", "+7 *** *** ** 01", None),
    ],
)
async def test_every_way_of_confirming(vk: VKSimulator, method: Any, kind: str, mask: str, length: int | None) -> None:
    """The handler is told how the code comes, where it went and how long it is, as far as VK says it."""
    vk.add_account(two_factor=method)
    callbacks = CallbackService()
    seen: list[TwoFactor] = []

    @callbacks.on_two_factor
    def on_two_factor(challenge: TwoFactor) -> str:
        seen.append(challenge)
        return vk.code_for(LOGIN)

    assert (await direct(vk, callbacks).run()).token
    (challenge,) = seen
    assert (challenge.type, challenge.phone_mask, challenge.code_length) == (kind, mask, length)
    assert (challenge.attempt, challenge.error) == (1, None)
    assert challenge.validation_sid is not None
    assert challenge.validation_sid.startswith(f"2fa_100001_{CLIENT}_")
    assert challenge.methods == ()
    first, second = vk.requests
    assert dict(first.form).items() <= dict(second.form).items()
    assert second.form.keys() - first.form.keys() == {"code"}


async def test_a_code_with_spaces(vk: VKSimulator) -> None:
    """As a person copies it out of a message."""
    vk.add_account(two_factor="sms", code="123456")
    callbacks, _ = codes(vk, " 123 456\n", returned=True)
    assert (await direct(vk, callbacks).run()).token
    assert vk.requests.last.form["code"] == "123456"


async def test_libverify_falls_back_to_an_sms(vk: VKSimulator) -> None:
    """VK's own code service is not asked for; the code can be sent by SMS instead."""
    vk.add_account(two_factor="libverify", sms_code="654321")
    callbacks = CallbackService()
    seen: list[str] = []

    @callbacks.on_two_factor
    async def on_two_factor(challenge: TwoFactor) -> str:
        seen.append(challenge.type)
        await challenge.resend()
        seen.append(challenge.type)
        return vk.last_message(LOGIN).code

    assert (await direct(vk, callbacks).run()).token
    assert seen == ["libverify", "sms"]


@pytest.mark.parametrize("form", ["object", "one"])
async def test_resending_after_a_call(vk: VKSimulator, form: Any) -> None:
    """An SMS comes instead; VK's short answer (``1``) leaves everything else as it was."""
    account = vk.add_account(two_factor="callreset", sms_code="654321", validate_phone_form=form, resend_delay=30)
    callbacks = CallbackService()
    told: list[tuple[str, int | None, float, bool]] = []

    @callbacks.on_two_factor
    async def on_two_factor(challenge: TwoFactor) -> None:
        told.append((challenge.type, challenge.code_length, challenge.resend_in, challenge.can_resend))
        await challenge.resend()
        told.append((challenge.type, challenge.code_length, challenge.resend_in, challenge.can_resend))
        await challenge.retry(vk.last_message(LOGIN).code)

    login = direct(vk, callbacks)
    assert (await login.run()).token
    assert told[0] == ("callreset", 4, 0.0, True)
    assert told[1] == (("sms", 6, 30.0, False) if form == "object" else ("callreset", 4, 0.0, True))
    assert [each.method for each in account.sent] == ["callreset", "sms"]
    resend = vk.requests[1]
    assert str(resend) == "POST api/method/auth.validatePhone"
    assert resend.form.keys() == {"sid", "v", "client_id", "client_secret", "device_id"}
    assert resend.form["device_id"] == vk.requests[0].form["device_id"]


async def test_resending_too_early_is_refused_here(vk: VKSimulator) -> None:
    """VK counts such requests against the account: nothing is sent before the time is over."""
    vk.add_account(two_factor="sms", resend_delay=30)
    callbacks = CallbackService()
    waits: list[float | None] = []

    @callbacks.on_two_factor
    async def on_two_factor(challenge: TwoFactor) -> None:
        clock = login._clock
        assert isinstance(clock, FakeClock)
        await challenge.resend()
        before = len(vk.requests)
        clock.seconds += 12
        waits.append((await refused(challenge.resend(), "RATE_LIMITED")).retry_after)
        assert len(vk.requests) == before
        clock.seconds += 18
        assert challenge.can_resend
        await challenge.resend()
        assert len(vk.requests) == before + 1
        await challenge.retry(vk.code_for(LOGIN))

    login = direct(vk, callbacks)
    assert (await login.run()).token
    assert waits == [18.0]


async def test_what_a_resend_changed_outlives_a_wrong_code(vk: VKSimulator) -> None:
    """The next try still tells of the SMS, counts its delay on, and sends it again under the newest sid."""
    vk.add_account(two_factor="callreset", sms_code="654321", resend_delay=30)
    callbacks = CallbackService()
    told: list[tuple[str, float]] = []

    @callbacks.on_two_factor
    async def on_two_factor(challenge: TwoFactor) -> str:
        clock = login._clock
        assert isinstance(clock, FakeClock)
        if challenge.attempt == 1:
            await challenge.resend()
            clock.seconds += 10
            return "000000"
        told.append((challenge.type, challenge.resend_in))
        clock.seconds += 20
        body = {"response": {"sid": "newer", "delay": 0}}
        vk.faults.add(Fault.answer(200, "application/json", json.dumps(body)), on="api/method/auth.validatePhone")
        await challenge.resend()
        vk.faults.add(Fault.answer(200, "application/json", '{"response":1}'), on="api/method/auth.validatePhone")
        await challenge.resend()
        return vk.last_message(LOGIN).code

    login = direct(vk, callbacks)
    assert (await login.run()).token
    assert told == [("sms", 20.0)]
    sids = [each.form["sid"] for each in vk.requests.to("api/method/auth.validatePhone")]
    assert sids[0] == sids[1] != sids[2] == "newer"


async def test_a_resend_that_vk_refuses_is_the_handlers_to_know(vk: VKSimulator) -> None:
    """R7: it may go on with the code it has; a refusal repeats nothing of what was sent."""
    vk.add_account(two_factor="sms")
    body = {"error": {"error_code": 1112, "error_msg": f"Processing {SECRET_OF_CLIENT}. Try later"}}
    vk.faults.add(Fault.answer(200, "application/json", json.dumps(body)), on="api/method/auth.validatePhone")
    callbacks = CallbackService()

    @callbacks.on_two_factor
    async def on_two_factor(challenge: TwoFactor) -> str:
        error = await refused(challenge.resend(), "RATE_LIMITED")
        assert SECRET_OF_CLIENT not in f"{error!r} {error.details} {error}"
        return vk.code_for(LOGIN)

    assert (await direct(vk, callbacks).run()).token


async def test_a_captcha_before_a_resend(vk: VKSimulator) -> None:
    """The captcha hook is asked within the code hook."""
    vk.add_account(two_factor="sms", captcha=None)
    sid = {"error_code": 14, "error_msg": "Captcha needed", "captcha_sid": "1", "captcha_img": ""}
    vk.faults.add(Fault.answer(200, "application/json", json.dumps({"error": sid})), on="api/method/auth.validatePhone")
    callbacks = CallbackService()
    callbacks.on_captcha(lambda captcha: "SAMPLE")

    @callbacks.on_two_factor
    async def on_two_factor(challenge: TwoFactor) -> str:
        await challenge.resend()
        return vk.code_for(LOGIN)

    assert (await direct(vk, callbacks).run()).token
    first, second = vk.requests.to("api/method/auth.validatePhone")
    assert second.form == {**first.form, "captcha_sid": "1", "captcha_key": "SAMPLE"}


@pytest.mark.parametrize("method", [None, "sms"])
async def test_a_code_that_cannot_be_sent_again(vk: VKSimulator, method: str | None) -> None:
    """Without a sid there is nothing to name; the handler can see that beforehand."""
    vk.add_account(two_factor="app")
    answer(vk, 401, {"error": "need_validation", "validation_type": "2fa_app", "phone_mask": "+7"})
    callbacks = CallbackService()

    @callbacks.on_two_factor
    async def on_two_factor(challenge: TwoFactor) -> str:
        assert not challenge.can_resend
        await refused(challenge.resend(method), "AUTHORIZATION_FAILED")
        return vk.account(LOGIN).code

    assert (await direct(vk, callbacks).run()).token
    assert vk.requests.paths() == ["POST oauth/token"] * 2


async def test_the_way_of_a_code_cannot_be_chosen_here(vk: VKSimulator) -> None:
    """``methods`` is empty, so no name is one of them."""
    vk.add_account(two_factor="sms")
    callbacks = CallbackService()

    @callbacks.on_two_factor
    async def on_two_factor(challenge: TwoFactor) -> str:
        await refused(challenge.resend("email"), "AUTHORIZATION_FAILED")
        return vk.code_for(LOGIN)

    assert (await direct(vk, callbacks).run()).token
    assert len(vk.requests) == 2


@pytest.mark.parametrize("returned", [True, False])
async def test_a_wrong_code_is_asked_for_again(vk: VKSimulator, returned: bool) -> None:
    """The loop that another library only seems to have: the next try says why the last one was refused."""
    vk.add_account(two_factor="sms")
    callbacks, seen = codes(vk, "000000", "000001", "*", returned=returned)
    assert (await direct(vk, callbacks).run()).token
    assert seen == [(1, None), (2, "WRONG_OTP"), (3, "WRONG_OTP")]
    assert [each.form.get("code") for each in vk.requests] == [None, "000000", "000001", "123456"]


@pytest.mark.parametrize(("code", "error"), [("000000", "WRONG_OTP"), ("12", "OTP_FORMAT_IS_INCORRECT")])
async def test_three_wrong_codes_end_it(vk: VKSimulator, code: str, error: str) -> None:
    """R5: with what VK said the last time; there is no fourth try."""
    vk.add_account(two_factor="sms")
    callbacks, seen = codes(vk, code, code, code, "*")
    caught = await refused(direct(vk, callbacks).run(), error)
    assert len(seen) == 3
    assert len(vk.requests) == 4
    assert caught.details["error_type"] == error.lower()
    assert "3 wrong answers" in caught.message


async def test_vk_may_just_ask_again(vk: VKSimulator) -> None:
    """R5: where it repeats its question instead of saying that the code is wrong, that counts as a wrong one."""
    vk.add_account()
    body = {"error": "need_validation", "validation_type": "2fa_sms", "validation_sid": "1"}
    answer(vk, 401, body, times=9)
    callbacks, seen = codes(vk, "1111", "2222", "3333", "4444")
    await refused(direct(vk, callbacks).run(), "FAILED_PASSED_TWO_FACTOR")
    assert seen == [(1, None), (2, "FAILED_PASSED_TWO_FACTOR"), (3, "FAILED_PASSED_TWO_FACTOR")]


async def test_a_refused_code_that_nobody_sent(vk: VKSimulator) -> None:
    """Nothing was asked for, so nobody is asked."""
    vk.add_account()
    answer(vk, 401, {"error": "invalid_request", "error_type": "wrong_otp"})
    await refused(direct(vk).run(), "WRONG_OTP")
    assert len(vk.requests) == 1


async def test_too_many_wrong_codes_for_vk(vk: VKSimulator) -> None:
    """VK's own limit comes before ours."""
    vk.add_account(two_factor="sms", too_many_tries=2)
    callbacks, seen = codes(vk, "000000", "000000", "*")
    await refused(direct(vk, callbacks).run(), "TOO_MUCH_TRIES")
    assert len(seen) == 2


# -- both ------------------------------------------------------------------------------------------------------------


async def test_a_captcha_and_a_code_are_three_requests(vk: VKSimulator) -> None:
    """The picture is fetched only if the handler wants to see it."""
    vk.add_account(captcha="image", two_factor="sms")
    assert (await direct(vk).run()).token
    assert vk.requests.paths() == ["POST oauth/token"] * 3


async def test_the_picture_is_one_request_more(vk: VKSimulator) -> None:
    """However often it is looked at, also from several tasks at once: every fetch would draw another picture."""
    import asyncio

    vk.add_account(captcha="image", two_factor="sms")
    callbacks = person(vk)

    @callbacks.on_captcha
    async def on_captcha(captcha: Captcha) -> str:
        first, second = await asyncio.gather(captcha.image(), captcha.image())
        assert first == second == await captcha.image()
        assert first.startswith(b"\x89PNG")
        return solution(vk, captcha)

    assert (await direct(vk, callbacks).run()).token
    assert vk.requests.paths() == ["POST oauth/token", "GET api/captcha.php", *["POST oauth/token"] * 2]
    assert vk.captchas[0].fetches == 1
    assert "password" not in vk.requests[1].params


async def test_r6_a_captcha_after_the_code_keeps_the_code(vk: VKSimulator) -> None:
    """R6: both go along with the last request."""
    vk.add_account(two_factor="sms", captcha_after_code="redirect")
    assert (await direct(vk).run()).token
    assert vk.requests.paths() == ["POST oauth/token"] * 3
    assert vk.requests.last.form.keys() >= {"code", "success_token", "captcha_sid"}


async def test_r6_a_code_after_the_captcha_keeps_the_captcha(vk: VKSimulator) -> None:
    """R6: in the other order too."""
    vk.add_account(two_factor="sms", captcha="image")
    assert (await direct(vk).run()).token
    assert vk.requests.last.form.keys() >= {"code", "captcha_key", "captcha_sid"}


async def test_captcha_code_captcha(vk: VKSimulator) -> None:
    """A second captcha is not a refusal of the first: nothing is counted as wrong."""
    vk.add_account(two_factor="sms", captcha="image", captcha_after_code="image")
    attempts: list[int] = []
    callbacks = person(vk)

    @callbacks.on_captcha
    async def on_captcha(captcha: Captcha) -> None:
        attempts.append(captcha.attempt)
        assert captcha.error is None
        await captcha.retry(solution(vk, captcha))

    assert (await direct(vk, callbacks, max_attempts=1).run()).token
    assert attempts == [1, 1]


# -- browser, ban ----------------------------------------------------------------------------------------------------


async def test_a_ban_is_told_from_a_code(vk: VKSimulator) -> None:
    """``ban_info`` comes first, and its restricted token is not shown or given out."""
    vk.add_account(banned=True, two_factor="sms")
    error = await refused(direct(vk).run(), "PAGE_BLOCKED")
    assert "Your account has been blocked" in error.message
    assert error.redirect_uri is not None
    assert error.redirect_uri.endswith("/web/restore")
    (restricted,) = vk.issued
    assert restricted not in f"{error!r} {error} {dict(error.details)}"
    assert len(vk.requests) == 1


@pytest.mark.parametrize("check", ["validate", "test"])
async def test_a_browser_is_wanted(vk: VKSimulator, check: Any) -> None:
    """The address to open is on the error and not in its text."""
    vk.add_account(browser_check=check)
    error = await refused(direct(vk).run(), "VALIDATION_REQUIRED")
    assert error.redirect_uri is not None
    assert str(error.redirect_uri).startswith(str(vk.base_url))
    assert error.redirect_uri not in f"{error} {error!r} {dict(error.details)}"
    assert not error.retryable


async def test_the_phone_check_is_passed_on_the_way(vk: VKSimulator) -> None:
    """The page is opened (not its address read as a page), the digits are given, the password is not sent there."""
    vk.add_account(browser_check="security")
    token = await direct(vk).run()
    assert vk.issued[token.token].kind == "user"
    for each in vk.requests.to("mobile"):
        assert PASSWORD not in each.params.values()
    assert vk.requests.paths()[0] == "POST oauth/token"
    assert any(path.startswith("GET mobile/login") for path in vk.requests.paths())


async def test_the_phone_check_with_another_number(vk: VKSimulator) -> None:
    """The digits VK shows are not those of the number given."""
    vk.add_account(login="person@mail.example", phone="+79991112233", browser_check="security")
    await refused(direct(vk, login="person@mail.example", phone="+79990000001").run(), "INVALID_PHONE_NUMBER")


async def test_a_phone_check_that_comes_twice(vk: VKSimulator) -> None:
    """It is passed once; a second one needs a person."""
    vk.add_account(browser_check="security", verification_outcome="success_without_token")
    page = str(vk.verification_url(LOGIN))
    answer(
        vk, 401, {"error": "need_validation", "redirect_uri": page.replace("act=", "act=security_check&x=")}, times=2
    )
    vk.faults.add(Fault.redirect(f"{vk.base_url}/oauth/blank.html#success=1"), on="mobile/login")
    error = await refused(direct(vk).run(), "VALIDATION_REQUIRED")
    assert error.redirect_uri is not None
    assert len(vk.requests.to(TOKEN)) == 2


async def test_a_validation_of_nothing(vk: VKSimulator) -> None:
    """Neither a code nor an address: the code says what VK wants, and there is no address to open."""
    vk.add_account()
    answer(vk, 401, {"error": "need_validation", "error_description": "please"})
    assert (await refused(direct(vk).run(), "VALIDATION_REQUIRED")).redirect_uri is None


async def test_an_address_that_is_no_address(vk: VKSimulator) -> None:
    """H1: what a browser would run as a script is not handed on."""
    vk.add_account()
    answer(vk, 401, {"error": "need_validation", "redirect_uri": "javascript:alert(1)"})
    assert (await refused(direct(vk).run(), "VALIDATION_REQUIRED")).redirect_uri is None


async def test_a_check_on_a_foreign_host_is_not_opened(vk: VKSimulator) -> None:
    """H1: the phone number goes to VK only; a person may still look at the address."""
    vk.add_account()
    answer(vk, 401, {"error": "need_validation", "redirect_uri": "https://evil.example/login?act=security_check"})
    await refused(direct(vk).run(), "VALIDATION_REQUIRED")
    assert len(vk.requests) == 1


# -- refusals --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [(17, "VALIDATION_REQUIRED"), (9, "FLOOD_CONTROL"), (5, "INVALID_GRANT")])
async def test_an_error_object(vk: VKSimulator, number: tuple[int, str]) -> None:
    """The same place may hold an error as API methods give it."""
    vk.add_account(error_object=number[0])
    error = await refused(direct(vk).run(), number[1])
    assert error.details["error_code"] == str(number[0])
    assert (error.redirect_uri is not None) == (number[0] == 17)
    assert len(vk.requests) == 1


async def test_an_error_object_with_a_captcha(vk: VKSimulator) -> None:
    """Number 14 is a captcha there too."""
    vk.add_account(error_object=14)
    assert (await direct(vk).run()).token
    assert vk.requests.last.form.keys() >= {"success_token"}


@pytest.mark.parametrize("flood", ["flood", "bruteforce"])
@pytest.mark.parametrize("two_factor", [None, "sms"])
async def test_r8_flood_control_is_never_tried_again(vk: VKSimulator, flood: Any, two_factor: Any) -> None:
    """R8: one password was sent, and it is said that waiting or a browser helps."""
    vk.add_account(flood=flood, two_factor=two_factor)
    error = await refused(direct(vk).run(), "FLOOD_CONTROL")
    assert len(vk.requests) == 1
    assert not error.retryable
    assert "browser" in error.message


async def test_r8_too_many_logins_are_not_tried_again(vk: VKSimulator) -> None:
    """R8: VK wants hours of waiting."""
    vk.add_account(too_many_tries=True)
    await refused(direct(vk).run(), "TOO_MUCH_TRIES")
    assert len(vk.requests) == 1


async def test_a_wrong_password(vk: VKSimulator) -> None:
    """R8: once."""
    vk.add_account()
    error = await refused(direct(vk, password="CANARY-wrong").run(), "USERNAME_OR_PASSWORD_IS_INCORRECT")
    assert len(vk.requests) == 1
    assert error.details["error"] == "invalid_client"


async def test_a_wrong_password_after_the_right_captcha(vk: VKSimulator) -> None:
    """R7: the handler of the captcha hears that its answer was right."""
    vk.add_account(captcha="image")
    outcome: list[str] = []
    callbacks = CallbackService()

    @callbacks.on_captcha
    async def on_captcha(captcha: Captcha) -> None:
        await captcha.retry(solution(vk, captcha))
        outcome.append("accepted")

    run = direct(vk, callbacks, password="wrong").run()
    await refused(run, "USERNAME_OR_PASSWORD_IS_INCORRECT")
    assert outcome == ["accepted"]


async def test_an_unknown_login(vk: VKSimulator) -> None:
    """VK does not say whether it is the login or the password."""
    await refused(direct(vk).run(), "USERNAME_OR_PASSWORD_IS_INCORRECT")


async def test_applications_that_may_not(vk: VKSimulator) -> None:
    """A wrong secret, an unknown application, and one that VK has not approved."""
    vk.add_account()
    await refused(direct(vk, client_secret="wrong").run(), "APP_NOT_ALLOWED")
    await refused(direct(vk, client_id=1).run(), "APP_NOT_ALLOWED")
    vk.add_app(7, "s", direct=False)
    await refused(direct(vk, client_id=7, client_secret="s").run(), "APP_NOT_ALLOWED")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"error": "9;Flood control"}, "FLOOD_CONTROL"),
        ({"error": "9;Flood control", "error_type": "password_bruteforce_attempt", "view": "alert"}, "FLOOD_CONTROL"),
        ({"error": "8210;Invalid sid"}, "INVALID_GRANT"),
        ({"error": "4242;Something new"}, "AUTHORIZATION_FAILED"),
        ({"error": "invalid_client", "error_description": "client_secret is incorrect"}, "APP_NOT_ALLOWED"),
        ({"error": "unauthorized_client"}, "APP_NOT_ALLOWED"),
        ({"error": "invalid_request", "error_type": "too_much_tries"}, "TOO_MUCH_TRIES"),
        ({"error": "too_many_requests"}, "RATE_LIMITED"),
        ({"error": "slow_down", "retry_after": 5}, "RATE_LIMITED"),
        ({"error": "access_denied"}, "ACCESS_DENIED"),
        ({"error": "invalid_grant"}, "INVALID_GRANT"),
        ({"error": "server_error"}, "SERVER_ERROR"),
        ({"error": "temporarily_unavailable"}, "SERVER_ERROR"),
        ({"error": "invalid_request", "error_type": "user_banned"}, "PAGE_BLOCKED"),
        ({"error": "deactivated"}, "PAGE_BLOCKED"),
        ({"error": "need_authcheck"}, "VALIDATION_REQUIRED"),
        ({"error": "something_of_2027"}, "AUTHORIZATION_FAILED"),
        ({"error": {"error_code": 9, "error_msg": "Flood control"}}, "FLOOD_CONTROL"),
        ({"error": {"error_code": 31337, "error_msg": "New"}}, "AUTHORIZATION_FAILED"),
        ({"error": {}}, "UNEXPECTED_RESPONSE"),
        ({"error": {"unknown": 1}}, "AUTHORIZATION_FAILED"),
        ({"error": ["x"]}, "AUTHORIZATION_FAILED"),
        ({"error": 5}, "AUTHORIZATION_FAILED"),
        ({"error_type": "wrong_password", "error_description": "x"}, "AUTHORIZATION_FAILED"),
    ],
    ids=json.dumps,
)
@pytest.mark.parametrize("status", [200, 400, 401, 403])
async def test_the_body_decides_not_the_status(vk: VKSimulator, body: object, code: str, status: int) -> None:
    """R9: unknown names and numbers are refusals, not crashes; each costs one request."""
    vk.add_account()
    answer(vk, status, body)
    error = await refused(direct(vk).run(), code)
    assert len(vk.requests) == 1
    assert error.retryable == (code in ("RATE_LIMITED", "SERVER_ERROR"))


async def test_a_token_with_a_strange_status(vk: VKSimulator) -> None:
    """The body decides for good answers too."""
    vk.add_account()
    answer(vk, 401, {"access_token": "vk1.a.x", "user_id": 1})
    assert (await direct(vk).run()).token == "vk1.a.x"


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"[]", b"null", b"1", b'"x"', b"<html><title>VK</title>x</html>", b"\xff\xfe\x00", b"{", b"\x00" * 50,
     b'{"access_token": ""}', b'{"access_token": null}', b'{"access_token": {"a": 1}}', b'{"silent_token": "x"}',
     b'{"response": 1}', b"[" * 50_000],
)  # fmt: skip
async def test_r1_rubbish_is_an_unexpected_response(vk: VKSimulator, body: bytes) -> None:
    """R1, S4: told by its status and type; the body is nowhere in the error."""
    vk.add_account()
    answer(vk, 200, body, kind="text/html")
    error = await refused(direct(vk).run(), "UNEXPECTED_RESPONSE")
    assert error.details["status"] == 200
    assert error.details["content_type"] == "text/html"


async def test_s4_a_page_is_told_by_its_fingerprint(vk: VKSimulator) -> None:
    """S4: title and names of fields, never what is in them or around them."""
    vk.add_account()
    page = "<title>Login | VK</title><form name=f><input name=pass value=CANARY-1></form>CANARY-2<!-- CANARY-3 -->"
    answer(vk, 200, page, kind="text/html; charset=utf-8")
    error = await refused(direct(vk).run(), "UNEXPECTED_RESPONSE")
    assert "Login | VK" in error.message
    assert error.details["fields"] == "f,pass"
    assert "CANARY" not in f"{error!r} {error} {vars(error)!r}"


@pytest.mark.parametrize("status", [500, 502, 503, 504, 599])
async def test_a_failing_server(vk: VKSimulator, status: int) -> None:
    """It may be tried again later, by the caller; the library does not (R8)."""
    vk.add_account()
    vk.faults.add(Fault.status(status, retry_after="7"), on=TOKEN)
    error = await refused(direct(vk).run(), "SERVER_ERROR")
    assert (error.retryable, error.retry_after, error.details["status"]) == (True, 7.0, status)
    assert len(vk.requests) == 1


@pytest.mark.parametrize(("header", "seconds"), [("30", 30.0), (None, None), ("Wed, 21 Oct 2026 07:28:00 GMT", None)])
async def test_too_many_requests(vk: VKSimulator, header: str | None, seconds: float | None) -> None:
    """429: how long to wait, if it is said in seconds."""
    vk.add_account()
    vk.faults.add(Fault.status(429, retry_after=header), on=TOKEN)
    error = await refused(direct(vk).run(), "RATE_LIMITED")
    assert (error.retryable, error.retry_after) == (True, seconds)
    assert len(vk.requests) == 1


async def test_the_challenge_gate(vk: VKSimulator) -> None:
    """A redirect to challenge.html is VK holding back requests."""
    vk.add_account()
    vk.faults.add(Fault.redirect(f"{vk.base_url}/web/challenge.html?hash429=x"), on=TOKEN)
    await refused(direct(vk).run(), "RATE_LIMITED")
    assert len(vk.requests) == 1


async def test_a_5xx_with_an_answer_of_vk_is_that_answer(vk: VKSimulator) -> None:
    """The body decides: flood control with 503 is still flood control."""
    vk.add_account()
    answer(vk, 503, {"error": "9;Flood control"})
    await refused(direct(vk).run(), "FLOOD_CONTROL")


async def test_the_raw_answer_of_an_account(vk: VKSimulator) -> None:
    """Old pages of oauth.vk are windows-1251; Cyrillic in an error's text comes out readable."""
    text = json.dumps({"error": "invalid_request", "error_description": "Ошибка"}, ensure_ascii=False)
    vk.add_account(raw_answer=(401, "application/json; charset=windows-1251", text.encode("cp1251")))
    assert "Ошибка" in (await refused(direct(vk).run(), "AUTHORIZATION_FAILED")).message
