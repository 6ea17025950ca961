"""Everything that can go wrong on the way, at every request of every way in (on the simulator)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

import pytest
from faults_support import FLOWS, Flow, Outcome, attempt, check_told, scene, ways
from web_support import Witness

from vkauth.testing import Fault, LeakScanner, VKSimulator

# -- without a fault -------------------------------------------------------------------------------------------------


@ways
async def test_without_a_fault(vk: VKSimulator, flow: Flow) -> None:
    """So many requests and questions: the tests below go through each of them."""
    scene(vk, flow)
    outcome = await attempt(vk, flow, 1)
    assert outcome.error is None
    assert outcome.requests == flow.requests, vk.requests
    assert [told for _, told in outcome.witness.outcomes] == ["accepted"] * flow.challenges


# -- faults that are over at once ------------------------------------------------------------------------------------

FAULTS: Final[dict[str, tuple[Callable[[], Fault], str]]] = {
    "500": (lambda: Fault.status(500), "SERVER_ERROR"),
    "502": (lambda: Fault.status(502), "SERVER_ERROR"),
    "429": (lambda: Fault.status(429), "RATE_LIMITED"),
    "404": (lambda: Fault.status(404), "UNEXPECTED_RESPONSE"),
    "403": (lambda: Fault.status(403), "UNEXPECTED_RESPONSE"),
    "reset": (Fault.reset, "NETWORK_ERROR"),
    "truncate": (Fault.truncate, "NETWORK_ERROR"),
    "oversize": (Fault.oversize, "UNEXPECTED_RESPONSE"),
    "gzip bomb": (lambda: Fault.gzip_bomb(4 * 2**20), "UNEXPECTED_RESPONSE"),
    "endless body": (Fault.endless_body, "UNEXPECTED_RESPONSE"),
    "redirect without location": (Fault.redirect_without_location, "UNEXPECTED_RESPONSE"),
    "nothing": (lambda: Fault.answer(200, "text/html", b""), "UNEXPECTED_RESPONSE"),
    "page": (lambda: Fault.answer(200, "text/html", "<title>Sale!</title><form><input name=q>"), "UNEXPECTED_RESPONSE"),
    "bytes": (lambda: Fault.answer(200, "text/html", bytes(range(256)) * 40), "UNEXPECTED_RESPONSE"),
    "deep": (lambda: Fault.answer(200, "application/json", "[" * 100_000), "UNEXPECTED_RESPONSE"),
    "deep page": (lambda: Fault.answer(200, "text/html", "<div>" * 100_000), "UNEXPECTED_RESPONSE"),
    "list": (lambda: Fault.answer(200, "application/json", "[1, 2]"), "UNEXPECTED_RESPONSE"),
    "empty object": (lambda: Fault.answer(200, "application/json", "{}"), "UNEXPECTED_RESPONSE"),
    "cut object": (lambda: Fault.answer(200, "application/json", '{"response": {"sid": "'), "UNEXPECTED_RESPONSE"),
    "wrong types": (
        lambda: Fault.answer(200, "application/json", '{"type": 7, "access_token": {"a": []}, "sid": [], "data": 1}'),
        "UNEXPECTED_RESPONSE",
    ),
}


@ways
@pytest.mark.parametrize(("fault", "code"), FAULTS.values(), ids=FAULTS.keys())
async def test_r1_r7_r8_a_fault_at_every_request(
    vk: VKSimulator, flow: Flow, fault: Callable[[], Fault], code: str, no_leaks: LeakScanner
) -> None:
    """R1, R7, R8: one typed error, after that request and no other; handlers hear of it; nothing is shown."""
    scene(vk, flow)
    for index in range(1, flow.requests + 1):
        # aiohttp itself repeats a GET once if the connection had been used before: it may just have been idle too long.
        faults = [fault(), fault()] if code == "NETWORK_ERROR" else [fault()]
        outcome = await attempt(vk, flow, index, *faults, scanner=no_leaks)
        assert outcome.error is not None, index
        expected = "VALIDATION_REQUIRED" if _needs_a_browser(vk, fault) else code
        assert outcome.error.code == expected, (index, outcome.error)
        repeated = len(faults) == 2 and vk.requests.last.method == "GET" and outcome.requests == index + 1
        assert outcome.requests == index + repeated
        assert outcome.passwords <= 3
        assert outcome.error.retryable == (code in ("SERVER_ERROR", "RATE_LIMITED", "NETWORK_ERROR"))
        assert outcome.error.__cause__ is None
        assert len(str(outcome.error)) < 500
        check_told(outcome, expected)


@ways
@pytest.mark.parametrize("status", [307, 308])
async def test_h2_no_body_is_repeated_at_any_request(vk: VKSimulator, flow: Flow, status: int) -> None:
    """H2: a redirect that asks for the same POST again is refused, be it on the same host."""
    scene(vk, flow)
    for index in range(1, flow.requests + 1):
        outcome = await attempt(vk, flow, index, Fault.redirect("?again=1", status))
        if vk.requests[index - 1].method == "POST":
            assert outcome.error is not None
            assert outcome.error.code == "UNTRUSTED_REDIRECT", (index, outcome.error)
            assert outcome.requests == index
            check_told(outcome, "UNTRUSTED_REDIRECT")
        else:
            assert outcome.requests > index  # there is no body to repeat, so it was followed


def _needs_a_browser(vk: VKSimulator, fault: Callable[[], Fault]) -> bool:
    # Since VK's scripts make that page it may look like anything: what is not understood there is for a browser.
    pages = ("nothing", "page", "bytes", "deep", "deep page", "list")
    return vk.requests.last.place.startswith("mobile/activation") and fault in [FAULTS[name][0] for name in pages]


@pytest.mark.parametrize("value", ["null", "1", '"text"', "[]", "[null]", "{}", '{"sid": {}}', '{"methods": [1, {}]}'])
async def test_r1_a_method_that_gives_something_else(vk: VKSimulator, value: str) -> None:
    """R1: every call of VK ID's page, with an answer of the right shape that has nothing in it."""
    flow = FLOWS["vkid"]
    scene(vk, flow)
    ended = {}
    for index in range(1, flow.requests + 1):
        fault = Fault.answer(200, "application/json", f'{{"response": {value}}}')
        outcome = await attempt(vk, flow, index, fault)
        place = vk.requests[index - 1].place.rpartition("/")[2]
        ended[place, index] = outcome.error and outcome.error.code
    assert ended == {
        ("authorize", 1): "UNEXPECTED_RESPONSE",
        ("auth", 2): "UNEXPECTED_RESPONSE",
        # No sid is how VK says that there is no such account.
        ("auth.validateAccount", 3): "USERNAME_OR_PASSWORD_IS_INCORRECT",
        # Without a list of ways there is still the one that was named first.
        ("ecosystem.getVerificationMethods", 4): None,
        # VK has accepted the code then; the password is still asked for.
        ("ecosystem.checkOtp", 5): "AUTHORIZATION_FAILED",
        ("?act=connect_authorize", 6): "UNEXPECTED_RESPONSE",
        ("?act=connect_authorize", 7): "UNEXPECTED_RESPONSE",
        ("?act=connect_internal", 8): "UNEXPECTED_RESPONSE",
        ("auth.getOauthToken", 9): "UNEXPECTED_RESPONSE",
    }


@ways
async def test_a_redirect_loop_at_every_request(vk: VKSimulator, flow: Flow, no_leaks: LeakScanner) -> None:
    """H2: it ends after a few rounds, and what is repeated has no body."""
    scene(vk, flow)
    for index in range(1, flow.requests + 1):
        before = vk.requests[-1].number if vk.requests else 0
        vk.requests.clear()
        loop = Fault.redirect_loop()
        for number in range(before + index, before + index + 60):
            vk.faults.add(loop, nth=number)
        outcome = await attempt_with_planned(vk, flow, no_leaks)
        assert outcome.error is not None
        assert outcome.error.code == "UNEXPECTED_RESPONSE", (index, outcome.error)
        assert outcome.requests <= index + 3
        assert not any(each.form for each in vk.requests[index:])
        check_told(outcome, "UNEXPECTED_RESPONSE")


async def attempt_with_planned(vk: VKSimulator, flow: Flow, scanner: LeakScanner) -> Outcome:
    """Run with the faults that are planned already."""
    return await attempt(vk, flow, 1, scanner=scanner)


@ways
async def test_hostile_cookies_at_every_request(vk: VKSimulator, flow: Flow) -> None:
    """They break nothing, and none that names a stranger's domain is ever sent."""
    scene(vk, flow)
    for index in range(1, flow.requests + 1):
        outcome = await attempt(vk, flow, index, Fault.set_cookie("hostile"))
        assert outcome.error is None, (index, outcome.error)
        sent = {str(value) for each in vk.requests for value in each.cookies.values()}
        assert not sent & {"SIMULATED-stranger", "SIMULATED-whole-zone", "SIMULATED-lookalike"}


# -- faults that take time -------------------------------------------------------------------------------------------

SLOW: Final = {
    "hang": Fault.hang,
    "slow headers": lambda: Fault.slow_headers(0.01),
    "slow body": lambda: Fault.slow_body(0.01),
}


@ways
async def test_r2_a_server_that_is_too_slow_at_every_request(flow: Flow, no_leaks: LeakScanner) -> None:
    """R2: silence, headers letter by letter, a body byte by byte: each ends with the time for one request."""

    async def run(make: Callable[[], Fault], index: int) -> None:
        async with VKSimulator() as vk:
            scene(vk, flow)
            outcome = await attempt(vk, flow, index, make(), scanner=no_leaks, timeout=1.5)
            assert outcome.error is not None
            assert outcome.error.code == "TIMEOUT", (index, outcome.error)
            assert outcome.requests == index
            assert "1.5 s" in outcome.error.message
            check_told(outcome, "TIMEOUT")

    # Side by side: what takes the time is waiting.
    async with asyncio.TaskGroup() as group:
        for make in SLOW.values():
            for index in range(1, flow.requests + 1):
                group.create_task(run(make, index))


@ways
async def test_r4_cancellation_at_every_request(vk: VKSimulator, flow: Flow) -> None:
    """R4, R7: while an answer is waited for: nothing runs on, every handler hears that it is over."""
    scene(vk, flow)
    for index in range(1, flow.requests + 1):
        before = vk.requests[-1].number if vk.requests else 0
        vk.requests.clear()
        vk.faults.add(Fault.hang(), nth=before + index)
        witness = Witness(vk)
        running = asyncio.all_tasks()
        task = asyncio.create_task(flow.run(vk, witness.callbacks, {}))
        while len(vk.requests) < index:  # noqa: ASYNC110 - the log is a list
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        said = [told for _, told in witness.outcomes]
        assert set(said) <= {"accepted", "ACCESS_DENIED"}, (index, said)
        left = [each for each in asyncio.all_tasks() - running if "RequestHandler" not in repr(each)]
        assert left == [], index
