"""A captcha that the terminal does not draw, where no temporary file can be written either."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from cli.conftest import Command, on_terminal
from vkauth.testing import VKSimulator

WITHOUT_FILES = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
from vkauth.cli.main import main
sys.exit(main(["login", "direct"]))
"""
TOLD = "vkauth: [MISSING_CAPTCHA_HANDLER] the picture of the captcha cannot be saved as a temporary file ("
TOLD_RU = "vkauth: [MISSING_CAPTCHA_HANDLER] не удалось сохранить картинку с капчей во временный файл ("
ADVICE_RU = "Освободите место на диске или укажите в TMPDIR папку, в которую можно писать."
ADVICE = "Make room on the disk, or name a folder that can be written to in TMPDIR."


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", f"{TOLD}No such file or directory). {ADVICE}"),
        ("ru", f"{TOLD_RU}No such file or directory). {ADVICE_RU}"),
    ],
)
async def test_no_folder(
    at_simulator: VKSimulator,
    command: Command,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    language: str,
    told: str,
) -> None:
    """One line says why the login ended, and what to do."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    at_simulator.add_account(captcha="image")
    outcome = await command("--lang", language, "login", "direct")
    assert outcome.code == 4
    assert outcome.err.splitlines()[-1] == told


@pytest.mark.skipif(os.name != "posix", reason="limits the files of a process")
async def test_a_full_disk(at_simulator: VKSimulator) -> None:
    """Every file is as if it did not fit."""
    at_simulator.add_account(captcha="image")
    # What it would measure goes to a file, too.
    async with on_terminal(code=WITHOUT_FILES, TERM="dumb", COVERAGE_PROCESS_START="") as screen:
        code, _ = await screen.ended()
    assert code == 4
    words = " ".join(screen.text.split())
    assert TOLD in words
    assert words.endswith(ADVICE)
    assert "vkauth itself" not in words
