"""Standard streams that are closed, full or read by nobody: no token goes elsewhere, and none is lost in silence."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from cli.conftest import LARGEST_FILE, LOGIN, PASSWORD, Command, Outcome, on_terminal, program
from vkauth.testing import VKSimulator
from vkauth.testing.faults import Fault

pytestmark = pytest.mark.skipif(os.name != "posix", reason="uses a shell of POSIX")

DIRECT = ("login", "direct")


async def log_in(
    vk: VKSimulator, redirected: str, *arguments: str, typed: str = "", password: str = PASSWORD
) -> Outcome:
    """Log in as the sample person with streams as the shell is told."""
    environment = {"VKAUTH_ENDPOINTS": str(vk.base_url), "VKAUTH_LOGIN": LOGIN, "VKAUTH_PASSWORD": password}
    environment["PYTHONUNBUFFERED"] = ""
    return await program(*(arguments or DIRECT), typed=typed, redirected=redirected, **environment)


@pytest.fixture
def person(vk: VKSimulator) -> VKSimulator:
    """The simulator with the sample person."""
    vk.add_account()
    return vk


async def test_without_a_standard_error_the_token_stands_alone(person: VKSimulator) -> None:
    """Notices are dropped: they must not end up beside the token."""
    done = await log_in(person, "2>&-")
    assert (done.code, done.out) == (0, f"{next(iter(person.issued))}\n")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
async def test_a_standard_error_that_is_full_costs_no_token(person: VKSimulator) -> None:
    """Notices that cannot be written are dropped as well."""
    done = await log_in(person, "2>/dev/full")
    assert (done.code, done.out) == (0, f"{next(iter(person.issued))}\n")


@pytest.mark.parametrize("arguments", [DIRECT, ("demo", "--yes"), ("--help",)])
@pytest.mark.parametrize(
    ("redirected", "said"),
    [
        (">&-", "standard output is closed, so nothing was done"),
        ("1</dev/null", "standard output cannot be written (Bad file descriptor), so nothing was done"),
        pytest.param(
            ">/dev/full",
            "standard output cannot be written (No space left on device), so nothing was done",
            marks=pytest.mark.skipif(
                sys.platform != "linux", reason="only there it is told before anything is written"
            ),
        ),
    ],
)
async def test_an_output_that_takes_nothing_is_told_before_anything_is_sent(
    person: VKSimulator, redirected: str, said: str, arguments: tuple[str, ...]
) -> None:
    """A token that nobody would get is not asked for."""
    done = await log_in(person, redirected, *arguments)
    assert (done.code, done.out, done.err) == (10, "", f"vkauth: {said}.\n")
    assert person.requests.paths() == []


async def test_both_outputs_closed_still_have_an_exit_code(person: VKSimulator) -> None:
    """There is nowhere to say anything, so the code must."""
    done = await log_in(person, ">&- 2>&-")
    assert (done.code, done.out, done.err) == (10, "", "")
    assert person.requests.paths() == []


@pytest.fixture
def filled(tmp_path: Path) -> str:
    """A redirection to a file that has reached the size that the shell allows; other files are smaller."""
    path = tmp_path / "output"
    path.touch()
    os.truncate(path, LARGEST_FILE)  # takes no room on the disk
    return f">>{path}"


async def test_a_token_that_cannot_be_written_is_missed_aloud(person: VKSimulator, filled: str) -> None:
    """The line says that the login went well, and what to do."""
    done = await log_in(person, filled)
    assert (done.code, done.out) == (10, "")
    assert done.err.splitlines()[-1] == (
        "vkauth: the login went well, but what came of it could not be written (File too large) and is lost: "
        "log in again when it can be written."
    )
    assert next(iter(person.issued)) not in done.err


async def test_a_token_that_cannot_be_written_leaves_the_cookies(
    person: VKSimulator, filled: str, tmp_path: Path
) -> None:
    """They are kept first, so that the next login is easier."""
    path = tmp_path / "cookies.json"
    done = await log_in(person, filled, "login", "user", "--app", "android", "--cookies", str(path))
    assert done.code == 10
    assert json.loads(path.read_text())["cookies"]


@pytest.mark.parametrize("arguments", [("demo", "--yes"), ("--help",)])
async def test_other_output_that_cannot_be_written_is_told(
    person: VKSimulator, filled: str, arguments: tuple[str, ...]
) -> None:
    """What the demo tells and the help are outputs as well."""
    done = await log_in(person, filled, *arguments)
    assert (done.code, done.err) == (10, "vkauth: the output could not be written (File too large).\n")


async def test_a_closed_input_is_nobody_to_ask(person: VKSimulator) -> None:
    """A password that is missing is a wrong usage, a code that is missing an unanswered challenge."""
    done = await log_in(person, "<&-", password="")
    assert (done.code, done.out) == (2, "")
    assert "there is nobody to ask: --password-file or VKAUTH_PASSWORD is needed" in done.err
    person.add_account(login="+79990000002", two_factor="app")
    done = await log_in(person, "<&-", *DIRECT, "--login", "+79990000002")
    assert (done.code, done.out) == (4, "")
    assert "nobody answers" in done.err


async def test_an_input_that_can_only_be_written_is_nobody_to_ask(person: VKSimulator) -> None:
    """Reading from it fails, which is no fault of the command."""
    done = await log_in(person, "0>/dev/null", password="")
    assert done.code == 2
    assert "there is nobody to ask" in done.err


async def test_an_input_that_is_no_text_is_wrong_usage(person: VKSimulator) -> None:
    """Bytes that are no UTF-8 cannot be a password."""
    done = await log_in(person, "", typed="\udcff\n", password="")
    assert done.code == 2
    assert "is not utf-8 text" in done.err


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="no /proc here")
async def test_a_socket_never_takes_the_place_of_a_closed_stream(person: VKSimulator) -> None:
    """With all three closed, what is written to their numbers must not reach a connection."""
    code = (
        "import os, sys\n"
        "from vkauth.cli.main import main\n"
        "main(['--version'])\n"
        "places = [os.readlink(f'/proc/self/fd/{number}') for number in range(3)]\n"
        "sys.exit(0 if places == [os.devnull] * 3 else 1)"
    )
    assert (await program(code=code, redirected="<&- >&- 2>&-")).code == 0


# -- what a server puts into a token -----------------------------------------------------------------------------------


def _give(vk: VKSimulator, token: str) -> None:
    body = json.dumps({"access_token": token, "user_id": 1, "expires_in": 0})
    vk.faults.add(Fault.answer(200, "application/json", body), on="oauth/token")


@pytest.mark.parametrize("as_json", [[], ["--json"]])
@pytest.mark.parametrize(
    "token", ["vk1.a.\x1b[2Jsample", "vk1.a.sample\nvk1.a.other", "vk1.a.\x9bsample", "vk1.a.\u202e"]
)
async def test_a_token_that_could_steer_a_terminal_is_not_printed(
    at_simulator: VKSimulator, command: Command, token: str, as_json: list[str]
) -> None:
    """It is an answer that is not understood, whatever the output is."""
    _give(at_simulator, token)
    done = await command(*DIRECT, *as_json)
    assert (done.code, done.out) == (1, "")
    assert "[UNEXPECTED_RESPONSE]" in done.err
    assert "sample" not in done.err


# -- a person at the terminal ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("answer", "shown"), [("y\n", True), ("\n", False), ("\x04", False)])
async def test_a_person_may_have_the_token_shown_instead(at_simulator: VKSimulator, answer: str, shown: bool) -> None:
    """It is on the screen when the person says so, and not before."""
    at_simulator.add_account(two_factor="app")
    reader, writer = os.pipe()
    async with on_terminal(*DIRECT, stdout=writer) as screen:
        os.close(writer)
        await screen.shows("Code")
        os.close(reader)
        screen.type(f"{at_simulator.code_for(LOGIN)}\n")
        await screen.shows("could not be written (Broken pipe).")
        await screen.shows("(y/N): ")
        (token,) = at_simulator.issued
        assert token not in screen.text
        screen.type(answer)
        code, _ = await screen.ended()
        await screen.shows("it " + ("is above" if shown else "was not shown"))
    assert code == 10
    assert (token in screen.text) is shown
