"""``vkauth login`` alone, on a terminal and without one."""

from __future__ import annotations

import asyncio
import os
import re

import pytest

from cli.conftest import LOGIN, LONGEST, Command, Screen, on_terminal
from cli.keeping import Shelf
from vkauth.testing import LeakScanner, VKSimulator

CTRL_C, CTRL_D = "\x03", "\x04"
posix = pytest.mark.skipif(os.name != "posix", reason="uses terminals of POSIX")


async def test_without_a_terminal_it_names_the_ways(command: Command) -> None:
    """On standard error, with the reason for each, and ends with 2."""
    done = await command("login", answers=["2", "1"])
    assert (done.code, done.out) == (2, "")
    for each in (
        "https://vk.ru/club<ID>?act=tokens",
        "    vkauth check\n",
        "    vkauth login browser --client-id ID\n",
        "    vkauth login vkid --client-id ID --redirect-uri URL\n",
    ):
        assert each in done.err
    assert done.err.endswith("vkauth: nobody is here to ask: run one of these commands\n")


@pytest.mark.parametrize("columns", ["40", "80", "120"])
async def test_its_lines_fit_the_terminal(command: Command, monkeypatch: pytest.MonkeyPatch, columns: str) -> None:
    """Sentences end their lines between words; only commands may be longer."""
    monkeypatch.setenv("COLUMNS", columns)
    done = await command("login")
    sentences = [line for line in done.err.splitlines() if not line.lstrip().startswith("vkauth")]
    assert max(map(len, sentences)) < int(columns)
    assert len(sentences) > 10


@pytest.fixture
def here(vk: VKSimulator, monkeypatch: pytest.MonkeyPatch) -> VKSimulator:
    monkeypatch.setenv("VKAUTH_ENDPOINTS", str(vk.base_url))
    return vk


async def _opened(screen: Screen) -> str:
    """The address that the person is to open, once the question for its end is there."""
    await screen.shows("Whole address of the last page (not shown): ")
    return re.findall(r"^http\S+authorize\S+$", screen.text, re.MULTILINE)[-1]


@posix
async def test_a_community_needs_no_login(here: VKSimulator) -> None:
    """Its key can be checked at once. It is not shown, and goes on to whoever wanted a token."""
    key = here.issue_group_token(7, scope=4096)
    async with on_terminal("login", stdout=asyncio.subprocess.PIPE) as screen:
        await screen.shows("1, 2 or 3: ")
        for wrong in ("x", "4", "q", ""):
            screen.type(f"{wrong}\n")
            await screen.shows("Type the number of what it is for: 1, 2 or 3 (Ctrl-C ends it).")
            await screen.shows("1, 2 or 3: ")
        screen.type("1\n")
        await screen.shows("(Enter: later, with vkauth check): ")
        screen.type(f"{key}\n")
        await screen.shows("name: Sample community 7")
        code, out = await screen.ended()
    assert (code, out) == (0, f"{key}\n")
    LeakScanner([key]).text(screen.text, "the terminal")


@posix
@pytest.mark.parametrize(("typed", "code"), [("\n", 0), ("SAMPLE-DEAD-KEY\n", 1), (CTRL_D, 2), (CTRL_C, 130)])
async def test_a_key_that_is_not_there_yet_or_dead(here: VKSimulator, typed: str, code: int) -> None:
    """Enter alone is no failure; nothing is printed for a key that cannot be used."""
    async with on_terminal("login", stdout=asyncio.subprocess.PIPE) as screen:
        await screen.shows("1, 2 or 3: ")
        screen.type("1\n")
        await screen.shows("with vkauth check): ")
        screen.type(typed)
        assert await screen.ended() == (code, "")
    assert "Traceback" not in screen.text
    assert "SAMPLE-DEAD-KEY" not in screen.text


@posix
async def test_a_key_is_not_repeated_on_the_terminal(here: VKSimulator) -> None:
    """Whoever pasted it has it."""
    key = here.issue_group_token(7, scope=4096)
    async with on_terminal("login") as screen:
        await screen.shows("1, 2 or 3: ")
        screen.type("1\n")
        await screen.shows("with vkauth check): ")
        screen.type(f"{key}\n")
        assert (await screen.ended())[0] == 0
        await screen.shows("kind: group")
    assert key not in screen.text


@posix
@pytest.mark.parametrize(("typed", "command"), [("2685278", "--client-id 2685278"), ("vk_me", "--app vk_me")])
async def test_your_own_account(here: VKSimulator, typed: str, command: str) -> None:
    """The application is asked for, the command is told for the next time, and the login begins."""
    here.add_account()
    async with on_terminal("login", stdout=asyncio.subprocess.PIPE) as screen:
        await screen.shows("1, 2 or 3: ")
        screen.type("2\n")
        await screen.shows("name or its id: ")
        screen.type("sample\n")
        await screen.shows("That is neither a number nor one of these names.")
        await screen.shows("name or its id: ")
        screen.type(f"{typed}\n")
        await screen.shows(f"vkauth login browser {command}\x1b[0m\r\n")
        await screen.shows("The token will belong to")
        address = await here.approve(await _opened(screen), LOGIN)
        screen.type(f"{address}\n")
        code, out = await screen.ended()
    assert (code, [out]) == (0, [f"{token}\n" for token in here.issued])
    LeakScanner([address, *here.issued]).text(screen.text, "the terminal")


@posix
async def test_with_a_name_it_asks_the_same(here: VKSimulator, shelf: Shelf) -> None:
    """The token goes where it is wanted, and so says the command for the next time."""
    here.add_account()
    async with on_terminal("login", "--save", "me", "--timeout", "20") as screen:
        await screen.shows("1, 2 or 3: ")
        screen.type("2\n")
        await screen.shows("name or its id: ")
        screen.type("vk_me\n")
        await screen.shows("vkauth login browser --app vk_me --save me --timeout 20\x1b[0m\r\n")
        screen.type(f"{await here.approve(await _opened(screen), LOGIN)}\n")
        assert (await screen.ended())[0] == 0
    assert (await shelf.get("me")).token == list(here.issued)[-1]


@posix
async def test_a_communitys_key_is_stored(here: VKSimulator, shelf: Shelf) -> None:
    """Under the name that was given, as what it is."""
    key = here.issue_group_token(7, scope=4096)
    async with on_terminal("login", "--save", "bot") as screen:
        await screen.shows("1, 2 or 3: ")
        screen.type("1\n")
        await screen.shows("with vkauth check): ")
        screen.type(f"{key}\n")
        await screen.shows("Stored as bot")
        assert (await screen.ended())[0] == 0
    kept = await shelf.get("bot")
    assert (kept.token, kept.kind, kept.group_id) == (key, "group", 7)
    assert key not in screen.text


@posix
async def test_who_somebody_is(here: VKSimulator) -> None:
    """VK ID, with an address that this program cannot listen at."""
    here.add_account()
    async with on_terminal("login", stdout=asyncio.subprocess.PIPE) as screen:
        await screen.shows("1, 2 or 3: ")
        screen.type("3\n")
        await screen.shows("Its id: ")
        screen.type("0\n")
        await screen.shows("An application's id is a positive number.")
        screen.type("51000001\n")
        for wrong in ("foo", "app.example/back", "https://app.example/back#x"):
            await screen.shows("Its trusted redirect address: ")
            screen.type(f"{wrong}\n")
            await screen.shows("That is no redirect address: it begins with https://")
        assert "Next time" not in screen.text
        await screen.shows("Its trusted redirect address: ")
        screen.type("https://app.example/it's me\n")
        await screen.shows("""--redirect-uri 'https://app.example/it'"'"'s me'""")
        screen.type(CTRL_C)
        assert (await screen.ended())[0] == 130


@posix
@pytest.mark.parametrize(
    ("before", "key", "code"),
    [
        *(([], CTRL_C, 130), (["2"], CTRL_C, 130), (["3"], CTRL_C, 130), (["3", "51000001"], CTRL_C, 130)),
        *(([], CTRL_D, 2), (["2"], CTRL_D, 2), (["3", "51000001"], CTRL_D, 2)),
    ],
)
async def test_every_question_can_be_left(here: VKSimulator, before: list[str], key: str, code: int) -> None:
    """By Ctrl-C, and by the end of the input, which is nobody to ask."""
    async with on_terminal("login") as screen:
        await screen.shows("1, 2 or 3: ")
        for each in before:
            screen.type(f"{each}\n")
            await screen.shows(": " if each != "2685278" else "(not shown): ")
        async with asyncio.timeout(LONGEST):
            screen.type(key)
            assert (await screen.ended())[0] == code
    assert "Traceback" not in screen.text


@posix
async def test_an_error_is_told_by_the_way_that_was_chosen(here: VKSimulator) -> None:
    """What is advised is about the address, though the command was ``login`` alone."""
    async with on_terminal("login") as screen:
        for question, typed in (("1, 2 or 3: ", "2"), ("name or its id: ", "1234"), *[("(not shown): ", "sample")] * 3):
            await screen.shows(question)
            screen.type(f"{typed}\n")
        assert (await screen.ended())[0] == 1
        await screen.shows("Run the command again, and")
