"""``vkauth login browser`` against the simulator, in this process."""

from __future__ import annotations

import json

import pytest

from cli.conftest import LOGIN, Command, Visitor
from vkauth.protocol.endpoints import Host
from vkauth.testing import LeakScanner, VKSimulator

BROWSER = ("login", "browser", "--client-id", "2685278")


async def test_a_pasted_address_gives_the_token(at_simulator: VKSimulator, visitor: Visitor, command: Command) -> None:
    """It alone goes to standard output; the page's address has a line of its own on standard error."""
    at_simulator.add_account()
    done = await command(*BROWSER, "--scope", "friends,wall", answers=[lambda: visitor.address])
    assert (done.code, [done.out]) == (0, [f"{token}\n" for token in at_simulator.issued])
    assert done.err.splitlines().count(visitor.opened[0]) == 1
    LeakScanner([visitor.address, *at_simulator.issued]).text(done.err, "standard error")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (BROWSER, "the application 2685278; VK shows its name."),
        (("login", "browser", "--app", "vk_me"), "VK's own application 'VK Me' (id 6146827)."),
        (("login", "--client-id", "6146827"), "VK's own application 'VK Me' (id 6146827)."),
        (("login", "-v", "--app", "ipad", "--scope", "friends"), "VK's own application 'VK for iPad' (id 3682744)."),
    ],
)
async def test_whose_application_it_is_is_told_before_anything_opens(
    at_simulator: VKSimulator,
    visitor: Visitor,
    command: Command,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    told: str,
) -> None:
    """By its name and its number, however it was chosen. Without a way ``login`` is ``login browser``."""
    monkeypatch.setattr("vkauth.cli.program._log_to_stderr", lambda: None)
    at_simulator.add_account()
    done = await command(*arguments, answers=[lambda: visitor.address])
    assert done.code == 0, done.err
    said = " ".join(done.err.split())
    assert said.index(f"The token will belong to {told}") < said.index(visitor.opened[0])


async def test_json_has_all_that_came(at_simulator: VKSimulator, visitor: Visitor, command: Command) -> None:
    """The same object as that of the other logins."""
    account = at_simulator.add_account()
    done = await command(*BROWSER, "--json", "--scope", "friends", answers=[lambda: visitor.address])
    values = json.loads(done.out)
    assert list(values) == ["token", "user_id", "expires_in", "expires_at", "scope", "email"]
    assert (values["token"] in at_simulator.issued, values["user_id"]) == (True, account.user_id)


async def test_communities(at_simulator: VKSimulator, visitor: Visitor, command: Command) -> None:
    """Lines of id and token; those that came are printed, though one is missing."""
    at_simulator.add_account(groups=(101, 102))
    groups = ("--group", "102", "--group", "101", "--scope", "messages")
    done = await command(*BROWSER, *groups, answers=[lambda: visitor.address])
    assert done.code == 0
    rows = [line.split(" ") for line in done.out.splitlines()]
    assert [row[0] for row in rows] == ["102", "101"]
    assert {row[1] for row in rows} <= set(at_simulator.issued)


async def test_a_community_that_gave_no_token(at_simulator: VKSimulator, visitor: Visitor, command: Command) -> None:
    """What came is good, and the exit code says that something is missing."""
    at_simulator.add_account(groups=(101,))
    done = await command(*BROWSER, "--group", "101", "--group", "103", answers=[lambda: visitor.address])
    assert done.code == 1
    assert done.out.startswith("101 vk1.a.")
    assert "no token came for these communities: 103" in done.err


async def test_what_was_wrong_with_an_address_is_told_in_words(
    at_simulator: VKSimulator, visitor: Visitor, command: Command
) -> None:
    """And another one is asked for, up to three in all; nothing of what was pasted is repeated."""
    at_simulator.add_account()
    wrong = ["vk1.a.SAMPLE-TOKEN-ALONE", "sample words"]
    done = await command(*BROWSER, answers=[*wrong, lambda: visitor.address])
    assert (done.code, done.out.strip() in at_simulator.issued) == (0, True)
    said = " ".join(done.err.split())
    assert "This is a token alone, without a word of whose it is" in said
    assert "Attempt 2 of 3: Whole address of the last page (not shown): There is no address in this text." in said
    assert "Attempt 3 of 3:" in said
    LeakScanner(wrong).text(done.err, "standard error")


async def test_three_wrong_addresses_end_it(at_simulator: VKSimulator, visitor: Visitor, command: Command) -> None:
    """With what to do, which is not to look for a newer version."""
    at_simulator.add_account()
    done = await command(*BROWSER, answers=["one", "", "x" * 300_000, lambda: visitor.address])
    assert (done.code, done.out) == (1, "")
    assert "vkauth: [UNEXPECTED_RESPONSE] this text is longer than any address." in done.err
    assert done.err.endswith("Run the command again, and copy all that is in the browser's address bar.\n")


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("https://oauth.vk.ru/blank.html#access_token=vk1.a.SAMPLE&expires_in=0&user_id=1&state=x", "STATE_MISMATCH"),
        ("https://evil.example/blank.html#access_token=vk1.a.SAMPLE", "UNTRUSTED_REDIRECT"),
    ],
)
async def test_the_address_of_another_page(
    at_simulator: VKSimulator, visitor: Visitor, command: Command, address: str, code: str
) -> None:
    """Or of another login: it is told, and the right one may come up to three times in all."""
    at_simulator.add_account()
    done = await command(*BROWSER, answers=[address, address, lambda: visitor.address])
    assert (done.code, done.out.strip() in at_simulator.issued) == (0, True)
    assert "Attempt 3 of 3:" in done.err
    done = await command(*BROWSER, answers=[*[address] * 3, lambda: visitor.address])
    assert (done.code, done.out) == (1, "")
    assert f"[{code}]" in done.err
    assert "Run the command again" in done.err
    LeakScanner([address]).text(done.err, "standard error")


async def test_a_person_who_refuses(at_simulator: VKSimulator, visitor: Visitor, command: Command) -> None:
    """The address says so, and the command ends with 1."""
    at_simulator.add_account()
    visitor.deny = True
    done = await command(*BROWSER, answers=[lambda: visitor.address])
    assert (done.code, done.out) == (1, "")
    assert "[ACCESS_DENIED]" in done.err


@pytest.mark.parametrize(("answers", "code", "told"), [([], 2, "nobody is there to paste"), (["one"], 1, "no address")])
async def test_an_input_that_ends(
    at_simulator: VKSimulator, visitor: Visitor, command: Command, answers: list[str], code: int, told: str
) -> None:
    """Nobody to ask is 2; after a wrong address it is that."""
    at_simulator.add_account()
    done = await command(*BROWSER, answers=answers)
    assert (done.code, done.out) == (code, "")
    assert told in done.err


async def test_nothing_opens_where_that_is_not_wanted(
    at_simulator: VKSimulator, visitor: Visitor, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With ``--no-open``, and where there is no screen: over SSH say. The address is printed all the same."""
    done = await command(*BROWSER, "--no-open")
    monkeypatch.delenv("BROWSER")
    there = await command(*BROWSER)
    assert visitor.opened == []
    for each in (done, there):
        assert each.code == 2
        assert any(
            line.startswith(f"{at_simulator.endpoints.url(Host.OAUTH, '/authorize')}?")
            for line in each.err.splitlines()
        )


async def test_where_no_browser_is_found_the_person_opens_it(
    at_simulator: VKSimulator, visitor: Visitor, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On any machine: the address is there."""
    at_simulator.add_account()

    async def not_found(url: str) -> bool:
        await visitor.open(url)
        return False

    monkeypatch.setattr("vkauth.cli.commands.login.at_browser.open_page", not_found)
    done = await command(*BROWSER, answers=[lambda: visitor.address])
    assert done.code == 0
    assert "No browser was found here: open the address in any, on any machine." in done.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--scope", "frends"], "--scope: word 1 is not a known right: use notify, "),
        (["--scope", "friends", "--group", "1"], "--scope: word 1 is not a known right: use stories, "),
        (["--timeout", "0"], "timeout"),
    ],
)
async def test_wrong_arguments_are_told_before_anything_opens(
    at_simulator: VKSimulator, visitor: Visitor, command: Command, arguments: list[str], said: str
) -> None:
    """They are a usage error."""
    done = await command(*BROWSER, *arguments)
    assert done.code == 2
    assert said in done.err
    assert visitor.opened == []


async def test_the_account_of_the_command_is_not_asked_for(
    at_simulator: VKSimulator, visitor: Visitor, command: Command
) -> None:
    """Login and password of the environment stay here."""
    at_simulator.add_account(login=LOGIN)
    await command(*BROWSER, answers=[lambda: visitor.address])
    assert LOGIN not in visitor.opened[0]
