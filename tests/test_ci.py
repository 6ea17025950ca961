"""Which Pythons the tests are run on."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="continuous integration runs on Linux")

ROOT = Path(__file__).parent.parent
NAMED = re.findall(r'"Programming Language :: Python :: (3\.\d+)"', (ROOT / "pyproject.toml").read_text())


def listed(pyenv: Path, *, path: str) -> dict[str, str]:
    """What ``.ci/pythons`` says of a machine with these folders."""
    environment = {"PATH": path, "HOME": "/nonexistent", "PYENV_ROOT": str(pyenv)}
    ran = subprocess.run(
        [ROOT / ".ci" / "pythons"], env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    return dict(line.split(" ", 1) for line in ran.stdout.splitlines())


def add_python(file: Path, says: str) -> str:
    """A stand-in for a Python that tells its minor version."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"#!/bin/sh\n{says}\n")
    file.chmod(0o755)
    return str(file)


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """A folder for PATH that has what the script needs and no Python."""
    folder = tmp_path / "tools"
    folder.mkdir()
    for name in ("bash", "dirname", "env", "grep", "sed", "sort"):
        found = next(Path(place, name) for place in ("/usr/bin", "/bin") if Path(place, name).exists())
        (folder / name).symlink_to(found)
    return folder


def test_a_python_that_is_missing_is_named(tools: Path, tmp_path: Path) -> None:
    """None that the package is said to run on is passed over in silence."""
    assert NAMED
    assert listed(tmp_path / "none", path=str(tools)) == dict.fromkeys(NAMED, "missing")


def test_every_python_from_3_11_on_is_found(tools: Path, tmp_path: Path) -> None:
    """On PATH and from pyenv, the newest of a version; not what is too old, or does not run."""
    versions = tmp_path / "pyenv" / "versions"
    add_python(versions / "3.10.1" / "bin" / "python", "echo 10")
    add_python(versions / "3.12.9" / "bin" / "python", "echo 12")
    newest = add_python(versions / "3.12.10" / "bin" / "python", "echo 12")
    later = add_python(tools / "python3.15", "echo 15")
    add_python(tools / "python3.13", "echo 'pyenv: python3.13: command not found' >&2; exit 127")
    found = listed(tmp_path / "pyenv", path=str(tools))
    assert found == dict.fromkeys(NAMED, "missing") | {"3.12": newest, "3.15": later}
