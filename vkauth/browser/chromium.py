"""A browser from its start to its end. Whatever happens in between, nothing of it is left."""

from __future__ import annotations

import asyncio
import importlib
import os
import secrets
import sys
import threading
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar
from weakref import WeakSet

from vkauth.browser.executables import find_browser, missing_words
from vkauth.browser.patience import see_done
from vkauth.browser.processes import (
    MARK,
    children,
    driver_of,
    find_browsers,
    kill_browsers,
    kill_child,
    new_drivers,
    only_driver,
)
from vkauth.browser.profiles import OwnFolder, remove_abandoned
from vkauth.calls import signature_of

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Playwright

__all__ = ["BrowserOptions", "Chromium", "NotStartedError"]

LONGEST_START: Final = 60.0
"""Seconds that a browser has to start."""

LONGEST_END: Final = 5.0
"""Seconds for each step of ending by itself; then it is killed."""

_TURNS: Final = 100
"""Turns of the event loop in which Playwright has started its driver's process, of which it needs a few."""

# The loops in which a driver is just being started: one after another, as its process is known by when it comes.
_STARTING: Final[WeakSet[asyncio.AbstractEventLoop]] = WeakSet()

_ENDED: Final = "it was ended before it was there"
_NOT_STARTED: Final = "it did not start"
_NO_DISPLAY: Final = "there is no display to show it on"
_IN_USE: Final = "another browser uses this profile"
# What the browser itself says, and what that means for whoever uses this. Its own words hold paths and are long. Some
# come in the person's language: nothing but what is told may depend on them.
_REASONS: Final = {
    "without --no-sandbox is not supported": "root cannot use its sandbox: sandbox=False",
    "No usable sandbox": "this machine does not let it have a sandbox: sandbox=False",
    "Missing X server": _NO_DISPLAY,
    "cannot open display": _NO_DISPLAY,
    "existing browser session": _IN_USE,
    "ProcessSingleton": _IN_USE,
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
        self._own: OwnFolder | None = None
        self._temporary: Path | None = None
        self._artifacts: Path | None = None
        self._folders = threading.Lock()  # held while they are made or removed
        self._is_over = False
        self._mark = secrets.token_hex(16)
        self._driver: int | None = None
        self._came: set[int] = set()  # among them is the driver, until it has a browser, by which it is known
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
            self._kill(hangs=True)
            self._remove_folder()
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
            await asyncio.to_thread(self._make_folders)
            return await self._play(executable)
        finally:
            await asyncio.to_thread(self._remove_folder)

    async def _play(self, executable: str) -> str:
        playwright_api = await asyncio.to_thread(importlib.import_module, "playwright.async_api")
        manager = playwright_api.async_playwright()
        playwright, why = await self._start_driver(manager.start)
        _see_to_end(manager)
        if playwright is None:
            return why
        try:
            context, why = await self._launch(playwright, executable)
            if why == _NOT_STARTED and await asyncio.to_thread(self._is_shared):
                why = _IN_USE
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
        starting = await self._begin(start)
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

    async def _begin(
        self, start: Callable[[], Coroutine[Any, Any, Playwright]]
    ) -> asyncio.Task[tuple[Playwright | None, str]]:
        """Begin to start a driver, and see which process comes with it."""
        loop = asyncio.get_running_loop()
        while loop in _STARTING:  # noqa: ASYNC110 - for a few turns, and not one more
            await asyncio.sleep(0)
        _STARTING.add(loop)
        before = children()
        starting = asyncio.create_task(_outcome(start()))
        try:
            for _ in range(_TURNS):
                await asyncio.sleep(0)
                if starting.done() or new_drivers(before):
                    break
        finally:
            _STARTING.discard(loop)
            self._came = new_drivers(before)
        return starting

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
        environ: dict[str, str | float | bool] = {**os.environ, MARK: self._mark}
        if self._temporary is not None:
            environ["TMPDIR"] = str(self._temporary)
        place = _place_for(playwright, self._artifacts)
        launching = asyncio.create_task(
            _outcome(
                playwright.chromium.launch_persistent_context(
                    self._profile,
                    executable_path=executable,
                    env=environ,
                    headless=self._options.headless,
                    chromium_sandbox=self._options.sandbox,  # Playwright itself would go without
                    timeout=LONGEST_START * 1000,
                    # Ctrl-C is for this program, which ends the browser itself: it must not lose what drives it.
                    handle_sigint=False,
                    # Of these its driver would die, and leave a folder of its own: so it closes the browser instead.
                    handle_sigterm=True,
                    handle_sighup=True,
                    **place,
                    # It is a person's window, of the size and in the colours that they like.
                    no_viewport=True,
                    color_scheme="null",
                )
            )
        )
        try:
            ended = await self._unless_ended(launching)
            if ended and not place:  # the driver removes its folder only after a browser that was there
                await asyncio.wait([launching], timeout=LONGEST_END)
        finally:
            launching.cancel()
        if not launching.done():
            return None, _ENDED if ended else _NOT_STARTED
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
        return self._own.profile

    def _make_folders(self) -> None:
        remove_abandoned()
        if self._options.profile is not None:
            self._options.profile.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._folders:
            if not self._is_over:  # nobody may wait for this thread any more
                self._own = OwnFolder()
                self._temporary = self._own.temporary()
                self._artifacts = self._own.artifacts()

    def _remove_folder(self) -> None:
        with self._folders:
            self._is_over = True
            if self._own is not None:
                self._own.remove()

    @property
    def _own_mark(self) -> str | None:
        """What tells this one's browsers from those of others. Only this one's use a profile that was made for it."""
        return None if self._options.profile is None else self._mark

    def _is_shared(self) -> bool:
        """Whether browsers of others use the profile as well."""
        return self._options.profile is not None and bool(find_browsers(self._profile, without=self._mark))

    def _find_driver(self) -> None:
        self._driver = driver_of(find_browsers(self._profile, mark=self._own_mark))

    def _kill(self, *, hangs: bool) -> None:
        if self._own is None:
            return  # there was no time to start anything
        if self._driver is None:
            self._find_driver()
        driver = only_driver(self._came) if self._driver is None and hangs else self._driver
        if driver is not None:  # first, as it may be about to start a browser
            kill_child(driver)
        kill_browsers(self._profile, mark=self._own_mark)


def _place_for(playwright: Playwright, folder: Path | None) -> dict[str, Any]:
    """Where its driver keeps what is downloaded, say. Else that has a folder of its own, which a killed one leaves."""
    signature = signature_of(playwright.chromium.launch_persistent_context)
    knows = signature is not None and "artifacts_dir" in signature.parameters  # Playwright 1.49 does not
    return {"artifacts_dir": folder} if knows else {}


def _see_to_end(manager: object) -> None:
    """See why its driver goes, if it does. Playwright itself asks only while it waits: asyncio would tell of it."""
    for name in ("_client", "_connection"):  # the one of today, the one of 1.49
        connection = getattr(manager, name, None)
        gone = getattr(getattr(connection, "_transport", None), "on_error_future", None)
        for each in (gone, getattr(connection, "_init_task", None)):
            if isinstance(each, asyncio.Future):
                each.add_done_callback(lambda it: it.cancelled() or it.exception())


def _has_display(environ: os._Environ[str], platform: str) -> bool:
    return platform in ("win32", "darwin") or bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))


def _reason(told: str) -> str:
    return next((words for sign, words in _REASONS.items() if sign in told), _NOT_STARTED)


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
