"""What went wrong in other libraries' web logins, once each: it does not here (on the simulator)."""

from __future__ import annotations

import asyncio
import logging
import sys
from typing import Any

import pytest
from support import LOGIN, PASSWORD, refused
from web_support import Witness, changed, granted, implicit, passwords, verification

from vkauth import CallbackService, Captcha, ImplicitFlowUser, TwoFactor
from vkauth.testing import Fault, VKSimulator

LOOKS = ["page", "mobile", "vkid"]
OLD = ["page", "mobile"]


@pytest.mark.parametrize("look", LOOKS)
async def test_the_end_is_told_by_its_place_not_by_a_part_of_its_address(vk: VKSimulator, look: Any) -> None:
    """@vk-io/authorization looks for blank.html anywhere in the address; VK's own redirector may have it there."""
    vk.add_account(look=look)
    stray = f"{vk.base_url.origin()}/web/away.php?to={vk.endpoints.blank}#access_token=SIMULATED-stray&user_id=1"
    vk.faults.add(Fault.redirect(stray), nth=1)
    error = await refused(implicit(vk).run(), "UNEXPECTED_RESPONSE")
    assert vk.requests.paths() == ["GET oauth/authorize", "GET web/away.php"]
    assert "SIMULATED-stray" not in str(error)


@pytest.mark.parametrize("look", OLD)
async def test_a_consent_page_is_no_wrong_password(vk: VKSimulator, look: Any) -> None:
    """VkNet#1214: an ``m`` in its address is not always that of a wrong password."""
    vk.add_account(look=look)
    vk.faults.add(changed("m=7", lambda text: text.replace("__q_hash=", "m=7&__q_hash=")), nth=3)
    await granted(vk, implicit(vk).run())
    assert vk.requests[3].query["m"] == "7"


@pytest.mark.parametrize("look", OLD)
async def test_relative_redirects_are_resolved(vk: VKSimulator, look: Any) -> None:
    """@vk-io/authorization asks for the relative address as it is."""
    vk.add_account(look=look, two_factor="app", captcha="image")
    home = str(vk.base_url).rstrip("/")
    for _ in range(20):
        vk.faults.add(changed("relative", lambda text: text.removeprefix(home)))
    await granted(vk, implicit(vk).run())


@pytest.mark.parametrize("look", LOOKS)
async def test_retries_are_no_recursion(vk: VKSimulator, look: Any) -> None:
    """vk_api calls itself for every further try; here the stack is as deep at the thirtieth as at the first."""
    vk.add_account(look=look, two_factor="app")
    depths: list[int] = []
    callbacks = CallbackService()

    @callbacks.on_two_factor
    def on_two_factor(challenge: TwoFactor) -> str:
        frame, depth = sys._getframe(), 0
        while frame.f_back is not None:
            frame, depth = frame.f_back, depth + 1
        depths.append(depth)
        return "000000"

    await refused(implicit(vk, callbacks, max_attempts=30).run(), "WRONG_OTP")
    assert len(depths) == 30
    assert len(set(depths[1:])) == 1


@pytest.mark.parametrize("look", LOOKS)
async def test_the_outcome_reaches_the_handler_while_the_login_goes_on(vk: VKSimulator, look: Any) -> None:
    """``await retry(code)`` of @vk-io/authorization never returns: nobody calls ``resolve``."""
    vk.add_account(look=look, two_factor="sms")
    callbacks = CallbackService()
    order: list[str] = []

    @callbacks.on_two_factor
    async def on_two_factor(challenge: TwoFactor) -> None:
        await challenge.retry(vk.code_for(LOGIN))
        order.append("accepted")

    async with asyncio.timeout(5):
        await granted(vk, implicit(vk, callbacks).run())
    assert order == ["accepted"]


async def test_logins_have_nothing_in_common(vk: VKSimulator) -> None:
    """vkwave keeps credentials in a dictionary of the class, which the last object made fills."""
    vk.add_account()
    vk.add_account(login="+79990000002", password="other-password")
    one = implicit(vk)
    other = implicit(vk, login="+79990000002", password="other-password")
    assert (await one.run()).user_id == vk.accounts[0].user_id
    assert (await other.run()).user_id == vk.accounts[1].user_id
    assert one.cookies != other.cookies
    shared = {name: value for kind in ImplicitFlowUser.__mro__ for name, value in vars(kind).items()}
    changeable = [name for name, value in shared.items() if isinstance(value, dict | list | set)]
    assert [name for name in changeable if not name.startswith("__")] == []


@pytest.mark.parametrize("look", LOOKS)
async def test_answers_are_in_the_fields_that_vk_reads(vk: VKSimulator, look: Any) -> None:
    """voronind/vk posts the captcha's text as ``captcha_img``; a captcha must not be told as a wrong password."""
    vk.add_account(look=look, captcha="image")
    await refused(implicit(vk, Witness(vk, wrong=9).callbacks).run(), "FAILED_PASSED_CAPTCHA")
    vk.requests.clear()
    await granted(vk, implicit(vk).run())
    answered = [each for each in vk.requests if "captcha_sid" in each.form]
    assert len(answered) == 1
    assert "captcha_key" in answered[0].form
    assert "captcha_img" not in answered[0].form


@pytest.mark.parametrize("look", LOOKS)
async def test_the_picture_is_that_of_the_answer(vk: VKSimulator, look: Any) -> None:
    """VkNet#1139, vk-io#53: its address is VK's own, and it is fetched once: every GET draws another."""
    vk.add_account(look=look, captcha="image")
    callbacks = CallbackService()
    shown: list[str | None] = []

    @callbacks.on_captcha
    async def on_captcha(captcha: Captcha) -> str:
        await asyncio.gather(captcha.image(), captcha.image())
        shown.append(captcha.src)
        return vk.captcha_text(captcha.sid or "")

    await granted(vk, implicit(vk, callbacks).run())
    (fetched,) = [each for each in vk.requests if "captcha.php" in each.path]
    assert shown == [f"http://{fetched.host}{fetched.raw_target}"]


@pytest.mark.parametrize("look", LOOKS)
async def test_the_log_has_no_fields_and_no_addresses(
    vk: VKSimulator, look: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """@vk-io/authorization logs the form with the password, vk_api the token and the cookie, aiovk the address."""
    vk.add_account(look=look, captcha="image", two_factor="app", code="739154")
    with caplog.at_level(logging.DEBUG, logger="vkauth"):
        login = implicit(vk)
        token = await login.run()
    assert caplog.records
    text = caplog.text
    assert login.cookies
    for secret in (
        LOGIN,
        PASSWORD,
        "739154",
        token.token,
        *(each.value for each in login.cookies if len(each.value) > 8),
    ):
        assert str(secret) not in text
    assert not any(mark in text for mark in ("?", "&", "act=", "access_token", "password"))


async def test_a_verification_does_not_go_on_for_ever(vk: VKSimulator) -> None:
    """@vk-io/authorization counts the captchas of a verification and never looks at the count."""
    vk.add_account(verification="captcha")
    witness = Witness(vk, wrong=99)
    await refused(verification(vk, witness.callbacks).run(vk.verification_url(LOGIN)), "FAILED_PASSED_CAPTCHA")
    assert len(witness.outcomes) == 3
    assert len(vk.requests) == 4


@pytest.mark.parametrize("look", LOOKS)
async def test_r8_a_password_is_not_repeated_when_the_network_fails(vk: VKSimulator, look: Any) -> None:
    """vk_api posts it up to sixteen times; here once, whatever becomes of it."""
    vk.add_account(look=look)
    act = "login/?act=connect_authorize" if look == "vkid" else "login/?act=login"
    for fault in (Fault.reset(), Fault.truncate(), Fault.status(500), Fault.status(429), Fault.answer(200, "a/b", "x")):
        vk.requests.clear()
        vk.faults.add(fault, on=act)
        with pytest.raises(Exception, match=r"^\["):
            await implicit(vk).run()
        assert passwords(vk) == 1
        assert str(vk.requests.last) == f"POST {act}"
