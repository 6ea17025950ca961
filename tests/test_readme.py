"""What the README shows runs."""

from __future__ import annotations

import asyncio
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

import vkauth
from vkauth.testing import VKSimulator

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
TIME_LIMIT = 60


def blocks(language: str) -> list[str]:
    """The code blocks of a language, in order."""
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


async def test_the_first_program_logs_in(vk_simulator: VKSimulator, tmp_path: Path) -> None:
    """It gets a token: the person opens the address that it prints, and pastes that of the last page."""
    account = vk_simulator.add_account()
    vk_simulator.add_app(51234567)
    program = blocks("python")[0].replace("client_id=51234567", "endpoints=HERE, client_id=51234567")
    file = tmp_path / "program.py"
    file.write_text(f"from vkauth import Endpoints\nHERE = Endpoints.under({str(vk_simulator.base_url)!r})\n{program}")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-u", "-W", "error", str(file)),
        env={**os.environ, "BROWSER": f"{sys.executable} -c pass %s"},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    async with asyncio.timeout(TIME_LIMIT):
        url = (await process.stdout.readline()).decode().strip()
        address = await vk_simulator.approve(url, account)
        output, _ = await process.communicate(f"{address}\n".encode())
    assert process.returncode == 0
    assert f"{account.user_id} UserToken(token=Secret('vk1.a.***')" in output.decode()


async def test_the_hooks_are_asked(vk_simulator: VKSimulator) -> None:
    """The program with hooks gets a token, through a captcha and a code."""
    account = vk_simulator.add_account(
        login="+79990000001", password="sample-password", captcha="image", two_factor="sms"
    )
    asked: list[str] = []

    async def ask(question: str) -> str:
        asked.append(question)
        return (
            vk_simulator.captcha_text(vk_simulator.captchas[-1].sid)
            if question.startswith("http")
            else vk_simulator.code_for(account)
        )

    names: dict[str, Any] = {"ask": ask, "HERE": vk_simulator.endpoints}
    program = next(each for each in blocks("python") if "on_captcha" in each)
    exec(program.replace('"password": "..."', '"password": "sample-password", "endpoints": HERE'), names)
    assert (await names["direct"].run()).token in vk_simulator.issued
    assert len(asked) == 2


def test_the_tests_pass(tmp_path: Path) -> None:
    """The tests with the simulator's fixture pass, in a project of their own."""
    tests = [each for each in blocks("python") if "vk_simulator" in each]
    for number, each in enumerate(tests):
        (tmp_path / f"test_readme_{number}.py").write_text(each)
    settings = ["-o", "asyncio_mode=auto", "-o", "asyncio_default_fixture_loop_scope=function"]
    command = [sys.executable, "-m", "pytest", "-q", "-W", "error", *settings, "-p", "no:cacheprovider"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=TIME_LIMIT, check=False)
    assert done.returncode == 0, done.stdout
    assert f"{len(tests)} passed" in done.stdout
    assert len(tests) == 2


async def test_the_web_application_asks_who_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The application sends a stranger to a page that offers its providers, and from there to one of them."""
    for name in ("AUTH_VKID_ID", "AUTH_KAKAO_ID", "AUTH_TIKTOK_ID", "AUTH_TIKTOK_SECRET"):
        monkeypatch.setenv(name, "1234")
    monkeypatch.setenv("AUTH_SECRET", "sample-secret-of-thirty-two-characters")
    applications: list[web.Application] = []
    monkeypatch.setattr(web, "run_app", applications.append)
    exec(next(each for each in blocks("python") if "SignIn" in each), {})
    async with TestServer(applications[0]) as server, aiohttp.ClientSession(server.make_url("/")) as session:
        async with session.get("/") as answer:
            page = await answer.text()
        assert answer.url.path == "/api/auth/signin"
        assert all(f'action="/api/auth/signin/{each}"' in page for each in ("vkid", "kakao", "tiktok"))


def test_the_two_commands_are_single_lines_that_continuous_integration_runs() -> None:
    """One line sets up and runs the demo, one the tests; both are what ``.ci/run`` takes from the README."""
    commands = [block.strip() for block in blocks("sh") if block.startswith("python3 -m venv")]
    assert len(commands) == 2
    assert all("\n" not in command for command in commands)
    patterns = re.findall(r"grep -E '(\^python3[^']+)' README\.md", (ROOT / ".ci" / "run").read_text())
    assert len(patterns) == 2
    for pattern in patterns:
        assert sum(re.search(pattern, command) is not None for command in commands) == 1


@pytest.mark.parametrize("line", [line for block in blocks("sh") for line in block.splitlines() if "vkauth " in line])
def test_the_commands_exist(line: str) -> None:
    """Every ``vkauth`` command that is shown is one that the command knows."""
    words = shlex.split(re.sub(r"^\w+=\$\((.*)\)$", r"\1", line), comments=True)
    while words and not words[0].endswith("vkauth"):
        words.pop(0)
    done = subprocess.run(
        [sys.executable, "-m", "vkauth", *words[1:], "--help"], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr


def test_every_error_code_is_explained() -> None:
    """The table of codes leaves none out."""
    missing = [code for code in vkauth.AuthErrorCode if f"`{code}`" not in README]
    assert missing == []


def test_the_russian_readme_shows_the_same_code() -> None:
    """Its code is that of the English one, block by block; only the comments are in Russian."""

    def code(text: str) -> list[tuple[str, str]]:
        found = re.findall(r"```(python|sh)\n(.*?)```", text, re.DOTALL)
        return [(language, re.sub(r"[ \t]*#.*", "", block)) for language, block in found]

    assert code((ROOT / "README.ru.md").read_text(encoding="utf-8")) == code(README)
