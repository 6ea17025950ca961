"""Event loops that Ctrl-C ends where they are, while a question is open, of programs that go on."""

from __future__ import annotations

import asyncio
import os
from typing import Any

import pytest
from cli.conftest import LONGEST, Screen, on_terminal

from vkauth.terminal.standard_input import Input
from vkauth.terminal.threaded import _Question
from vkauth.terminal.typed import kept_hidden

from .conftest import Here

pytestmark = pytest.mark.skipif(os.name != "posix", reason="uses terminals of POSIX")

CTRL_C = "\x03"
QUESTION = "Address of the page at the end (not shown): "
# The thread of a question does not look up by itself while these run.
BEGINS = """
import asyncio, signal, sys, termios
from vkauth.terminal import ask_in_terminal, paste_in_terminal, standard_input, threaded

standard_input.LOOK_UP = {look_up}
before = termios.tcgetattr(0)
loop = asyncio.new_event_loop()
first = loop.create_task(paste_in_terminal())
loop.call_soon(print, "waiting")  # after the first step of that task
"""
LEFT = """
try:
    loop.run_until_complete(first)
except KeyboardInterrupt:
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    print("left", termios.tcgetattr(0) == before, flush=True)
"""
ENDS = {
    "a closed loop": """
loop.close()
del first, loop
answer = asyncio.run(ask_in_terminal("Again? "))
""",
    "a loop that was left open": """
answer = asyncio.run(ask_in_terminal("Again? "))
loop.close()
""",
    "the same loop": """
answer = loop.run_until_complete(ask_in_terminal("Again? "))
assert first.cancelled()
loop.close()
""",
    "the same task": """
try:
    loop.run_until_complete(first)
except asyncio.CancelledError:
    answer = loop.run_until_complete(ask_in_terminal("Again? "))
loop.close()
""",
    "the same task, cancelled": """
first.cancel()
loop.run_until_complete(asyncio.wait([first]))
assert first.cancelled()
answer = loop.run_until_complete(ask_in_terminal("Again? "))
loop.close()
""",
}
SAYS = """
assert termios.tcgetattr(0) == before
print("answered:", answer, flush=True)
"""


async def asks(screen: Screen) -> None:
    """Wait until the thread has asked and the loop waits, which is where Ctrl-C finds it."""
    async with asyncio.timeout(LONGEST):
        while QUESTION not in screen.text or "waiting" not in screen.text:  # noqa: ASYNC110 - of another process
            await asyncio.sleep(0)


@pytest.mark.parametrize("then", ENDS)
async def test_the_program_asks_again(then: str) -> None:
    """The terminal is as it was when the program hears of Ctrl-C, and the next question is asked."""
    import termios

    code = BEGINS.format(look_up=0.25) + LEFT + ENDS[then] + SAYS
    async with on_terminal(code=code) as screen:
        before = termios.tcgetattr(screen.slave)
        await asks(screen)
        screen.type(CTRL_C)
        await screen.shows("left True")
        await screen.shows("Again? ")
        screen.type("yes\n")
        await screen.shows("answered: yes")
        assert (await screen.ended())[0] == 0
        assert termios.tcgetattr(screen.slave) == before
    assert "loop is closed" not in screen.text
    assert "exception was never retrieved" not in screen.text


CLOSED = """
async def leave():
    while not threaded.is_terminal(sys.stdin) or termios.tcgetattr(0) == before:
        await asyncio.sleep(0)

loop.run_until_complete(leave())
loop.close()
answer = asyncio.run(ask_in_terminal("Again? "))
"""


async def test_a_loop_that_is_closed_over_a_question() -> None:
    """Without Ctrl-C: nobody can have the answer, and the thread sees that by itself."""
    async with on_terminal(code=BEGINS.format(look_up=0.05) + CLOSED + SAYS) as screen:
        await asks(screen)
        await screen.shows("Again? ")
        screen.type("yes\n")
        await screen.shows("answered: yes")
        assert (await screen.ended())[0] == 0
    assert "loop is closed" not in screen.text


STANDS = """
import asyncio
from vkauth.terminal import ask_in_terminal, threaded

async def leave():
    while not threaded._ASKED.locked():
        await asyncio.sleep(0)

loop = asyncio.new_event_loop()
first = loop.create_task(ask_in_terminal("First? "))
loop.run_until_complete(leave())
print("second:", asyncio.run(ask_in_terminal("Second? ")), flush=True)
print("first:", loop.run_until_complete(first), flush=True)
loop.close()
"""


async def test_a_loop_that_stands_still() -> None:
    """Whoever asks elsewhere has the answer. When the loop goes on, its question is asked again."""
    async with on_terminal(code=STANDS) as screen:
        await screen.shows("First? ")
        await screen.shows("Second? ")
        screen.type("two\n")
        await screen.shows("second: two")
        await screen.shows("First? ")
        screen.type("one\n")
        await screen.shows("first: one")
        assert (await screen.ended())[0] == 0


def test_a_loop_that_stands_still_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it is told stays in it until it goes on."""
    loop = asyncio.new_event_loop()
    own, told = loop.call_soon_threadsafe, [0]

    def tell(*arguments: Any) -> Any:
        told[0] += 1
        return own(*arguments)

    async def begin() -> _Question:
        return _Question(lambda _: "")

    question = loop.run_until_complete(begin())
    monkeypatch.setattr(loop, "call_soon_threadsafe", tell)
    assert not any(question._is_given_up() for _ in range(9))
    assert told == [1]
    loop.run_until_complete(asyncio.sleep(0))
    assert not question._is_given_up()
    assert told == [2]
    loop.close()
    assert question._is_given_up()


FORKS = """
import asyncio, multiprocessing
from vkauth import AuthError
from vkauth.terminal import ask_in_terminal, threaded

def child(answers):
    try:
        answers.put(asyncio.run(ask_in_terminal("Child? ")))
    except AuthError as error:  # it has no standard input
        answers.put(error.code.name)

async def main():
    asked = asyncio.create_task(ask_in_terminal("Parent? "))
    while not threaded._ASKED.locked():
        await asyncio.sleep(0)
    context = multiprocessing.get_context("fork")
    answers = context.Queue()
    process = context.Process(target=child, args=(answers,))
    process.start()
    print("child:", await asyncio.to_thread(answers.get), flush=True)
    process.join()
    print("parent:", await asked, flush=True)

asyncio.run(main())
"""


async def test_a_process_made_by_fork() -> None:
    """It asks as if nobody did, and takes nothing from whoever made it."""
    async with on_terminal(code=FORKS) as screen:
        await screen.shows("Parent? ")
        await screen.shows("child: ACCESS_DENIED")
        screen.type("yes\n")
        await screen.shows("parent: yes")
        assert (await screen.ended())[0] == 0


INTERRUPTED = """
def interrupted(_):
    raise KeyboardInterrupt

threaded._wait_whatever_comes = interrupted
loop.run_until_complete(first)
"""


async def test_ctrl_c_between_two_waits() -> None:
    """The last look of the thread never comes: the end of Python restores the terminal."""
    import termios

    async with on_terminal(code=BEGINS.format(look_up=60) + INTERRUPTED) as screen:
        before = termios.tcgetattr(screen.slave)
        await asks(screen)
        assert termios.tcgetattr(screen.slave) != before
        screen.type(CTRL_C)
        assert (await screen.ended())[0] != 0
        assert termios.tcgetattr(screen.slave) == before


def test_what_was_given_up_is_not_hidden_again(here: Here) -> None:
    """Somebody else may have restored the terminal by then."""
    import termios

    before = here.settings
    hidden = [*before[:3], before[3] & ~termios.ECHO, *before[4:]]
    source = Input()
    assert kept_hidden(source, hidden, lambda: True)()
    assert here.settings == before
    assert not source.is_back()
    assert not kept_hidden(source, hidden, lambda: False)()
    assert source.is_back()
    assert here.settings == hidden
