"""A person who is sent to VK and comes back: :meth:`VKIDAuthorization.run` and :meth:`CodeFlow.run`."""

from __future__ import annotations

import asyncio
import socket
import webbrowser
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from support import FakeClock, refused
from yarl import URL

from vkauth import (
    AuthError,
    AuthErrorCode,
    CodeFlow,
    GroupTokens,
    MissingGroupsError,
    TokenSet,
    UserToken,
    VKIDAuthorization,
)
from vkauth.testing import LeakScanner, VKSimulator

Code = AuthErrorCode
HERE = "http://127.0.0.1:0/cb"
FAR = "https://app.example/cb"
LOGIN = "+79990000001"

Flow = VKIDAuthorization | CodeFlow
Make = Callable[..., Flow]


def vkid(vk: VKSimulator, **options: Any) -> VKIDAuthorization:
    values: dict[str, Any] = {
        "client_id": vk.apps.sample.client_id,
        "redirect_uri": HERE,
        "scope": "email",
        "id_token_key": None,
        "endpoints": vk.endpoints,
        "clock": FakeClock(),
    }
    return VKIDAuthorization(**values | options)


def code_flow(vk: VKSimulator, **options: Any) -> CodeFlow:
    values: dict[str, Any] = {
        **vk.apps.sample.credentials,
        "redirect_uri": HERE,
        "endpoints": vk.endpoints,
        "clock": FakeClock(),
    }
    return CodeFlow(**values | options)


BOTH = pytest.mark.parametrize("make", [vkid, code_flow])


class Person:
    """Somebody with a browser: signs in, and goes where they are sent."""

    def __init__(self, vk: VKSimulator) -> None:
        self.vk = vk
        self.account = vk.add_account(login=LOGIN, email="person@mail.example", groups=(1, 22))
        self.deny = False
        self.shown: list[str] = []
        self.came_to: list[str] = []
        self.pages: list[tuple[int, str]] = []

    async def look(self, url: str) -> str:
        """Sign in, and stay where the browser was sent to."""
        self.shown.append(url)
        self.came_to.append(await self.vk.approve(url, self.account, deny=self.deny))
        return self.came_to[-1]

    async def go(self, url: str) -> None:
        """Sign in, and let the browser open what it is sent to."""
        address = await self.look(url)
        async with aiohttp.ClientSession() as browser, browser.get(address) as page:
            self.pages.append((page.status, await page.text()))

    def paste(self) -> str:
        """What is in the address bar."""
        return f"  {self.came_to[-1]}\n"

    def secrets(self) -> list[str]:
        query = URL(self.came_to[-1]).query
        return [value for name, value in query.items() if name in ("code", "state", "device_id")]


@pytest_asyncio.fixture
async def person(vk: VKSimulator) -> AsyncIterator[Person]:
    yield Person(vk)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_vk_id(vk: VKSimulator, person: Person, host: str) -> None:
    """Tokens for who signs in; the port that was found is that of the request."""
    pytest.importorskip("joserfc")
    login = vkid(vk, redirect_uri=f"http://{host}:0/cb", id_token_key=vk.id_token_key, clock=None)
    tokens = await login.run(open=person.go)
    assert isinstance(tokens, TokenSet)
    assert tokens.user_id == str(person.account.user_id)
    redirect = URL(URL(person.shown[0]).query["redirect_uri"])
    assert (redirect.host, redirect.path) == (host, "/cb")
    assert redirect.port == URL(person.came_to[0]).port != 0
    ((status, page),) = person.pages
    assert status == 200
    LeakScanner(person.secrets()).scan(page, login)
    assert (await login.user_info(tokens))["email"] == "person@mail.example"
    with pytest.raises(aiohttp.ClientConnectionError):
        await person.go(person.shown[0])  # nobody listens any more


async def test_the_code_flow(vk: VKSimulator, person: Person) -> None:
    """The person's token, or those of communities."""
    token = await code_flow(vk, scope="email").run(open=person.go)
    assert isinstance(token, UserToken)
    assert (token.user_id, token.email) == (person.account.user_id, "person@mail.example")
    tokens = await code_flow(vk, group_ids=[22, 1]).run(open=person.go)
    assert isinstance(tokens, GroupTokens)
    assert [each.group_id for each in tokens] == [22, 1]
    with pytest.raises(MissingGroupsError):
        await code_flow(vk, group_ids=[5]).run(open=person.go)


@BOTH
async def test_again(vk: VKSimulator, person: Person, make: Make) -> None:
    """One object may be run again, and twice at a time: each run has its own state and port."""
    login = make(vk)
    assert await login.run(open=person.go)
    assert await asyncio.gather(login.run(open=person.go), login.run(open=person.go))
    assert len({URL(each).query["state"] for each in person.shown}) == 3


@BOTH
async def test_a_person_refuses(vk: VKSimulator, person: Person, make: Make) -> None:
    """That comes back as well, and nothing is exchanged."""
    person.deny = True
    error = await refused(make(vk).run(open=person.go), Code.ACCESS_DENIED)
    LeakScanner(person.secrets()).scan(error)
    assert not [each for each in vk.requests if each.place in ("id/oauth2/auth", "oauth/access_token")]


@BOTH
async def test_another_login_does_not_end_the_wait(vk: VKSimulator, person: Person, make: Make) -> None:
    """O4: nor does anything else that comes to the port."""

    async def go(url: str) -> None:
        redirect = URL(url).query["redirect_uri"]
        async with aiohttp.ClientSession() as browser:
            for query in ("", f"?code=x&state={'x' * 43}"):
                async with browser.get(redirect + query) as page:
                    assert page.status == 400
        await person.go(url)

    assert await make(vk).run(open=go)


@BOTH
@pytest.mark.parametrize("sync", [True, False])
async def test_a_redirect_elsewhere_is_pasted(vk: VKSimulator, person: Person, make: Make, sync: bool) -> None:
    """By hooks of either kind, with whatever blanks are around it."""

    async def paste() -> str:
        return person.paste()

    assert await make(vk, redirect_uri=FAR).run(open=person.look, paste=person.paste if sync else paste)
    assert person.came_to[0].startswith(f"{FAR}?")
    error = await refused(make(vk, redirect_uri=FAR).run(open=person.look, paste=lambda: FAR), Code.STATE_MISMATCH)
    LeakScanner(person.secrets()).scan(error)


@BOTH
async def test_where_the_port_is_taken(vk: VKSimulator, person: Person, make: Make) -> None:
    """Somebody else would hear of it: the person pastes it, if they can be asked."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        login = make(vk, redirect_uri=f"http://127.0.0.1:{taken.getsockname()[1]}/cb")
        assert await login.run(open=person.look, paste=person.paste)
        error = await refused(login.run(open=person.go), Code.NETWORK_ERROR)
        assert "port" in error.message
    assert len(person.shown) == 1


@BOTH
async def test_a_listener_is_not_asked_for_what_it_hears(vk: VKSimulator, person: Person, make: Make) -> None:
    """``paste`` is for where nobody can listen."""

    def paste() -> str:
        raise AssertionError

    assert await make(vk).run(open=person.go, paste=paste)


# -- the usual browser -----------------------------------------------------------------------------------------------


@BOTH
async def test_the_usual_browser(vk: VKSimulator, person: Person, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is another program: the library goes on meanwhile."""
    loop = asyncio.get_running_loop()

    def show(url: str) -> bool:
        asyncio.run_coroutine_threadsafe(person.go(url), loop).result(30)
        return True

    monkeypatch.setattr(webbrowser, "open", show)
    assert await make(vk).run()


@BOTH
async def test_without_a_browser(vk: VKSimulator, person: Person, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error has the address at once; with somebody to ask, they are asked and nobody listens."""
    shown: list[str] = []
    monkeypatch.setattr(webbrowser, "open", lambda url: bool(shown.append(url)))
    error = await refused(make(vk).run(), Code.VALIDATION_REQUIRED)
    assert error.redirect_uri == shown[0]
    LeakScanner([URL(shown[0]).query["state"]]).scan(error)

    async def paste() -> str:
        address = URL(await person.look(shown[-1]))
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", address.port)
        return str(address)

    assert await make(vk).run(paste=paste)

    async def look(error: AuthError | None) -> str:
        assert error is not None
        assert (error.code, error.redirect_uri) == (Code.VALIDATION_REQUIRED, shown[-1])
        return await person.look(error.redirect_uri or "")

    assert await make(vk).run(paste=look)
    await refused(make(vk, redirect_uri=FAR).run(paste=lambda: ""), Code.UNTRUSTED_REDIRECT)


# -- limits and mistakes ---------------------------------------------------------------------------------------------


@BOTH
async def test_r2_nobody_comes_back(vk: VKSimulator, make: Make) -> None:
    """R2: a person has so much time, whichever they are asked for; the total one does not count it."""

    async def never(*_: object) -> str:
        await asyncio.Event().wait()
        return ""

    shown: list[str] = []

    async def look(url: str) -> None:
        shown.append(url)
        await never()

    for uri, hooks in (
        (HERE, {"open": shown.append}),
        (HERE, {"open": look}),
        (FAR, {"open": shown.append, "paste": never}),
    ):
        error = await refused(make(vk, redirect_uri=uri).run(**hooks, timeout=0.01), Code.TIMEOUT)
        assert error.message == "the person did not come back within 0.01 s"
        LeakScanner([URL(shown[-1]).query["state"]]).scan(error)
    assert len(shown) == 3


@BOTH
async def test_r2_waiting_for_a_person_does_not_count(vk: VKSimulator, person: Person, make: Make) -> None:
    """R2: they took longer than the total time."""
    clock = FakeClock()

    async def go(url: str) -> None:
        clock.seconds += 10_000
        await person.go(url)

    assert await make(vk, total_timeout=5.0, clock=clock).run(open=go)


@BOTH
async def test_what_a_hook_raises(vk: VKSimulator, make: Make) -> None:
    """Is what ``run`` raises; the port is closed."""
    ports: list[int | None] = []

    def fail(url: str) -> None:
        ports.append(URL(URL(url).query["redirect_uri"]).port)
        raise TimeoutError("mine")

    with pytest.raises(TimeoutError, match="mine"):
        await make(vk).run(open=fail)
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", ports[0])
    with pytest.raises(TypeError, match="paste must return str, not NoneType"):
        await make(vk, redirect_uri=FAR).run(open=lambda _: None, paste=lambda: None)


@BOTH
@pytest.mark.parametrize(
    ("options", "wrong", "name"),
    [
        ({"open": URL("http://CANARY/")}, TypeError, "open"), ({"paste": "CANARY"}, TypeError, "paste"),
        ({"timeout": 0}, ValueError, "timeout"), ({"timeout": None}, TypeError, "timeout"),
        ({"redirect_uri": FAR}, ValueError, "paste"), ({"redirect_uri": "https://localhost/"}, ValueError, "paste"),
        ({"redirect_uri": "http://127.0.0.2/"}, ValueError, "paste"),
    ],
)  # fmt: skip
async def test_a_wrong_argument(
    vk: VKSimulator, make: Make, options: dict[str, Any], wrong: type[Exception], name: str
) -> None:
    """Before anything is opened."""
    login = make(vk, redirect_uri=options.get("redirect_uri", HERE))
    with pytest.raises(wrong, match=rf"^{name} must") as caught:
        await login.run(**{each: value for each, value in options.items() if each != "redirect_uri"})
    LeakScanner(["CANARY"]).scan(caught.value)


@BOTH
async def test_r4_a_cancelled_run_leaves_nothing_and_shows_nothing(vk: VKSimulator, make: Make) -> None:
    """R4, S1: neither a port, nor the address and the state in the variables of its frames."""
    shown: list[str] = []
    login = make(vk)
    task = asyncio.ensure_future(login.run(open=shown.append))
    while not shown:  # noqa: ASYNC110 - the log is a list
        await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError) as caught:
        await task
    query = URL(shown[0]).query
    LeakScanner([query["state"]]).scan(caught.value)
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", URL(query["redirect_uri"]).port)
