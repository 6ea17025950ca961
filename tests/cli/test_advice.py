"""What a person is advised fits what has happened."""

from __future__ import annotations

import os

import pytest

from cli.conftest import Command, on_terminal
from cli.keeping import Shelf
from vkauth.sealing import generate_key
from vkauth.testing import VKSimulator

posix = pytest.mark.skipif(os.name != "posix", reason="uses terminals of POSIX")
CTRL_D = "\x04"


@posix
@pytest.mark.parametrize(
    ("words", "question", "code", "told"),
    [
        (["login"], "1, 2 or 3: ", 2, "without an answer: WAY answers it, too"),
        (["login", "browser"], "name or its id: ", 2, "the question was left without an answer"),
        (["login", "browser", "--app", "android", "--no-open"], "(not shown): ", 2, "no address was pasted"),
        (["login", "direct"], "Login (phone number or e-mail): ", 2, "answer: --login or VKAUTH_LOGIN answers"),
        (["whoami"], "Token: ", 2, "--token-file or VKAUTH_TOKEN answers it, too"),
    ],
    ids=["way", "application", "address", "login", "token"],
)
async def test_ctrl_d_is_no_missing_person(
    vk: VKSimulator, words: list[str], question: str, code: int, told: str
) -> None:
    """Somebody is there, in a terminal, and has left the question."""
    async with on_terminal(*words, VKAUTH_ENDPOINTS=str(vk.base_url)) as screen:
        await screen.shows(question)
        screen.type(CTRL_D)
        assert (await screen.ended())[0] == code
    said = " ".join(screen.text.split())
    assert told in said
    assert "nobody" not in said
    assert "in a terminal" not in said


@posix
async def test_a_captcha_that_is_left(at_simulator: VKSimulator) -> None:
    """As other questions."""
    at_simulator.add_account(two_factor="sms")
    async with on_terminal("login", "direct") as screen:
        await screen.shows("Code (")
        screen.type(CTRL_D)
        assert (await screen.ended())[0] == 4
    assert "the question was left without an answer, so the login has ended." in " ".join(screen.text.split())


@pytest.mark.parametrize("name", ["whoami", "check"])
async def test_a_mistyped_token(command: Command, vk: VKSimulator, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """It may be cut, and nothing was begun that could be begun anew; one full stop is enough."""
    monkeypatch.setenv("VKAUTH_ENDPOINTS", str(vk.base_url))
    monkeypatch.setenv("VKAUTH_TOKEN", "SAMPLE-mistyped")
    done = await command(name)
    assert done.code == 1
    assert "See that it is whole" in done.err
    assert "start from the beginning" not in done.err
    assert ".)." not in done.err


async def test_a_key_that_is_not_there(command: Command, shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is told first, whether a token was sealed or not: nothing could be stored with it either."""
    await shelf.put("me")
    monkeypatch.setenv("VKAUTH_SEAL", "env:SAMPLE_KEY")
    done = await command("token", "me")
    assert (done.code, done.out) == (8, "")
    assert done.err.startswith("vkauth: [KEY_UNAVAILABLE] the variable SAMPLE_KEY of the environment has no key")
    monkeypatch.setenv("SAMPLE_KEY", generate_key())
    assert "[WRONG_KEY] the token was stored without a seal." in (await command("token", "me")).err


async def test_a_token_without_an_end_is_not_renewed(command: Command, shelf: Shelf) -> None:
    """It has not expired, and there is nothing to do."""
    await shelf.put("me")
    done = await command("refresh", "me")
    assert (done.code, done.out) == (2, "")
    assert done.err == "vkauth: the token me does not end by itself: there is nothing to renew\n"


async def test_a_wrong_password_names_the_site_that_was_asked(
    command: Command, at_simulator: VKSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """VK's hosts are those of vk.ru."""
    at_simulator.add_account()
    monkeypatch.setenv("VKAUTH_PASSWORD", "wrong")
    done = await command("login", "direct")
    assert done.code == 3
    assert "Check both at vk.ru before" in done.err
