"""``vkauth demo browser``: by itself, and with a person."""

from __future__ import annotations

import os
import re

import pytest

from cli.conftest import Command, Screen, on_terminal, program
from vkauth.testing import Account
from vkauth.testing.visitor import Visitor

CTRL_C, CTRL_D = "\x03", "\x04"
QUESTION = "Whole address of the last page (not shown): "
LAST = [
    "",
    "The same with your own account:  vkauth login",
    "In a program:                    from vkauth import BrowserAuthorization",
]
posix = pytest.mark.skipif(os.name != "posix", reason="uses terminals of POSIX")


@pytest.mark.parametrize("arguments", [["--yes"], []])
async def test_by_itself(command: Command, arguments: list[str]) -> None:
    """With ``--yes``, and without a terminal: it is the person too, and nothing of the token is shown."""
    done = await command("demo", "browser", *arguments)
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert "Signed in: Sample Person (id 100001)." in lines
    assert "The token will belong to the application 'Sample site' (id 51000001)." in lines
    assert "The token: vk1.a.*** (all but its kind is hidden here)" in lines
    assert re.search(
        r"^http://127\.0\.0\.1:\d+/oauth/blank\.html#access_token=\*\*\* and so on$", done.out, re.MULTILINE
    )
    assert "SIMULATED" not in done.out
    assert lines[-3:] == LAST


async def test_the_other_demo_ends_with_the_same_way(command: Command) -> None:
    """A login by password is no way to recommend."""
    assert (await command("demo", "--yes")).out.splitlines()[-3:] == LAST


class _Elsewhere:
    """What a visitor has to know of a simulator that runs in another process."""

    def __init__(self, base: str) -> None:
        from yarl import URL

        self.base_url, self.serves_tls = URL(base), False


async def _log_in(screen: Screen, *, deny: bool = False) -> str:
    await screen.shows(QUESTION)
    (url,) = re.findall(r"^http\S+/oauth/authorize\S+$", screen.text, re.MULTILINE)
    person = Account(login="+79990000001", password="sample-password")
    simulator = _Elsewhere(url.partition("/oauth/")[0])
    async with Visitor(simulator) as visitor:  # type: ignore[arg-type]
        return await visitor.approve(url, person, deny=deny)


@posix
async def test_a_person_who_logs_in() -> None:
    """In their own browser, on the simulator's pages; what is no address is asked for again."""
    async with on_terminal("demo", "browser") as screen:
        address = await _log_in(screen)
        screen.type("sample\n")
        await screen.shows("There is no address in this text.")
        await screen.shows("Attempt 2 of 3:")
        await screen.shows(QUESTION)
        screen.type(f"{address}\n")
        await screen.shows("Signed in: Sample Person")
        assert (await screen.ended())[0] == 0
    assert "SIMULATED" not in screen.text


@posix
@pytest.mark.parametrize(
    ("typed", "code", "told"), [("\n", 0, "Signed in:"), (CTRL_C, 130, ""), (CTRL_D, 2, "no address was pasted")]
)
async def test_a_person_who_does_not(typed: str, code: int, told: str) -> None:
    """Enter alone lets the demo log in."""
    async with on_terminal("demo", "browser") as screen:
        await screen.shows(QUESTION)
        screen.type(typed)
        await screen.shows(told)
        assert (await screen.ended())[0] == code
    assert "Traceback" not in screen.text


@posix
async def test_a_person_who_refuses() -> None:
    """Is no failure of the demo, but the end of the login."""
    async with on_terminal("demo", "browser") as screen:
        screen.type(f"{await _log_in(screen, deny=True)}\n")
        await screen.shows("[ACCESS_DENIED]")
        assert (await screen.ended())[0] == 1


async def test_an_output_that_cannot_be_written() -> None:
    """Is told."""
    done = await program("demo", "browser", redirected=">&-")
    assert (done.code, done.err) == (10, "vkauth: standard output is closed, so nothing was done.\n")
