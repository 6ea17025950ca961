"""What is missing is asked for where a person is; elsewhere the option is named, and nothing was done."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Sequence

import pytest

from cli.conftest import LOGIN, PASSWORD, Command, on_terminal
from cli.keeping import Shelf
from vkauth.testing import VKSimulator

posix = pytest.mark.skipif(os.name != "posix", reason="uses terminals of POSIX")


@pytest.mark.parametrize(
    ("arguments", "needed"),
    [
        (["login", "user"], "--app or --client-id"),
        (["login", "groups", "--group", "1"], "--app or --client-id"),
        (["login", "--scope", "friends"], "--app or --client-id"),
        (["login", "groups", "--app", "android"], "--group"),
        (["login", "vkid"], "--client-id --redirect-uri"),
        (["login", "vkid", "--client-id", "1"], "--redirect-uri"),
        *(([each], "NAME") for each in ("token", "show", "refresh", "revoke", "remove")),
    ],
)
async def test_where_nobody_is_the_option_is_named(
    command: Command, shelf: Shelf, arguments: Sequence[str], needed: str
) -> None:
    """No question is printed, and what is piped in is no answer to one."""
    done = await command(*arguments, answers=["1"] * 5)
    assert (done.code, done.out) == (2, "")
    assert done.err == f"vkauth: there is nobody to ask: {needed} is needed\n"


@posix
async def test_application_and_communities_are_asked_for(at_simulator: VKSimulator) -> None:
    """The application by its number in the list; several communities with commas."""
    at_simulator.add_account(groups=(101, 102))
    async with on_terminal("login", "groups", stdout=asyncio.subprocess.PIPE) as screen:
        await screen.shows("  6  VK Me (vk_me)")
        for wrong in ("sample", "0"):
            await screen.shows("Its number here, its name or its id: ")
            screen.type(f"{wrong}\n")
            await screen.shows("That is neither a number nor one of these names.")
        for slip in ("7", "61", "999"):
            await screen.shows("Its number here, its name or its id: ")
            screen.type(f"{slip}\n")
            await screen.shows("The list ends at 6; an application's id is longer.")
        screen.type("1\n")
        await screen.shows("The communities' ids, with commas: ")
        screen.type("101,x\n")
        await screen.shows("A community is a number.")
        screen.type("101, 102\n")
        await screen.shows("'VK for Android'")
        code, out = await screen.ended()
    assert (code, [line.split()[0] for line in out.splitlines()]) == (0, ["101", "102"])


@posix
@pytest.mark.parametrize("typed", ["2", "bot"])
async def test_a_token_is_chosen_of_those_that_are_stored(shelf: Shelf, typed: str) -> None:
    """By its place in the list or by its name."""
    await shelf.put("a", "SAMPLE-A")
    await shelf.put("bot", "SAMPLE-B")
    async with on_terminal("token", stdout=asyncio.subprocess.PIPE) as screen:
        await screen.shows("  1  a")
        await screen.shows("Which token (its number or name): ")
        for wrong in ("3", "00000199", "9" * 500):
            screen.type(f"{wrong}\n")
            await screen.shows("That is none of them.")
        screen.type(f"{typed}\n")
        assert await screen.ended() == (0, "SAMPLE-B\n")


@posix
async def test_names_that_are_numbers_are_not_numbered(shelf: Shelf) -> None:
    """Else the wrong token could be removed."""
    await shelf.put("2", "SAMPLE-A")
    await shelf.put("a", "SAMPLE-B")
    async with on_terminal("remove") as screen:
        await screen.shows("Which token (its name): ")
        screen.type("1\n")
        await screen.shows("That is none of them.")
        screen.type("2\n")
        await screen.shows("Forgotten: 2.")
        assert (await screen.ended())[0] == 0


@posix
async def test_where_nothing_is_stored_nothing_is_asked(shelf: Shelf) -> None:
    """It is told how to store one."""
    async with on_terminal("token") as screen:
        await screen.shows("[TOKEN_NOT_FOUND] no token is stored in")
        assert (await screen.ended())[0] == 9


@posix
async def test_the_command_alone_shows_examples_to_whoever_sees_them() -> None:
    """On a terminal that is no failure."""
    async with on_terminal(COLUMNS="40") as screen:
        assert (await screen.ended())[0] == 0
        await screen.shows("vkauth demo")
        await screen.shows("TOKEN=$(vkauth token me)")
        await screen.shows("Commands: demo, login, ")
    assert max(map(len, re.sub(r"\x1b\[\d*m", "", screen.text).splitlines())) < 40


async def test_the_command_alone_can_be_read_page_by_page(command: Command) -> None:
    """``vkauth | less`` shows the same, without colours."""
    done = await command()
    assert (done.code, done.err) == (0, "")
    assert "vkauth login --save me" in done.out
    assert "\x1b" not in done.out


@posix
async def test_verify_asks_again_for_what_is_no_address(at_simulator: VKSimulator) -> None:
    """At a terminal, as other questions do, and for another host's address too. Then the phone number is asked for."""
    account = at_simulator.add_account()
    async with on_terminal("verify", VKAUTH_LOGIN="", stdout=asyncio.subprocess.PIPE) as screen:
        await screen.shows("Address (the redirect_uri of error 17): ")
        screen.type("foo\n")
        await screen.shows("ADDRESS: this is not a web address")
        await screen.shows("Address (the redirect_uri of error 17): ")
        screen.type("https://example.com/?key=SAMPLE\n")
        await screen.shows("The address to verify at leads outside the known hosts")
        await screen.shows("Address (the redirect_uri of error 17): ")
        screen.type(f"{at_simulator.verification_url(account)}\n")
        await screen.shows("Phone number of the account: ")
        screen.type(f"{LOGIN}\n")
        assert (await screen.ended())[0] == 0


async def test_verify_refuses_another_host_before_it_asks(command: Command, at_simulator: VKSimulator) -> None:
    """For the phone number, which is of no use then."""
    done = await command("verify", "https://example.com/", answers=[])
    assert done.code == 1
    assert "[UNTRUSTED_REDIRECT]" in done.err
    assert "Phone number" not in done.err


@pytest.mark.parametrize("address", ["foo", "vk.ru/activation?key=1", "ftp://vk.ru/x", "http://?key=1"])
async def test_verify_asks_nothing_for_what_is_no_address(
    command: Command, at_simulator: VKSimulator, address: str
) -> None:
    """It is refused before anything else, and not repeated."""
    for arguments, answers in (((address,), []), ((), [address, LOGIN, PASSWORD])):
        done = await command("verify", *arguments, answers=answers)
        assert (done.code, done.out) == (2, "")
        assert "ADDRESS: this is not a web address" in done.err
        assert address not in done.err
    assert not list(at_simulator.requests)


async def test_communities_with_commas(command: Command, at_simulator: VKSimulator) -> None:
    """One option for all of them, or several."""
    at_simulator.add_account(groups=(101, 102, 103))
    done = await command("login", "groups", "--app", "android", "--group", "101,102", "--group", "103")
    assert (done.code, [line.split()[0] for line in done.out.splitlines()]) == (0, ["101", "102", "103"])
