"""What is pasted at a terminal, and what is piped in."""

from __future__ import annotations

import asyncio
import os
import sys
import time

import pytest

from cli.conftest import LOGIN, LONGEST, Screen, on_terminal, program
from vkauth.testing import LeakScanner, VKSimulator

pytestmark = pytest.mark.skipif(os.name != "posix", reason="uses terminals and pipes of POSIX")

CTRL_C, CTRL_D, CTRL_U, BACKSPACE = "\x03", "\x04", "\x15", "\x7f"
QUESTION = "Whole address of the last page (not shown): "
BROWSER = ("login", "browser", "--client-id", "2685278")


@pytest.fixture
def here(vk: VKSimulator, monkeypatch: pytest.MonkeyPatch) -> VKSimulator:
    monkeypatch.setenv("VKAUTH_ENDPOINTS", str(vk.base_url))
    return vk


def _settings(terminal: int) -> list[object]:
    import termios

    return termios.tcgetattr(terminal)


async def _end(vk: VKSimulator, screen: Screen) -> str:
    await screen.shows("/oauth/authorize?")
    await screen.shows("\r\n")
    (url,) = [line for line in screen.text.splitlines() if "/oauth/authorize?" in line]
    await screen.shows(QUESTION)
    return await vk.approve(url, LOGIN)


@pytest.mark.parametrize(
    "form",
    [
        "  <{0}>.\n",
        "{1}\n{2}\n",  # broken by the window that it was copied from
        "\x1b[200~{0}\x1b[201~\n",  # as a terminal marks what is pasted
        f"half{CTRL_U}{{0}}\n",
        f"{{0}}x{BACKSPACE}\n",
        f"{{0}}{CTRL_D}",
    ],
)
async def test_an_address_is_pasted_unseen(here: VKSimulator, form: str) -> None:
    """However it comes; afterwards the terminal is as it was."""
    here.add_account()
    async with on_terminal(*BROWSER, stdout=asyncio.subprocess.PIPE) as screen:
        before = _settings(screen.slave)
        address = await _end(here, screen)
        middle = len(address) - 20
        screen.type(form.format(address, address[:middle], address[middle:]))
        code, out = await screen.ended()
        assert _settings(screen.slave) == before
    assert (code, [out]) == (0, [f"{token}\n" for token in here.issued])
    LeakScanner([address, *here.issued]).text(screen.text, "the terminal")


async def test_a_key_that_the_terminal_has_not(here: VKSimulator) -> None:
    """After "stty eof undef erase undef kill undef" a stray NUL ends nothing."""
    import termios

    here.add_account()
    async with on_terminal(*BROWSER, stdout=asyncio.subprocess.PIPE) as screen:
        settings = termios.tcgetattr(screen.slave)
        for key in (termios.VEOF, termios.VERASE, termios.VKILL):
            settings[6][key] = b"\0"
        termios.tcsetattr(screen.slave, termios.TCSANOW, settings)
        address = await _end(here, screen)
        screen.type(f"\0{address[:30]}\0{address[30:]}\0\n")
        code, out = await screen.ended()
    assert (code, [out]) == (0, [f"{token}\n" for token in here.issued])


async def test_enter_alone_is_no_answer(here: VKSimulator) -> None:
    """It is asked again, and no attempt is used up."""
    here.add_account()
    async with on_terminal(*BROWSER, stdout=asyncio.subprocess.PIPE) as screen:
        address = await _end(here, screen)
        for _ in range(4):
            screen.type("\n")
            await screen.shows(QUESTION)
        screen.type(f"{address}\n")
        assert (await screen.ended())[0] == 0
    assert "Attempt" not in screen.text


async def test_an_address_longer_than_a_line_of_a_terminal(here: VKSimulator) -> None:
    """The tokens of many communities take more than the 4,096 characters that a terminal keeps of a line."""
    groups = tuple(range(1001, 1081))
    here.add_account(groups=groups)
    wanted = [word for group in groups for word in ("--group", str(group))]
    async with on_terminal(*BROWSER, *wanted, stdout=asyncio.subprocess.PIPE) as screen:
        address = await _end(here, screen)
        assert len(address) > 4500
        screen.type(f"{address}\n")
        await screen.shows(f"({len(address)} characters)")
        code, out = await screen.ended()
    assert code == 0
    assert [int(line.split()[0]) for line in out.splitlines()] == list(groups)


async def test_ten_kilobytes_of_something_else(here: VKSimulator) -> None:
    """Three times: each is read whole and told in words, and nothing of it is left for the shell."""
    async with on_terminal(*BROWSER) as screen:
        before = _settings(screen.slave)
        for number in range(3):
            await screen.shows(QUESTION)
            screen.type("sample " * 1500 + "\n")
            await screen.shows("(10499 characters)")
            if number < 2:
                await screen.shows(f"Attempt {number + 2} of 3:")
        code, _ = await screen.ended()
        assert _settings(screen.slave) == before
    assert code == 1
    assert "sample sample" not in screen.text


@pytest.mark.parametrize(("key", "code"), [(CTRL_C, 130), (CTRL_D, 2)])
@pytest.mark.parametrize("typed", ["", "half an address"])
async def test_the_question_can_be_left(here: VKSimulator, key: str, code: int, typed: str) -> None:
    """By Ctrl-C at any time; by Ctrl-D where nothing was typed. The terminal is as it was."""
    if typed and key == CTRL_D:
        typed += CTRL_U
    async with on_terminal(*BROWSER) as screen:
        before = _settings(screen.slave)
        await screen.shows(QUESTION)
        screen.type(typed + key)
        assert (await screen.ended())[0] == code
        assert _settings(screen.slave) == before
    assert "Traceback" not in screen.text
    assert "half" not in screen.text


@pytest.mark.parametrize("redirected", ["<&-", "</dev/null", "0>/dev/null"])
@pytest.mark.parametrize(
    "arguments", [BROWSER, ("login", "vkid", "--client-id", "1", "--redirect-uri", "https://a.b/")]
)
async def test_nobody_to_ask(here: VKSimulator, redirected: str, arguments: tuple[str, ...]) -> None:
    """An input that is closed, empty or for writing only."""
    done = await program(*arguments, redirected=redirected)
    assert (done.code, done.out) == (2, "")
    assert done.err.endswith("nobody is there to paste the address: run the command in a terminal\n")


async def test_a_closed_output_is_told_before_anything_opens(here: VKSimulator) -> None:
    """A token that nobody would get is not asked for."""
    done = await program(*BROWSER, redirected=">&-")
    assert (done.code, done.err) == (10, "vkauth: standard output is closed, so nothing was done.\n")


async def test_piped_addresses_are_lines(here: VKSimulator) -> None:
    """Three of them are tried; the last may have no line end."""
    done = await program(*BROWSER, typed="one\r\ntwo\nthree\nfour\n")
    assert (done.code, done.err.count(QUESTION)) == (1, 3)
    done = await program(*BROWSER, typed="one\ntwo")
    assert (done.code, done.err.count(QUESTION)) == (1, 2)
    assert "[UNEXPECTED_RESPONSE] there is no address in this text" in done.err


async def test_piped_bytes_that_are_no_text_or_have_no_end(here: VKSimulator) -> None:
    """Are wrong usage."""
    assert "is not utf-8 text" in (await program(*BROWSER, typed="\udcff\n")).err
    done = await program(*BROWSER, typed="x" * 1_200_000)
    assert done.code == 2
    assert "a line of what was piped in is longer than any answer" in done.err


IMPATIENT = """
import sys
from vkauth.cli import pasting
pasting.PATIENCE = 0.2
from vkauth.cli.main import main
sys.exit(main(sys.argv[1:]))
"""


async def test_an_input_that_never_says_anything_is_not_waited_for(here: VKSimulator) -> None:
    """A pipe that stays open and empty: the command ends with 7 when its time is up."""
    reader, writer = os.pipe()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        IMPATIENT,
        *BROWSER,
        stdin=reader,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    os.close(reader)
    begin = time.monotonic()
    out, err = await asyncio.wait_for(process.communicate(), LONGEST)
    os.close(writer)
    assert (process.returncode, out) == (7, b"")
    assert b"[TIMEOUT] nobody pasted an address within 0.2 s. Run the command again." in err
    assert time.monotonic() - begin < LONGEST / 2


async def test_a_terminal_where_nobody_sits(here: VKSimulator) -> None:
    """Has its settings back when the time is up."""
    async with on_terminal(*BROWSER, code=IMPATIENT) as screen:
        before = _settings(screen.slave)
        code, _ = await screen.ended()
        assert _settings(screen.slave) == before
        await screen.shows("[TIMEOUT] nobody pasted an address")
    assert code == 7
