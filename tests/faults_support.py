"""What the tests of faults share: every way in with every challenge, and what came of an attempt."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Final

import pytest
from support import LOGIN, direct
from web_support import Witness, groups, implicit, passwords, verification

from vkauth import AuthError, CallbackService
from vkauth.testing import Account, Fault, LeakScanner, VKSimulator

CANARY: Final = "CANARY-password"
CODE: Final = "739154"
Run = Callable[[VKSimulator, CallbackService, dict[str, Any]], Coroutine[Any, Any, object]]


@dataclass(frozen=True)
class Flow:
    """One way in, with every challenge that it may meet.

    Attributes:
        scene: the account.
        run: one login from its beginning.
        requests: how many it takes.
        challenges: how many questions are put to the person.
    """

    scene: dict[str, Any]
    run: Run
    requests: int
    challenges: int


async def _verify(vk: VKSimulator, callbacks: CallbackService, options: dict[str, Any]) -> object:
    domain = "vk.ru" if "session" in options else None
    address = vk.verification_url(LOGIN, domain=domain)  # type: ignore[arg-type]
    return await verification(vk, callbacks, **options).run(address)


async def _groups(vk: VKSimulator, callbacks: CallbackService, options: dict[str, Any]) -> object:
    return await groups(vk, [1, 2], callbacks, password=CANARY, **options).run()


async def _user(vk: VKSimulator, callbacks: CallbackService, options: dict[str, Any]) -> object:
    return await implicit(vk, callbacks, password=CANARY, **options).run()


async def _direct(vk: VKSimulator, callbacks: CallbackService, options: dict[str, Any]) -> object:
    return await direct(vk, callbacks, password=CANARY, **options).run()


FLOWS: Final = {
    "direct": Flow({"captcha": "redirect", "success": "silent"}, _direct, 5, 2),
    "page": Flow({"look": "page", "captcha": "image", "captcha_after_code": True, "final": "meta"}, _user, 11, 3),
    "mobile": Flow({"look": "mobile", "captcha": "image", "consent": "script", "final": "auth_redirect"}, _user, 9, 2),
    "vkid": Flow({"captcha": "redirect", "other_methods": ("sms",)}, _user, 9, 2),
    "groups": Flow({"look": "page", "groups": (1, 2), "captcha": "image"}, _groups, 9, 2),
    "verification": Flow({"verification": "validate"}, _verify, 5, 2),
}
ways = pytest.mark.parametrize("flow", FLOWS.values(), ids=FLOWS.keys())


def scene(vk: VKSimulator, flow: Flow) -> Account:
    """The account of a way in."""
    return vk.add_account(**{"password": CANARY, "code": CODE, "two_factor": "app", **flow.scene})


@dataclass
class Outcome:
    """What a run with a fault came to."""

    error: AuthError | None
    witness: Witness
    requests: int
    passwords: int


async def attempt(
    vk: VKSimulator, flow: Flow, index: int, *faults: Fault, scanner: LeakScanner | None = None, **options: Any
) -> Outcome:
    """Run, with the first fault at the request no. ``index``, the second at the one after it, and so on."""
    before = vk.requests[-1].number if vk.requests else 0
    vk.requests.clear()
    for number, fault in enumerate(faults, before + index):
        vk.faults.add(fault, nth=number, times=1)
    witness = Witness(vk)
    error: AuthError | None = None
    result: object = None
    try:
        result = await flow.run(vk, witness.callbacks, {"timeout": 5.0, **options})
    except AuthError as caught:
        error = caught
    vk.faults.clear()
    if scanner is not None:
        scanner.add(CANARY, CODE, *vk.issued, *(each for each in witness.answers if each != CODE))
        scanner.scan(*[each for each in (error, result, *witness.errors) if each is not None])
    seen = [each for each in vk.requests if each.number > before]
    return Outcome(error, witness, len(seen), passwords(vk))


def check_told(outcome: Outcome, code: str) -> None:
    """Every answer has an outcome: those that VK went on after were right, the last may hear what the run ended in."""
    said = [told for _, told in outcome.witness.outcomes]
    assert set(said) <= {"accepted", code}, (said, code)
    assert said.count("never told") == 0
