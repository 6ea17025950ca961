"""What a report tells of the surroundings: nothing by which a person or a machine is known."""

from __future__ import annotations

import locale
import re
import shutil
import sys
from collections.abc import Iterator, Mapping
from typing import Final

from vkauth.cli.commands.doctor.findings import plural
from vkauth.cli.terminal import is_terminal

__all__ = ["surroundings", "variables_that_are_set"]

_PROVIDERS: Final = ("KAKAO", "TIKTOK", "VK", "VKID")
_KNOWN: Final = (
    *(f"VKAUTH_{each}" for each in (
        "BROWSER", "CLIENT_SECRET", "ENDPOINTS", "LANG", "LOGIN", "PASSWORD", "PROXY", "SEAL", "STORE", "STORE_KEY",
        "TOKEN",
    )),
    "AUTH_SECRET",
    *(f"AUTH_{provider}_{what}" for provider in _PROVIDERS for what in ("ID", "SECRET")),
    *(each for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY") for each in (name, name.lower())),
    "SSL_CERT_FILE", "SSL_CERT_DIR", "XDG_DATA_HOME", "NO_COLOR", "FORCE_COLOR", "PYTHONIOENCODING", "PYTHONUTF8",
)  # fmt: skip
_OURS: Final = ("VKAUTH_", "AUTH_")
_PLAIN: Final = re.compile(r"[A-Za-z]{1,12}(?:[_.-][A-Za-z0-9]{1,12}){0,3}", re.ASCII)
_TERMINALS: Final = re.compile(r"(?:xterm|screen|tmux|linux|vt|rxvt|alacritty|foot|ansi|dumb)[a-z0-9-]{0,16}", re.ASCII)


def variables_that_are_set(environment: Mapping[str, str]) -> str:
    """Which variables that matter are set, by their names; a name that is the person's own is only counted."""
    known = [name for name in _KNOWN if environment.get(name)]
    others = sum(name.startswith(_OURS) and name not in _KNOWN for name in environment)
    if others:
        known.append(f"{plural(others, 'other')} of VKAUTH_* and AUTH_*")
    return ", ".join(known) or "none of those that matter"


def surroundings(environment: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What the command runs in, as names and values."""
    language, _ = locale.getlocale()
    yield "Locale", f"{_if_plain(language)}, file names as {sys.getfilesystemencoding()}, output as {_encoding()}"
    size = shutil.get_terminal_size()
    name = environment.get("TERM", "")
    shown = name if _TERMINALS.fullmatch(name) else "another" if name else "none"
    where = f"yes ({size.columns} x {size.lines})" if is_terminal(sys.stdout) else "no"
    yield "Terminal", f"{where}, TERM: {shown}"
    yield "Variables that are set", variables_that_are_set(environment)


def _encoding() -> str:
    return _if_plain(getattr(sys.stdout, "encoding", None))


def _if_plain(text: str | None) -> str:
    return "unknown" if text is None else text if _PLAIN.fullmatch(text) else "another"
