"""Folders of browsers: for one user, gone afterwards, and none of anybody's who still needs it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest

from vkauth.browser import processes, profiles
from vkauth.browser.processes import driver_of, find_browsers, kill_browsers, kill_child
from vkauth.browser.profiles import OwnFolder, remove_abandoned

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="ends programs as POSIX has it")

# It says when it is there: a process has no arguments for a moment.
SLEEP = "import time; print('there', flush=True); time.sleep(60)"


@pytest.fixture(autouse=True)
def _own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def left_behind() -> Path:
    """The folder of a program that was killed."""
    if (child := os.fork()) == 0:
        made = OwnFolder()
        made.profile.mkdir()
        (made.profile / "Cookies").write_text("CANARY")
        os._exit(0)
    os.waitpid(child, 0)
    [folder] = Path(tempfile.gettempdir()).glob(f"{profiles.PREFIX}*")
    return folder


def test_a_folder_for_one_user() -> None:
    """It has a name that nobody can guess, and is gone after its use, which may be told twice."""
    made, other = OwnFolder(), OwnFolder()
    folder = made.profile.parent
    assert folder.stat().st_mode & 0o777 == 0o700
    assert made.profile != other.profile
    made.profile.mkdir()
    made.remove()
    made.remove()
    assert not folder.exists()
    remove_abandoned()
    assert other.profile.parent.exists()
    other.remove()
    assert not [*Path(tempfile.gettempdir()).iterdir()]


def test_what_was_left_behind() -> None:
    """It is removed by the next program; that of a living one is not."""
    folder = left_behind()
    assert (folder / "profile" / "Cookies").exists()
    living = OwnFolder()
    remove_abandoned()
    assert not folder.exists()
    assert living.profile.parent.exists()
    living.remove()


def test_what_was_left_before_it_had_its_name() -> None:
    """It is removed after an hour, which no program takes to give it its name."""
    folder = left_behind()
    new = folder.rename(folder.with_name(folder.name.replace(profiles.PREFIX, ".vkauth-new-")))
    remove_abandoned()
    assert new.exists()
    os.utime(new, (0, 0))
    remove_abandoned()
    assert not new.exists()


def test_killed_while_it_is_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    """As long as anything of the profile is there, so is the lock, by which the next program knows it."""
    folder = left_behind()
    own = shutil.rmtree

    def killed(seconds: float) -> None:
        raise KeyboardInterrupt

    def busy(path: Path, **options: Any) -> None:
        if path.name != "profile":  # a browser is still writing into that
            own(path, **options)

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", busy)
        patch.setattr(time, "sleep", killed)
        with pytest.raises(KeyboardInterrupt):
            remove_abandoned()
    assert (folder / "profile" / "Cookies").exists()
    remove_abandoned()
    assert not folder.exists()


def test_a_browser_that_was_left_behind() -> None:
    """It is ended, with what it has started, before its profile is removed."""
    folder = left_behind()
    sleep = "import subprocess, sys; subprocess.run([sys.executable, '-c', sys.argv[1]])"
    command = [sys.executable, "-c", sleep, SLEEP, f"--user-data-dir={folder / 'profile'}"]
    with subprocess.Popen(command, start_new_session=True, stdout=subprocess.PIPE) as browser:
        assert browser.stdout is not None
        assert browser.stdout.readline() == b"there\n"
        remove_abandoned()
        assert browser.wait(10) == -9
    assert not folder.exists()


def test_what_is_somebody_else_s(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Whatever its name is: a link, a file, a folder without the lock, another user's."""
    target = tmp_path / "target"
    (target / "profile").mkdir(parents=True)
    (target / "in-use").touch()
    (tmp_path / f"{profiles.PREFIX}link").symlink_to(target)
    (tmp_path / f"{profiles.PREFIX}file").touch()
    (tmp_path / f"{profiles.PREFIX}empty").mkdir()
    remove_abandoned()
    assert sorted(each.name for each in tmp_path.iterdir()) == [
        "target",
        *(f"{profiles.PREFIX}{each}" for each in ("empty", "file", "link")),
    ]
    assert (target / "profile").exists()
    for each in tmp_path.glob(f"{profiles.PREFIX}*"):
        each.rmdir() if each.is_dir() and not each.is_symlink() else each.unlink()
    folder = left_behind()
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    remove_abandoned()
    assert folder.exists()


def test_no_place_for_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What was begun is removed."""

    def fail(_: object) -> None:
        raise OSError("no locks here")

    monkeypatch.setattr(profiles, "_lock", fail)
    with pytest.raises(OSError, match="no locks"):
        OwnFolder()
    assert not [*tmp_path.iterdir()]


def test_processes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """By the whole argument; without ``/proc`` nobody is found, and nobody ended."""
    command = [sys.executable, "-c", SLEEP, f"--user-data-dir={tmp_path}/a b"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as child:
        try:
            assert child.stdout is not None
            assert child.stdout.readline() == b"there\n"
            assert find_browsers(tmp_path / "a") == []
            assert find_browsers(tmp_path / "a b") == [child.pid]
            assert driver_of([child.pid]) is None
            assert driver_of([]) is None
            kill_child(os.getppid())
            with monkeypatch.context() as patch:
                patch.setattr(processes, "_PROC", tmp_path / "none")
                assert find_browsers(tmp_path / "a b") == []
                assert driver_of([child.pid]) is None
            assert child.poll() is None
            kill_browsers(tmp_path / "a b")
            assert child.wait(10) == -9
        finally:
            child.kill()
