"""``vkauth doctor`` as a command: what it prints, and how it ends."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import re
import struct
import sys
import termios
from pathlib import Path
from typing import Any

import pytest

from cli.conftest import LONGEST, Command, on_terminal
from cli.doctor.conftest import NAMES, checks_of, ended, fill
from vkauth.cli.commands.doctor import examination
from vkauth.testing import VKSimulator
from vkauth.tokens import StoredToken

pytestmark = pytest.mark.skipif(os.name != "posix", reason="modes and terminals are those of POSIX")


async def test_all_is_well(at_simulator: VKSimulator, command: Command, home: Path) -> None:
    """Every check in its order, as plain lines in a pipe, 0 as exit code, and nothing is made."""
    done = await command("doctor")
    assert done.code == 0, done.out
    lines = done.out.splitlines()
    assert [line.partition(":")[0] for line in lines] == [*NAMES, "All is well."]
    assert "\x1b" not in done.out
    assert done.err == f"Talking to {at_simulator.base_url}, not to VK.\n"
    assert not (home / "data").exists()
    assert not any("pass" in each.params or "cookie" in each.headers for each in at_simulator.requests)


async def test_json(at_simulator: VKSimulator, command: Command) -> None:
    """An object with the checks in their order."""
    found = checks_of(await command("doctor", "--json"))
    assert {name for name, each in found.items() if each["status"] != "ok"} == {"modes"}
    assert found["modes"]["status"] == "skipped"
    assert "vkauth" in found["versions"]["message"]


async def test_offline(at_simulator: VKSimulator, command: Command, home: Path) -> None:
    """VK is not asked, and the clock is compared with the store alone."""
    await fill(home / "data" / "vkauth" / "tokens.db", {"me": StoredToken(token="SAMPLE-token")})
    found = checks_of(await command("doctor", "--offline", "--json"))
    assert not list(at_simulator.requests)
    assert {name for name, each in found.items() if each["status"] == "skipped"} == {"clock", "reachability", "look"}
    assert found["clock"]["status"] == "skipped"
    assert "comes from the future" in found["clock"]["message"]


async def test_something_to_see_to(at_simulator: VKSimulator, command: Command, home: Path) -> None:
    """Warnings end with 0, an error with 1; the last line counts them."""
    path = home / "tokens.db"
    await fill(path, {"old": StoredToken(token="SAMPLE-token", expires_at=ended())})
    os.chmod(home, 0o700)  # noqa: PTH101
    os.chmod(path, 0o640)  # noqa: PTH101
    done = await command("doctor", "--store", str(path))
    assert done.code == 0
    assert done.out.splitlines()[-1] == "2 things to see to (2 warnings): store, modes."
    path.write_text("something else")
    done = await command("doctor", "--store", str(path))
    assert done.code == 1
    assert done.out.splitlines()[-1] == "2 things to see to (1 error, 1 warning): store, modes."


@pytest.mark.parametrize("words", [["--timeout", "0"], ["--timeout", "nan"], ["--proxy", "socks5://127.0.0.1"]])
async def test_wrong_usage(command: Command, words: list[str]) -> None:
    """Is told before anything is done."""
    done = await command("doctor", *words)
    assert (done.code, done.out) == (2, "")


async def test_a_password_in_an_argument(command: Command) -> None:
    """Is wrong usage, and is not repeated."""
    done = await command("doctor", "--store", "redis://:sample-password@127.0.0.1/0")
    assert done.code == 2
    assert "VKAUTH_STORE" in done.err
    assert "sample-password" not in done.err


async def test_a_check_that_fails(at_simulator: VKSimulator, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is an error of that check, told by the exception's type alone; the others are made."""

    def fail(*_: object) -> Any:
        raise ZeroDivisionError("SAMPLE-secret")

    monkeypatch.setattr(examination, "check_versions", fail)
    monkeypatch.setattr(examination.look, "find_page", fail)
    done = await command("doctor", "--json")
    found = checks_of(done)
    assert done.code == 1
    for name in ("versions", "look"):
        assert found[name]["status"] == "error"
        assert found[name]["message"].startswith("This check failed (ZeroDivisionError)")
    assert found["reachability"]["status"] == "ok"
    assert "SAMPLE-secret" not in done.out + done.err


async def test_a_check_that_hangs(at_simulator: VKSimulator, command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ends after its time, and the others are made."""

    async def hang(*_: object) -> Any:
        await asyncio.Event().wait()

    monkeypatch.setattr(examination.look, "find_page", hang)
    monkeypatch.setattr(examination, "_SLACK", 0.0)
    found = checks_of(await command("doctor", "--json", "--timeout", "0.2"))
    assert found["look"]["status"] == "error"
    assert found["look"]["message"] == "This check did not end within 0.4 s: try again."
    assert found["store"]["status"] == "ok"


async def _shown(columns: int, *arguments: str, **environment: str) -> str:
    """What a terminal of so many columns shows."""
    code = "import sys; from vkauth.cli.main import main; sys.stdin.readline(); sys.exit(main(sys.argv[1:]))"
    async with on_terminal(*arguments, code=code, **environment) as screen:
        fcntl.ioctl(screen.slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        screen.type("\n")
        async with asyncio.timeout(LONGEST):
            await screen.ended()
        return screen.text


@pytest.mark.skipif(sys.platform == "win32", reason="a terminal of POSIX")
@pytest.mark.parametrize("columns", [40, 80, 120])
async def test_on_a_terminal(home: Path, columns: int) -> None:
    """Status in words and in colour, commands in lines of their own, and no line is wider than the terminal."""
    path = home / "t.db"
    await fill(path, {"old": StoredToken(token="SAMPLE-token", client_id="123", expires_at=ended())})
    if columns == 80:
        assert "\x1b[33mwarning" in await _shown(columns, "doctor", "--offline", VKAUTH_STORE=str(path))
    plain = await _shown(columns, "doctor", "--offline", VKAUTH_STORE=str(path), NO_COLOR="1")
    assert "\x1b[33m" not in plain
    lines = re.sub(r"\x1b\[[0-9;]*m", "", plain).splitlines()
    if columns == 40:
        assert "store: warning" in lines
    else:
        assert any(line.startswith("Check         Status   What was found") for line in lines)
        assert any(line.endswith(" vkauth login --client-id 123 --save old") for line in lines)
    assert max(map(len, lines)) <= columns
    assert "  1 thing to see to (1 warning): store" in " ".join(lines)


def test_json_has_only_what_is_to_be_told(capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever records are called."""
    from vkauth.cli.commands.doctor.drawing import as_json
    from vkauth.cli.commands.doctor.findings import Check, Part, Status

    check = Check("store", (Part(Status.ERROR, "a\nb", ""), Part(Status.OK, "c", "", "rm 'd\ne'")))
    assert json.loads(as_json([check])) == {
        "checks": [{"name": "store", "status": "error", "message": "a\nb c: `rm 'd\ne'`."}]
    }
