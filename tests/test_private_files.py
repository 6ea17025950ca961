"""Files with secrets: where they are not written."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from vkauth.private_files import write_private

pytestmark = pytest.mark.skipif(not hasattr(os, "geteuid"), reason="pipes and links of POSIX")

NOBODY = 65534


def test_a_pipe_is_not_replaced(tmp_path: Path) -> None:
    """Nor would a device be: root could lose /dev/null."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(OSError, match="not an ordinary file") as caught:
        write_private(pipe, "SAMPLE")
    assert caught.value.errno == errno.ENOTSUP
    assert pipe.is_fifo()


def test_a_link_that_leads_nowhere(tmp_path: Path) -> None:
    """Nobody knows what is meant by it."""
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "missing")
    with pytest.raises(FileNotFoundError, match="a link to a file that is not there"):
        write_private(link, "SAMPLE")
    assert not (tmp_path / "missing").exists()


@pytest.mark.parametrize("mode", [0o1777, 0o770, 0o707])
def test_somebody_elses_link(tmp_path: Path, mode: int) -> None:
    """In a folder where others may make files it may lead to any file of ours."""
    if os.geteuid() != 0:
        pytest.skip("only root can make a link somebody else's")
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_text("before")
    link.symlink_to(target)
    os.chown(link, NOBODY, NOBODY, follow_symlinks=False)
    tmp_path.chmod(mode)
    with pytest.raises(PermissionError, match="somebody else's link"):
        write_private(link, "SAMPLE")
    assert target.read_text() == "before"
    tmp_path.chmod(0o755)
    write_private(link, "SAMPLE")
    assert target.read_text() == "SAMPLE"
    assert link.is_symlink()
