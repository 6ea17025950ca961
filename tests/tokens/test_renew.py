"""Ready functions that renew, and stores by their addresses."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support import FakeClock, direct, person, refused

from tokens.renewing import aged, source_of
from tokens.samples import token
from vkauth import GroupToken, GroupTokens, ImplicitFlowUser, TokenKind, TokenSet, UserToken
from vkauth.cookies import Cookies
from vkauth.testing import LeakScanner, VKSimulator
from vkauth.tokens import (
    MemoryTokenStore,
    RedisTokenStore,
    Seal,
    SQLiteTokenStore,
    StoredToken,
    generate_key,
    open_token_store,
    renew_by_asking,
    renew_by_login,
    renew_by_refresh,
)


class Refresher:
    """Answers with as little as a service may."""

    def __init__(self, **answer: Any) -> None:
        self.asked: list[TokenSet] = []
        self.answer = TokenSet(access_token="SAMPLE-new", **answer)

    async def refresh(self, tokens: TokenSet) -> TokenSet:
        self.asked.append(tokens)
        return self.answer


OLD = StoredToken(
    kind=TokenKind.VKID,
    token="SAMPLE-old",
    user_id=7,
    scope="a b",
    email="a@b.example",
    refresh_token="SAMPLE-refresh",
    id_token="SAMPLE-id",
    device_id="SAMPLE-device",
    client_id="51",
    provider="vkid",
    trusted_hash="SAMPLE-hash",
    cookies=Cookies(()),
    extra={"a": "b"},
)


async def test_by_refresh() -> None:
    """What the answer leaves out is kept of the old token."""
    client = Refresher(user_id="7")
    new = await renew_by_refresh(client)(OLD)
    assert client.asked == [OLD.token_set()]
    assert new == replace(OLD, token="SAMPLE-new")
    other = await renew_by_refresh(Refresher(refresh_token="SAMPLE-next", scope=("c",), user_id="8"))(OLD)
    assert isinstance(other, StoredToken)
    assert (other.refresh_token, other.scope, other.user_id) == ("SAMPLE-next", "c", "8")


async def test_the_end_of_a_refresh_token(clock: FakeClock) -> None:
    """That of another one is not its own."""
    old = replace(OLD, refresh_expires_at=clock.now())
    kept = await renew_by_refresh(Refresher())(old)
    new = await renew_by_refresh(Refresher(refresh_token="SAMPLE-next"))(old)
    assert isinstance(kept, StoredToken)
    assert isinstance(new, StoredToken)
    assert (kept.refresh_expires_at, new.refresh_expires_at) == (clock.now(), None)


@pytest.mark.parametrize("old", [None, token()])
async def test_nothing_to_refresh(old: StoredToken | None) -> None:
    """It is INVALID_GRANT, so that the next function is asked; nothing is sent."""
    client = Refresher()
    await refused(renew_by_refresh(client)(old), "INVALID_GRANT")
    assert client.asked == []


class Login:
    """Anything that can be run."""

    def __init__(self, found: object) -> None:
        self.found = found

    async def run(self) -> object:
        return self.found


GROUPS = GroupTokens(groups=[GroupToken(group_id=1, token="SAMPLE-1"), GroupToken(group_id=2, token="SAMPLE-2")])


async def test_by_login() -> None:
    """Of several communities one is chosen."""
    new = await renew_by_login(Login(GROUPS), group_id=2)(None)
    assert isinstance(new, StoredToken)
    assert (new.token, new.group_id, new.kind) == ("SAMPLE-2", 2, "group")
    assert await renew_by_login(Login(token()))(OLD) == token(extra={"a": "b"})
    await refused(renew_by_login(Login(GROUPS), group_id=3)(None), "ACCESS_DENIED")
    with pytest.raises(TypeError, match="group_id"):
        await renew_by_login(Login(GROUPS))(None)


@pytest.mark.parametrize(
    ("found", "kept"),
    [
        (UserToken(user_id=8, token="SAMPLE"), {}),
        (TokenSet(access_token="SAMPLE", device_id="SAMPLE-other"), {"client_id": "51", "provider": "vkid"}),
        (StoredToken(token="SAMPLE", kind=TokenKind.VKID, provider="kakao"), {}),
        (StoredToken(token="SAMPLE", kind=TokenKind.VKID, client_id="52"), {"provider": "vkid"}),
        (StoredToken(token="SAMPLE", extra={"c": "d"}), {"extra": {"c": "d"}}),
    ],
    ids=["user", "vkid", "another provider", "another application", "with its own"],
)
async def test_what_a_login_says_nothing_of(found: Any, kept: dict[str, Any]) -> None:
    """What a program keeps with its token stays, and so does the application of the same kind of token."""
    new = await renew_by_login(Login(found))(OLD)
    assert new == StoredToken.of(found, **{"extra": OLD.extra} | kept)


def test_wrong_arguments() -> None:
    """Each is named."""
    with pytest.raises(TypeError, match="client"):
        renew_by_refresh(object())  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="authorization"):
        renew_by_login(object())  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="ask"):
        renew_by_asking("SAMPLE")  # type: ignore[arg-type]


@pytest.mark.parametrize("keep", [True, False])
async def test_s5_no_password_is_in_a_record(
    vk: VKSimulator, tmp_path: Path, keep: bool, no_leaks: LeakScanner
) -> None:
    """S5: neither of a direct login nor of a web login, whose cookies are kept where that is wanted."""
    secret = "SAMPLE-my-password"
    vk.add_account(password=secret)
    web = ImplicitFlowUser(
        client_id=2274003,
        login="+79990000001",
        password=secret,
        endpoints=vk.endpoints,
        callback_service=person(vk),
    )
    async with SQLiteTokenStore(tmp_path / "tokens.db") as store:
        for login in (web, direct(vk, password=secret)):
            async with source_of(store, FakeClock(), renew_by_login(login, keep_cookies=keep)) as source:
                found = await source.refresh()
                assert (found.cookies is not None) is (keep and login is web)
                assert secret.encode() not in found.dump().encode()
        content = b"".join(each.read_bytes() for each in tmp_path.iterdir())  # noqa: ASYNC240
    assert found.token.encode() in content
    assert secret.encode() not in content


# -- asking ----------------------------------------------------------------------------------------------------------


def asking(*answers: object) -> tuple[Any, list[str]]:
    """A function that asks a person with these answers, and the threads that asked."""
    left, threads = list(answers), list[str]()

    def ask(question: str) -> Any:
        assert question
        threads.append(threading.current_thread().name)
        answer = left.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return renew_by_asking(ask), threads


ADDRESS = "https://oauth.vk.com/blank.html#access_token=vk1.a.SAMPLE&expires_in=3600&user_id=7"
GROUP_ADDRESS = "https://oauth.vk.ru/blank.html#access_token_5=vk1.a.GROUP&expires_in=0"


async def test_a_token_is_pasted() -> None:
    """What it does not say is taken from the old one; it is asked in a thread."""
    renew, threads = asking("  'vk1.a.SAMPLE'\n", "vk1.a.SAMPLE")
    assert await renew(None) == StoredToken(token="vk1.a.SAMPLE")
    # It may be another person's: what it says nothing of is not known, but for what belongs to the record.
    kept = StoredToken(token="vk1.a.SAMPLE", kind=TokenKind.VKID, client_id="51", provider="vkid", extra={"a": "b"})
    assert await renew(OLD) == kept
    assert threads == ["vkauth-ask"] * 2


async def test_an_address_is_pasted() -> None:
    """The final one of the implicit flow, for a person or for the community whose token it was."""
    renew, _ = asking(ADDRESS, ADDRESS.partition("#")[2], GROUP_ADDRESS, ADDRESS)
    for _ in range(2):
        found = await renew(None)
        assert (found.token, found.user_id, found.expires_in, found.kind) == ("vk1.a.SAMPLE", 7, 3600, "user")
        assert found.expires_at is not None
    found = await renew(StoredToken(token="x", kind=TokenKind.GROUP, group_id=5))
    assert (found.token, found.group_id, found.kind) == ("vk1.a.GROUP", 5, "group")
    found = await renew(OLD)
    assert (found.kind, found.client_id, found.extra) == ("user", None, {"a": "b"})


async def test_something_else_is_pasted(no_leaks: LeakScanner) -> None:
    """It is asked three times; a refusal ends it. Nothing of it shows."""
    no_leaks.add("SAMPLE", "токен")
    cut = "https://oauth.vk.com/blank.html#access_token=SAMPLE"
    renew, threads = asking("токен", cut, ADDRESS)
    assert (await renew(None)).token == "vk1.a.SAMPLE"
    renew, threads = asking("токен", "не то", cut, ADDRESS)
    no_leaks.scan(await refused(renew(None), "UNEXPECTED_RESPONSE"))
    assert len(threads) == 3
    renew, threads = asking("https://oauth.vk.com/blank.html#error=access_denied&state=SAMPLE")
    no_leaks.scan(await refused(renew(None), "ACCESS_DENIED"))


async def test_nobody_answers() -> None:
    """The next function is asked; an empty answer is a refusal; a mistake in ``ask`` is a TypeError."""
    renew, _ = asking(EOFError(), "  ", 7, ValueError("sample"))
    await refused(renew(None), "INVALID_GRANT")
    await refused(renew(None), "ACCESS_DENIED")
    with pytest.raises(TypeError, match="ask must return str"):
        await renew(None)
    with pytest.raises(ValueError, match="sample"):
        await renew(None)


async def test_without_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is there."""
    monkeypatch.setattr(sys, "stdin", None)
    await refused(renew_by_asking()(None), "INVALID_GRANT")


ON_TERMINAL = """
import asyncio
from vkauth.tokens import renew_by_asking
print("got", asyncio.run(renew_by_asking()(None)).token)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such terminal")
def test_on_the_terminal() -> None:
    """The question is shown, and the answer is not."""
    import pty

    pid, terminal = pty.fork()
    if not pid:
        os.execv(sys.executable, [sys.executable, "-c", ON_TERMINAL])
    shown = b""
    while b"paste it" not in shown:
        shown += os.read(terminal, 1000)
    os.write(terminal, b"SAMPLE-typed-at-the-terminal\n")
    while b"got SAMPLE-typed-at-the-terminal" not in shown:
        shown += os.read(terminal, 1000)
    assert os.waitpid(pid, 0)[1] == 0
    os.close(terminal)
    assert shown.count(b"SAMPLE-typed-at-the-terminal") == 1


async def test_a_question_that_is_still_open(clock: FakeClock) -> None:
    """Nobody is asked twice at a time: the answer to the open question counts."""
    begun, gate, asked = threading.Event(), threading.Event(), []

    def ask(question: str) -> str:
        asked.append(question)
        begun.set()
        gate.wait(60)
        return "vk1.a.SAMPLE"

    store = MemoryTokenStore()
    await aged(store, clock)
    source = source_of(store, clock, renew_by_asking(ask))
    waiting = asyncio.create_task(source.get())
    await asyncio.to_thread(begun.wait, 60)
    await source.close()
    await refused(waiting, "TIMEOUT")
    waiting = asyncio.create_task(source.get())
    for _ in range(20):
        await asyncio.sleep(0)
    gate.set()
    assert (await waiting).token == "vk1.a.SAMPLE"
    assert len(asked) == 1


async def test_an_answer_that_comes_when_nobody_waits(clock: FakeClock) -> None:
    """It is for the next one who asks."""
    begun, gate, asked = threading.Event(), threading.Event(), list[threading.Thread]()

    def ask(question: str) -> str:
        asked.append(threading.current_thread())
        begun.set()
        gate.wait(60)
        return "vk1.a.SAMPLE"

    source = source_of(MemoryTokenStore(), clock, renew_by_asking(ask))
    waiting = asyncio.create_task(source.get())
    await asyncio.to_thread(begun.wait, 60)
    await source.close()
    await refused(waiting, "TIMEOUT")
    gate.set()
    await asyncio.to_thread(asked[0].join, 60)
    assert (await source.get()).token == "vk1.a.SAMPLE"
    assert len(asked) == 1


# -- stores by their addresses ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:/tmp/x.db", "/tmp/x.db"),
        ("sqlite:////tmp/x.db", "/tmp/x.db"),
        ("SQLite:x.db", "{here}/x.db"),
        ("sqlite:///x.db", "{here}/x.db"),
        ("sqlite:~/x.db", "{home}/x.db"),
        ("x.db", "{here}/x.db"),
        ("a:b.db", "{here}/a:b.db"),
        ("/tmp/a b?c#d.db", "/tmp/a b?c#d.db"),
    ],
)
def test_a_file_by_its_address(url: str, path: str) -> None:
    """With the scheme, as a URL, or its path alone."""
    store = open_token_store(url, seal=Seal(generate_key()))
    assert isinstance(store, SQLiteTokenStore)
    assert repr(store) == f"<SQLiteTokenStore {path.format(here=Path.cwd(), home=Path.home())}>"


def test_other_stores_by_their_addresses(no_leaks: LeakScanner) -> None:
    """A password in one is not shown."""
    no_leaks.add("SAMPLE-password")
    assert isinstance(open_token_store("memory:"), MemoryTokenStore)
    for url, where in (
        ("redis://:SAMPLE-password@127.0.0.1:7/2", "redis://127.0.0.1:7/2"),
        ("rediss://127.0.0.1", "redis://127.0.0.1:6379/0"),
        ("unix:///run/redis.sock?db=1", "unix:///run/redis.sock?db=1"),
    ):
        store = open_token_store(url)
        assert isinstance(store, RedisTokenStore)
        assert repr(store) == f"<RedisTokenStore {where}>"
        no_leaks.scan(store)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "sqlite:",
        "sqlite://x",
        "sqlite:///",
        "sqlite::memory:",
        "redis:x",
        "memory:x",
        "mysql://SAMPLE-password@x",
        7,
    ],
)
def test_no_address(url: Any, no_leaks: LeakScanner) -> None:
    """It is not repeated: it may hold a password."""
    no_leaks.add("SAMPLE-password")
    with pytest.raises((ValueError, TypeError), match="url must be") as caught:
        open_token_store(url)
    no_leaks.scan(caught)


def test_memory_takes_no_seal() -> None:
    """What is asked for and not to be had is an error."""
    with pytest.raises(ValueError, match="seal"):
        open_token_store("memory:", seal=Seal(generate_key()))


@pytest.mark.parametrize(
    "statement",
    [
        "import vkauth.tokens",
        "from vkauth.tokens import *",
        "from vkauth.tokens import SQLiteTokenStore; SQLiteTokenStore('x')",
        "from vkauth.tokens import Seal, KeyringKey; KeyringKey()",
    ],
)
def test_what_is_loaded(statement: str) -> None:
    """C1: none of the extras by itself."""
    program = f"import sys; {statement}; print({{'redis', 'keyring', 'cryptography', 'aiohttp'}} & {{*sys.modules}})"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout == "set()\n"
