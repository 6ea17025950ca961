"""The examples run, as a user would run them, against the simulator."""

from __future__ import annotations

import asyncio
import importlib.util
import inspect
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from types import ModuleType

import pytest
from aiohttp import web

from vkauth.cli.commands.demo import application
from vkauth.testing import VKSimulator

EXAMPLES = Path(__file__).parent.parent / "examples"
LOGIN, PASSWORD, CLIENT_ID = "+79990000001", "sample-password", "2274003"
TIME_LIMIT = 30
NO_BROWSER = f"{sys.executable} -c pass %s"
"""A browser that opens nothing, for ``webbrowser``."""


@pytest.fixture
async def vk() -> AsyncIterator[VKSimulator]:
    async with VKSimulator() as simulator:
        yield simulator


async def run(
    vk: VKSimulator,
    name: str,
    *arguments: str,
    cwd: Path | None = None,
    folder: Path | None = None,
    typed: str = "",
) -> tuple[int, str, str]:
    """Run an example in a process of its own; its exit code, output and error output.

    ``folder`` is for what it keeps, ``typed`` what is piped in.
    """
    environment = {
        "LOGIN": LOGIN,
        "PASSWORD": PASSWORD,
        "PHONE": LOGIN,
        "CLIENT_ID": CLIENT_ID,
        "VKAUTH_ENDPOINTS": str(vk.base_url),
        "BROWSER": NO_BROWSER,
        "PYTHONPATH": str(EXAMPLES.parent),
        "PYTHONWARNINGS": "error",
    }
    if folder is not None:
        environment["TMPDIR"] = str(folder)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(EXAMPLES / name),
        *arguments,
        env=environment,
        cwd=cwd,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await asyncio.wait_for(process.communicate(typed.encode()), TIME_LIMIT)
    assert process.returncode is not None
    return process.returncode, output.decode(), errors.decode()


def files_in(folder: Path) -> list[Path]:
    """What lies in a folder."""
    return [*folder.iterdir()]


def load(name: str) -> ModuleType:
    """An example as a module."""
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


async def test_direct(vk: VKSimulator) -> None:
    """It prints the masked token and whose it is."""
    account = vk.add_account(login=LOGIN, password=PASSWORD)
    code, output, errors = await run(vk, "direct.py")
    assert (code, errors) == (0, "")
    assert f"user {account.user_id}" in output
    assert "rights: friends, messages, offline" in output
    assert not any(token in output for token in vk.issued)
    assert vk.requests.paths() == ["POST oauth/token"]


async def test_direct_says_what_went_wrong(vk: VKSimulator) -> None:
    """A wrong password is one line, not a traceback."""
    vk.add_account(login=LOGIN, password="another-password")
    code, output, errors = await run(vk, "direct.py")
    assert (code, output) == (1, "")
    assert errors.startswith("no token: [USERNAME_OR_PASSWORD_IS_INCORRECT]")
    assert len(errors.splitlines()) == 1


async def in_a_browser(vk: VKSimulator, file: Path, *, deny: bool = False) -> tuple[int | None, str, str]:
    """Run the example as ``run`` does, with a person who logs in and pastes the address of the last page."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(EXAMPLES / "browser_login.py"),
        str(file),
        env={
            "CLIENT_ID": "51000001",
            "VKAUTH_ENDPOINTS": str(vk.base_url),
            "BROWSER": NO_BROWSER,
            "PYTHONPATH": str(EXAMPLES.parent),
            "PYTHONWARNINGS": "error",
        },
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    async with asyncio.timeout(TIME_LIMIT):
        await process.stdout.readline()
        address = await vk.approve((await process.stdout.readline()).decode().strip(), LOGIN, deny=deny)
        output, errors = await process.communicate(f"{address}\n".encode())
    asked, told = errors.decode().split("\n", 1)
    assert asked == "Address of the page at the end (not shown): "
    return process.returncode, output.decode(), told


async def test_browser_login_and_the_token_that_it_keeps(vk: VKSimulator, tmp_path: Path) -> None:
    """The second run asks for no login, until the token is dead."""
    vk.add_account(login=LOGIN, password=PASSWORD, first_name="Sample", last_name="Person")
    file = tmp_path / "token.json"
    for done in (await in_a_browser(vk, file), await run(vk, "browser_login.py", str(file))):
        assert (done[0], done[2]) == (0, "")
        assert "Sample Person UserToken(token=Secret('vk1.a.***')" in done[1]
    assert file.stat().st_mode & 0o777 == 0o600
    assert len(vk.issued) == 1
    vk.refuse_token(next(iter(vk.issued)))
    code, output, errors = await run(vk, "browser_login.py", str(file))
    assert (code, output) == (1, "")
    assert errors == f"{file}: its token is dead, or lacks rights. Delete the file and log in again.\n"


async def test_browser_login_says_what_went_wrong(vk: VKSimulator, tmp_path: Path) -> None:
    """One line, not a traceback: for a refusal, for nobody at the input, for a file that is something else."""
    vk.add_account(login=LOGIN, password=PASSWORD)
    file = tmp_path / "token.json"
    code, _, errors = await in_a_browser(vk, file, deny=True)
    assert (code, errors.startswith("no token: [ACCESS_DENIED]"), len(errors.splitlines())) == (1, True, 1)
    code, _, errors = await run(vk, "browser_login.py", str(file))
    assert (code, errors.splitlines()[-1][:25]) == (1, "no token: [ACCESS_DENIED]")
    file.write_text("something else")
    code, _, errors = await run(vk, "browser_login.py", str(file))
    assert (code, errors) == (1, f"{file}: this is not a user token that dump() gave\n")


async def test_implicit_user_and_its_cookies(vk: VKSimulator, tmp_path: Path) -> None:
    """The second run sends no password."""
    vk.add_account(login=LOGIN, password=PASSWORD)
    for _ in range(2):
        code, output, errors = await run(vk, "implicit_user.py", "cookies.json", cwd=tmp_path)
        assert (code, errors) == (0, "")
        assert "UserToken(token=Secret('vk1.a.***')" in output
    sent = [request for request in vk.requests if PASSWORD in request.form.values()]
    assert len(sent) == 1
    assert (tmp_path / "cookies.json").stat().st_mode & 0o777 == 0o600


async def test_implicit_user_names_a_file_that_holds_no_cookies(vk: VKSimulator, tmp_path: Path) -> None:
    """A file that is something else is one line, not a traceback, and stays as it is."""
    (tmp_path / "cookies.json").write_text("something else")
    code, output, errors = await run(vk, "implicit_user.py", "cookies.json", cwd=tmp_path)
    assert (code, output) == (1, "")
    assert errors == "cookies.json: these are not cookies that dump() gave\n"
    assert (tmp_path / "cookies.json").read_text() == "something else"


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("group_tokens.py", []),
        ("group_tokens.py", ["1", "x"]),
        ("verify_account.py", []),
        ("verify_account.py", ["a", "b"]),
    ],
)
async def test_wrong_arguments_are_told(vk: VKSimulator, name: str, arguments: list[str]) -> None:
    """One line says how it is used; nothing is sent."""
    code, output, errors = await run(vk, name, *arguments)
    assert (code, output) == (1, "")
    assert errors.startswith("usage: ")
    assert len(errors.splitlines()) == 1
    assert vk.requests.paths() == []


async def test_group_tokens(vk: VKSimulator) -> None:
    """It prints the tokens that came and names the communities that gave none."""
    vk.add_account(login=LOGIN, password=PASSWORD, groups=(1, 2))
    code, output, errors = await run(vk, "group_tokens.py", "1", "2", "3")
    assert (code, errors) == (0, "")
    lines = output.splitlines()
    assert lines[0].startswith("no token for (3,)")
    assert [line.split()[0] for line in lines[1:]] == ["1", "2"]


async def test_verify_account(vk: VKSimulator) -> None:
    """It passes the check of the phone number."""
    account = vk.add_account(login=LOGIN, password=PASSWORD, verification="security_check")
    code, output, errors = await run(vk, "verify_account.py", str(vk.verification_url(account)))
    assert (code, errors) == (0, "")
    assert "UserToken(" in output


async def test_captcha_and_2fa_in_a_bot(vk: VKSimulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """The owner is asked in the chat, may have the code sent again and may mistype it."""
    vk.add_account(login=LOGIN, password=PASSWORD, captcha="image", two_factor="sms", resend_delay=60)
    for name, value in {"LOGIN": LOGIN, "PASSWORD": PASSWORD, "VKAUTH_ENDPOINTS": str(vk.base_url)}.items():
        monkeypatch.setenv(name, value)
    example = load("captcha_and_2fa_in_a_bot")
    typed: list[str] = []
    asked = "What is written here?"

    class Owner:
        """Knows the answers; types a wrong captcha and code first and asks for another one too early."""

        def __init__(self) -> None:
            self.heard: list[str] = []
            self.pictures: list[bytes] = []

        async def send(self, text: str, picture: bytes | None = None) -> None:
            self.heard.append(text)
            if picture is not None:
                self.pictures.append(picture)

        async def receive(self) -> str:
            if self.heard[-1] == asked:
                answer = vk.captcha_text(vk.captchas[-1].sid) if len(self.pictures) > 1 else "mistaken"
            else:
                answer = ("again", "again", "000000", vk.code_for(LOGIN))[min(len(typed), 3)]
                typed.append(answer)
            return answer

    owner = Owner()
    token = await example.log_in(owner)
    assert str(token.token) in vk.issued
    assert len(owner.pictures) == 2
    assert owner.heard[:3] == [asked, "VK did not accept the answer to the captcha.", asked]
    assert owner.pictures[0].startswith(b"\x89PNG")
    assert typed[:3] == ["again", "again", "000000"]
    assert owner.heard[-1] == "That was right, thank you."


async def test_the_bot_says_that_nobody_answered(vk: VKSimulator, tmp_path: Path) -> None:
    """Input that ends is one line, not a traceback, and no picture stays behind."""
    vk.add_account(login=LOGIN, password=PASSWORD, captcha="image")
    code, output, errors = await run(vk, "captcha_and_2fa_in_a_bot.py", folder=tmp_path)
    assert code == 1
    assert "(the picture: " in output
    assert errors.splitlines()[-1].startswith("no token: [ACCESS_DENIED] nobody is there")
    assert files_in(tmp_path) == []


async def test_sign_in_web_needs_settings(vk: VKSimulator) -> None:
    """It names what is missing."""
    code, output, errors = await run(vk, "sign_in_web.py")
    assert (code, output) == (1, "")
    assert errors == "set AUTH_SECRET (32 characters or more) and AUTH_<PROVIDER>_ID of at least one provider\n"


def test_sign_in_web_offers_what_is_set(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Each provider whose application is in the environment; a wrong setting is told by its name."""
    example = load("sign_in_web")
    served: list[web.Application] = []
    monkeypatch.setattr(web, "run_app", lambda app, **_: served.append(app))
    monkeypatch.setenv("AUTH_SECRET", "sample-secret-of-thirty-two-characters")
    monkeypatch.setenv("AUTH_KAKAO_ID", "sample-kakao-id")
    monkeypatch.setenv("AUTH_TIKTOK_ID", "sample-tiktok-id")
    with pytest.raises(SystemExit, match="2"):
        example.main()
    assert "AUTH_TIKTOK_SECRET" in capsys.readouterr().err
    monkeypatch.setenv("AUTH_TIKTOK_SECRET", "sample-tiktok-secret")
    example.main()
    assert len(served) == 1


async def test_sign_in_web_at_a_port_that_is_taken() -> None:
    """It says so in one line, with the exit code of a wrong setting."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = {
            "PORT": str(taken.getsockname()[1]),
            "AUTH_SECRET": "sample-secret-of-thirty-two-characters",
            "AUTH_VKID_ID": "1234",
            "PYTHONPATH": str(EXAMPLES.parent),
            "PYTHONWARNINGS": "error",
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            str(EXAMPLES / "sign_in_web.py"),
            env=settings,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        output, errors = await asyncio.wait_for(process.communicate(), TIME_LIMIT)
    assert (process.returncode, output) == (2, b"")
    assert errors.startswith(b"PORT: ")
    assert b"address already in use" in errors
    assert errors.count(b"\n") == 1


def test_sign_in_web_is_what_the_demo_shows() -> None:
    """One application: whoever tried ``vkauth demo sign-in`` finds it in the example."""
    example = (EXAMPLES / "sign_in_web.py").read_text()
    assert inspect.getsource(application).endswith(example[example.index("SIGN_IN = ") : example.index("\n\ndef main")])
