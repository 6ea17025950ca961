"""The command as a program: what it imports, how it ends, what goes where."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cli.conftest import LOGIN, PASSWORD, program
from vkauth import __version__
from vkauth.testing import LeakScanner, VKSimulator


async def test_the_version() -> None:
    """The version alone is printed."""
    done = await program("--version")
    assert (done.code, done.out) == (0, f"vkauth {__version__}\n")


@pytest.mark.parametrize(
    "arguments",
    [
        ["--version"],
        ["--help"],
        ["login", "direct", "--help"],
        ["login", "--nonsense"],
        ["whoami", "me", "x"],
        ["check", "-h"],
    ],
)
async def test_what_needs_no_network_loads_none_of_it(arguments: list[str]) -> None:
    """Help and wrong usage come at once."""
    code = f"import sys; from vkauth.cli.main import main; main({arguments!r}); print(*sys.modules, file=sys.stderr)"
    done = await program(code=code)
    assert not {"aiohttp", "rich", "PIL", "vkauth.testing"} & set(done.err.split())


@pytest.mark.parametrize("missing", ["rich", "PIL"])
async def test_a_missing_extra_is_one_line(missing: str) -> None:
    """It says what to install."""
    code = f"import sys; sys.modules[{missing!r}] = None; from vkauth.cli.main import main; sys.exit(main(['demo']))"
    done = await program(code=code)
    assert done.code == 2
    assert done.err == 'vkauth: this command needs rich and Pillow: pip install "vkauth[cli]"\n'


async def test_secrets_come_by_the_input_too(vk: VKSimulator) -> None:
    """Login, password and code may be piped in."""
    vk.add_account(two_factor="sms")
    done = await program("login", "direct", "--endpoints", str(vk.base_url), typed=f"{LOGIN}\n{PASSWORD}\n123456\n")
    assert done.code == 0
    assert done.out.strip() in vk.issued


async def test_verbose_tells_what_happens_without_secrets(vk: VKSimulator) -> None:
    """Requests are told, passwords, codes and tokens are not."""
    vk.add_account(two_factor="sms")
    environment = {"VKAUTH_ENDPOINTS": str(vk.base_url), "VKAUTH_LOGIN": LOGIN, "VKAUTH_PASSWORD": PASSWORD}
    done = await program("-v", "login", "direct", typed="123456\n", **environment)
    assert done.code == 0
    assert "POST oauth/token: 200" in done.err
    LeakScanner([PASSWORD, "123456", *vk.issued]).text(done.err, "standard error")
    quiet = await program("login", "direct", typed="123456\n", **environment)
    assert "oauth/token" not in quiet.err


async def test_a_fault_of_vkauth_itself_shows_no_values() -> None:
    """Its kind and, with -v, its place: never its text."""
    code = (
        "import sys\nfrom vkauth.cli import main\nfrom vkauth.cli.commands import demo\n"
        "def broken(arguments):\n"
        "    raise KeyError('sample-secret')\n"
        "demo.run = broken\n"
        "sys.exit(main.main([*sys.argv[1:], 'demo']))"
    )
    done = await program(code=code)
    assert done.code == 1
    assert done.err == "vkauth: something is wrong in vkauth itself (KeyError); with -v it tells where.\n"
    told = await program("-v", code=code)
    assert "in broken" in told.err
    assert "sample-secret" not in told.err.replace("raise KeyError('sample-secret')", "")


@pytest.mark.skipif(os.name != "posix", reason="about pipes of POSIX")
async def test_a_reader_that_has_gone_is_no_traceback() -> None:
    """A pipe that nobody reads is told in one line."""
    code = (
        "import os, sys; from vkauth.cli.main import main\n"
        "reader, writer = os.pipe(); os.close(reader); os.dup2(writer, 1)\n"
        "sys.exit(main(['demo', '--yes']))"
    )
    done = await program(code=code)
    assert done.code == 10
    assert done.err == "vkauth: nobody reads the standard output, so nothing was done.\n"


WITHOUT_POSIX = """
import asyncio, getpass, io, os, select, signal, sys, tempfile
from pathlib import Path
import aiohttp, PIL.Image, rich.console
sys.platform = "win32"
sys.modules |= dict.fromkeys(["termios", "fcntl", "pty"])
for module, names in ((signal, ["SIGHUP", "pthread_sigmask"]), (os, ["O_TMPFILE"]), (select, ["poll"])):
    for name in names:
        if hasattr(module, name):
            delattr(module, name)
from vkauth.cli.main import main
sys.exit(main(["login", "user", *sys.argv[1:]]))
"""


async def test_it_needs_nothing_that_windows_lacks(vk: VKSimulator, tmp_path: Path) -> None:
    """Without terminals, signals and files of POSIX a login gives a token and cookies all the same."""
    vk.add_account(two_factor="sms")
    path = tmp_path / "cookies.json"
    arguments = ["--app", "android", "--endpoints", str(vk.base_url), "--cookies", str(path)]
    done = await program(*arguments, typed=f"{LOGIN}\n{PASSWORD}\n123456\n", code=WITHOUT_POSIX)
    assert (done.code, done.out.strip() in vk.issued) == (0, True), done.err
    assert path.stat().st_size > 0
