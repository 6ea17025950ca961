"""Files with secrets in them."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

import pytest

from cli.conftest import program
from vkauth.cli.exits import UsageError
from vkauth.cli.files import read_cookies, read_secret, write_private
from vkauth.cookies import Cookie, Cookies

posix = pytest.mark.skipif(os.name != "posix", reason="about the bits of POSIX")
COOKIES = Cookies((Cookie(name="remixsid", value="sample-session", domain="vk.ru"),))


def _inside(directory: Path) -> list[Path]:
    return list(directory.iterdir())


def _file(path: Path, text: str | bytes, mode: int = 0o600) -> Path:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    path.chmod(mode)
    return path


def test_a_secret_is_the_first_line_with_its_spaces(tmp_path: Path) -> None:
    """Spaces belong to a password; the end of the line does not."""
    told: list[str] = []
    assert (
        read_secret(_file(tmp_path / "p", " sample password \r\nmore\n"), "password", told.append)
        == " sample password "
    )
    assert told == []


@posix
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_a_file_that_others_can_read_gets_a_warning(tmp_path: Path, mode: int) -> None:
    """The warning says how to mend it, and shows nothing of the secret."""
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
    """Empty, binary and huge files are named as what they are."""
    with pytest.raises(UsageError, match=said):
        read_secret(_file(tmp_path / "p", content), "password", print)


@pytest.mark.parametrize("name", ["sample-secret", "sample-secret\0"])
def test_a_secret_given_instead_of_its_file_is_not_repeated(tmp_path: Path, name: str) -> None:
    """The name of a file that cannot be read may be the password itself."""
    with pytest.raises(UsageError, match="the password file cannot be read") as caught:
        read_secret(tmp_path / name, "password", print)
    assert "sample-secret" not in str(caught.value)


@pytest.mark.parametrize("inside", ["\u2028", "\u2029", "\x0c", "\x0b", "\x1c", "\x1d", "\x1e", "\x85", "\r"])
@pytest.mark.parametrize("end", ["", "\n", "\r\n", "\nmore"])
def test_only_the_end_of_the_line_ends_a_secret(tmp_path: Path, inside: str, end: str) -> None:
    """Characters that Python takes for line ends elsewhere are part of a password."""
    path = _file(tmp_path / "p", f"sample{inside}password{end}".encode())
    assert read_secret(path, "password", print) == f"sample{inside}password"


def test_cookies_come_back_as_they_were(tmp_path: Path) -> None:
    """What is written is read back; no file yet is no error."""
    path = tmp_path / "cookies.json"
    assert read_cookies(path, print) is None
    write_private(path, COOKIES.dump())
    assert read_cookies(path, print) == COOKIES


def test_a_file_with_something_else_is_named_and_kept(tmp_path: Path) -> None:
    """A file of something else is never overwritten by mistake."""
    path = _file(tmp_path / "notes.txt", "not cookies")
    with pytest.raises(UsageError, match=r"notes\.txt holds no cookies"):
        read_cookies(path, print)
    assert path.read_text() == "not cookies"


def test_a_place_where_no_cookies_can_be_written_is_told_before_the_login(tmp_path: Path) -> None:
    """Before anything is sent, as the cookies come last."""
    with pytest.raises(UsageError, match="no such directory"):
        read_cookies(tmp_path / "nowhere" / "cookies.json", print)


@posix
@pytest.mark.parametrize("name", ["x" * 256, "x" * 5000, "x\0"])
def test_a_name_that_no_cookies_can_have_is_wrong_usage(tmp_path: Path, name: str) -> None:
    """The system refuses it in several ways, each of which is told."""
    with pytest.raises(UsageError, match="no cookies can be kept in"):
        read_cookies(tmp_path / name, print)


@posix
@pytest.mark.parametrize("length", [1, 228, 255])
@pytest.mark.parametrize("nameless", [True, False])
def test_a_name_of_any_length_can_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, length: int, nameless: bool
) -> None:
    """The name in the meantime is not longer for it."""
    if not nameless:
        monkeypatch.delattr(os, "O_TMPFILE", raising=False)
    path = tmp_path / ("x" * length)
    write_private(path, "new")
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


@posix
def test_cookies_are_not_read_from_a_pipe(tmp_path: Path) -> None:
    """It is told at once: to open one is to wait for who writes to it."""
    path = tmp_path / "pipe"
    os.mkfifo(path, 0o600)
    writer = threading.Thread(target=lambda: os.close(os.open(path, os.O_WRONLY)))
    writer.start()
    try:
        with pytest.raises(UsageError, match="is no regular file"):
            read_cookies(path, print)
    finally:
        reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        writer.join()
        os.close(reader)


@posix
@pytest.mark.parametrize("path", [".", os.devnull])
def test_a_folder_and_a_device_are_no_place_for_cookies(path: str) -> None:
    """They cannot be replaced by a file."""
    with pytest.raises(UsageError, match="is no regular file"):
        read_cookies(Path(path), print)


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="open files have no names here")
def test_a_password_may_come_through_a_pipe() -> None:
    """As the shell's ``<(...)`` gives it."""
    reader, writer = os.pipe()
    os.write(writer, b"sample-password\n")
    os.close(writer)
    assert read_secret(Path(f"/dev/fd/{reader}"), "password", print) == "sample-password"
    os.close(reader)


@posix
def test_files_are_private_whatever_the_umask_and_what_was_there(tmp_path: Path) -> None:
    """Only the owner can read what is written."""
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
    """A full disk costs neither the old file nor a clean directory."""
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
    """The file that a link leads to is replaced, not the link."""
    target = _file(tmp_path / "there.json", "old")
    link = tmp_path / "here.json"
    link.symlink_to(target)
    write_private(link, "new")
    assert link.is_symlink()
    assert target.read_text() == "new"


@posix
@pytest.mark.parametrize("leads_to", ["nowhere.json", "here.json", "missing/there.json"])
def test_a_link_that_leads_nowhere_is_told_before_the_login(tmp_path: Path, leads_to: str) -> None:
    """A dangling link and one that leads to itself are a wrong usage."""
    link = tmp_path / "here.json"
    link.symlink_to(tmp_path / leads_to)
    with pytest.raises(UsageError, match="a link that leads to no file"):
        read_cookies(link, print)


@pytest.mark.skipif(not hasattr(os, "O_TMPFILE"), reason="no files without a name here")
@pytest.mark.parametrize("refused", ["open", "link"])
def test_a_file_system_that_refuses_files_without_a_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refused: str
) -> None:
    """It is written under another name then, be it that such a file cannot be made or not be named."""
    before = os.open

    def no_nameless(path: Path, flags: int, mode: int = 0o777) -> int:
        if flags & os.O_TMPFILE == os.O_TMPFILE:
            raise OSError(95, "Operation not supported")
        return before(path, flags, mode)

    def no_link(*_: object, **__: object) -> None:
        raise FileNotFoundError(2, "No such file or directory")

    monkeypatch.setattr(os, refused, {"open": no_nameless, "link": no_link}[refused])
    path = _file(tmp_path / "cookies.json", "old")
    write_private(path, "new")
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("new", 0o600)
    assert _inside(tmp_path) == [path]


def test_what_was_left_and_cannot_be_removed_stays(tmp_path: Path) -> None:
    """It is no reason not to log in, and neither it nor a file with another name is touched."""
    left = tmp_path / ".vkauth-0123456789abcdef"
    left.mkdir()  # which unlink() does not remove
    other = _file(tmp_path / ".vkauth-notes", "mine")
    for path in (left, other):
        os.utime(path, (0, 0))
    assert read_cookies(tmp_path / "cookies.json", print) is None
    assert sorted(_inside(tmp_path)) == [left, other]


KILLED_WHILE_SAVING = """
import os, signal, sys
from pathlib import Path
from vkauth.cli.files import write_private
if sys.argv[2] == "named":
    del os.O_TMPFILE
os.fsync = lambda handle: os.kill(os.getpid(), signal.SIGKILL)
write_private(Path(sys.argv[1]), "sample-session")
"""


@posix
async def test_killed_while_saving_it_leaves_nothing(tmp_path: Path) -> None:
    """Where files can be without a name, no half-written cookies stay."""
    if not hasattr(os, "O_TMPFILE"):
        pytest.skip("no files without a name here")
    path = _file(tmp_path / "cookies.json", "old")
    done = await program(str(path), "nameless", code=KILLED_WHILE_SAVING)
    assert done.code == -signal.SIGKILL
    assert _inside(tmp_path) == [path]
    assert path.read_text() == "old"


@posix
async def test_what_was_left_of_a_killed_command_is_removed_by_the_next(tmp_path: Path) -> None:
    """Where a file needs a name, it is private, and goes when it is old enough to be nobody's."""
    path = tmp_path / "cookies.json"
    await program(str(path), "named", code=KILLED_WHILE_SAVING)
    (left,) = _inside(tmp_path)
    assert left.stat().st_mode & 0o777 == 0o600
    assert read_cookies(path, print) is None
    assert left.exists(), "another command may be writing it"
    os.utime(left, (0, 0))
    assert read_cookies(path, print) is None
    assert _inside(tmp_path) == []


@posix
def test_without_files_that_have_no_name_it_is_written_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other way ends in the same: the new text, for the owner alone, and no other file."""
    monkeypatch.delattr(os, "O_TMPFILE", raising=False)
    path = _file(tmp_path / "cookies.json", "old", 0o644)
    write_private(path, "new")
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("new", 0o600)
    assert list(tmp_path.iterdir()) == [path]


@posix
def test_nobody_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A FIFO that nobody writes to ends; what is neither a file nor a pipe is refused."""
    monkeypatch.setattr("vkauth.cli.files._PIPE_LIMIT", 0.05)
    path = tmp_path / "fifo"
    os.mkfifo(path, 0o600)
    with pytest.raises(UsageError, match=r"the token file is a pipe, and within 0\.05 s nobody wrote all of it"):
        read_secret(path, "token", print)
    with pytest.raises(UsageError, match="the token file is no regular file, and no pipe"):
        read_secret(Path(os.devnull), "token", print)


@posix
def test_a_fifo_with_a_writer_is_read_to_its_end(tmp_path: Path) -> None:
    """Also if the end comes later than the beginning."""
    path = tmp_path / "fifo"
    os.mkfifo(path, 0o600)

    def write() -> None:
        with path.open("w") as file:
            file.write("sample-")
            file.flush()
            file.write("token\n")

    writer = threading.Thread(target=write)
    writer.start()
    assert read_secret(path, "token", print) == "sample-token"
    writer.join()
