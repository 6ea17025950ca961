"""What is at a Redis store's address may be anything."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from redis.asyncio import Redis

from tokens.samples import broken, token
from tokens.servers import RedisProcess
from vkauth.testing import LeakScanner
from vkauth.tokens import RedisTokenStore, Seal, TokenStoreError, generate_key

RUBBISH = {
    "words": b"hello world\r\n",
    "bytes": bytes(range(256)) + b"\r\n",
    "a web server": b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n",
    "nothing": b"\r\n",
    "a number that is none": b":abc\r\n",
    "a number without end": b":" + b"9" * 5000 + b"\r\n",
    "a length that is none": b"$abc\r\n",
    "a length below zero": b"$-5\r\n\r\n",
    "another number": b":7\r\n",
    "an answer to something else": b"+OK\r\n",
    "nil": b"$-1\r\n",
    "no list": b"*-1\r\n",
    "an empty list": b"*0\r\n",
    "a list of lists": b"*4\r\n*0\r\n*0\r\n*0\r\n*0\r\n",
    "a list of errors": b"*4\r\n-ERR a\r\n-ERR b\r\n-ERR c\r\n-ERR d\r\n",
    "a deep list": b"*1\r\n" * 10_000 + b":1\r\n",
    "half a page": b"*1\r\n$1\r\n0\r\n",
    "a page that is none": b"*2\r\n$3\r\nabc\r\n*0\r\n",
    "a page of numbers": b"*2\r\n$1\r\n0\r\n*2\r\n:5\r\n$-1\r\n",
    "a page without end": b"*2\r\n$1\r\n5\r\n*0\r\n",
    "a redirection": b"-MOVED 1 192.0.2.1:5\r\n",
    "an error without words": b"-\r\n",
    "the end": b"",
}


@contextlib.asynccontextmanager
async def somebody(reply: bytes, *, shakes_hands: bool) -> AsyncIterator[str]:
    """A server that answers everything alike, but for the beginning of a connection; its address."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while asked := await reader.read(65536):
                if shakes_hands and b"HELLO" in asked:
                    writer.write(b"%1\r\n+proto\r\n:3\r\n" + b"+OK\r\n" * asked.count(b"CLIENT"))
                elif shakes_hands and b"CLIENT" in asked:
                    writer.write(b"+OK\r\n" * asked.count(b"CLIENT"))
                else:
                    writer.write(reply)
                await writer.drain()
                if not reply:
                    break
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield f"redis://SAMPLE-user:SAMPLE-password@127.0.0.1:{server.sockets[0].getsockname()[1]}/0"


SEAL = Seal(generate_key())


async def locked(store: RedisTokenStore) -> str:
    async with store.lock("me", timeout=0.05):
        return "held"


WORK: dict[str, Callable[[RedisTokenStore], Awaitable[object]]] = {
    "get": lambda store: store.get("me"),
    "put": lambda store: store.put("me", token("SAMPLE-secret")),
    "put_all": lambda store: store.put_all({"me": (token("SAMPLE-secret"), None)}),
    "delete": lambda store: store.delete("me"),
    "keys": lambda store: store.keys(),
    "reseal": lambda store: store.reseal(),
    "lock": locked,
}


@pytest.mark.parametrize("kind", RUBBISH)
@pytest.mark.parametrize("shakes_hands", [False, True], ids=["at once", "later"])
async def test_rubbish(kind: str, shakes_hands: bool, no_leaks: LeakScanner) -> None:
    """Each use ends soon with an error of the store that says what to do, and shows no secret."""
    no_leaks.add("SAMPLE-password", "SAMPLE-secret")
    async with somebody(RUBBISH[kind], shakes_hands=shakes_hands) as url:
        store = RedisTokenStore.from_url(url, timeout=0.1, seal=SEAL)
        for name, work in WORK.items():
            async with asyncio.timeout(60):
                with pytest.raises(TokenStoreError) as caught:
                    await work(store)
            assert caught.value.code in ("STORE_UNAVAILABLE", "STORE_CORRUPT"), name
            assert "127.0.0.1" in caught.value.message
            assert caught.value.advice != "try again"
            no_leaks.scan(caught.value)
        async with asyncio.timeout(60):
            await store.close()


async def test_bytes_where_texts_are_read(redis_url: str) -> None:
    """A record that is no text is damaged, also for a client that decodes."""
    async with Redis.from_url(redis_url, decode_responses=True) as client:
        store = RedisTokenStore(client)
        await store.put("me", token())
        await client.hset("vkauth:token:me", "content", b"\xff\xfe")  # type: ignore[misc]
        await broken(store.get("me"), "STORE_CORRUPT")


async def test_a_server_that_is_full(tmp_path: Path) -> None:
    """Nobody new gets a lock, and is told why; whoever has one can still store a token, and free the lock."""
    with RedisProcess(tmp_path) as server:
        async with Redis.from_url(server.url) as client:
            store = RedisTokenStore(client, lock_lifetime=1000)
            old = await store.put("me", token())
            async with store.lock("me"):
                await client.config_set("maxmemory", 1)
                with pytest.raises(TokenStoreError, match="STORE_UNAVAILABLE") as caught:
                    async with store.lock("other"):
                        pass
                assert "more memory" in caught.value.advice
                assert await store.get("me") == old
                new = await store.put("me", token("SAMPLE-new"), old.version)
            await client.config_set("maxmemory", 0)
            async with store.lock("me", timeout=0), store.lock("other", timeout=0):
                assert await store.get("me") == new


async def test_a_server_that_only_reads(tmp_path: Path) -> None:
    """A copy of another one: what is there can be read, each write says what to do, and later it goes on."""
    with RedisProcess(tmp_path) as server:
        async with Redis.from_url(server.url) as client:
            store = RedisTokenStore(client, lock_lifetime=1000)
            old = await store.put("me", token())
            await client.replicaof("127.0.0.1", "1")  # type: ignore[no-untyped-call]
            for key in ("me", "other"):
                error = await broken(store.put(key, token("SAMPLE-new")), "STORE_UNAVAILABLE")
                assert "this one is a copy" in error.advice
            assert await store.get("me") == old
            assert await store.keys() == ["me"]
            await client.replicaof("NO", "ONE")  # type: ignore[no-untyped-call]
            async with store.lock("me", timeout=0):
                await store.put("me", token("SAMPLE-new"), old.version)
