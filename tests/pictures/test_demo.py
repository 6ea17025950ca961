"""The README's picture of the demo shows what the demo writes today."""

from __future__ import annotations

import sys
from xml.etree import ElementTree as ET

import pytest

from pictures import demo

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no such terminals")


def test_the_picture_shows_what_the_demo_writes() -> None:
    """Write it anew with ``python -m pictures.demo`` in ``tests``, if this fails."""
    written = demo.run_demo()
    wanted = demo.words_of_run(written)
    assert "VK accepted it." in wanted
    assert demo.words_of_svg(demo.draw(written)) == wanted
    assert demo.words_of_svg(demo.PICTURE.read_text(encoding="utf-8")) == wanted


def test_the_picture_needs_nobody() -> None:
    """No font, script or picture of another host is in it."""
    svg = demo.PICTURE.read_text(encoding="utf-8")
    ET.fromstring(svg)
    addresses = {part.split('"')[0].split("<")[0] for part in svg.split("http")[1:]}
    assert {each for each in addresses if "127.0.0.1" not in each} <= {"://www.w3.org/2000/svg"}
    assert "<script" not in svg
