"""The options that arguments and environment make for a way in."""

from __future__ import annotations

import io
from typing import Any

import pytest

from cli.conftest import Command
from cli.keeping import Shelf
from vkauth import Endpoints
from vkauth.cli.commands import register
from vkauth.cli.connection import connection
from vkauth.cli.exits import UsageError
from vkauth.cli.parser import parse
from vkauth.cli.person import login_name
from vkauth.cli.terminal import Terminal
from vkauth.testing import VKSimulator


def _options(*arguments: str) -> dict[str, Any]:
    with connection(parse(["login", "direct", *arguments], register), Terminal(io.StringIO())) as options:
        return options


def test_the_environment_stands_in_for_what_is_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """Login, proxy and hosts may come from it."""
    monkeypatch.setenv("VKAUTH_LOGIN", "a")
    monkeypatch.setenv("VKAUTH_PROXY", "http://person:sample@127.0.0.1:1")
    monkeypatch.setenv("VKAUTH_ENDPOINTS", "http://127.0.0.1:2")
    options = _options()
    assert options["proxy"] == "http://person:sample@127.0.0.1:1"
    assert options["endpoints"] == Endpoints.under("http://127.0.0.1:2")
    assert login_name(parse(["login", "direct"], register)) == "a"


def test_what_is_given_goes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """An argument is more on purpose than a variable; a domain stands for all hosts."""
    monkeypatch.setenv("VKAUTH_LOGIN", "a")
    monkeypatch.setenv("VKAUTH_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("VKAUTH_ENDPOINTS", "http://127.0.0.1:2")
    options = _options("--proxy", "http://127.0.0.1:3", "--domain", "vk.com")
    assert (options["proxy"], options["endpoints"]) == ("http://127.0.0.1:3", Endpoints("vk.com"))
    assert _options("--endpoints", "http://127.0.0.1:4")["endpoints"] == Endpoints.under("http://127.0.0.1:4")
    assert login_name(parse(["login", "direct", "--login", "b"], register)) == "b"


def test_a_proxy_that_cannot_be_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    """It may hold a password, wherever it came from."""
    monkeypatch.setenv("VKAUTH_PROXY", "socks5://person:sample-secret@127.0.0.1:1")
    with pytest.raises(UsageError, match="proxy must be") as caught:
        _options()
    assert "sample-secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("words", "answers", "is_told"),
    [
        (["whoami", "nosuch"], [], False),
        (["check", "nosuch"], [], False),
        (["doctor", "--offline"], [], False),
        (["login", "direct", "--scope", "frends"], [], False),
        (["login", "direct", "--login", "a"], [], True),  # a password is asked for
        (["whoami"], ["SAMPLE-token"], True),
    ],
)
async def test_who_is_asked_in_the_place_of_vk(
    at_simulator: VKSimulator,
    shelf: Shelf,
    command: Command,
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    answers: list[str],
    is_told: bool,
) -> None:
    """Is told before anything is asked or sent, and not otherwise."""
    monkeypatch.delenv("VKAUTH_PASSWORD")
    await shelf.put("me")
    done = await command(*words, answers=answers)
    assert done.err.startswith("Talking to ") is ("Talking to " in done.err) is is_told
