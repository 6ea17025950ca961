"""Files with secrets in them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from vkauth.cli.exits import UsageError
from vkauth.cli.files import read_cookies, read_secret, write_private
from vkauth.cookies import Cookie, Cookies

posix = pytest.mark.skipif(os.name != "posix", reason="about the bits of POSIX")
COOKIES = Cookies((Cookie(name="remixsid", value="sample-session", domain="vk.ru"),))


def _file(path: Path, text: str | bytes, mode: int = 0o600) -> Path:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    path.chmod(mode)
    return path


def test_a_secret_is_the_first_line_with_its_spaces(tmp_path: Path) -> None:
    told: list[str] = []
    assert (
        read_secret(_file(tmp_path / "p", " sample password \r\nmore\n"), "password", told.append)
        == " sample password "
    )
    assert told == []


@posix
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_a_file_that_others_can_read_gets_a_warning(tmp_path: Path, mode: int) -> None:
    told: list[str] = []
    read_secret(_file(tmp_path / "p", "sample-password", mode), "password", told.append)
    assert len(told) == 1
    assert f"chmod 600 {tmp_path / 'p'}" in told[0]
    assert "sample-password" not in told[0]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is empty"),
        ("\nsample\n", "is empty"),
        (b"\xff\xfe\x00", "not UTF-8"),
        ("x" * (1 << 20) + "xx", "too large"),
    ],
)
def test_a_file_without_a_secret_is_refused(tmp_path: Path, content: str | bytes, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        read_secret(_file(tmp_path / "p", content), "password", print)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"password file .*nowhere"):
        read_secret(tmp_path / "nowhere", "password", print)


def test_cookies_come_back_as_they_were(tmp_path: Path) -> None:
    path = tmp_path / "cookies.json"
    assert read_cookies(path, print) is None
    write_private(path, COOKIES.dump())
    assert read_cookies(path, print) == COOKIES


def test_a_file_with_something_else_is_named_and_kept(tmp_path: Path) -> None:
    path = _file(tmp_path / "notes.txt", "not cookies")
    with pytest.raises(UsageError, match=r"notes\.txt holds no cookies"):
        read_cookies(path, print)
    assert path.read_text() == "not cookies"


def test_a_place_where_no_cookies_can_be_written_is_told_before_the_login(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such directory"):
        read_cookies(tmp_path / "nowhere" / "cookies.json", print)


@posix
def test_files_are_private_whatever_the_umask_and_what_was_there(tmp_path: Path) -> None:
    path = _file(tmp_path / "cookies.json", "old", 0o644)
    before = os.umask(0)
    try:
        write_private(path, "new")
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_failure_leaves_the_old_file_and_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _file(tmp_path / "cookies.json", "old")

    def fail(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space"):
        write_private(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@posix
def test_a_link_stays_a_link(tmp_path: Path) -> None:
    target = _file(tmp_path / "there.json", "old")
    link = tmp_path / "here.json"
    link.symlink_to(target)
    write_private(link, "new")
    assert link.is_symlink()
    assert target.read_text() == "new"
