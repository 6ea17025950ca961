"""What a person sees and types: codes that cannot be right, a countdown, a sign that something goes on, colours."""

from __future__ import annotations

import asyncio
import io
import logging
import os
from dataclasses import dataclass
from typing import Any

import pytest

from cli.conftest import Command, on_terminal, program
from vkauth.cli.person import read_phone
from vkauth.cli.terminal import Terminal
from vkauth.cli.waiting import Waiting
from vkauth.terminal.codes import find_problem, without_gaps
from vkauth.terminal.styles import ERROR, has_colours, moves, styled
from vkauth.testing import VKSimulator

posix = pytest.mark.skipif(os.name != "posix", reason="uses terminals of POSIX")


class Screen(io.StringIO):
    """A terminal's end."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


@dataclass
class Wanted:
    """What is known of a code."""

    type: str
    code_length: int | None


@pytest.mark.parametrize(
    ("code", "kind", "length", "problem"),
    [
        ("123456", "sms", 6, None),
        ("123456", "sms", None, None),
        ("12345", "sms", 6, "The code has 6 digits, 5 were typed."),
        ("1", "callreset", 4, "The code has 4 digits, 1 was typed."),
        ("12345a", "app", 6, "The code is of digits only."),
        ("\u0661\u0662", "sms", None, "The code is of digits only."),
        ("AB12", "reserve_code", None, None),
        ("AB12", "other", 5, "The code has 5 characters, 4 were typed."),
    ],
)
def test_what_can_be_a_code(code: str, kind: str, length: int | None, problem: str | None) -> None:
    """Digits, and as many as VK says; of kinds that are not known it may be anything."""
    found: Any = Wanted(kind, length)
    assert find_problem(code, found) == problem


@pytest.mark.parametrize("typed", ["123456", "123 456", "123-456", "12 34 56", "123\u2013456"])
def test_gaps_in_a_code_are_no_part_of_it(typed: str) -> None:
    """As messages show it."""
    assert without_gaps(typed) == "123456"


@posix
async def test_a_code_that_cannot_be_right_costs_no_attempt(at_simulator: VKSimulator) -> None:
    """It is refused at once; VK gets the first one that can be. Who insists has it sent."""
    at_simulator.add_account(two_factor="sms", code="123456")
    async with on_terminal("login", "direct", stdout=asyncio.subprocess.PIPE) as screen:
        for typed, said in (("12345a", "of digits only."), ("12345", "5 were typed."), ("99999", "5 were typed.")):
            await screen.shows("Code (6 digits; ")
            screen.type(f"{typed}\n")
            await screen.shows(said)
        await screen.shows("Code (6 digits; ")
        screen.type("99999\n")
        await screen.shows("Attempt 2 of 3:")
        await screen.shows("Code (6 digits; ")
        screen.type("123 456\n")
        assert (await screen.ended())[0] == 0


@posix
async def test_the_question_counts_down(at_simulator: VKSimulator) -> None:
    """In its place, so that what was typed stays."""
    at_simulator.add_account(two_factor="sms", resend_delay=99.0, code="123456")
    async with on_terminal("login", "direct", stdout=asyncio.subprocess.PIPE) as screen:
        await screen.shows("r: send it again, in ")
        screen.type("123")
        for _each in range(2):
            await screen.shows("\x1b7\r\x1b[1mCode (6 digits; r: send it again, in ")
            await screen.shows("\x1b8")
        screen.type("456\n")
        assert (await screen.ended())[0] == 0


@posix
async def test_on_a_plain_terminal_nothing_moves(at_simulator: VKSimulator) -> None:
    """One that cannot move its cursor gets no code for that."""
    at_simulator.add_account(two_factor="sms", resend_delay=99.0, code="123456")
    async with on_terminal("login", "direct", stdout=asyncio.subprocess.PIPE, TERM="dumb") as screen:
        await screen.shows("r: send it again, in ")
        await asyncio.sleep(1.3)
        screen.type("123456\n")
        assert (await screen.ended())[0] == 0
    assert "\x1b" not in screen.text


@pytest.mark.parametrize("text", ["+7 (999) 000-00-01", "79990000001", "+79990000001", "8 999 000 00 01"])
def test_a_phone_number(text: str) -> None:
    """However people write it."""
    assert read_phone(text) == text


@pytest.mark.parametrize("text", ["", "x", "+7999000000x", "person@mail.example", "123", "1" * 16, "+-9990000001"])
async def test_a_phone_number_that_cannot_be(command: Command, text: str) -> None:
    """It is refused before anything is sent, and not repeated."""
    done = await command("login", "direct", "--phone", text)
    assert (done.code, done.out) == (2, "")
    assert "--phone: a phone number is of digits, as in +7 999 000-00-01 (" in done.err


async def test_what_nobody_can_answer_is_not_asked(at_simulator: VKSimulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """No question is printed for an input that has ended."""
    monkeypatch.delenv("VKAUTH_LOGIN")
    done = await program("login", "direct", redirected="</dev/null")
    assert done.code == 2
    assert done.err.splitlines()[-1] == "vkauth: there is nobody to ask: --login or VKAUTH_LOGIN is needed"
    assert "Login (" not in done.err


def test_a_sign_that_something_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """It comes after a quiet second, turns, and goes before anything else is written."""
    now = [100.0]
    monkeypatch.setattr("vkauth.cli.waiting.time.monotonic", lambda: now[0])
    monkeypatch.setattr(logging.getLogger("vkauth"), "handlers", [logging.NullHandler()])  # as without -v
    screen = Screen()
    waiting = Waiting(screen)
    waiting.show()
    assert screen.getvalue() == ""
    now[0] += 2
    waiting.show()
    waiting.show()
    assert screen.getvalue() == "\r\u280b 2 s \r\u2819 2 s "
    with waiting.aside():
        assert screen.getvalue().endswith("\r\x1b[K")
    waiting.wrote("Code: ")  # the person types behind this
    now[0] += 5
    before = screen.getvalue()
    waiting.show()
    assert screen.getvalue() == before
    waiting.wrote("\n")
    now[0] += 3
    waiting.show()
    waiting.end()
    assert screen.getvalue().endswith(" 3 s \r\x1b[K")


@posix
def test_no_sign_at_the_prompt_of_a_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the command was sent to with Ctrl-Z and ``bg``. One of before is not taken away either."""
    monkeypatch.setattr("vkauth.cli.waiting._QUIET", 0.0)
    monkeypatch.setattr(logging.getLogger("vkauth"), "handlers", [logging.NullHandler()])
    screen = Screen()
    monkeypatch.setattr(screen, "fileno", lambda: 2)
    monkeypatch.setattr("os.tcgetpgrp", lambda _: os.getpgrp() + 1)
    Waiting(screen).show()
    assert screen.getvalue() == ""
    monkeypatch.setattr("os.tcgetpgrp", lambda _: os.getpgrp())
    waiting = Waiting(screen)
    waiting.show()
    shown = screen.getvalue()
    assert shown != ""
    monkeypatch.setattr("os.tcgetpgrp", lambda _: os.getpgrp() + 1)
    waiting.end()
    assert screen.getvalue() == shown


@pytest.mark.parametrize(("name", "value"), [("TERM", "dumb"), (None, "")])
def test_no_sign_where_it_would_stay(monkeypatch: pytest.MonkeyPatch, name: str | None, value: str) -> None:
    """On a terminal that cannot take it away, or none."""
    if name is not None:
        monkeypatch.setenv(name, value)
    screen = io.StringIO() if name is None else Screen()
    monkeypatch.setattr("vkauth.cli.waiting._QUIET", 0.0)
    Waiting(screen).show()
    assert screen.getvalue() == ""


def test_colours_only_where_they_help(monkeypatch: pytest.MonkeyPatch) -> None:
    """None with NO_COLOR, on a dumb terminal, or where no terminal is."""
    assert styled("x", ERROR, Screen()) == "\x1b[1;31mx\x1b[0m"
    assert styled("x", ERROR, io.StringIO()) == styled("x", ERROR, None) == "x"
    monkeypatch.setenv("NO_COLOR", "1")
    assert not has_colours(Screen())
    assert moves(Screen())  # a countdown is no colour
    monkeypatch.setenv("NO_COLOR", "")
    assert has_colours(Screen())
    monkeypatch.setenv("TERM", "dumb")
    assert not moves(Screen())


@pytest.mark.parametrize("columns", ["24", "40", "80", "120"])
def test_errors_break_between_words(monkeypatch: pytest.MonkeyPatch, columns: str) -> None:
    """On a terminal; elsewhere an error is one line, to be searched for."""
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setenv("NO_COLOR", "1")
    text = "[TIMEOUT] it took too long. Try again, with a longer --timeout if the network is slow. " * 2
    for kind in (Screen, io.StringIO):
        output = kind()
        Terminal(output).complain(text.strip())
        lines = output.getvalue().splitlines()
        assert " ".join(lines) == f"vkauth: {text.strip()}"
        assert len(lines) == 1 if kind is io.StringIO else max(map(len, lines)) < int(columns)


@posix
@pytest.mark.parametrize("no_color", ["", "1"])
async def test_an_error_on_a_terminal(no_color: str) -> None:
    """What it is from is red, or not."""
    async with on_terminal("show", "--store", "x", "y", "z", NO_COLOR=no_color) as screen:
        await screen.shows("vkauth: argument" if no_color else "\x1b[1;31mvkauth: \x1b[0margument")
        assert (await screen.ended())[0] == 2
    assert ("\x1b" in screen.text) is (not no_color)
