"""The programs of the documentation run, as they stand there, with VK being the simulator."""

from __future__ import annotations

import ast
import asyncio
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from cli.conftest import on_terminal
from docs_pages import ROOT, Block, block, blocks
from peers.peer import HERE, INSTALLED, Peer

from vkauth import Captcha, DirectAuthorization, GroupToken, GroupTokens, official_app_credentials
from vkauth.testing import Account, VKSimulator
from vkauth.tokens import FileKey, Seal, SQLiteTokenStore, generate_key

pytestmark = [
    pytest.mark.docs,
    pytest.mark.skipif(sys.platform == "win32", reason="programs are started as on POSIX"),
]

LOGIN, PASSWORD = "+79990000001", "sample-password"
SECRET = "sample-secret-of-thirty-two-characters"
TIME_LIMIT = 60
CODE = "123456"
TOKEN = "POST oauth/token"


@pytest.fixture
async def vk() -> AsyncIterator[VKSimulator]:
    """Where the programs find VK, by its own names and over TLS."""
    async with VKSimulator(tls=True) as simulator:
        simulator.add_app(51234567)
        yield simulator


def environment(vk: VKSimulator, home: Path, **more: str) -> dict[str, str]:
    """That of a program for which VK is the simulator; its browser tells the address to the pipe ``opened``."""
    opened = home / "opened"
    if not opened.exists():
        os.mkfifo(opened)
    browser = home / "browser.py"
    browser.write_text(
        f"import os, sys\nos.write(os.open({str(opened)!r}, os.O_WRONLY), sys.argv[1].encode() + b'\\n')\n"
    )
    simulated = Peer("", "")._environ(vk.tls_port, vk.ca_file, home)
    paths = os.pathsep.join([str(HERE / "inside"), str(ROOT)])
    return simulated | {"PYTHONPATH": paths, "BROWSER": f"{sys.executable} {browser} %s &"} | more


class Program:
    """A block of code in a process of its own."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.output = ""

    async def read_until(self, text: str) -> str:
        """All that it has printed, when that ends with ``text``."""
        assert self._process.stdout is not None
        while not self.output.endswith(text):
            more = await asyncio.wait_for(self._process.stdout.read(4096), TIME_LIMIT)
            assert more, f"it ended: {self.output}"
            self.output += more.decode()
        return self.output

    async def type(self, text: str) -> None:
        """Answer a question."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{text}\n".encode())
        await self._process.stdin.drain()

    def stop(self) -> None:
        """Ask it to end."""
        self._process.terminate()

    async def end(self) -> tuple[int | None, str, str]:
        """Its exit code, and what it wrote."""
        try:
            output, errors = await asyncio.wait_for(self._process.communicate(), TIME_LIMIT)
        finally:
            with suppress(ProcessLookupError):
                self._process.kill()
        return self._process.returncode, self.output + output.decode(), (errors or b"").decode()


async def start(
    each: Block,
    vk: VKSimulator,
    home: Path,
    *,
    python: Path | None = None,
    errors: int = asyncio.subprocess.PIPE,
    **more: str,
) -> Program:
    """Start a program of the documentation, unchanged; its questions may be among its errors."""
    file = home / "program.py"
    file.write_text(each.code, encoding="utf-8")
    process = await asyncio.create_subprocess_exec(
        python or sys.executable,
        "-u",
        *(() if python else ("-W", "error")),
        str(file),
        cwd=home,
        env=environment(vk, home, **more),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=errors,
    )
    return Program(process)


async def opened_by(home: Path) -> str:
    """The address that the program had opened in a browser."""

    def read() -> str:
        with (home / "opened").open(encoding="utf-8") as pipe:
            return pipe.readline().strip()

    return await asyncio.wait_for(asyncio.to_thread(read), TIME_LIMIT)


async def test_the_first_program(vk: VKSimulator, tmp_path: Path) -> None:
    """The person logs in in the browser that opens, and pastes the address of the last page."""
    account = vk.add_account()
    program = await start(block("start.md", "paste_in_terminal"), vk, tmp_path)
    address = await vk.approve(await opened_by(tmp_path), account)
    await program.type(address)
    code, output, errors = await program.end()
    assert code == 0, errors
    assert "UserToken(token=Secret('vk1.a.***')" in output
    assert address not in output + errors


@pytest.mark.parametrize("first", [True, False])
async def test_ctrl_c_at_the_first_program(vk: VKSimulator, tmp_path: Path, first: bool) -> None:
    """It ends at once, without Enter, and what was pasted until then was not shown. That of the README does, too."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8").partition("```python\n")[2].partition("```")[0]
    code = block("start.md", "paste_in_terminal").code if first else readme
    async with on_terminal(code=code, **environment(vk, tmp_path)) as screen:
        await opened_by(tmp_path)
        await screen.shows("(not shown): ")
        screen.type("https://oauth.vk.ru/blank.html#access\x03")
        assert (await screen.ended())[0] != 0
        await screen.shows("KeyboardInterrupt")
    assert "blank.html#access" not in screen.text


BY_PASSWORD = [
    ("choosing.md", "in_terminal", [CODE]),
    ("hooks.md", "CallbackService.in_terminal()", [CODE]),
    ("coming/vkbottle.md", "asyncio.run(direct.run())", [CODE]),
    ("coming/vk_api.md", "ImplicitFlowUser(", [CODE]),
]


@pytest.mark.parametrize(("page", "part", "answers"), BY_PASSWORD)
async def test_logins_that_ask_in_the_terminal(
    vk: VKSimulator, tmp_path: Path, page: str, part: str, answers: list[str]
) -> None:
    """A code is asked for and read."""
    account = vk.add_account(login=LOGIN, password=PASSWORD, two_factor="sms")
    program = await start(block(page, part), vk, tmp_path)
    for each in answers:
        await program.type(each)
    code, output, errors = await program.end()
    assert code == 0, errors
    assert not any(token in output + errors for token in vk.issued)
    assert {each.user_id for each in vk.issued.values()} == {account.user_id}


@pytest.mark.parametrize("page", ["hooks.md", "coming/vk-io.md"])
async def test_hooks_of_ones_own(vk: VKSimulator, tmp_path: Path, page: str) -> None:
    """A picture and a code."""
    account = vk.add_account(login=LOGIN, password=PASSWORD, captcha="image", two_factor="sms")
    program = await start(block(page, "ask_in_terminal", "on_captcha"), vk, tmp_path, errors=asyncio.subprocess.STDOUT)
    assert "captcha.php" in await program.read_until(": ")
    await program.type(vk.captcha_text(vk.captchas[-1].sid))
    await program.read_until(f"{account.phone_mask}: ")
    await program.type(vk.code_for(account))
    code, output, _ = await program.end()
    assert code == 0, output
    assert "UserToken(token=Secret(" in output


async def test_an_error_is_told(vk: VKSimulator, tmp_path: Path) -> None:
    """The program of the page about errors says what is wrong, and what to do."""
    vk.add_account(login=LOGIN, password=PASSWORD)
    code, output, errors = await (await start(block("errors.md", "except Unreachable"), vk, tmp_path)).end()
    assert (code, errors) == (0, "")
    assert output == "USERNAME_OR_PASSWORD_IS_INCORRECT: correct what was given\n"


async def test_a_bot_logs_in_once(vk: VKSimulator, tmp_path: Path) -> None:
    """Its second start takes the token from the file."""
    account = vk.add_account(login=LOGIN, password=PASSWORD)
    for _ in range(2):
        code, output, errors = await (await start(block("tokens.md", "renew_by_login(direct)"), vk, tmp_path)).end()
        assert (code, errors) == (0, "")
        assert output == f"{account.first_name} {account.last_name}\n"
    assert vk.requests.paths().count(TOKEN) == 1


async def test_several_tokens_are_stored_at_once(tmp_path: Path) -> None:
    """Under a name for each community."""
    exec(block("tokens.md", "put_all").code, names := {})
    tokens = GroupTokens(groups=tuple(GroupToken(group_id=each, token="sample", expires_in=0) for each in (1, 2)))
    async with SQLiteTokenStore(tmp_path / "tokens.db") as store:
        await names["keep"](store, tokens)
        assert await store.keys() == ["shop/1", "shop/2"]


@pytest.mark.parametrize(("is_there", "expected"), [(True, 0), (False, 2)])
async def test_the_service_of_systemd(vk: VKSimulator, tmp_path: Path, is_there: bool, expected: int) -> None:
    """It works with the token of its sealed store; without one it ends with the code that is not tried again."""
    account = vk.add_account()
    (tmp_path / "store.key").write_text(generate_key())
    async with SQLiteTokenStore(tmp_path / "tokens.db", seal=Seal(FileKey(tmp_path / "store.key"))) as store:
        if is_there:
            await store.put("bot", token_of(vk, account))
    more = {"STATE_DIRECTORY": str(tmp_path), "CREDENTIALS_DIRECTORY": str(tmp_path)}
    program = await start(block("recipes/systemd.md", "add_signal_handler"), vk, tmp_path, **more)
    code, output, errors = await program.end()
    assert (code, errors) == (expected, "")
    assert output.startswith("at work for " if is_there else "[TOKEN_NOT_FOUND]")


async def test_the_service_is_stopped(vk: VKSimulator, tmp_path: Path) -> None:
    """By SIGTERM while it is at work: that is no failure."""
    (tmp_path / "store.key").write_text(generate_key())
    async with SQLiteTokenStore(tmp_path / "tokens.db", seal=Seal(FileKey(tmp_path / "store.key"))) as store:
        await store.put("bot", token_of(vk, vk.add_account()))
    more = {"STATE_DIRECTORY": str(tmp_path), "CREDENTIALS_DIRECTORY": str(tmp_path)}
    service = block("recipes/systemd.md", "add_signal_handler")
    at_work = service.code.replace("\n\nasync def main", f"\n    await asyncio.sleep({TIME_LIMIT})\n\nasync def main")
    program = await start(service._replace(code=at_work), vk, tmp_path, **more)
    await program.read_until("\n")
    program.stop()
    code, output, errors = await program.end()
    assert (code, errors) == (0, "")
    assert output.endswith("stopped\n")


def token_of(vk: VKSimulator, account: Account) -> Any:
    """A token that the simulator knows, to be stored."""
    from vkauth.tokens import StoredToken

    return StoredToken(token=vk.issue_token(account), user_id=account.user_id)


@pytest.mark.peers
@pytest.mark.parametrize("name", ["vkbottle", "vk_api"])
async def test_bots_on_other_libraries(vk: VKSimulator, tmp_path: Path, name: str) -> None:
    """They log in and call a method."""
    peer = Peer(name, "", with_library=True)
    peer.require()
    account = vk.add_account(login=LOGIN, password=PASSWORD)
    more = peer._environ(vk.tls_port, vk.ca_file, tmp_path)
    program = await start(
        block(f"coming/{name}.md", "StoredTokenSource"),
        vk,
        tmp_path,
        python=INSTALLED / name / "bin" / "python",
        **more,
    )
    code, output, errors = await program.end()
    assert code == 0, errors
    assert str(account.user_id) in output


@pytest.mark.peers
@pytest.mark.parametrize("name", ["vkbottle", "vk_api"])
async def test_what_is_shown_of_other_libraries(vk: VKSimulator, tmp_path: Path, name: str) -> None:
    """The code that a page calls theirs is theirs: it logs in."""
    Peer(name, "", with_library=True).require()
    vk.add_account(login=LOGIN, password=PASSWORD)
    (theirs,) = (each for each in blocks("py") if each.page == f"coming/{name}.md")
    call = (
        f"\nimport asyncio\nprint(bool(asyncio.run(log_in({LOGIN!r}, {PASSWORD!r}))))"
        if name == "vkbottle"
        else "\nprint(bool(token))"
    )
    more = Peer(name, "", with_library=True)._environ(vk.tls_port, vk.ca_file, tmp_path)
    python = INSTALLED / name / "bin" / "python"
    program = await start(theirs._replace(code=theirs.code + call), vk, tmp_path, python=python, **more)
    code, output, errors = await program.end()
    assert code == 0, errors
    assert output == "True\n"


def test_the_tests_pass(tmp_path: Path) -> None:
    """All tests that are shown, in a project of their own."""
    shown = [each for each in blocks("python") if "\nasync def test_" in each.code]
    for number, each in enumerate(shown):
        (tmp_path / f"test_shown_{number}.py").write_text(each.code, encoding="utf-8")
    settings = ["-o", "asyncio_mode=auto", "-o", "asyncio_default_fixture_loop_scope=function"]
    command = [sys.executable, "-m", "pytest", "-q", "-W", "error", *settings, "-p", "no:cacheprovider"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=TIME_LIMIT, check=False)
    assert done.returncode == 0, done.stdout
    assert f"{len(shown)} passed" in done.stdout
    assert len(shown) == 6


@pytest.fixture
def here(vk: VKSimulator, monkeypatch: pytest.MonkeyPatch) -> VKSimulator:
    """For code that runs in this process: without other endpoints, VK is the simulator."""
    monkeypatch.setattr("vkauth.authorization._base._DEFAULT_ENDPOINTS", vk.endpoints)
    return vk


async def test_the_site_asks_who_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """It sends a stranger to a page that offers its providers."""
    for name in ("AUTH_VKID_ID", "AUTH_KAKAO_ID", "AUTH_TIKTOK_ID", "AUTH_TIKTOK_SECRET"):
        monkeypatch.setenv(name, "1234")
    monkeypatch.setenv("AUTH_SECRET", SECRET)
    applications: list[web.Application] = []
    monkeypatch.setattr(web, "run_app", applications.append)
    exec(block("sign-in.md", "web.run_app").code, {})
    names: dict[str, Any] = {}
    exec(block("coming/authjs.md", "SignIn").code, names)
    for app in (*applications, names["make_app"]()):
        async with TestServer(app) as server, aiohttp.ClientSession(server.make_url("/")) as session:
            async with session.get("/api/auth/signin") as answer:
                page = await answer.text()
            assert all(f'action="/api/auth/signin/{each}"' in page for each in ("kakao", "tiktok"))
    assert len(applications) == 1


WITHOUT_A_LOGIN = [
    ("errors.md", "isinstance(error, LoginRefused)"),
    ("sign-in.md", "sign_launch_params"),
    ("sign-in.md", "kakao.authorization_request"),
    ("sign-in.md", "on_sign_in=remember"),
    ("hooks.md", "BrowserCaptcha()"),
    ("recipes/proxies.md", "proxy="),
    ("tokens.md", "KeyringKey()"),
    ("tokens.md", "[renew_by_refresh(vkid), renew_by_asking()]"),
    ("start.md", "Endpoints.under"),
]


@pytest.mark.parametrize(("page", "part"), WITHOUT_A_LOGIN)
def test_what_needs_no_login(page: str, part: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It runs to its end, and leaves nothing behind."""
    monkeypatch.chdir(tmp_path)
    exec(block(page, part).code, {})
    assert list(tmp_path.iterdir()) == []


async def test_a_captcha_in_a_chat(here: VKSimulator) -> None:
    """The owner answers by messages, wrongly first, and other messages are not taken for answers."""
    names: dict[str, Any] = {}
    exec(block("recipes/captcha-in-a-chat.md", "class Owner").code, names)
    account = here.add_account(login=LOGIN, password=PASSWORD, captcha="image", two_factor="sms")
    said: list[str] = []
    codes = ["000000", here.code_for(account)]

    async def send(text: str, picture: bytes | None) -> None:
        said.append(text)
        written = here.captcha_text(here.captchas[-1].sid) if "not accept" in text else "mistaken"
        answer = written if picture else codes.pop(0) if "The code" in text else None
        if answer is not None:
            asyncio.get_running_loop().call_soon(owner.on_message, answer)

    owner = names["Owner"](send)
    assert owner.on_message("hello") is False
    token = await login_with(names["hooks"](owner)).run()
    assert token.token in here.issued
    marks = ("not accept", "What is written", "code is wrong", "The code by", "That was")
    found = [next(mark for mark in marks if mark in text) for text in said]
    assert found == ["What is written", "not accept", "The code by", "code is wrong", "That was"]


def login_with(callbacks: Any) -> DirectAuthorization:
    """A login with hooks."""
    return DirectAuthorization(
        **official_app_credentials.android, login=LOGIN, password=PASSWORD, callback_service=callbacks
    )


async def test_a_code_is_sent_again(
    here: VKSimulator, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Once; the second time is too early, which is told."""
    here.add_account(login=LOGIN, password=PASSWORD, two_factor="sms")
    answers = ["r", "r", CODE]

    async def ask(question: str) -> str:
        return answers.pop(0)

    monkeypatch.setattr("vkauth.terminal.ask_in_terminal", ask)
    names: dict[str, Any] = {}
    exec(block("hooks.md", "challenge.resend()").code, names)
    token = await login_with(names["callbacks"]).run()
    assert token.token in here.issued
    assert re.fullmatch(r"the code can be sent again in \d+ s\n", capsys.readouterr().out)


async def test_the_owner_can_cancel(here: VKSimulator) -> None:
    """With a word; the login ends with what the hook raised."""
    from vkauth import AuthErrorCode, LoginRefused

    names: dict[str, Any] = {}
    exec(block("recipes/captcha-in-a-chat.md", "class Owner").code, names)
    here.add_account(login=LOGIN, password=PASSWORD, captcha="redirect")

    async def send(text: str, picture: bytes | None) -> None:
        asyncio.get_running_loop().call_soon(owner.on_message, "Cancel")

    owner = names["Owner"](send)
    with pytest.raises(LoginRefused) as refused:
        await login_with(names["hooks"](owner)).run()
    assert refused.value.code is AuthErrorCode.ACCESS_DENIED


async def test_a_notebook(here: VKSimulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cells, one after the other, as Jupyter runs them: the token is kept, and comes back."""
    account = here.add_account()
    names: dict[str, Any] = {}
    cells = [each.code for each in blocks("python") if each.page == "recipes/jupyter.md"]
    monkeypatch.setenv("HOME", str(tmp_path))

    async def run(cell: str) -> None:
        code = compile(cell, "cell", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        if (waiting := eval(code, names)) is not None:
            await waiting

    await run(cells[0])
    address = await here.approve(names["login"].authorization_url, account)
    monkeypatch.setattr("getpass.getpass", lambda _: address)
    for cell in cells[1:]:
        await run(cell)
    assert names["token"].token in here.issued
    assert (tmp_path / "tokens.db").exists()
    await names["source"].close()
    with pytest.raises(RuntimeError, match="await"):
        names["login"].run_sync(paste=lambda: "")
    answer: Callable[[Captcha], str] = names["callbacks"].captcha_handler
    assert callable(answer)
