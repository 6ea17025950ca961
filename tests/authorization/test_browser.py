"""The implicit flow in the person's own browser."""

from __future__ import annotations

import asyncio
import pickle
import threading
import webbrowser
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import quote

import pytest
from support import FakeClock, refused
from yarl import URL

from vkauth import (
    AuthError,
    AuthErrorCode,
    BrowserAuthorization,
    Endpoints,
    GroupScope,
    GroupTokens,
    MissingGroupsError,
    UserScope,
    UserToken,
)
from vkauth.browser import person
from vkauth.testing import LeakScanner, VKSimulator

Code = AuthErrorCode
KATE = 2685278
STATE = "CANARY-state-of-43-characters-0123456789abc"
END = f"https://oauth.vk.ru/blank.html#access_token=CANARY-token&expires_in=86400&user_id=1&state={STATE}"


def login(vk: VKSimulator | None = None, **options: Any) -> BrowserAuthorization:
    """A login, at the simulator if there is one."""
    there = {} if vk is None else {"endpoints": vk.endpoints}
    return BrowserAuthorization(**{"client_id": KATE, "clock": FakeClock()} | there | options)


# -- the address -----------------------------------------------------------------------------------------------------


def test_the_address() -> None:
    """It has all that VK wants, and stays the same; each object has its own state."""
    one, other = login(), login()
    url = URL(one.authorization_url)
    assert str(url.with_query(None)) == "https://oauth.vk.ru/authorize"
    assert dict(url.query) == {
        "response_type": "token", "client_id": str(KATE), "redirect_uri": "https://oauth.vk.ru/blank.html",
        "scope": str(sum(UserScope)), "v": "5.199", "display": "page", "state": one.state,
    }  # fmt: skip
    assert one.authorization_url == one.authorization_url
    assert len(one.state or "") == 43
    assert one.state != other.state
    LeakScanner([str(one.state)]).scan(one)


def test_the_address_has_what_was_asked_for() -> None:
    """Also on other hosts, with an end of its own."""
    made = login(
        group_ids=[-1, 22], scope=[GroupScope.MANAGE], redirect_uri=URL("http://localhost:8080/end"), revoke=True,
        display="mobile", api_version="5.131", state=STATE, endpoints=Endpoints("vk.com"),
    )  # fmt: skip
    url = URL(made.authorization_url)
    assert url.host == "oauth.vk.com"
    assert dict(url.query) == {
        "response_type": "token", "client_id": str(KATE), "redirect_uri": "http://localhost:8080/end", "revoke": "1",
        "group_ids": "1,22", "scope": "262144", "v": "5.131", "display": "mobile", "state": STATE,
    }  # fmt: skip
    assert made.state == STATE
    assert (
        URL(login(endpoints=Endpoints("vk.com")).authorization_url).query["redirect_uri"]
        == "https://oauth.vk.com/blank.html"
    )


def test_without_a_state() -> None:
    """None is sent and none is checked."""
    made = login(state=None)
    assert made.state is None
    assert "state" not in URL(made.authorization_url).query
    assert made.finish(END)


def test_going_on_in_another_process() -> None:
    """With the same state it is the same login."""
    first = login()
    assert login(state=first.state).authorization_url == first.authorization_url
    assert login(state=first.state).finish(END.replace(STATE, str(first.state)))


# -- the end ---------------------------------------------------------------------------------------------------------


def test_an_end() -> None:
    """It is read as of now; nothing is sent."""
    token = login(state=STATE, scope="friends").finish(quote(END))
    assert isinstance(token, UserToken)
    assert (token.token, token.user_id, token.scope) == ("CANARY-token", 1, "2")
    assert token.expires_at is not None
    assert (token.expires_at - FakeClock().now()).total_seconds() == 86400


@pytest.mark.parametrize("address", [None, 5, b"CANARY", URL(END), ["CANARY"]])
def test_an_end_that_is_no_text(address: Any) -> None:
    """A mistake in the program."""
    with pytest.raises(TypeError, match=r"^address must be str, not") as caught:
        login().finish(address)
    LeakScanner(["CANARY"]).scan(caught.value)


@pytest.mark.parametrize(
    ("address", "code"),
    [
        (END.replace("user_id=1", "user_id=x"), Code.UNEXPECTED_RESPONSE),
        (END.replace(STATE, "x" * 43), Code.STATE_MISMATCH),
        (END.replace("vk.ru", "evil.example"), Code.UNTRUSTED_REDIRECT),
        (f"https://oauth.vk.ru\\@CANARY.example/#{END}", Code.UNTRUSTED_REDIRECT),
        (f"#error=x&error_description=CANARY-token&code=CANARY-token&state={STATE}", Code.AUTHORIZATION_FAILED),
        (f'{{"error": "access_denied", "error_description": "{STATE}"}}', Code.ACCESS_DENIED),
        ("CANARY-token", Code.UNEXPECTED_RESPONSE),
        (f"https://oauth.vk.ru/auth_redirect?authorize_url={quote(END[:60], safe='')}", Code.UNEXPECTED_RESPONSE),
    ],
    ids=str,
)  # fmt: skip
def test_s1_what_is_wrong_is_told_without_secrets(address: str, code: AuthErrorCode) -> None:
    """S1: neither in words nor in the variables of a traceback, nor in an error that crosses to another process."""
    made = login(state=STATE)
    with pytest.raises(AuthError) as caught:
        made.finish(address)
    assert caught.value.code is code
    scanner = LeakScanner(["CANARY"])
    scanner.scan(caught.value, made)
    scanner.scan(pickle.loads(pickle.dumps(caught.value)))


def test_the_callers_own_error_keeps_its_frames() -> None:
    """The login may be what somebody falls back to."""
    errors: list[BaseException | None] = []
    try:
        raise KeyError("mine")
    except KeyError as mine:
        with pytest.raises(AuthError) as caught:
            login().finish("")
        errors += [mine, caught.value.__context__]
    assert errors[0] is errors[1]
    assert errors[0].__traceback__ is not None


# -- with a person ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("look", ["page", "mobile", "vkid"])
async def test_a_person_logs_in(vk: VKSimulator, look: Any) -> None:
    """At the pages of the simulator, whichever look they have."""
    account = vk.add_account(look=look)
    made = login(vk, scope="friends,email")
    token = made.finish(await vk.approve(made.authorization_url, account))
    assert isinstance(token, UserToken)
    assert token.token in vk.issued
    assert (token.user_id, token.scopes) == (account.user_id, ("friends", "email"))


@pytest.mark.parametrize("final", ["auth_redirect", "auth_redirect_twice"])
async def test_a_page_before_the_end(vk: VKSimulator, final: Any) -> None:
    """Its address is as good as that of the end."""
    account = vk.add_account(final=final)
    made = login(vk)
    assert made.finish(await vk.approve(made.authorization_url, account))


async def test_a_person_refuses(vk: VKSimulator) -> None:
    """That is no mistake."""
    account = vk.add_account()
    made = login(vk)
    with pytest.raises(AuthError) as caught:
        made.finish(await vk.approve(made.authorization_url, account, deny=True))
    assert caught.value.code is Code.ACCESS_DENIED
    assert caught.value.details["error_reason"] == "user_denied"


async def test_communities(vk: VKSimulator) -> None:
    """In the order they were asked for; those that were left out are told."""
    account = vk.add_account(groups=(1, 22))
    made = login(vk, group_ids=[22, 1], scope="messages")
    tokens = made.finish(await vk.approve(made.authorization_url, account))
    assert isinstance(tokens, GroupTokens)
    assert [each.group_id for each in tokens] == [22, 1]
    made = login(vk, group_ids=[5, 1], scope="messages")
    with pytest.raises(MissingGroupsError) as caught:
        made.finish(await vk.approve(made.authorization_url, account))
    assert (caught.value.group_ids, len(caught.value.tokens)) == ((5,), 1)


# -- run -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sync", [True, False])
async def test_a_run(vk: VKSimulator, sync: bool) -> None:
    """The person looks at the page and pastes what they came to, by sync hooks or async ones."""
    account = vk.add_account()
    made = login(vk)
    seen: list[str] = []

    async def look(url: str) -> str:
        seen.append(await vk.approve(url, account))
        return "not looked at"

    async def paste() -> str:
        return seen[-1]

    show: Callable[[str], object] = (lambda url: seen.append("")) if sync else look
    address = await vk.approve(made.authorization_url, account)
    token = await made.run(paste=(lambda: address) if sync else paste, open=show)
    assert isinstance(token, UserToken)
    assert token.token in vk.issued
    assert len(seen) == 1


async def test_a_run_asks_again() -> None:
    """Three times in all, if what was pasted is no end of a login; then it is told what was wrong."""
    made = login(state=STATE)
    answers = ["", "https://oauth.vk.ru/blank.html", END, "left"]
    assert await made.run(paste=lambda: answers.pop(0), open=lambda _: None)
    assert answers == ["left"]
    answers = ["", "CANARY", "https://oauth.vk.ru/authorize?CANARY", "left"]
    error = await refused(made.run(paste=lambda: answers.pop(0), open=lambda _: None), Code.UNEXPECTED_RESPONSE)
    assert "where the login begins" in error.message
    assert answers == ["left"]
    LeakScanner(["CANARY"]).scan(error)
    answers = ["", "left"]
    once = login(max_attempts=1)
    await refused(once.run(paste=lambda: answers.pop(0), open=lambda _: None), Code.UNEXPECTED_RESPONSE)
    assert answers == ["left"]


@pytest.mark.parametrize(
    ("pasted", "code"),
    [
        (END.replace(STATE, "x" * 43), Code.STATE_MISMATCH), ("https://evil.example/", Code.UNTRUSTED_REDIRECT),
        ("cancel=1", Code.ACCESS_DENIED),
    ],
)  # fmt: skip
async def test_a_run_does_not_ask_again(pasted: str, code: AuthErrorCode) -> None:
    """What is an end, but of no good login, is not asked for again."""
    answers = [pasted, "left"]
    await refused(login(state=STATE).run(paste=lambda: answers.pop(0), open=lambda _: None), code)
    assert answers == ["left"]


async def test_nobody_pastes_anything() -> None:
    """A person has so much time for each answer; waiting for them is no part of the total time."""

    async def never() -> str:
        await asyncio.Event().wait()
        return ""

    made = login(answer_timeout=0.01, total_timeout=0.001)
    error = await refused(made.run(paste=never, open=lambda _: None), Code.TIMEOUT)
    assert "within 0.01 s" in error.message
    error = await refused(made.run(paste=lambda: END, open=lambda _: never()), Code.TIMEOUT)
    assert error.message == "the page was not shown within 0.01 s"
    assert await login(state=STATE, answer_timeout=None, total_timeout=0.001).run(
        paste=lambda: END, open=lambda _: None
    )


async def test_a_hook_gives_up() -> None:
    """What it raises is what ``run`` raises, a ``TimeoutError`` of its own too."""

    def fail(*_: object) -> str:
        raise TimeoutError("mine")

    with pytest.raises(TimeoutError, match="mine"):
        await login().run(paste=fail, open=lambda _: None)
    with pytest.raises(TimeoutError, match="mine"):
        await login().run(paste=lambda: END, open=fail)


@pytest.mark.parametrize("given", [None, 5, b"CANARY", URL(END), [END], {"address": END}])
async def test_a_hook_that_returns_no_text(given: Any) -> None:
    """A mistake in the program."""
    with pytest.raises(TypeError, match=r"^paste must return str, not") as caught:
        await login().run(paste=lambda: given, open=lambda _: None)
    LeakScanner(["CANARY"]).scan(caught.value)


@pytest.mark.parametrize(
    "hooks",
    [{"paste": "CANARY"}, {"paste": input, "open": "firefox"}, {"paste": input, "open": URL(END)}],
)
async def test_a_hook_that_cannot_be_called(hooks: Any) -> None:
    """Told before anything is opened."""
    with pytest.raises(TypeError, match=r"^(paste|open) must be callable") as caught:
        await login().run(**hooks)
    LeakScanner(["CANARY"]).scan(caught.value)


@pytest.mark.parametrize("paste", [lambda question: END, lambda question, error: END, lambda *, prompt: END])
async def test_a_hook_that_wants_other_arguments(paste: Any) -> None:
    """Told before anything is opened."""
    with pytest.raises(TypeError, match=r"^paste must be callable without arguments, or with error= alone$"):
        await login().run(paste=paste, open=lambda _: pytest.fail("it was opened"))


async def test_an_argument_of_a_hook_that_is_given_already() -> None:
    """It stays."""
    seen: list[object] = []

    def ask(error: object) -> str:
        seen.append(error)
        return END

    for paste in (partial(ask, error="mine"), partial(ask)):
        assert isinstance(await login(state=None).run(paste=paste, open=lambda _: None), UserToken)
    assert seen == ["mine", None]


async def test_a_run_needs_a_window_or_somebody_to_ask() -> None:
    """Told before anything is opened."""
    with pytest.raises(TypeError, match=r"^paste must be given where no window is$"):
        await login().run(open=lambda _: pytest.fail("it was opened"))


async def test_a_cancelled_run_shows_nothing() -> None:
    """S1: the address in hand is masked wherever it is."""
    started = asyncio.Event()

    async def never() -> str:
        started.set()
        await asyncio.Event().wait()
        return ""

    task = asyncio.ensure_future(login(state=STATE).run(paste=never, open=lambda _: None))
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError) as caught:
        await task
    LeakScanner(["CANARY"]).scan(caught.value)


# -- the usual browser -----------------------------------------------------------------------------------------------


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bool]]:
    """What the machine's usual browser was shown, and whether the event loop went on meanwhile."""
    seen: list[tuple[str, bool]] = []

    def show(url: str) -> bool:
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            seen.append((url, True))
        else:
            seen.append((url, False))
        return True

    monkeypatch.setattr(webbrowser, "open", show)
    return seen


async def test_the_usual_browser_opens_it(opened: list[tuple[str, bool]]) -> None:
    """Beside the event loop."""
    made = login(state=STATE)
    assert await made.run(paste=lambda: END)
    assert opened == [(made.authorization_url, True)]


def _fail(_: str) -> bool:
    raise webbrowser.Error("none")


def _cannot_be_read(_: str) -> bool:
    raise ValueError("No closing quotation")  # as for BROWSER='firefox "%s'


@pytest.mark.parametrize("show", [lambda _: False, _fail, _cannot_be_read])
async def test_without_a_browser_the_person_is_asked_all_the_same(
    monkeypatch: pytest.MonkeyPatch, show: Callable[[str], bool]
) -> None:
    """They may have one elsewhere."""
    monkeypatch.setattr(webbrowser, "open", show)
    assert not await person.show_page("http://127.0.0.1/", None)
    assert await login(state=STATE).run(paste=lambda: END)


async def test_a_browser_that_takes_over_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is waited for as long as one needs to start, and it counts as one; when it ends, nobody cares."""
    ends = threading.Event()
    monkeypatch.setattr(webbrowser, "open", lambda _: ends.wait(10))
    monkeypatch.setattr(person, "LONGEST_START", 0.01)
    assert await person.show_page("http://127.0.0.1/", None)
    ends.set()


def test_a_browser_that_ends_after_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    """The loop is closed by then."""
    ends, ended = threading.Event(), threading.Event()

    def show(_: str) -> bool:
        ends.wait(10)
        return True

    monkeypatch.setattr(webbrowser, "open", show)
    monkeypatch.setattr(person, "LONGEST_START", 0.01)
    monkeypatch.setattr(threading, "excepthook", lambda _: ended.set())
    assert asyncio.run(person.show_page("http://127.0.0.1/", None))
    (thread,) = [each for each in threading.enumerate() if each.name == "vkauth-open"]
    ends.set()
    thread.join(10)
    assert not ended.is_set()
