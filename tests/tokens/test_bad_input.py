"""Whatever is wrong with a store, a key or a renewal: a typed error that says what to do, and nothing is lost."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from support import FakeClock, refused

from tokens.renewing import KEY, Service, aged, source_of
from tokens.samples import broken, token
from vkauth import AuthError, AuthErrorCode
from vkauth.integrations._calls import Helper
from vkauth.testing import LeakScanner
from vkauth.tokens import (
    FileKey,
    KeyringKey,
    MemoryTokenStore,
    RedisTokenStore,
    Seal,
    SQLiteTokenStore,
    StaticTokenSource,
    StoredToken,
    StoredTokenSource,
    TokenStoreError,
    generate_key,
)

Store: TypeAlias = SQLiteTokenStore | RedisTokenStore
Make: TypeAlias = Callable[..., Store]

# Visibly made up, and right in form.
KEYS = [generate_key() for _ in range(3)]


@pytest.fixture(params=["sqlite", "redis"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Make:
    """Makes a handle on one and the same storage."""
    if request.param == "sqlite":
        return lambda seal=None: SQLiteTokenStore(tmp_path / "tokens.db", seal=seal, lock_lifetime=5)
    url = request.getfixturevalue("redis_url")
    return lambda seal=None: RedisTokenStore.from_url(url, seal=seal, lock_lifetime=5)


def at_link(folder: Path) -> Path:
    (folder / "one").symlink_to("two")
    (folder / "two").symlink_to("one")
    return folder / "one"


def at_device(folder: Path) -> Path:
    (folder / "link").symlink_to("/dev/null")
    return folder / "link"


def at_pipe(folder: Path) -> Path:
    os.mkfifo(folder / "pipe")
    return folder / "pipe"


def in_file(folder: Path) -> Path:
    (folder / "file").write_bytes(b"")
    return folder / "file" / "tokens.db"


def newer(folder: Path) -> Path:
    async def make() -> None:
        async with SQLiteTokenStore(folder / "tokens.db") as store:
            await store.put(KEY, token())

    asyncio.run(make())
    connection = sqlite3.connect(folder / "tokens.db")
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    return folder / "tokens.db"


def older(folder: Path) -> Path:
    path = newer(folder)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 1")
    connection.close()
    return path


def written(content: bytes) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        (folder / "tokens.db").write_bytes(content)
        return folder / "tokens.db"

    return write


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no such files here")
@pytest.mark.parametrize(
    ("place", "code", "advice"),
    [
        (at_link, "STORE_UNAVAILABLE", "links"),
        (at_device, "STORE_UNAVAILABLE", "another path"),
        (at_pipe, "STORE_UNAVAILABLE", "another path"),
        (in_file, "STORE_UNAVAILABLE", "another path"),
        (lambda folder: folder, "STORE_UNAVAILABLE", "another path"),
        (lambda folder: folder / ("x" * 300), "STORE_UNAVAILABLE", "another path"),
        (written(b"SAMPLE text"), "STORE_CORRUPT", "another program's"),
        (newer, "STORE_CORRUPT", "newer vkauth"),
        (older, "STORE_CORRUPT", "move the file away"),
    ],
    ids=["links in a circle", "a device", "a pipe", "in a file", "a folder", "too long", "foreign", "newer", "older"],
)
def test_what_is_no_store(tmp_path: Path, place: Callable[[Path], Path], code: str, advice: str) -> None:
    """Each use ends at once, names the store and says what helps."""
    path = place(tmp_path)

    async def use(work: Callable[[SQLiteTokenStore], Awaitable[object]]) -> TokenStoreError:
        async with asyncio.timeout(60), SQLiteTokenStore(path) as store:
            return await broken(work(store), code)

    for work in (lambda store: store.get(KEY), lambda store: store.put(KEY, token()), lambda store: store.keys()):
        error = asyncio.run(use(work))
        assert str(path) in error.message
        assert advice in error.advice


async def test_a_newer_format_in_the_log(tmp_path: Path) -> None:
    """The file itself has the old number still, as somebody is reading it."""
    path = tmp_path / "tokens.db"
    async with SQLiteTokenStore(path) as store:
        await store.put(KEY, token())
        connection = sqlite3.connect(path)
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        connection.execute("PRAGMA user_version = 99")
        async with SQLiteTokenStore(path) as other:
            error = await broken(other.put(KEY, token()), "STORE_CORRUPT")
        connection.close()
    assert "newer vkauth" in error.advice


async def damage(store: Store) -> None:
    """Flip a bit of a record."""
    if isinstance(store, RedisTokenStore):
        client: Any = store._server._client
        found = await client.hget("vkauth:token:me", "content")
        await client.hset("vkauth:token:me", "content", found[:-1] + (b"0" if found[-1:] != b"0" else b"1"))
        return
    connection = sqlite3.connect(store._path)
    (content,) = connection.execute("SELECT content FROM records WHERE content IS NOT NULL").fetchone()
    with connection:
        changed = content[:-1] + bytes([content[-1] ^ 1])
        connection.execute("UPDATE records SET content = ? WHERE content IS NOT NULL", [changed])
    connection.close()


@pytest.mark.parametrize(
    ("before", "now", "code", "advice"),
    [
        (None, None, "STORE_CORRUPT", "log in again"),
        ([0], [0], "STORE_CORRUPT", "log in again"),
        ([0], [1], "WRONG_KEY", "give the key"),
        ([0], [1, 2], "WRONG_KEY", "give the key"),
        ([0], None, "WRONG_KEY", "give the key"),
        (None, [0], "WRONG_KEY", "give the key"),
    ],
    ids=["damaged", "damaged and sealed", "wrong", "rotated too soon", "no key", "not sealed"],
)
async def test_what_cannot_be_read_is_not_renewed_over(
    make: Make,
    clock: FakeClock,
    before: list[int] | None,
    now: list[int] | None,
    code: str,
    advice: str,
    no_leaks: LeakScanner,
) -> None:
    """Its refresh token may be the only one: it stays, nobody is asked, no lock is left; the right key reads it."""

    def seal(keys: list[int] | None) -> Seal | None:
        return None if keys is None else Seal(*(KEYS[each] for each in keys))

    no_leaks.add(*KEYS, "SAMPLE-old", "SAMPLE-refresh-old")
    service = Service(clock)
    first = make(seal(before))
    old = await aged(first, clock)
    if code == "STORE_CORRUPT":
        await damage(first)
    async with make(seal(now)) as store, source_of(store, clock, service.renew) as source:
        for work in (source.get, source.refresh, source.get):
            error = await broken(work(), code)
            assert advice in error.advice
            assert "'me'" in error.message
            no_leaks.scan(error)
        async with store.lock(KEY, timeout=0):
            assert service.asked == []
    if code == "WRONG_KEY":
        async with make(seal([2, 1, 0] if before else None)) as right:
            record = await right.get(KEY)
            assert record is not None
            assert record.token == old
    await first.close()


class Outcomes:
    """Ways in which a renewal can end, but for the good one."""

    def __init__(self) -> None:
        self.asked = 0
        self.hanging = asyncio.Event()

    async def fails(self) -> object:
        raise AuthError(AuthErrorCode.AUTHORIZATION_FAILED, "no")

    async def breaks(self) -> object:
        raise ZeroDivisionError

    async def gives_rubbish(self) -> object:
        return {"token": "SAMPLE"}

    async def gives_nothing(self) -> object:
        return None

    async def hangs(self) -> object:
        return await self.hanging.wait()

    async def is_cancelled(self) -> object:
        raise asyncio.CancelledError


WAYS = {
    "fails": "AUTHORIZATION_FAILED",
    "breaks": ZeroDivisionError,
    "gives_rubbish": TypeError,
    "gives_nothing": TypeError,
    "hangs": "TIMEOUT",
    "is_cancelled": "TIMEOUT",
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("sealed", [False, True])
async def test_a_renewal_that_goes_wrong(make: Make, clock: FakeClock, way: str, sealed: bool) -> None:
    """All who wait hear of it, the record stays, nobody has the lock, and the next one may do it."""
    outcomes, seal = Outcomes(), Seal(KEYS[0]) if sealed else None

    async def renew(_old: StoredToken | None) -> Any:
        outcomes.asked += 1
        return await getattr(outcomes, way)()

    async with make(seal) as store, make(seal) as other:
        old = await aged(store, clock)
        source = source_of(store, clock, renew, timeout=0.3 if WAYS[way] == "TIMEOUT" else 10.0)
        async with asyncio.timeout(60):
            found = await asyncio.gather(*(source.get() for _ in range(20)), return_exceptions=True)
        wanted = WAYS[way]
        for each in found:
            assert isinstance(each, wanted) if isinstance(wanted, type) else isinstance(each, AuthError)
            assert isinstance(wanted, type) or (isinstance(each, AuthError) and each.code == wanted)
        assert outcomes.asked == 1
        await source.close()
        record = await other.get(KEY)
        assert record is not None
        assert record.token == old
        async with other.lock(KEY, timeout=20):
            pass
        async with source_of(other, clock, Service(clock).renew) as another:
            assert (await another.get()).token == "SAMPLE-new-1"


async def test_a_key_in_a_pipe(tmp_path: Path) -> None:
    """Nobody may ever write into it: it is not waited for."""
    if not hasattr(os, "mkfifo"):
        pytest.skip("there are no such files here")
    async with SQLiteTokenStore(tmp_path / "x.db", seal=Seal(FileKey(at_pipe(tmp_path)))) as store:
        async with asyncio.timeout(60):
            error = await broken(store.put(KEY, token()), "KEY_UNAVAILABLE")
        assert "not an ordinary file" in error.message


async def test_a_key_behind_a_link(tmp_path: Path) -> None:
    """It is made where the link leads, and the link stays one."""
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "keys" / "key")
    async with SQLiteTokenStore(tmp_path / "x.db", seal=Seal(FileKey(link, create=True))) as store:
        await store.put(KEY, token())
    assert link.is_symlink()
    async with SQLiteTokenStore(tmp_path / "x.db", seal=Seal(FileKey(tmp_path / "keys" / "key"))) as store:
        assert await store.get(KEY) is not None


async def test_a_keyring_without_a_backend(make: Make, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """T5: a source says so each time, writes nothing, and does not ask again for the token that it could not store."""
    keyring = pytest.importorskip("keyring")
    from keyring.backends.fail import Keyring

    before = keyring.get_keyring()
    keyring.set_keyring(Keyring())
    try:
        service = Service(clock)
        async with make(Seal(KeyringKey())) as store, make() as plain:
            async with StoredTokenSource(store, KEY, service.renew, clock=clock) as source:
                for _ in range(2):
                    error = await broken(source.put(token()), "KEY_UNAVAILABLE")
                    assert "keyring" in error.message
                    await refused(source.get(), "KEY_UNAVAILABLE")
            assert await plain.keys() == []
            assert len(service.asked) == 1
    finally:
        keyring.set_keyring(before)


HALF_MADE: list[Any] = [
    lambda: SQLiteTokenStore(7),  # type: ignore[arg-type]
    lambda: RedisTokenStore("SAMPLE-secret"),  # type: ignore[arg-type]
    lambda: StoredTokenSource("SAMPLE-secret", "me"),  # type: ignore[arg-type]
    lambda: StaticTokenSource(7),  # type: ignore[arg-type]
    lambda: Seal(7),  # type: ignore[arg-type]
    lambda: Helper("SAMPLE-secret", None, None),  # type: ignore[arg-type]
]


@pytest.mark.parametrize("make", HALF_MADE)
def test_a_traceback_of_a_wrong_argument(make: Callable[[], object], no_leaks: LeakScanner) -> None:
    """It can be shown with what is in variables, the object that was not finished among them."""
    no_leaks.add("SAMPLE-secret")
    with pytest.raises(TypeError) as caught:
        make()
    shown = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    assert any("self" in (frame.locals or {}) for frame in shown.stack)
    no_leaks.scan(caught.value)


@pytest.mark.parametrize("wrong", [{"token": "SAMPLE-secret"}, ["SAMPLE-secret"], "SAMPLE-secret", b"SAMPLE-secret"])
async def test_what_is_no_token(make: Make, wrong: Any, no_leaks: LeakScanner) -> None:
    """A store takes tokens alone, and shows nothing of what else it was given."""
    no_leaks.add("SAMPLE-secret")
    for store in (make(), MemoryTokenStore()):
        with pytest.raises(TypeError) as caught:
            await store.put(KEY, wrong)
        no_leaks.scan(caught.value)
