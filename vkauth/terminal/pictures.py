"""Captchas in the terminal: drawn with coloured half blocks where it can show them."""

from __future__ import annotations

import io
import math
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, TypeAlias

from PIL import Image, ImageOps
from PIL import WebPImagePlugin as _  # noqa: F401 - with which Pillow knows that format
from rich.console import Console
from rich.text import Text

from vkauth.terminal.picture_files import PictureFiles
from vkauth.terminal.styles import LINES, columns_of
from vkauth.terminal.terminal import Terminal

__all__ = ["Cell", "Pictures", "Pixel", "half_blocks", "quarter_blocks"]

Pixel: TypeAlias = tuple[int, int, int]
"""Red, green and blue, each from 0 to 255."""
Cell: TypeAlias = tuple[str, Pixel, Pixel]
"""A character, its colour, and that of its ground."""

_UPPER_HALF: Final = "\u2580"
_QUARTERS: Final = " \u2598\u259d\u2580\u2596\u258c\u259e\u259b\u2597\u259a\u2590\u259c\u2584\u2599\u259f\u2588"
"""By which of their four parts are filled: 1 the upper left, 2 the upper right, 4 the lower left, 8 the lower right."""
_NARROWEST: Final = 24
"""Columns below which letters cannot be told any more."""
_FEW_COLUMNS: Final = 60
"""Columns below which two pixels side by side share one."""
_WIDEST: Final = 160
_MOST_ROWS: Final = 60
"""Rows that a person still sees at once. A picture that needs more is for another program."""

# VK's pictures are 130 x 50 pixels in some thousand bytes. Within these limits a picture costs some milliseconds,
# whatever the server made of it, so that the event loop can draw it.
_LARGEST: Final = 150_000
"""Pixels."""
_LONGEST: Final = 65536
"""Bytes."""
_MOST_SCANS: Final = 16
"""Of a JPEG, each of which goes through the whole picture. The usual progressive ones have ten."""
_FORMATS: Final = ("PNG", "JPEG", "GIF", "WEBP")
"""Pillow would try dozens of others, some of which start programs."""
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_DRAWN: Final = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")
"""The parts of a PNG that are looked at. Others unpack to a thousand times their size."""

_STEPS: Final = [0 if value < 48 else 1 if value < 115 else (value - 35) // 40 for value in range(256)]
"""Which step of xterm's cube of 6 x 6 x 6 colours (0, 95, 135, 175, 215, 255) a part of a colour is nearest to."""


class Pictures(PictureFiles):
    """Shows pictures, and saves them.

    Args:
        terminal: where they are shown.
    """

    def __init__(self, terminal: Terminal) -> None:
        super().__init__()
        self._terminal = terminal
        output = terminal.output or io.StringIO()
        self._made = Console(file=output, width=columns_of(output), height=LINES, highlight=False, emoji=False)

    @property
    def _console(self) -> Console:
        """The terminal, as wide as it is now."""
        self._made.width = columns_of(self._terminal.output)
        return self._made

    @property
    def can_draw(self) -> bool:
        """Whether the terminal shows colours and half blocks, and is wide enough."""
        return self._has_blocks and self._console.width >= _NARROWEST

    def has_room_for(self, lines: Iterable[str]) -> bool:
        """Whether the terminal shows lines of half blocks with colours in them, and is as wide as they are."""
        return self._has_blocks and all(Text.from_ansi(each).cell_len <= self._console.width for each in lines)

    @property
    def _has_blocks(self) -> bool:
        console = self._console
        return (
            console.is_terminal
            and console.color_system is not None
            and not console.no_color
            and not console.legacy_windows
            and console.encoding.lower().startswith("utf")
        )

    def show(self, picture: bytes) -> bool:
        """Draw the picture, if the terminal and the picture are of a kind for that; tell whether it was drawn."""
        if not self.can_draw:
            return False
        try:
            drawn = self._drawn(picture)
        except Exception:  # noqa: BLE001 - what a decoder raises for a broken picture can be anything
            return False
        if drawn is None:
            return False
        self._terminal.draw(drawn)
        return True

    def _drawn(self, picture: bytes) -> str | None:
        image = _opened(picture)
        columns = min(self._console.width - 1, _WIDEST)
        draw, side_by_side = (half_blocks, 1) if columns >= _FEW_COLUMNS else (quarter_blocks, 2)
        if image is None or math.ceil(_height(image, side_by_side * columns) / 2) > _MOST_ROWS:
            return None
        system = self._console.color_system
        codes = {"truecolor": _of_millions, "256": _of_256}.get(system or "", _of_two)
        return _coded(draw(image, columns, black_and_white=codes is _of_two), codes)


def _opened(picture: bytes) -> Image.Image | None:
    """Open a picture; ``None`` if it is none that a captcha can be. For broken ones Pillow raises anything."""
    if len(picture) > _LONGEST or picture.count(b"\xff\xda") > _MOST_SCANS:
        return None
    if picture.startswith(_PNG):
        picture = _PNG + b"".join(_parts_drawn(picture))
    # Pillow warns of much that a server can send, and a warning would be written among the questions.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        image = Image.open(io.BytesIO(picture), formats=_FORMATS)  # which decodes nothing
        if min(image.size) < 2 or image.width * image.height > _LARGEST:
            return None
        image.load()
        return _without_transparency(image)


def _parts_drawn(picture: bytes) -> Iterator[bytes]:
    """The parts of a PNG without those that have nothing to do with its pixels, as other programs may draw them."""
    start = len(_PNG)
    while start + 8 <= len(picture):
        end = start + 12 + int.from_bytes(picture[start : start + 4])
        if picture[start + 4 : start + 8] in _DRAWN:
            yield picture[start:end]
        start = end


def _without_transparency(image: Image.Image) -> Image.Image:
    """The first picture in RGB, on white, as browsers show it."""
    if image.mode.startswith("I"):  # 16 bits a pixel: Pillow would take all but the darkest greys for white
        image = image.convert("F").point(lambda value: value * (1 / 257) + 0).convert("L")
    with_alpha = image.convert("RGBA")
    flat = Image.new("RGB", image.size, "white")
    flat.paste(with_alpha, mask=with_alpha.getchannel("A"))
    return flat


def half_blocks(image: Image.Image, columns: int, *, black_and_white: bool = False) -> list[list[Cell]]:
    """Draw with two pixels a character, one above the other, and return the rows.

    Args:
        image: the picture.
        columns: the most columns to use; a wider picture is made smaller.
        black_and_white: for terminals with a few colours only, which would not show the letters on their ground.
    """
    lines = _lines(image, columns, 1, black_and_white=black_and_white)
    return [
        [(_UPPER_HALF, above, below) for above, below in zip(upper, lower, strict=True)]
        for upper, lower in zip(lines[::2], lines[1::2], strict=True)
    ]


def quarter_blocks(image: Image.Image, columns: int, *, black_and_white: bool = False) -> list[list[Cell]]:
    """Draw with four pixels a character, of which the darker ones share a colour, and the lighter ones another.

    Args:
        image, columns, black_and_white: as of :func:`half_blocks`.
    """
    lines = _lines(image, columns, 2, black_and_white=black_and_white)
    return [
        [_quartered(each) for each in zip(upper[::2], upper[1::2], lower[::2], lower[1::2], strict=True)]
        for upper, lower in zip(lines[::2], lines[1::2], strict=True)
    ]


def _quartered(cell: tuple[Pixel, Pixel, Pixel, Pixel]) -> Cell:
    sums = [sum(each) for each in cell]
    middle = (min(sums) + max(sums)) / 2
    dark = [each < middle for each in sums]
    letter = _QUARTERS[sum(bit << place for place, bit in enumerate(dark))]
    ink = _mean([each for each, is_dark in zip(cell, dark, strict=True) if is_dark] or cell)
    ground = _mean([each for each, is_dark in zip(cell, dark, strict=True) if not is_dark])
    return letter, ink, ground


def _mean(pixels: Sequence[Pixel]) -> Pixel:
    red, green, blue = (sum(part) // len(pixels) for part in zip(*pixels, strict=True))
    return red, green, blue


def _height(image: Image.Image, columns: int) -> int:
    """Pixels that the picture is high when it is at most ``columns`` wide."""
    return max(2, round(image.height * columns / image.width)) if image.width > columns else image.height


def _lines(image: Image.Image, columns: int, side_by_side: int, *, black_and_white: bool) -> list[list[Pixel]]:
    """The lines of pixels that fill whole characters, each of which has two lines."""
    flat = _without_transparency(image)
    widest = columns * side_by_side
    if flat.width > widest:
        flat = flat.resize((widest, _height(flat, widest)), Image.Resampling.LANCZOS)
    if black_and_white:
        grey = ImageOps.autocontrast(flat.convert("L"))
        flat = grey.point([0] * 128 + [255] * 128).convert("RGB")
    flat = ImageOps.expand(flat, border=(0, 0, flat.width % side_by_side, flat.height % 2), fill="white")
    parts = iter(flat.tobytes())
    pixels = list(zip(parts, parts, parts, strict=True))
    return [pixels[start : start + flat.width] for start in range(0, len(pixels), flat.width)]


def _coded(rows: Iterable[Iterable[Cell]], codes: Callable[[Pixel, Pixel], str]) -> str:
    """The rows as a terminal takes them. ``codes`` are those of a colour and that of its ground."""
    parts: list[str] = []
    for row in rows:
        before = None
        for letter, ink, ground in row:
            if before != (ink, ground):
                parts.append(f"\x1b[{codes(ink, ground)}m")
                before = ink, ground
            parts.append(letter)
        parts.append("\x1b[0m\n")
    return "".join(parts)


def _of_millions(ink: Pixel, ground: Pixel) -> str:
    return f"38;2;{ink[0]};{ink[1]};{ink[2]};48;2;{ground[0]};{ground[1]};{ground[2]}"


def _of_256(ink: Pixel, ground: Pixel) -> str:
    return f"38;5;{_number(ink)};48;5;{_number(ground)}"


def _number(colour: Pixel) -> int:
    """Which of xterm's colours 16 to 255, the cube and 24 greys, comes near to one."""
    red, green, blue = colour
    if max(colour) - min(colour) < 8 and 4 <= red < 243:
        return 232 + (red - 3) // 10
    return 16 + 36 * _STEPS[red] + 6 * _STEPS[green] + _STEPS[blue]


def _of_two(ink: Pixel, ground: Pixel) -> str:
    return f"{97 if ink[0] else 30};{107 if ground[0] else 40}"
