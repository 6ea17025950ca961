"""Captchas drawn with characters, or saved."""

from __future__ import annotations

import io
import os
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image

from vkauth.cli.terminal import Terminal
from vkauth.terminal.pictures import Cell, Pictures, Pixel, half_blocks


class Colours(io.TextIOWrapper):
    """A terminal's end."""

    def __init__(self, encoding: str = "utf-8") -> None:
        super().__init__(io.BytesIO(), encoding=encoding, write_through=True)

    def isatty(self) -> bool:
        return True

    def forget(self) -> None:
        """Nothing was shown so far."""
        self.seek(0)
        self.truncate()

    @property
    def shown(self) -> str:
        buffer = self.buffer
        assert isinstance(buffer, io.BytesIO)
        return buffer.getvalue().decode(self.encoding)


def _png(size: tuple[int, int] = (130, 50), colour: str = "white", mode: str = "RGB") -> bytes:
    target = io.BytesIO()
    Image.new(mode, size, colour).save(target, "PNG")
    return target.getvalue()


def _colours(rows: list[list[Cell]]) -> list[tuple[Pixel, Pixel]]:
    return [(ink, ground) for row in rows for _, ink, ground in row]


def test_each_character_is_two_pixels_one_above_the_other() -> None:
    """The upper pixel is the letter's colour, the lower one its ground."""
    image = Image.new("RGB", (2, 3), "white")
    image.putpixel((0, 0), (255, 0, 0))
    image.putpixel((0, 1), (0, 255, 0))
    rows = half_blocks(image, 80)
    assert [[cell[0] for cell in row] for row in rows] == [["\u2580"] * 2] * 2
    white = (255, 255, 255)
    assert _colours(rows) == [((255, 0, 0), (0, 255, 0)), (white, white), (white, white), (white, white)]


def test_a_wide_picture_is_made_to_fit() -> None:
    """It keeps its shape."""
    lines = half_blocks(Image.new("RGB", (130, 50)), 65)
    assert {len(line) for line in lines} == {65}
    assert len(lines) == 13


def test_what_is_transparent_is_white() -> None:
    """As browsers show it."""
    rows = half_blocks(Image.new("RGBA", (1, 2), (0, 0, 0, 0)), 80)
    assert _colours(rows) == [((255, 255, 255), (255, 255, 255))]


def test_few_colours_become_black_and_white() -> None:
    """The letters stand out from their ground."""
    image = Image.new("RGB", (1, 2), (200, 190, 190))
    image.putpixel((0, 1), (90, 80, 100))
    assert _colours(half_blocks(image, 80, black_and_white=True)) == [((255, 255, 255), (0, 0, 0))]


@pytest.mark.parametrize("term", ["xterm-256color", "linux"])
def test_a_terminal_gets_it_drawn(monkeypatch: pytest.MonkeyPatch, term: str) -> None:
    """In 256 colours as in 16."""
    monkeypatch.setenv("TERM", term)
    monkeypatch.setenv("COLUMNS", "80")
    output = Colours()
    with Pictures(Terminal(output)) as pictures:
        assert pictures.show(_png()) is True
    assert output.shown.count("\u2580") == 79 * 15


@pytest.mark.parametrize(
    ("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb"), ("COLUMNS", "23")], ids=["colours", "dumb", "narrow"]
)
def test_a_terminal_that_cannot_show_it_gets_nothing(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    """Without colours, or too narrow, nobody could read it."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv(name, value)
    output = Colours()
    with Pictures(Terminal(output)) as pictures:
        assert pictures.show(_png()) is False
    assert output.shown == ""


def test_a_terminal_without_the_characters_gets_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Question marks are no picture."""
    monkeypatch.setenv("COLUMNS", "80")
    with Pictures(Terminal(Colours("ascii"))) as pictures:
        assert pictures.show(_png()) is False


def _huge() -> bytes:
    """A few bytes that say they are 60 000 pixels wide and high."""
    header = b"IHDR" + struct.pack(">IIBBBBB", 60000, 60000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))


@pytest.mark.parametrize("picture", [b"", b"GIF89a broken", _png()[:60], _huge(), _png((1, 1))])
def test_what_is_no_captcha_is_not_drawn_but_can_be_saved(monkeypatch: pytest.MonkeyPatch, picture: bytes) -> None:
    """Broken and oversized pictures do no harm."""
    monkeypatch.setenv("COLUMNS", "80")
    with Pictures(Terminal(Colours())) as pictures:
        assert pictures.show(picture) is False
        assert pictures.save(picture).read_bytes() == picture


def test_saved_pictures_are_private_and_go_away() -> None:
    """Only the owner can open them, while the command runs."""
    with Pictures(Terminal(io.StringIO())) as pictures:
        first, second = pictures.save(_png()), pictures.save(b"something")
        assert (first.name, second.name) == ("captcha-1.png", "captcha-2.img")
        if os.name == "posix":
            assert first.parent.stat().st_mode & 0o777 == 0o700
    assert not Path(first.parent).exists()
