"""vk_api with the tokens of a source, on the simulator."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from peers.peer import Peer

from .stage import CAPTCHA, DRIVERS, USERS, Stage, Wanted, set_up

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.peers]

VK_API = Peer("vk_api", str(DRIVERS / "vk_api_bot.py"), with_library=True)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bots(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    async with set_up(VK_API, tmp_path_factory.mktemp("vk_api")) as stage:
        yield stage


@pytest.fixture
def stage(bots: Stage) -> Stage:
    bots.clear()
    return bots


async def test_a_token_of_the_source(stage: Stage) -> None:
    """It is asked for before the call; when all is over there is no thread."""
    found = await stage.play(tokens=stage.given_tokens(1))
    assert found["results"][0][0]["id"] == stage.account.user_id
    assert stage.steps == [USERS]
    assert found["threads"] == 0


async def test_methods_by_name_and_raw(stage: Stage) -> None:
    """It is a ``VkApi`` in all else."""
    found = await stage.play("by_name", tokens=stage.given_tokens(1))
    assert found["is_vk_api"]
    assert found["results"][0][0]["id"] == found["results"][1]["response"][0]["id"] == stage.account.user_id


async def test_a_dead_token_is_renewed_once_for_all(stage: Stage) -> None:
    """Twenty threads with a dead token: one renewal, and each call is repeated once."""
    dead, good = stage.given_tokens(2, dead=1)
    found = await stage.play(tokens=[dead, good], times=20)
    assert found["renewals"] == 1
    assert [each[0]["id"] for each in found["results"]] == [stage.account.user_id] * 20
    used = [each.params["access_token"] for each in stage.vk.requests.to("api/method/users.get")]
    assert used.count(good) == 20
    assert used.count(dead) <= 20
    assert found["threads"] == 0


@pytest.mark.parametrize(
    ("job", "dead", "error", "calls"),
    [
        pytest.param({}, 2, "ApiError 5", 2, id="the new one is refused as well"),
        pytest.param({}, 1, "LoginRefused TOKEN_EXPIRED", 1, id="nothing renews it"),
        pytest.param({"static": True}, 1, "ApiError 5", 1, id="a source that is not told"),
    ],
)
async def test_a_token_that_stays_dead(stage: Stage, job: dict[str, Any], dead: int, error: str, calls: int) -> None:
    """The call is repeated once at most."""
    found = await stage.play(tokens=stage.given_tokens(dead, dead=dead), **job)
    assert found["results"] == [error]
    assert stage.steps == [USERS] * calls


@pytest.mark.parametrize("kind", ["image", "redirect", "redirect_only", "both"])
@pytest.mark.parametrize("hooks", ["returns", "retries"])
async def test_captcha(stage: Stage, kind: str, hooks: str) -> None:
    """The hook is asked, and the answer goes with the repeated call, also where VK gives a page alone."""
    tokens = stage.given_tokens(1, captcha=kind)
    found = await stage.play(method="captcha.force", tokens=tokens, hooks=hooks)
    assert found["results"] == [1]
    assert [each["type"] for each in stage.asked] == ["api_request"]
    assert found["told"] == (["accepted"] if hooks == "retries" else [])
    assert ("success_token" in stage.vk.requests.to(CAPTCHA)[-1].form) is (kind != "image")
    assert found["threads"] == 0


async def test_a_wrong_captcha_is_told_and_asked_again(stage: Stage) -> None:
    """``retry`` says that it was refused; the hook sees the next one."""
    stage.mistakes = ["wrong"]
    tokens = stage.given_tokens(1, captcha="image")
    found = await stage.play(method="captcha.force", tokens=tokens, hooks="retries")
    assert found["results"] == [1]
    assert found["told"] == ["FAILED_PASSED_CAPTCHA", "accepted"]
    assert stage.asked[0]["sid"] != stage.asked[1]["sid"]


NOT_PASSED = [
    pytest.param("image", "returns", "AnswerRefused FAILED_PASSED_CAPTCHA", 3, id="three wrong answers"),
    pytest.param("image", "none", "Misconfigured MISSING_CAPTCHA_HANDLER", 0, id="no hook"),
    pytest.param("image", "raises", "RuntimeError", 0, id="a hook that gives up"),
]


@pytest.mark.parametrize(
    ("kind", "hooks", "error", "questions"),
    [
        *NOT_PASSED,
        pytest.param("image", None, "Captcha 14", 0, id="no hooks at all"),
        pytest.param("redirect_only", None, "Captcha 14", 0, id="no hooks, and a page alone"),
    ],
)
async def test_a_captcha_that_is_not_passed(
    stage: Stage, kind: str, hooks: str | None, error: str, questions: int
) -> None:
    """What is not handled is vk_api's to raise."""
    stage.mistakes = ["wrong"] * 3
    tokens = stage.given_tokens(1, captcha=kind)
    found = await stage.play(method="captcha.force", tokens=tokens, hooks=hooks)
    assert found["results"] == [error]
    assert len(stage.asked) == questions


@pytest.mark.parametrize("kind", ["image", "redirect", "redirect_only"])
async def test_vk_apis_own_handler_is_asked_without_hooks(stage: Stage, kind: str) -> None:
    """Also for a second captcha, and for a page alone, for which vk_api cannot make its error."""
    stage.mistakes = ["wrong"]
    found = await stage.play("own_handler", tokens=stage.given_tokens(1, captcha=kind))
    assert found["results"] == [1]
    assert len(stage.asked) == 2


@pytest.mark.parametrize("times", [1, 20])
async def test_verification(stage: Stage, times: int) -> None:
    """The page of error 17 is passed once for all, the new token is stored, and each call is repeated with it."""
    (old,) = stage.given_tokens(1, verification="security_check")
    found = await stage.play(tokens=[old], times=times, verify=True)
    assert [each[0]["id"] for each in found["results"]] == [stage.account.user_id] * times
    assert found["stored"] != old
    assert found["extra"] == {"kept": "yes"}
    assert sum(step.startswith("POST mobile/login") for step in stage.steps) == 1


@pytest.mark.parametrize(("verify", "error"), [(False, "ApiError 17"), (True, "LoginRefused AUTHORIZATION_FAILED")])
async def test_a_verification_that_fails(stage: Stage, verify: bool, error: str) -> None:
    """Without one the error is vk_api's; what one raises is raised."""
    tokens = stage.given_tokens(1, verification="security_check", verification_outcome="fail")
    found = await stage.play(tokens=tokens, verify=verify)
    assert found["results"] == [error]


@pytest.mark.parametrize(
    "wanted",
    [Wanted("users.get", {}, dead=1), Wanted("captcha.force", {"captcha": "redirect_only"})],
    ids=str,
)
async def test_a_call_that_vk_api_repeats_by_itself(stage: Stage, wanted: Wanted) -> None:
    """After "too many requests" it does; what VK says then is helped as ever."""
    tokens = stage.given_tokens(2, dead=wanted.dead, **wanted.account)
    stage.vk.faults.add(stage.vk.api.fault(6), on=f"api/method/{wanted.method}")
    found = await stage.play("too_fast", wanted.method, tokens=tokens, hooks="retries")
    assert not isinstance(found["results"][0], str)
    assert len(stage.steps) >= 3


async def test_a_call_with_a_token_of_its_own(stage: Stage) -> None:
    """The source has nothing to do with it."""
    dead, good = stage.given_tokens(2, dead=1)
    found = await stage.play("own_token", tokens=[good], own=dead)
    assert found["results"] == ["ApiError 5"]
    assert found["renewals"] == 0


async def test_a_source_of_two_sessions(stage: Stage) -> None:
    """Closing one of them does not end the renewal that the other one waits for: the source is not its own."""
    dead, good = stage.given_tokens(2, dead=1)
    found = await stage.play("shared", tokens=[dead, good])
    assert [each[0]["id"] for each in found["results"]] == [stage.account.user_id]
    assert (found["renewals"], found["closed"], found["threads"]) == (1, 0, 0)


async def test_closed_in_the_middle(stage: Stage) -> None:
    """The hook is cancelled, whoever waits hears of it, and no thread is left."""
    found = await stage.play("close", tokens=stage.given_tokens(1, captcha="image"), hooks="none")
    assert found == {"results": ["RuntimeError", "RuntimeError"], "ended": ["api_request"], "threads": 0}


async def test_a_hook_cannot_wait_for_itself(stage: Stage) -> None:
    """A call from within the loop is refused instead of never ending; closing from there ends all."""
    found = await stage.play("inside", tokens=stage.given_tokens(1, captcha="image"), hooks="none")
    assert found == {"results": ["RuntimeError"], "said": ["RuntimeError"], "threads": 0}


@pytest.mark.parametrize("kind", ["image", "redirect"])
async def test_a_captcha_handler_for_a_vk_api_of_ones_own(stage: Stage, kind: str) -> None:
    """It asks the hook, tells of a refusal, and leaves no thread behind."""
    stage.mistakes = ["wrong"]
    tokens = stage.given_tokens(1, captcha=kind)
    found = await stage.play("handlers", tokens=tokens, hooks="retries")
    assert found["results"] == [1]
    assert found["told"] == ["FAILED_PASSED_CAPTCHA", "accepted"]
    assert found["threads"] == 0


@pytest.mark.parametrize(("kind", "hooks", "error", "questions"), NOT_PASSED)
async def test_a_captcha_handler_that_fails(stage: Stage, kind: str, hooks: str, error: str, questions: int) -> None:
    """Three tries; what the hook raises is raised."""
    stage.mistakes = ["wrong"] * 3
    found = await stage.play("handlers", tokens=stage.given_tokens(1, captcha=kind), hooks=hooks)
    assert found["results"] == [error]
    assert len(stage.asked) == questions


@pytest.mark.parametrize("captcha", [None, "image", "redirect"])
async def test_a_login_of_ones_own(stage: Stage, captcha: str | None) -> None:
    """Both handlers serve ``VkApi.auth``: a wrong code is asked for again."""
    tokens = stage.given_tokens(1, two_factor="sms", captcha=captcha)
    stage.mistakes = [] if captcha else ["000000"]
    found = await stage.play("log_in", tokens=tokens, hooks="retries", password=stage.account.password)
    assert found["results"][0]["user_id"] == stage.account.user_id
    codes = [each for each in stage.asked if each["ask"] == "code"]
    assert [each["type"] for each in codes] == ["unknown"] * (1 if captcha else 2)
    assert found["threads"] == 0


async def test_a_login_of_ones_own_without_a_hook(stage: Stage) -> None:
    """The error says which one is missing."""
    tokens = stage.given_tokens(1, two_factor="sms")
    found = await stage.play("log_in", tokens=tokens, hooks="none", password=stage.account.password)
    assert found["results"] == ["Misconfigured MISSING_TWO_FACTOR_HANDLER"]


async def test_wrong_arguments(stage: Stage) -> None:
    """Each is a ``TypeError`` that names the argument."""
    found = await stage.play("wrong", tokens=stage.given_tokens(1))
    assert found == [
        "source must be a TokenSource, not str: StaticTokenSource(token) makes one of a token",
        "callback_service must be CallbackService, not builtin_function_or_method",
        "verification must be AccountVerification, not object",
        "vk_session takes no option 'token': tokens come from the source",
        "callback_service must be CallbackService, not builtin_function_or_method",
        "callback_service must be CallbackService, not NoneType",
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
    """At the level DEBUG, the logs of vk_api and its HTTP library included."""
    tokens = stage.given_tokens(2, dead=wanted.dead, **wanted.account)
    found = await stage.play(method=wanted.method, tokens=tokens, hooks="returns", verify=True)
    assert not isinstance(found["results"][0], str)
    assert found["log"]
    stage.require_no_secrets(found["log"])
