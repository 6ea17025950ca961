"""Captchas of both kinds, at ``/token`` and in API methods."""

from __future__ import annotations

import io
import wave
from typing import Any

import pytest
from PIL import Image

from vkauth.testing import VKSimulator

from .conftest import Browser, Clock


async def test_a_picture(vk: VKSimulator, browser: Browser) -> None:
    vk.add_account(captcha="image")
    values = (await browser.token()).json
    assert (values["error"], values["captcha_attempt"]) == ("need_captcha", 1)
    assert "redirect_uri" not in values
    picture = await browser.get(values["captcha_img"])
    assert Image.open(io.BytesIO(picture.body)).size == (130, 50)
    assert (await browser.get(values["captcha_img"])).body != picture.body  # it is drawn anew
    assert vk.captchas[0].fetches == 2
    sid = values["captcha_sid"]
    assert (await browser.token(captcha_sid=sid, captcha_key=vk.captcha_text(sid).upper())).status == 200


async def test_a_wrong_answer_brings_another_captcha(vk: VKSimulator, browser: Browser) -> None:
    vk.add_account(captcha="image")
    first = (await browser.token()).json
    second = (await browser.token(captcha_sid=first["captcha_sid"], captcha_key="wrong")).json
    assert second["captcha_attempt"] == 2
    assert second["captcha_sid"] != first["captcha_sid"]
    late = {"captcha_sid": first["captcha_sid"], "captcha_key": vk.captcha_text(first["captcha_sid"])}
    assert (await browser.token(**late)).status == 401  # the first one is over


async def test_the_sound(vk: VKSimulator, browser: Browser) -> None:
    vk.add_account(captcha="both")
    values = (await browser.token()).json
    sound = await browser.get(values["captcha_track"])
    with wave.open(io.BytesIO(sound.body)) as opened:
        assert opened.getnframes() > 0
    assert (await browser.get("web/sound_captcha.php?captcha_sid=1")).status == 404
    assert (await browser.get("api/captcha.php?sid=1")).status == 404


@pytest.mark.parametrize("kind", ["redirect", "both", "redirect_only", "api"])
async def test_the_not_robot_page(vk: VKSimulator, browser: Browser, kind: Any) -> None:
    vk.add_account(captcha=kind)
    reply = await browser.token()
    assert reply.status == 401
    values = reply.json["error"] if kind == "api" else reply.json
    assert ("captcha_sid" in values) is (kind != "redirect_only")
    answer = {name: values[name] for name in ("captcha_sid", "remixstlid") if name in values}
    answer["success_token"] = vk.pass_not_robot(values["redirect_uri"])
    assert (await browser.token(**answer)).status == 200
    again = await browser.token(**answer)
    assert again.status == 401  # it can be used once


async def test_the_sid_goes_with_the_success_token(vk: VKSimulator, browser: Browser) -> None:
    vk.add_account(captcha="redirect")
    values = (await browser.token()).json
    success = vk.pass_not_robot(values["redirect_uri"])
    again = (await browser.token(success_token=success)).json
    assert again["captcha_attempt"] == 2
    success = vk.pass_not_robot(again["redirect_uri"])
    wrong_name = (await browser.token(captcha_sid=again["captcha_sid"], captcha_key=success)).json
    assert wrong_name["captcha_attempt"] == 3


async def test_remixstlid_can_be_required(vk: VKSimulator, browser: Browser) -> None:
    vk.add_account(captcha="redirect_only")
    vk.captchas.strict_remixstlid = True
    assert vk.captchas.strict_remixstlid
    values = (await browser.token()).json
    values = (await browser.token(success_token=vk.pass_not_robot(values["redirect_uri"]))).json
    assert values["error"] == "need_captcha"
    success = vk.pass_not_robot(values["redirect_uri"])
    assert (await browser.token(success_token=success, remixstlid=values["remixstlid"])).status == 200


async def test_a_success_token_lives_for_five_minutes(vk: VKSimulator, browser: Browser, clock: Clock) -> None:
    vk.add_account(captcha="redirect")
    values = (await browser.token()).json
    success = vk.pass_not_robot(values["redirect_uri"])
    clock.now += 301
    again = (await browser.token(captcha_sid=values["captcha_sid"], success_token=success)).json
    assert again["error"] == "need_captcha"
    with pytest.raises(LookupError):
        vk.pass_not_robot(values["redirect_uri"])
    vk.expire_captcha(again["captcha_sid"])
    with pytest.raises(LookupError):
        vk.pass_not_robot(again["redirect_uri"])
    with pytest.raises(LookupError):
        vk.captcha_text(again["captcha_sid"])


async def test_a_captcha_before_a_code_and_another_after_it(vk: VKSimulator, browser: Browser) -> None:
    vk.add_account(captcha="image", captcha_after_code="redirect", two_factor="app")
    values = (await browser.token()).json
    sent = {"captcha_sid": values["captcha_sid"], "captcha_key": vk.captcha_text(values["captcha_sid"])}
    assert (await browser.token(**sent)).json["error"] == "need_validation"
    sent["code"] = "123456"
    values = (await browser.token(**sent)).json
    assert values["error"] == "need_captcha"
    sent |= {"captcha_sid": values["captcha_sid"], "success_token": vk.pass_not_robot(values["redirect_uri"])}
    assert (await browser.token(**sent)).status == 200


async def test_clients_that_send_only_the_code_after_a_captcha(vk: VKSimulator, browser: Browser) -> None:
    vk.add_account(captcha="image", two_factor="app")
    values = (await browser.token()).json
    sent = {"captcha_sid": values["captcha_sid"], "captcha_key": vk.captcha_text(values["captcha_sid"])}
    assert (await browser.token(**sent)).json["error"] == "need_validation"
    assert (await browser.token(code="123456")).status == 200
    assert (await browser.token(code="123456")).json["error"] == "need_captcha"  # a new login, a new captcha


async def test_sids_can_be_numbers(vk: VKSimulator, browser: Browser) -> None:
    vk.add_account(captcha="image", captcha_sid_type="number")
    sid = (await browser.token()).json["captcha_sid"]
    assert isinstance(sid, int)
    assert (await browser.token(captcha_sid=sid, captcha_key=vk.captcha_text(sid))).status == 200


async def test_the_page_and_its_button(vk: VKSimulator, browser: Browser) -> None:
    vk.add_account(captcha="redirect")
    values = (await browser.token()).json
    shown = await browser.get(values["redirect_uri"])
    assert "VKCaptchaGetResult" in shown.text
    assert "VKCaptchaCloseCaptcha" in shown.text
    token = values["redirect_uri"].partition("session_token=")[2].partition("&")[0]
    passed = (await browser.method("captchaNotRobot.check", session_token=token))["response"]
    assert (passed["status"], passed["redirect"]) == ("OK", "")
    again = await browser.method("captchaNotRobot.check", session_token=token)
    assert again == {"response": {"status": "ERROR_LIMIT"}}  # a session is good for one check
    assert await browser.method("captchaNotRobot.endSession", session_token=token) == {"response": 1}
    answer = {"captcha_sid": values["captcha_sid"], "success_token": passed["success_token"]}
    assert (await browser.token(**answer)).status == 200
    assert (await browser.get(values["redirect_uri"])).status == 400
    unknown = await browser.method("captchaNotRobot.check", session_token="x")
    assert unknown == {"response": {"status": "ERROR_TOKEN_EXPIRED"}}
    picture = await browser.follow(await browser.get(values["captcha_img"]))
    assert picture.headers["Content-Type"] == "image/gif"


async def test_captcha_force(vk: VKSimulator, browser: Browser) -> None:
    account = vk.add_account(captcha="redirect_only")
    token = vk.issue_token(account.login)
    error = (await browser.method("captcha.force", access_token=token))["error"]
    assert (error["error_code"], "captcha_sid" in error) == (14, False)
    answer = {"success_token": vk.pass_not_robot(error["redirect_uri"]), "remixstlid": str(error["remixstlid"])}
    assert await browser.method("captcha.force", access_token=token, **answer) == {"response": 1}
    assert "error" in await browser.method("captcha.force", access_token=token, **answer)
