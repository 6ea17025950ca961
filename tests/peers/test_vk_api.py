"""vk_api: the web login of VK ID on vk.ru, then an implicit token from its cookies."""

from __future__ import annotations

import json
from typing import Any, Literal

import pytest

from .peer import Peer, PeerError
from .scene import PASSWORD, Scene

pytestmark = pytest.mark.peers

VK_API = Peer("vk_api", "vk_api_login.py")

START = ["GET web/", "GET mobile/join", "GET id/auth", "POST api/method/auth.validateAccount"]
LOGIN = "POST login/?act=connect_authorize"
CHECK = "POST api/method/ecosystem.checkOtp"
TOKEN = [
    "GET oauth/authorize",
    "GET id/auth",
    "POST login/?act=connect_internal",
    "POST api/method/auth.getOauthToken",
]


def _send(what: str) -> str:
    return f"POST api/method/ecosystem.sendOtp{what}"


@pytest.mark.parametrize(
    ("options", "questions", "between"),
    [
        pytest.param({}, [], [LOGIN], id="plain"),
        pytest.param({"captcha": "image"}, ["captcha"], [LOGIN, "GET api/captcha.php", LOGIN], id="captcha"),
        pytest.param({"captcha": "redirect"}, ["captcha"], [LOGIN, LOGIN], id="not-robot captcha"),
        pytest.param({"two_factor": "sms"}, ["code"], [_send("Sms"), CHECK, LOGIN], id="sms"),
        pytest.param({"two_factor": "app"}, ["code"], [CHECK, LOGIN], id="app"),
        pytest.param({"two_factor": "callreset"}, ["code"], [_send("CallReset"), CHECK, LOGIN], id="callreset"),
        pytest.param(
            {"two_factor": "email", "email": "sample@mail.example"},
            ["code"],
            [_send("Email"), CHECK, LOGIN],
            id="email",
        ),
        pytest.param(
            {"two_factor": "sms", "can_skip_password": True},
            ["code"],
            [_send("Sms"), CHECK, LOGIN],
            id="sms instead of the password",
        ),
        pytest.param(
            {"two_factor": "push", "other_methods": ("password",)},
            [],
            ["POST api/method/ecosystem.getVerificationMethods", LOGIN],
            id="password instead of the code",
        ),
    ],
)
async def test_login(scene: Scene, options: dict[str, Any], questions: list[str], between: list[str]) -> None:
    """It logs in, and the cookies get it a token of the person for its own application."""
    VK_API.require()
    account = scene.given(look="vkid", **options)
    result = await scene.run(VK_API)
    assert scene.owner(result["access_token"]) is account
    assert scene.questions == questions
    assert [step for step in scene.steps if "not_robot" not in step] == START + between + TOKEN
    assert all(each.host.endswith("vk.ru") for each in scene.vk.requests if "not_robot" not in each.path)
    scene.vk.requests.assert_never_in_url(PASSWORD)


@pytest.mark.parametrize("kind", ["image", "redirect"])
async def test_captcha_at_an_api_method(scene: Scene, kind: str) -> None:
    """The captcha may come before the login has begun, as an API error."""
    VK_API.require()
    account = scene.given(look="vkid", captcha=kind, captcha_on_steps=("validateAccount",))
    result = await scene.run(VK_API)
    assert scene.owner(result["access_token"]) is account
    assert scene.questions == ["captcha"]
    assert scene.steps.count("POST api/method/auth.validateAccount") == 2


@pytest.mark.parametrize("final", ["302", "auth_redirect", "auth_redirect_twice"])
async def test_token_by_the_old_consent_page(scene: Scene, final: str) -> None:
    """It also knows the page with a script, and the address of the end within another one."""
    VK_API.require()
    account = scene.given(look="page", consent="script", final=final)
    result = await scene.run(VK_API)
    assert scene.owner(result["access_token"]) is account
    assert int(result["user_id"]) == account.user_id
    assert "GET login/?act=grant_access" in scene.steps


@pytest.mark.parametrize("gate", ["challenge", "429"])
async def test_gate(scene: Scene, gate: Literal["challenge", "429"]) -> None:
    """It computes the key that opens the way to the start page."""
    VK_API.require()
    account = scene.given(look="vkid")
    scene.vk.site.gate = gate
    result = await scene.run(VK_API)
    assert scene.owner(result["access_token"]) is account
    assert scene.steps.count(f"GET web/{gate}.html") == 2


FRAME = ["GET web/", "POST login/?act=login"]
CODE = ["GET web/login?act=authcheck", "POST web/al_login.php?act=a_authcheck_code"]


@pytest.mark.parametrize(
    ("options", "questions", "steps"),
    [
        pytest.param({}, [], FRAME, id="plain"),
        pytest.param({"captcha": "image"}, ["captcha"], [*FRAME, "GET api/captcha.php", *FRAME], id="captcha"),
        pytest.param({"two_factor": "sms"}, ["code"], [*FRAME, *CODE, "GET web/feed.php"], id="sms"),
        pytest.param(
            # It asks for the code again together with the captcha's answer.
            {"two_factor": "sms", "captcha_after_code": "image"},
            ["code", "captcha", "code"],
            [*FRAME, *CODE, "GET api/captcha.php", CODE[1], "GET web/feed.php"],
            id="captcha after the code",
        ),
    ],
)
async def test_legacy_login(scene: Scene, options: dict[str, Any], questions: list[str], steps: list[str]) -> None:
    """Where the start page has a form, it logs in by the old frame."""
    VK_API.require()
    account = scene.given(look="vkid", **options)
    scene.vk.site.front = "legacy"
    result = await scene.run(VK_API)
    assert scene.owner(result["access_token"]) is account
    assert scene.questions == questions
    assert scene.steps == steps + TOKEN


async def test_the_phone_check_of_a_saved_session(scene: Scene) -> None:
    """The missing digits are found around their place on the page, and are taken from the login."""
    VK_API.require()
    account = scene.given(look="vkid")
    first = await scene.run(VK_API)
    scene.vk.refuse_token(first["access_token"])
    account.phone_digits = True
    result = await scene.run(VK_API)
    assert result["access_token"] != first["access_token"]
    assert scene.owner(result["access_token"]) is account
    assert "POST web/login.php" in scene.steps


async def test_a_wrong_code_can_be_corrected(scene: Scene) -> None:
    """The refusal of a code is one after which it asks again."""
    VK_API.require()
    account = scene.given(look="vkid", two_factor="sms")
    scene.mistakes = ["000000"]
    result = await scene.run(VK_API)
    assert scene.owner(result["access_token"]) is account
    assert scene.questions == ["code", "code"]


async def test_the_session_is_taken_up_again(scene: Scene) -> None:
    """The cookies and the token that it saved are good for a second start."""
    VK_API.require()
    account = scene.given(look="vkid")
    await scene.run(VK_API)
    assert json.loads((scene.home / "vk_config.v2.json").read_text(encoding="utf-8"))
    scene.vk.requests.clear()
    result = await scene.run(VK_API)
    assert scene.owner(result["access_token"]) is account
    assert LOGIN not in scene.steps


async def test_a_wrong_password(scene: Scene) -> None:
    """The refusal is one that vk_api can read."""
    VK_API.require()
    scene.given(look="vkid")
    with pytest.raises(PeerError) as caught:
        await scene.run(VK_API, password="not-the-password")
    assert caught.value.code == "BadPassword"
