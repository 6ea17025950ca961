"""``--save NAME``: what a login gives is stored, and the store is tried before anybody is asked for a password."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli.conftest import LOGIN, PASSWORD, Command, Visitor, on_terminal
from cli.keeping import APP, BACK, Shelf
from vkauth.testing import LeakScanner, VKSimulator

DIRECT = ("login", "direct", "--app", "android")
ANDROID = "2274003"


async def test_s6_a_token_is_stored_instead_of_printed(
    at_simulator: VKSimulator, shelf: Shelf, command: Command
) -> None:
    """S6, S5: standard output is empty, the password nowhere in the store, and what comes next is told."""
    at_simulator.add_account(login=LOGIN)
    done = await command(*DIRECT, "--save", "me")
    assert (done.code, done.out) == (0, ""), done.err
    assert "Stored as me; " in done.err
    assert done.err.splitlines()[-1] == "To use it:  vkauth token me"
    token = await shelf.get("me")
    assert (token.kind, token.user_id, token.client_id) == ("user", 100001, ANDROID)
    assert token.token in at_simulator.issued
    LeakScanner(at_simulator.issued).text(done.err, "standard error")
    assert (await command("token", "me")).out == f"{token.token}\n"
    for path in shelf.path.parent.iterdir():
        assert PASSWORD.encode() not in path.read_bytes()


async def test_saved_as_json(at_simulator: VKSimulator, shelf: Shelf, command: Command) -> None:
    """What is kept, without secrets."""
    at_simulator.add_account(login=LOGIN)
    done = await command(*DIRECT, "--save", "me", "--json")
    assert done.code == 0, done.err
    assert json.loads(done.out)["name"] == "me"
    LeakScanner(at_simulator.issued).text(done.out + done.err, "the output")


async def test_a_token_takes_the_place_of_the_last_one(
    at_simulator: VKSimulator, shelf: Shelf, command: Command
) -> None:
    """A login is the newest there is."""
    at_simulator.add_account(login=LOGIN)
    await shelf.put("me")
    assert (await command(*DIRECT, "--save", "me")).code == 0
    assert (await shelf.get("me")).token in at_simulator.issued


@pytest.mark.parametrize("way", ["user", "browser"])
async def test_ways_to_a_user_token(
    at_simulator: VKSimulator, visitor: Visitor, shelf: Shelf, command: Command, way: str
) -> None:
    """The web login, and the person's own browser."""
    at_simulator.add_account(login=LOGIN)
    done = await command("login", way, "--app", "android", "--save", "me", answers=[lambda: visitor.address])
    assert (done.code, done.out) == (0, ""), done.err
    assert (await shelf.get("me")).client_id == ANDROID


async def test_vk_id_is_renewed_from_then_on(
    at_simulator: VKSimulator, visitor: Visitor, shelf: Shelf, command: Command
) -> None:
    """With its application, its device and its refresh token."""
    at_simulator.add_account(login=LOGIN)
    done = await command(
        *("login", "vkid", "--client-id", str(APP), "--redirect-uri", BACK, "--save", "me"),
        answers=[lambda: visitor.address],
    )
    assert (done.code, done.out) == (0, ""), done.err
    await shelf.end("me")
    done = await command("token", "me")
    assert done.code == 0, done.err
    assert done.out.strip() in at_simulator.issued


@pytest.mark.parametrize("way", ["groups", "browser"])
async def test_communities_are_stored_one_by_one(
    at_simulator: VKSimulator, visitor: Visitor, shelf: Shelf, command: Command, way: str
) -> None:
    """As NAME/ID each; those that came, even if one did not."""
    at_simulator.add_account(login=LOGIN, groups=(101, 102))
    words = ("login", way, "--app", "android", "--save", "bots", "--group", "101", "--group", "102", "--json")
    done = await command(*words, answers=[lambda: visitor.address])
    assert done.code == 0, done.err
    assert [row["name"] for row in json.loads(done.out)] == ["bots/101", "bots/102"]
    assert await shelf.names() == ["bots/101", "bots/102"]
    token = await shelf.get("bots/102")
    assert (token.kind, token.group_id) == ("group", 102)


async def test_a_community_that_gave_none(at_simulator: VKSimulator, shelf: Shelf, command: Command) -> None:
    """The others are kept, and the command fails."""
    at_simulator.add_account(login=LOGIN, groups=(101,))
    done = await command(*("login", "groups", "--app", "android", "--save", "bots", "--group", "101", "--group", "102"))
    assert done.code == 1
    assert "no token came for these communities: 102" in done.err
    assert await shelf.names() == ["bots/101"]


async def test_error_17_is_stored_too(at_simulator: VKSimulator, shelf: Shelf, command: Command) -> None:
    """The new token has no application that is known."""
    account = at_simulator.add_account(login=LOGIN)
    done = await command("verify", "--save", "me", answers=[at_simulator.verification_url(account)])
    assert (done.code, done.out) == (0, ""), done.err
    assert (await shelf.get("me")).client_id is None


@pytest.mark.parametrize("way", ["direct", "user", "groups"])
async def test_the_store_is_tried_first(
    at_simulator: VKSimulator, shelf: Shelf, command: Command, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """Nobody types a password for a token that could not be stored."""
    monkeypatch.delenv("VKAUTH_PASSWORD")
    shelf.path.parent.mkdir()
    shelf.path.write_text("sample text")
    more = ("--group", "1") if way == "groups" else ()
    done = await command("login", way, "--app", "android", "--save", "me", *more, answers=[PASSWORD])
    assert (done.code, done.out) == (8, "")
    assert "Password" not in done.err
    assert "[STORE_CORRUPT]" in done.err
    assert len(at_simulator.requests) == 0


async def test_a_record_that_cannot_be_read_is_not_written_over(
    at_simulator: VKSimulator, shelf: Shelf, command: Command
) -> None:
    """T3: it may be all that somebody has."""
    await shelf.put("me")
    shelf.damage("me")
    done = await command(*DIRECT, "--save", "me")
    assert (done.code, done.out) == (8, "")
    assert "'me'" in done.err
    assert len(at_simulator.requests) == 0


async def test_t5_a_key_that_cannot_be_had(at_simulator: VKSimulator, shelf: Shelf, command: Command) -> None:
    """T5: asked for and not there is an error before the login, never plain text."""
    done = await command(*DIRECT, "--save", "me", "--seal", "env:SAMPLE_KEY")
    assert (done.code, done.out) == (8, "")
    assert "[KEY_UNAVAILABLE]" in done.err
    assert len(at_simulator.requests) == 0


async def test_sealed(
    at_simulator: VKSimulator, shelf: Shelf, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the key of the environment; without it nothing is read."""
    from vkauth.sealing import generate_key

    monkeypatch.setenv("SAMPLE_KEY", str(generate_key()))
    at_simulator.add_account(login=LOGIN)
    done = await command(*DIRECT, "--save", "me", "--seal", "env:SAMPLE_KEY")
    assert done.code == 0, done.err
    assert done.err.splitlines()[-1] == "To use it:  vkauth token --seal env:SAMPLE_KEY me"
    shown = await command("token", "me", "--seal", "env:SAMPLE_KEY")
    assert shown.out.strip() in at_simulator.issued
    assert shown.out.strip().encode() not in shelf.path.read_bytes()
    done = await command("token", "me")
    assert (done.code, done.out) == (8, "")
    assert "[WRONG_KEY]" in done.err


@pytest.mark.parametrize("option", [("--store", "x.db"), ("--seal", "keyring")])
async def test_a_store_without_a_name(at_simulator: VKSimulator, command: Command, option: tuple[str, str]) -> None:
    """Nothing would be stored there."""
    done = await command(*DIRECT, *option)
    assert done.code == 2
    assert "--store and --seal go with --save NAME" in done.err


class Broken:
    """A store that can be tried, and fails when there is something to keep."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from vkauth.errors import AuthErrorCode, TokenStoreError
        from vkauth.tokens import SQLiteTokenStore

        async def put_all(*_: object) -> None:
            raise TokenStoreError(AuthErrorCode.STORE_UNAVAILABLE, "the store cannot be used (full)", key="me")

        monkeypatch.setattr(SQLiteTokenStore, "put_all", put_all)


async def test_a_token_that_cannot_be_stored(
    at_simulator: VKSimulator, shelf: Shelf, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Is told aloud, and not printed, as nobody is there to be asked."""
    at_simulator.add_account(login=LOGIN)
    Broken(monkeypatch)
    done = await command(*DIRECT, "--save", "me")
    assert (done.code, done.out) == (8, "")
    assert "[STORE_UNAVAILABLE]" in done.err
    LeakScanner(at_simulator.issued).text(done.err, "standard error")


BREAK = """
from vkauth.cli.main import main
from vkauth.errors import AuthErrorCode, TokenStoreError
from vkauth.tokens import SQLiteTokenStore

async def put_all(*_):
    raise TokenStoreError(AuthErrorCode.STORE_UNAVAILABLE, "the store cannot be used (full)", key="me")

SQLiteTokenStore.put_all = put_all
raise SystemExit(main())
"""


@pytest.mark.parametrize(("answer", "is_shown"), [("y\n", True), ("n\n", False)])
async def test_a_person_may_see_it_instead(
    at_simulator: VKSimulator, shelf: Shelf, answer: str, is_shown: bool
) -> None:
    """The token of a login that cost a code is not lost for a disk that is full."""
    at_simulator.add_account(login=LOGIN)
    async with on_terminal(*DIRECT, "--save", "me", code=BREAK) as screen:
        await screen.shows("could not be stored")
        await screen.shows("(y/N): ")
        screen.type(answer)
        code, _ = await screen.ended()
    assert code == 8
    assert any(token in screen.text.replace("\n", "") for token in at_simulator.issued) is is_shown
    assert "[STORE_UNAVAILABLE]" in screen.text.replace("\n", "")


async def test_the_command_to_go_on_with_stores_too(
    at_simulator: VKSimulator, shelf: Shelf, command: Command, tmp_path: Path
) -> None:
    """After a flood answer it is another way to the same name."""
    at_simulator.add_account(login=LOGIN, flood=True)
    done = await command(*DIRECT, "--save", "me", "--store", str(tmp_path / "own.db"))
    assert done.code == 6
    assert f"vkauth login browser --app android --save me --store {tmp_path}/own.db" in done.err
