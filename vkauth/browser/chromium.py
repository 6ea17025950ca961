"""A browser from its start to its end. Whatever happens in between, nothing of it is left."""

from __future__ import annotations

import asyncio
import importlib
import os
import sys
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from vkauth.browser.executables import find_browser, missing_words
from vkauth.browser.patience import see_done
from vkauth.browser.processes import children, driver_of, find_browsers, idle_drivers, kill_browsers, kill_child
from vkauth.browser.profiles import OwnProfile, remove_abandoned

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Playwright

__all__ = ["BrowserOptions", "Chromium", "NotStartedError"]

LONGEST_START: Final = 60.0
"""Seconds that a browser has to start."""

LONGEST_END: Final = 5.0
"""Seconds for each step of ending by itself; then it is killed."""

_ENDED: Final = "it was ended before it was there"
_NO_DISPLAY: Final = "there is no display to show it on"
# What the browser itself says, and what that means for whoever uses this. Its own words hold paths and are long.
_REASONS: Final = {
    "without --no-sandbox is not supported": "root cannot use its sandbox: sandbox=False",
    "No usable sandbox": "this machine does not let it have a sandbox: sandbox=False",
    "Missing X server": _NO_DISPLAY,
    "cannot open display": _NO_DISPLAY,
    "existing browser session": "another browser uses this profile",
    "ProcessSingleton": "another browser uses this profile",
    "non-default data directory": "this profile is the one of the person's own Chrome, which it lets nobody watch",
}

_Value = TypeVar("_Value")


class NotStartedError(Exception):
    """No browser could be started. Its text says why, for a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BrowserOptions:
    """How a browser is started: see :class:`vkauth.browser.BrowserWindow`."""

    executable: str | None = None
    headless: bool = False
    profile: Path | None = None
    sandbox: bool = True


class Chromium:
    """One browser. A task of its own starts and ends it, as neither may be left in the middle.

    Args:
        options: how it is started.
    """

    def __init__(self, options: BrowserOptions) -> None:
        self._options = options
        self._ready: asyncio.Future[BrowserContext] = asyncio.get_running_loop().create_future()
        self._ending = asyncio.Event()
        self._own: OwnProfile | None = None
        self._driver: int | None = None
        self._before: set[int] = set()
        self._keeper = asyncio.create_task(self._keep(), name="vkauth-browser")

    @property
    def context(self) -> BrowserContext:
        """What Playwright makes of it."""
        return self._ready.result()

    async def start(self) -> None:
        """Wait until it is there.

        Raises:
            NotStartedError: it could not be started.
        """
        await asyncio.wait([self._ready])
        self._ready.result()

    async def end(self) -> None:
        """End it, and wait until nothing of it is left, also while cancelled."""
        self._ending.set()
        try:
            await see_done([self._keeper], 5 * LONGEST_END)
        finally:
            self._keeper.cancel()  # it is done, but where a system does not answer
            await see_done([self._keeper], LONGEST_END)

    # -- the task ------------------------------------------------------------------------------------------------------

    async def _keep(self) -> None:
        why = _ENDED
        try:
            why = await self._run()
        except asyncio.CancelledError:  # the event loop ends: there is no time to wait for anything
            self._kill(hangs=False)
            self._remove_profile()
            raise
        except ImportError:
            why = "Playwright cannot be loaded"
        except OSError as error:
            why = f"its profile cannot be made ({error.strerror or type(error).__name__})"
        finally:
            if not self._ready.done():
                self._ready.set_exception(NotStartedError(why))
                self._ready.exception()  # seen: nobody may be waiting any more

    async def _run(self) -> str:
        """All of its life; returns why it was none, if it was none."""
        executable = find_browser(self._options.executable, os.environ, sys.platform)
        if executable is None:
            return missing_words(self._options.executable, os.environ)
        if not self._options.headless and not _has_display(os.environ, sys.platform):
            return _NO_DISPLAY
        try:
            await asyncio.to_thread(self._make_profile)
            return await self._play(executable)
        finally:
            await asyncio.to_thread(self._remove_profile)

    async def _play(self, executable: str) -> str:
        playwright_api = await asyncio.to_thread(importlib.import_module, "playwright.async_api")
        playwright, why = await self._start_driver(playwright_api.async_playwright().start)
        if playwright is None:
            return why
        try:
            context, why = await self._launch(playwright, executable)
            if context is not None:
                await asyncio.to_thread(self._find_driver)
                self._ready.set_result(context)
                await self._ending.wait()
                await _within(LONGEST_END, context.close())
            return why
        finally:
            await self._stop(playwright)

    async def _start_driver(
        self, start: Callable[[], Coroutine[Any, Any, Playwright]]
    ) -> tuple[Playwright | None, str]:
        self._before = await asyncio.to_thread(children)
        starting = asyncio.create_task(_outcome(start()))
        if await self._unless_ended(starting):
            await asyncio.wait([starting], timeout=LONGEST_END)
        if not starting.done():
            # Given up in the middle it would leave its process and its tasks behind. Without the process it fails.
            await asyncio.to_thread(self._kill, hangs=True)
            await asyncio.wait([starting], timeout=LONGEST_END)
        if not starting.done():
            starting.cancel()
            return None, _ENDED
        playwright, why = starting.result()
        return playwright, f"Playwright did not start ({why})"

    async def _unless_ended(self, starting: asyncio.Task[Any]) -> bool:
        """Wait until a start is done, or took too long; whether it was ended meanwhile."""
        ending = asyncio.create_task(self._ending.wait())
        try:
            # The driver has its own limit, but it may itself be what hangs.
            await asyncio.wait(
                [starting, ending], timeout=LONGEST_START + LONGEST_END, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            ending.cancel()
        return self._ending.is_set()

    async def _launch(self, playwright: Playwright, executable: str) -> tuple[BrowserContext | None, str]:
        launching = asyncio.create_task(
            _outcome(
                playwright.chromium.launch_persistent_context(
                    self._profile,
                    executable_path=executable,
                    headless=self._options.headless,
                    chromium_sandbox=self._options.sandbox,  # Playwright itself would go without
                    timeout=LONGEST_START * 1000,
                    # Ctrl-C is for this program, which ends the browser itself: it must not lose what drives it.
                    handle_sigint=False,
                    handle_sigterm=False,
                    handle_sighup=False,
                    # It is a person's window, of the size and in the colours that they like.
                    no_viewport=True,
                    color_scheme="null",
                )
            )
        )
        try:
            ended = await self._unless_ended(launching)
        finally:
            launching.cancel()
        if not launching.done():
            return None, _ENDED if ended else "it did not start"
        context, why = launching.result()
        return context, "" if context is not None else _reason(why)

    async def _stop(self, playwright: Playwright) -> None:
        stopping = asyncio.create_task(_outcome(playwright.stop()))
        await asyncio.wait([stopping], timeout=LONGEST_END)
        await asyncio.to_thread(self._kill, hangs=not stopping.done())
        await asyncio.wait([stopping], timeout=LONGEST_END)

    # -- what a thread does: it may take a while -----------------------------------------------------------------------

    @property
    def _profile(self) -> Path:
        if self._options.profile is not None:
            return self._options.profile
        assert self._own is not None  # it is made first
        return self._own.path

    def _make_profile(self) -> None:
        remove_abandoned()
        if self._options.profile is None:
            self._own = OwnProfile()
        else:
            self._options.profile.mkdir(mode=0o700, parents=True, exist_ok=True)

    def _find_driver(self) -> None:
        self._driver = driver_of(find_browsers(self._profile))

    def _kill(self, *, hangs: bool) -> None:
        if self._own is None and self._options.profile is None:
            return  # there was no time to start anything
        if self._driver is None:
            self._find_driver()
        kill_browsers(self._profile)
        drivers = set() if self._driver is None else {self._driver}
        if hangs and not drivers:  # it has no browser yet, so it is known only by when it came
            drivers = idle_drivers(self._before)
        for each in drivers:
            kill_child(each)

    def _remove_profile(self) -> None:
        if self._own is not None:
            self._own.remove()


def _has_display(environ: os._Environ[str], platform: str) -> bool:
    return platform in ("win32", "darwin") or bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))


def _reason(told: str) -> str:
    return next((words for sign, words in _REASONS.items() if sign in told), "it did not start")


async def _outcome(call: Coroutine[Any, Any, _Value]) -> tuple[_Value | None, str]:
    """What a call gave, or what it failed with. Playwright's errors hold addresses: none of them gets any further."""
    try:
        return await call, ""
    except Exception as error:  # noqa: BLE001 - when its driver has gone it raises errors of no class of its own
        return None, str(error)


async def _within(seconds: float, call: Coroutine[Any, Any, object]) -> None:
    """Give a call so much time to end, in whatever way."""
    calling = asyncio.create_task(_outcome(call))
    await asyncio.wait([calling], timeout=seconds)
    calling.cancel()
