"""The command to go on with, after VK does not let somebody in."""

from __future__ import annotations

import shlex

import pytest

from cli.conftest import Command
from vkauth.cli.commands import register
from vkauth.cli.going_on import command_after, told_after
from vkauth.cli.parser import parse
from vkauth.errors import AuthError, AuthErrorCode
from vkauth.testing import VKSimulator

FLOOD, BROWSER = AuthErrorCode.FLOOD_CONTROL, AuthErrorCode.VALIDATION_REQUIRED
BY_PASSWORD = [
    ("login direct", "login browser --app android"),
    ("login direct --login +79990000001 --password-file f", "login browser --app android"),
    ("login direct --client-id 5 --client-secret-file f", "login browser --client-id 5"),
    ("login direct --app ipad --scope friends,wall", "login browser --app ipad --scope friends,wall"),
    ("login user --app vk_me --scope 'friends, wall'", "login browser --app vk_me --scope 'friends, wall'"),
    ("login user --client-id 5 --cookies f --json", "login browser --client-id 5 --json"),
    ("login groups --app ipad --group 1 --group=-2", "login browser --app ipad --group 1 --group=-2"),
    (
        "login direct --proxy http://10.0.0.1:3128 --timeout 2.5 --domain vk.com",
        "login browser --app android --proxy http://10.0.0.1:3128 --timeout 2.5 --domain vk.com",
    ),
    ("login direct --endpoints http://127.0.0.1:1", "login browser --app android --endpoints http://127.0.0.1:1"),
]
AT_BROWSER = [
    (
        "login browser --client-id 5 --scope wall --group 1 --window",
        "login browser --client-id 5 --scope wall --group 1",
    ),
    (
        "login vkid --client-id 5 --redirect-uri https://a.b/?c&d --scope email --service-token-file f --window",
        "login vkid --client-id 5 --redirect-uri 'https://a.b/?c&d' --scope email --service-token-file f",
    ),
    ("whoami --token-file f", "verify"),
    ("check --scope wall --domain vk.com", "verify --domain vk.com"),
    ("verify --phone +79990000001", "check"),
]
NOTHING = ["login browser --client-id 5", "login vkid --client-id 5 --redirect-uri https://a.b/", "whoami", "check"]


@pytest.mark.parametrize(
    ("code", "typed", "command"),
    [
        *((code, *each) for code in (FLOOD, BROWSER) for each in BY_PASSWORD),
        *((BROWSER, *each) for each in AT_BROWSER),
        (FLOOD, "verify", "login"),
    ],
)
def test_the_command_is_made_of_what_was_typed(code: AuthErrorCode, typed: str, command: str) -> None:
    """It can be copied as it is, means the same, and is one that the command knows."""
    found = command_after(AuthError(code, "sample"), parse(shlex.split(typed), register))
    assert found == f"vkauth {command}"
    parse(shlex.split(command), register)


@pytest.mark.parametrize("typed", NOTHING)
def test_a_flood_answer_to_the_browser_is_waited_for(typed: str) -> None:
    """Nothing else would help."""
    error = AuthError(FLOOD, "sample")
    arguments = parse(shlex.split(typed), register)
    assert command_after(error, arguments) is None
    lines = list(told_after(error, arguments))
    assert len(lines) == 1
    assert "log in through a browser" not in lines[0] or arguments.command != "login"


@pytest.mark.parametrize("code", [each for each in AuthErrorCode if each not in (FLOOD, BROWSER)])
def test_other_errors_have_no_other_command(code: AuthErrorCode) -> None:
    """Their advice says what to do."""
    assert command_after(AuthError(code, "sample"), parse(["login", "direct"], register)) is None


def test_an_address_that_nobody_watches_any_more_is_not_told() -> None:
    """Where no window could be opened, the login behind its address has ended."""
    error = AuthError(BROWSER, "there is no display", redirect_uri="https://oauth.vk.ru/authorize?state=x")
    watched = parse(["login", "browser", "--client-id", "5", "--window"], register)
    assert list(told_after(error, watched)) == [
        "vkauth: [VALIDATION_REQUIRED] there is no display. Log in without a window that is watched.",
        "  To go on:  vkauth login browser --client-id 5",
    ]
    assert "  https://oauth.vk.ru/authorize?state=x" in list(told_after(error, parse(["login", "direct"], register)))


def test_without_an_address_nobody_is_told_to_open_it() -> None:
    """VK may want a confirmation and not say where."""
    first, *_ = told_after(AuthError(BROWSER, "sample"), parse(["login", "direct"], register))
    assert first == (
        "vkauth: [VALIDATION_REQUIRED] sample. Log in at vk.ru in a browser and confirm what it asks for, then run the "
        "command again."
    )


async def test_a_flood_answer_names_the_command(at_simulator: VKSimulator, command: Command) -> None:
    """As its last line, and without login or password."""
    at_simulator.add_account(flood=True)
    done = await command("login", "user", "--app", "vk_me", "--scope", "friends")
    assert done.code == 6
    assert done.err.splitlines()[-1] == "  To go on:  vkauth login browser --app vk_me --scope friends"
