"""``login browser --window`` and ``login vkid --window``: what the command makes of the window."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from cli.conftest import LOGIN, Command
from vkauth.browser import BrowserWindow
from vkauth.errors import AuthError, AuthErrorCode
from vkauth.testing import LeakScanner, VKSimulator

WAYS = [
    ("login", "browser", "--client-id", "2685278"),
    ("login", "vkid", "--client-id", "51000001", "--redirect-uri", "https://app.example/callback"),
]
Prepare = Callable[..., None]


@pytest.fixture
def window(at_simulator: VKSimulator, monkeypatch: pytest.MonkeyPatch) -> Prepare:
    """Has windows shown to a person who logs in, or end with an error."""

    def prepare(error: AuthError | None = None) -> None:
        class Window(BrowserWindow):
            async def read_end(self, url: str, is_end: Callable[[str], bool]) -> str:
                assert self._answer_timeout == 600
                if error is not None:
                    raise error
                address = await at_simulator.approve(url, LOGIN)
                assert is_end(address)
                return address

        monkeypatch.setattr("vkauth.browser.BrowserWindow", Window)

    return prepare


@pytest.mark.parametrize("way", WAYS)
async def test_a_window_asks_for_no_address(
    at_simulator: VKSimulator, window: Prepare, command: Command, way: tuple[str, ...]
) -> None:
    """It reads it, and the token is the same; whose application it is is told before the window opens."""
    window()
    at_simulator.add_account()
    done = await command(*way, "--window")
    assert done.code == 0, done.err
    assert done.out.strip() in at_simulator.issued
    assert done.err.index("The token will belong to") < done.err.index("A window opens")
    assert "authorize" not in done.err
    LeakScanner(at_simulator.issued).text(done.err, "standard error")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("error", "code"),
    [
        (AuthError(AuthErrorCode.ACCESS_DENIED, "the window was closed"), 1),
        (AuthError(AuthErrorCode.VALIDATION_REQUIRED, "no display", redirect_uri="https://id.vk.ru/authorize?a"), 5),
        (AuthError(AuthErrorCode.TIMEOUT, "nobody came to the end"), 7),
    ],
)
async def test_how_it_ends(
    at_simulator: VKSimulator, window: Prepare, command: Command, way: tuple[str, ...], error: AuthError, code: int
) -> None:
    """A closed window is 1, none at all 5 with the command to go on with, a timeout 7."""
    window(error)
    done = await command(*way, "--window")
    assert (done.code, done.out) == (code, "")
    assert (f"\n  To go on:  vkauth {' '.join(way)}\n" in done.err) is (code == 5)
    assert "authorize?a" not in done.err


@pytest.mark.parametrize("way", WAYS)
async def test_without_playwright_it_says_what_to_install(
    at_simulator: VKSimulator, command: Command, monkeypatch: pytest.MonkeyPatch, way: tuple[str, ...]
) -> None:
    """As a wrong usage."""
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setitem(sys.modules, "playwright", None)
    done = await command(*way, "--window")
    assert (done.code, done.out) == (2, "")
    assert done.err.endswith('vkauth: --window needs Playwright: pip install "vkauth[browser]"\n')
