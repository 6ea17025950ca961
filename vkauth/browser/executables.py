"""Where an installed browser is: Google Chrome, Microsoft Edge or Chromium."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

__all__ = ["VARIABLE", "find_browser", "missing_words"]

VARIABLE: Final = "VKAUTH_BROWSER"
"""The environment variable that names a browser: a path, or a name to be found in ``PATH``."""

_NAMES: Final = (
    "google-chrome", "google-chrome-stable", "microsoft-edge", "microsoft-edge-stable", "chromium", "chromium-browser",
)  # fmt: skip
_APPLICATIONS: Final = ("Google Chrome", "Microsoft Edge", "Chromium")
_PROGRAMS: Final = (
    ("Google", "Chrome", "Application", "chrome.exe"),
    ("Microsoft", "Edge", "Application", "msedge.exe"),
    ("Chromium", "Application", "chrome.exe"),
)
_PROGRAM_FOLDERS: Final = ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")


def find_browser(given: str | None, environ: Mapping[str, str], platform: str) -> str | None:
    """The path of the browser to start, or ``None`` if there is none.

    Args:
        given: a path; no other browser is looked for then.
        environ: the environment: ``VKAUTH_BROWSER`` comes next, and no other one is looked for then either.
        platform: as ``sys.platform`` names it.
    """
    named = given or environ.get(VARIABLE)
    if named:
        return shutil.which(named, path=environ.get("PATH"))
    return next(_installed(environ, platform), None)


def missing_words(given: str | None, environ: Mapping[str, str]) -> str:
    """What to tell a person whose browser was not found."""
    if given:
        return "there is no program at the path of executable"
    if environ.get(VARIABLE):
        return f"there is no program at the path in {VARIABLE}"
    return (
        f"neither Google Chrome nor Microsoft Edge nor Chromium was found: install one, or set {VARIABLE} to its path"
    )


def _installed(environ: Mapping[str, str], platform: str) -> Iterator[str]:
    if platform == "win32":
        for program in _PROGRAMS:
            for folder in filter(None, map(environ.get, _PROGRAM_FOLDERS)):
                yield from _existing(Path(folder, *program))
        return
    if platform == "darwin":
        for name in _APPLICATIONS:
            for place in (Path("/Applications"), Path(environ.get("HOME", "/"), "Applications")):
                yield from _existing(place / f"{name}.app" / "Contents" / "MacOS" / name)
    for name in _NAMES:
        found = shutil.which(name, path=environ.get("PATH"))
        if found is not None:
            yield found


def _existing(path: Path) -> Iterator[str]:
    if path.is_file():
        yield str(path)
