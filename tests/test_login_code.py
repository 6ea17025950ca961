"""The code of a login: what is drawn is a QR code of its address, and its address is not shown by accident."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import pytest
import segno
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from vkauth import LoginCode
from vkauth.testing import LeakScanner

END = datetime(2026, 1, 1, tzinfo=UTC)
URL = "https://id.vk.ru/qr_auth?q=0123456789abcdef0123456789abcdef"
BLACK_ON_WHITE, AS_BEFORE = "\x1b[38;5;16;48;5;231m", "\x1b[0m"
HALVES = {" ": (0, 0), "\u2580": (1, 0), "\u2584": (0, 1), "\u2588": (1, 1)}


def read(lines: list[str]) -> list[bytes]:
    """The modules of a drawn code, row by row: 1 is dark."""
    rows: list[bytes] = []
    for line in lines:
        assert line.startswith(BLACK_ON_WHITE)
        assert line.endswith(AS_BEFORE)
        pairs = [HALVES[each] for each in line[len(BLACK_ON_WHITE) : -len(AS_BEFORE)]]
        rows += [bytes(each) for each in zip(*pairs, strict=True)]
    return rows


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=300))
def test_the_drawing_is_the_code(text: str) -> None:
    """Every module is where segno has it, with four of white around, in black on white whatever the terminal's own."""
    rows = read(LoginCode(url=text, expires_at=END).lines())
    matrix = [bytes(row) for row in segno.make_qr(text, error="l").matrix]
    size = len(matrix)
    assert size % 2 == 1  # so the last line has half a row too many
    assert {len(row) for row in rows} == {size + 8}
    assert len(rows) == size + 9
    assert [row[4:-4] for row in rows[4:-5]] == matrix
    assert not any(any(row) for row in (*rows[:4], *rows[-5:]))
    assert not any(any(row[:4] + row[-4:]) for row in rows)


@pytest.mark.parametrize("text", [URL, "x", URL + "&more=" + "\u0434%20" * 50])
def test_a_reader_reads_it(text: str) -> None:
    """One that was written by others, of the picture that a terminal shows."""
    zxingcpp = pytest.importorskip("zxingcpp", reason="zxing-cpp is not installed")
    rows = read(LoginCode(url=text, expires_at=END).lines())
    greys = bytes(0 if module else 255 for row in rows for module in row)
    picture = Image.frombytes("L", (len(rows[0]), len(rows)), greys)
    [found] = zxingcpp.read_barcodes(picture.resize((picture.width * 4, picture.height * 4)))
    assert found.text == text


def test_it_fits_an_ordinary_terminal() -> None:
    """An address as VK's are takes less than 24 lines and 80 columns."""
    lines = LoginCode(url=URL, expires_at=END).lines()
    assert len(lines) <= 23
    assert len(read(lines)[0]) <= 45


def test_s1_the_address_is_masked() -> None:
    """S1: it is text like any other, but for its ``repr``; what is drawn holds it too."""
    code = LoginCode(url=URL, expires_at=END)
    assert code.url == URL
    assert "qr_auth" not in repr(code)
    assert "\u2588" not in repr(code.lines())
    with pytest.raises(ValueError, match="expires_at must be aware") as caught:
        LoginCode(url=URL, expires_at=datetime(2026, 1, 1))  # noqa: DTZ001 - that is what is wrong with it
    assert "qr_auth" not in str(caught.value)


def test_without_segno(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only drawing needs it, and says how to get it."""
    monkeypatch.setitem(sys.modules, "segno", None)
    code = LoginCode(url=URL, expires_at=END)
    with pytest.raises(ImportError, match=r"vkauth\[cli\]"):
        code.lines()


@pytest.mark.parametrize("length", [2954, 16_000])
def test_an_address_that_is_too_long(length: int, no_leaks: LeakScanner) -> None:
    """Is told without being shown, also in a traceback."""
    no_leaks.add("CANARY-code")
    code = LoginCode(url="https://id.vk.ru/CANARY-code".ljust(length, "a"), expires_at=END)
    with pytest.raises(ValueError, match=r"\Athe address is too long for a QR code\Z") as caught:
        code.lines()
    no_leaks.scan(caught.value)
