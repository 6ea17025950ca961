"""aiovk: the implicit flow with the pages for telephones, on vk.com."""

from __future__ import annotations

from typing import Any

import pytest

from .peer import Peer, PeerError
from .scene import Scene

pytestmark = pytest.mark.peers

AIOVK = Peer("aiovk", "aiovk_implicit.py")
JOB: dict[str, Any] = {"client_id": 2685278, "scope": "friends,wall"}

LOGIN = ["GET oauth/authorize", "POST login/?act=login"]
CONSENT = ["GET oauth/authorize", "GET oauth/authorize", "POST login/?act=grant_access"]  # the second has a __q_hash
LOGIN_CAPTCHA = ["GET oauth/authorize", "GET mobile/captcha.php", "POST mobile/login?act=login"]
CODE = ["GET mobile/login?act=authcheck", "POST mobile/login?act=authcheck_code"]
DONE = ["GET oauth/blank.html"]


@pytest.mark.parametrize(
    ("options", "questions", "steps"),
    [
        pytest.param({}, [], LOGIN + CONSENT + DONE, id="plain"),
        pytest.param({"two_factor": "sms"}, ["code"], LOGIN + CODE + CONSENT + DONE, id="sms"),
        pytest.param(
            {"captcha": "image"},
            ["captcha"],
            [*LOGIN, *LOGIN_CAPTCHA, *CONSENT, *DONE],
            id="captcha",
        ),
        pytest.param(
            {"two_factor": "sms", "captcha_after_code": "image"},
            ["code", "captcha"],
            LOGIN + CODE + ["GET mobile/captcha.php", "POST mobile/login?act=authcheck_code"] + CONSENT + DONE,
            id="captcha after the code",
        ),
        pytest.param({"final": "meta"}, [], LOGIN + CONSENT + ["GET oauth/auth_redirect"] + DONE, id="refresh tag"),
    ],
)
async def test_implicit(scene: Scene, options: dict[str, Any], questions: list[str], steps: list[str]) -> None:
    """It follows the pages from the form to the fragment of the blank page."""
    AIOVK.require()
    account = scene.given(look="old", **options)
    result = await scene.run(AIOVK, **JOB)
    assert scene.owner(result["token"]) is account
    assert scene.questions == questions
    assert scene.steps == steps
    assert all(each.host.endswith("vk.com") for each in scene.vk.requests)


async def test_a_wrong_password(scene: Scene) -> None:
    """The warning on the form is found."""
    AIOVK.require()
    scene.given(look="old")
    with pytest.raises(PeerError) as caught:
        await scene.run(AIOVK, password="not-the-password", **JOB)
    assert caught.value.code == "VkAuthError"
