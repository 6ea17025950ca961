"""vkbottle's ``UserAuth``: direct authorization by POST to vk.ru."""

from __future__ import annotations

from typing import Any

import pytest

from .peer import Peer, PeerError
from .scene import PASSWORD, Scene

pytestmark = pytest.mark.peers

VKBOTTLE = Peer("vkbottle", "vkbottle_direct.py")
TOKEN = "POST oauth/token"
PICTURE = "GET api/captcha.php"
SEND_CODE = "GET api/method/auth.validatePhone"


@pytest.mark.parametrize(
    ("options", "questions", "steps"),
    [
        pytest.param({}, [], [TOKEN], id="plain"),
        pytest.param({"captcha": "image"}, ["captcha"], [TOKEN, PICTURE, TOKEN], id="captcha"),
        pytest.param({"two_factor": "sms"}, ["code"], [TOKEN, TOKEN], id="sms"),
        pytest.param(
            {"two_factor": "sms", "validation_resend": True}, ["code"], [TOKEN, SEND_CODE, TOKEN], id="sms on demand"
        ),
        pytest.param(
            {"captcha": "image", "two_factor": "sms"},
            ["captcha", "code"],
            [TOKEN, PICTURE, TOKEN, TOKEN],
            id="captcha and sms",
        ),
    ],
)
async def test_direct(scene: Scene, options: dict[str, Any], questions: list[str], steps: list[str]) -> None:
    """It gets a token of the person, by the steps it is known to take."""
    VKBOTTLE.require()
    account = scene.given(**options)
    result = await scene.run(VKBOTTLE, send_code=account.validation_resend)
    assert scene.owner(result["token"]) is account
    assert scene.questions == questions
    assert scene.steps == steps
    assert {each.host for each in scene.vk.requests.to("oauth")} == {"oauth.vk.ru"}
    scene.vk.requests.assert_never_in_url(PASSWORD)


async def test_the_mask_of_the_phone_is_understood(scene: Scene) -> None:
    """The challenge is described as VK describes it."""
    VKBOTTLE.require()
    account = scene.given(two_factor="sms")
    await scene.run(VKBOTTLE, send_code=False)
    assert scene.asked == [{"ask": "code", "type": "2fa_sms", "phone_mask": account.phone_mask}]


@pytest.mark.parametrize(
    ("job", "options", "error"),
    [
        pytest.param({"password": "not-the-password"}, {}, "AuthError: invalid_client", id="wrong password"),
        pytest.param({}, {"flood": True}, "AuthError: 9;Flood control", id="flood"),
        pytest.param({}, {"banned": True}, "APIAuthError: need_validation", id="banned"),
        pytest.param({}, {"browser_check": "validate"}, "APIAuthError: need_validation", id="browser wanted"),
    ],
)
async def test_refusals(scene: Scene, job: dict[str, Any], options: dict[str, Any], error: str) -> None:
    """Each is one that vkbottle can read: it makes errors of the fields by their names."""
    VKBOTTLE.require()
    scene.given(**options)
    with pytest.raises(PeerError, match=f"^{error}"):
        await scene.run(VKBOTTLE, send_code=False, **job)


async def test_a_wrong_captcha_is_shown_again(scene: Scene) -> None:
    """The second one is another."""
    VKBOTTLE.require()
    account = scene.given(captcha="image")
    scene.mistakes = ["wrong"]
    result = await scene.run(VKBOTTLE, send_code=False)
    assert scene.owner(result["token"]) is account
    assert scene.questions == ["captcha", "captcha"]
    assert scene.asked[0]["sid"] != scene.asked[1]["sid"]
