"""What the README shows runs."""

from __future__ import annotations

import asyncio
import importlib.metadata
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from cli.conftest import on_terminal
from docs_pages import commands_in
from yarl import URL

import vkauth
from vkauth import BrowserAuthorization
from vkauth.cli.commands import register
from vkauth.cli.parser import parse
from vkauth.testing import VKSimulator
from vkauth.tokens import SQLiteTokenStore

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
TIME_LIMIT = 60


def blocks(language: str, name: str = "README.md") -> list[str]:
    """The code blocks of a language, in order."""
    text = (ROOT / name).read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


async def _run(program: str, vk: VKSimulator) -> asyncio.subprocess.Process:
    """A program of the README that talks to the simulator instead of VK."""
    whole = f"from vkauth import Endpoints\nHERE = Endpoints.under({str(vk.base_url)!r})\n{program}"
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-u", "-W", "error", "-c", whole),
        env={**os.environ, "BROWSER": f"{sys.executable} -c print(%s)"},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def test_the_first_program_logs_in(vk_simulator: VKSimulator) -> None:
    """It gets a token: the person logs in at the address that opens, and pastes that of the last page."""
    account = vk_simulator.add_account()
    vk_simulator.add_app(51234567)
    program = blocks("python")[0].replace("client_id=51234567", "endpoints=HERE, client_id=51234567, state='s' * 32")
    process = await _run(program, vk_simulator)
    url = BrowserAuthorization(
        endpoints=vk_simulator.endpoints, client_id=51234567, scope="friends,offline", state="s" * 32
    ).authorization_url
    async with asyncio.timeout(TIME_LIMIT):
        address = await vk_simulator.approve(url, account)
        output, errors = await process.communicate(f"{address}\n".encode())
    assert process.returncode == 0, errors
    assert f"{account.user_id} UserToken(token=Secret('vk1.a.***')" in output.decode()


async def test_the_program_with_a_password_asks_what_vk_asks(vk_simulator: VKSimulator) -> None:
    """It gets a token with a code, and tells of what goes wrong in words."""
    login = "+79990000001"
    account = vk_simulator.add_account(login=login, password="sample-password", two_factor="sms")
    program = next(each for each in blocks("python") if "in_terminal()" in each).replace(
        'password="..."', 'password="sample-password", endpoints=HERE'
    )
    for answer, said in ((vk_simulator.code_for(account), "done True"), ("", "MISSING_TWO_FACTOR_HANDLER]")):
        process = await _run(f"{program}\nprint('done', 'token' in globals())", vk_simulator)
        async with asyncio.timeout(TIME_LIMIT):
            output, errors = await process.communicate(f"{answer}\n".encode() if answer else b"")
        assert process.returncode == 0, errors
        assert said in output.decode() + errors.decode()


@pytest.mark.skipif(os.name != "posix", reason="uses terminals of POSIX")
async def test_the_commands_run(vk_simulator: VKSimulator, tmp_path: Path) -> None:
    """All of them, one after the other, in one shell: what one stores the next one uses."""
    account = vk_simulator.add_account()
    vk_simulator.add_app(51234567)
    lines = next(each for each in blocks("sh") if "--save me" in each).splitlines()
    assert lines.pop(0).startswith("pip install 'vkauth[cli]'")
    (tmp_path / "vkauth").write_text(f'#!/bin/sh\nexec {sys.executable} -m vkauth "$@"\n')
    (tmp_path / "vkauth").chmod(0o700)
    settings = {"VKAUTH_ENDPOINTS": str(vk_simulator.base_url), "XDG_DATA_HOME": str(tmp_path / "data")}
    settings |= {"PATH": f"{tmp_path}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT), "BROWSER": "true"}
    script = "\n".join([*lines, "code=$?", 'echo "the token: $TOKEN, the end: $code"'])
    async with on_terminal(code=f"import os; os.execvp('bash', ['bash', '-uc', {script!r}])", **settings) as screen:
        await screen.shows("1, 2 or 3: ")
        screen.type("1\n")
        await screen.shows("Paste the key to check it (Enter: later, with vkauth check): ")
        screen.type("\n")
        await screen.shows("(not shown): ")
        [url] = re.findall(r"http://\S+authorize\?\S+", screen.text)
        screen.type(f"{await vk_simulator.approve(URL(url), account)}\n")
        await screen.shows("the token: vk1.a.")
        await screen.shows(", the end: ")
        assert (await screen.ended())[0] == 0
    assert re.search(r", the end: [01]$", screen.text.strip())


@pytest.mark.skipif(os.name != "posix", reason="uses terminals of POSIX")
async def test_the_kept_token_is_asked_for_once(
    vk_simulator: VKSimulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A person pastes the address of a login's last page, unseen; the second start takes the token from the file."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    token = vk_simulator.issue_token(vk_simulator.add_account())
    program = next(each for each in blocks("python") if "StoredTokenSource" in each)
    for asks in (True, False):
        async with on_terminal(code=program) as screen:
            if asks:
                await screen.shows(": ")
                screen.type(f"https://oauth.vk.ru/blank.html#access_token={token}&expires_in=0&user_id=7\n")
            await screen.shows("StoredToken(")
            assert (await screen.ended())[0] == 0
            assert "user_id=7" in screen.text
            assert token not in screen.text
            assert ("address" in screen.text) is asks
    async with SQLiteTokenStore(tmp_path / "tokens.db") as store:
        assert await store.keys() == ["me"]


def test_the_tests_pass(tmp_path: Path) -> None:
    """The tests with the simulator's fixture pass, in a project of their own that has no settings."""
    tests = [each for each in blocks("python") if "vk_simulator" in each]
    for number, each in enumerate(tests):
        (tmp_path / f"test_readme_{number}.py").write_text(each)
    unset = ["-W", "ignore:The configuration option"]  # pytest-asyncio: of what its default will be
    command = [sys.executable, "-m", "pytest", "-q", "-W", "error", *unset, "-p", "no:cacheprovider"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=TIME_LIMIT, check=False)
    assert done.returncode == 0, done.stdout
    assert f"{len(tests)} passed" in done.stdout
    assert len(tests) == 1


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


@pytest.mark.parametrize("name", ["README.md", "README.ru.md"])
def test_the_commands_are_understood(name: str) -> None:
    """Every ``vkauth`` line is one that the command's own parser takes, with its options and arguments."""
    found = [words for _line, words in commands_in("".join(blocks("sh", name)))]
    assert {words[0] for words in found} == {"demo", "login", "token", "doctor"}
    assert ["login", "browser", "--client-id", "51234567", "--save", "me"] in found
    for words in found:
        assert callable(parse(words, register).run)


@pytest.mark.parametrize(("line", "words"), [("a=$(vkauth token me) # x", ["token", "me"]), ("pip vkauth", None)])
def test_the_words_of_a_command_are_found(line: str, words: list[str] | None) -> None:
    """Also where a variable gets what it prints; what installs it is no command of it."""
    assert [each for _line, each in commands_in(line)] == ([] if words is None else [words])


def test_one_sentence_says_what_it_is() -> None:
    """The same one wherever the project is told of in a sentence, in each of the two languages."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        sentence = tomllib.load(file)["project"]["description"]
    site = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    told, told_in_russian = re.findall(r'site_description: "(.+)"', site)
    assert told == sentence
    assert str(vkauth.__doc__).startswith(f"{sentence}.")
    for text, name in ((sentence, ".md"), (told_in_russian, ".ru.md")):
        for path in (ROOT / f"README{name}", ROOT / "docs" / f"index{name}"):
            assert f"\n\n{text}." in path.read_text(encoding="utf-8"), path


@pytest.mark.parametrize("name", ["README.md", "README.ru.md"])
def test_a_readme_is_short_and_its_links_lead_somewhere(name: str) -> None:
    """Under 160 lines, and every file that it names is there."""
    text = (ROOT / name).read_text(encoding="utf-8")
    assert len(text.splitlines()) < 160
    links = re.findall(r"\]\(([^)]+)\)", text) + re.findall(r'src="([^"]+)"', text)
    assert len(links) > 15
    assert [each for each in links if not (ROOT / each).exists()] == []


def test_the_description_of_the_package_stands_alone() -> None:
    """Where it is shown without the project's files it has neither links to them nor pictures of them."""
    found = importlib.metadata.metadata("vkauth")
    text = found["Description"] or str(found.get_payload())  # where it stands differs
    assert "# vkauth" in text
    assert [each for each in re.findall(r"\]\(([^)]+)\)", text) if not each.startswith("https://")] == []
    assert "<img" not in text
    assert "examples" in text


def test_the_russian_readme_shows_the_same_code() -> None:
    """Its code is that of the English one, block by block; only the comments are in Russian."""

    def code(text: str) -> list[tuple[str, str]]:
        found = re.findall(r"```(python|sh)\n(.*?)```", text, re.DOTALL)
        return [(language, re.sub(r"[ \t]*#.*", "", block)) for language, block in found]

    assert code((ROOT / "README.ru.md").read_text(encoding="utf-8")) == code(README)
