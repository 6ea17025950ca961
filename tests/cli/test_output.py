"""Outputs that fail and questions that nobody waits for any more, in this process."""

from __future__ import annotations

import asyncio
import io
import os
import sys
import threading
from pathlib import Path

import pytest

from cli.conftest import LONGEST, Answers
from vkauth.cli.exits import OutputError
from vkauth.cli.output import flush_output, hand_over, require_output
from vkauth.cli.terminal import Terminal

TOKEN = "vk1.a.sample"


class Full(io.StringIO):
    """An output without a file that takes nothing."""

    def write(self, text: str) -> int:
        raise OSError(28, "No space left on device")

    def flush(self) -> None:
        raise OSError(28, "No space left on device")


class Person(Answers):
    """A standard input at which somebody sits."""

    def isatty(self) -> bool:
        return True


class Screen(io.StringIO):
    """An output that somebody sees."""

    def isatty(self) -> bool:
        return True


def test_a_closed_output_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python has no object for it."""
    monkeypatch.setattr(sys, "stdout", None)
    with pytest.raises(OutputError, match="is closed, so nothing was done"):
        require_output()


def test_an_output_that_is_no_file_is_taken_for_good(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever put an object in its place knows what it can do."""
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    require_output()
    hand_over(TOKEN, Terminal(io.StringIO()))
    flush_output()
    assert sys.stdout.getvalue() == f"{TOKEN}\n"


def test_what_is_left_to_write_at_the_end_is_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A help text that did not get out is no success."""
    monkeypatch.setattr(sys, "stdout", Full())
    with pytest.raises(OutputError, match=r"the output could not be written \(No space left on device\)"):
        flush_output()


def test_a_token_that_nobody_can_be_shown_is_lost_aloud(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says so without it."""
    monkeypatch.setattr(sys, "stdout", Full())
    monkeypatch.setattr(sys, "stdin", Answers([]))
    news = io.StringIO()
    with pytest.raises(OutputError, match="and is lost: log in again") as caught:
        hand_over(TOKEN, Terminal(news))
    assert TOKEN not in str(caught.value) + news.getvalue()


@pytest.mark.parametrize(("answers", "shown"), [(["y"], True), (["YES"], True), (["n"], False), ([], False)])
def test_a_person_decides_whether_the_token_is_shown(
    monkeypatch: pytest.MonkeyPatch, answers: list[str], shown: bool
) -> None:
    """Only after a yes, and the exit says where it is."""
    monkeypatch.setattr(sys, "stdout", Full())
    monkeypatch.setattr(sys, "stdin", Person(answers))
    monkeypatch.setattr("builtins.input", lambda: _line())
    screen = Screen()
    with pytest.raises(OutputError, match="it is above" if shown else "was not shown either and is lost"):
        hand_over(TOKEN, Terminal(screen))
    assert (TOKEN in screen.getvalue()) is shown


def _line() -> str:
    """What ``input()`` does, but for its prompt, which would go to the standard output that is full."""
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    return line.removesuffix("\n")


def test_news_that_have_to_be_written_are_missed() -> None:
    """What the demo and the simulator tell is their output."""
    with pytest.raises(OutputError, match="No space left on device"):
        Terminal(Full()).say("news")


def test_a_question_waits_for_a_person_who_thinks(monkeypatch: pytest.MonkeyPatch) -> None:
    """However often nothing has been typed yet."""
    looks = iter([False, False, True])
    person = Person(["sample"])
    with Path(os.devnull).open() as something:
        monkeypatch.setattr(person, "fileno", something.fileno)
        monkeypatch.setattr(sys, "stdin", person)
        monkeypatch.setattr("vkauth.terminal.standard_input.is_ready", lambda *_: next(looks))
        assert Terminal(io.StringIO()).ask("Code: ") == "sample"
    assert next(looks, None) is None


def test_on_windows_a_secret_is_read_without_echo(monkeypatch: pytest.MonkeyPatch) -> None:
    """By what Python has for it there; what a server put into the question does not steer the console."""
    asked: list[str] = []

    class Getpass:
        @staticmethod
        def getpass(question: str) -> str:
            asked.append(question)
            return " sample password "

    monkeypatch.setattr(sys, "stdin", Person([]))
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr("vkauth.terminal.terminal.getpass", Getpass, raising=False)
    assert Terminal(io.StringIO()).ask_secret("Pass\x1bword: ") == " sample password "
    assert asked == ["Pass?word: "]


def test_ctrl_c_before_the_work_has_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is nothing to cancel and nothing to wait for."""

    def pressed(_thread: threading.Thread) -> None:
        raise KeyboardInterrupt

    async def work() -> None:
        raise AssertionError("it has begun")

    monkeypatch.setattr(threading.Thread, "start", pressed)
    with pytest.raises(KeyboardInterrupt):
        Terminal(io.StringIO()).run(work)


def test_ctrl_c_when_the_work_has_just_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """The event loop is closed by then, which is no error."""
    serve = Terminal._serve

    def serve_and_press(terminal: Terminal) -> None:
        serve(terminal)
        raise KeyboardInterrupt

    async def work() -> None:
        return

    monkeypatch.setattr(Terminal, "_serve", serve_and_press)
    with pytest.raises(KeyboardInterrupt):
        Terminal(io.StringIO()).run(work)


def test_a_question_that_was_cancelled_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The person is busy with another one when it is, and never sees it."""
    output = io.StringIO()
    terminal = Terminal(output)
    cancelled = threading.Event()

    def answer_when_cancelled() -> str:
        assert cancelled.wait(LONGEST)
        return "sample"

    async def work() -> str:
        first = asyncio.create_task(terminal.answer("First: "))
        second = asyncio.create_task(terminal.answer("Second: "))
        await asyncio.sleep(0)
        second.cancel()
        with pytest.raises(asyncio.CancelledError):
            await second
        cancelled.set()
        return await first

    monkeypatch.setattr(sys, "stdin", Answers([answer_when_cancelled, "never read"]))
    assert terminal.run(work) == "sample"
    assert "First: " in output.getvalue()
    assert "Second: " not in output.getvalue()
