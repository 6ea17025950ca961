"""Arguments: above all, that no secret is one."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator

import pytest

from vkauth.apps import official_app_credentials
from vkauth.cli import parser as parser_module
from vkauth.cli.exits import UsageError
from vkauth.cli.parser import APPS, parse


def _actions(parser: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.Action]]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for each in action.choices.values():
                yield from _actions(each)
        else:
            yield parser.prog, action


def test_no_option_takes_a_secret() -> None:
    """S6: only names of files with secrets in them."""
    seen = 0
    for prog, action in _actions(parser_module._parser()):
        for option in action.option_strings:
            seen += 1
            if re.search("pass|secret|token|code|key", option):
                assert option.endswith("-file"), f"{prog} {option}"
    assert seen > 40


def test_no_option_can_be_abbreviated() -> None:
    for prog, _ in _actions(parser_module._parser()):
        assert prog.startswith("vkauth")
    with pytest.raises(UsageError, match=r"unknown option --password-f "):
        parse(["login", "direct", "--password-f", "sample-secret"], {})


@pytest.mark.parametrize(
    "arguments",
    [
        ["login", "direct", "--password", "sample-secret"],
        ["login", "direct", "--password=sample-secret"],
        ["login", "direct", "-p", "sample-secret"],
        ["--token", "sample-secret", "login", "user"],
        ["login", "direct", "--client-secret=sample-secret"],
        ["login", "direct", "sample-secret"],
        ["login", "direct", "--unknown", "sample-secret"],
        ["login", "direct", "--unknown=sample-secret"],
        ["login", "direct", "--proxy", "http://person:sample-secret@127.0.0.1:3128"],
    ],
)
def test_a_secret_in_the_wrong_place_is_refused_and_not_repeated(arguments: list[str]) -> None:
    with pytest.raises(UsageError) as caught:
        parse(arguments, {})
    assert "sample-secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "required: COMMAND"),
        (["login"], "required: WAY"),
        (["login", "user"], "--client-id, or --app"),
        (["login", "groups", "--app", "android"], "--group"),
        (["login", "groups", "--app", "android", "--group", "0"], "no community 0"),
        (["login", "direct", "--app", "other"], "invalid choice"),
        (["login", "direct", "--client-id", "x"], "positive number"),
        (["login", "direct", "--client-secret-file", "f"], "goes with --client-id"),
        (["login", "direct", "--app", "ipad", "--client-id", "1"], "not allowed with"),
        (["login", "direct", "--endpoints", "http://127.0.0.1", "--domain", "vk.com"], "not allowed with"),
        (["simulator", "--port", "70000"], "up to 65535"),
        (["demo", "now"], "too many arguments"),
    ],
)
def test_wrong_usage_is_told_in_one_line(arguments: list[str], said: str) -> None:
    with pytest.raises(UsageError, match=re.escape(said)) as caught:
        parse(arguments, {})
    assert "\n" not in str(caught.value)


def test_the_environment_stands_in_for_what_is_not_given() -> None:
    environment = {"VKAUTH_LOGIN": "a", "VKAUTH_PROXY": "http://p:1", "VKAUTH_ENDPOINTS": "http://127.0.0.1:1"}
    found = parse(["login", "direct"], environment)
    assert (found.login, found.proxy, found.endpoints) == ("a", "http://p:1", "http://127.0.0.1:1")
    given = ["--login", "b", "--proxy", "http://q:1", "--domain", "vk.com"]
    found = parse(["login", "direct", *given], environment)
    assert (found.login, found.proxy, found.endpoints, found.domain) == ("b", "http://q:1", None, "vk.com")


def test_direct_uses_the_android_application_unless_told() -> None:
    assert parse(["login", "direct"], {}).app == "android"
    assert parse(["login", "direct", "--client-id", "12"], {}).app is None
    assert official_app_credentials._fields == APPS


@pytest.mark.parametrize("arguments", [["-v", "login", "direct"], ["login", "-v", "direct"], ["login", "direct", "-v"]])
def test_verbose_may_stand_anywhere(arguments: list[str]) -> None:
    assert parse(arguments, {}).verbose is True


def test_verbose_is_off_by_default() -> None:
    assert parse(["demo"], {}).verbose is False


def test_the_help_tells_the_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        parse(["--help"], {})
    assert caught.value.code == 0
    assert "130  interrupted with Ctrl-C" in capsys.readouterr().out
