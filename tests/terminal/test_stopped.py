"""Ctrl-Z at a question, what the person does in the shell, and ``fg``: it is asked again, and goes on from there."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cli.conftest import LONGEST, on_terminal
from support import LOGIN, FakeClock, direct

from vkauth.terminal import ask_in_terminal, paste_in_terminal, standard_input
from vkauth.terminal.ends import InputEndedError
from vkauth.terminal.standard_input import Input, never
from vkauth.testing import VKSimulator

from .conftest import Here
from .test_changing import on_screen

pytestmark = pytest.mark.skipif(os.name != "posix", reason="uses terminals of POSIX")

SECRET = "from vkauth.cli.terminal import Terminal; Terminal().ask_secret('Which one? ')"
HOOK = "import asyncio; from vkauth.terminal import ask_in_terminal; asyncio.run(ask_in_terminal('Which one? '))"


class Shell:
    """What had the terminal while the program was stopped."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._has_it = False
        self._looks = 0
        monkeypatch.setattr(os, "tcgetpgrp", self._group)

    def _group(self, _: int) -> int:
        self._looks += 1
        return os.getpgrp() + self._has_it

    async def takes(self) -> None:
        """Take it, and wait until a question has seen that."""
        self._has_it = True
        begun = self._looks
        async with asyncio.timeout(LONGEST):
            while self._looks < begun + 4:  # noqa: ASYNC110 - it is a thread that looks
                await asyncio.sleep(0)

    def gives_it_back(self) -> None:
        """As ``fg`` does."""
        self._has_it = False


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch) -> Shell:
    monkeypatch.setattr(standard_input, "LOOK_UP", 0.01)
    return Shell(monkeypatch)


@pytest.mark.parametrize("columns", [24, 44, 80])
async def test_a_question_that_changes(
    vk: VKSimulator, here: Here, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, shell: Shell, columns: int
) -> None:
    """It counts down where it stands now, and leaves what the shell has written alone."""
    monkeypatch.setenv("COLUMNS", str(columns))
    vk.add_account(two_factor="sms", resend_delay=180)
    login = asyncio.ensure_future(direct(vk, here.callbacks(vk), clock=clock).run())
    await here.shows("180")
    await here.shows("): ")
    await shell.takes()
    os.write(here.slave, b"^Z\r\n$ fg\r\nprogram\r\n")
    await here.shows("program")
    clock.seconds += 60
    shell.gives_it_back()
    await here.shows("120")
    await here.shows("): ")
    assert "\x1b8" not in here.text
    here.type("12")
    await here.shows("12")
    clock.seconds += 60
    await here.shows("\x1b8")
    shown = on_screen(here.text[here.text.index("Code (") :], columns)
    told = " ".join(" ".join(shown).split())
    assert told.startswith("Code (6 digits; r: send it again, in 180 seconds): ^Z $ fg program Code (")
    assert told.endswith("program Code (6 digits; r: send it again, in 60 seconds): 12")
    here.type(f"\x15{vk.code_for(LOGIN)}\n")
    await login


@pytest.mark.parametrize(
    ("ask", "question"),
    [(lambda: ask_in_terminal("Which one? "), "Which one? "), (paste_in_terminal, "(not shown): ")],
)
async def test_what_is_typed_for_the_shell(
    vk: VKSimulator, here: Here, shell: Shell, ask: Callable[[], asyncio.Future[str]], question: str
) -> None:
    """It is left to it, and the question is asked again below."""
    here.callbacks(vk)
    before = here.settings
    asked = asyncio.ensure_future(ask())
    await here.shows(question)
    hidden = here.settings
    await shell.takes()
    import termios

    termios.tcsetattr(here.slave, termios.TCSANOW, before)
    here.type("ls\n")
    await shell.takes()
    assert os.read(here.slave, 100) == b"ls\n"
    assert here.settings == before
    shell.gives_it_back()
    await here.shows(question)
    assert here.settings == hidden
    here.type("this\n")
    assert await asked == "this"
    assert here.settings == before


def stands_still(process: int) -> bool:
    """Whether all threads of a process were stopped."""
    stats = [(each / "stat").read_text() for each in Path(f"/proc/{process}/task").iterdir()]
    return all(each.rpartition(")")[2].split()[0] == "T" for each in stats)


async def stopped(process: int) -> None:
    """Wait until it is."""
    async with asyncio.timeout(LONGEST):
        while not stands_still(process):  # noqa: ASYNC110 - it is another process
            await asyncio.sleep(0)


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("code", [SECRET, HOOK])
async def test_a_shell_that_leaves_the_settings(code: str) -> None:
    """Some do; that the program was stopped is seen all the same."""
    begins = "from vkauth.terminal import standard_input; standard_input._STOPPED = 0; "
    async with on_terminal(code=begins + code) as screen:
        await screen.shows("Which one? ")
        screen.send(signal.SIGSTOP)
        await stopped(screen.process_id)
        screen.send(signal.SIGCONT)
        await screen.shows("Which one? ")
        screen.type("this\n")
        assert (await screen.ended())[0] == 0


@pytest.fixture
def pipe(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """What writes into the standard input of this process."""
    reader, writer = os.pipe()
    with os.fdopen(reader) as stream:
        monkeypatch.setattr(sys, "stdin", stream)
        yield writer
    os.close(writer)


@pytest.mark.parametrize(
    ("seconds", "waits", "at_work", "stood_still"),
    [
        (0.25, 1, 0.0, False),
        (0.25, 2, 0.0, False),
        (60.0, 1, 0.0, False),
        (60.0, 2, 0.25, True),
        (60.0, 2, 15.0, False),
        (0.6, 100, 0.3, False),
        (0.6, 2, 0.01, True),
    ],
)
def test_what_tells_that_it_was_stopped(
    pipe: int, monkeypatch: pytest.MonkeyPatch, seconds: float, waits: int, at_work: float, stood_still: bool
) -> None:
    """A wait that was long and not one, while nothing was done.

    A busy machine makes it long, other threads make it several; those that hold this one up are at work.
    """
    now, worked, waited = [0.0], [0.0], [0]

    def wait(_: int, __: float) -> bool:
        now[0] += seconds
        worked[0] += at_work
        waited[0] += waits
        return now[0] > seconds

    monkeypatch.setattr("vkauth.terminal.standard_input.time.monotonic", lambda: now[0])
    monkeypatch.setattr(standard_input, "is_ready", wait)
    monkeypatch.setattr("vkauth.terminal.standard_input.time.process_time", lambda: worked[0])
    monkeypatch.setattr(standard_input, "_waits_so_far", lambda: waited[0])
    seen: list[bool] = []
    source = Input()
    source.wait(lambda: bool(seen.append(source.is_back())))
    assert seen == [stood_still]


def test_what_is_typed_in_the_background_is_waited_for_once(pipe: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """That the program leaves it alone for a while does not look like another stop."""
    now, group, seen = [0.0], [1], list[bool]()

    def wait(_: int, seconds: float) -> bool:
        now[0] += seconds
        return group[0] == 1

    def sleep(seconds: float) -> None:
        now[0] += 60 * seconds
        group[0] = 0

    def look() -> bool:
        seen.append(source.is_back())
        return len(seen) == 4

    monkeypatch.setattr("vkauth.terminal.standard_input.time.monotonic", lambda: now[0])
    monkeypatch.setattr("vkauth.terminal.standard_input.time.sleep", sleep)
    monkeypatch.setattr(standard_input, "is_ready", wait)
    monkeypatch.setattr(standard_input, "_waits_so_far", lambda: None)
    monkeypatch.setattr(os, "tcgetpgrp", lambda _: os.getpgrp() + group[0])
    source = Input()
    with pytest.raises(InputEndedError):
        source.wait(look)
    assert seen == [True, False, False, False]


def test_an_input_that_nobody_asks_again_about(pipe: int) -> None:
    """What is piped in is read on."""
    os.write(pipe, b"x")
    source = Input()
    source.leave()
    source.wait(never)
    assert source.read() == b"x"
