"""Opening a page in the person's browser."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from pathlib import Path

import pytest

from cli.conftest import LONGEST
from vkauth.cli.opening import has_screen, open_page

URL = "https://oauth.vk.ru/authorize?client_id=1&state=sample state's"
posix = pytest.mark.skipif(os.name != "posix", reason="the browser is a script")


@pytest.mark.parametrize(
    ("platform", "variables", "seen"),
    [
        ("linux", {}, False),
        ("linux", {"DISPLAY": ":0"}, True),
        ("linux", {"WAYLAND_DISPLAY": "wayland-0"}, True),
        ("linux", {"BROWSER": "firefox"}, True),
        ("linux", {"SSH_CONNECTION": "1"}, False),
        ("linux", {"SSH_CONNECTION": "1", "DISPLAY": "localhost:10.0"}, True),
        ("darwin", {}, True),
        ("win32", {}, True),
        ("darwin", {"SSH_CONNECTION": "1"}, False),
    ],
)
def test_whether_a_browser_would_be_seen(
    monkeypatch: pytest.MonkeyPatch, platform: str, variables: dict[str, str], seen: bool
) -> None:
    """Not over SSH, and not without a screen: there only browsers inside of the terminal would start."""
    monkeypatch.delenv("SSH_CONNECTION")
    monkeypatch.setattr(sys, "platform", platform)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert has_screen() is seen


def _text(path: Path) -> str:
    return path.read_text()


@pytest.fixture
def browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A browser that writes down what it is to open, and says something about it."""
    script = tmp_path / "browser"
    script.write_text(f'#!/bin/sh\necho noise\nprintf %s "$1" > {tmp_path}/opened\n')
    script.chmod(0o700)
    monkeypatch.setenv("BROWSER", f"{script} %s")
    return tmp_path / "opened"


@posix
async def test_the_address_is_opened_whole(browser: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """And what the browser says is kept from our output."""
    assert await open_page(URL)
    assert _text(browser) == URL
    assert capfd.readouterr() == ("", "")


@posix
async def test_a_browser_that_fails_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """The person is told then, and opens the address themselves."""
    monkeypatch.setenv("BROWSER", "false %s")
    monkeypatch.setenv("PATH", "/nowhere")
    assert not await open_page(URL)


@posix
async def test_the_folder_is_not_searched_for_programs(
    browser: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever left a webbrowser.py where the person happens to be has neither it run nor the address."""
    folder = tmp_path / "downloads"
    folder.mkdir()
    for name in ("webbrowser", "shlex", "sitecustomize"):
        (folder / f"{name}.py").write_text(f"open({str(folder / 'run')!r}, 'w')\ndef open(url): return True\n")
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PYTHONPATH", str(folder))
    assert await open_page(URL)
    assert _text(browser) == URL
    assert "run" not in os.listdir(folder)  # noqa: PTH208


async def test_no_interpreter_is_no_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where this program is not run by one."""
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    assert not await open_page(URL)


@posix
async def test_a_browser_that_stays_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has been opened, and goes on until the person ends it."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    monkeypatch.setenv("BROWSER", f"sh -c 'cat {pipe}' %s")
    monkeypatch.setattr("vkauth.browser.person.LONGEST_START", 0.2)
    begin = time.monotonic()
    assert await asyncio.wait_for(open_page(URL), LONGEST)
    assert time.monotonic() - begin < LONGEST / 2
    with pipe.open("w"):  # ends it
        pass
