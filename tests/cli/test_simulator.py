"""``vkauth simulator`` and ``vkauth demo``."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import sys
from pathlib import Path

import aiohttp
import pytest

from cli.conftest import LONGEST, Command, program
from vkauth.cli.commands.simulator import _row, read_account
from vkauth.cli.exits import UsageError
from vkauth.cli.language import spoken
from vkauth.testing import Account


def test_accounts_from_the_command_line() -> None:
    """Options are read as the accounts of the simulator take them."""
    text = "login=+79990000002, two_factor=sms,captcha=image,groups=101+102,flood,banned=no"
    text += ",too_many_tries=3,resend_delay=2"
    assert read_account(text) == {
        "login": "+79990000002",
        "two_factor": "sms",
        "captcha": "image",
        "groups": (101, 102),
        "flood": True,
        "banned": False,
        "too_many_tries": 3,
        "resend_delay": 2.0,
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no option ''"),
        ("captcha=image", "needs a login"),
        ("login=", "needs a login"),
        ("login", "login needs a value"),
        ("login=a,password=b", "no option 'password'"),
        ("login=a,groups=x", "groups cannot be 'x'"),
        ("login=a,banned=perhaps", "banned cannot be 'perhaps'"),
    ],
)
def test_accounts_that_cannot_be(text: str, said: str) -> None:
    """The line names the option."""
    with pytest.raises(UsageError, match=re.escape(said)):
        read_account(text)


def _exists(path: str) -> bool:
    return Path(path).exists()


async def _started(command: str, *arguments: str) -> tuple[asyncio.subprocess.Process, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "vkauth",
        command,
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=dict(os.environ),
    )
    assert process.stdout is not None
    told = await asyncio.wait_for(process.stdout.readuntil(b"Ctrl-C stops it.\n"), LONGEST)
    return process, told.decode()


def test_an_account_without_options_is_told_in_the_persons_language() -> None:
    """Options are told as they are given."""
    with spoken("ru"):
        assert _row(Account(login="sample"))[-1] == "обычный вход"
        assert _row(Account(login="sample", captcha="image"))[-1] == "captcha=image"


@pytest.mark.skipif(os.name != "posix", reason="sends signals")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
async def test_it_serves_until_it_is_stopped(name: str) -> None:
    """It says so, leaves no file, and that is no failure."""
    process, told = await _started("simulator", "--tls", "--look", "page")
    try:
        found = re.search(r"http://127\.0\.0\.1:\d+", told)
        authority = re.search(r"authority to trust:\s+(\S+)", told)
        assert found is not None
        assert authority is not None
        assert _exists(authority[1])
        assert f"with Kakao at {found[0]}/kakao and with TikTok at {found[0]}/tiktok" in told
        done = await program(
            "login",
            "direct",
            "--endpoints",
            found[0],
            "--login",
            "+79990000001",
            VKAUTH_PASSWORD="sample-password",
        )
        assert done.code == 0
        assert re.fullmatch(r"vk1\.a\.\S+\n", done.out)
        assert f"vkauth login browser --app android --endpoints {found[0]}\n" in told
        verify = re.search(r"vkauth (verify --endpoints \S+ --login \S+) \\\n\s+\"(\S+)\"\n", told)
        assert verify is not None
        done = await program(*verify[1].split(), verify[2])
        assert (done.code, done.out[:6]) == (0, "vk1.a.")
        process.send_signal(getattr(signal, name))
        out, err = await asyncio.wait_for(process.communicate(), LONGEST)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0
    assert out.decode().strip() == "Stopped."
    assert err == b""
    assert not _exists(authority[1])


STOPPED_WHILE_IT_IMPORTS = """
import os, signal, sys

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "vkauth.testing.vk.simulator":
            os.kill(os.getpid(), signal.SIGINT)
            print("went on")

sys.meta_path.insert(0, Finder())
from vkauth.cli.main import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.skipif(os.name != "posix", reason="sends signals")
@pytest.mark.parametrize("arguments", [["simulator"], ["demo", "sign-in"]])
async def test_it_is_stopped_while_it_imports(arguments: list[str]) -> None:
    """At once, though that may take seconds on a slow machine."""
    done = await program(*arguments, code=STOPPED_WHILE_IT_IMPORTS)
    assert (done.code, done.out.strip(), done.err) == (0, "Stopped.", "")


async def test_its_help_says_that_the_usual_end_is_no_failure(command: Command) -> None:
    """Elsewhere Ctrl-C has an exit code of its own."""
    words = " ".join((await command("simulator", "--help")).out.split())
    assert "that is no failure, so its exit code is then 0" in words


async def test_a_port_that_is_taken_is_told(command: Command) -> None:
    """The line says how to take another one."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = await command("simulator", "--port", str(taken.getsockname()[1]))
    assert done.code == 2
    assert "choose another one with --port" in done.err


async def test_an_account_that_cannot_be_is_told(command: Command) -> None:
    """What the simulator refuses is a wrong usage."""
    done = await command("simulator", "--account", "login=a,captcha=words")
    assert done.code == 2
    assert "captcha must be one of" in done.err
    done = await command("simulator", "--account", "login=a", "--account", "login=a")
    assert "already" in done.err


@pytest.mark.parametrize("arguments", [["demo"], ["demo", "--yes"]])
async def test_the_demo_does_without_a_person(command: Command, arguments: list[str]) -> None:
    """It answers by itself and shows no more of the token than its kind."""
    done = await command(*arguments)
    assert done.code == 0
    assert done.err == ""
    assert "Signed in: Sample Person (id 100001)." in done.out
    assert "The token: vk1.a.*** " in done.out
    assert "SIMULATED" not in done.out


@pytest.mark.skipif(os.name != "posix", reason="sends signals")
async def test_the_demo_of_sign_in_serves_until_it_is_stopped() -> None:
    """It prints its address and who may sign in, opens nothing, offers every provider, and only at its own name."""
    process, told = await _started("demo", "sign-in")
    try:
        found = re.search(r"Open this in a browser: (http://127\.0\.0\.1:\d+)/\n", told)
        assert found is not None
        assert "with +79990000001 and the password 'sample-password'" in told
        async with aiohttp.ClientSession() as session:
            async with session.get(found[1]) as answer:
                assert "Nobody is signed in." in await answer.text()
            async with session.get(f"{found[1]}/api/auth/providers") as answer:
                assert list(await answer.json()) == ["vkid", "vk", "kakao", "tiktok"]
            for path in ("/", "/nothing"):
                async with session.get(found[1] + path, headers={"Host": "evil.example"}) as answer:
                    assert answer.status == 421
                    assert "DNS rebinding" in await answer.text()
        process.send_signal(signal.SIGINT)
        out, err = await asyncio.wait_for(process.communicate(), LONGEST)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert (process.returncode, out.decode().strip(), err) == (0, "Stopped.", b"")


async def test_the_demo_of_sign_in_cannot_use_a_port(command: Command) -> None:
    """Nor can it sign in by itself."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = await command("demo", "sign-in", "--port", str(taken.getsockname()[1]))
    assert done.code == 2
    assert "choose another one with --port" in done.err
    done = await command("demo", "sign-in", "--yes")
    assert done.code == 2
    assert "sign in with a browser" in done.err
