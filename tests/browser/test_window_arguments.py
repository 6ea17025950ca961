"""What a window, its hook and ``run`` take; wrong arguments are told before anything is started."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from support import refused

from vkauth import BrowserAuthorization, CodeFlow, Endpoints, VKIDAuthorization
from vkauth.browser import BrowserCaptcha, BrowserWindow
from vkauth.testing import LeakScanner

pytest.importorskip("playwright")

PAGE = "https://id.vk.ru/not_robot_captcha?session_token=CANARY"


class AskedCaptcha:
    """A captcha as a hook is shown it."""

    def __init__(self, redirect_uri: str | None) -> None:
        self.redirect_uri = redirect_uri


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"executable": 1}, TypeError), ({"executable": ""}, ValueError), ({"executable": b"CANARY"}, TypeError),
        ({"headless": 1}, TypeError), ({"headless": "CANARY"}, TypeError), ({"profile": 5}, TypeError),
        ({"profile": " "}, ValueError), ({"answer_timeout": None}, TypeError), ({"answer_timeout": 0}, ValueError),
        ({"answer_timeout": float("inf")}, ValueError), ({"sandbox": None}, TypeError),
    ],
)  # fmt: skip
def test_wrong_options(options: dict[str, Any], error: type[Exception]) -> None:
    """Each is named, and its value is not repeated."""
    with pytest.raises(error, match=f"^{next(iter(options))} ") as caught:
        BrowserWindow(**options)
    assert "CANARY" not in str(caught.value)


def test_a_window_shows_nothing_of_itself(tmp_path: Path) -> None:
    """Paths may be given in any form; a ``repr`` tells only whether there is anything to see."""
    assert repr(BrowserWindow(executable=tmp_path / "browser", profile=str(tmp_path))) == "<BrowserWindow>"
    assert repr(BrowserWindow(headless=True)) == "<BrowserWindow headless>"
    assert repr(BrowserCaptcha()) == "<BrowserCaptcha>"


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"window": "CANARY"}, TypeError), ({"window": BrowserWindow}, TypeError), ({"endpoints": "CANARY"}, TypeError),
        ({"otherwise": "CANARY"}, TypeError),
    ],
)  # fmt: skip
def test_wrong_options_of_the_hook(options: dict[str, Any], error: type[Exception]) -> None:
    """As those of all hooks."""
    with pytest.raises(error, match=f"^{next(iter(options))} must be") as caught:
        BrowserCaptcha(**options)
    assert "CANARY" not in str(caught.value)


FLOWS = {
    "implicit": lambda: BrowserAuthorization(client_id=1),
    "code": lambda: CodeFlow(client_id=1, client_secret="s", redirect_uri="https://app.example/cb"),
    "vkid": lambda: VKIDAuthorization(client_id=1, redirect_uri="https://app.example/cb", id_token_key=None),
}


@pytest.mark.parametrize("flow", FLOWS)
@pytest.mark.parametrize("given", ["CANARY", BrowserWindow, 5])
async def test_what_is_no_window(flow: str, given: Any) -> None:
    """Its class is named."""
    with pytest.raises(TypeError, match=r"^window must be BrowserWindow, not") as caught:
        await FLOWS[flow]().run(window=given)
    LeakScanner(["CANARY"]).scan(caught.value)


@pytest.mark.parametrize("flow", FLOWS)
@pytest.mark.parametrize("name", ["open", "paste"])
async def test_a_window_and_a_hook(flow: str, name: str) -> None:
    """Only one of them can show a page."""
    with pytest.raises(ValueError, match=rf"^{name} cannot be given with window"):
        await FLOWS[flow]().run(window=BrowserWindow(), **{name: print})


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/not_robot_captcha?CANARY", "https://id.vk.ru.evil.example/CANARY", "javascript:CANARY",
        "https://id.vk.ru@evil.example/CANARY", "http://id.vk.ru/CANARY", "https://id.vk.ru\\@evil.example/CANARY", "",
        "https://[CANARY", "file:///etc/CANARY",
    ],
)  # fmt: skip
async def test_a_page_elsewhere(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    """Nothing is opened."""
    monkeypatch.setattr("vkauth.browser.window.Chromium", None)
    error = await refused(BrowserCaptcha()(AskedCaptcha(address)), "UNTRUSTED_REDIRECT")  # type: ignore[arg-type]
    LeakScanner(["CANARY"]).scan(error)
    assert "BrowserCaptcha(endpoints=...)" in error.advice  # the simulator's page is elsewhere too
    ours: Any = AskedCaptcha(PAGE)
    await refused(BrowserCaptcha(endpoints=Endpoints(id="https://app.example"))(ours), "UNTRUSTED_REDIRECT")


async def test_a_picture() -> None:
    """It goes to somebody else, sync or async, or nobody is there."""
    picture: Any = AskedCaptcha(None)
    await refused(BrowserCaptcha()(picture), "MISSING_CAPTCHA_HANDLER")

    async def read(captcha: Any) -> str:
        assert captcha is picture
        return "text"

    assert await BrowserCaptcha(otherwise=read)(picture) == "text"
    assert await BrowserCaptcha(otherwise=lambda _: "other")(picture) == "other"


def test_playwright_is_loaded_for_a_window_that_opens() -> None:
    """Not for one that is only made."""
    program = (
        "import sys; from vkauth.browser import BrowserWindow, BrowserCaptcha; BrowserCaptcha(BrowserWindow());"
        "print([each for each in sys.modules if each.startswith('playwright')])"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert ran.stdout == "[]\n"


async def test_no_browser_is_told_quietly(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    """The address of the login is on the error, and nowhere in the log."""
    caplog.set_level(logging.DEBUG)
    window = BrowserWindow(executable=tmp_path / "none")
    login = BrowserAuthorization(client_id=1)
    error = await refused(login.run(window), "VALIDATION_REQUIRED")
    assert error.redirect_uri == login.authorization_url
    scanner = LeakScanner([login.state or ""])
    scanner.scan(error)
    assert (login.state or "") not in caplog.text
    flow = VKIDAuthorization(client_id=1, redirect_uri="http://localhost:0/cb", id_token_key=None)
    error = await refused(flow.run(window=window), "VALIDATION_REQUIRED")
    assert "localhost%3A0%2F" not in (error.redirect_uri or "")
    assert "localhost:" in (error.redirect_uri or "") or "localhost%3A" in (error.redirect_uri or "")
