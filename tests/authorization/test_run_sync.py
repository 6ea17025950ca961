"""``run_sync()``: what ``run()`` does, for programs without an event loop."""

from __future__ import annotations

import asyncio
import gc
import inspect
import os
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest
from support import CLIENT, LOGIN, PASSWORD, SECRET_OF_CLIENT, FakeClock, direct, told
from web_support import groups, implicit, verification

from vkauth import (
    AccountVerification,
    AuthError,
    AuthErrorCode,
    BrowserAuthorization,
    CodeFlow,
    DirectAuthorization,
    GroupTokens,
    ImplicitFlowGroups,
    ImplicitFlowUser,
    QRAuthorization,
    TokenSet,
    UserToken,
    VKIDAuthorization,
)
from vkauth.authorization._base import Authorization
from vkauth.testing import Account, Fault, LeakScanner, VKSimulator

from .test_help import EVERY

HERE = "http://127.0.0.1:0/cb"
Make = Callable[[VKSimulator, Account], tuple[Authorization, dict[str, Any], type]]


def visit(vk: VKSimulator) -> Callable[[str], Any]:
    """A person with a browser, who comes back to where the page sends them."""

    async def open_page(url: str) -> None:
        async with aiohttp.ClientSession() as session, session.get(await vk.approve(url, LOGIN)):
            pass

    return open_page


def by_direct(vk: VKSimulator, _: Account) -> tuple[Authorization, dict[str, Any], type]:
    return direct(vk), {}, UserToken


def by_pages(vk: VKSimulator, _: Account) -> tuple[Authorization, dict[str, Any], type]:
    return implicit(vk), {}, UserToken


def by_pages_for_groups(vk: VKSimulator, _: Account) -> tuple[Authorization, dict[str, Any], type]:
    return groups(vk, [1, 2]), {}, GroupTokens


def by_verification(vk: VKSimulator, account: Account) -> tuple[Authorization, dict[str, Any], type]:
    return verification(vk), {"redirect_uri": str(vk.verification_url(account))}, UserToken


def by_browser(vk: VKSimulator, _: Account) -> tuple[Authorization, dict[str, Any], type]:
    ends: list[str] = []

    async def open_page(url: str) -> None:
        ends.append(await vk.approve(url, LOGIN))

    login = BrowserAuthorization(client_id=51000001, scope="friends", endpoints=vk.endpoints)
    return login, {"open": open_page, "paste": lambda: ends[-1]}, UserToken


def by_vkid(vk: VKSimulator, _: Account) -> tuple[Authorization, dict[str, Any], type]:
    pytest.importorskip("joserfc")
    login = VKIDAuthorization(
        client_id=vk.apps.sample.client_id, redirect_uri=HERE, id_token_key=vk.id_token_key, endpoints=vk.endpoints
    )
    return login, {"open": visit(vk)}, TokenSet


def by_code(vk: VKSimulator, _: Account) -> tuple[Authorization, dict[str, Any], type]:
    login = CodeFlow(**vk.apps.sample.credentials, redirect_uri=HERE, endpoints=vk.endpoints)
    return login, {"open": visit(vk)}, UserToken


def by_qr(vk: VKSimulator, _: Account) -> tuple[Authorization, dict[str, Any], type]:
    login = QRAuthorization(
        client_id=CLIENT,
        client_secret=SECRET_OF_CLIENT,
        show=lambda code: vk.qr.allow(code.url, LOGIN),
        endpoints=vk.endpoints,
        clock=FakeClock(),
    )
    return login, {}, UserToken


WAYS: dict[type[Authorization], Make] = {
    DirectAuthorization: by_direct,
    ImplicitFlowUser: by_pages,
    ImplicitFlowGroups: by_pages_for_groups,
    AccountVerification: by_verification,
    BrowserAuthorization: by_browser,
    VKIDAuthorization: by_vkid,
    CodeFlow: by_code,
    QRAuthorization: by_qr,
}


@pytest.fixture
def account(vk: VKSimulator) -> Account:
    return vk.add_account(login=LOGIN, password=PASSWORD, groups=(1, 2), verification="security_check")


def test_every_class_is_here() -> None:
    """Whatever has a ``run()``."""
    assert set(WAYS) == set(EVERY)


@pytest.mark.parametrize("kind", WAYS)
async def test_it_does_what_run_does(vk: VKSimulator, account: Account, kind: type[Authorization]) -> None:
    """In a thread, with the arguments and the result of ``run()``, and again; nothing is left running or open."""
    login, arguments, result = WAYS[kind](vk, account)
    threads = set(threading.enumerate())

    def script() -> list[object]:
        done = [login.run_sync(**arguments)]  # type: ignore[attr-defined]  # whichever it is
        if kind is not AccountVerification:  # whose address works once
            done.append(login.run_sync(**arguments))  # type: ignore[attr-defined]
        gc.collect()
        return done

    assert {type(each) for each in await asyncio.to_thread(script)} == {result}
    left = [each.name for each in threading.enumerate() if each not in threads]
    assert [name for name in left if not name.startswith("asyncio_")] == []  # which to_thread keeps


@pytest.mark.parametrize("kind", WAYS)
async def test_inside_a_loop_it_says_what_to_write(
    vk: VKSimulator, account: Account, kind: type[Authorization]
) -> None:
    """A ``RuntimeError`` that names it; nothing is sent, and no coroutine is left that was never awaited."""
    login, arguments, _ = WAYS[kind](vk, account)
    with pytest.raises(RuntimeError, match=rf"await {kind.__name__}\.run\(\) instead$") as caught:
        login.run_sync(**arguments)  # type: ignore[attr-defined]
    gc.collect()
    assert vk.requests.paths() == []
    if "redirect_uri" in arguments:
        LeakScanner([arguments["redirect_uri"]]).scan(caught.value)


async def test_a_shared_session_has_another_loop(vk: VKSimulator, account: Account) -> None:
    """It is told before anything is sent, and the session goes on."""
    async with aiohttp.ClientSession() as session:
        login = direct(vk, session=session)
        with pytest.raises(
            RuntimeError, match=r"leave session out, or await DirectAuthorization\.run\(\) in that loop$"
        ):
            await asyncio.to_thread(login.run_sync)
        assert vk.requests.paths() == []
        assert (await login.run()).user_id == account.user_id


async def test_a_refusal_is_what_it_raises(vk: VKSimulator) -> None:
    """The error of ``run()``, in whose traceback no variable shows the password."""
    vk.add_account(login=LOGIN, password="another-password")
    with pytest.raises(AuthError) as caught:
        await asyncio.to_thread(direct(vk).run_sync)
    assert caught.value.code is AuthErrorCode.USERNAME_OR_PASSWORD_IS_INCORRECT
    LeakScanner([PASSWORD]).scan(caught.value)


async def test_wrong_arguments_are_those_of_run(vk: VKSimulator) -> None:
    """And none of them is in the traceback."""
    wrong: Any = verification(vk)
    with pytest.raises(TypeError, match=r"run\(\)") as caught:
        await asyncio.to_thread(wrong.run_sync, redirect_url="https://m.vk.ru/?hash=CANARY")
    LeakScanner(["CANARY"]).scan(caught.value)


class _Own(DirectAuthorization):
    async def run(self) -> UserToken:
        """Log in in some other way."""
        return UserToken(token="sample", user_id=1)


def test_a_run_of_ones_own_is_what_is_run() -> None:
    """Whoever writes a class upon one of these has it too."""
    login = _Own(client_id=CLIENT, client_secret="sample", login=LOGIN, password=PASSWORD)
    assert login.run_sync().user_id == 1


@pytest.mark.parametrize("kind", [*WAYS, _Own])
def test_help_shows_the_arguments_of_run(kind: type[Authorization]) -> None:
    """With their types and the type of the result."""
    assert inspect.signature(kind.run_sync) == inspect.signature(kind.run)  # type: ignore[attr-defined]
    assert "for scripts" in (inspect.getdoc(kind.run_sync) or "")
    assert kind.run_sync.__qualname__ == f"{_home(kind).__qualname__}.run_sync"


def _home(kind: type) -> type:
    return next(each for each in kind.__mro__ if "run" in vars(each))


SCRIPT = """
import sys
from vkauth import AuthError, DirectAuthorization, Endpoints, official_app_credentials

direct = DirectAuthorization(
    **official_app_credentials.android, login="+79990000001", password="sample-password",
    endpoints=Endpoints.under(sys.argv[1]), timeout=60.0,
)
try:
    direct.run_sync()
except KeyboardInterrupt:
    sys.exit("stopped")
"""


@pytest.mark.skipif(os.name != "posix", reason="sends signals of POSIX")
async def test_ctrl_c_ends_it(vk: VKSimulator) -> None:
    """While VK is silent: at once, and nothing is told of what was left open."""
    vk.faults.add(Fault.hang())
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-X", "dev", "-c", SCRIPT, str(vk.base_url), stderr=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(30):
        while not len(vk.requests):  # noqa: ASYNC110 - the log is a list
            await asyncio.sleep(0.01)
        process.send_signal(signal.SIGINT)
        _, errors = await process.communicate()
    assert (process.returncode, told(errors)) == (1, ["stopped"])
