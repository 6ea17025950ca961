"""How wide a terminal is, whatever the environment says of it."""

from __future__ import annotations

import os

import pytest

from cli.conftest import Command, on_terminal
from vkauth.testing import VKSimulator

posix = pytest.mark.skipif(os.name != "posix", reason="uses terminals of POSIX")
# rich takes the first for a number, and Python takes the second for none. The last would be a table of a gigabyte.
STRANGE = ["\u00b2", "9" * 5000, "0", "-1", "1", "2", "9" * 10]
IDS = ["no digit", "too long", "none", "negative", "one", "two", "wide"]


@posix
@pytest.mark.parametrize("columns", STRANGE, ids=IDS)
async def test_the_overview_at_any_width(columns: str) -> None:
    """Where there is no room, words are longer than lines."""
    async with on_terminal(COLUMNS=columns, LINES=columns) as screen:
        assert (await screen.ended())[0] == 0
    assert "vkauth login" in screen.text
    assert "Traceback" not in screen.text


@posix
@pytest.mark.parametrize("columns", STRANGE[::4], ids=IDS[::4])
@pytest.mark.parametrize("words", [["doctor", "--offline"], ["login", "--help"]], ids=" ".join)
async def test_others_at_any_width(words: list[str], columns: str) -> None:
    """What is drawn by rich or by argparse."""
    async with on_terminal(*words, COLUMNS=columns, LINES=columns) as screen:
        code, _out = await screen.ended()
    assert code in (0, 1)
    assert "something is wrong in vkauth itself" not in screen.text
    assert "Traceback" not in screen.text


async def test_what_goes_wrong_in_the_overview_is_told(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in any command: a line, and no traceback."""

    def fail() -> None:
        raise ValueError("sample")

    monkeypatch.setattr("vkauth.cli.program.overview", fail)
    done = await command()
    assert done.code == 1
    assert done.err == "vkauth: something is wrong in vkauth itself (ValueError); with -v it tells where.\n"


async def test_a_captcha_at_a_strange_width(
    command: Command, at_simulator: VKSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its picture is drawn by rich."""
    monkeypatch.setenv("COLUMNS", "\u00b2")
    monkeypatch.setenv("LINES", "\u00b2")
    at_simulator.add_account(captcha="image")
    answers = [lambda: at_simulator.captcha_text(at_simulator.captchas[-1].sid)]
    assert (await command("login", "direct", answers=answers)).code == 0
