"""Many runs at once: on one session, of one object, of all kinds (on the simulator)."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest
from support import LOGIN, direct, refused
from web_support import Witness, groups, implicit, passwords, verification

from vkauth import AuthError, CallbackService, GroupTokens, TwoFactor, UserToken
from vkauth.testing import Fault, VKSimulator

LOOKS = ["page", "mobile", "vkid"]
SCENES: list[dict[str, Any]] = [
    {},
    {"captcha": "image"},
    {"two_factor": "sms"},
    {"captcha": "image", "two_factor": "app", "captcha_after_code": True},
    {"two_factor": "email", "consent": "none"},
    {"captcha": "redirect", "phone_digits": True, "final": "meta"},
]


def people(vk: VKSimulator, look: Any, count: int) -> list[str]:
    """So many accounts, each with a password, a code and communities of its own; their logins."""
    for number in range(count):
        scene = SCENES[number % len(SCENES)]
        vk.add_account(
            **{
                "login": f"+7999000{number:04}",
                "password": f"password-{number}",
                "code": f"{number:06}",
                "groups": (number * 10 + 1, number * 10 + 2),
                "verification": "security_check" if number % 4 == 3 else None,
                "look": look,
                **scene,
            }
        )
    return [each.login for each in vk.accounts]


async def run(vk: VKSimulator, number: int, login: str, **options: Any) -> UserToken | GroupTokens:
    """One run of this person, in one of the four ways."""
    callbacks = Witness(vk, login).callbacks
    values = {"login": login, **options}
    password = f"password-{number}"
    match number % 4:
        case 0:
            return await direct(vk, callbacks, password=password, **values).run()
        case 1:
            return await implicit(vk, callbacks, password=password, **values).run()
        case 2:
            return await groups(vk, [number * 10 + 2, number * 10 + 1], callbacks, password=password, **values).run()
        case _:
            return await verification(vk, callbacks, **values).run(vk.verification_url(login))


def check_owner(vk: VKSimulator, number: int, login: str, result: UserToken | GroupTokens) -> None:
    """That the tokens are this person's."""
    if isinstance(result, GroupTokens):
        assert [each.group_id for each in result.groups] == [number * 10 + 2, number * 10 + 1]
        assert [vk.issued[each.token].group_id for each in result.groups] == [number * 10 + 2, number * 10 + 1]
    else:
        assert vk.issued[result.token].account is vk.account(login)
        assert result.user_id == vk.account(login).user_id


@pytest.mark.parametrize("look", LOOKS)
async def test_24_runs_on_one_session(vk: VKSimulator, look: Any) -> None:
    """Every account and every way in, side by side: everybody gets their own token, and the session stays as it was."""
    logins = people(vk, look, 24)
    async with aiohttp.ClientSession() as session:
        results = await asyncio.gather(*(run(vk, n, login, session=session) for n, login in enumerate(logins)))
        assert not session.closed
        assert not list(session.cookie_jar)
    for number, (login, result) in enumerate(zip(logins, results, strict=True)):
        check_owner(vk, number, login, result)


@pytest.mark.parametrize("look", LOOKS)
async def test_24_runs_without_a_session(vk: VKSimulator, look: Any) -> None:
    """The same with connections of their own: one for each run, however many requests it takes."""
    logins = people(vk, look, 24)
    results = await asyncio.gather(*(run(vk, n, login) for n, login in enumerate(logins)))
    for number, (login, result) in enumerate(zip(logins, results, strict=True)):
        check_owner(vk, number, login, result)
    assert vk.requests.connections() == 24
    assert len(vk.requests) > 100


@pytest.mark.parametrize("way", range(4), ids=["direct", "user", "groups", "verification"])
async def test_one_connection_for_a_run(vk: VKSimulator, way: int) -> None:
    """Without a session of the caller's; with one, its connection is used by one run after the other."""
    logins = people(vk, "page", 4)
    await run(vk, way, logins[way])
    assert vk.requests.connections() == 1
    vk.requests.clear()
    async with aiohttp.ClientSession() as session:
        await run(vk, way, logins[way], session=session)
        await run(vk, way, logins[way], session=session)
    assert vk.requests.connections() == 1


@pytest.mark.parametrize("look", LOOKS)
async def test_one_object_side_by_side(vk: VKSimulator, look: Any) -> None:
    """Eight runs of one object, each with its own cookies, challenges and token."""
    account = vk.add_account(look=look, captcha="image", two_factor="app")
    witness = Witness(vk)
    login = implicit(vk, witness.callbacks)
    tokens = await asyncio.gather(*(login.run() for _ in range(8)))
    assert len({each.token for each in tokens}) == 8
    assert {vk.issued[each.token].account for each in tokens} == {account}
    assert sorted(witness.outcomes) == [("captcha", "accepted")] * 8 + [("code", "accepted")] * 8
    sessions = {str(each.cookies["remixsid"]) for each in vk.requests if "remixsid" in each.cookies}
    assert len(sessions) == 8
    vk.requests.clear()
    await login.run()
    assert passwords(vk) == 0


async def test_objects_of_one_service_side_by_side(vk: VKSimulator) -> None:
    """One service of hooks for all: each handler call belongs to one run, and is told that run's outcome."""
    people(vk, "page", 8)
    for number, account in enumerate(vk.accounts):
        account.two_factor, account.code = "app", f"{number:06}"
        account.captcha, account.captcha_after_code = None, False
    callbacks = CallbackService()
    outcomes: list[str] = []

    @callbacks.on_two_factor
    async def on_two_factor(challenge: TwoFactor) -> None:
        await asyncio.sleep(0)
        try:
            await challenge.retry("000003")
        except AuthError as error:
            outcomes.append(error.code)
            raise
        outcomes.append("accepted")

    logins = [
        implicit(vk, callbacks, login=each.login, password=each.password, phone=each.phone, max_attempts=1)
        for each in vk.accounts
    ]
    results = await asyncio.gather(*(each.run() for each in logins), return_exceptions=True)
    ended = [each.code.value if isinstance(each, AuthError) else "accepted" for each in results]
    assert ended == ["WRONG_OTP"] * 3 + ["accepted"] + ["WRONG_OTP"] * 4
    assert sorted(outcomes) == sorted(ended)


@pytest.mark.parametrize("look", LOOKS)
async def test_a_failure_beside_others(vk: VKSimulator, look: Any) -> None:
    """One that breaks off, one that is cancelled and one that is refused do not disturb the others on the session."""
    logins = people(vk, look, 8)
    async with aiohttp.ClientSession() as session:
        vk.faults.add(Fault.reset(), on="login")
        runs = [
            asyncio.create_task(
                implicit(vk, Witness(vk, each).callbacks, login=each, password=f"password-{n}", session=session).run()
            )
            for n, each in enumerate(logins)
        ]
        stranger = asyncio.create_task(implicit(vk, login=LOGIN, password="wrong-password", session=session).run())
        cancelled = asyncio.create_task(implicit(vk, login=LOGIN, session=session).run())
        await asyncio.sleep(0)
        cancelled.cancel()
        await refused(stranger, "USERNAME_OR_PASSWORD_IS_INCORRECT")
        results = await asyncio.gather(*runs, cancelled, return_exceptions=True)
    assert isinstance(results[-1], asyncio.CancelledError)
    broken = [each for each in results[:-1] if isinstance(each, AuthError)]
    assert [each.code for each in broken] == ["NETWORK_ERROR"]
    for login, result in zip(logins, results[:-1], strict=True):
        if isinstance(result, UserToken):
            assert vk.issued[result.token].account is vk.account(login)
    assert sum(isinstance(each, UserToken) for each in results) == 7


async def test_looks_mixed_on_one_session() -> None:
    """Simulators of each look beside each other: connections are shared, hosts and cookies are not mixed up."""
    async with (
        VKSimulator() as page,
        VKSimulator() as mobile,
        VKSimulator() as vkid,
        aiohttp.ClientSession() as session,
    ):
        simulators = {"page": page, "mobile": mobile, "vkid": vkid}
        runs = []
        for look, vk in simulators.items():
            for number, login in enumerate(people(vk, look, 8)):
                runs.append((vk, number, login))
        results = await asyncio.gather(*(run(vk, number, login, session=session) for vk, number, login in runs))
        for (vk, number, login), result in zip(runs, results, strict=True):
            check_owner(vk, number, login, result)
        assert len(results) == 24
