"""Pictures that no captcha is: a server may send anything, and it neither harms nor holds up who is asked."""

from __future__ import annotations

import asyncio
import io
import os
import random
import struct
import tempfile
import warnings
import zlib
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from costs import cost_of
from hypothesis import given
from hypothesis import strategies as st
from PIL import EpsImagePlugin, Image, ImageFile
from support import refused

from vkauth import AuthErrorCode, Captcha, UserToken
from vkauth.cli.terminal import Terminal
from vkauth.terminal.picture_files import PictureFiles
from vkauth.terminal.pictures import Pictures
from vkauth.testing import VKSimulator

from .conftest import Here
from .test_hooks import PICTURE, at_terminal, picture
from .test_pictures import Colours

EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 130 50\n%%EndComments\nshowpage\n"
IM = b"Image type: RGB image\r\nImage size (x*y): 130*50\r\nFile size (no of images): 1\r\n".ljust(511, b"\0") + b"\x1a"
IM += bytes(130 * 50 * 3)
SLOWEST = 0.5
"""Seconds of CPU that drawing may take: twenty times of what it takes."""


def _encoded(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    target = io.BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()


def _noise(mode: str, size: tuple[int, int]) -> Image.Image:
    length = len(Image.new(mode, size).tobytes())
    return Image.frombytes(mode, size, random.Random(1).randbytes(length))


def _part(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _many_texts() -> bytes:
    """A small picture with texts that unpack to 50 MB."""
    text = _part(b"zTXt", b"a\0\0" + zlib.compress(bytes(1_000_000), 9))
    plain = _encoded(Image.new("RGB", (130, 50)))
    return plain[:33] + 50 * text + plain[33:]


def _many_scans() -> bytes:
    """A JPEG of which each part is sent thousands of times."""
    plain = _encoded(Image.new("RGB", (380, 380), "red"), "JPEG", progressive=True)
    last = plain[plain.rindex(b"\xff\xda") : -2]
    return plain[:-2] + last * ((65_000 - len(plain)) // len(last)) + plain[-2:]


def _not_drawn() -> dict[str, bytes]:
    return {
        "program": EPS,
        "tiff": _encoded(Image.new("RGB", (130, 50)), "TIFF"),
        "im": IM,
        "bmp": _encoded(Image.new("RGB", (130, 50)), "BMP"),
        "broken avif": b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf" + bytes(40),
        "broken blp": b"BLP2" + struct.pack("<i", 7) + bytes(160),
        "bomb": _encoded(Image.new("1", (12000, 12000))),
        "large": _encoded(Image.new("1", (1000, 1000))),
        "tall": _encoded(_noise("RGB", (158, 4000))),
        "narrow": _encoded(Image.new("L", (10, 400))),
        "scans": _many_scans(),
    }


def _drawn() -> dict[str, bytes]:
    small = (130, 50)
    moving = [_noise("L", small) for _ in range(3)]
    return {
        "alpha": _encoded(_noise("LA", small)),
        "palette": _encoded(_noise("RGB", small).quantize()),
        "transparent palette": _encoded(_noise("RGB", small).quantize(), transparency=bytes(range(256))),
        "16 bits": _encoded(_noise("I;16", small)),
        "cmyk": _encoded(_noise("CMYK", small), "JPEG"),
        "progressive": _encoded(_noise("RGB", small), "JPEG", progressive=True),
        "webp": _encoded(_noise("RGBA", small), "WEBP"),
        "moving": _encoded(moving[0], "GIF", save_all=True, append_images=moving[1:]),
        "many pictures": _encoded(
            Image.new("L", small), "GIF", save_all=True, append_images=[Image.new("L", small, n) for n in range(200)]
        ),
        "texts": _many_texts(),
        "largest": _encoded(_noise("RGB", (160, 118))),
    }


NOT_DRAWN, DRAWN = _not_drawn(), _drawn()


@pytest.fixture(params=["24", "80", "161"])
def terminal(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Colours:
    """One of millions of colours, of several widths."""
    monkeypatch.setenv("COLUMNS", request.param)
    monkeypatch.setenv("COLORTERM", "truecolor")
    return Colours()


def _show(terminal: Colours, picture: bytes, *, drawn: bool) -> None:
    terminal.forget()
    assert Pictures(Terminal(terminal)).show(picture) is drawn


@pytest.mark.parametrize("name", NOT_DRAWN)
def test_what_is_not_drawn(terminal: Colours, name: str) -> None:
    """It is not even decoded, costs nothing, and nothing is warned of."""
    decoded: list[object] = []
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        patch.setattr(ImageFile.ImageFile, "load", decoded.append)
        assert cost_of(partial(_show, terminal, NOT_DRAWN[name], drawn=False)) < SLOWEST
    assert (terminal.shown, decoded, told) == ("", [], [])


@pytest.mark.parametrize("name", DRAWN)
def test_what_is_drawn(terminal: Colours, name: str) -> None:
    """In time that nobody notices, of what its first picture shows, in at most 60 rows."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        assert cost_of(partial(_show, terminal, DRAWN[name], drawn=True)) < SLOWEST
    assert told == []
    assert 2 <= terminal.shown.count("\n") <= 60


def test_the_greys_of_16_bits(terminal: Colours) -> None:
    """Pillow takes all but the darkest of them for white."""
    image = Image.new("I;16", (20, 4), 30000)
    assert Pictures(Terminal(terminal)).show(_encoded(image))
    assert "38;2;116;116;116;48;2;116;116;116" in terminal.shown


@pytest.mark.parametrize("warned", [b"", b"MPF\0broken"], ids=["fine", "broken"])
def test_what_pillow_warns_of(terminal: Colours, warned: bytes) -> None:
    """Of a picture that it draws all the same."""
    plain = _encoded(Image.new("RGB", (130, 50)), "JPEG")
    exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x1a\x01\x05\0\x01\0\0\0\xff\xff\0\0\0\0\0\0"
    parts = [b"\xff\xe1" + struct.pack(">H", len(each) + 2) + each for each in (exif, warned)]
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        assert Pictures(Terminal(terminal)).show(plain[:2] + b"".join(parts) + plain[2:]) is True
    assert told == []


@pytest.mark.skipif(os.name != "posix", reason="makes a program of a text")
def test_no_program_is_started(terminal: Colours, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Pillow has Ghostscript draw what says it is PostScript."""
    program, started = tmp_path / "gs", tmp_path / "started"
    program.write_text(f"#!/bin/sh\ntouch {started}\nexit 1\n")
    program.chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr(EpsImagePlugin, "gs_binary", None)
    assert Pictures(Terminal(terminal)).show(EPS) is False
    assert not started.exists()


KINDS = [NOT_DRAWN["tiff"], NOT_DRAWN["broken avif"], NOT_DRAWN["broken blp"]]
KINDS += [each for name, each in DRAWN.items() if name not in ("texts", "largest", "many pictures")]


@given(st.data())
def test_whatever_is_changed(data: st.DataObject) -> None:
    """It is drawn or not, and never raises or warns."""
    changed = bytearray(data.draw(st.sampled_from(KINDS)))
    for _ in range(data.draw(st.integers(1, 8))):
        # What is at the beginning says what the rest is.
        place = data.draw(st.integers(0, min(len(changed), 200) - 1) | st.integers(0, len(changed) - 1))
        changed[place] = data.draw(st.integers(0, 255))
    end = data.draw(st.none() | st.integers(1, len(changed)))
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings(record=True) as told:
        patch.setenv("COLUMNS", "40")
        patch.setenv("TERM", "xterm-256color")
        warnings.simplefilter("always")
        output = Colours()
        drawn = Pictures(Terminal(output)).show(bytes(changed[:end]))
    assert told == []
    assert drawn is (output.shown != "")


@pytest.mark.parametrize("error", [RuntimeError, MemoryError, SyntaxError, struct.error, KeyError, RecursionError])
def test_whatever_a_decoder_raises(terminal: Colours, monkeypatch: pytest.MonkeyPatch, error: type[Exception]) -> None:
    """The picture is for another program then."""

    def fail(_: object) -> None:
        raise error("broken")

    monkeypatch.setattr(ImageFile.ImageFile, "load", fail)
    assert Pictures(Terminal(terminal)).show(DRAWN["alpha"]) is False
    assert terminal.shown == ""


# -- as a login comes to them ----------------------------------------------------------------------------------------


def _send(monkeypatch: pytest.MonkeyPatch, sent: bytes) -> None:
    async def image(_: Captcha) -> bytes:
        return sent

    monkeypatch.setattr(Captcha, "image", image)


@pytest.mark.skipif(os.name != "posix", reason="uses terminals of POSIX")
@pytest.mark.parametrize("name", ["program", "broken blp", "bomb"])
async def test_a_login(vk: VKSimulator, here: Here, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str) -> None:
    """The person gets the file, and the login goes on."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    _send(monkeypatch, NOT_DRAWN[name])
    vk.add_account(captcha="image")
    login = asyncio.ensure_future(at_terminal(vk, here).run())
    await here.shows("The picture is in ")
    await here.shows(f"{PICTURE}: ")
    here.type(f"{picture(vk)}\n")
    assert isinstance(await login, UserToken)
    assert "Warning" not in here.text


# -- where no file can be written ------------------------------------------------------------------------------------

NOT_SAVED = "the picture of the captcha cannot be saved as a temporary file (No such file or directory)"


@pytest.fixture
def no_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The folder for temporary files is not there."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))


def test_no_file_can_be_written(no_folder: None) -> None:
    """It is told why, and what to do."""
    with pytest.raises(Exception, match="cannot be saved") as caught, PictureFiles() as files:
        files.save(DRAWN["alpha"])
    error: Any = caught.value
    assert (error.code, error.message) == (AuthErrorCode.MISSING_CAPTCHA_HANDLER, NOT_SAVED)
    assert "TMPDIR" in error.advice
    assert not error.retryable


@pytest.mark.skipif(os.name != "posix", reason="uses terminals of POSIX")
async def test_a_login_without_files(
    vk: VKSimulator, here: Here, monkeypatch: pytest.MonkeyPatch, no_folder: None
) -> None:
    """It ends, as nobody can be asked."""
    _send(monkeypatch, EPS)
    vk.add_account(captcha="image")
    error = await refused(at_terminal(vk, here).run(), AuthErrorCode.MISSING_CAPTCHA_HANDLER)
    assert error.message == NOT_SAVED


@pytest.mark.skipif(os.name != "posix", reason="uses terminals of POSIX")
async def test_a_picture_that_is_drawn_needs_no_file(vk: VKSimulator, here: Here, no_folder: None) -> None:
    """Whoever asks for one is told, and can still answer."""
    vk.add_account(captcha="image")
    login = asyncio.ensure_future(at_terminal(vk, here).run())
    await here.shows(PICTURE)
    here.type("?\n")
    await here.shows(f"T{NOT_SAVED[1:]}.")
    await here.shows(PICTURE)
    here.type(f"{picture(vk)}\n")
    assert isinstance(await login, UserToken)
