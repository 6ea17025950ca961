"""What is done for calls that VK refuses, without any library around it."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Mapping
from typing import Any

import pytest
from support import refused

from vkauth import AuthError, AuthErrorCode, CallbackService, Captcha, Endpoints, UserToken
from vkauth.engine.transport import Connection
from vkauth.integrations._calls import Answer, Helper, Network, check_source
from vkauth.tokens.source import StaticTokenSource
from vkauth.tokens.values import StoredToken

NETWORK = Network(Endpoints(), Connection())
FIVE: dict[str, Any] = {"error_code": 5, "error_msg": "User authorization failed"}
SEVENTEEN: dict[str, Any] = {"error_code": 17, "redirect_uri": "https://m.vk.ru/login?act=security_check"}
FOURTEEN: dict[str, Any] = {"error_code": 14, "captcha_sid": "1", "captcha_img": "https://api.vk.ru/captcha.php?sid=1"}
PAGE_ALONE: dict[str, Any] = {"error_code": 14, "redirect_uri": "https://id.vk.ru/not_robot_captcha?session_token=s"}
DONE: Answer[str] = Answer("done")


class Source:
    """A source with one token at a time."""

    def __init__(self, *tokens: str) -> None:
        self.tokens = [StoredToken(token=each, extra={"kept": "yes"}) for each in tokens]
        self.refusals: list[str] = []

    async def get(self) -> StoredToken:
        return self.tokens[0]

    async def refused(self, token: str) -> StoredToken:
        self.refusals.append(token)
        if len(self.tokens) > 1 and self.tokens[0].token == token:
            self.tokens.pop(0)
        return self.tokens[0]

    async def put(self, token: StoredToken) -> StoredToken:
        self.tokens = [token]
        return token


class Call:
    """A method that answers as it is told; it remembers what it was called with."""

    def __init__(self, *errors: Mapping[str, Any] | None) -> None:
        self.errors = list(errors)
        self.calls: list[tuple[str, dict[str, str]]] = []

    async def __call__(self, token: str, fields: Mapping[str, str]) -> Answer[str]:
        self.calls.append((token, dict(fields)))
        error = self.errors.pop(0) if self.errors else None
        return DONE if error is None else Answer("refused", error)


class Verifies:
    """Stands in for a verification."""

    def __init__(self, outcome: UserToken | Exception) -> None:
        self.outcome = outcome
        self.pages: list[str] = []
        self.may_end = asyncio.Event()
        self.may_end.set()
        self.cancelled = False

    async def run(self, redirect_uri: str) -> UserToken:
        self.pages.append(redirect_uri)
        try:
            await self.may_end.wait()
        except asyncio.CancelledError:
            self.cancelled = True
            raise
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


def new_token() -> UserToken:
    return UserToken(token="new", user_id=1, expires_in=0)


def answers(*texts: str) -> CallbackService:
    left = list(texts)
    callbacks = CallbackService()
    callbacks.on_captcha(lambda captcha: left.pop(0))
    return callbacks


async def test_a_dead_token_once() -> None:
    """The source is told of the token that the call was made with; a second refusal is left."""
    source, call = Source("new"), Call(FIVE)
    found = await Helper(source, None, None).help(Answer("refused", FIVE), "old", call, NETWORK)
    assert found.number == 5
    assert source.refusals == ["old"]
    assert call.calls == [("new", {})]


async def test_a_source_without_another_token() -> None:
    """The same call is not made again with the same token."""
    call = Call()
    found = await Helper(Source("old"), None, None).help(Answer("refused", FIVE), "old", call, NETWORK)
    assert (found.outcome, call.calls) == ("refused", [])


@pytest.mark.parametrize("error", [{"error_code": "5"}, {"error_code": 5}])
def test_what_can_be_helped(error: dict[str, Any]) -> None:
    """A number may come as text; what there is no way for is left."""
    number = Answer("", error).number
    assert Helper(Source("a"), None, None).can_help(number)
    assert not Helper(StaticTokenSource("a"), CallbackService(), None).can_help(number)
    for other in (None, 6, 14, 17):
        assert not Helper(Source("a"), None, None).can_help(other)
    assert Helper(Source("a"), CallbackService(), None).can_help(14)
    assert Helper(Source("a"), None, Verifies(new_token())).can_help(17)


async def test_captcha_then_another_token() -> None:
    """The answer to a captcha goes with every further call."""
    source, call = Source("old", "new"), Call(FIVE, None)
    found = await Helper(source, answers("text"), None).help(Answer("", FOURTEEN), "old", call, NETWORK)
    assert found is DONE
    fields = {"captcha_sid": "1", "captcha_key": "text"}
    assert call.calls == [("old", fields), ("new", fields)]


async def test_a_page_alone() -> None:
    """Its success token is all that is sent; the hook sees what it is for."""
    seen: list[Captcha] = []
    callbacks = CallbackService()

    @callbacks.on_captcha
    async def on_captcha(captcha: Captcha) -> None:
        seen.append(captcha)
        await captcha.retry("token of success")

    call = Call()
    await Helper(Source("a"), callbacks, None).help(Answer("", PAGE_ALONE), "a", call, NETWORK)
    assert call.calls == [("a", {"success_token": "token of success"})]
    assert (seen[0].type, seen[0].kind, seen[0].sid) == ("api_request", "redirect", None)


async def test_the_network_fails_in_the_middle() -> None:
    """What the library raises passes through; a hook that waits for the word is not left waiting."""
    ended: list[str] = []
    callbacks = CallbackService()

    @callbacks.on_captcha
    async def on_captcha(captcha: Captcha) -> None:
        try:
            await captcha.retry("text")
        finally:
            ended.append("yes")

    async def call(token: str, fields: Mapping[str, str]) -> Answer[str]:
        raise ConnectionResetError("no network")

    with pytest.raises(ConnectionResetError, match="no network"):
        await Helper(Source("a"), callbacks, None).help(Answer("", FOURTEEN), "a", call, NETWORK)
    assert ended == ["yes"]


async def test_verified_once_for_all() -> None:
    """Calls that come while the page is passed wait for it; later ones find the new token."""
    source, verification = Source("old"), Verifies(new_token())
    verification.may_end.clear()
    helper = Helper(source, None, verification)
    calls = [Call() for _ in range(50)]
    waiting = [asyncio.create_task(helper.help(Answer("", SEVENTEEN), "old", call, NETWORK)) for call in calls]
    for _ in range(3):
        await asyncio.sleep(0)
    verification.may_end.set()
    assert await asyncio.gather(*waiting) == [DONE] * 50
    late = Call()
    assert await helper.help(Answer("", SEVENTEEN), "old", late, NETWORK) is DONE
    assert [call.calls for call in [*calls, late]] == [[("new", {})]] * 51
    assert len(verification.pages) == 1
    assert dict(source.tokens[0].extra) == {"kept": "yes"}


async def test_verified_without_a_new_token() -> None:
    """The old one goes on; a call that was refused before is repeated before another verification."""
    unchanged = AuthError(AuthErrorCode.TOKEN_UNCHANGED, "verified")
    source, verification = Source("old"), Verifies(unchanged)
    helper = Helper(source, None, verification)
    first, late, again = Call(), Call(), Call(SEVENTEEN, None)
    for call in (first, late):
        assert await helper.help(Answer("", SEVENTEEN), "old", call, NETWORK) is DONE
        assert call.calls == [("old", {})]
    assert len(verification.pages) == 1
    assert await helper.help(Answer("", SEVENTEEN), "old", again, NETWORK) is DONE
    assert len(verification.pages) == 2


async def test_an_error_of_its_own_for_each() -> None:
    """A verification that fails is told to all who waited."""
    verification = Verifies(AuthError(AuthErrorCode.VALIDATION_REQUIRED, "a browser is wanted"))
    helper = Helper(Source("old"), None, verification)
    found = await asyncio.gather(
        *(helper.help(Answer("", SEVENTEEN), "old", Call(), NETWORK) for _ in range(3)), return_exceptions=True
    )
    assert [getattr(each, "code", None) for each in found] == ["VALIDATION_REQUIRED"] * 3
    assert len({id(each) for each in found}) == 3
    assert len(verification.pages) == 1


async def test_still_not_verified() -> None:
    """It is tried once a call; so is an error without a page."""
    helper = Helper(Source("old"), None, Verifies(new_token()))
    found = await helper.help(Answer("", SEVENTEEN), "old", Call(SEVENTEEN), NETWORK)
    assert found.number == 17
    without = await helper.help(Answer("", {"error_code": 17}), "new", Call(), NETWORK)
    assert without.number == 17


async def test_cancelling_one_of_those_who_wait() -> None:
    """The page is passed for the others."""
    verification = Verifies(new_token())
    verification.may_end.clear()
    helper = Helper(Source("old"), None, verification)
    first, second = [asyncio.create_task(helper.help(Answer("", SEVENTEEN), "old", Call(), NETWORK)) for _ in range(2)]
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    verification.may_end.set()
    assert await second is DONE
    assert first.cancelled()


async def test_cancelling_all_who_wait() -> None:
    """Twice in a row: nothing runs any more when they are gone, and the next one begins anew."""
    verification = Verifies(new_token())
    verification.may_end.clear()
    helper = Helper(Source("old"), None, verification)
    waiting = [asyncio.create_task(helper.help(Answer("", SEVENTEEN), "old", Call(), NETWORK)) for _ in range(3)]
    for _ in range(3):
        await asyncio.sleep(0)
    for _ in range(2):
        for each in waiting:
            each.cancel()
        await asyncio.sleep(0)
    await asyncio.wait(waiting)
    assert all(each.cancelled() for each in waiting)
    assert verification.cancelled
    assert asyncio.all_tasks() == {asyncio.current_task()}
    verification.may_end.set()
    assert await helper.help(Answer("", SEVENTEEN), "old", Call(), NETWORK) is DONE
    gc.collect()  # an outcome that nobody has seen would be told of


def test_another_event_loop() -> None:
    """What was begun in a loop that is no more is begun anew."""
    verification = Verifies(new_token())
    helper = Helper(Source("old"), None, verification)
    abandoned = asyncio.new_event_loop()

    async def wait_for_ever() -> None:
        verification.may_end.clear()
        begun = asyncio.ensure_future(helper.help(Answer("", SEVENTEEN), "old", Call(), NETWORK))
        for _ in range(3):
            await asyncio.sleep(0)
        assert not begun.done()

    async def once_more() -> Answer[str]:
        verification.may_end = asyncio.Event()
        verification.may_end.set()
        return await helper.help(Answer("", SEVENTEEN), "old", Call(), NETWORK)

    abandoned.run_until_complete(wait_for_ever())
    assert asyncio.run(once_more()) is DONE
    for task in asyncio.all_tasks(abandoned):
        task.cancel()
    abandoned.run_until_complete(asyncio.sleep(0.01))
    abandoned.close()


async def test_a_verification_that_is_ended_from_outside() -> None:
    """Who waits is told; it is not their own end."""

    class Ended:
        async def run(self, redirect_uri: str) -> UserToken:
            raise asyncio.CancelledError

    helper = Helper(Source("old"), None, Ended())
    await refused(helper.help(Answer("", SEVENTEEN), "old", Call(), NETWORK), "TIMEOUT")


@pytest.mark.parametrize("value", ["vk1.a.SAMPLE", None, {"get": 1}, object()])
def test_what_is_no_source(value: object) -> None:
    """The error does not repeat it."""
    with pytest.raises(TypeError, match=r"^source must be a TokenSource") as caught:
        check_source(value)
    assert "SAMPLE" not in str(caught.value)


async def test_nothing_is_shown() -> None:
    """Neither answers nor what helps show what they hold."""
    assert repr(Answer("vk1.a.SAMPLE", FOURTEEN)) == "<Answer error=14>"
    assert "SAMPLE" not in repr(Helper(StaticTokenSource("vk1.a.SAMPLE"), None, None))
    assert repr(NETWORK) == "<Network>"


@pytest.mark.parametrize("name", ["vkbottle", "vk_api"])
def test_a_library_that_is_missing(name: str) -> None:
    """The error says what to install."""
    with pytest.raises(ImportError, match=rf"^vkauth.integrations.{name} needs {name}: pip install {name}$"):
        __import__(f"vkauth.integrations.{name}")
