"""What ends the command from outside: it cleans up, and its exit code says what it was."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from pathlib import Path

import pytest

from cli.conftest import LONGEST, on_terminal, program
from vkauth.cli.exits import Exit
from vkauth.cli.opening import open_page
from vkauth.cli.signals import stop_signals
from vkauth.cli.terminal import Terminal
from vkauth.testing import VKSimulator

pytestmark = pytest.mark.skipif(os.name != "posix", reason="sends signals of POSIX")

ENDS = [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)]


def _exists(path: Path) -> bool:
    return path.exists()


@pytest.mark.parametrize(("number", "expected"), ENDS)
async def test_a_captchas_picture_is_removed(at_simulator: VKSimulator, number: int, expected: int) -> None:
    """No picture stays in the temporary folder, and the terminal says why it is over."""
    at_simulator.add_account(captcha="image")
    async with on_terminal("login", "direct") as screen:
        await screen.shows("Text of the picture (? saves it as a file): ")
        screen.type("?\n")
        await screen.shows("Text of the picture")
        found = re.search(r"The picture is in (\S+)", screen.text)
        assert found is not None
        picture = Path(found[1])
        assert _exists(picture)
        screen.send(number)
        code, _ = await screen.ended()
        await screen.shows("Interrupted." if number == signal.SIGINT else "Ended from outside.")
    assert code == expected
    assert not _exists(picture.parent)
    assert "Traceback" not in screen.text


@pytest.mark.parametrize(("number", "expected"), ENDS)
async def test_at_the_password_the_terminal_stays_as_it_was(
    at_simulator: VKSimulator, monkeypatch: pytest.MonkeyPatch, number: int, expected: int
) -> None:
    """What is typed afterwards is shown again."""
    import termios

    monkeypatch.delenv("VKAUTH_PASSWORD")
    async with on_terminal("login", "direct") as screen:
        await screen.shows("Password: ")
        screen.send(number)
        assert (await screen.ended())[0] == expected
        assert termios.tcgetattr(screen.slave)[3] & termios.ECHO


async def _blocked_signals(tmp_path: Path) -> list[object]:
    """Those that are blocked in the event loop's thread, in one that it starts, and in the person's browser."""
    found: list[object] = [signal.pthread_sigmask(signal.SIG_BLOCK, ())]
    found.append(await asyncio.to_thread(signal.pthread_sigmask, signal.SIG_BLOCK, ()))
    assert await open_page("https://vk.example/")
    return [*found, (tmp_path / "blocked").read_text()]


def test_what_is_started_hears_signals(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A browser that was opened here outlives the command, and has to end with ``kill`` and with the session."""
    ask = "import signal, sys; open(sys.argv[1], 'w').write(str(signal.pthread_sigmask(signal.SIG_BLOCK, ())))"
    script = tmp_path / "browser"
    script.write_text(f'#!/bin/sh\nexec {sys.executable} -I -c "{ask}" {tmp_path}/blocked\n')
    script.chmod(0o700)
    monkeypatch.setenv("BROWSER", f"{script} %s")
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    assert Terminal().run(lambda: _blocked_signals(tmp_path)) == [before, before, str(before)]


CLEANS_UP = """
import asyncio, signal, sys
from pathlib import Path
from vkauth.cli import main
from vkauth.cli.commands import demo
from vkauth.cli.terminal import Terminal

_, how, question, left = sys.argv
if how == "ignored":
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
terminal = Terminal()

async def work():
    try:
        await terminal._beside_the_loop(lambda given_up: getattr(terminal, question)("The question: "))
    finally:
        Path(left).write_text("cleaned up")

demo.run = lambda arguments: Terminal.run(terminal, work)
sys.exit(main.main(["demo"]))
"""


@pytest.mark.parametrize(("how", "expected"), [("raised", 129), ("ignored", 4)])
@pytest.mark.parametrize("question", ["ask", "ask_pasted", "ask_secret"])
async def test_a_terminal_that_goes_at_a_question(tmp_path: Path, how: str, question: str, expected: int) -> None:
    """Its settings cannot be restored any more. That hides neither the signal nor the end of the input."""
    left = tmp_path / "left"
    reader, writer = os.openpty()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(Path(__file__).with_name("on_terminal.py")),
        os.ttyname(writer),
        *(sys.executable, "-c", CLEANS_UP, how, question, str(left)),
        start_new_session=True,
        stdout=asyncio.subprocess.DEVNULL,
        env={**os.environ, "STDOUT": "elsewhere"},
    )
    shown = b""
    while b"The question: " not in shown:
        shown += await asyncio.to_thread(os.read, reader, 4096)
    for each in (writer, reader):
        os.close(each)
    assert await asyncio.wait_for(process.wait(), LONGEST) == expected
    assert left.read_text() == "cleaned up"


CLOSES_SLOWLY = """
import asyncio, sys
from vkauth.cli import main, signals
from vkauth.cli.commands import demo
from vkauth.cli.terminal import Terminal

signals.SAME_PRESS = 0.0

async def work():
    print("working", file=sys.stderr, flush=True)
    try:
        await asyncio.get_running_loop().create_future()
    finally:
        print("closing", file=sys.stderr, flush=True)
        await asyncio.get_running_loop().create_future()

demo.run = lambda arguments: Terminal().run(work)
sys.exit(main.main(["demo"]))
"""


@pytest.mark.parametrize(("number", "expected"), ENDS)
async def test_a_second_signal_does_not_wait_for_the_closing(number: int, expected: int) -> None:
    """The first one cancels the login, the second ends the command even if that hangs."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        CLOSES_SLOWLY,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    try:
        async with asyncio.timeout(LONGEST):
            for said in (b"working\n", b"closing\n"):
                assert await process.stderr.readline() == said
                process.send_signal(number)
            rest = await process.stderr.read()
            assert await process.wait() == expected
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert b"Traceback" not in rest


HANGS_AT_THE_END = """
import os, signal
from vkauth.cli import signals
from vkauth.cli.signals import Stopped, stops_are_raised

signals.SAME_PRESS = 0.0

def stop():
    os.kill(os.getpid(), signal.SIGTERM)

try:
    with stops_are_raised():
        stop()
except Stopped:
    pass
stop()
print("cleaning up", flush=True)
stop()
print("for ever")
"""


async def test_a_third_signal_ends_what_hangs() -> None:
    """The second leaves time to clean up; if that never ends, the third is not ignored."""
    done = await program(code=HANGS_AT_THE_END)
    assert (done.code, done.out) == (-signal.SIGTERM, "cleaning up\n")


COMES_TWICE = """
import signal
from vkauth.cli.signals import Stopped, stops_are_raised

try:
    with stops_are_raised():
        try:
            signal.raise_signal(signal.SIGINT)
        finally:
            signal.raise_signal(signal.SIGINT)
            print("cleaned up")
except Stopped as stop:
    signal.raise_signal(signal.SIGINT)
    signal.raise_signal(signal.SIGINT)
    print(stop.exit)
"""


async def test_a_signal_that_comes_twice_at_once_is_one() -> None:
    """From the terminal, and from the program that started this one."""
    done = await program(code=COMES_TWICE)
    assert (done.code, done.out) == (0, "cleaned up\n130\n")


PRESSED_WHILE_IT_STARTS = """
import os, runpy, signal, sys

class Presses:
    def find_spec(self, name, path=None, target=None):
        if name == "vkauth.errors":
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Presses())
if sys.argv.pop(1) == "module":
    runpy.run_module("vkauth", run_name="__main__", alter_sys=True)
else:
    from vkauth.cli.main import main
    sys.exit(main())
"""


@pytest.mark.parametrize("way", ["module", "script"])
async def test_ctrl_c_while_it_starts_is_silent(way: str) -> None:
    """Nothing has begun yet, so there is nothing to say; the exit code is that of every Ctrl-C."""
    done = await program(way, "--version", code=PRESSED_WHILE_IT_STARTS)
    assert (done.code, done.out, done.err) == (130, "", "")


def test_what_the_caller_has_ignored_stays_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    """``nohup vkauth ...`` outlives its terminal."""
    before = signal.getsignal
    monkeypatch.setattr(
        signal, "getsignal", lambda number: signal.SIG_IGN if number == signal.SIGHUP else before(number)
    )
    assert stop_signals() == {signal.SIGINT: Exit.INTERRUPTED, signal.SIGTERM: Exit.TERMINATED}
