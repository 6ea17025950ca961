"""The hooks, and what they are shown."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable
from typing import Any

import pytest
from support import LOGIN, FakeClock, direct, person, refused, solution

from vkauth import AuthError, CallbackService, Captcha, CaptchaType, TwoFactor
from vkauth.engine.conversation import Conversation, State
from vkauth.engine.questions import CAPTCHA, CODE
from vkauth.flows.steps import AskCaptcha, AskCode, Flow
from vkauth.protocol.captcha import CaptchaAnswer, CaptchaPrompt
from vkauth.protocol.confirmation import CodePrompt
from vkauth.testing import LeakScanner, VKSimulator

IMAGE = CaptchaPrompt(sid="12", src="https://api.vk.ru/captcha.php?sid=12", audio_src="https://vk.ru/sound?sid=12")
PAGE = CaptchaPrompt(sid="12", redirect_uri="https://id.vk.ru/not_robot_captcha?session_token=CANARY")


class Scene:
    """A conversation that no run leads: answers and errands are taken down."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.errands = 0

    async def drive(self, flow: Flow[Any], /) -> Any:
        self.errands += 1
        for _ in range(5):
            await asyncio.sleep(0)
        try:
            while True:
                next(flow)
        except StopIteration as end:
            return end.value

    def captcha(self, prompt: CaptchaPrompt) -> tuple[Captcha, Conversation[AskCaptcha, CaptchaAnswer]]:
        talk = Conversation(
            CAPTCHA.what, ask_for(prompt), 1, None, read=CAPTCHA.read, drive=self.drive, clock=self.clock
        )
        return Captcha(talk), talk

    def two_factor(
        self, prompt: CodePrompt, *, resendable: bool = True
    ) -> tuple[TwoFactor, Conversation[AskCode, str]]:
        def resend(prompt: CodePrompt, method: str | None) -> Flow[CodePrompt]:
            yield from ()
            return CodePrompt(type=method or "sms", delay=60.0, received_at=self.clock.now())

        step = AskCode(prompt, resend if resendable else None)
        talk = Conversation(CODE.what, step, 1, None, read=CODE.read, drive=self.drive, clock=self.clock)
        return TwoFactor(talk), talk


def ask_for(prompt: CaptchaPrompt, picture: bytes = b"PNG") -> AskCaptcha:
    def fetch() -> Flow[bytes]:
        yield from ()
        return picture

    return AskCaptcha(prompt, CaptchaType.API_REQUEST, fetch)


# -- the service -----------------------------------------------------------------------------------------------------


def test_hooks_are_set_by_call_or_as_a_decorator() -> None:
    """Both give the handler back, so that it can still be called by its name; the last one counts."""
    callbacks = CallbackService()
    assert not callbacks.has_captcha_handler
    assert not callbacks.has_two_factor_handler

    @callbacks.on_captcha
    async def first(captcha: Captcha) -> str:
        return "x"

    def second(captcha: Captcha) -> str:
        return "y"

    assert callbacks.captcha_handler is first
    assert callbacks.on_captcha(second) is second
    assert callbacks.captcha_handler is second
    assert callbacks.has_captcha_handler
    assert not callbacks.has_two_factor_handler
    assert callbacks.on_two_factor(len) is len
    assert callbacks.two_factor_handler is len
    assert callbacks.has_two_factor_handler


@pytest.mark.parametrize("handler", [None, "x", 1])
def test_a_handler_must_be_callable(handler: Any) -> None:
    """It fails where it is set, not in the middle of a login."""
    for hook in (CallbackService().on_captcha, CallbackService().on_two_factor):
        with pytest.raises(TypeError, match=f"callable, not {type(handler).__name__}"):
            hook(handler)


# -- handlers of every make ------------------------------------------------------------------------------------------


class Solver:
    def __init__(self, vk: VKSimulator) -> None:
        self.vk = vk

    async def method(self, captcha: Captcha) -> str:
        return solution(self.vk, captcha)

    def sync_method(self, captcha: Captcha) -> str:
        return solution(self.vk, captcha)

    async def __call__(self, captcha: Captcha) -> str:
        return solution(self.vk, captcha)

    def future(self, captcha: Captcha) -> Awaitable[str]:
        future = asyncio.get_running_loop().create_future()
        future.set_result(solution(self.vk, captcha))
        return future

    def task(self, captcha: Captcha) -> Awaitable[str]:
        return asyncio.ensure_future(self.method(captcha))

    async def with_more(self, more: int, captcha: Captcha) -> str:
        return solution(self.vk, captcha)

    def retrying(self, captcha: Captcha) -> Awaitable[None]:
        return captcha.retry(solution(self.vk, captcha))


@pytest.mark.parametrize("make", ["method", "sync_method", "__call__", "future", "task", "with_more", "retrying"])
async def test_any_callable_will_do(vk: VKSimulator, make: str) -> None:
    """Sync or async, a method, an object, a partial, or one that gives something to wait for."""
    vk.add_account(captcha="image")
    solver = Solver(vk)
    handler: Any = functools.partial(solver.with_more, 1) if make == "with_more" else getattr(solver, make)
    callbacks = CallbackService()
    callbacks.on_captcha(solver if make == "__call__" else handler)
    assert (await direct(vk, callbacks).run()).token


@pytest.mark.parametrize("make_sync", [True, False])
async def test_a_code_may_come_from_sync_and_async_handlers(vk: VKSimulator, make_sync: bool) -> None:
    """The same for confirmation codes."""
    vk.add_account(two_factor="sms")
    callbacks = CallbackService()

    async def later(challenge: TwoFactor) -> str:
        await asyncio.sleep(0)
        return vk.code_for(LOGIN)

    callbacks.on_two_factor((lambda challenge: vk.code_for(LOGIN)) if make_sync else later)
    assert (await direct(vk, callbacks).run()).token


# -- what a captcha shows --------------------------------------------------------------------------------------------


async def test_what_a_captcha_tells() -> None:
    """Every field that VK gives; those it does not give are ``None``."""
    image, _ = Scene().captcha(IMAGE)
    assert (image.kind, image.sid, image.src, image.redirect_uri) == ("image", "12", IMAGE.src, None)
    assert (image.audio_src, image.type, image.attempt, image.error) == (IMAGE.audio_src, "api_request", 1, None)
    page, _ = Scene().captcha(PAGE)
    assert (page.kind, page.src, page.audio_src, page.redirect_uri) == ("redirect", None, None, PAGE.redirect_uri)
    nothing, _ = Scene().captcha(CaptchaPrompt())
    assert (nothing.kind, nothing.sid, nothing.src, nothing.redirect_uri) == ("image", None, None, None)


async def test_a_challenge_cannot_be_changed() -> None:
    """A handler that writes into it would only deceive itself."""
    image, _ = Scene().captcha(IMAGE)
    code, _ = Scene().two_factor(CodePrompt(type="sms"))
    for challenge in (image, code):
        with pytest.raises(AttributeError):
            challenge.attempt = 2  # type: ignore[misc]


async def test_s1_challenges_do_not_show_their_keys() -> None:
    """S1: the address of the page holds a session token."""
    shown, _ = Scene().captcha(PAGE)
    code, _ = Scene().two_factor(CodePrompt(type="sms", validation_sid="CANARY-sid"))
    LeakScanner(["CANARY", "CANARY-sid"]).scan(shown, code, PAGE, shown.redirect_uri)
    assert repr(shown) == "<Captcha kind=redirect attempt=1>"
    assert repr(code) == "<TwoFactor type=sms attempt=1>"


@pytest.mark.parametrize(
    ("prompt", "given", "sent"),
    [
        (IMAGE, {"answer": " text "}, CaptchaAnswer("text", False)),
        (PAGE, {"answer": "token"}, CaptchaAnswer("token", True)),
        (PAGE, {"key": "text"}, CaptchaAnswer("text", False)),
        (IMAGE, {"success_token": "token\n"}, CaptchaAnswer("token", True)),
        (IMAGE, {"answer": ""}, CaptchaAnswer("", False)),
    ],
)
async def test_what_an_answer_is(prompt: CaptchaPrompt, given: dict[str, str], sent: CaptchaAnswer) -> None:
    """By its kind, or as the keyword says; white space around it is not part of it."""
    shown, talk = Scene().captcha(prompt)
    handed_in = asyncio.create_task(shown.retry(**given))
    assert await talk.answer(1.0) == sent
    talk.accept()
    await handed_in


@pytest.mark.parametrize("given", [{}, {"answer": "a", "key": "b"}, {"key": "a", "success_token": "b"}, {"answer": 1}])
async def test_a_wrong_answer_object_is_refused_at_once(given: dict[str, Any]) -> None:
    """Nothing is sent."""
    shown, talk = Scene().captcha(IMAGE)
    with pytest.raises(TypeError, match=r"^retry\(\) takes one text"):
        await shown.retry(**given)
    assert talk.state is State.ASKING


async def test_the_picture_is_fetched_once_for_each_captcha() -> None:
    """Another captcha in the same object has another picture."""
    scene = Scene()
    shown, talk = scene.captcha(IMAGE)
    assert await asyncio.gather(shown.image(), shown.image(), shown.image()) == [b"PNG"] * 3
    assert scene.errands == 1
    talk.step = ask_for(IMAGE, b"SECOND")
    assert await shown.image() == b"SECOND"
    assert scene.errands == 2


async def test_a_picture_that_comes_late_is_not_that_of_the_next_captcha() -> None:
    """VK has refused an answer while it was on its way: the text of the old one would be wrong under the new sid."""
    scene = Scene()
    shown, talk = scene.captcha(IMAGE)
    asked = asyncio.create_task(shown.image())
    await asyncio.sleep(0)
    assert scene.errands == 1
    talk.step = ask_for(CaptchaPrompt(sid="13", src=IMAGE.src), b"SECOND")
    assert await asked == b"SECOND"
    assert await shown.image() == b"SECOND"
    assert shown.sid == "13"


async def test_the_picture_of_a_page_is_refused_with_what_to_do() -> None:
    """There is no picture to be had: the address comes along, to be opened."""
    shown, _ = Scene().captcha(PAGE)
    error = await refused(shown.image(), "VALIDATION_REQUIRED")
    assert "captcha.redirect_uri" in error.message
    assert error.redirect_uri == PAGE.redirect_uri


# -- what a code challenge shows -------------------------------------------------------------------------------------


async def test_what_a_code_challenge_tells() -> None:
    """As VK says it."""
    scene = Scene()
    prompt = CodePrompt(
        type="email", validation_sid="s", phone_mask="a***@b", code_length=6, delay=30.0, methods=("sms",), sent=False,
        received_at=scene.clock.now(),
    )  # fmt: skip
    shown, _ = scene.two_factor(prompt)
    assert (shown.type, shown.validation_sid, shown.phone_mask, shown.code_length) == ("email", "s", "a***@b", 6)
    assert (shown.methods, shown.sent, shown.attempt, shown.error, shown.prompt) == (("sms",), False, 1, None, prompt)
    assert (shown.resend_in, shown.can_resend) == (30.0, False)
    scene.clock.seconds += 29.5
    assert (shown.resend_in, shown.can_resend) == (0.5, False)
    scene.clock.seconds += 100
    assert (shown.resend_in, shown.can_resend) == (0.0, True)
    scene.clock.seconds -= 1000  # somebody has set the clock back: that makes no wait longer than VK's
    assert shown.resend_in == 30.0
    scene.clock.seconds += 1000
    await shown.resend("sms")
    assert (shown.type, shown.resend_in, shown.can_resend) == ("sms", 60.0, False)


async def test_a_code_that_cannot_be_sent_again() -> None:
    """However long one waits."""
    shown, _ = Scene().two_factor(CodePrompt(type="app"), resendable=False)
    assert (shown.resend_in, shown.can_resend) == (0.0, False)


async def test_five_resends_at_once_send_one_code() -> None:
    """All five return when it is sent."""
    scene = Scene()
    shown, _ = scene.two_factor(CodePrompt(type="sms"))
    await asyncio.gather(*(shown.resend() for _ in range(5)))
    assert scene.errands == 1


async def test_a_resend_that_is_cancelled_leaves_the_next_one_to_send() -> None:
    """Those who waited for it take its place: one of them sends."""
    scene = Scene()
    shown, _ = scene.two_factor(CodePrompt(type="sms"))
    first, *others = [asyncio.create_task(shown.resend()) for _ in range(3)]
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.gather(*others)
    assert first.cancelled()
    assert scene.errands == 2


async def test_a_resend_that_fails_fails_for_all_who_waited() -> None:
    """Nobody is left believing that a code is on its way."""
    shown, _ = Scene().two_factor(CodePrompt(type="app"), resendable=False)
    outcomes = await asyncio.gather(*(shown.resend() for _ in range(3)), return_exceptions=True)
    assert [each.code for each in outcomes if isinstance(each, AuthError)] == ["AUTHORIZATION_FAILED"] * 3


async def test_a_code_must_be_text() -> None:
    """A number has lost its leading zeros."""
    shown, talk = Scene().two_factor(CodePrompt(type="sms"))
    with pytest.raises(TypeError, match="leading zeros"):
        await shown.retry(12345)  # type: ignore[arg-type]
    assert talk.state is State.ASKING
    handed_in = asyncio.create_task(shown.retry(" 012 345\t"))
    assert await talk.answer(1.0) == "012345"
    talk.accept()
    await handed_in


# -- wrong handlers --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [1, b"x", True, ["x"], object()])
@pytest.mark.parametrize("make_sync", [True, False])
async def test_a_handler_that_returns_something_else(vk: VKSimulator, value: object, make_sync: bool) -> None:
    """That is a mistake in the program, not a refusal of VK: it is a ``TypeError``."""
    vk.add_account(two_factor="sms", captcha="image")

    async def later(challenge: object) -> Any:
        return value

    callbacks = person(vk)
    callbacks.on_captcha((lambda captcha: value) if make_sync else later)  # type: ignore[arg-type,return-value]
    with pytest.raises(TypeError, match=f"captcha handler must return str, not {type(value).__name__}"):
        await direct(vk, callbacks).run()
    callbacks = person(vk)
    callbacks.on_two_factor((lambda challenge: value) if make_sync else later)  # type: ignore[arg-type,return-value]
    with pytest.raises(TypeError, match=f"code must be str, not {type(value).__name__}"):
        await direct(vk, callbacks).run()


@pytest.mark.parametrize("make_sync", [True, False])
@pytest.mark.parametrize(("scene", "what"), [({"captcha": "image"}, "captcha"), ({"two_factor": "sms"}, "code")])
async def test_a_handler_that_returns_nothing(vk: VKSimulator, make_sync: bool, scene: Any, what: str) -> None:
    """A forgotten ``return`` is a mistake in the program, and the error names it."""
    vk.add_account(**scene)

    async def later(challenge: object) -> None: ...

    callbacks = CallbackService()
    callbacks.on_captcha((lambda captcha: None) if make_sync else later)
    callbacks.on_two_factor((lambda challenge: None) if make_sync else later)
    with pytest.raises(TypeError, match=f"{what} handler returned None: it must return the answer, await retry"):
        await direct(vk, callbacks).run()


def none() -> None: ...


def two(captcha: Captcha, more: str) -> str:
    return more


def keyword(captcha: Captcha, *, more: str) -> str:
    return more


class Method:
    async def handle(self) -> None: ...


@pytest.mark.parametrize("handler", [none, two, keyword, Method().handle, Method.handle.__get__(Method()), lambda: "x"])
def test_a_handler_must_take_the_challenge_alone(handler: Any) -> None:
    """It fails where it is set, and names the function: not in the middle of a login."""
    for hook in (CallbackService().on_captcha, CallbackService().on_two_factor):
        with pytest.raises(TypeError, match="gets the challenge alone") as caught:
            hook(handler)
        assert handler.__qualname__ in str(caught.value)


def test_a_handler_whose_arguments_cannot_be_told_is_taken() -> None:
    """Some functions of C do not say what they take."""
    assert CallbackService().on_captcha(dict) is dict  # type: ignore[type-var]


async def test_no_handler_for_a_captcha(vk: VKSimulator) -> None:
    """The error has the address of the page, for those who want to go on by hand."""
    vk.add_account(captcha="redirect_only")
    error = await refused(direct(vk, CallbackService()).run(), "MISSING_CAPTCHA_HANDLER")
    assert "on_captcha" in error.message
    assert error.redirect_uri is not None
    assert vk.pass_not_robot(error.redirect_uri)
    assert error.redirect_uri not in f"{error} {error!r}"


async def test_no_handler_for_a_code(vk: VKSimulator) -> None:
    """A handler for captchas does not help."""
    vk.add_account(two_factor="sms")
    callbacks = CallbackService()
    callbacks.on_captcha(lambda captcha: "x")
    error = await refused(direct(vk, callbacks).run(), "MISSING_TWO_FACTOR_HANDLER")
    assert "on_two_factor" in error.message
    assert error.redirect_uri is None
    assert len(vk.requests) == 1
