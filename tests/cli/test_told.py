"""Commands that a person is told to run, and stores that are not there."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from cli.conftest import LOGIN, Command, on_terminal, program
from cli.doctor.conftest import checks_of, ended, fill
from cli.keeping import Shelf
from vkauth.sealing import generate_key
from vkauth.testing import VKSimulator
from vkauth.tokens import StoredToken

OLD = StoredToken(token="SAMPLE-old", expires_at=ended())


@pytest.fixture
def other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store that is named by an argument."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path / "other store.db"


async def test_doctor_names_the_store_that_was_given(command: Command, other: Path) -> None:
    """What it advises, pasted, acts on that one; a name with a dash is no option."""
    await fill(other, {"-rf": OLD, "w": OLD})
    shelf = Shelf(other)
    shelf.damage("-rf")
    told = checks_of(await command("doctor", "--offline", "--json", "--store", str(other)))["store"]["message"]
    assert f"`vkauth remove --store '{other}' -- -rf`" in told
    assert f"`vkauth login ... --save w --store '{other}'`" in told
    words = shlex.split(told.partition("`vkauth remove")[2].partition("`")[0])
    assert (await command("remove", *words)).code == 0
    assert await shelf.names() == ["w"]


async def test_doctor_leaves_the_environment_alone(
    command: Command, other: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next command finds the store there too."""
    await fill(other, {"w": OLD})
    monkeypatch.setenv("VKAUTH_STORE", str(other))
    told = checks_of(await command("doctor", "--offline", "--json"))["store"]["message"]
    assert "`vkauth login ... --save w`" in told


async def test_advice_names_the_store_that_was_given(command: Command, shelf: Shelf, other: Path) -> None:
    """In errors, in the list, and where a token cannot be taken back."""
    await fill(other, {"me": StoredToken(token="SAMPLE")})
    lost = await command("show", "x", "--store", str(other))
    assert lost.code == 9
    assert f"vkauth list --store '{other}'" in lost.err
    assert f"--save NAME --store '{other}'" in lost.err
    taken = await command("revoke", "me", "--store", str(other))
    assert f"run vkauth remove --store '{other}' me" in taken.err
    assert "--store" not in (await command("show", "x")).err
    assert list(shelf.path.parent.glob("*")) == []


@pytest.mark.parametrize("name", ["token", "show", "refresh", "revoke", "remove", "export"])
async def test_a_mistyped_store_is_not_made(command: Command, other: Path, name: str) -> None:
    """Commands that read tell where nothing is, and leave it so."""
    done = await command(name, "me", "--store", str(other))
    assert done.code == 9
    assert f"[TOKEN_NOT_FOUND] no token is stored under 'me' in {other}." in done.err
    assert list(other.parent.glob("*.db")) == []


async def test_nothing_to_list_or_export(command: Command, other: Path) -> None:
    """The list is empty, a copy of everything is none."""
    done = await command("list", "--store", str(other))
    assert (done.code, done.out) == (0, "")
    assert f"No token is stored in {other}\nTo store one: vkauth login ... --save NAME --store '{other}'\n" in done.err
    done = await command("export", "--store", str(other))
    assert (done.code, done.out) == (9, "")
    assert f"no token is stored in {other}." in done.err
    assert list(other.parent.glob("*.db")) == []


async def test_a_server_is_named_without_its_password(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its address stands in the environment, and not in messages."""
    from vkauth.cli.stores import store_place

    class Nothing:
        store = seal = None

    monkeypatch.setenv("VKAUTH_STORE", "redis://sample:SAMPLE-password@127.0.0.1:1/5?password=SAMPLE-password")
    assert store_place(Nothing()) == "redis://127.0.0.1:1/5"


async def test_a_name_that_cannot_be_written_is_escaped(shelf: Shelf, tmp_path: Path) -> None:
    """By lists, and by the doctor, whose report is written whatever the output is."""
    await shelf.put("бот", expires_at=ended())
    found = await program("list", PYTHONIOENCODING="ascii")
    assert (found.code, "\\u0431\\u043e\\u0442" in found.out) == (0, True), found.err
    assert "\\u0431" in (await program("show", "бот", PYTHONIOENCODING="cp1252")).out
    report = tmp_path / "report.md"
    done = await program("doctor", "--offline", "--report", str(report), PYTHONIOENCODING="ascii")
    assert "UnicodeEncodeError" not in done.err
    assert "\\u0431" in done.out
    assert report.exists()


async def test_no_log_without_being_asked() -> None:
    """Python itself would write warnings of the library to standard error."""
    code = (
        "import logging, sys; from vkauth.cli import program, overview;"
        "program.overview = lambda: (logging.getLogger('vkauth.tokens').warning('SAMPLE-log'), 0)[1];"
        "sys.exit(program.run([]))"
    )
    done = await program(code=code)
    assert (done.code, done.err) == (0, "")


async def test_a_name_is_one_line(shelf: Shelf, command: Command) -> None:
    """None looks like a message of the command's own."""
    await shelf.put("a\nForgotten: everything")
    done = await command("remove", "a\nForgotten: everything")
    assert (done.code, done.err) == (0, "Forgotten: 'a\\nForgotten: everything'.\n")


@pytest.mark.parametrize(("before", "told"), [(100001, False), (7, True), (None, False)])
async def test_whose_place_a_token_takes(
    at_simulator: VKSimulator, shelf: Shelf, command: Command, before: int | None, told: bool
) -> None:
    """Somebody else's is named; one's own, and one of nobody knows whom, are not."""
    at_simulator.add_account(login=LOGIN)
    await shelf.put("me", user_id=before)
    done = await command("login", "direct", "--app", "android", "--save", "me")
    assert done.code == 0, done.err
    assert ("It is in the place of the token of user 7." in done.err) is told


@pytest.mark.parametrize("words", [["token"], ["import"], ["login", "direct"], ["doctor"]])
async def test_the_help_says_what_a_key_is(command: Command, words: list[str]) -> None:
    """Where --seal is."""
    told = (await command(*words, "--help")).out
    assert "  env:NAME   the variable NAME of the environment is the key" in told
    assert "  python3 -c 'from vkauth.sealing import generate_key; print(generate_key())'" in told


async def test_a_key_that_is_none(shelf: Shelf, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told what one is."""
    await shelf.put("me")
    monkeypatch.setenv("SAMPLE_KEY", "0" * 64)
    done = await command("login", "direct", "--app", "android", "--save", "x", "--seal", "env:SAMPLE_KEY")
    assert done.code == 8
    assert "has is no key: that is 32 bytes as URL-safe base64" in done.err
    assert "the help (--help) says how to make one" in done.err


async def test_a_plain_record_and_a_seal(shelf: Shelf, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """What to do is said in the command's words."""
    await shelf.put("me")
    monkeypatch.setenv("SAMPLE_KEY", str(generate_key()))
    done = await command("token", "me", "--seal", "env:SAMPLE_KEY")
    assert (done.code, done.out) == (8, "")
    assert "[WRONG_KEY] the token was stored without a seal. Leave --seal (VKAUTH_SEAL) away" in done.err
    assert "reseal" not in done.err


async def test_a_clock_that_was_compared_with_none(command: Command, other: Path) -> None:
    """Is not said to be right."""
    await fill(other, {"me": StoredToken(token="SAMPLE")})
    found = checks_of(await command("doctor", "--offline", "--json", "--store", str(other)))
    assert found["clock"]["status"] == "skipped"


async def test_rights_end_their_lines_between_words(shelf: Shelf) -> None:
    """On a terminal of 80 columns."""
    await shelf.put("me", scope=str(0x7FFFFFFF))
    async with on_terminal("show", "me") as screen:
        assert (await screen.ended())[0] == 0
    lines = screen.text.splitlines()
    assert max(map(len, lines)) < 80
    start = next(n for n, line in enumerate(lines) if line.startswith("rights: "))
    assert lines[start].endswith(",")
