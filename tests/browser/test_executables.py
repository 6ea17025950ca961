"""Which browser is started: the one that is named, and no other; else one that is installed."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import refused

from vkauth.browser import BrowserCaptcha, BrowserWindow, executables
from vkauth.browser.executables import VARIABLE, find_browser, missing_words


def program(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return str(path)


def test_the_one_that_is_named(tmp_path: Path) -> None:
    """By the argument, then by the environment; nobody looks further if that is none."""
    one, other = program(tmp_path / "one"), program(tmp_path / "bin" / "other")
    installed = program(tmp_path / "bin" / "chromium")
    environ = {"PATH": str(tmp_path / "bin"), VARIABLE: "other"}
    assert find_browser(one, environ, "linux") == one
    assert find_browser(None, environ, "linux") == other
    assert find_browser(None, environ | {VARIABLE: one}, "linux") == one
    assert find_browser(None, environ | {VARIABLE: ""}, "linux") == installed
    for given, variable in ((str(tmp_path / "none"), one), (str(tmp_path), one), (None, "none")):
        assert find_browser(given, environ | {VARIABLE: variable}, "linux") is None
    assert "path of executable" in missing_words("x", {VARIABLE: "x"})
    assert VARIABLE in missing_words(None, {VARIABLE: "x"})
    assert "install one" in missing_words(None, {})


def test_one_that_is_installed(tmp_path: Path) -> None:
    """Chrome before Edge before Chromium, of those in PATH."""
    environ = {"PATH": str(tmp_path)}
    assert find_browser(None, environ, "linux") is None
    for name in ("chromium-browser", "chromium", "microsoft-edge", "google-chrome"):
        found = program(tmp_path / name)
        assert find_browser(None, environ, "linux") == found
        assert find_browser(None, environ, "darwin") == found


def test_on_a_mac(tmp_path: Path) -> None:
    """Applications of the person's own folder; before what is in PATH."""
    environ = {"PATH": str(tmp_path / "bin"), "HOME": str(tmp_path)}
    program(tmp_path / "bin" / "chromium")
    for name in ("Chromium", "Microsoft Edge", "Google Chrome"):
        found = program(tmp_path / "Applications" / f"{name}.app" / "Contents" / "MacOS" / name)
        assert find_browser(None, environ, "darwin") == found


def test_on_windows(tmp_path: Path) -> None:
    """In the folders of programs, as the environment names them."""
    environ = {"PROGRAMFILES": str(tmp_path / "all"), "LOCALAPPDATA": str(tmp_path / "own")}
    assert find_browser(None, environ, "win32") is None
    edge = program(tmp_path / "all" / "Microsoft" / "Edge" / "Application" / "msedge.exe")
    assert find_browser(None, environ, "win32") == edge
    chrome = program(tmp_path / "own" / "Google" / "Chrome" / "Application" / "chrome.exe")
    assert find_browser(None, environ, "win32") == chrome


async def test_no_browser(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The address is on the error: the person can open it elsewhere."""
    pytest.importorskip("playwright")
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setattr(executables, "_installed", lambda *_: iter(()))
    for window in (BrowserWindow(headless=True), BrowserWindow(headless=True, executable=tmp_path / "none")):
        error = await refused(window.read_end("https://vk.example/CANARY", bool), "VALIDATION_REQUIRED")
        assert error.redirect_uri == "https://vk.example/CANARY"
        assert "CANARY" not in error.message


async def test_a_program_that_is_no_browser(tmp_path: Path) -> None:
    """It is told so, and nothing of it is left."""
    pytest.importorskip("playwright")
    window = BrowserWindow(headless=True, executable=program(tmp_path / "browser"))
    error = await refused(window.read_end("https://vk.example/CANARY", bool), "VALIDATION_REQUIRED")
    assert "did not start" in error.message
    assert "CANARY" not in error.message


@pytest.mark.parametrize("make", [BrowserWindow, BrowserCaptcha])
def test_without_playwright(monkeypatch: pytest.MonkeyPatch, make: type) -> None:
    """The extra is named, before anybody waits for a window."""
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(ImportError, match=r"pip install 'vkauth\[browser\]'"):
        make()
