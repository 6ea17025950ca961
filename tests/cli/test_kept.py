"""``vkauth list``, ``show``, ``token`` and ``remove``: tokens that are kept."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cli.conftest import Command, on_terminal, program
from cli.keeping import ENDED, SAMPLE, Shelf
from vkauth import Cookies
from vkauth.testing import LeakScanner
from vkauth.tokens import StoredToken, TokenKind

SECRETS = {
    "token": "SAMPLE-secret-token",
    "refresh_token": "SAMPLE-secret-refresh",
    "id_token": "SAMPLE-secret-identity",
    "device_id": "SAMPLE-secret-device",
    "secret": "SAMPLE-secret-of-calls",
    "trusted_hash": "SAMPLE-secret-hash",
}
FIELDS = ["name", "kind", "user_id", "group_id", "expires_at", "scope", "version"]


async def test_nothing_is_kept(shelf: Shelf, command: Command) -> None:
    """An empty list is told in words, or as one."""
    done = await command("list")
    assert (done.code, done.out) == (0, "")
    assert f"No token is stored in {shelf.path}\nTo store one: vkauth login ... --save NAME\n" in done.err
    assert json.loads((await command("list", "--json")).out) == []


async def test_s6_lists_show_no_secrets(shelf: Shelf, command: Command) -> None:
    """S6: whatever is kept, only names, owners and ends are shown."""
    await shelf.put("me", StoredToken(**SECRETS, user_id=7, cookies=Cookies(), extra={"note": "SAMPLE-secret-note"}))
    scanner = LeakScanner([*SECRETS.values(), "SAMPLE-secret-note"])
    for words in (["list"], ["list", "--json"], ["show", "me"], ["show", "me", "--json"]):
        done = await command(*words)
        assert done.code == 0, done.err
        scanner.text(done.out + done.err, " ".join(words))


async def test_a_list_tells_whose_and_until_when(shelf: Shelf, command: Command) -> None:
    """A line each, sorted by name."""
    await shelf.put("me", user_id=7)
    await shelf.put("bot/5", kind=TokenKind.GROUP, group_id=5)
    await shelf.put("old", expires_at=ENDED)
    await shelf.put("id", kind=TokenKind.VKID, refresh_token="SAMPLE-refresh", expires_at=ENDED)
    await shelf.put("unknown", kind=TokenKind.PROVIDER, refresh_token="SAMPLE-refresh", expires_at=ENDED)
    end = datetime.now(UTC) + timedelta(hours=1)
    await shelf.put("soon", kind=TokenKind.VKID, refresh_token="SAMPLE-refresh", expires_at=end)
    lines = [" ".join(line.split()) for line in (await command("list")).out.splitlines()]
    ended = f"ended {ENDED.astimezone().isoformat(' ', 'minutes')}"
    assert lines == [
        "Name Kind Whose State",
        "bot/5 group community 5 does not end by itself",
        f"id vkid - {ended}: renewed when it is used",
        "me user 7 does not end by itself",
        f"old user - {ended}: log in again",
        f"soon vkid - good until {end.astimezone().isoformat(' ', 'minutes')}, then renewed",
        f"unknown provider - {ended}: log in again",
    ]


async def test_the_fields_of_json(shelf: Shelf, command: Command) -> None:
    """The same in a list and alone; what is not known is null."""
    record = await shelf.put("me", user_id=7, scope="friends", expires_at=ENDED)
    done = await command("show", "me", "--json")
    row = json.loads(done.out)
    assert list(row) == FIELDS
    assert row == {
        "name": "me",
        "kind": "user",
        "user_id": 7,
        "group_id": None,
        "expires_at": "2026-01-01T00:00:00+00:00",
        "scope": "friends",
        "version": record.version,
    }
    assert json.loads((await command("list", "--json")).out) == [row]


async def test_what_is_known_of_a_token(shelf: Shelf, command: Command) -> None:
    """Its rights by name, the application, and what is kept besides; what is not known has no line."""
    await shelf.put(
        "me",
        StoredToken(**SECRETS, user_id=7, scope="6", email="sample@mail.example", client_id="51", extra={"note": "x"}),
    )
    lines = dict(line.split(": ", 1) for line in (await command("show", "me")).out.splitlines())
    assert lines["whose"] == "7"
    assert lines["e-mail"] == "sample@mail.example"
    assert lines["application"] == "51"
    assert "provider" not in lines
    assert lines["rights"] == "friends, photos"
    assert lines["state"] == "does not end by itself"
    assert lines["stored"].endswith(", version 1")
    assert lines["token"].startswith("***")
    assert lines["besides"] == "refresh token, id_token, device_id, secret of signed calls, trusted_hash, note"


@pytest.fixture
def far_east(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine whose clock is ahead of UTC."""
    monkeypatch.setenv("TZ", "Etc/GMT-5")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("far_east")
@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the time zone cannot be set here")
async def test_moments_are_those_of_the_machine(shelf: Shelf, command: Command) -> None:
    """But at the end of the calendar, where there is no other time zone, and before the year 1000."""
    for name, when in enumerate(("0001-01-01T00:00:00", "2025-12-31T23:30:00", "9999-12-31T23:59:59")):
        await shelf.put(str(name), expires_at=datetime.fromisoformat(when).replace(tzinfo=UTC))
    first, past, last = (await command("list")).out.splitlines()[1:]
    assert "ended 0001-01-01 05:00+05:00" in first
    assert "ended 2026-01-01 04:30+05:00" in past
    assert "good until 9999-12-31 23:59+00:00" in last


async def test_a_damaged_record_hides_no_others(shelf: Shelf, command: Command) -> None:
    """T3: it is listed as what it is, and the command fails after that."""
    await shelf.put("good")
    await shelf.put("bad")
    shelf.damage("bad")
    done = await command("list")
    assert done.code == 8
    assert "damaged" in done.out.splitlines()[1]
    assert "good" in done.out
    assert "[STORE_CORRUPT]" in done.err
    done = await command("list", "--json")
    assert done.code == 8
    bad, good = json.loads(done.out)
    assert bad["error"] == "STORE_CORRUPT"
    assert (bad["name"], bad["kind"], good["name"]) == ("bad", None, "good")
    assert "error" not in good


async def test_a_store_that_is_none(shelf: Shelf, command: Command) -> None:
    """T3: it stays as it is."""
    shelf.path.parent.mkdir()
    shelf.path.write_text("sample text")
    for words in (["list"], ["show", "me"], ["token", "me"], ["remove", "me"], ["export"]):
        done = await command(*words)
        assert (done.code, done.out) == (8, ""), words
        assert "[STORE_CORRUPT]" in done.err
    assert shelf.path.read_text() == "sample text"


async def test_s6_the_token_alone(shelf: Shelf, command: Command) -> None:
    """S6: it and nothing else goes to standard output, and nothing to standard error."""
    await shelf.put("me")
    done = await command("token", "me")
    assert (done.code, done.out, done.err) == (0, f"{SAMPLE}\n", "")


@pytest.mark.parametrize("end", [None, datetime(2099, 1, 1, tzinfo=UTC)])
async def test_a_token_as_json(shelf: Shelf, command: Command, end: datetime | None) -> None:
    """With its end."""
    await shelf.put("me", expires_at=end)
    done = await command("token", "me", "--json")
    assert json.loads(done.out) == {"token": SAMPLE, "expires_at": end and end.isoformat()}


@pytest.mark.parametrize("words", [["token"], ["show"], ["refresh"], ["revoke"], ["remove"], ["export"]])
async def test_a_name_that_is_not_there(shelf: Shelf, command: Command, words: list[str]) -> None:
    """Says how to store one."""
    done = await command(*words, "me")
    assert (done.code, done.out) == (9, "")
    assert "[TOKEN_NOT_FOUND]" in done.err
    assert "vkauth login" in done.err


@pytest.mark.parametrize("words", [["token"], ["refresh"]])
async def test_a_token_that_nothing_renews(shelf: Shelf, command: Command, words: list[str]) -> None:
    """Is no token any more: somebody has to log in."""
    await shelf.put("me", expires_at=ENDED)
    done = await command(*words, "me")
    assert (done.code, done.out) == (9, "")
    assert "[TOKEN_EXPIRED]" in done.err
    assert "og in again: vkauth login" in done.err


@pytest.mark.parametrize("name", ["", "x" * 513])
async def test_a_name_that_can_be_none(shelf: Shelf, command: Command, name: str) -> None:
    """Is a wrong usage, and nothing is opened."""
    done = await command("show", name)
    assert done.code == 2
    assert "a name must have 1 to 512 characters" in done.err
    assert not shelf.path.exists()


async def test_a_token_in_the_place_of_a_name(shelf: Shelf, command: Command) -> None:
    """S6: is not repeated."""
    for text in (f"vk1.a.{'SAMPLE' * 8}", "0a1b2c3d" * 10 + "0a1b2"):
        done = await command("token", text)
        assert done.code == 2
        assert "this looks like a token: give the name" in done.err
        assert text not in done.err


async def test_an_odd_name(shelf: Shelf, command: Command) -> None:
    """Any text is a name; it cannot look like another line, nor steer the terminal."""
    name = "-a\nb \x1b[31m*/Ж"
    await shelf.put(name)
    done = await command("list")
    assert done.out.splitlines()[1].startswith("-a b ?[31m*/Ж  user")
    assert (await command("token", "--", name)).out == f"{SAMPLE}\n"
    assert json.loads((await command("list", "--json")).out)[0]["name"] == name


async def test_a_token_is_forgotten(shelf: Shelf, command: Command) -> None:
    """Also one that is damaged."""
    await shelf.put("me")
    await shelf.put("bad")
    shelf.damage("bad")
    done = await command("remove", "me")
    assert (done.code, done.out) == (0, "")
    assert "Forgotten: me." in done.err
    assert json.loads((await command("remove", "bad", "--json")).out) == {"name": "bad", "removed": True}
    assert await shelf.names() == []


async def test_the_store_of_ones_own(command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """T1: is in the data directory, 0600 in 0700."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "own"))
    await Shelf(tmp_path / "own" / "vkauth" / "tokens.db").put("me")
    assert (await command("token", "me")).out == f"{SAMPLE}\n"
    assert (tmp_path / "own" / "vkauth").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "own" / "vkauth" / "tokens.db").stat().st_mode & 0o777 == 0o600


async def test_as_a_program(shelf: Shelf) -> None:
    """``TOKEN=$(vkauth token me)``."""
    await shelf.put("me")
    done = await program("token", "me")
    assert (done.code, done.out, done.err) == (0, f"{SAMPLE}\n", "")


async def test_a_list_on_a_narrow_terminal(shelf: Shelf) -> None:
    """Is folded within its columns."""
    await shelf.put("a name of several words that is longer than most", user_id=7)
    async with on_terminal("list", COLUMNS="40") as screen:
        assert (await screen.ended())[0] == 0
    assert max(len(re.sub(r"\x1b\[[0-9;]*m", "", line)) for line in screen.text.splitlines()) <= 40
    assert "user" in screen.text


async def test_an_output_that_is_full(shelf: Shelf) -> None:
    """A token that was not written is no success."""
    await shelf.put("me")
    done = await program("token", "me", redirected="> /dev/full")
    assert done.code == 10
    assert SAMPLE not in done.err


@pytest.mark.parametrize("words", [("token",), ("show",), ("remove",), ("export",), ("whoami",)])
async def test_the_name_of_several_communities(command: Command, shelf: Shelf, words: tuple[str, ...]) -> None:
    """Those of their tokens are named, and not one of them; of many the first ones."""
    for number in (101, 102):
        await shelf.put(f"Shop/{number}")
    await shelf.put("shopping")
    assert "(did you mean Shop/101, Shop/102?)" in (await command(*words, "shop")).err
    for number in range(103, 108):
        await shelf.put(f"Shop/{number}")
    assert "Shop/104, Shop/105 and 2 more?)" in (await command(*words, "shop")).err
    assert "Shop/104, Shop/105 и ещё 2?)" in (await command(*words, "shop", "--lang", "ru")).err


@pytest.mark.parametrize(
    "words", [("token",), ("show",), ("refresh",), ("revoke",), ("remove",), ("export", "group"), ("export",)]
)
async def test_a_name_that_is_nearly_right(command: Command, shelf: Shelf, words: tuple[str, ...]) -> None:
    """The one that is meant is named, and left as it is."""
    for name in ("Sample-bot", "group", "other"):
        await shelf.put(name)
    done = await command(*words, "sampel-bot")
    assert (done.code, done.out) == (9, "")
    assert done.err.startswith(
        f"vkauth: [TOKEN_NOT_FOUND] no token is stored under 'sampel-bot' in {shelf.path} (did you mean Sample-bot?). "
    )
    assert "did you mean" not in (await command(*words, "something-else")).err
    assert "(возможно, Sample-bot?)" in (await command(*words, "sampel-bot", "--lang", "ru")).err
    assert await shelf.names() == ["Sample-bot", "group", "other"]
