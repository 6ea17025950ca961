"""Addresses of stores that mean no store, seals that cannot tell their newest key, and an async ``ask``."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from tokens.samples import token
from vkauth.cli.stores import _read_address
from vkauth.tokens import SQLiteTokenStore, open_token_store, renew_by_asking

PASSWORD = "SAMPLE-hunter2"


@pytest.mark.parametrize(
    "address",
    [
        f'"redis://:{PASSWORD}@localhost/0"',
        f"'redis://:{PASSWORD}@localhost/0'",
        f" redis://:{PASSWORD}@localhost/0",
        f"redis_cluster://:{PASSWORD}@localhost/0",
        f"redis_tls://:{PASSWORD}@localhost/0",
        f"sqlite:redis://:{PASSWORD}@localhost/0",
        f"redis://:123#{PASSWORD}@host/0",
        f"redis://:12/{PASSWORD}@host/0",
        "tokens.db ",
    ],
)
def test_an_address_that_is_none(address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No folder gets a password as its name, and no other server is asked."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match="url must") as caught:
        open_token_store(address)
    assert PASSWORD not in str(caught.value)
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize(
    "address",
    [
        f"rediss://host/0?ssl_password={PASSWORD}",
        f"redis://:12/{PASSWORD}@host/0",
        f"redis://:12#{PASSWORD}@host/0",
        f"redis://{PASSWORD}%40host/0",
        f'"redis://:{PASSWORD}@host/0"',
    ],
)
def test_a_password_as_an_argument(address: str) -> None:
    """S6: others can see it."""
    with pytest.raises(argparse.ArgumentTypeError):
        _read_address(address)


class Plain:
    """A seal of somebody's, with the two methods it needs."""

    async def seal(self, text: str, name: str) -> bytes:
        return b"sealed" + text.encode()

    async def unseal(self, data: bytes, name: str) -> str:
        return data.removeprefix(b"sealed").decode()


async def test_a_seal_that_does_not_tell_its_newest_key(tmp_path: Path) -> None:
    """All is written anew."""
    async with SQLiteTokenStore(tmp_path / "tokens.db", seal=Plain()) as store:
        await store.put("me", token())
        assert await store.reseal() == 1
        assert await store.get("me") is not None


def test_an_async_ask() -> None:
    """It is told at once, not when the token has ended."""

    async def ask(question: str) -> str:
        return question

    with pytest.raises(TypeError, match="sync function"):
        renew_by_asking(ask)  # type: ignore[arg-type]
