"""The direct flow driven by hand: no loop, no sockets, just answers in and steps out."""

from __future__ import annotations

import inspect
import json
from collections.abc import Generator
from typing import Any

import pytest
from support import LOGIN, PASSWORD, FakeClock
from yarl import URL

from vkauth import AuthError, AuthErrorCode, Endpoints, UserToken
from vkauth.flows import challenges, direct, steps
from vkauth.flows.challenges import Context, fetch_picture
from vkauth.flows.direct import DirectOptions
from vkauth.flows.person import Person
from vkauth.flows.steps import Accepted, AskCaptcha, AskCode, ChallengeKind, Send
from vkauth.protocol.captcha import CaptchaAnswer, CaptchaType
from vkauth.protocol.confirmation import CodePrompt
from vkauth.wire.http import Request, Response

from .drive import shown_of

CONTEXT = Context(endpoints=Endpoints(), api_version="5.199", captcha_type=CaptchaType.DIRECT_AUTH)
OPTIONS = DirectOptions(person=Person(LOGIN, None, PASSWORD), client_id="1", client_secret="s", scope="2")
CAPTCHA = {"error": "need_captcha", "captcha_sid": "11", "captcha_img": "/captcha.php?sid=11"}
PAGE = {
    "error": "need_captcha",
    "captcha_sid": "12",
    "redirect_uri": "https://id.vk.ru/not_robot_captcha",
    "remixstlid": 9,
}
CODE = {"error": "need_validation", "validation_type": "2fa_sms", "validation_sid": "2fa_1"}
WRONG = {"error": "invalid_request", "error_type": "wrong_otp"}
TOKEN = {"access_token": "vk1.a.x", "user_id": 1, "expires_in": 0}


class Driver:
    """Sends into a flow and says what comes out of it."""

    def __init__(self, flow: Generator[Any, Any, Any]) -> None:
        self.flow = flow
        self.step: Any = None
        self.result: Any = None
        self.go(None)

    def go(self, value: object) -> Any:
        try:
            self.step = self.flow.send(value)
        except StopIteration as end:
            self.step, self.result = None, end.value
        return self.step

    def answer(self, body: object, status: int = 200, **headers: str) -> Any:
        assert isinstance(self.step, Send)
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.go(Response(self.step.request.url, status, headers, content, FakeClock().now()))

    def skip_accepted(self) -> list[ChallengeKind]:
        kinds = []
        while isinstance(self.step, Accepted):
            kinds.append(self.step.kind)
            self.go(None)
        return kinds

    @property
    def request(self) -> Request:
        assert isinstance(self.step, Send)
        request: Request = self.step.request
        return request


def login() -> Driver:
    return Driver(direct.direct(CONTEXT, OPTIONS, "device"))


def test_the_whole_way() -> None:
    """Captcha, code, a wrong one, another captcha: everything accumulates, and each acceptance is reported in time."""
    flow = login()
    first = dict(flow.request.form)
    assert (flow.request.method, flow.request.url) == ("POST", URL("https://oauth.vk.ru/token"))
    asked = flow.answer(CAPTCHA, 401)
    assert isinstance(asked, AskCaptcha)
    assert asked.prompt.src == "https://oauth.vk.ru/captcha.php?sid=11"
    flow.go(CaptchaAnswer("text", False))
    assert flow.request.form == first | {"captcha_sid": "11", "captcha_key": "text"}
    flow.answer(CODE, 401)
    assert flow.skip_accepted() == [ChallengeKind.CAPTCHA]
    assert isinstance(flow.step, AskCode)
    assert flow.step.refusal is None
    flow.go("0000")
    assert flow.request.form == first | {"captcha_sid": "11", "captcha_key": "text", "code": "0000"}
    flow.answer(WRONG, 401)
    assert flow.skip_accepted() == [ChallengeKind.CAPTCHA]
    assert isinstance(flow.step, AskCode)
    assert flow.step.refusal is not None
    assert flow.step.refusal.code is AuthErrorCode.WRONG_OTP
    flow.go("1234")
    asked = flow.answer(PAGE, 401)
    assert isinstance(asked, AskCaptcha)
    flow.go(CaptchaAnswer("token", True))
    answers = {"captcha_sid": "12", "success_token": "token", "remixstlid": "9", "code": "1234"}
    assert flow.request.form == first | answers
    assert flow.answer(TOKEN) is None
    assert isinstance(flow.result, UserToken)
    assert flow.result.scope == "2"


def test_a_failed_request_is_raised_inside_the_flow() -> None:
    """The direct flow has nothing to add to it."""
    flow = login()
    error = AuthError(AuthErrorCode.NETWORK_ERROR, "x")
    with pytest.raises(AuthError) as caught:
        flow.flow.throw(error)
    assert caught.value is error


def test_the_prompt_of_a_resend_is_the_one_of_the_next_try() -> None:
    """After a wrong code the person is told of the message that came last."""
    flow = login()
    flow.answer(CODE | {"validation_type": "2fa_callreset", "code_length": 4}, 401)
    flow.skip_accepted()
    asked = flow.step
    assert isinstance(asked, AskCode)
    assert asked.resend is not None
    resend = Driver(asked.resend(asked.prompt, None))
    assert resend.request.url == URL("https://api.vk.ru/method/auth.validatePhone")
    own = {"client_id": "1", "client_secret": "s", "device_id": "device", "v": "5.199", "sid": "2fa_1"}
    assert resend.request.form == own
    resend.answer({"response": {"sid": "2fa_2", "validation_type": "sms", "delay": 60, "code_length": 6}})
    resend.skip_accepted()
    flow.go("0000")
    flow.answer(WRONG, 401)
    flow.skip_accepted()
    assert flow.step.prompt is resend.result
    assert (flow.step.prompt.validation_sid, flow.step.prompt.type, flow.step.prompt.delay) == ("2fa_2", "sms", 60.0)


def test_a_code_without_a_sid_cannot_be_sent_again() -> None:
    """Not at the first try and not after a wrong code."""
    flow = login()
    flow.answer({"error": "need_validation", "validation_type": "2fa_app"}, 401)
    flow.skip_accepted()
    assert flow.step.resend is None
    flow.go("0000")
    flow.answer(WRONG, 401)
    flow.skip_accepted()
    assert flow.step.resend is None


@pytest.mark.parametrize(("sid", "method"), [(None, None), ("1", "email")])
def test_what_cannot_be_sent_again_is_refused_before_anything_is_sent(sid: str | None, method: str | None) -> None:
    """Also where somebody calls it all the same."""

    def request_for(sid: str) -> Request:
        raise AssertionError(f"a request was made for {sid}")

    resend = challenges.resend_by_phone(CONTEXT, request_for)
    with pytest.raises(AuthError) as caught:
        next(resend(CodePrompt(type="sms", validation_sid=sid), method))
    assert caught.value.code is AuthErrorCode.AUTHORIZATION_FAILED


def test_a_wrong_code_that_nobody_gave() -> None:
    """VK may refuse a code that was not asked for: there is nobody to ask again."""
    flow = login()
    with pytest.raises(AuthError) as caught:
        flow.answer(WRONG, 401)
    assert caught.value.code is AuthErrorCode.WRONG_OTP


def test_a_wrong_password_after_a_captcha() -> None:
    """R7: the captcha was right, and whoever passed it hears that before the run ends."""
    flow = login()
    flow.answer(CAPTCHA, 401)
    flow.go(CaptchaAnswer("text", False))
    flow.answer({"error": "invalid_client", "error_type": "username_or_password_is_incorrect"}, 401)
    assert flow.step == Accepted(ChallengeKind.CAPTCHA)
    with pytest.raises(AuthError) as caught:
        flow.go(None)
    assert caught.value.code is AuthErrorCode.USERNAME_OR_PASSWORD_IS_INCORRECT


def test_a_phone_check_without_a_token_goes_back_to_the_login() -> None:
    """Once; VK gave no token with the check, so the same form is sent again."""
    flow = login()
    first = dict(flow.request.form)
    check = {"error": "need_validation", "redirect_uri": "https://m.vk.ru/login?act=security_check&api_hash=1"}
    flow.answer(check, 401)
    assert flow.request == Request("GET", URL("https://m.vk.ru/login?act=security_check&api_hash=1"))
    flow.answer(b"", 302, location="https://oauth.vk.ru/blank.html#success=1")
    if isinstance(flow.step, Send) and flow.request.method == "GET":
        flow.answer(b"")
    assert flow.request.form == first
    with pytest.raises(AuthError) as caught:
        flow.answer(check, 401)
    assert caught.value.code is AuthErrorCode.VALIDATION_REQUIRED
    assert caught.value.redirect_uri == check["redirect_uri"]


def test_a_phone_check_with_a_token_is_the_end() -> None:
    """The token of the check is the token of the login."""
    flow = login()
    check = {"error": "need_validation", "redirect_uri": "https://vk.com/login?act=security_check&api_hash=1"}
    flow.answer(check, 401)
    flow.answer(b"", 302, location="https://oauth.vk.com/blank.html#access_token=vk1.a.y&user_id=5")
    if isinstance(flow.step, Send):
        flow.answer(b"")
    assert flow.result.token == "vk1.a.y"
    assert flow.result.user_id == 5


def test_a_browser_check_without_an_address() -> None:
    """There is nothing to open: the refusal is the end."""
    flow = login()
    with pytest.raises(AuthError) as caught:
        flow.answer({"error": {"error_code": 17, "error_msg": "x", "redirect_uri": ""}}, 401)
    assert caught.value.code is AuthErrorCode.VALIDATION_REQUIRED


def test_r1_an_answer_too_large_to_be_sent() -> None:
    """R1: what a handler gives is bounded as VK's own forms are; nothing is sent, and the error does not repeat it."""
    flow = login()
    assert isinstance(flow.answer(CAPTCHA, 401), AskCaptcha)
    with pytest.raises(AuthError, match="a form is too large to be sent") as caught:
        flow.go(CaptchaAnswer("x" * 3_000_000, False))
    assert caught.value.code is AuthErrorCode.UNEXPECTED_RESPONSE


@pytest.mark.parametrize("challenge", [CAPTCHA, {"error": {"error_code": 14, "captcha_sid": "13"}}])
def test_a_captcha_before_the_exchange_of_a_silent_token(challenge: dict[str, Any]) -> None:
    """An API method may want one; its form grows in the same way."""
    flow = login()
    flow.answer({"silent_token": "s", "silent_token_uuid": "u"})
    assert flow.skip_accepted() == [ChallengeKind.CAPTCHA, ChallengeKind.TWO_FACTOR]
    before = dict(flow.request.form)
    assert before == {"client_id": "1", "client_secret": "s", "v": "5.199"}
    asked = flow.answer({"error": {"error_code": 14} | challenge} if "captcha_sid" in challenge else challenge)
    assert isinstance(asked, AskCaptcha)
    flow.go(CaptchaAnswer("text", False))
    assert flow.request.form == before | {"captcha_sid": asked.prompt.sid, "captcha_key": "text"}
    flow.answer({"response": {"token": "anonym.x"}})
    assert flow.skip_accepted() == [ChallengeKind.CAPTCHA]
    assert flow.request.form == {"access_token": "anonym.x", "token": "s", "uuid": "u", "v": "5.199"}
    flow.answer({"response": TOKEN})
    flow.skip_accepted()
    assert flow.result.token == "vk1.a.x"


def test_a_picture_is_followed_so_far() -> None:
    """Five redirects, no more; the answer of the last one has to be the picture."""
    picture = Driver(fetch_picture(Endpoints(), "https://api.vk.ru/captcha.php?sid=1"))
    for number in range(5):
        assert picture.request.method == "GET"
        assert picture.request.form == {}
        picture.answer(b"", 302, location=f"/captcha.php?n={number}")
    picture.answer(b"PNG")
    assert picture.result == b"PNG"

    picture = Driver(fetch_picture(Endpoints(), "https://api.vk.ru/captcha.php?sid=1"))
    for number in range(5):
        picture.answer(b"", 302, location=f"/captcha.php?n={number}")
    with pytest.raises(AuthError) as caught:
        picture.answer(b"", 302, location="/captcha.php?n=5")
    assert caught.value.code is AuthErrorCode.UNEXPECTED_RESPONSE


@pytest.mark.parametrize(
    ("src", "code"),
    [
        (None, "UNEXPECTED_RESPONSE"),
        ("http://api.vk.ru/captcha.php", "UNTRUSTED_REDIRECT"),
        ("https://evil.example/", "UNTRUSTED_REDIRECT"),
    ],
)
def test_h1_a_picture_that_is_not_fetched(src: str | None, code: str) -> None:
    """H1: nothing is asked for."""
    with pytest.raises(AuthError) as caught:
        next(fetch_picture(Endpoints(), src))
    assert caught.value.code == code


@pytest.mark.parametrize("status", [307, 308])
def test_h2_a_picture_with_a_redirect_that_repeats(status: int) -> None:
    """H2: there is no body to repeat, so it is followed within VK and refused elsewhere."""
    picture = Driver(fetch_picture(Endpoints(), "https://api.vk.ru/captcha.php"))
    picture.answer(b"", status, location="/captcha.php?2")
    with pytest.raises(AuthError) as caught:
        picture.answer(b"", status, location="https://evil.example/captcha.php")
    assert caught.value.code == "UNTRUSTED_REDIRECT"


def test_the_name_of_the_login_is_the_phone_if_there_is_no_other() -> None:
    """And a form never has a field that is not text."""
    options = DirectOptions(person=Person(None, "+79990000001", None), client_id="1", client_secret="s", scope="2")
    form = Driver(direct.direct(CONTEXT, options, "device")).request.form
    assert (form["username"], form["password"]) == ("+79990000001", "")
    assert "trusted_hash" not in form
    assert all(isinstance(value, str) for value in form.values())


def test_the_secrets_of_a_login_are_not_shown() -> None:
    """S1: a traceback with local variables shows neither password nor client_secret nor trusted_hash."""
    options = DirectOptions(
        person=Person(LOGIN, None, "SAMPLE_password"),
        client_id="1",
        client_secret="SAMPLE_secret",
        scope="2",
        trusted_hash="SAMPLE_hash",
    )
    flow = direct.direct(CONTEXT, options, "device")
    assert next(flow).request.form["trusted_hash"] == "SAMPLE_hash"
    with pytest.raises(AuthError) as caught:
        flow.throw(AuthError(AuthErrorCode.NETWORK_ERROR, "broken"))
    assert "SAMPLE" not in shown_of(caught.value, "vkauth") + repr(options)


def test_a_code_is_not_shown() -> None:
    """S1: a traceback with local variables does not show it while it is checked."""
    flow = login()
    flow.answer(CODE, 401)
    flow.skip_accepted()
    flow.go("987654")
    assert flow.request.form["code"] == "987654"
    with pytest.raises(AuthError) as caught:
        flow.flow.throw(AuthError(AuthErrorCode.NETWORK_ERROR, "broken"))
    assert "987654" not in shown_of(caught.value, "vkauth")


def test_the_key_of_a_phone_check_is_not_shown() -> None:
    """S1: nor the address of the page that VK asks for, which works once."""
    flow = login()
    address = "https://m.vk.ru/login?act=security_check&api_hash=SAMPLE_key"
    flow.answer({"error": "need_validation", "redirect_uri": address}, 401)
    assert str(flow.request.url) == address
    with pytest.raises(AuthError) as caught:
        flow.flow.throw(AuthError(AuthErrorCode.NETWORK_ERROR, "broken"))
    assert "SAMPLE_key" not in shown_of(caught.value, "vkauth")


def test_flows_do_no_io() -> None:
    """No loop, no client, no clock and no chance in the modules of the direct flow."""
    for module in (steps, challenges, direct):
        source = inspect.getsource(module)
        for word in ("aiohttp", "asyncio", "import time", "import random", "secrets", "logging", "datetime.now"):
            assert word not in source, (module.__name__, word)
