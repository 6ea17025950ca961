"""A login that the person confirms on their phone, on the simulator. Time stands still but for the pauses."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import aiohttp
import anyio
import pytest
from runner_support import others
from support import CLIENT, LOGIN, PASSWORD, SECRET_OF_CLIENT, FakeClock, person, refused

from vkauth import AuthErrorCode, CallbackService, LoginCode, QRAuthorization
from vkauth.testing import Fault, LeakScanner, VKSimulator

CHECK = "api/method/auth.checkAuthCode"
START = ["api/method/auth.getAnonymToken", "api/method/auth.getAuthCode"]


class PhoneClock(FakeClock):
    """Something happens on the person's phone in each pause."""

    def __init__(self, *happens: Callable[[], object]) -> None:
        super().__init__()
        self.happens = list(happens)
        self.pauses: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        await super().sleep(seconds)
        if self.happens:
            self.happens.pop(0)()


class Scene:
    """A login, and what its person sees."""

    def __init__(self, vk: VKSimulator, clock: FakeClock, **options: Any) -> None:
        self.vk, self.codes = vk, list[LoginCode]()
        given: dict[str, Any] = {"client_id": CLIENT, "client_secret": SECRET_OF_CLIENT, "show": self.codes.append}
        self.login = QRAuthorization(**given | {"endpoints": vk.endpoints, "clock": clock} | options)

    @property
    def url(self) -> str:
        return self.codes[-1].url

    @property
    def looks(self) -> int:
        return [each.place for each in self.vk.requests].count(CHECK)


@pytest.fixture
def clock() -> PhoneClock:
    return PhoneClock()


@pytest.fixture
def scene(vk: VKSimulator, clock: PhoneClock) -> Scene:
    vk.add_account(login=LOGIN, password=PASSWORD)
    return Scene(vk, clock)


def nothing() -> None:
    """Nothing happens."""


async def test_a_login(vk: VKSimulator, scene: Scene, clock: PhoneClock) -> None:
    """The code is shown once; VK is asked after every pause, and not before."""
    clock.happens = [nothing, lambda: vk.qr.scan(scene.url, LOGIN), lambda: vk.qr.allow(scene.url, LOGIN)]
    token = await scene.login.run()
    assert vk.issued[token.token].account is vk.account(LOGIN)
    assert (token.user_id, token.expires_in) == (vk.account(LOGIN).user_id, 0)
    assert [each.place for each in vk.requests] == [*START, CHECK, CHECK, CHECK]
    assert clock.pauses == [2.0, 2.0, 2.0]
    [code] = scene.codes
    assert code.expires_at - clock.now() == timedelta(seconds=180 - 6)
    assert {each.method for each in vk.requests} == {"POST"}


async def test_by_way_of_a_web_session(vk: VKSimulator, scene: Scene, clock: PhoneClock) -> None:
    """VK may give the token of its own session; the application's is had with it, and the consent is given."""
    vk.qr.gives = "super_app_token"
    for look in ("vkid", "old"):
        vk.account(LOGIN).look = look  # type: ignore[assignment]  # one of these two
        clock.happens = [lambda: vk.qr.allow(scene.url, LOGIN)]
        token = await scene.login.run()
        assert vk.issued[token.token].kind == "user"


async def test_the_object_may_be_run_again_and_side_by_side(vk: VKSimulator, scene: Scene, clock: PhoneClock) -> None:
    """Each run has its own code."""

    async def show(code: LoginCode) -> None:
        await asyncio.sleep(0)
        vk.qr.allow(code.url, LOGIN)

    login = Scene(vk, clock, show=show).login
    tokens = await asyncio.gather(login.run(), login.run())
    assert len({each.token for each in tokens}) == 2


async def test_declined(vk: VKSimulator, scene: Scene, clock: PhoneClock) -> None:
    clock.happens = [lambda: vk.qr.decline(scene.url)]
    await refused(scene.login.run(), AuthErrorCode.ACCESS_DENIED)
    assert scene.looks == 1


async def test_expired_at_vk(vk: VKSimulator, scene: Scene, clock: PhoneClock) -> None:
    clock.happens = [lambda: vk.qr.expire(scene.url)]
    await refused(scene.login.run(), AuthErrorCode.TIMEOUT)


async def test_nobody_comes(vk: VKSimulator, scene: Scene, clock: PhoneClock) -> None:
    """The waiting ends with the code, and counts neither to the total time nor to the number of requests."""
    scene = Scene(vk, clock, total_timeout=5.0, poll_interval=1.0)
    await refused(scene.login.run(), AuthErrorCode.TIMEOUT)
    assert sum(clock.pauses) == 180
    assert scene.looks == 179 > 100


async def test_the_total_time_is_that_of_the_rest(vk: VKSimulator, scene: Scene, clock: PhoneClock) -> None:
    """A clock that goes on by a second at every look makes each request take one, or more."""
    clock.step = 1.0
    scene = Scene(vk, clock, total_timeout=1.0)
    await refused(scene.login.run(), AuthErrorCode.TIMEOUT)
    assert scene.codes == []


async def test_trouble_meanwhile(vk: VKSimulator, scene: Scene, clock: PhoneClock) -> None:
    """A lost connection, a fault of VK's and "too many requests" go by."""
    vk.faults.add(Fault.reset(), on=CHECK)
    vk.faults.add(Fault.answer(502, "text/html", b"<h1>Bad gateway</h1>"), on=CHECK)
    vk.faults.add(vk.api.fault(6), on=CHECK)
    clock.happens = [nothing, nothing, nothing, lambda: vk.qr.allow(scene.url, LOGIN)]
    await scene.login.run()
    assert clock.pauses == [2.0, 2.0, 2.0, 7.0]


async def test_flood_control_ends_it(vk: VKSimulator, scene: Scene) -> None:
    """It is never asked again."""
    vk.faults.add(vk.api.fault(9), on=CHECK)
    await refused(scene.login.run(), AuthErrorCode.FLOOD_CONTROL)
    assert scene.looks == 1


async def test_a_captcha_meanwhile(vk: VKSimulator, clock: PhoneClock) -> None:
    """The hook is asked, and the answer counts."""
    vk.add_account(login=LOGIN, captcha="image", captcha_on_steps=("checkAuthCode",))
    scene = Scene(vk, clock, callback_service=person(vk))
    clock.happens = [lambda: vk.qr.allow(scene.url, LOGIN)]
    assert (await scene.login.run()).user_id == vk.account(LOGIN).user_id
    assert len(vk.captchas) == 1
    without = Scene(vk, clock, callback_service=CallbackService())
    clock.happens = [lambda: vk.qr.allow(without.url, LOGIN)]
    await refused(without.login.run(), AuthErrorCode.MISSING_CAPTCHA_HANDLER)


async def test_wrong_client(vk: VKSimulator, scene: Scene, clock: PhoneClock) -> None:
    wrong = Scene(vk, clock, client_secret="SAMPLE-wrong").login
    await refused(wrong.run(), AuthErrorCode.APP_NOT_ALLOWED)
    unknown = Scene(vk, clock, client_id=404).login
    await refused(unknown.run(), AuthErrorCode.APP_NOT_ALLOWED)


async def test_vk_wants_the_password(vk: VKSimulator, scene: Scene, clock: PhoneClock) -> None:
    vk.qr.wants_password = True
    clock.happens = [lambda: vk.qr.allow(scene.url, LOGIN)]
    error = await refused(scene.login.run(), AuthErrorCode.VALIDATION_REQUIRED)
    assert (error.redirect_uri or "").startswith(str(vk.endpoints.url("oauth", "/authorize")))  # type: ignore[arg-type]


async def test_a_blocked_account(vk: VKSimulator, scene: Scene, clock: PhoneClock) -> None:
    vk.qr.gives = "super_app_token"
    vk.account(LOGIN).banned = True
    clock.happens = [lambda: vk.qr.allow(scene.url, LOGIN)]
    await refused(scene.login.run(), AuthErrorCode.PAGE_BLOCKED)


# -- showing ---------------------------------------------------------------------------------------------------------


async def test_what_show_raises_comes_out(vk: VKSimulator, clock: PhoneClock) -> None:
    """Sync or async; nothing is asked any more."""

    def broken(code: LoginCode) -> None:
        raise OSError("no screen")

    async def later(code: LoginCode) -> None:
        await asyncio.sleep(0)
        raise OSError("no screen")

    for show in (broken, later):
        with pytest.raises(OSError, match="no screen"):
            await Scene(vk, clock, show=show).login.run()
    assert [each.place for each in vk.requests] == START * 2


async def test_show_takes_too_long(vk: VKSimulator, clock: PhoneClock) -> None:
    """An async hook that never ends is cancelled, and nothing is left of it."""

    async def show(code: LoginCode) -> None:
        await asyncio.Event().wait()

    error = await refused(Scene(vk, clock, show=show, answer_timeout=0.01).login.run(), AuthErrorCode.TIMEOUT)
    assert "not shown" in error.message
    assert others() == set()


@pytest.mark.parametrize("times", [1, 2])
async def test_cancelled_while_it_waits(vk: VKSimulator, times: int) -> None:
    """By a task's cancel(), twice in a row: at the real clock, in the pause."""
    shown = asyncio.Event()
    options = {"client_id": CLIENT, "client_secret": SECRET_OF_CLIENT, "endpoints": vk.endpoints}
    run = QRAuthorization(**options, show=lambda code: shown.set(), poll_interval=600.0).run()  # type: ignore[arg-type]
    task = asyncio.create_task(run)
    await shown.wait()
    await asyncio.sleep(0)
    for _ in range(times):
        task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert others() == set()


async def test_cancelled_by_anyio(vk: VKSimulator) -> None:
    options = {"client_id": CLIENT, "client_secret": SECRET_OF_CLIENT, "endpoints": vk.endpoints}
    async with anyio.create_task_group() as group:
        login = QRAuthorization(**options, show=lambda code: group.cancel_scope.cancel(), poll_interval=600.0)  # type: ignore[arg-type]
        group.start_soon(login.run)
    assert others() == set()


async def test_a_shared_session_gets_nothing_of_it(vk: VKSimulator, scene: Scene, clock: PhoneClock) -> None:
    """Neither its cookies nor its life are touched, the web session's included."""
    vk.qr.gives = "super_app_token"
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        scene = Scene(vk, clock, session=session)
        clock.happens = [lambda: vk.qr.allow(scene.url, LOGIN)]
        await scene.login.run()
        assert not session.closed
        assert len(session.cookie_jar) == 0


async def test_s1_no_secret_is_seen(
    vk: VKSimulator, scene: Scene, clock: PhoneClock, no_leaks: LeakScanner, caplog: pytest.LogCaptureFixture
) -> None:
    """S1, S2: neither the address nor the keys and tokens show in what is printed, logged or raised."""
    caplog.set_level("DEBUG")
    clock.happens = [lambda: vk.qr.allow(scene.url, LOGIN)]
    token = await scene.login.run()
    no_leaks.add(scene.url, token.token)
    [code] = scene.codes
    no_leaks.scan(code, token, scene.login, caplog.text)
    clock.happens = [lambda: vk.qr.decline(scene.url)]
    error = await refused(scene.login.run(), AuthErrorCode.ACCESS_DENIED)
    no_leaks.add(scene.url)
    no_leaks.scan(error, caplog.text)
