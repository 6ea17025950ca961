"""However an example ends, it is one plain line and an exit code, and nothing is left behind."""

from __future__ import annotations

import asyncio
import os
import runpy
import signal
import sys
from pathlib import Path
from typing import Any

import pytest
from cli.conftest import on_terminal
from test_examples import CLIENT_ID, EXAMPLES, LOGIN, PASSWORD, files_in, run

from vkauth.testing import VKSimulator

VERIFICATION = "https://m.vk.ru/login?act=security_check&api_hash=SAMPLE"
SETTINGS = {
    "LOGIN": LOGIN,
    "PASSWORD": PASSWORD,
    "PHONE": LOGIN,
    "CLIENT_ID": "51000001",
    "REDIS_URL": "redis://localhost",
}
NEEDED = {
    "direct.py": ((), ["LOGIN", "PASSWORD"]),
    "implicit_user.py": (("none.json",), ["CLIENT_ID", "LOGIN", "PASSWORD"]),
    "group_tokens.py": (("1",), ["CLIENT_ID", "LOGIN", "PASSWORD"]),
    "verify_account.py": ((VERIFICATION,), ["PHONE"]),
    "browser_login.py": (("none.json",), ["CLIENT_ID"]),
    "captcha_and_2fa_in_a_bot.py": ((), ["LOGIN", "PASSWORD"]),
    "long_running_bot.py": (("none.db",), ["LOGIN", "PASSWORD"]),
    "workers_redis.py": ((), ["REDIS_URL", "LOGIN", "PASSWORD"]),
}


@pytest.fixture
async def vk() -> Any:
    async with VKSimulator() as simulator:
        yield simulator


def test_every_example_is_here() -> None:
    """The bots need other people's libraries: tests/integrations; the web application has tests of its own."""
    assert {each.name for each in EXAMPLES.glob("*.py")} - set(NEEDED) == {
        "bot_vk_api.py", "bot_vkbottle.py", "sign_in_web.py"
    }  # fmt: skip


@pytest.mark.parametrize(("name", "missing"), [(name, each) for name, (_, all_) in NEEDED.items() for each in all_])
def test_a_missing_setting_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str, missing: str
) -> None:
    """Before anything is asked, opened or sent; no file is made."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [name, *NEEDED[name][0]])
    monkeypatch.delenv("VKAUTH_ENDPOINTS", raising=False)
    for setting, value in SETTINGS.items():
        monkeypatch.setenv(setting, value)
    monkeypatch.delenv(missing)
    with pytest.raises(SystemExit) as caught:
        runpy.run_path(str(EXAMPLES / name), run_name="__main__")
    errors = capsys.readouterr().err
    if name == "long_running_bot.py":  # whose codes a loop goes by
        assert (caught.value.code, errors) == (2, f"set {missing}\n")
    else:
        assert (caught.value.code, errors) == (f"set {missing}", "")
    assert files_in(tmp_path) == []


ASKING: dict[str, tuple[str, ...]] = {
    "direct.py": (),
    "implicit_user.py": ("cookies.json",),
    "group_tokens.py": ("1",),
    "captcha_and_2fa_in_a_bot.py": (),
}


@pytest.mark.parametrize("name", ASKING)
async def test_a_wrong_captcha(vk: VKSimulator, tmp_path: Path, name: str) -> None:
    """Three times; and no picture stays."""
    vk.add_account(login=LOGIN, password=PASSWORD, captcha="image", groups=(1,))
    code, _, errors = await run(vk, name, *ASKING[name], cwd=tmp_path, folder=tmp_path, typed="a\nb\nc\n")
    assert code == 1
    assert "Traceback" not in errors
    assert errors.splitlines()[-1].startswith(
        ("no token: [FAILED_PASSED_CAPTCHA]", "no tokens: [FAILED_PASSED_CAPTCHA]")
    )
    assert files_in(tmp_path) == []


AT_A_TERMINAL = """
import runpy, sys
sys.argv = {argv!r}
runpy.run_path(sys.argv[0], run_name="__main__")
"""


@pytest.mark.skipif(os.name != "posix", reason="uses terminals of POSIX")
@pytest.mark.parametrize(
    ("name", "question"),
    [
        *((name, "Text of the picture") for name in ASKING if name != "captcha_and_2fa_in_a_bot.py"),
        ("captcha_and_2fa_in_a_bot.py", "> "),
        ("browser_login.py", "(not shown): "),
    ],
)
async def test_ctrl_c(vk: VKSimulator, tmp_path: Path, name: str, question: str) -> None:
    """At the question, which is not answered."""
    vk.add_account(login=LOGIN, password=PASSWORD, captcha="image", groups=(1,))
    argv = [str(EXAMPLES / name), *ASKING.get(name, (str(tmp_path / "token.json"),))]
    settings = SETTINGS | {"VKAUTH_ENDPOINTS": str(vk.base_url), "TMPDIR": str(tmp_path), "TERM": "dumb"}
    if name != "browser_login.py":
        settings["CLIENT_ID"] = CLIENT_ID
    async with on_terminal(code=AT_A_TERMINAL.format(argv=argv), BROWSER="true", **settings) as screen:
        await screen.shows(question)
        screen.type("\x03")
        await screen.shows("stopped")
        code, _ = await asyncio.wait_for(screen.ended(), 30)
    assert code == 1
    assert "Traceback" not in screen.text
    assert screen.text.endswith("stopped\n")
    assert files_in(tmp_path) == []


WRONG = [
    *((name, "VKAUTH_ENDPOINTS", "foo", "VKAUTH_ENDPOINTS: base must be an absolute") for name in NEEDED),
    *(
        (name, "CLIENT_ID", "abc", "CLIENT_ID or VKAUTH_ENDPOINTS: client_id must be a positive number")
        for name in ("implicit_user.py", "group_tokens.py", "browser_login.py")
    ),
    ("workers_redis.py", "REDIS_URL", "foo", "REDIS_URL or VKAUTH_ENDPOINTS: url must be redis://"),
    ("long_running_bot.py", "SECONDS", "abc", "SECONDS or VKAUTH_ENDPOINTS: could not convert string to float: 'abc'"),
    ("workers_redis.py", "WORKERS", "abc", "WORKERS, REDIS_URL or VKAUTH_ENDPOINTS: invalid literal for int()"),
    ("group_tokens.py", "GROUP_ID", "0", "GROUP_ID, CLIENT_ID or VKAUTH_ENDPOINTS: group_ids must"),
    ("sign_in_web.py", "PORT", "abc", "PORT must be a number of at most 65535"),
    ("sign_in_web.py", "PORT", "99999", "PORT must be a number of at most 65535"),
    ("sign_in_web.py", "AUTH_SECRET", "short", "secret must have 32 characters or more"),
]
ARGUMENTS = {"SECONDS": ("none.db",), "WORKERS": (), "GROUP_ID": ()}
"""What stands before these on the command line; all others are in the environment."""


@pytest.mark.parametrize(("name", "setting", "value", "said"), WRONG)
def test_a_wrong_value_is_told(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    name: str,
    setting: str,
    value: str,
    said: str,
) -> None:
    """In one line, with the exit code of wrong usage, before anything is asked, opened or sent; no file is made."""
    monkeypatch.chdir(tmp_path)
    web = {"AUTH_SECRET": "sample-secret-of-thirty-two-characters", "AUTH_VKID_ID": "1234"}
    for each, usual in (SETTINGS | web).items():
        monkeypatch.setenv(each, usual)
    monkeypatch.delenv("VKAUTH_ENDPOINTS", raising=False)
    if setting in ARGUMENTS:
        arguments = (*ARGUMENTS[setting], value)
    else:
        arguments = NEEDED[name][0] if name in NEEDED else ()
        monkeypatch.setenv(setting, value)
    monkeypatch.setattr(sys, "argv", [name, *arguments])
    with pytest.raises(SystemExit) as caught:
        runpy.run_path(str(EXAMPLES / name), run_name="__main__")
    output, errors = capsys.readouterr()
    assert (caught.value.code, output) == (2, "")
    assert said in errors
    assert len(errors.splitlines()) == 1
    assert files_in(tmp_path) == []


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.name)
def test_an_example_says_how_it_is_started(path: Path) -> None:
    """From the folder in which the others are as well."""
    shown = [each for each in path.read_text(encoding="utf-8").splitlines() if each.startswith("    ")]
    assert any(f"python examples/{path.name}" in each for each in shown)


@pytest.mark.skipif(os.name != "posix", reason="sends signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
async def test_the_bot_is_ended_from_outside(vk: VKSimulator, tmp_path: Path, number: int) -> None:
    """At the question: no picture stays."""
    vk.add_account(login=LOGIN, password=PASSWORD, captcha="image")
    argv = [str(EXAMPLES / "captcha_and_2fa_in_a_bot.py")]
    settings = SETTINGS | {"VKAUTH_ENDPOINTS": str(vk.base_url), "TMPDIR": str(tmp_path)}
    async with on_terminal(code=AT_A_TERMINAL.format(argv=argv), **settings) as screen:
        await screen.shows("> ")
        assert files_in(tmp_path) != []
        screen.send(number)
        code, _ = await asyncio.wait_for(screen.ended(), 30)
    assert code == 1
    assert "Traceback" not in screen.text
    assert files_in(tmp_path) == []
