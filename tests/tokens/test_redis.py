"""What is special about a store on a server: what stands there, who else may be asked, and a server that goes away."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from redis.asyncio import Redis
from support import FakeClock

from tokens.samples import broken, token
from tokens.servers import RedisProcess
from vkauth.testing import LeakScanner
from vkauth.tokens import RedisSettings, RedisTokenStore, Seal, TokenStoreError, generate_key
from vkauth.tokens.redis_settings import read_settings


@pytest_asyncio.fixture
async def client(redis_url: str) -> AsyncIterator[Redis]:
    """A client of the test's own."""
    async with Redis.from_url(redis_url) as found:
        yield found


@pytest.fixture
def mortal(tmp_path: Path) -> Iterator[RedisProcess]:
    """A server that may be killed."""
    with RedisProcess(tmp_path) as server:
        yield server


async def test_a_record_is_one_key_without_an_end(redis_store: RedisTokenStore, client: Redis) -> None:
    """It begins with the prefix and ends with the record's key; the one without a name is the store's own."""
    await redis_store.put("my key", token())
    assert sorted(await client.keys()) == [b"vkauth:token:", b"vkauth:token:my key"]
    assert await client.ttl("vkauth:token:my key") == -1
    assert await redis_store.keys() == ["my key"]


async def test_a_lock_has_an_end(redis_store: RedisTokenStore, client: Redis) -> None:
    """So that nobody waits for ever for who has died."""
    async with redis_store.lock("me"):
        assert 0 < await client.pttl("vkauth:lock:me") <= 5000
        assert await redis_store.keys() == []
    assert await client.keys() == []


async def test_another_prefix_is_another_store(client: Redis) -> None:
    """Also if it is a pattern; and what else is on the server is left alone."""
    await client.set("vkauth:tokenx", "SAMPLE")
    one, other = RedisTokenStore(client, prefix="*"), RedisTokenStore(client, prefix="x*")
    await one.put("me", token())
    await other.put("you", token())
    assert (await one.keys(), await other.keys()) == (["me"], ["you"])
    assert not await one.delete("you")


@pytest.mark.parametrize("decode", [False, True])
async def test_settings(mortal: RedisProcess, decode: bool) -> None:
    """They are those that the server says."""
    async with Redis.from_url(mortal.url, decode_responses=decode) as client, RedisTokenStore(client) as store:
        assert await store.settings() == RedisSettings(eviction=None, appendonly=True)
        await client.config_set("maxmemory-policy", "volatile-ttl")
        assert await store.settings() == RedisSettings(eviction=None, appendonly=True)
        await client.config_set("maxmemory", "100mb")
        await client.config_set("appendonly", "no")
        assert await store.settings() == RedisSettings(eviction="volatile-ttl", appendonly=False)


@pytest.mark.parametrize(
    ("info", "expected"),
    [
        ({}, RedisSettings(None, None)),
        ({"maxmemory_policy": "allkeys-lru"}, RedisSettings("allkeys-lru", None)),
        ({"maxmemory_policy": "x" * 99, "maxmemory": 5}, RedisSettings("x" * 40, None)),
        ({"maxmemory_policy": "\x1b[2J", "maxmemory": "?", "aof_enabled": "no"}, RedisSettings(None, None)),
        ({"maxmemory_policy": 5, "maxmemory": 5, "aof_enabled": 0}, RedisSettings(None, False)),
        ({"maxmemory_policy": "allkeys-lru", "maxmemory": 0, "aof_enabled": 1}, RedisSettings(None, True)),
    ],
)
def test_what_a_server_may_say_of_itself(info: dict[object, object], expected: RedisSettings) -> None:
    """Some are proxies that say less, or something else."""
    assert read_settings(info) == expected


@pytest.mark.parametrize("decode", [False, True])
async def test_a_client_that_was_given_is_not_closed(redis_url: str, decode: bool) -> None:
    """It is somebody else's."""
    client = Redis.from_url(redis_url, decode_responses=decode)
    async with RedisTokenStore(client) as store:
        await store.put("ключ", token())
        assert await store.keys() == ["ключ"]
    assert await client.ping()
    await client.aclose()


CHANGES: dict[str, tuple[Any, ...]] = {
    "content": ("HSET", "vkauth:token:me", "content", b"7b7d".decode()),
    "no content": ("HDEL", "vkauth:token:me", "content"),
    "no version": ("HDEL", "vkauth:token:me", "version"),
    "version": ("HSET", "vkauth:token:me", "version", "7"),
    "no number": ("HSET", "vkauth:token:me", "version", b"\xff"),
    "long number": ("HSET", "vkauth:token:me", "version", "9" * 5000),
    "great number": ("HSET", "vkauth:token:me", "version", "9" * 18),
    "small number": ("HSET", "vkauth:token:me", "version", "1"),
    "a word": ("HSET", "vkauth:token:me", "version", "abc"),
    "digest": ("HSET", "vkauth:token:me", "digest", "zz"),
    "time": ("HSET", "vkauth:token:me", "saved_at", "yesterday"),
    "odd": ("HSET", "vkauth:token:me", "content", "7"),
    "text": ("SET", "vkauth:token:me", "SAMPLE"),
    "list": ("RPUSH", "vkauth:token:me", "SAMPLE"),
    "moved": ("RENAME", "vkauth:token:you", "vkauth:token:me"),
}


@pytest.mark.parametrize("kind", CHANGES)
@pytest.mark.parametrize("sealed", [False, True])
async def test_a_damaged_record(client: Redis, kind: str, sealed: bool, no_leaks: LeakScanner) -> None:
    """T3: it is an error that names it, and it stays until it is deleted; no version is given again."""
    no_leaks.add("SAMPLE-token", "SAMPLE-other")
    store = RedisTokenStore(client, seal=Seal(generate_key()) if sealed else None)
    given = [(await store.put("me", token())).version for _ in range(3)]
    await store.put("you", token("SAMPLE-other"))
    if kind in ("text", "list", "moved"):
        await client.delete("vkauth:token:me")
    await client.execute_command(*CHANGES[kind])
    before = await client.dump("vkauth:token:me")
    error = await broken(store.get("me"), "STORE_CORRUPT")
    assert (error.key, error.location) == ("me", store._server.location)
    no_leaks.scan(error, store)
    for expected in (None, 0, 3):
        no_leaks.scan(await broken(store.put("me", token(), expected), "STORE_CORRUPT"))
    assert await client.dump("vkauth:token:me") == before
    assert "me" in await store.keys()
    assert await store.get("new") is None
    assert await store.delete("me")
    assert not await store.delete("me")
    assert await store.get("me") is None
    assert "me" not in await store.keys()
    assert given[-1] < (await store.put("me", token(), expected_version=0)).version < 10


async def test_the_greatest_version_is_lost_too(client: Redis, redis_store: RedisTokenStore) -> None:
    """Then versions go on where nobody has counted so far."""
    for _ in range(3):
        await redis_store.put("me", token())
    for key in (b"vkauth:token:me", b"vkauth:token:"):
        await client.hset(key, "version", "1")  # type: ignore[misc]
    assert await redis_store.delete("me")
    assert (await redis_store.put("me", token())).version > 10**12


async def test_a_record_is_taken_away(client: Redis, redis_store: RedisTokenStore) -> None:
    """As a server without room does: its versions go on, so that nobody with the old one writes over the new one."""
    old = await redis_store.put("me", token())
    await client.delete("vkauth:token:me")
    assert await redis_store.get("me") is None
    new = await redis_store.put("me", token("SAMPLE-new"), expected_version=0)
    assert new.version > old.version
    await broken(redis_store.put("me", token(), expected_version=old.version), "STORE_CONFLICT")


async def test_a_record_of_an_older_form(client: Redis, redis_store: RedisTokenStore) -> None:
    """With another digest: it is not read, and can be deleted."""
    await redis_store.put("me", token())
    await client.hdel("vkauth:token:me", "call")  # type: ignore[misc]
    await client.hset("vkauth:token:me", "digest", "0" * 64)  # type: ignore[misc]
    await broken(redis_store.get("me"), "STORE_CORRUPT")
    assert await redis_store.delete("me")


async def test_one_winner_at_one_moment(redis_url: str) -> None:
    """Also if all of them write the same."""
    stores = [RedisTokenStore.from_url(redis_url) for _ in range(4)]
    for each in stores:
        each._clock = FakeClock()

    async def put(store: RedisTokenStore) -> str:
        try:
            return str((await store.put("me", token(), expected_version=0)).version)
        except TokenStoreError as error:
            return error.code

    found = await asyncio.gather(*map(put, stores))
    assert sorted(found) == ["1", *["STORE_CONFLICT"] * 3]
    assert sorted(await asyncio.gather(*(each.delete("me") for each in stores))) == [False, False, False, True]
    for each in stores:
        await each.close()


@pytest.mark.parametrize("work", ["put", "put_all", "delete"])
async def test_what_is_sent_twice_is_done_once(client: Redis, work: str) -> None:
    """As redis-py does when a connection breaks before the answer is there."""

    class Twice:
        """A client that sends each script twice."""

        connection_pool = client.connection_pool
        execute_command = client.execute_command

        async def eval(self, *arguments: Any) -> object:
            await client.eval(*arguments)
            return await client.eval(*arguments)

    store, plain = RedisTokenStore(Twice()), RedisTokenStore(client)  # type: ignore[arg-type]
    old = await plain.put("me", token())
    if work == "put":
        assert (await store.put("me", token("SAMPLE-new"), old.version)).version == 2
    elif work == "put_all":
        new = token("SAMPLE-new")
        found = await store.put_all({"me": (new, old.version), "you": (new, 0)})
        assert [each.version for each in found] == [2, 2]
    else:
        assert await store.delete("me")
        assert not await store.delete("me")
        assert (await plain.put("me", token())).version == 3


async def test_how_much_is_asked(client: Redis) -> None:
    """One request for each write, and two for all names, however many there are."""
    asked = 0

    class Counting:
        """A client that counts."""

        connection_pool = client.connection_pool

        async def execute_command(self, *arguments: Any) -> object:
            nonlocal asked
            asked += 1
            return await client.execute_command(*arguments)

        async def eval(self, *arguments: Any) -> object:
            nonlocal asked
            asked += 1
            return await client.eval(*arguments)

    store = RedisTokenStore(Counting())  # type: ignore[arg-type]
    for number in range(20):
        await store.put(f"me/{number}", token(), number and None)
    await store.delete("me/7")
    assert asked == 21
    assert len(await store.keys()) == 19
    assert asked == 23
    await store.put_all({f"me/{number}": (token(), None) for number in range(20)})
    assert asked == 24


async def test_a_key_that_is_no_text(client: Redis, redis_store: RedisTokenStore) -> None:
    """Nobody of ours has written it."""
    await client.hset(b"vkauth:token:\xff", mapping={"version": 1})
    await broken(redis_store.keys(), "STORE_CORRUPT")


async def test_nobody_answers(no_leaks: LeakScanner) -> None:
    """The error has where, and not the password; nothing is raised for ever."""
    no_leaks.add("SAMPLE-password", "SAMPLE-token")
    url = "redis://user:SAMPLE-password@127.0.0.1:9/3"
    async with RedisTokenStore.from_url(url, timeout=1.0) as store:
        for work in (store.get("me"), store.put("me", token()), store.keys(), store.delete("me")):
            error = await broken(work, "STORE_UNAVAILABLE")
            assert error.location == "redis://127.0.0.1:9/3"
            assert error.retryable
            no_leaks.scan(error, store)
        with pytest.raises(TokenStoreError):
            async with store.lock("me", timeout=0):
                pass


async def test_somebody_who_never_answers(no_leaks: LeakScanner) -> None:
    """Every request ends, also where the client has no limit of its own, or swallows cancellations."""
    no_leaks.add("SAMPLE-token")
    gate = asyncio.Event()

    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await gate.wait()
        writer.close()

    class Stubborn:
        """What redis-py does in some tries."""

        async def execute_command(self, *_: object) -> object:
            while not gate.is_set():
                try:
                    await gate.wait()
                except asyncio.CancelledError:
                    continue
            return None

        eval = execute_command

    async with await asyncio.start_server(mute, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with Redis.from_url(f"redis://127.0.0.1:{port}") as client:
            for each in (client, Stubborn()):
                store = RedisTokenStore(each, timeout=0.1)  # type: ignore[arg-type]
                no_leaks.scan(await broken(store.put("me", token()), "STORE_UNAVAILABLE"))
                async with asyncio.timeout(60):
                    with pytest.raises(TokenStoreError, match="no answer within"):
                        async with store.lock("me"):
                            pass
        gate.set()
        async with asyncio.timeout(60):
            await store.close()


async def test_it_is_refused_what_it_asks(client: Redis, redis_url: str) -> None:
    """By a server that wants a password, or lets nobody write."""
    store = RedisTokenStore(client)
    await client.acl_setuser("SAMPLE", enabled=True, nopass=True, categories=["+@read"], keys=["*"])
    async with RedisTokenStore.from_url(redis_url.replace("redis://", "redis://SAMPLE:x@")) as reader:
        await store.put("me", token())
        assert await reader.get("me") is not None
        await broken(reader.put("me", token()), "STORE_UNAVAILABLE")
    await client.acl_deluser("SAMPLE")


async def test_killed_and_started_again(mortal: RedisProcess) -> None:
    """In the middle of ``get`` it is an error; then it goes on, and what was written is there."""
    async with RedisTokenStore.from_url(mortal.url, timeout=20.0) as store:
        await store.put("me", token())

        async def ask() -> str:
            try:
                return "there" if await store.get("me") is not None else "lost"
            except TokenStoreError as error:
                return error.code

        asking = [asyncio.create_task(ask()) for _ in range(50)]
        await asyncio.sleep(0)
        await asyncio.to_thread(mortal.kill)
        assert {*await asyncio.gather(*asking)} <= {"there", "STORE_UNAVAILABLE"}
        assert await ask() == "STORE_UNAVAILABLE"
        await asyncio.to_thread(mortal.start)
        assert await ask() == "there"


@pytest.mark.parametrize("again", [True, False])
async def test_killed_inside_a_held_lock(mortal: RedisProcess, again: bool, caplog: pytest.LogCaptureFixture) -> None:
    """Nothing is raised on leaving it, and where the server is back nobody is held up."""
    with caplog.at_level(logging.WARNING):
        async with RedisTokenStore.from_url(mortal.url, timeout=20.0, lock_lifetime=0.3) as store:
            async with store.lock("me"):
                await asyncio.to_thread(mortal.kill)
                await asyncio.sleep(0.25)
                if again:
                    await asyncio.to_thread(mortal.start)
            if again:
                async with store.lock("me", timeout=60):
                    pass
    assert again or "a lock could not be freed" in caplog.text


async def test_a_lock_that_was_lost_frees_nobody_elses(client: Redis, redis_store: RedisTokenStore) -> None:
    """Its random value tells whose it is."""
    async with redis_store.lock("me"):
        await client.set("vkauth:lock:me", "somebody else")
    assert await client.get("vkauth:lock:me") == b"somebody else"


async def test_delete_and_put_at_the_same_time(client: Redis) -> None:
    """Who expects the version that was deleted just now is refused."""
    store = RedisTokenStore(client)
    record = await store.put("me", token())
    row = await store._server.read("me")
    assert row is not None
    await store.delete("me")
    assert not await store._server.replace("me", row, b"x")
    await broken(store.put("me", token(), expected_version=record.version), "STORE_CONFLICT")


def test_in_another_event_loop(redis_url: str) -> None:
    """Connections are those of one loop: in another it works, or says that it does not."""
    store = RedisTokenStore.from_url(redis_url)

    async def use() -> str:
        try:
            await store.put("me", token())
        except TokenStoreError as error:
            return error.code
        return "written"

    async def close() -> None:
        await store.close()

    assert asyncio.run(both(use, close)) == "written"
    assert asyncio.run(both(use, close)) == "written"


async def both(use: Any, close: Any) -> str:
    """Use it, then close it."""
    found: str = await use()
    await close()
    return found


WRONG: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"url": "http://127.0.0.1"}, ValueError, "url"),
    ({"url": "SAMPLE-password"}, ValueError, "url"),
    ({"url": "redis://127.0.0.1:SAMPLE-password/x"}, ValueError, "url"),
    ({"url": b"redis://127.0.0.1"}, TypeError, "url"),
    ({"prefix": ""}, ValueError, "prefix"),
    ({"prefix": 7}, TypeError, "prefix"),
    ({"timeout": 0}, ValueError, "timeout"),
    ({"lock_lifetime": "x"}, TypeError, "lock_lifetime"),
]


@pytest.mark.parametrize(("options", "kind", "name"), WRONG)
def test_wrong_arguments(options: dict[str, Any], kind: type[Exception], name: str, no_leaks: LeakScanner) -> None:
    """Each is named, and not repeated: an address may hold a password."""
    no_leaks.add("SAMPLE-password")
    with pytest.raises(kind, match=name) as caught:
        RedisTokenStore.from_url(**{"url": "redis://127.0.0.1"} | options)
    no_leaks.scan(caught)


def test_no_client() -> None:
    """It is named as well."""
    with pytest.raises(TypeError, match="client must be redis"):
        RedisTokenStore("redis://127.0.0.1")  # type: ignore[arg-type]
