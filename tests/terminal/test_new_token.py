"""A new token that the person at the terminal pastes: ``renew_by_asking()``."""

from __future__ import annotations

import asyncio
import io
import os
import sys

import pytest
from support import refused

from vkauth import AuthErrorCode
from vkauth.terminal import ask_in_terminal
from vkauth.testing import VKSimulator
from vkauth.tokens import MemoryTokenStore, StoredTokenSource, renew_by_asking

from .conftest import Here, no_question_is_left

pytestmark = pytest.mark.skipif(os.name != "posix", reason="uses terminals of POSIX")

QUESTION = "login: "
LONG = "SAMPLE-" + "x" * 5000
"""More than a terminal keeps of a line."""


async def test_a_long_one(vk: VKSimulator, here: Here) -> None:
    """It is taken as a whole, not shown, and the terminal is as it was."""
    here.callbacks(vk)
    before = here.settings
    asked = asyncio.ensure_future(renew_by_asking()(None))
    await here.shows(QUESTION)
    for at in range(0, len(LONG), 1000):
        here.type(LONG[at : at + 1000])
    here.type("\n")
    assert (await asked).token == LONG
    assert "SAMPLE" not in here.text
    assert here.settings == before


async def test_what_is_no_text(vk: VKSimulator, here: Here) -> None:
    """It is none, and is asked for again; nothing of it is told."""
    here.callbacks(vk)
    asked = asyncio.ensure_future(renew_by_asking()(None))
    await here.shows(QUESTION)
    os.write(here._terminal, b"vk1.a.SAMPLE\xff0123456789\n")
    await here.shows("neither a token nor an address")
    await here.shows(QUESTION)
    here.type("vk1.a.right\n")
    assert (await asked).token == "vk1.a.right"
    assert "SAMPLE" not in here.text


async def test_the_end_of_the_input(vk: VKSimulator, here: Here) -> None:
    """Somebody is there, and does not want to."""
    here.callbacks(vk)
    asked = asyncio.ensure_future(renew_by_asking()(None))
    await here.shows(QUESTION)
    here.type("\x04")
    await refused(asked, AuthErrorCode.ACCESS_DENIED)


async def test_a_closed_input(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is there."""
    stream = io.StringIO("vk1.a.SAMPLE\n")
    monkeypatch.setattr(sys, "stdin", stream)
    await refused(renew_by_asking()(None), AuthErrorCode.INVALID_GRANT)
    stream.close()
    await refused(renew_by_asking()(None), AuthErrorCode.INVALID_GRANT)


async def test_a_question_that_nobody_waits_for(vk: VKSimulator, here: Here) -> None:
    """It goes with the renewal: what is typed then is the answer to the program's next question, and no token."""
    here.callbacks(vk)
    renew = renew_by_asking()
    waiting = asyncio.ensure_future(renew(None))
    await here.shows(QUESTION)
    waiting.cancel()  # as a source does when its time is over
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert no_question_is_left()
    asked = asyncio.ensure_future(ask_in_terminal("Code: "))
    await here.shows("Code: ")
    here.type("a-line-that-looks-like-a-token\n")
    assert await asked == "a-line-that-looks-like-a-token"
    async with StoredTokenSource(MemoryTokenStore(), "me", renew) as source:
        getting = asyncio.ensure_future(source.get())
        await here.shows("for me:")
        here.type("vk1.a.right\n")
        assert (await getting).token == "vk1.a.right"
