"""Which processes are a window's own: those are ended, and no other ones, whoever uses the same profile or driver.

The browsers and drivers here are stand-ins: processes with the arguments by which the real ones are known.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
import threading
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from browser.window_support import own_profiles, until
from vkauth.browser import chromium as module
from vkauth.browser.chromium import BrowserOptions, Chromium, NotStartedError
from vkauth.browser.processes import MARK, children, driver_of, find_browsers, kill_browsers
from vkauth.browser.profiles import OwnFolder, remove_abandoned

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at the processes of Linux")

SLEEP = "import time; print('there', flush=True); time.sleep(60)"
# Chrome tells this in the person's language; it has opened a tab in the browser that has the profile.
IN_RUSSIAN = "Окно или вкладка откроются в текущем сеансе браузера."


class Machine:
    """The processes that a test starts."""

    def __init__(self) -> None:
        self._all: list[subprocess.Popen[bytes]] = []

    def start(self, *arguments: str, environ: Any = None) -> subprocess.Popen[bytes]:
        """A process that sleeps."""
        process = subprocess.Popen([sys.executable, "-c", SLEEP, *arguments], env=environ, stdout=subprocess.PIPE)
        self._all.append(process)
        return process

    def browser(self, profile: Path, environ: Any = None) -> subprocess.Popen[bytes]:
        """One that uses a profile."""
        process = self.start(f"--user-data-dir={profile}", environ=environ)
        assert process.stdout is not None
        assert process.stdout.readline() == b"there\n"  # for a moment it has no arguments
        return process

    def driver(self) -> subprocess.Popen[bytes]:
        """One as Playwright starts it."""
        return self.start("run-driver")

    def end(self) -> None:
        """End all of them."""
        for each in self._all:
            each.kill()
            each.communicate()


@pytest.fixture
def machine() -> Iterator[Machine]:
    """Processes that are gone after the test."""
    made = Machine()
    yield made
    made.end()


Step = Callable[[], Awaitable[object]]
Launch = Callable[..., Awaitable[Any]]


class Playwright:
    """What a window sees of Playwright.

    Args:
        machine: where its driver runs.
        begin: what its start waits for once there is the process.
        launch: what it does to launch a browser.
    """

    def __init__(self, machine: Machine, *, begin: Step | None = None, launch: Launch | None = None) -> None:
        self._machine = machine
        self._begin = begin
        self.chromium = SimpleNamespace(launch_persistent_context=launch)
        self.driver: subprocess.Popen[bytes] | None = None
        self.has_driver = asyncio.Event()

    async def start(self) -> Playwright:
        # Playwright has it in a task of its own.
        await asyncio.create_task(self._start())
        if self._begin is not None:
            await self._begin()
        return self

    async def _start(self) -> None:
        self.driver = self._machine.driver()
        self.has_driver.set()

    async def stop(self) -> None:
        assert self.driver is not None
        self.driver.kill()
        self.driver.wait()


class Context:
    """A browser that runs."""

    async def close(self) -> None:
        """It is asked to, and does not."""


@pytest.fixture
def playwrights(monkeypatch: pytest.MonkeyPatch) -> list[Playwright]:
    """Those that the next windows get, in their order."""
    made: list[Playwright] = []
    stand_in = SimpleNamespace(async_playwright=lambda: made.pop(0))
    monkeypatch.setitem(sys.modules, "playwright.async_api", stand_in)
    return made


@pytest.fixture(autouse=True)
def _own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))


def window(profile: Path | None = None) -> Chromium:
    """A browser that is to be started."""
    return Chromium(BrowserOptions(executable=sys.executable, headless=True, profile=profile))


async def never() -> None:
    """What hangs."""
    await asyncio.get_running_loop().create_future()


async def why_not(started: Chromium) -> str:
    """What is told of a browser that does not start."""
    with pytest.raises(NotStartedError) as error:
        await started.start()
    await started.end()
    return str(error.value)


# -- whose a browser is ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("there_before", [False, True])
@pytest.mark.parametrize("words", [IN_RUSSIAN, "Opening in existing browser session.", "of some other kind"])
async def test_a_launch_that_another_browser_ends(
    machine: Machine, playwrights: list[Playwright], tmp_path: Path, words: str, there_before: bool
) -> None:
    """The other one goes on, and is told of, whatever the words and whenever it came."""
    others = [machine.browser(tmp_path)] if there_before else []

    async def launch(profile: Path, **_: Any) -> Any:
        if not others:
            others.append(machine.browser(profile))
        raise RuntimeError(words)

    playwrights.append(Playwright(machine, launch=launch))
    assert await why_not(window(tmp_path)) == "another browser uses this profile"
    assert others[0].poll() is None


@pytest.mark.parametrize("given", [False, True])
async def test_a_launch_that_fails(
    machine: Machine, playwrights: list[Playwright], tmp_path: Path, given: bool
) -> None:
    """What it leaves is the window's own: it is ended, though no driver is above it any more."""
    own: list[subprocess.Popen[bytes]] = []

    async def launch(profile: Path, *, env: Any, **_: Any) -> Any:
        own.append(machine.browser(profile, env))
        raise RuntimeError("the driver has gone")

    playwrights.append(Playwright(machine, launch=launch))
    assert await why_not(window(tmp_path if given else None)) == "it did not start"
    assert own[0].wait(10) == -9
    assert own_profiles() == []


@pytest.mark.parametrize("given", [False, True])
async def test_where_things_are_put(
    machine: Machine, playwrights: list[Playwright], tmp_path: Path, given: bool
) -> None:
    """What browser and driver write beside the profile is in the window's own folder, which goes with it."""
    places: list[Path] = []

    async def launch(profile: Path, *, env: Any, artifacts_dir: Path | None = None, **_: Any) -> Any:
        assert (profile == tmp_path) is given
        assert artifacts_dir is not None
        places.extend([Path(env.get("TMPDIR", artifacts_dir)), artifacts_dir])  # for some the path is too long
        assert all(each.is_dir() for each in places)
        return Context()

    playwrights.append(Playwright(machine, launch=launch))
    started = window(tmp_path if given else None)
    await started.start()
    [folder] = own_profiles()
    assert all(each.is_relative_to(folder) for each in places)
    assert folder.stat().st_mode & 0o777 == 0o700
    await started.end()
    assert own_profiles() == []


async def test_an_end_while_an_older_playwright_launches(machine: Machine, playwrights: list[Playwright]) -> None:
    """It has a folder of its own, and removes that only after a browser that was there: so this is waited for."""
    begun, go_on, closed = asyncio.Event(), asyncio.Event(), asyncio.Event()

    class Closing:
        async def close(self) -> None:
            closed.set()

    async def launch(_: Path, **__: Any) -> Any:
        begun.set()
        await go_on.wait()
        return Closing()

    playwrights.append(Playwright(machine, launch=launch))
    started = window()
    await begun.wait()
    ending = asyncio.create_task(started.end())
    await until(lambda: started._ending.is_set())
    go_on.set()
    await ending
    assert closed.is_set()
    assert own_profiles() == []


async def test_two_browsers_with_one_profile(machine: Machine, playwrights: list[Playwright], tmp_path: Path) -> None:
    """Each window ends its own one alone, and none that came while it was there."""
    own: dict[str, subprocess.Popen[bytes]] = {}

    async def launch(profile: Path, *, env: Any, **_: Any) -> Any:
        own[env[MARK]] = machine.browser(profile, env)
        return Context()

    playwrights += [Playwright(machine, launch=launch) for _ in range(2)]
    first, second = window(tmp_path), window(tmp_path)
    await asyncio.gather(first.start(), second.start())
    other = machine.browser(tmp_path)
    await first.end()
    assert own[first._mark].wait(10) == -9
    assert [each.poll() for each in (own[second._mark], other)] == [None, None]
    await second.end()
    assert own[second._mark].wait(10) == -9
    assert other.poll() is None


# -- an end while the profile is made ----------------------------------------------------------------------------------


@pytest.mark.parametrize("given", [False, True])
def test_a_loop_that_ends_while_the_profile_is_made(
    monkeypatch: pytest.MonkeyPatch, machine: Machine, tmp_path: Path, given: bool
) -> None:
    """Nothing was started, so nothing is ended; a folder that is still made is removed."""
    other = machine.browser(tmp_path)
    at_work, go_on = threading.Event(), threading.Event()

    def work() -> None:
        at_work.set()
        assert go_on.wait(60)
        remove_abandoned()

    monkeypatch.setattr(module, "remove_abandoned", work)

    async def run() -> None:
        started = window(tmp_path if given else None)
        assert await asyncio.to_thread(at_work.wait, 60)
        started._keeper.cancel()
        await asyncio.wait([started._keeper])
        assert started._keeper.cancelled()
        go_on.set()

    asyncio.run(run())  # it waits for the threads
    assert other.poll() is None
    assert own_profiles() == []


def test_a_loop_that_ends_while_a_folder_is_made(
    monkeypatch: pytest.MonkeyPatch, machine: Machine, playwrights: list[Playwright], tmp_path: Path
) -> None:
    """It is waited for, with all that is made in it."""
    at_work, go_on = threading.Event(), threading.Event()

    class Slow(OwnFolder):
        def temporary(self) -> Path | None:
            at_work.set()
            assert go_on.wait(60)
            return super().temporary()

    monkeypatch.setattr(module, "OwnFolder", Slow)

    async def launch(*_: Any, **__: Any) -> Any:
        raise AssertionError

    async def run() -> None:
        playwrights.append(Playwright(machine, launch=launch))
        started = window()
        assert await asyncio.to_thread(at_work.wait, 60)
        remove = started._remove_folder

        def remove_now() -> None:
            go_on.set()
            remove()

        monkeypatch.setattr(started, "_remove_folder", remove_now)
        started._keeper.cancel()
        await asyncio.wait([started._keeper])

    asyncio.run(run())
    assert [*(tmp_path / "tmp").iterdir()] == []


# -- whose a driver is -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["ended", "cancelled"])
async def test_a_driver_that_hangs_beside_others(
    monkeypatch: pytest.MonkeyPatch, machine: Machine, playwrights: list[Playwright], way: str
) -> None:
    """It alone is killed: not one that the program has started before or since, nor that of another window."""
    monkeypatch.setattr(module, "LONGEST_END", 0.1)
    hanging, other = Playwright(machine, begin=never), Playwright(machine, begin=never)
    playwrights += [hanging, other]
    before = machine.driver()
    windows = [window(), window()]
    await until(lambda: windows[0]._came and windows[1]._came)
    since = machine.driver()
    assert hanging.driver is not None
    assert other.driver is not None
    [mine] = [each for each in windows if each._came == {hanging.driver.pid}]
    if way == "ended":
        await mine.end()
    else:
        mine._keeper.cancel()
        await asyncio.wait([mine._keeper])
    assert hanging.driver.wait(10) == -9
    assert [each.poll() for each in (before, since, other.driver)] == [None, None, None]
    for each in windows:
        each._keeper.cancel()
    await asyncio.wait([each._keeper for each in windows])
    assert other.driver.wait(10) == -9
    assert [each.poll() for each in (before, since)] == [None, None]


async def test_drivers_that_nobody_can_tell_apart(
    monkeypatch: pytest.MonkeyPatch, machine: Machine, playwrights: list[Playwright]
) -> None:
    """None of them is killed."""
    monkeypatch.setattr(module, "LONGEST_END", 0.1)
    also: list[subprocess.Popen[bytes]] = []

    class Two(Playwright):
        async def _start(self) -> None:
            also.append(machine.driver())
            await super()._start()

    playwright = Two(machine, begin=never)
    playwrights.append(playwright)
    started = window()
    await playwright.has_driver.wait()
    await started.end()
    assert playwright.driver is not None
    assert [each.poll() for each in (playwright.driver, *also)] == [None, None]


# -- names of programs -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["приложение".encode()[:15], b") R 1 (\n"])
def test_a_program_of_any_name(tmp_path: Path, name: bytes) -> None:
    """The system cuts them to 15 bytes, also within a letter; they may look like what follows them."""
    rename = f"open('/proc/self/comm', 'wb').write({name!r}); {SLEEP}"
    command = [sys.executable, "-c", rename, f"--user-data-dir={tmp_path}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as child:
        try:
            assert child.stdout is not None
            assert child.stdout.readline() == b"there\n"
            assert child.pid in children()
            assert find_browsers(tmp_path) == [child.pid]
            assert driver_of([child.pid]) is None
            kill_browsers(tmp_path)
            assert child.wait(10) == -9
        finally:
            child.kill()
