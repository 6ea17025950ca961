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


async def test_a_wrong_password(scene: Scene) -> None:
    """The refusal is one that vkbottle can read."""
    VKBOTTLE.require()
    scene.given()
    with pytest.raises(PeerError, match="invalid_client"):
        await scene.run(VKBOTTLE, password="not-the-password", send_code=False)
