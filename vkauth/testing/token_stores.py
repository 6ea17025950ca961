"""What every token store promises, as one check: for those of this library and for your own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone
from inspect import isawaitable
from typing import Any, Final, TypeAlias

from vkauth.errors import AuthErrorCode, TokenStoreError

__all__ = ["check_token_store"]

_LIMIT: Final = 120.0  # seconds for each promise: dozens of writes, each of which a slow disk may take its time for
_AT_ONCE: Final = 1.0  # seconds for what waits for nobody
_TRIES: Final = 5  # of what a machine that stands still for a moment may delay
_SOON: Final = 0.05  # seconds in which nothing must happen
_BIG: Final = 8 * 1024
_ODD_KEYS: Final = (
    " ", "*", "a/b", "a", "A", "a*", "[a]", "../up", "C:\\file", "line\nend", "tab\t", "nul\0", "ключ", "鍵", "😀", "'",
    '"', "%s", "{}", "k" * 512, "я" * 512,
)  # fmt: skip

_WRONG_KEYS: Final = (("", ValueError), ("k" * 513, ValueError), (None, TypeError), (1, TypeError), (b"a", TypeError))
_NO_TOKENS: Final[tuple[Any, ...]] = ("sample-token", None, {})

MakeStore: TypeAlias = Callable[[], Any]
_Check: TypeAlias = Callable[["_Stores"], Coroutine[Any, Any, None]]


async def check_token_store(make_store: MakeStore, *, lock_lifetime: float | None = None) -> None:
    """Check that a token store does all that a :class:`~vkauth.tokens.TokenStore` promises.

    Args:
        make_store: gives another handle on one and the same storage, which is empty at first; sync or async. All of
            them are closed at the end.
        lock_lifetime: seconds for which a lock of this store outlives its holder's last sign of life: then it is
            checked, too, that a holder who is alive keeps it for longer.

    Raises:
        AssertionError: a promise is broken; the message says which one. What takes longer than two minutes is a broken
            promise, too.
    """
    checks: list[_Check] = [
        _every_field, _big_tokens, _versions, _expected_versions, _one_winner, _no_lost_update, _keys, _odd_keys,
        _wrong_arguments, _locks_exclude, _locks_end, _locks_differ, _locks_of_those_who_wait, _closing,
    ]  # fmt: skip
    if lock_lifetime is not None:
        checks.append(_held_for_longer(lock_lifetime))
    for check in checks:
        limit = _LIMIT + 4 * (lock_lifetime or 0)
        stores = _Stores(make_store)
        try:
            await _within(limit, check(stores), "this")
        finally:
            await _within(limit, stores.close(), "close")


async def _within(limit: float, work: Coroutine[Any, Any, None], what: str) -> None:
    """Do work of one promise, and leave what does not end, not even by being cancelled.

    Raises:
        AssertionError: the promise is broken.
    """
    name = what if what == "close" else _name(work)
    task = asyncio.ensure_future(work)
    try:
        done, _ = await asyncio.wait([task], timeout=limit)
    finally:
        task.cancel()
    if not done:
        await asyncio.wait([task], timeout=_SOON)
        task.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
        raise AssertionError(f"{name}: {what} did not end within {limit:g} s")
    failure: AssertionError | None = None
    try:
        task.result()
    except AssertionError as broken:
        failure = AssertionError(f"{name}: {broken}")
    except asyncio.CancelledError:
        failure = AssertionError(f"{name}: it was cancelled from inside")
    except Exception as error:
        raise AssertionError(f"{name}: {type(error).__name__}: {error}") from error
    if failure is not None:
        raise failure


def _name(work: Coroutine[Any, Any, None]) -> str:
    return str(getattr(work, "__name__", "")).strip("_").replace("_", " ")


class _Stores:
    """Handles on one storage."""

    def __init__(self, make: MakeStore) -> None:
        self._make = make
        self._made: list[Any] = []

    async def another(self) -> Any:
        made = self._make()
        store = await made if isawaitable(made) else made
        self._made.append(store)
        return store

    async def close(self) -> None:
        for each in self._made:
            await each.close()


def _require(condition: object, promise: str) -> None:
    if not condition:
        raise AssertionError(promise)


def _token(text: str = "sample-token", **fields: Any) -> Any:
    from vkauth.tokens.values import StoredToken

    return StoredToken(token=text, **fields)


@asynccontextmanager
async def _refused(code: AuthErrorCode, promise: str) -> AsyncIterator[None]:
    try:
        yield
    except TokenStoreError as error:
        _require(error.code is code, f"{promise} (it was {error.code})")
    else:
        raise AssertionError(promise)


async def _every_field(stores: _Stores) -> None:
    """Every field of every kind comes back, by another handle too."""
    from vkauth.cookies import Cookie, Cookies
    from vkauth.token_info import TokenKind

    first, second = await stores.another(), await stores.another()
    full = _token(
        "sample-token",
        user_id="person-1",
        group_id=101,
        expires_in=3600,
        expires_at=datetime(2030, 1, 2, 3, 4, 5, 678901, timezone(timedelta(hours=3))),
        scope="friends wall",
        email="ключ@mail.example",
        refresh_token="sample-refresh",  # noqa: S106
        refresh_expires_at=datetime(2031, 1, 1, tzinfo=UTC),
        id_token="sample.id.token",  # noqa: S106
        token_type="bearer",  # noqa: S106
        device_id="sample-device",
        client_id="7000001",
        provider="kakao",
        secret="sample-secret",  # noqa: S106
        trusted_hash="sample-hash",
        cookies=Cookies((Cookie(name="remixsid", value="sample", domain="vk.ru"),)),
        extra={"note": "a\nb\0😀", "": ""},
    )
    tokens = [_token(), full, *(replace(full, kind=kind) for kind in TokenKind)]
    for number, token in enumerate(tokens):
        key = f"field {number}"
        written = await first.put(key, token)
        for store in (first, second):
            record = await store.get(key)
            _require(record is not None, "what was put must be there, by every handle")
            for each in fields(token):
                same = getattr(record.token, each.name) == getattr(token, each.name)
                _require(same, f"the field {each.name} must come back as it was put")
            _require(record.key == key, "a record must say its key")
            _require(record.version == written.version, "get must give the version that put gave")
            _require(record.saved_at == written.saved_at, "get must give the time that put gave")
            _require(record.saved_at.utcoffset() is not None, "saved_at must be aware")


async def _big_tokens(stores: _Stores) -> None:
    store = await stores.another()
    token = _token("t" * _BIG, refresh_token="r" * _BIG)
    await store.put("big", token)
    record = await store.get("big")
    _require(record is not None and record.token == token, f"tokens of {_BIG} bytes must come back")


async def _versions(stores: _Stores) -> None:
    first, second = await stores.another(), await stores.another()
    seen = [(await store.put("v", _token())).version for store in (first, second, first)]
    _require(await second.delete("v"), "delete must say that there was something")
    _require(not await first.delete("v"), "delete must say that there was nothing")
    _require(await first.get("v") is None, "what was deleted must be gone")
    seen += [(await store.put("v", _token())).version for store in (second, first)]
    _require(all(isinstance(each, int) and each > 0 for each in seen), "versions must be positive numbers")
    _require(len(set(seen)) == len(seen), "a version must never be given twice for one key, not even after a deletion")


async def _expected_versions(stores: _Stores) -> None:
    first, second = await stores.another(), await stores.another()
    conflict = AuthErrorCode.STORE_CONFLICT
    async with _refused(conflict, "a version must not be found where nothing is"):
        await first.put("e", _token(), expected_version=1)
    made = await first.put("e", _token("a"), expected_version=0)
    async with _refused(conflict, "0 must mean that there is nothing"):
        await second.put("e", _token("b"), expected_version=0)
    newer = await second.put("e", _token("c"), expected_version=made.version)
    async with _refused(conflict, "an old version must be refused"):
        await first.put("e", _token("d"), expected_version=made.version)
    record = await first.get("e")
    _require(record == newer, "what was refused must not be written")
    await first.delete("e")
    async with _refused(conflict, "the version of what was deleted must be refused"):
        await second.put("e", _token("f"), expected_version=newer.version)
    await second.put("e", _token("g"), expected_version=0)


async def _one_winner(stores: _Stores) -> None:
    handles = [await stores.another() for _ in range(4)]

    async def compete(number: int) -> bool:
        try:
            await handles[number % 4].put("race", _token(f"token-{number}"), expected_version=0)
        except TokenStoreError as error:
            _require(error.code is AuthErrorCode.STORE_CONFLICT, f"who loses must get STORE_CONFLICT, not {error.code}")
            return False
        return True

    won = await asyncio.gather(*map(compete, range(12)))
    _require(sum(won) == 1, f"of concurrent puts that expect the same, one must win ({sum(won)} did)")
    record = await handles[0].get("race")
    _require(record.token.token == f"token-{won.index(True)}", "the winner's token must be there")


async def _no_lost_update(stores: _Stores) -> None:
    handles = [await stores.another() for _ in range(4)]
    await handles[0].put("sum", _token("0"))

    async def add(number: int) -> None:
        store = handles[number % 4]
        while True:
            record = await store.get("sum")
            try:
                await store.put("sum", _token(str(int(record.token.token) + 1)), expected_version=record.version)
            except TokenStoreError as error:
                _require(error.code is AuthErrorCode.STORE_CONFLICT, f"a conflict must not be {error.code}")
            else:
                return

    await asyncio.gather(*map(add, range(12)))
    record = await handles[0].get("sum")
    _require(record.token.token == "12", f"no update may be lost (of 12 there were {record.token.token})")


async def _keys(stores: _Stores) -> None:
    first, second = await stores.another(), await stores.another()
    before = await first.keys()
    for key in ("key b", "key a", "key c"):
        await first.put(key, _token())
    await second.delete("key c")
    async with second.lock("key d"):
        found = await second.keys()
    _require(found == sorted(found), "keys must be sorted")
    _require(set(found) - set(before) == {"key a", "key b"}, "keys must be those of what is kept, and no others")


async def _odd_keys(stores: _Stores) -> None:
    first, second = await stores.another(), await stores.another()
    for number, key in enumerate(_ODD_KEYS):
        await first.put(key, _token(f"odd-{number}"))
    for number, key in enumerate(_ODD_KEYS):
        record = await second.get(key)
        right = record is not None and record.token.token == f"odd-{number}" and record.key == key
        _require(right, f"the key {key[:20]!r} must have a record of its own")
    _require(set(_ODD_KEYS) <= set(await second.keys()), "keys must list odd ones as they were given")
    for key in _ODD_KEYS:
        _require(await first.delete(key), f"the key {key[:20]!r} must be deleted")


async def _wrong_arguments(stores: _Stores) -> None:
    store = await stores.another()
    calls: list[Callable[[Any], Awaitable[object]]] = [
        store.get, store.delete, lambda key: store.put(key, _token()), lambda key: store.lock(key).__aenter__()
    ]  # fmt: skip
    for call in calls:
        for key, kind in _WRONG_KEYS:
            try:
                await call(key)
            except kind:
                continue
            except Exception as error:
                raise AssertionError(f"a wrong key must be {kind.__name__}, not {type(error).__name__}") from error
            raise AssertionError(f"a wrong key must be {kind.__name__}, and was taken")
    for token in _NO_TOKENS:
        try:
            await store.put("wrong", token)
        except TypeError:
            continue
        raise AssertionError("put must take a StoredToken alone")


async def _locks_exclude(stores: _Stores) -> None:
    handles = [await stores.another() for _ in range(3)]
    inside = most = 0

    async def enter(number: int) -> None:
        nonlocal inside, most
        async with handles[number % 3].lock("lock"):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0.002)
            inside -= 1

    await asyncio.gather(*map(enter, range(9)))
    _require(most == 1, f"a lock must exclude all others ({most} had it)")
    async with handles[0].lock("lock"):
        for store in handles:
            started = time.monotonic()
            async with _refused(AuthErrorCode.LOCK_TIMEOUT, "a lock that others have must be LOCK_TIMEOUT in the end"):
                await _taken(store, "lock", _SOON)
            _require(time.monotonic() - started >= _SOON * 0.9, "a lock must be waited for as long as was said")


async def _taken(store: Any, key: str, timeout: float) -> None:
    async with store.lock(key, timeout=timeout):
        pass


async def _locks_end(stores: _Stores) -> None:
    first, second = await stores.another(), await stores.another()

    async def hold(inside: asyncio.Event) -> None:
        async with first.lock("end"):
            inside.set()
            await asyncio.Event().wait()

    with suppress(KeyError):
        async with first.lock("end"):
            raise KeyError("sample")
    await _taken(second, "end", _LIMIT)
    fastest = _LIMIT
    for _ in range(_TRIES):
        inside = asyncio.Event()
        holder = asyncio.create_task(hold(inside))
        await inside.wait()
        holder.cancel()
        await asyncio.wait([holder])
        _require(holder.cancelled(), "a lock must not swallow a cancellation")
        started = time.monotonic()
        async with second.lock("end", timeout=_LIMIT):
            fastest = min(fastest, time.monotonic() - started)
        if fastest < _AT_ONCE:
            return
    raise AssertionError("a lock must end when its holder is cancelled")


async def _locks_differ(stores: _Stores) -> None:
    first, second = await stores.another(), await stores.another()
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(first.lock("one"))
        await stack.enter_async_context(second.lock("two", timeout=_LIMIT))
        await stack.enter_async_context(first.lock("on", timeout=_LIMIT))
        await first.put("one", _token())
        await second.put("one", _token())  # a lock is among those who ask for it, and not for the record


async def _locks_of_those_who_wait(stores: _Stores) -> None:
    first, second = await stores.another(), await stores.another()

    async def take(store: Any) -> None:
        async with store.lock("wait"):
            pass

    async with first.lock("wait"):
        waiting = [asyncio.create_task(take(store)) for store in (first, second, first, second)]
        await asyncio.sleep(_SOON)
        _require(not any(each.done() for each in waiting), "a lock must exclude all others")
        for each in waiting[:2]:
            each.cancel()
        await asyncio.wait(waiting[:2])
    await asyncio.gather(*waiting[2:])  # they get it all the same
    await _taken(second, "wait", _LIMIT)


async def _closing(stores: _Stores) -> None:
    first, second = await stores.another(), await stores.another()
    await first.put("close", _token())
    await first.close()
    await first.close()
    record = await second.get("close")
    _require(record is not None, "to close a handle must take nothing away from another one")
    async with await stores.another() as third:
        _require(await third.get("close") == record, "what was put must be there after its handle was closed")


def _held_for_longer(lifetime: float) -> _Check:
    async def a_holder_who_is_alive(stores: _Stores) -> None:
        first, second = await stores.another(), await stores.another()
        kept = _refused(AuthErrorCode.LOCK_TIMEOUT, "a holder who is alive must keep the lock beyond its lifetime")
        async with first.lock("long"), kept:
            await _taken(second, "long", 2.5 * lifetime)

    return a_holder_who_is_alive
