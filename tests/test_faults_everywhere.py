"""Everything that can go wrong on the way, at every request of every way in (on the simulator)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Final

import aiohttp
import pytest
from support import LOGIN, direct
from web_support import ForeignHost, Witness, changed, foreign_host, groups, implicit, passwords, verification

from vkauth import AuthError, CallbackService, Endpoints
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
            outcome = await attempt(vk, flow, index, make(), scanner=no_leaks, timeout=0.5)
            assert outcome.error is not None
            assert outcome.error.code == "TIMEOUT", (index, outcome.error)
            assert outcome.requests == index
            assert "0.5 seconds" in outcome.error.message
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


# -- other hosts -----------------------------------------------------------------------------------------------------


async def test_the_foreign_host_counts() -> None:
    """What the tests below rely on."""
    async with foreign_host() as foreign, aiohttp.ClientSession() as session:
        for number in (1, 2):
            with pytest.raises(aiohttp.ClientError):
                await session.post(foreign.origin, data={"password": CANARY})
            assert foreign.connections == number


@ways
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_h2_a_redirect_to_a_foreign_host_at_every_request(vk: VKSimulator, flow: Flow, status: int) -> None:
    """H2: it is a real host that listens, and it gets not even a connection."""
    scene(vk, flow)
    async with foreign_host() as foreign:
        for index in range(1, flow.requests + 1):
            target = f"{foreign.origin}/oauth/blank.html?next={vk.endpoints.blank}#access_token=x&user_id=1"
            outcome = await attempt(vk, flow, index, Fault.redirect(target, status))
            assert outcome.error is not None
            assert outcome.error.code == "UNTRUSTED_REDIRECT", (index, outcome.error)
            assert outcome.requests == index
            check_told(outcome, "UNTRUSTED_REDIRECT")
        assert foreign.connections == 0


@ways
async def test_h2_a_step_down_from_https_at_every_request(flow: Flow) -> None:
    """H2: from https to http, on VK's own host and on this machine."""
    async with (
        VKSimulator(tls=True) as vk,
        aiohttp.ClientSession(connector=vk.connector()) as session,
        foreign_host() as foreign,
    ):
        scene(vk, flow)
        options: dict[str, Any] = {"session": session, "endpoints": Endpoints()}
        for target in ("http://oauth.vk.ru/blank.html#access_token=x&user_id=1", f"{foreign.origin}/oauth/blank.html"):
            for index in range(1, flow.requests + 1):
                outcome = await attempt(vk, flow, index, Fault.redirect(target), **options)
                assert outcome.error is not None
                assert outcome.error.code == "UNTRUSTED_REDIRECT", (index, outcome.error)
                assert outcome.requests == index
        assert foreign.connections == 0


def led_away(vk: VKSimulator, foreign: ForeignHost) -> Fault:
    """The simulator's own answer with every link in it led to the foreign host."""
    home = str(vk.base_url).rstrip("/")

    def change(text: str) -> str:
        return text.replace(home, foreign.origin).replace('="/', f'="{foreign.origin}/')

    return changed("led away", change)


@ways
async def test_h5_every_link_of_every_answer_led_away(vk: VKSimulator, flow: Flow, no_leaks: LeakScanner) -> None:
    """H5: forms, consent, redirects, refreshes, scripts: nothing goes there, whichever answer was tampered with."""
    scene(vk, flow)
    stopped = 0
    async with foreign_host() as foreign:
        for index in range(1, flow.requests + 1):
            outcome = await attempt(vk, flow, index, led_away(vk, foreign), scanner=no_leaks)
            if outcome.error is not None:
                assert outcome.error.code == "UNTRUSTED_REDIRECT", (index, outcome.error)
                assert outcome.requests == index
                check_told(outcome, "UNTRUSTED_REDIRECT")
                stopped += 1
        assert foreign.connections == 0
    # JSON has no links that are followed; every page and every redirect has one.
    pages = {"direct": 0, "page": 11, "mobile": 9, "vkid": 1, "groups": 9, "verification": 5}
    assert stopped == next(pages[name] for name, each in FLOWS.items() if each is flow)


TAMPERED: Final[dict[str, tuple[dict[str, Any], str, str]]] = {
    "login form": ({"look": "page"}, "oauth/authorize", "GET"),
    "login form of the phone": ({"look": "mobile"}, "oauth/authorize", "GET"),
    "captcha form": ({"look": "mobile", "captcha": "image"}, "oauth/authorize", "captcha_key"),
    "code form": ({"look": "page", "two_factor": "app"}, "mobile/login?act=authcheck", "GET"),
    "captcha form after the code": (
        {"look": "page", "two_factor": "app", "captcha_after_code": True},
        "mobile/login?act=authcheck_code",
        "POST",
    ),
    "digits form": ({"look": "page", "phone_digits": True}, "mobile/login?act=security_check", "GET"),
    "consent form": ({"look": "page", "consent": "form"}, "oauth/authorize", "grant_access"),
    "consent script": ({"look": "page", "consent": "script"}, "oauth/authorize", "grant_access"),
    "meta refresh": ({"look": "page", "consent": "none", "final": "meta"}, "oauth/auth_redirect", "GET"),
    "script": ({"look": "page", "consent": "none", "final": "script"}, "oauth/auth_redirect", "GET"),
}


@pytest.mark.parametrize(("options", "place", "mark"), TAMPERED.values(), ids=TAMPERED.keys())
@pytest.mark.parametrize(
    "lure", ["{foreign}", "//{foreign_host}", "http://{home_host}@{foreign_host}", "\\\\{foreign_host}"]
)
async def test_h5_each_kind_of_link_led_away(
    vk: VKSimulator, options: dict[str, Any], place: str, mark: str, lure: str
) -> None:
    """H5: a compromised page, in every spelling of an address that has been used for it."""
    vk.add_account(**{"code": CODE, **options})
    home = str(vk.base_url).rstrip("/")
    async with foreign_host() as foreign:
        away = lure.format(
            foreign=foreign.origin,
            foreign_host=foreign.origin.removeprefix("http://"),
            home_host=home.removeprefix("http://"),
        )

        def change(text: str) -> str:
            if mark.isupper() or mark in text:
                for before in ('action="', 'href = "', "URL=", "href='"):
                    text = text.replace(f"{before}{home}/", f"{before}{away}/")
                text = text.replace('action="/', f'action="{away}/')
            return text

        for _ in range(6):
            vk.faults.add(changed("tampered", change), on=place)
        witness = Witness(vk)
        with pytest.raises(AuthError) as caught:
            await implicit(vk, witness.callbacks).run()
        assert caught.value.code == "UNTRUSTED_REDIRECT", caught.value
        assert foreign.connections == 0
    assert str(vk.requests.last).partition(" ")[2] == place
    assert foreign.origin.rpartition(":")[2] not in str(caught.value)


async def test_h1_the_address_in_authorize_url_led_away(vk: VKSimulator) -> None:
    """H1, H3: an address inside of an address is looked at like any other, encoded once or twice."""
    vk.add_account(look="page", consent="none")
    async with foreign_host() as foreign:
        inner = f"{foreign.origin}/oauth/blank.html%23access_token=x"
        twice = inner.replace("%", "%25").replace(":", "%253A").replace("/", "%252F")
        for written in (inner, twice):
            vk.requests.clear()
            target = f"{vk.base_url.origin()}/oauth/auth_redirect?authorize_url={written}"
            vk.faults.add(Fault.redirect(target), on="login/?act=login")
            with pytest.raises(AuthError) as caught:
                await implicit(vk).run()
            assert caught.value.code == "UNTRUSTED_REDIRECT"
            assert len(vk.requests) == 2
        assert foreign.connections == 0
