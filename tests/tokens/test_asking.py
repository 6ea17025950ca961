"""What a person is asked for a new token, what is taken for one, and what is told of what is not."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from support import FakeClock, refused

from vkauth import AuthError, BrowserAuthorization, Endpoints, TokenKind
from vkauth.testing import VKSimulator
from vkauth.tokens import MemoryTokenStore, Renew, StoredToken, StoredTokenSource, renew_by_asking

QUESTION = "A new token is needed: paste it, or the address of the page at the end of the login: "
WANTED = "Wanted is the whole address of the page at the end of the login."
WANTED_RU = "Нужен полный адрес страницы, на которой закончился вход."
TOKENS = {
    "user": "vk1.a.SAMPLE-_",
    "vkid": "vk2.a." + "A" * 190,
    "service": "0123456789abcdef" * 4,
    "group": "f" * 85,
}


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever this machine's locale is."""
    monkeypatch.setenv("LC_ALL", "C.UTF-8")


def asking(*answers: str, **options: Any) -> tuple[Renew, list[str]]:
    """A function that asks a person with these answers, and what they were asked."""
    left, asked = list(answers), list[str]()

    def ask(question: str) -> str:
        asked.append(question)
        return left.pop(0)

    return renew_by_asking(ask, **options), asked


@pytest.mark.parametrize(
    "typed",
    [
        "foo",
        "q",
        "+79990000001",
        "sample@mail.example",
        "sample-person@mail.example.org",
        "oauth.vk.ru/blank.html",
        "blank.html",
        "~/where/the/token/is.txt",
        "vk1.a.",
        "токен" * 20,
    ],
)
async def test_what_can_be_no_token(typed: str) -> None:
    """Is asked for again, and not kept; at the third time it is an error, which does not repeat it."""
    renew, asked = asking(typed, TOKENS["user"])
    assert (await renew(None)).token == TOKENS["user"]
    assert len(asked) == 2
    renew, asked = asking(typed, typed, typed, TOKENS["user"])
    with pytest.raises(AuthError) as caught:
        await renew(None)
    assert (caught.value.code, len(asked)) == ("UNEXPECTED_RESPONSE", 3)
    assert typed not in str(caught.value).split()


@pytest.mark.parametrize("kind", TOKENS)
async def test_what_tokens_look_like(kind: str) -> None:
    """Those of today, those from before, and the keys of applications."""
    renew, asked = asking(TOKENS[kind])
    found = await renew(StoredToken(token="x", kind=TokenKind(kind)))
    assert (found.token, found.kind, asked) == (TOKENS[kind], kind, [QUESTION])


async def test_others_have_tokens_of_other_letters() -> None:
    """TikTok, say."""
    renew, _ = asking("act.SAMPLE/12345+abcdef!4711.va")
    found = await renew(StoredToken(token="x", kind=TokenKind.PROVIDER, provider="tiktok"))
    assert found.token == "act.SAMPLE/12345+abcdef!4711.va"


async def test_the_simulators_tokens(vk: VKSimulator) -> None:
    """All of them are taken."""
    me = vk.add_account()
    for token in (vk.issue_token(me), vk.issue_group_token(7), vk.issue_vkid_token(me, client_id=51000001)):
        assert (await asking(token)[0](None)).token == token


@pytest.mark.parametrize(
    ("language", "told"),
    [
        (
            "en_US.UTF-8",
            (
                "This is neither a token nor an address.",
                "This address is cut: it has a token, but no expires_in. " + WANTED,
                QUESTION,
            ),
        ),
        (
            "ru_RU.UTF-8",
            (
                "Это не токен и не адрес.",
                "Этот адрес обрезан: токен в нём есть, а expires_in нет. " + WANTED_RU,
                "Нужен новый токен: вставьте его или адрес страницы, которой закончился вход: ",
            ),
        ),
    ],
)
async def test_why_it_is_asked_again(monkeypatch: pytest.MonkeyPatch, language: str, told: tuple[str, ...]) -> None:
    """In the person's language, before the question; at the next renewal that is forgotten."""
    monkeypatch.setenv("LC_ALL", language)
    cut = "https://oauth.vk.ru/blank.html#access_token=vk1.a.SAMPLE"
    renew, asked = asking("foo", cut, TOKENS["user"], TOKENS["user"])
    for _ in range(2):
        await renew(None)
    neither, why, question = told
    assert asked == [question, f"{neither}\n{question}", f"{why}\n{question}", question]


async def test_an_address_of_other_hosts(vk: VKSimulator) -> None:
    """With ``endpoints``; VK's own are known all the same. Without them it is refused."""
    account = vk.add_account()
    login = BrowserAuthorization(client_id=2274003, scope="friends", endpoints=vk.endpoints)
    address = await vk.approve(login.authorization_url, account)
    found = await asking(address, endpoints=vk.endpoints)[0](None)
    assert (found.token in vk.issued, found.user_id) == (True, account.user_id)
    theirs = "https://oauth.vk.ru/blank.html#access_token=vk1.a.SAMPLE&expires_in=3600&user_id=7"
    assert (await asking(theirs, endpoints=vk.endpoints)[0](None)).token == "vk1.a.SAMPLE"
    with pytest.raises(AuthError) as caught:
        await asking(address)[0](None)
    assert caught.value.code == "UNTRUSTED_REDIRECT"


@pytest.mark.parametrize("given", ["http://127.0.0.1:8000", Endpoints])
def test_no_endpoints(given: Callable[[], Endpoints] | str) -> None:
    """Told at once, as other classes do."""
    with pytest.raises(TypeError, match="endpoints must be Endpoints"):
        renew_by_asking(endpoints=given)  # type: ignore[arg-type]


async def test_an_answer_is_for_the_record_it_was_asked_for() -> None:
    """Two sources that share a function ask for two tokens, one after the other, and say for which."""
    tokens = {"alice": "A" * 30, "bob": "B" * 30}
    asked = list[str]()

    def ask(question: str) -> str:
        asked.append(question)
        return next(token for name, token in tokens.items() if f" {name}:" in question)

    store, renew = MemoryTokenStore(), renew_by_asking(ask)
    async with StoredTokenSource(store, "alice", renew) as alice, StoredTokenSource(store, "bob", renew) as bob:
        found = await asyncio.gather(alice.get(), bob.get())
    assert [each.token for each in found] == [*tokens.values()]
    assert sorted(asked) == [QUESTION.replace(":", f" for {name}:", 1) for name in tokens]


def in_new_loop(work: Awaitable[Any]) -> Any:
    """What it returns, in a child that has a copy of a running loop."""
    asyncio._set_running_loop(None)

    async def run() -> Any:
        return await work

    return asyncio.run(run())


async def test_a_late_answer_is_for_nobody_else(clock: FakeClock) -> None:
    """What comes when nobody waits any more is kept for whoever asks for that record, and others are asked anew."""
    gate, begun, asked = threading.Event(), threading.Event(), list[str]()

    def ask(question: str) -> str:
        asked.append(question)
        begun.set()
        gate.wait(30)
        return f"{len(asked)}" * 30

    store, renew = MemoryTokenStore(), renew_by_asking(ask)
    options: Any = {"clock": clock, "cooldown": 0}
    async with (
        StoredTokenSource(store, "alice", renew, timeout=0.2, **options) as hasty,
        StoredTokenSource(store, "alice", renew, **options) as alice,
        StoredTokenSource(store, "bob", renew, **options) as bob,
    ):
        await refused(hasty.get(), "TIMEOUT")
        assert await asyncio.to_thread(begun.wait, 30)
        gate.set()
        assert (await bob.get()).token == "2" * 30
        assert (await alice.get()).token == "1" * 30
    assert len(asked) == 2


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of a fork where there are threads: that is what is tried
async def test_a_fork_while_somebody_is_asked() -> None:
    """The child has a question of its own."""
    gate, begun, parent = threading.Event(), threading.Event(), os.getpid()

    def ask(question: str) -> str:
        begun.set()
        if os.getpid() == parent:
            gate.wait(30)
        return "A" * 30

    renew = renew_by_asking(ask)
    source = StoredTokenSource(MemoryTokenStore(), "me", renew)
    waiting = asyncio.create_task(source.get())
    assert await asyncio.to_thread(begun.wait, 30)
    child = os.fork()
    if not child:
        code = 1
        try:
            signal.alarm(30)
            code = 0 if in_new_loop(renew(None)).token == "A" * 30 else 2
        finally:
            os._exit(code)
    assert await asyncio.to_thread(os.waitpid, child, 0) == (child, 0)
    gate.set()
    assert (await waiting).token == "A" * 30
    await source.close()
