"""The implicit flow of a user: everything that VK or the person may refuse."""

from __future__ import annotations

import json
from typing import Any

import aiohttp
import pytest
from support import refused
from web_support import APP, CONNECT, LOOKS, Witness, granted, implicit, passwords

from vkauth import CallbackService, Endpoints, TwoFactor
from vkauth.testing import Fault, VKSimulator


def text_answer(kind: str, info: str = "", **more: object) -> Fault:
    """What an action of the login host answers."""
    body = {"type": "error", "error_code": kind, "error_info": info, **more}
    return Fault.answer(200, "application/json", json.dumps(body))


# -- refusals --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("look", LOOKS)
async def test_r8_a_wrong_password(vk: VKSimulator, look: Any) -> None:
    """R8: it is sent once and never again."""
    vk.add_account(look=look)
    error = await refused(implicit(vk, password="another-password").run(), "USERNAME_OR_PASSWORD_IS_INCORRECT")
    assert passwords(vk) == 1
    assert "VK: " in error.message
    assert "another-password" not in str(error)


@pytest.mark.parametrize("look", LOOKS)
async def test_r8_a_wrong_password_after_a_right_captcha(vk: VKSimulator, look: Any) -> None:
    """R7, R8: it is the password that is wrong, so the captcha's answer was accepted (voronind/vk#63, #69)."""
    vk.add_account(look=look, captcha="image")
    witness = Witness(vk)
    login = implicit(vk, witness.callbacks, password="another-password")
    await refused(login.run(), "USERNAME_OR_PASSWORD_IS_INCORRECT")
    assert witness.outcomes == [("captcha", "accepted")]
    assert passwords(vk) == 2


@pytest.mark.parametrize("look", LOOKS)
async def test_a_wrong_password_after_a_wrong_and_a_right_captcha(vk: VKSimulator, look: Any) -> None:
    """The first answer was refused, the second accepted; then the password was."""
    vk.add_account(look=look, captcha="image")
    witness = Witness(vk, wrong=1)
    login = implicit(vk, witness.callbacks, password="another-password")
    await refused(login.run(), "USERNAME_OR_PASSWORD_IS_INCORRECT")
    assert witness.outcomes == [("captcha", "FAILED_PASSED_CAPTCHA"), ("captcha", "accepted")]
    assert passwords(vk) == 3


@pytest.mark.parametrize(
    ("look", "mode"), [("page", "no_sid"), ("mobile", "no_sid"), ("vkid", "no_sid"), ("vkid", "error_104")]
)
async def test_an_unknown_account(vk: VKSimulator, look: Any, mode: Any) -> None:
    """VK ID tells before the password was sent, in either of two ways."""
    vk.add_account(look=look)
    vk.vk_id.unknown_login = mode
    await refused(implicit(vk, login="+79990000099").run(), "USERNAME_OR_PASSWORD_IS_INCORRECT")
    assert passwords(vk) == (look != "vkid")


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("captcha", [None, "image"])
async def test_a_blocked_account(vk: VKSimulator, look: Any, captcha: Any) -> None:
    """It is not taken for a page without a form (vknet#625)."""
    vk.add_account(look=look, banned=True, captcha=captcha)
    await refused(implicit(vk).run(), "PAGE_BLOCKED")
    assert passwords(vk) == 1 + (captcha is not None)


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("flood", ["flood", "bruteforce"])
async def test_r8_flood_control(vk: VKSimulator, look: Any, flood: Any) -> None:
    """R8: it is reported as what it is and not tried again."""
    vk.add_account(look=look, flood=flood)
    await refused(implicit(vk).run(), "FLOOD_CONTROL")
    assert passwords(vk) <= 1
    assert len(vk.requests) <= 4


async def test_too_many_logins(vk: VKSimulator) -> None:
    """VK ID says so before the password is sent."""
    vk.add_account(too_many_tries=True)
    await refused(implicit(vk).run(), "TOO_MUCH_TRIES")
    assert passwords(vk) == 0


@pytest.mark.parametrize(
    ("code", "info", "expected"),
    [
        ("", "wrong origin", "AUTHORIZATION_FAILED"),
        ("", "wrong_host", "AUTHORIZATION_FAILED"),
        ("", "unauthorized", "AUTHORIZATION_FAILED"),
        ("incorrect_credentials", "", "USERNAME_OR_PASSWORD_IS_INCORRECT"),
        ("password_bruteforce", "", "FLOOD_CONTROL"),
    ],
)
async def test_other_refusals_of_vk_id(vk: VKSimulator, code: str, info: str, expected: str) -> None:
    """VK's own words are in the error."""
    vk.add_account()
    vk.faults.add(text_answer(code, info), on=CONNECT)
    error = await refused(implicit(vk).run(), expected)
    assert (info or code) in error.details.values()
    assert len(vk.requests) == 4


async def test_vk_id_refuses_an_origin_that_is_not_its_own(vk: VKSimulator) -> None:
    """The simulator checks it as VK does: a page of the other family of hosts calls with that family's origin."""
    async with VKSimulator(tls=True) as named, aiohttp.ClientSession(connector=named.connector()) as session:
        named.add_account()
        named.faults.add(Fault.redirect("https://oauth.vk.com/authorize?" + "client_id=6222115&scope=2"), nth=1)
        await granted(named, implicit(named, endpoints=Endpoints("vk.ru"), session=session).run())
        assert {each.headers["Origin"] for each in named.requests if "Origin" in each.headers} == {"https://id.vk.com"}
        named.faults.add(text_answer("", "wrong origin"), on="login/?act=connect_internal")
        error = await refused(implicit(named, endpoints=Endpoints(), session=session).run(), "AUTHORIZATION_FAILED")
        assert "wrong origin" in error.message


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("gate", ["challenge", "429"])
async def test_the_gate_before_vk(vk: VKSimulator, look: Any, gate: Any) -> None:
    """It is not passed by computing its key, and not knocked at again; the error says what to do."""
    vk.add_account(look=look)
    vk.site.gate = gate
    error = await refused(implicit(vk).run(), "RATE_LIMITED")
    assert error.retryable
    assert "browser" in error.message
    assert "wait" in error.message
    assert len(vk.requests) == 1


@pytest.mark.parametrize("look", LOOKS)
async def test_too_many_requests(vk: VKSimulator, look: Any) -> None:
    """Seconds to wait come along, and no second request is made."""
    vk.add_account(look=look)
    vk.faults.add(Fault.status(429, retry_after="17"))
    error = await refused(implicit(vk).run(), "RATE_LIMITED")
    assert (error.retryable, error.retry_after) == (True, 17.0)
    assert len(vk.requests) == 1


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("said", ["security_error", "blocked", "invalid_request"])
async def test_applications_that_may_not(vk: VKSimulator, look: Any, said: Any) -> None:
    """Before anything is asked: no password is sent for such an application."""
    vk.add_account(look=look)
    vk.add_app(APP, implicit=said)
    error = await refused(implicit(vk).run(), "APP_NOT_ALLOWED")
    assert not error.retryable
    assert passwords(vk) == 0
    await refused(implicit(vk, client_id=987654321).run(), "APP_NOT_ALLOWED")


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("consent", ["form", "script"])
async def test_the_person_refuses(vk: VKSimulator, look: Any, consent: Any) -> None:
    """It is their right; the code before it was right too, and the handler hears so."""
    vk.add_account(look=look, consent=consent, consent_action="cancel", two_factor="sms", captcha="image")
    witness = Witness(vk)
    error = await refused(implicit(vk, witness.callbacks).run(), "ACCESS_DENIED")
    assert sorted(witness.outcomes) == [("captcha", "accepted"), ("code", "accepted")]
    assert not error.retryable
    assert not [each for each in vk.issued.values() if each.kind == "user"]


@pytest.mark.parametrize("look", LOOKS)
async def test_a_handler_that_gives_up(vk: VKSimulator, look: Any) -> None:
    """What it raises is what the login raises."""
    vk.add_account(look=look, two_factor="sms")
    callbacks = CallbackService()

    @callbacks.on_two_factor
    async def on_two_factor(challenge: TwoFactor) -> None:
        raise LookupError("nobody there")

    with pytest.raises(LookupError, match="nobody there"):
        await implicit(vk, callbacks).run()
