"""What a traceback with local variables shows of a store whose client shows its password."""

from __future__ import annotations

import traceback
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as NoConnectionError

from tokens.samples import token
from vkauth.tokens import RedisTokenStore, TokenStoreError

SAMPLE = "SAMPLE-hidden-password"


def shown(error: BaseException) -> str:
    """The traceback of an error, with the variables of all frames."""
    return "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())


class Telling:
    """A client as some versions of redis-py have it: it shows all that it was made of."""

    def __repr__(self) -> str:
        return f"<Redis(password={SAMPLE})>"

    async def execute_command(self, *_: object) -> object:
        raise NoConnectionError(SAMPLE)

    eval = execute_command


async def locked(store: RedisTokenStore) -> None:
    async with store.lock("me", timeout=0):
        pass


WORK: dict[str, Callable[[RedisTokenStore], Awaitable[object]]] = {
    "get": lambda store: store.get("me"),
    "put": lambda store: store.put("me", token()),
    "put_all": lambda store: store.put_all({"me": (token(), None)}),
    "delete": lambda store: store.delete("me"),
    "keys": lambda store: store.keys(),
    "settings": lambda store: store.settings(),
    "lock": locked,
}


@pytest.mark.parametrize("work", WORK)
async def test_nothing_of_its_client(work: str) -> None:
    """S1: no variable of any frame is the client, or shows it."""
    store = RedisTokenStore(Telling())  # type: ignore[arg-type]
    with pytest.raises(TokenStoreError) as caught:
        await WORK[work](store)
    assert caught.value.code == "STORE_UNAVAILABLE"
    assert SAMPLE not in shown(caught.value)
    await store.close()


@pytest.mark.parametrize("options", [{"prefix": ""}, {"timeout": -1}, {"lock_lifetime": "long"}])
def test_nothing_of_a_client_of_its_own(options: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """S1: nor if another argument is wrong."""
    monkeypatch.setattr(Redis, "__repr__", Telling.__repr__)
    with pytest.raises((ValueError, TypeError)) as caught:
        RedisTokenStore.from_url(f"redis://:{SAMPLE}@127.0.0.1", **options)
    assert SAMPLE not in shown(caught.value)
