"""Captchas to look at and to listen to."""

from __future__ import annotations

import io
import math
import random
import wave
from typing import Final

__all__ = ["captcha_picture", "captcha_sound", "unsupported_picture"]

_SIZE: Final = (130, 50)
_RATE: Final = 8000
# One black pixel is enough where the picture only says that it is not the way any more.
_TINY_GIF: Final = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)


def captcha_picture(text: str, drawing: int) -> bytes:
    """Draw the letters so that a person can still read them.

    Args:
        text: the letters.
        drawing: each number bends and places them in another way.

    Returns:
        A PNG of 130 x 50 pixels.

    Raises:
        ImportError: Pillow is not installed.
    """
    try:
        from PIL import Image, ImageDraw, ImageFont
    except ImportError:
        raise ImportError('drawing captchas needs Pillow: pip install "vkauth[test]"') from None
    chance = random.Random(f"{text}/{drawing}")  # noqa: S311 - it only bends letters
    picture = Image.new("RGB", _SIZE, (245, 247, 250))
    font = ImageFont.load_default(size=30)
    for number, letter in enumerate(text):
        tile = Image.new("RGBA", (40, 44), (0, 0, 0, 0))
        ink = tuple(chance.randrange(20, 110) for _ in range(3))
        ImageDraw.Draw(tile).text((10, 2), letter, font=font, fill=(*ink, 255))
        tile = tile.rotate(chance.uniform(-22, 22), resample=Image.Resampling.BICUBIC)
        picture.paste(tile, (number * 23 + chance.randrange(0, 5) - 2, chance.randrange(0, 7)), tile)
    pen = ImageDraw.Draw(picture)
    for _ in range(2):
        height, swing, phase = chance.uniform(15, 35), chance.uniform(4, 9), chance.uniform(0, 6)
        line = [(x, height + swing * math.sin(x / 14 + phase)) for x in range(_SIZE[0])]
        pen.line(line, fill=(120, 130, 150), width=1)
    target = io.BytesIO()
    picture.save(target, "PNG")
    return target.getvalue()


def unsupported_picture() -> bytes:
    """What VK shows instead of letters where only the not-robot page counts: a GIF."""
    return _TINY_GIF


def captcha_sound(text: str) -> bytes:
    """A WAV with one beep a letter, half a second in all; the letters themselves are not to be heard."""
    samples = bytearray()
    for letter in text:
        tone = 300 + 20 * (ord(letter) % 32)
        samples += bytes(128 + int(60 * math.sin(math.tau * tone * t / _RATE)) for t in range(_RATE // 10))
    target = io.BytesIO()
    with wave.open(target, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(1)
        sound.setframerate(_RATE)
        sound.writeframes(bytes(samples))
    return target.getvalue()
