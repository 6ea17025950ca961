"""Captchas in the terminal: drawn with coloured half blocks where it can show them, else saved to a file."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from PIL import Image, ImageOps
from rich.color import Color
from rich.console import Console
from rich.style import Style
from rich.text import Text

from vkauth.cli.terminal import Terminal

__all__ = ["Pictures", "half_blocks"]

_UPPER_HALF: Final = "\u2580"
_NARROWEST: Final = 60
"""Columns below which letters cannot be told any more."""
_WIDEST: Final = 160
_LARGEST: Final = 4000
"""Pixels, either way, of the largest picture that is looked at. VK's are 130 x 50."""
_ENDINGS: Final = {"PNG": ".png", "JPEG": ".jpg", "GIF": ".gif", "WEBP": ".webp"}


class Pictures:
    """Shows pictures. Files that it saves are removed at the end of the ``with`` block.

    Args:
        terminal: where they are shown.
    """

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._console = Console(file=terminal.output or io.StringIO(), highlight=False, emoji=False)
        self._directory: tempfile.TemporaryDirectory[str] | None = None
        self._saved = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._directory is not None:
            self._directory.cleanup()

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
        image = _opened(picture)
        if image is None or image.width < 2 or image.height < 2:
            return False
        plain_colours = self._console.color_system not in ("truecolor", "256")
        rows = half_blocks(image, min(self._console.width - 1, _WIDEST), black_and_white=plain_colours)
        with self._console.capture() as drawn:
            self._console.print(rows, soft_wrap=True)
        self._terminal.draw(drawn.get())
        return True

    def save(self, picture: bytes) -> Path:
        """Write the picture to a new file that only its owner can read."""
        if self._directory is None:
            self._directory = tempfile.TemporaryDirectory(prefix="vkauth-", ignore_cleanup_errors=True)
        image = _opened(picture)
        ending = _ENDINGS.get((image.format if image is not None else None) or "", ".img")
        self._saved += 1
        path = Path(self._directory.name) / f"captcha-{self._saved}{ending}"
        path.write_bytes(picture)
        return path


def _opened(picture: bytes) -> Image.Image | None:
    """Open a picture; ``None`` if it is none, or one of a size that no captcha has."""
    try:
        image = Image.open(io.BytesIO(picture))
        if max(image.size) > _LARGEST:
            return None
        image.load()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):  # what Pillow raises for broken files
        return None
    return image


def half_blocks(image: Image.Image, columns: int, *, black_and_white: bool = False) -> Text:
    """Draw with two pixels a character, one above the other.

    Args:
        image: the picture.
        columns: the most columns to use; a wider picture is made smaller.
        black_and_white: for terminals with a few colours only, which would not show the letters on their ground.
    """
    flat = Image.new("RGB", image.size, "white")
    with_alpha = image.convert("RGBA")
    flat.paste(with_alpha, mask=with_alpha.getchannel("A"))
    if flat.width > columns:
        height = max(2, round(flat.height * columns / flat.width))
        flat = flat.resize((columns, height), Image.Resampling.LANCZOS)
    if black_and_white:
        grey = ImageOps.autocontrast(flat.convert("L"))
        flat = grey.point([0] * 128 + [255] * 128).convert("RGB")
    if flat.height % 2:
        flat = ImageOps.expand(flat, border=(0, 0, 0, 1), fill="white")
    pixels = flat.load()
    assert pixels is not None
    rows = Text()
    for y in range(0, flat.height, 2):
        for x in range(flat.width):
            rows.append(_UPPER_HALF, Style(color=_colour(pixels[x, y]), bgcolor=_colour(pixels[x, y + 1])))
        rows.append("\n")
    rows.rstrip()
    return rows


def _colour(pixel: object) -> Color:
    assert isinstance(pixel, tuple)  # three numbers, in the mode RGB
    return Color.from_rgb(*pixel)
