"""Seals for stores: rotation, names, keys that are wrong or missing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Redis
from tokens.samples import broken, token
from tokens.servers import RedisProcess

from vkauth.sealing import EnvironmentKey, FileKey, Seal, generate_key
from vkauth.testing import LeakScanner
from vkauth.tokens import RedisTokenStore, SQLiteTokenStore, TokenStoreError

ONE, TWO = generate_key(), generate_key()
letters = st.text(st.characters(exclude_categories=("Cs",)), max_size=200)


@given(letters, letters)
async def test_what_was_sealed_opens(text: str, name: str) -> None:
    """Under its name alone."""
    seal = Seal(ONE)
    sealed = await seal.seal(text, name)
    assert await seal.unseal(sealed, name) == text
    await broken(seal.unseal(sealed, name + "x"), "STORE_CORRUPT")
    assert len(text) < 8 or text.encode() not in sealed


@given(st.binary(max_size=200))
async def test_any_bytes(data: bytes) -> None:
    """R1: one of two errors."""
    with pytest.raises(TokenStoreError) as caught:
        await Seal(ONE).unseal(data, "me")
    assert caught.value.code in ("WRONG_KEY", "STORE_CORRUPT")


async def test_rotation() -> None:
    """The first key seals, any opens."""
    old, both, new = Seal(ONE), Seal(TWO, ONE), Seal(TWO)
    sealed = await old.seal("SAMPLE", "me")
    assert await both.unseal(sealed, "me") == "SAMPLE"
    assert not await both.is_newest(sealed)
    assert await new.unseal(await both.seal("SAMPLE", "me"), "me") == "SAMPLE"
    await broken(new.unseal(sealed, "me"), "WRONG_KEY")


async def test_no_secret_shows(no_leaks: LeakScanner) -> None:
    """S1: of keys and of texts, in all that can be seen, errors included."""
    no_leaks.add(ONE, "SAMPLE-text", "SAMPLE-half")
    seal = Seal(ONE)
    sealed = await seal.seal("SAMPLE-text", "me")
    no_leaks.scan(seal, vars(seal), await broken(seal.unseal(sealed[:-1], "me"), "STORE_CORRUPT"))
    no_leaks.scan([await seal.unseal(sealed, "me")])
    wrong: list[tuple[Any, Any]] = [
        (7, "me"),
        ("SAMPLE-half\ud800", "me"),
        ("SAMPLE-text", 7),
        ("SAMPLE-text", "\ud800"),
    ]
    for text, name in wrong:
        with pytest.raises((TypeError, ValueError), match=r"^(text|name) must be") as caught:
            await seal.seal(text, name)
        no_leaks.scan(caught)
    with pytest.raises(TypeError, match="data"):
        await seal.unseal("SAMPLE-text", "me")  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["env:VKAUTH_SAMPLE_KEY", "file:{}"])
async def test_from_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """As the command is told of it."""
    monkeypatch.setenv("VKAUTH_SAMPLE_KEY", ONE)
    (tmp_path / "key").write_text(ONE)
    seal = Seal.from_text(text.format(tmp_path / "key"))
    assert await Seal(ONE).unseal(await seal.seal("SAMPLE", "me"), "me") == "SAMPLE"
    assert "1 keys" in repr(Seal.from_text("keyring"))


async def test_an_older_key_that_cannot_be_had(tmp_path: Path, no_leaks: LeakScanner) -> None:
    """It is fetched when nothing else opens what is there, and only then is it an error that it is missing."""
    no_leaks.add("SAMPLE-text", ONE, TWO)
    three = generate_key()
    missing = FileKey(tmp_path / "key")
    seal = Seal(ONE, missing, TWO)
    sealed = await seal.seal("SAMPLE-text", "me")
    assert await seal.is_newest(sealed)
    assert await seal.unseal(sealed, "me") == "SAMPLE-text"
    assert await seal.unseal(await Seal(TWO).seal("SAMPLE-text", "me"), "me") == "SAMPLE-text"
    by_another = await Seal(three).seal("SAMPLE-text", "me")
    error = await broken(seal.unseal(by_another, "me"), "KEY_UNAVAILABLE")
    assert str(tmp_path) in error.message
    no_leaks.scan(error, seal)
    await broken(seal.unseal(sealed, "you"), "STORE_CORRUPT")
    (tmp_path / "key").write_text(three)
    assert await seal.unseal(by_another, "me") == "SAMPLE-text"
    await broken(seal.unseal(await Seal(generate_key()).seal("SAMPLE-text", "me"), "me"), "WRONG_KEY")
    await broken(Seal(FileKey(tmp_path / "none"), TWO).unseal(by_another, "me"), "KEY_UNAVAILABLE")


# -- in stores -------------------------------------------------------------------------------------------------------


async def test_a_key_that_cannot_be_had(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """T5: nothing is written; when it is there it goes on."""
    path = tmp_path / "tokens.db"
    monkeypatch.delenv("VKAUTH_STORE_KEY", raising=False)
    async with SQLiteTokenStore(path, seal=Seal(EnvironmentKey())) as store:
        for _ in range(2):
            await broken(store.put("me", token()), "KEY_UNAVAILABLE")
        assert [*tmp_path.iterdir()] == []  # noqa: ASYNC240
        monkeypatch.setenv("VKAUTH_STORE_KEY", ONE)
        await store.put("me", token())
        assert await store.get("me") is not None
    async with SQLiteTokenStore(path, seal=Seal(FileKey(tmp_path / "none"))) as store:
        error = await broken(store.get("me"), "KEY_UNAVAILABLE")
        assert error.key == "me"


async def test_no_token_is_in_the_file(tmp_path: Path) -> None:
    """Keys and versions are."""
    async with SQLiteTokenStore(tmp_path / "tokens.db", seal=Seal(ONE)) as store:
        await store.put("my key", token(secret="SAMPLE-secret"))
        found = b"".join(each.read_bytes() for each in tmp_path.iterdir())  # noqa: ASYNC240
    assert b"SAMPLE" not in found
    assert b"my key" in found


async def test_reseal(tmp_path: Path) -> None:
    """Plain ones and those of older keys are written anew, with the same versions; and never twice."""
    path = tmp_path / "tokens.db"
    async with SQLiteTokenStore(path) as plain, SQLiteTokenStore(path, seal=Seal(ONE)) as one:
        await plain.put("plain", token())
        await one.put("one", token())
        with pytest.raises(ValueError, match="without a seal"):
            await plain.reseal()
        await broken(one.get("plain"), "WRONG_KEY")
        await broken(plain.get("one"), "WRONG_KEY")
        before = await plain.get("plain")
        async with SQLiteTokenStore(path, seal=Seal(TWO, ONE)) as both, SQLiteTokenStore(path, seal=Seal(TWO)) as two:
            await both.put("both", token())
            await broken(two.get("one"), "WRONG_KEY")
            assert await both.reseal() == 2
            assert await both.reseal() == 0
            assert await two.get("plain") == before
            assert await two.get("one") is not None
            assert await two.get("both") is not None
        await broken(one.reseal(), "WRONG_KEY")


async def test_reseal_on_a_server(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The same."""
    with RedisProcess(tmp_path_factory.mktemp("redis")) as server:
        async with Redis.from_url(server.url) as client:
            plain, sealed = RedisTokenStore(client), RedisTokenStore(client, seal=Seal(ONE))
            record = await plain.put("me", token())
            assert await sealed.reseal() == 1
            assert await sealed.reseal() == 0
            assert await sealed.get("me") == record
            await broken(plain.get("me"), "WRONG_KEY")


async def test_a_damaged_record_is_not_resealed(tmp_path: Path) -> None:
    """It stays as it is."""
    path = tmp_path / "tokens.db"
    async with SQLiteTokenStore(path) as plain, SQLiteTokenStore(path, seal=Seal(ONE)) as one:
        await plain.put("me", token())
        with plain._rows._file.writing(None) as connection:
            connection.execute("UPDATE records SET version = 7")
        await broken(one.reseal(), "STORE_CORRUPT")
