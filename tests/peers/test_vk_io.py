"""@vk-io/authorization for Node.js: its four ways in, on vk.com."""

from __future__ import annotations

from typing import Any

import pytest

from .peer import Peer, PeerError
from .scene import LOGIN, Scene

pytestmark = pytest.mark.peers

VK_IO = Peer("node", "vk_io.cjs")
COMMON: dict[str, Any] = {"scope": "all", "apiVersion": "5.199"}
IMPLICIT = {**COMMON, "clientId": "2685278"}

CAPTCHA: dict[str, Any] = {"captcha": "image"}
SMS: dict[str, Any] = {"two_factor": "sms"}
APP: dict[str, Any] = {"two_factor": "app"}
DIGITS: dict[str, Any] = {"phone_digits": True}
SCRIPT: dict[str, Any] = {"consent": "script"}
CAPTCHA_LATE: dict[str, Any] = {"two_factor": "sms", "captcha_after_code": "image"}

TOKEN = "GET oauth/token"
PICTURE = "GET api/captcha.php"


@pytest.mark.parametrize(
    ("options", "questions", "steps"),
    [
        pytest.param({}, [], [TOKEN], id="plain"),
        pytest.param(CAPTCHA, ["captcha"], [TOKEN, PICTURE, TOKEN], id="captcha"),
        pytest.param(SMS, ["code"], [TOKEN, TOKEN], id="sms"),
        pytest.param(APP, ["code"], [TOKEN, TOKEN], id="app"),
        pytest.param(CAPTCHA | SMS, ["captcha", "code"], [TOKEN, PICTURE, TOKEN, TOKEN], id="captcha and sms"),
    ],
)
async def test_direct(scene: Scene, options: dict[str, Any], questions: list[str], steps: list[str]) -> None:
    """``DirectAuthorization``, which asks by GET.

    A captcha after the code is not here: the client then sends the captcha's answer without the code, and is asked
    for ever.
    """
    VK_IO.require()
    account = scene.given(**options)
    result = await scene.run(VK_IO, way="direct", **COMMON)
    assert scene.owner(result["token"]) is account
    assert result["user"] == account.user_id
    assert scene.questions == questions
    assert scene.steps == steps
    assert {each.host for each in scene.vk.requests.to("oauth")} == {"oauth.vk.com"}


async def test_direct_is_shown_another_captcha(scene: Scene) -> None:
    """After a wrong answer."""
    VK_IO.require()
    account = scene.given(**CAPTCHA)
    scene.mistakes = ["wrong"]
    result = await scene.run(VK_IO, way="direct", **COMMON)
    assert scene.owner(result["token"]) is account
    assert scene.asked[0]["sid"] != scene.asked[1]["sid"]


async def test_direct_tells_the_kind_of_code(scene: Scene) -> None:
    """The authenticator application is told from an SMS."""
    VK_IO.require()
    account = scene.given(**APP)
    await scene.run(VK_IO, way="direct", **COMMON)
    assert scene.asked == [{"ask": "code", "type": "app", "phone_mask": account.phone_mask}]


@pytest.mark.parametrize(
    ("code", "job", "options"),
    [
        pytest.param("USERNAME_OR_PASSWORD_IS_INCORRECT", {"password": "not-the-password"}, {}, id="wrong password"),
        pytest.param("WRONG_OTP", {}, SMS, id="wrong code"),
        pytest.param("TOO_MUCH_TRIES", {}, {"too_many_tries": True}, id="too many tries"),
        pytest.param("AUTHORIZATION_FAILED", {}, {"flood": True}, id="flood"),
    ],
)
async def test_direct_understands_refusals(
    scene: Scene, code: str, job: dict[str, Any], options: dict[str, Any]
) -> None:
    """Each refusal has the form by which it is known."""
    VK_IO.require()
    scene.given(**options)
    scene.mistakes = ["000000"]
    with pytest.raises(PeerError) as caught:
        await scene.run(VK_IO, way="direct", **COMMON, **job)
    assert caught.value.code == code


PAGES = [
    pytest.param({}, [], [], id="plain"),
    pytest.param(CAPTCHA, ["captcha"], [PICTURE], id="captcha"),
    pytest.param(SMS, ["code"], ["POST mobile/login?act=authcheck_code"], id="sms"),
    pytest.param(
        CAPTCHA | SMS, ["captcha", "code"], [PICTURE, "POST mobile/login?act=authcheck_code"], id="captcha and sms"
    ),
    pytest.param(
        CAPTCHA_LATE,
        ["code", "captcha"],
        ["POST mobile/login?act=authcheck_code", PICTURE, "POST mobile/login?act=authcheck_code"],
        id="captcha after the code",
    ),
    pytest.param(DIGITS, [], ["GET mobile/login?act=security_check"], id="phone digits"),
    pytest.param(SCRIPT, [], [], id="consent by script"),
    pytest.param(CAPTCHA | SMS | DIGITS | SCRIPT, ["captcha", "code"], [PICTURE], id="all of it"),
]


@pytest.mark.parametrize(("options", "questions", "passed"), PAGES)
async def test_implicit_user(scene: Scene, options: dict[str, Any], questions: list[str], passed: list[str]) -> None:
    """``ImplicitFlowUser`` goes through the old pages for a desktop."""
    VK_IO.require()
    account = scene.given(look="old", **options)
    result = await scene.run(VK_IO, way="user", **IMPLICIT)
    assert scene.owner(result["token"]) is account
    assert result["userId"] == account.user_id
    assert scene.questions == questions
    _assert_passed(scene, passed)


@pytest.mark.parametrize(("options", "questions", "passed"), PAGES)
async def test_implicit_groups(scene: Scene, options: dict[str, Any], questions: list[str], passed: list[str]) -> None:
    """``ImplicitFlowGroups`` gets a token for each community, however its id is written."""
    VK_IO.require()
    scene.given(look="old", groups=(101, 202), **options)
    result = await scene.run(VK_IO, way="groups", groupIds=[101, -202], **IMPLICIT)
    assert [each["groupId"] for each in result["groups"]] == [101, 202]
    for each in result["groups"]:
        issued = scene.vk.issued[each["token"]]
        assert (issued.kind, issued.group_id) == ("group", each["groupId"])
    assert scene.questions == questions
    _assert_passed(scene, passed)


@pytest.mark.parametrize(
    ("options", "question"), [pytest.param(CAPTCHA, "captcha", id="captcha"), pytest.param(SMS, "code", id="code")]
)
async def test_implicit_mistakes_can_be_corrected(scene: Scene, options: dict[str, Any], question: str) -> None:
    """After a wrong answer the form is there again."""
    VK_IO.require()
    account = scene.given(look="old", **options)
    scene.mistakes = ["000000"]
    result = await scene.run(VK_IO, way="user", **IMPLICIT)
    assert scene.owner(result["token"]) is account
    assert scene.questions == [question, question]


async def test_implicit_handed_over_by_a_script(scene: Scene) -> None:
    """The address of the end is found in a script too."""
    VK_IO.require()
    account = scene.given(look="old", final="script")
    result = await scene.run(VK_IO, way="user", **IMPLICIT)
    assert scene.owner(result["token"]) is account


async def test_implicit_knows_that_the_person_refused(scene: Scene) -> None:
    """The reason is in the fragment."""
    VK_IO.require()
    scene.given(look="old", consent_action="cancel")
    with pytest.raises(PeerError, match="User denied your request"):
        await scene.run(VK_IO, way="user", **IMPLICIT)


async def test_implicit_finds_the_warning(scene: Scene) -> None:
    """A wrong password is told on the form."""
    VK_IO.require()
    scene.given(look="old")
    with pytest.raises(PeerError, match=r"Auth form error: .+") as caught:
        await scene.run(VK_IO, way="user", password="not-the-password", **IMPLICIT)
    assert caught.value.code == "AUTHORIZATION_FAILED"


async def test_implicit_knows_a_blocked_account(scene: Scene) -> None:
    """The address says so."""
    VK_IO.require()
    scene.given(look="old", banned=True)
    with pytest.raises(PeerError) as caught:
        await scene.run(VK_IO, way="user", **IMPLICIT)
    assert caught.value.code == "PAGE_BLOCKED"


@pytest.mark.parametrize(
    ("verification", "options", "questions", "steps"),
    [
        pytest.param(
            "captcha",
            {},
            ["captcha"],
            [PICTURE],
            id="captcha",
        ),
        pytest.param("authcheck", SMS, ["code"], ["POST mobile/login?act=authcheck_code"], id="sms"),
        pytest.param(
            "captcha", SMS, ["captcha", "code"], [PICTURE, "POST mobile/login?act=authcheck_code"], id="captcha and sms"
        ),
        pytest.param("security_check", {}, [], ["GET mobile/login?act=security_check"], id="phone digits"),
        pytest.param(
            "validate", {}, ["captcha"], ["GET mobile/activation?act=validate", PICTURE], id="link to captcha"
        ),
    ],
)
async def test_verification(
    scene: Scene, verification: str, options: dict[str, Any], questions: list[str], steps: list[str]
) -> None:
    """``AccountVerification`` goes through the page that an API method asked for."""
    VK_IO.require()
    account = scene.given(verification=verification, **options)
    address = scene.vk.verification_url(account, domain="vk.com")
    result = await scene.run(VK_IO, way="verification", redirectUri=address, phone=LOGIN)
    assert scene.owner(result["token"]) is account
    assert result["userId"] == account.user_id
    assert scene.questions == questions
    _assert_passed(scene, steps)


def _assert_passed(scene: Scene, places: list[str]) -> None:
    """Check that the requests include these, in this order, on vk.com alone, and that the last is the blank page."""
    steps = iter(scene.steps)
    for place in places:
        assert place in steps, f"{place} is missing in {scene.steps}"
    assert scene.steps[-1] == "GET oauth/blank.html"
    assert all(each.host.endswith("vk.com") for each in scene.vk.requests)
