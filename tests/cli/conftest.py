"""What the tests of the command share: running it in this process, as a program, and on a terminal."""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import io
import os
import re
import sys
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import aiohttp
import pytest

from cli.keeping import Shelf
from vkauth.cli.main import main
from vkauth.testing import VKSimulator

LOGIN: Final = "+79990000001"
PASSWORD: Final = "sample-password"
LONGEST: Final = 30.0
"""Seconds after which something hangs."""
LAST: Final = "\x05last\x05"
"""Written behind what a program has shown."""
WIPED: Final = re.compile(r"[^\n]*\r\x1b\[K")
"""What stood in a line before it was emptied."""
LARGEST_FILE: Final = 64 * 1024 * 1024
"""Bytes beyond which a file cannot grow below a shell that redirects. What measures coverage keeps smaller ones."""

_OF_THIS_MACHINE: Final = ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES", "BROWSER", "DISPLAY", "WAYLAND_DISPLAY")

Answer = str | Callable[[], str]


@dataclass
class Outcome:
    """What a command left behind."""

    code: int
    out: str
    err: str


class Answers(io.StringIO):
    """A standard input that is no terminal. Answers may be functions, called when they are read."""

    def __init__(self, answers: Iterable[Answer]) -> None:
        super().__init__()
        self._answers = iter(answers)

    def readline(self, size: int | None = -1) -> str:  # type: ignore[override]
        answer = next(self._answers, None)
        if answer is None:
            return ""
        return (answer if isinstance(answer, str) else answer()) + "\n"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.startswith("VKAUTH_") or name in _OF_THIS_MACHINE:
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))  # nothing is kept in anybody's home
    monkeypatch.setenv("SSH_CONNECTION", "sample")  # nobody here wants a browser to open
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("PYTHONIOENCODING", "utf-8")
    monkeypatch.setenv("PYTHON_COLORS", "0")  # tracebacks have them since 3.13


Command = Callable[..., Any]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """``await command("login", "direct", answers=[...])`` in this process, beside the simulator's loop."""

    async def run(*arguments: str, answers: Iterable[Answer] = ()) -> Outcome:
        monkeypatch.setattr(sys, "stdin", Answers(answers))
        capsys.readouterr()
        code = await asyncio.wait_for(asyncio.to_thread(main, arguments), LONGEST)
        out, err = capsys.readouterr()
        return Outcome(code, out, err)

    return run


@pytest.fixture
def at_simulator(vk: VKSimulator, monkeypatch: pytest.MonkeyPatch) -> VKSimulator:
    """The simulator, found by the command through the environment, as is the sample account's password."""
    monkeypatch.setenv("VKAUTH_ENDPOINTS", str(vk.base_url))
    monkeypatch.setenv("VKAUTH_LOGIN", LOGIN)
    monkeypatch.setenv("VKAUTH_PASSWORD", PASSWORD)
    return vk


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    """A store that the command finds by the environment."""
    path = tmp_path / "tokens" / "tokens.db"
    monkeypatch.setenv("VKAUTH_STORE", str(path))
    return Shelf(path)


class Visitor:
    """A person with a browser: it opens what the command opens, and they log in there."""

    def __init__(self, vk: VKSimulator) -> None:
        self._vk = vk
        self.opened: list[str] = []
        self.address = ""
        self.deny = False
        self.comes_back = False

    async def open(self, url: str) -> bool:
        """What the command calls."""
        self.opened.append(url)
        self.address = await self._vk.approve(url, LOGIN, deny=self.deny)
        if self.comes_back:
            async with aiohttp.ClientSession() as session, session.get(self.address):
                pass
        return True


@pytest.fixture
def visitor(at_simulator: VKSimulator, monkeypatch: pytest.MonkeyPatch) -> Visitor:
    """The person whose browser the command opens."""
    person = Visitor(at_simulator)
    monkeypatch.setenv("BROWSER", "sample")
    monkeypatch.setattr("vkauth.cli.commands.login.at_browser.open_page", person.open)
    return person


async def program(
    *arguments: str, typed: str = "", code: str = "", redirected: str = "", **environment: str
) -> Outcome:
    """Run ``python -m vkauth`` (or ``python -c code``) with ``typed`` on its standard input.

    ``redirected`` is what a shell is told about the streams, ``2>&-`` say; no file grows beyond ``LARGEST_FILE``.
    """
    # In blocks of 512 bytes, or of 1024 in some shells.
    limit = f"ulimit -f {LARGEST_FILE // 1024}"
    shell = ("sh", "-c", f'{limit}; exec "$0" "$@" {redirected}') if redirected else ()
    start = ("-c", code) if code else ("-m", "vkauth")
    process = await asyncio.create_subprocess_exec(
        *shell,
        sys.executable,
        *start,
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, **environment},
    )
    out, err = await asyncio.wait_for(process.communicate(typed.encode(errors="surrogateescape")), LONGEST)
    assert process.returncode is not None
    return Outcome(process.returncode, out.decode(), err.decode())


class Screen:
    """A program on a terminal, and the person who sits there."""

    def __init__(self, process: asyncio.subprocess.Process, terminal: int, slave: int) -> None:
        self._process = process
        self._terminal = terminal
        self.slave = slave
        self._text = ""
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._arrived = asyncio.Event()
        self._seen = 0
        asyncio.get_running_loop().add_reader(terminal, self._read)

    def _read(self) -> None:
        try:
            self._text += self._decoder.decode(os.read(self._terminal, 65536))  # which may end within a letter
        except OSError:
            asyncio.get_running_loop().remove_reader(self._terminal)
        self._arrived.set()

    @property
    def text(self) -> str:
        """All that was shown, and not wiped away again as the sign is that something goes on."""
        return WIPED.sub("", self._text.replace("\r\n", "\n"))

    @property
    def process_id(self) -> int:
        """Of the program."""
        return self._process.pid

    async def shows(self, wanted: str) -> None:
        """Wait until ``wanted`` appears below what was waited for before."""
        async with asyncio.timeout(LONGEST):
            while (found := self._text.find(wanted, self._seen)) < 0:
                self._arrived.clear()
                await self._arrived.wait()
        self._seen = found + len(wanted)

    def type(self, text: str) -> None:
        os.write(self._terminal, text.encode())

    def send(self, number: int) -> None:
        """Send the program a signal."""
        self._process.send_signal(number)

    async def ended(self) -> tuple[int, str]:
        """Wait for the end; the exit code and what went to standard output, if that is not the terminal."""
        out = b""
        async with asyncio.timeout(LONGEST):
            if self._process.stdout is not None:
                out = await self._process.stdout.read()
            code = await self._process.wait()
            await self._read_the_rest()
        return code, out.decode()

    async def _read_the_rest(self) -> None:
        """Read what the program has written: the system may not have handed over all of it when it has ended."""
        with contextlib.suppress(OSError):  # a terminal that went with the program
            os.write(self.slave, LAST.encode())
            while LAST not in self._text:
                self._arrived.clear()
                await self._arrived.wait()
            self._text = self._text.replace(LAST, "")


@asynccontextmanager
async def on_terminal(
    *arguments: str, stdout: int | None = None, code: str = "", **environment: str
) -> AsyncIterator[Screen]:
    """Run ``python -m vkauth`` (or ``python -c code``) on a terminal of its own, of 80 columns.

    ``stdout`` is a number for a subprocess.
    """
    pty = pytest.importorskip("pty")
    import fcntl
    import struct
    import termios

    terminal, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(Path(__file__).with_name("on_terminal.py")),
        os.ttyname(slave),
        sys.executable,
        *(("-c", code) if code else ("-m", "vkauth")),
        *arguments,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=stdout,
        start_new_session=True,
        env={**os.environ, **environment, "STDOUT": "terminal" if stdout is None else "elsewhere"},
    )
    screen = Screen(process, terminal, slave)
    try:
        yield screen
    finally:
        asyncio.get_running_loop().remove_reader(terminal)
        if process.returncode is None:
            process.kill()
            await process.wait()
        os.close(terminal)
        os.close(slave)
