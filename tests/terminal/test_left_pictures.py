"""Pictures of programs that were killed: the next program that asks for a captcha removes them, and no others."""

from __future__ import annotations

import errno
import os
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
from cli.conftest import on_terminal

from vkauth import AuthError, AuthErrorCode
from vkauth.terminal.picture_files import PictureFiles
from vkauth.testing import VKSimulator

pytestmark = pytest.mark.skipif(os.name != "posix", reason="sends signals of POSIX, and has its locks")

PICTURE = b"\x89PNG sample"
PROGRAM = """
from vkauth import CallbackService, DirectAuthorization, Endpoints, official_app_credentials
endpoints = Endpoints.under({0!r})
DirectAuthorization(
    **official_app_credentials.android, login="+79990000001", password="sample-password",
    callback_service=CallbackService.in_terminal(endpoints=endpoints), endpoints=endpoints,
).run_sync()
"""


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The machine's folder for temporary files."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


def names_in(folder: Path) -> list[str]:
    """What is there."""
    return sorted(each.name for each in folder.iterdir())


def saved_in(folder: Path) -> list[Path]:
    """The pictures."""
    return [*folder.glob("vkauth-captcha-*/captcha-*.png")]


def next_program() -> None:
    """One that asks for a captcha, too."""
    with PictureFiles():
        pass


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
async def test_a_killed_program(vk: VKSimulator, folder: Path, number: int) -> None:
    """Its picture stays, until the next one asks."""
    vk.add_account(captcha="image")
    async with on_terminal(code=PROGRAM.format(str(vk.base_url)), TERM="dumb") as screen:
        await screen.shows("The picture is in ")
        await screen.shows("Text of the picture: ")
        next_program()
        assert len(saved_in(folder)) == 1  # the program lives
        screen.send(number)
        assert (await screen.ended())[0] == -number
    next_program()
    assert names_in(folder) == []


def test_its_own_go_with_the_block(folder: Path) -> None:
    """For this user alone, and again for the next block; another's stay."""
    other = PictureFiles()
    with other:
        kept = other.save(PICTURE)
        own = PictureFiles()
        for _ in range(2):
            with own:
                path = own.save(PICTURE)
                assert path.read_bytes() == PICTURE
                assert path.parent.stat().st_mode & 0o777 == 0o700
            assert not path.parent.exists()
        assert kept.exists()
    assert names_in(folder) == []


def test_the_end_of_the_program_removes_them(folder: Path) -> None:
    """If nobody left the block: an event loop was ended where it was, say."""
    files = PictureFiles()
    files.__enter__()
    assert files.save(PICTURE).exists()
    del files
    assert names_in(folder) == []


def test_what_is_not_its_own_stays(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Links, files, folders of other users, and other folders."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").touch()
    (folder / "vkauth-captcha-link").symlink_to(outside)
    (folder / "vkauth-captcha-file").touch()
    (folder / "vkauth-other").mkdir()
    next_program()
    assert names_in(folder) == ["vkauth-captcha-file", "vkauth-captcha-link", "vkauth-other"]
    assert (outside / "file").exists()
    (folder / "vkauth-captcha-of-somebody").mkdir()
    own = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: own + 1)
    next_program()
    assert (folder / "vkauth-captcha-of-somebody").exists()
    monkeypatch.undo()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    next_program()
    assert not (folder / "vkauth-captcha-of-somebody").exists()


def test_folders_that_were_not_finished(folder: Path) -> None:
    """A program was killed while it made one; one that is being made stays."""
    old, new = (folder / f".vkauth-captcha-{each}" for each in ("old", "new"))
    old.mkdir()
    new.mkdir()
    os.utime(old, (0, 0))
    next_program()
    assert names_in(folder) == [new.name]


def test_a_folder_that_gets_no_name(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It does not stay, and neither does what holds its lock."""
    opened: list[int] = []
    own = os.open

    def watched(*arguments: Any, **options: Any) -> int:
        opened.append(own(*arguments, **options))
        return opened[-1]

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "rename", refuse)
    monkeypatch.setattr(os, "open", watched)
    with PictureFiles() as files, pytest.raises(AuthError) as caught:
        files.save(PICTURE)
    monkeypatch.undo()
    assert caught.value.code is AuthErrorCode.MISSING_CAPTCHA_HANDLER
    assert names_in(folder) == []
    for each in opened:
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(each)


def test_where_nothing_can_be_locked(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures are saved all the same, and nobody takes them for left behind."""

    def refuse(*_: object) -> None:
        raise OSError("no locks here")

    monkeypatch.setattr(sys.modules["fcntl"], "flock", refuse)
    files = PictureFiles()
    with files:
        path = files.save(PICTURE)
        next_program()
        assert path.exists()
    assert names_in(folder) == []
