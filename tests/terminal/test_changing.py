"""The question for a code counts down to its end, however wide the terminal is and whatever the language."""

from __future__ import annotations

import asyncio
import gettext
import os
import re
from dataclasses import dataclass
from typing import cast

import pytest
from support import LOGIN, FakeClock, direct

from vkauth import TwoFactor
from vkauth.language import CATALOGUES, DOMAIN
from vkauth.terminal.changing import Changing, Place
from vkauth.terminal.codes import code_question
from vkauth.testing import VKSimulator

from .conftest import Here

WAYS = ("sms", "callreset")
WIDTHS = (30, 40, 80, 120)


@dataclass
class Challenge:
    """What the question looks at."""

    resend_in: float = 180.0
    type: str = "sms"
    methods: tuple[str, ...] = ()
    code_length: int | None = 6
    may_be_sent: bool = True
    sent: bool = True

    @property
    def can_resend(self) -> bool:
        """As of the real one."""
        return self.may_be_sent and self.resend_in <= 0


def question(challenge: Challenge) -> Changing:
    """What is asked."""
    return code_question(cast("TwoFactor", challenge))


@pytest.fixture(params=["en", "ru"])
def language(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The texts in that language."""
    if request.param != "en":
        texts = gettext.translation(DOMAIN, CATALOGUES, [request.param])
        for module in ("codes", "words"):
            for name, translated in (("_", texts.gettext), ("gettext", texts.gettext), ("ngettext", texts.ngettext)):
                monkeypatch.setattr(f"vkauth.terminal.{module}.{name}", translated, raising=False)
    return cast("str", request.param)


@pytest.mark.parametrize("kind", ["sms", "callreset", "app"])
@pytest.mark.parametrize("methods", [(), WAYS])
@pytest.mark.parametrize("start", [1.0, 20.0, 59.5, 180.0, 1005.0])
def test_every_second_is_shown(language: str, kind: str, methods: tuple[str, ...], start: float) -> None:
    """In the place of the first, to the second in which the code may be sent; what is typed stays where it is."""
    for columns in WIDTHS:
        challenge = Challenge(start, kind, methods)
        asked = question(challenge)
        place = Place(asked.forms, columns)
        assert place.is_wide_enough
        ends, shown = set(), set()
        steps = [start, *range(int(start), -1, -1)]
        for challenge.resend_in in steps:
            lines = place.lines(asked.now())
            assert lines is not None
            assert all(len(line) < columns for line in lines)
            assert columns - len(lines[-1]) >= 12
            ends.add((len(lines), len(lines[-1])))
            shown.add(" ".join(" ".join(lines).split()))
            assert " ".join(asked.now().split()) in shown
        assert len(ends) == 1
        assert len(shown) == len({-(-each // 1) for each in steps})


def test_one_unit_to_the_end() -> None:
    """Minutes would stand still for a minute."""
    challenge = Challenge(180.0)
    asked = question(challenge)
    assert asked.now() == "Code (6 digits; r: send it again, in 180 seconds): "
    challenge.resend_in = 120.0
    assert asked.now() == "Code (6 digits; r: send it again, in 120 seconds): "
    challenge.resend_in = 0.0
    assert asked.now() == "Code (6 digits; r: send it again): "
    challenge.may_be_sent = False
    assert asked.now() == "Code (6 digits): "


def test_ways_are_listed_from_the_beginning() -> None:
    """If there is more than one."""
    challenge = Challenge(2.0, methods=WAYS)
    asked = question(challenge)
    assert asked.now() == "Code (6 digits; r: send it again, in 2 seconds, or one of r sms, r callreset): "
    challenge.resend_in = 0.0
    assert asked.now() == "Code (6 digits; r: send it again, or one of r sms, r callreset): "
    challenge.methods = ("sms",)
    assert question(challenge).now() == "Code (6 digits; r: send it again): "


def test_a_text_that_was_not_expected() -> None:
    """It would move what is typed, and is not shown."""
    place = Place(["Code: "], 80)
    assert place.lines("Code: ") == ["Code: "]
    assert place.lines("The code: ") is None
    assert Place(["a_word_that_is_long" * 3], 30).is_wide_enough is False


def on_screen(text: str, columns: int) -> list[str]:
    """What a terminal shows in the end."""
    rows: list[list[str]] = [[]]
    row = column = 0
    saved = (0, 0)
    for piece in re.findall(r"\x1b[78]|\x1b\[\d*[A-Za-z]|.|\n", text):
        if piece == "\x1b7":
            saved = row, column
        elif piece == "\x1b8":
            row, column = saved
        elif piece.startswith("\x1b"):
            assert piece[-1] in "AKm"
            if piece[-1] == "A":
                row -= int(piece[2:-1])
            elif piece[-1] == "K":
                del rows[row][column:]
        elif piece == "\r":
            column = 0
        elif piece == "\n":
            row, column = row + 1, 0
            if row == len(rows):
                rows.append([])
        else:
            assert column < columns
            rows[row][column:] = [*" " * (column - len(rows[row])), piece, *rows[row][column + 1 :]]
            column += 1
    return ["".join(each).rstrip() for each in rows]


@pytest.mark.parametrize("columns", [24, 40, 80])
async def test_on_a_terminal(
    vk: VKSimulator, here: Here, clock: FakeClock, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    """What was typed stays behind it, also where it takes several lines."""
    monkeypatch.setenv("COLUMNS", str(columns))
    vk.add_account(two_factor="sms", resend_delay=180)
    login = asyncio.ensure_future(direct(vk, here.callbacks(vk), clock=clock).run())
    await here.shows("180")
    await here.shows("): ")
    here.type("12")
    await here.shows("12")
    sent = clock.seconds
    for left, seen in ((125, ", in 125 seconds"), (60, ", in 60 seconds"), (1, ", in 1 second"), (0, "")):
        clock.seconds = sent + 180 - left
        await here.shows("\x1b8")
        shown = on_screen(here.text[here.text.index("Code (") :], columns)
        assert " ".join(" ".join(shown).split()) == f"Code (6 digits; r: send it again{seen}): 12"
    here.type(f"\x15{vk.code_for(LOGIN)}\n")
    await login


@pytest.mark.skipif(os.name != "posix", reason="uses terminals of POSIX")
async def test_in_the_background_nothing_is_shown(
    vk: VKSimulator, here: Here, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After Ctrl-Z and ``bg`` somebody types at the shell's prompt."""
    vk.add_account(two_factor="sms", resend_delay=180)
    login = asyncio.ensure_future(direct(vk, here.callbacks(vk), clock=clock).run())
    await here.shows("): ")
    looks: list[int] = []

    def of_the_shell(terminal: int) -> int:
        looks.append(terminal)
        return os.getpgrp() + 1

    with monkeypatch.context() as background:
        background.setattr(os, "tcgetpgrp", of_the_shell)
        clock.seconds += 60
        while len(looks) < 2:  # noqa: ASYNC110 - it is a thread that looks
            await asyncio.sleep(0.01)
    await here.shows("in 120 seconds): ")  # in front it is asked again, below what the person did there
    assert "\x1b8" not in here.text
    here.type(f"{vk.code_for(LOGIN)}\n")
    await login
