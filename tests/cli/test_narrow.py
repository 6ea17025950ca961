"""Narrow terminals: lines end between words, and what is to be copied stays whole."""

from __future__ import annotations

import os
import re
from typing import Any

import pytest

from cli.conftest import Command, on_terminal
from vkauth.cli.commands import register
from vkauth.cli.language import spoken
from vkauth.cli.parser import build_parser
from vkauth.testing import VKSimulator

posix = pytest.mark.skipif(os.name != "posix", reason="uses terminals of POSIX")


def _help(words: list[str], capsys: pytest.CaptureFixture[str], language: str = "en") -> str:
    with spoken(language), pytest.raises(SystemExit):
        build_parser(register).parse_args([*words, "--help"])
    return capsys.readouterr().out


@pytest.mark.parametrize("columns", [40, 60, 80])
@pytest.mark.parametrize("way", ["direct", "browser", "qr", "user", "groups", "vkid"])
def test_the_usage_fits(
    way: str, columns: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The names of VK's applications are told with the option, and not there."""
    monkeypatch.setenv("COLUMNS", str(columns))
    told = _help(["login", way], capsys)
    usage = told.partition("\n\n")[0]
    assert max(map(len, usage.splitlines())) <= columns
    assert ("windows_phone" in told) is (way != "vkid")


def test_words_with_hyphens_stay_whole(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Among the options too."""
    for columns in range(40, 80, 3):
        monkeypatch.setenv("COLUMNS", str(columns))
        told = _help(["demo"], capsys, "ru") + _help(["simulator"], capsys, "ru")
        assert not re.search(r"[а-яё]-\n", told), columns


def test_the_simulators_help_fits(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """What is said of accounts is prose."""
    monkeypatch.setenv("COLUMNS", "60")
    lines = [line for line in _help(["simulator"], capsys).splitlines() if "--account login" not in line]
    assert max(map(len, lines)) <= 60


@posix
async def test_notices_at_forty_columns(at_simulator: VKSimulator) -> None:
    """No word is cut by the terminal's edge; addresses may be longer than a line."""
    account = at_simulator.add_account(verification="security_check", verification_outcome="success_without_token")
    words = ("verify", at_simulator.verification_url(account))
    async with on_terminal(*words, COLUMNS="40") as screen:
        assert (await screen.ended())[0] == 0
    lines = screen.text.splitlines()
    assert "Talking to http" in lines[0]
    assert [line for line in lines if len(line) >= 40 and "http" not in line] == []


@posix
async def test_the_simulators_accounts_can_be_copied() -> None:
    """Logins and passwords are whole however narrow the terminal is, and sentences end between words."""
    async with on_terminal("simulator", COLUMNS="40") as screen:
        await screen.shows("Ctrl-C stops it.")
        screen.type("\x03")
        assert (await screen.ended())[0] == 0
    block = "+79990000003 Password sample-password Code 123456 Situation two_factor=app, captcha=image +79990000004"
    assert block in " ".join(screen.text.split())
    assert "  Situation  two_factor=app,\n             captcha=image\n" in screen.text
    assert "…" not in screen.text
    for sentence in ("captchas and codes that wait for a person", "those that are open:", "and VK ID's key."):
        found: Any = re.search(sentence.replace(" ", r"\s+"), screen.text)
        assert found, sentence
    told = [line for line in screen.text.splitlines() if re.match(r"[A-Z(]|  \(", line) and "+7999" not in line]
    assert [line for line in told if len(line) >= 40 and "http" not in line and "Login" not in line] == []


async def test_where_programs_read_a_notice_is_one_line(command: Command, at_simulator: VKSimulator) -> None:
    """Whatever COLUMNS says."""
    at_simulator.add_account()
    done = await command("login", "direct")
    assert f"Talking to {at_simulator.base_url}, not to VK.\n".replace("/,", ",") in done.err.replace("/,", ",")
