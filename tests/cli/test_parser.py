"""Arguments: above all, that no secret is one."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator

import pytest

from vkauth.apps import official_app_credentials
from vkauth.cli.commands import register
from vkauth.cli.exits import UsageError
from vkauth.cli.parser import build_parser, parse
from vkauth.cli.person import APPS, require_rights, rights
from vkauth.scopes import GroupScope, UserScope

SECRET = "sample-secret"
LONGEST_LINE = 58


def _parsers(
    parser: argparse.ArgumentParser, words: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], argparse.Action]]:
    """Every argument of every command, with the words that lead to it."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            yield words, action
            for name, each in action.choices.items():
                yield from _parsers(each, (*words, name))
        else:
            yield words, action


ACTIONS = list(_parsers(build_parser(register)))
OPTIONS = [(words, option, action) for words, action in ACTIONS for option in action.option_strings]
COMPLETE = {
    ("login", "user"): ("--app", "android"),
    ("login", "groups"): ("--app", "android", "--group", "1"),
    ("login", "browser"): ("--app", "android"),
    ("login", "vkid"): ("--client-id", "1", "--redirect-uri", "http://localhost"),
}
"""What a command cannot do without."""


def test_no_option_takes_a_secret() -> None:
    """S6: options that are about secrets take names of files with secrets in them."""
    assert len(OPTIONS) > 40
    for words, option, _ in OPTIONS:
        if re.search("pass|secret|token|code|key", option):
            assert option.endswith("-file"), f"{words} {option}"


@pytest.mark.parametrize("words", sorted({words for words, _, _ in OPTIONS if words}))
def test_no_option_can_be_abbreviated(words: tuple[str, ...]) -> None:
    """``--password`` must not be taken for ``--password-file``, nor any other beginning for the whole."""
    own = [option for at, option, _ in OPTIONS if at == words and option.startswith("--")]
    for option in own:
        if option[:-1] in own:
            continue
        with pytest.raises(UsageError):
            parse([*words, *COMPLETE.get(words, ()), f"{option[:-1]}={SECRET}"], register)


@pytest.mark.parametrize(
    "arguments",
    [
        ["login", "direct", "--password", SECRET],
        ["login", "direct", f"--password={SECRET}"],
        ["login", "direct", "-p", SECRET],
        ["login", "direct", f"-p{SECRET}"],
        ["login", "direct", f"-p={SECRET}"],
        ["--token", SECRET, "login", "user"],
        ["whoami", "me", SECRET],
        ["whoami", "--token", SECRET],
        ["check", f"--service-token={SECRET}"],
        ["check", "--client-id", SECRET],
        ["login", "direct", f"--client-secret={SECRET}"],
        ["login", "direct", SECRET],
        ["login", "direct", "--unknown", SECRET],
        ["login", "direct", f"--unknown={SECRET}"],
        ["login", "direct", f"--{SECRET}"],
        ["login", "direct", f"-{SECRET}"],
        ["login", "direct", f"-v{SECRET}"],
        ["login", "direct", "--app", f"a'{SECRET}"],
        ["login", "direct", "--timeout", f"a'\"{SECRET}"],
        ["login", "direct", "--proxy", f"http://person:{SECRET}@127.0.0.1:3128"],
        [SECRET],
        ["login", SECRET],
    ],
)
def test_a_secret_in_the_wrong_place_is_refused_and_not_repeated(arguments: list[str]) -> None:
    """What cannot be understood is told by its place or its option, never by its text."""
    with pytest.raises(UsageError) as caught:
        parse(arguments, register)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(("words", "option"), [(words, option) for words, option, _ in OPTIONS])
@pytest.mark.parametrize("form", ["{0} {1}", "{0}={1}", "{0}{1}"])
def test_no_value_of_any_option_is_repeated(words: tuple[str, ...], option: str, form: str) -> None:
    """Whatever option a value is given to, and however, the parser does not show it."""
    told = "help"
    try:
        parse([*words, *COMPLETE.get(words, ()), *form.format(option, SECRET).split()], register)
    except UsageError as error:
        told = str(error)
    except SystemExit:  # a help text
        pass
    assert SECRET not in told


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["login", "--client-id", "1", "direct"],
            "direct comes before its options: vkauth login direct ... (vkauth login",
        ),
        (["login", "--endpoints", "http://x", "--json", "qr"], "qr comes before its options: vkauth login qr ... ("),
        (["login", "--client-id", "1", "other"], "argument 4 is one too many (vkauth login browser --help"),
        (["whoami", "--scope", "friends"], "argument 2 is an unknown option (vkauth whoami --help tells more)"),
        (["login", "--client-id", "1", "--window", "--no-open"], "not allowed with"),
        (["logn"], "there is no such command; did you mean login? (vkauth --help tells more)"),
        (["nonsense"], "there is no such command (vkauth --help tells more)"),
        (["login", "brwser"], "there is no such command; did you mean browser? (vkauth login --help tells more)"),
        (
            ["login", "user", "--ap", "android"],
            "argument 3 is an unknown option (did you mean --app? vkauth login user",
        ),
        (["--port", "3", "simulator"], "argument 1: options come after the command that they belong to (vkauth --help"),
        (["--versoin"], "argument 1 is an unknown option (did you mean --version? vkauth --help tells more)"),
        (["list", "--json=yes"], "--json: it takes no value (vkauth list --help tells more)"),
        (["list", "--store"], "--store: expected one argument (vkauth list --help tells more)"),
        (["export", "-o"], "-o: expected one argument (vkauth export --help tells more)"),
        (["export", "--output"], "--output: expected one argument (vkauth export --help tells more)"),
        (
            ["list", "--lang", "xx"],
            "--lang: there is no such value; choose from en, ru (vkauth list --help tells more)",
        ),
        (["login", "groups", "--group", "1,0"], "--group: there is no community 0 ("),
        (["login", "groups", "--group", "1,,2"], "--group: a community is a number ("),
        (["login", "groups", "--app", "android", "--group", "0"], "no community 0"),
        (["login", "direct", "--app", "other"], "--app: there is no such value; choose from android, "),
        (["login", "direct", "--client-id", "x"], "positive number"),
        (["login", "direct", "--app", "ipad", "--client-id", "1"], "not allowed with"),
        (["login", "direct", "--endpoints", "http://127.0.0.1", "--domain", "vk.com"], "not allowed with"),
        (["login", "direct", "--proxy", "http://a:b@c"], "put the address in VKAUTH_PROXY"),
        (["login", "direct", "--lgin", "a"], "argument 3 is an unknown option (did you mean --login? vkauth login dir"),
        (["login", "direct", "--nonsense"], "argument 3 is an unknown option (vkauth login direct --help"),
        (["login", "groups", "--app", "android", "--group", SECRET], "--group: a community is a number ("),
        (["login", "groups", "--app", "android", "--group", "1" * 5000], "--group: a community is a number ("),
        (["login", "direct", "--timeout", SECRET], "--timeout: a time is a number of seconds above 0 ("),
        (["simulator", "--port", SECRET], "--port: a port is a number up to 65535 ("),
        (["simulator", "--port", "70000"], "up to 65535"),
        (["whoami", "--token", SECRET], "use --password-file, --client-secret-file, --token-file or the environment"),
        (["check", "--token", SECRET], "(see vkauth check --help)"),
        (["login", "--password", SECRET], "(see vkauth login direct --help)"),
        (["-v", "login", "direct", "--password", SECRET], "(see vkauth login direct --help)"),
        (["--token", SECRET], "(see vkauth login direct --help)"),
        (["check", "me", SECRET], "argument 3 is one too many"),
        (["login", "direct", "--app", "andriod"], "--app: there is no such value; did you mean android? ("),
        (["demo", "now"], "WHAT: there is no such value; choose from login, browser, sign-in ("),
        (["demo", "signin"], "WHAT: there is no such value; did you mean sign-in? ("),
        (["demo", "login", "now"], "argument 3 is one too many"),
    ],
)
def test_wrong_usage_is_told_in_one_line(arguments: list[str], said: str) -> None:
    """The line says what is wrong and where to read more."""
    with pytest.raises(UsageError, match=re.escape(said)) as caught:
        parse(arguments, register)
    assert "\n" not in str(caught.value)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "place"),
    [(SECRET, 1), (f"friends,{SECRET}", 2), (f"friends {SECRET}, email", 2), ("9" * 5000, 1), ("1 -1", 2)],
)
def test_a_right_that_there_is_not_is_told_by_its_place(text: str, place: int) -> None:
    """It may be a secret in the wrong place, so the known ones are listed and it is not repeated."""
    with pytest.raises(
        UsageError, match=f"^--scope: word {place} is not a known right: use notify, friends, "
    ) as caught:
        rights(text, UserScope)
    assert SECRET not in str(caught.value)
    assert "digits" not in str(caught.value)


@pytest.mark.parametrize(("text", "place"), [(SECRET, 1), (f"friends manage,{SECRET}", 3), ("9" * 5000, 1)])
def test_a_right_that_no_kind_of_token_has_is_told_by_its_place(text: str, place: int) -> None:
    """Where nobody knows yet which kind of token it is, the rights of all kinds are known."""
    assert require_rights("friends, MANAGE vkid.personal_info 8192") == "friends, MANAGE vkid.personal_info 8192"
    with pytest.raises(
        UsageError, match=rf"^--scope: word {place} is not a known right: use notify, .* manage, "
    ) as caught:
        require_rights(text)
    assert SECRET not in str(caught.value)


def test_rights_are_those_of_the_library() -> None:
    """Names, masks and all of them, separated by commas or spaces."""
    assert rights("friends, 65536 PHOTOS", UserScope) == UserScope.FRIENDS | UserScope.OFFLINE | UserScope.PHOTOS
    assert rights("all", GroupScope) == sum(GroupScope)
    assert rights("", UserScope) == 0


def test_the_address_of_a_verification_is_a_secret_from_the_first_moment() -> None:
    """It holds a key that works once, and is masked wherever the arguments are looked at."""
    found = parse(["verify", "https://m.vk.ru/activation?key=sample-single-use-key"], register)
    assert found.address.endswith("sample-single-use-key")
    assert "sample-single-use-key" not in repr(found)


def test_the_applications_are_those_of_the_library() -> None:
    """``--app`` knows the applications that the library knows."""
    assert official_app_credentials._fields == APPS


@pytest.mark.parametrize("arguments", [["-v", "login", "direct"], ["login", "-v", "direct"], ["login", "direct", "-v"]])
def test_verbose_may_stand_anywhere(arguments: list[str]) -> None:
    """Before the command, after it and between its words."""
    assert parse(arguments, register).verbose is True


def test_verbose_is_off_by_default() -> None:
    """Nothing but results and questions is told unless it is asked for."""
    assert parse(["demo"], register).verbose is False


def test_the_help_tells_the_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    """Scripts need them, and the help is where people look."""
    with pytest.raises(SystemExit) as caught:
        parse(["--help"], register)
    assert caught.value.code == 0
    assert "130  interrupted with Ctrl-C" in capsys.readouterr().out


def test_the_prose_of_a_help_is_wrapped(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Tables and commands stay as they are."""
    monkeypatch.setenv("COLUMNS", "60")
    for words in (["simulator"], ["check"], ["login"], ["login", "direct"], ["login", "browser"]):
        with pytest.raises(SystemExit):
            parse([*words, "--help"], register)
        help_text = capsys.readouterr().out
        assert [line for line in help_text.splitlines() if len(line) > LONGEST_LINE and line[0] != " "] == []
        table = [line for line in help_text.splitlines() if line.startswith("  VKAUTH_")]
        assert max(map(len, table), default=0) <= LONGEST_LINE
    assert re.search("^  VKAUTH_PROXY +instead of --proxy, where", help_text, re.MULTILINE)


def _environment_of(parser: argparse.ArgumentParser) -> set[str]:
    return set(re.findall(r"(?m)^  (VKAUTH_\w+) ", parser.epilog or ""))


OBEYED = {
    "VKAUTH_LOGIN": "--login", "VKAUTH_PASSWORD": "--password-file", "VKAUTH_CLIENT_SECRET": "--client-secret-file",
    "VKAUTH_TOKEN": "--token-file", "VKAUTH_PROXY": "--proxy", "VKAUTH_STORE": "--store", "VKAUTH_SEAL": "--seal",
    "VKAUTH_ENDPOINTS": "--endpoints",
}  # fmt: skip


@pytest.mark.parametrize("words", sorted({words for words, _, _ in OPTIONS if words}), ids=" ".join)
def test_a_help_has_the_variables_that_the_command_obeys(words: tuple[str, ...]) -> None:
    """All of them, and none that belongs to options of others."""
    parser = build_parser(register)
    for word in words:
        below = next(each for each in parser._actions if isinstance(each, argparse._SubParsersAction))
        parser = below.choices[word]
    own = {option for at, option, _ in OPTIONS if at == words}
    wanted = {name for name, option in OBEYED.items() if option in own}
    assert _environment_of(parser) - {"VKAUTH_LANG"} == wanted
    assert ("VKAUTH_LANG" in _environment_of(parser)) is bool(wanted)
