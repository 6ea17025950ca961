"""vkbottle's ``API`` with the tokens of a source, on the simulator."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from peers.peer import Peer

from vkauth.testing import Fault

from .stage import CAPTCHA, DRIVERS, USERS, Stage, Wanted, set_up

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.peers]

LISTEN = "api/method/sample.listen"
TEXTS = ["one", "two", "three", "four", "five"]
VKBOTTLE = Peer("vkbottle", str(DRIVERS / "vkbottle_bot.py"), with_library=True)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bots(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    async with set_up(VKBOTTLE, tmp_path_factory.mktemp("vkbottle")) as stage:
        yield stage


@pytest.fixture
def stage(bots: Stage) -> Stage:
    bots.clear()
    return bots


async def test_a_token_of_the_source(stage: Stage) -> None:
    """It is asked for before the call, and nothing else happens."""
    (good,) = stage.given_tokens(1)
    found = await stage.play(tokens=[good])
    assert found["results"][0]["response"][0]["id"] == stage.account.user_id
    assert found["renewals"] == 0
    assert stage.steps == [USERS]


async def test_a_dead_token_is_renewed_once_for_all(stage: Stage) -> None:
    """A hundred calls at once with a dead token: one renewal, and each is repeated once."""
    dead, good = stage.given_tokens(2, dead=1)
    found = await stage.play(tokens=[dead, good], times=100)
    assert found["renewals"] == 1
    assert [each["response"][0]["id"] for each in found["results"]] == [stage.account.user_id] * 100
    assert stage.steps == [USERS] * 200
    assert found["stored"] == good
    assert found["tasks"] == 0


@pytest.mark.parametrize(
    ("job", "dead", "error", "calls"),
    [
        pytest.param({}, 2, "APIAuthError 5", 2, id="the new one is refused as well"),
        pytest.param({}, 1, "LoginRefused TOKEN_EXPIRED", 1, id="nothing renews it"),
        pytest.param({"static": True}, 1, "APIAuthError 5", 1, id="a source that is not told"),
    ],
)
async def test_a_token_that_stays_dead(stage: Stage, job: dict[str, Any], dead: int, error: str, calls: int) -> None:
    """The call is repeated once at most."""
    found = await stage.play(tokens=stage.given_tokens(dead, dead=dead), **job)
    assert found["results"] == [error]
    assert stage.steps == [USERS] * calls


async def test_not_attached(stage: Stage) -> None:
    """With the generator alone all errors are vkbottle's."""
    found = await stage.play("plain", tokens=stage.given_tokens(2, dead=1))
    assert found["results"] == ["APIAuthError 5"]
    assert found["renewals"] == 0


@pytest.mark.parametrize("kind", ["image", "redirect", "redirect_only", "both"])
@pytest.mark.parametrize("hooks", ["returns", "retries"])
async def test_captcha(stage: Stage, kind: str, hooks: str) -> None:
    """The hook is asked, and the answer goes with the repeated call, also where VK gives a page alone."""
    found = await stage.play(method="captcha.force", tokens=stage.given_tokens(1, captcha=kind), hooks=hooks)
    assert found["results"] == [{"response": 1}]
    assert [each["type"] for each in stage.asked] == ["api_request"]
    assert found["told"] == (["accepted"] if hooks == "retries" else [])
    first, *_, last = stage.vk.requests.to(CAPTCHA)
    assert last.params["access_token"] == first.params["access_token"]
    assert ("success_token" in last.form) is (kind != "image")


async def test_a_wrong_captcha_is_told_and_asked_again(stage: Stage) -> None:
    """``retry`` says that it was refused; the hook sees the next one."""
    stage.mistakes = ["wrong"]
    found = await stage.play(method="captcha.force", tokens=stage.given_tokens(1, captcha="image"), hooks="retries")
    assert found["results"] == [{"response": 1}]
    assert found["told"] == ["FAILED_PASSED_CAPTCHA", "accepted"]
    assert stage.asked[0]["sid"] != stage.asked[1]["sid"]


@pytest.mark.parametrize(
    ("kind", "hooks", "error", "questions"),
    [
        pytest.param("image", "returns", "AnswerRefused FAILED_PASSED_CAPTCHA", 3, id="three wrong answers"),
        pytest.param("image", "none", "Misconfigured MISSING_CAPTCHA_HANDLER", 0, id="no hook"),
        pytest.param("image", "raises", "RuntimeError", 0, id="a hook that gives up"),
        pytest.param("image", None, "CaptchaError 14", 0, id="no hooks at all"),
        pytest.param("redirect_only", None, "CaptchaError 14", 0, id="no hooks, and a page alone"),
    ],
)
async def test_a_captcha_that_is_not_passed(
    stage: Stage, kind: str, hooks: str | None, error: str, questions: int
) -> None:
    """What is not handled is vkbottle's to raise."""
    stage.mistakes = ["wrong"] * 3
    found = await stage.play(method="captcha.force", tokens=stage.given_tokens(1, captcha=kind), hooks=hooks)
    assert found["results"] == [error]
    assert len(stage.asked) == questions


async def test_vkbottles_own_handler_is_asked_without_hooks(stage: Stage) -> None:
    """What it was set for goes on."""
    found = await stage.play("own_handler", tokens=stage.given_tokens(1, captcha="image"))
    assert found["results"] == [{"response": 1}]


@pytest.mark.parametrize("times", [1, 50])
async def test_verification(stage: Stage, times: int) -> None:
    """The page of error 17 is passed once for all, the new token is stored, and each call is repeated with it."""
    (old,) = stage.given_tokens(1, verification="security_check")
    found = await stage.play(tokens=[old], times=times, verify=True)
    assert [each["response"][0]["id"] for each in found["results"]] == [stage.account.user_id] * times
    assert found["stored"] != old
    assert stage.vk.issued[found["stored"]].account is stage.account
    assert found["extra"] == {"kept": "yes"}
    calls = stage.vk.requests.to("api/method/users.get")
    assert [each.params["access_token"] for each in calls] == [old] * times + [found["stored"]] * times
    assert sum(step.startswith("POST mobile/login") for step in stage.steps) == 1


async def test_a_verification_without_a_new_token(stage: Stage) -> None:
    """The old one goes on working."""
    (old,) = stage.given_tokens(1, verification="security_check", verification_outcome="success_without_token")
    found = await stage.play(tokens=[old], verify=True, times=20)
    assert all("response" in each for each in found["results"])
    assert found["stored"] == old


@pytest.mark.parametrize(
    ("verify", "error"), [(False, "VKAPIError_17 17"), (True, "LoginRefused AUTHORIZATION_FAILED")]
)
async def test_a_verification_that_fails(stage: Stage, verify: bool, error: str) -> None:
    """Without one the error is vkbottle's; what one raises is raised."""
    tokens = stage.given_tokens(1, verification="security_check", verification_outcome="fail")
    found = await stage.play(tokens=tokens, verify=verify)
    assert found["results"] == [error]


async def test_only_what_was_attached_changes(stage: Stage) -> None:
    """Another API, and the list that all share, stay as they are."""
    dead, good = stage.given_tokens(2, dead=1)
    found = await stage.play("two", tokens=[dead, good], other=dead)
    assert found["same"]
    assert found["is_api"]
    assert found["results"][0]["response"]
    assert found["results"][1] == "APIAuthError 5"


async def test_another_client_later(stage: Stage) -> None:
    """Whoever replaces the client of an attached API loses nothing."""
    found = await stage.play("other_client", tokens=stage.given_tokens(2, dead=1))
    assert found["results"][0]["response"]
    assert found["own"]
    assert found["text"]


async def test_many_requests(stage: Stage) -> None:
    """``request_many`` is helped as well."""
    found = await stage.play("many", tokens=stage.given_tokens(2, dead=1))
    assert len(found["results"]) == 3
    assert found["renewals"] == 1
    assert stage.steps == [USERS] * 4


async def test_a_call_with_a_token_of_its_own(stage: Stage) -> None:
    """The source has nothing to do with it."""
    dead, good = stage.given_tokens(2, dead=1)
    found = await stage.play("own_token", tokens=[good], own=dead)
    assert found["results"] == ["APIAuthError 5"]
    assert found["renewals"] == 0


async def test_cancellation(stage: Stage) -> None:
    """The hook is cancelled with the call; nothing goes on."""
    found = await stage.play("cancel", tokens=stage.given_tokens(1, captcha="image"), hooks="none")
    assert found == {"results": ["CancelledError"], "ended": ["api_request"], "tasks": 0}


async def test_cancelled_by_anyio(stage: Stage) -> None:
    """At any moment: one renewal all the same, and no task, lock or session is left."""
    dead, good = stage.given_tokens(2, dead=1)
    found = await stage.play("scopes", tokens=[dead, good])
    assert found["results"][0]["response"][0]["id"] == stage.account.user_id
    assert found["renewals"] == 1
    assert found["stored"] == good
    assert found["tasks"] == 0
    assert "Unclosed" not in found["log"]
    assert "never retrieved" not in found["log"]


async def test_polling_goes_on(stage: Stage) -> None:
    """Error 5 in the middle of it: one renewal, and no message is lost; what listens is sent no token."""
    tokens = stage.given_tokens(3)
    number = 0

    def plan(place: str, *answers: object) -> None:
        for each in answers:
            fault = each if isinstance(each, Fault) else Fault.answer(200, "application/json", json.dumps(each))
            stage.vk.faults.add(fault, on=place)

    def messages(*texts: str) -> dict[str, object]:
        nonlocal number
        number += 1
        updates = [{"type": "message_new", "group_id": 1, "object": {"text": each}} for each in texts]
        return {"ts": str(number), "updates": updates}

    where = {"response": {"server": "https://api.vk.ru/method/sample.listen", "key": "SAMPLE-key", "ts": "0"}}
    plan("api/method/groups.getLongPollServer", where, stage.vk.api.fault(5), where)
    plan(LISTEN, messages("one"), messages("two", "three"), {"failed": 2}, messages("four"), {"ts": "9", "updates": []})
    plan(LISTEN, messages("five"), *[{"ts": "10", "updates": []}] * 200)
    found = await stage.play("polling", tokens=tokens, messages=5)
    assert sorted(found["seen"]) == sorted([each, stage.account.user_id] for each in TEXTS)
    assert found["renewals"] == 1
    asked = stage.vk.requests.to("api/method/groups.getLongPollServer")
    assert [each.params["access_token"] for each in asked] == [tokens[0], tokens[0], tokens[1]]
    listened = stage.vk.requests.to(LISTEN)
    assert [each.params["ts"] for each in listened[:6]] == ["0", "1", "2", "2", "3", "9"]
    assert not any("access_token" in each.params for each in listened)
    assert found["tasks"] == 0


async def test_wrong_arguments(stage: Stage) -> None:
    """Each is a ``TypeError`` that names the argument, and the object stays as it was."""
    found = await stage.play("wrong", tokens=stage.given_tokens(1), static=True, verify=True)
    assert found == [
        "TypeError: api must be vkbottle's API, not str",
        "TypeError: source must be a TokenSource, not str: StaticTokenSource(token) makes one of a token",
        "TypeError: callback_service must be CallbackService, not builtin_function_or_method",
        "TypeError: verification must be AccountVerification, not object",
        "TypeError: verification gives new tokens: source must have put(), as StoredTokenSource",
        "TypeError: source must be a TokenSource, not NoneType",
        True,
    ]


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted("users.get", {}, dead=1),
        Wanted("captcha.force", {"captcha": "redirect"}),
        Wanted("captcha.force", {"captcha": "image"}),
        Wanted("users.get", {"verification": "security_check"}),
    ],
    ids=str,
)
async def test_no_secrets_in_logs(stage: Stage, wanted: Wanted) -> None:
    """At the level DEBUG, vkbottle's own log included."""
    tokens = stage.given_tokens(2, dead=wanted.dead, **wanted.account)
    found = await stage.play(method=wanted.method, tokens=tokens, hooks="returns", verify=True)
    assert "response" in found["results"][0]
    assert found["log"]
    stage.require_no_secrets(found["log"])
