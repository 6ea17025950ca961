"""The demo in a terminal, as an SVG made of a real run: ``python -m pictures.demo`` in ``tests`` writes it anew."""

from __future__ import annotations

import html
import io
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

__all__ = ["PICTURE", "draw", "run_demo", "words_of_run", "words_of_svg"]

PICTURE: Final = Path(__file__).parents[2] / "docs" / "pictures" / "demo.svg"
_COLUMNS: Final = 84
_OF_TERMINAL: Final = 80
_LONGEST: Final = 60.0  # seconds
_BLOCKS: Final = re.compile(r"[▀▄█░▒▓]")
_FOREIGN: Final = re.compile(r"@font-face \{.*?\}|<!--.*?-->", re.DOTALL)  # fonts and names of other hosts
_CLASSES: Final = re.compile(r"terminal-\d+")
# What each run has of its own: the port, the text of the captcha's picture, and the code.
_OWN: Final = (
    (re.compile(r"127\.0\.0\.1:\d+"), "127.0.0.1:0"),
    (re.compile(r"(Text of the picture: )\S+"), r"\1TEXT"),
    (re.compile(r"((?:your code is|Code:) )\d+"), r"\g<1>CODE"),
)


def run_demo() -> str:
    """What ``vkauth demo --yes`` writes on a terminal."""
    import fcntl
    import pty
    import struct
    import termios

    terminal, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 50, _OF_TERMINAL, 0, 0))
    plain = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("VKAUTH_", "LC_", "NO_COLOR", "COLORTERM"))
    }
    environment = {**plain, "TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8", "PYTHONUTF8": "1"}
    command = [sys.executable, "-m", "vkauth", "demo", "--yes"]
    with subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, env=environment) as process:
        os.close(slave)
        pieces = []
        while True:
            try:
                piece = os.read(terminal, 65536)
            except OSError:  # the program has ended
                break
            pieces.append(piece)
        os.close(terminal)
        assert process.wait(_LONGEST) == 0
    return b"".join(pieces).decode().replace("\r\n", "\n")


def draw(written: str) -> str:
    """An SVG of what was written."""
    console = Console(record=True, width=_COLUMNS, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    console.print(Text.from_ansi(f"$ vkauth demo\n{written.rstrip()}"), overflow="crop", no_wrap=True)
    svg = console.export_svg(title="vkauth demo", theme=MONOKAI)
    return _CLASSES.sub("terminal", _FOREIGN.sub("", svg))


def words_of_run(written: str) -> list[str]:
    """The lines of a run, without its picture and what each run has of its own."""
    return _same([line.plain for line in Text.from_ansi(written).split("\n")])


def words_of_svg(svg: str) -> list[str]:
    """The lines that an SVG shows, in the same form."""
    rows: dict[float, list[tuple[float, str]]] = {}
    for x, y, text in re.findall(r'<text [^>]*?x="([\d.]+)" y="([\d.]+)"[^>]*>(.*?)</text>', svg):
        rows.setdefault(float(y), []).append((float(x), html.unescape(text)))
    lines = ["".join(text for _, text in sorted(row)) for _, row in sorted(rows.items())]
    return [line for line in _same(lines) if line not in ("vkauth demo", "$ vkauth demo")]


def _same(lines: list[str]) -> list[str]:
    kept = []
    for line in lines:
        text = " ".join(line.replace("\xa0", " ").split())
        for pattern, same in _OWN:
            text = pattern.sub(same, text)
        if text and not _BLOCKS.search(text):
            kept.append(text)
    return kept


if __name__ == "__main__":
    PICTURE.write_text(draw(run_demo()), encoding="utf-8")
