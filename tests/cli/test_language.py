"""The language of the command: which it is, that all of its texts are in the catalogue, and what never changes."""

from __future__ import annotations

import ast
import gettext
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from cli import texts
from cli.conftest import Command, on_terminal
from cli.keeping import Shelf
from vkauth.cli.commands import register
from vkauth.cli.language import DOMAIN, choose_language, spoken
from vkauth.cli.parser import build_parser
from vkauth.cli.person import APPS
from vkauth.errors import AuthError, AuthErrorCode
from vkauth.terminal.happened import MEANINGS, what_happened
from vkauth.terminal.words import duration, is_english
from vkauth.testing import VKSimulator

posix = pytest.mark.skipif(os.name != "posix", reason="uses terminals of POSIX")
# Words in Latin letters that a Russian line may have: names, and what is typed.
LATIN = re.compile(r"[A-Za-z]{2,}")
WORDS = """
    all android API bash bot browser check checks Chrome Chromium compinit completion connector cookie
    cryptography Ctrl-C demo direct doctor echo Edge Enter env error eval expires_at export file fish group
    groups HOME HTTP http HTTPS ID id import install json JSON kakao Kakao keyring kind list localhost login
    me message NAME name Network ok on Pillow pip Playwright provider Python qr QR redirect_uri redis-py
    refresh remove removed required revoke revoked rich service show shtab SIGHUP sign-in SIGTERM simulator
    skipped SOCKS sqlite SSH status success_token Tab tiktok TikTok TLS token TOKEN URL user UTF validation
    verify VK vkid warning whoami zsh PATH base64 safe expires_in
"""
NAMES = re.compile(
    r"  python3 -c .*|maxmemory-policy [a-z{}-]+|appendonly (?:yes|no)|"
    r"--?[a-z][a-z-]*|[A-Z_]*VKAUTH_[A-Z_]+|AUTH_[A-Z_]+|vkauth(?:[ .][A-Za-z_]+)*|\{[^}]*\}|\[[^\]]*\]|`[^`]*`|https?://\S+|"
    rf"[\w.]+@[\w.]+|[a-z]+://|[\w/~.-]+\.\w+|\b(?:{'|'.join([*WORDS.split(), *APPS])})\b"
)


@pytest.mark.parametrize(
    ("words", "environment", "language"),
    [
        ((), {}, "en"),
        ((), {"LANG": "C"}, "en"),
        ((), {"LANG": "en_US.UTF-8"}, "en"),
        ((), {"LANG": "ru_RU.UTF-8"}, "ru"),
        ((), {"LANG": "ru_RU.UTF-8", "LC_ALL": "C.UTF-8"}, "en"),
        ((), {"LANG": "en_US.UTF-8", "LC_MESSAGES": "ru_RU.UTF-8"}, "ru"),
        ((), {"LANG": "en_US.UTF-8", "LANGUAGE": "ru:en"}, "ru"),
        ((), {"LANG": "C", "LANGUAGE": "ru"}, "en"),
        ((), {"LANG": "ru_RU.UTF-8", "VKAUTH_LANG": "en"}, "en"),
        (("--lang", "ru"), {"LANG": "C", "VKAUTH_LANG": "en"}, "ru"),
        (("login", "--lang=en"), {"LANG": "ru_RU.UTF-8"}, "en"),
        (("--", "--lang=ru"), {"LANG": "C"}, "en"),
        (("--lang",), {"LANG": "C"}, "en"),
        (("--lang=de",), {"LANG": "ru_RU.UTF-8"}, "ru"),
        (("--lang", "de"), {"LANG": "C", "VKAUTH_LANG": "ru"}, "ru"),
        ((), {"LANG": "ru_RU.UTF-8", "VKAUTH_LANG": "de"}, "ru"),
        ((), {"LANG": "C", "VKAUTH_LANG": "ru_RU"}, "ru"),
    ],
)
def test_the_language_is_the_persons(
    monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], environment: dict[str, str], language: str
) -> None:
    """The arguments come first, then the environment, in POSIX's order."""
    for name in ("LANG", "LC_ALL", "LC_MESSAGES", "LANGUAGE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert choose_language(words) == language


def test_every_text_is_in_the_catalogue_and_none_is_left_over() -> None:
    """``python tests/cli/texts.py`` brings the catalogue up to date."""
    assert texts.known(texts.read_source()) == {text for text, _module in texts.wanted()}


def test_every_text_is_translated() -> None:
    """To something, in all of its plural forms."""
    for each in texts.read_source():
        forms = each.string if isinstance(each.string, tuple) else (each.string,)
        assert not each.id or (all(forms) and not each.fuzzy), each.id
        assert not each.id or not isinstance(each.id, tuple) or len(forms) == 3, each.id


def test_the_compiled_catalogue_is_up_to_date() -> None:
    """gettext reads it; ``python tests/cli/texts.py`` makes it."""
    with texts.COMPILED.open("rb") as file:
        found = gettext.GNUTranslations(file)
    for each in texts.read_source():
        if isinstance(each.id, tuple):
            assert tuple(found._catalog[each.id[0], form] for form in range(3)) == each.string
        elif each.id:
            assert found.gettext(each.id) == each.string
    plural = sum(isinstance(each.id, tuple) for each in texts.read_source())
    assert len(found._catalog) == len(texts.known(texts.read_source())) + 2 * plural + 1  # with its heading


def _fields(text: str) -> set[tuple[str, str | None, str | None]]:
    found = {(name, spec, how) for _text, name, spec, how in Formatter().parse(text) if name is not None}
    return found | {(each, None, None) for each in re.findall(r"%[a-z(]\w*", text)}


def test_placeholders_agree() -> None:
    """A translation has the values of the text, and no others."""
    for each in texts.read_source():
        if not each.id:
            continue
        originals = each.id if isinstance(each.id, tuple) else (each.id,)
        forms = each.string if isinstance(each.string, tuple) else (each.string,)
        wanted = {field for text in originals for field in _fields(text)}
        assert all(_fields(form) == wanted for form in forms), each.id
        assert all(form.startswith("\n") == originals[0].startswith("\n") for form in forms), each.id
        assert all(form[-1:].isspace() == originals[0][-1:].isspace() for form in forms if form), each.id


@pytest.mark.parametrize(
    ("seconds", "russian"),
    [(1, "1 секунду"), (2, "2 секунды"), (5, "5 секунд"), (11, "11 секунд"), (21, "21 секунду"), (180, "3 минуты"),
     (1260, "21 минуту"), (10800, "3 часа"), (18000, "5 часов")],
)  # fmt: skip
def test_plural_forms(seconds: float, russian: str) -> None:
    """Russian has three."""
    with spoken("ru"):
        assert not is_english()
        assert duration(seconds) == russian
    assert duration(1) == "1 second"


def _prose(path: Path) -> Iterator[str]:
    """Sentences of a module that are not marked to be translated."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    exempt: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            exempt.add(node.value)  # docstrings
        name = getattr(node, "func", None)
        called = name.id if isinstance(name, ast.Name) else getattr(name, "attr", "")
        if called in {
            "_",
            "gettext",
            "ngettext",
            "mark",
            "mark_both",
            "said",
            "counted",
            "english",
            "compile",
            "TypeVar",
            "AssertionError",
            "Formatter",
            "AuthError",
        }:
            exempt |= set(ast.walk(node))
        if isinstance(node, ast.AnnAssign):
            exempt |= set(ast.walk(node.annotation))
        if isinstance(node, ast.JoinedStr) and node not in exempt:
            parts = [each.value if isinstance(each, ast.Constant) else "{}" for each in node.values]
            exempt |= {each for each in node.values if isinstance(each, ast.Constant)}
            if re.search(r"[a-z]{3,} [a-z{]|\} [a-z]{3,}", text := "".join(map(str, parts))):
                yield text
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or node in exempt:
            continue
        if re.search(r"[A-Za-z]{2,}[,:;]? [a-z]{2,}", node.value):
            yield node.value


COMMANDS = re.compile(
    r"\s*(?:--account|VK for|VK Me|vkauth |import sys|from vkauth|python3 -c |TOKEN=|echo |~/|"
    r"pip install |sudo |w32tm |chmod |bold | --|Counter\[|(?:a name|key) must)"
    r"|.*\$\(vkauth"
)
# They print what goes to programs, or to the project: in one language.
OF_ONE_LANGUAGE = (
    "commands/doctor/environment.py",
    "commands/doctor/report.py",
    "commands/demo/application.py",
    "hooks.py",
    "cli/shells.py",
)


@pytest.mark.parametrize("path", list(texts.modules()), ids=lambda path: path.stem)
def test_no_sentence_is_forgotten(path: Path) -> None:
    """What a person sees goes through gettext, so that it can be in the catalogue."""
    if any(each in path.as_posix() for each in OF_ONE_LANGUAGE):
        pytest.skip("in English alone")
    assert [each for each in _prose(path) if not COMMANDS.match(each)] == []


def test_every_code_has_a_meaning() -> None:
    """Where the library's own words cannot be shown."""
    assert set(MEANINGS) == set(AuthErrorCode)


def test_an_error_is_told_in_one_language() -> None:
    """In Russian by its code and in the service's own words; in English as the library says it."""
    error = AuthError(AuthErrorCode.WRONG_OTP, "the code was refused", said="Неверный код.")
    assert what_happened(error) == "the code was refused (Неверный код)"
    with spoken("ru"):
        assert what_happened(error) == "неверный код (Неверный код)"


COMMAND_WORDS = [
    words.split()
    for words in (
        "", "demo", "login", "login browser", "login vkid", "login qr", "login direct", "login user", "login groups",
        "verify", "token", "list", "show", "refresh", "revoke", "remove", "export", "import", "whoami", "check",
        "doctor", "simulator", "completion",
    )
]  # fmt: skip


@pytest.mark.parametrize("words", COMMAND_WORDS, ids=" ".join)
def test_a_help_is_russian_from_end_to_end(
    words: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """But for names and for what is typed."""
    monkeypatch.setenv("COLUMNS", "300")
    with spoken("ru"), pytest.raises(SystemExit):
        build_parser(register).parse_args([*words, "--help"])
    options = capsys.readouterr().out.partition("\n\n")[2]  # what is above them is how to use it
    wrong = [
        line
        for line in options.splitlines()
        if not line.startswith("  --account") and LATIN.search(NAMES.sub("", line))
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["lst"], "vkauth: такой команды нет; возможно, list? (подробнее: vkauth --help)\n"),
        (
            ["list", "--stor", "x"],
            "vkauth: аргумент 2: неизвестный параметр (возможно, --store? подробнее: vkauth list",
        ),
        (["list", "--store"], "vkauth: --store: нужно значение (подробнее: vkauth list --help)\n"),
        (["list", "x"], "vkauth: аргумент 2: лишний (подробнее: vkauth list --help)\n"),
        (["login", "user", "--app", "x"], "vkauth: --app: такого значения нет; можно выбрать: android, "),
        (["login", "--window", "--no-open"], "vkauth: --no-open: не сочетается с --window (подробнее: vkauth login br"),
        (["completion"], "vkauth: не хватает аргументов: ОБОЛОЧКА (подробнее: vkauth completion --help)\n"),
        (["verify", "foo"], "vkauth: АДРЕС: это не веб-адрес; нужен redirect_uri из ошибки API 17, целиком\n"),
        (
            ["show", "sample"],
            "vkauth: [TOKEN_NOT_FOUND] под именем 'sample' в ",
        ),
    ],
)
async def test_errors_in_russian(command: Command, shelf: Shelf, words: list[str], said: str) -> None:
    """Those of the arguments, of argparse itself, and of what was done."""
    done = (
        await command(*words, "--lang", "ru") if words != ["list", "--store"] else await command("--lang", "ru", *words)
    )
    assert done.err.startswith(said), done.err


async def test_what_programs_read_is_the_same_in_every_language(
    command: Command, at_simulator: VKSimulator, shelf: Shelf
) -> None:
    """Tokens, JSON and exit codes."""
    at_simulator.add_account()
    english, russian = [], []
    for language, found in (("en", english), ("ru", russian)):
        for words in (
            ["login", "direct", "--save", "me", "--json"],
            ["token", "me"],
            ["list", "--json"],
            ["show", "me", "--json"],
            ["export"],
            ["show", "nothing"],
        ):
            done = await command("--lang", language, *words)
            found.append(
                (done.code, re.sub(r"vk1\.a\.[\w-]+|\d{4}-\d\d-[^\"]+|\"version\": \d+|[\w-]{60,}", "", done.out))
            )
    assert english == russian
    assert [code for code, _out in russian] == [0, 0, 0, 0, 0, 9]
    assert json.loads((await command("--lang", "ru", "list", "--json")).out)[0]["name"] == "me"


@posix
async def test_a_login_in_russian(at_simulator: VKSimulator) -> None:
    """The questions, the error of a wrong code and the end."""
    at_simulator.add_account(two_factor="sms")
    async with on_terminal("login", "direct", LANG="ru_RU.UTF-8") as screen:
        await screen.shows("Токен будет принадлежать собственному приложению VK 'VK for Android'")
        await screen.shows("VK отправил код в СМС")
        await screen.shows("Код (6 цифр; ")
        screen.type("000000\n")
        await screen.shows("Попытка 2 из 3:")
        screen.type("\x03")
        await screen.shows("Прервано.")
        assert (await screen.ended())[0] == 130


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_without_its_letters_there_is_no_russian(encoding: str) -> None:
    """A row of question marks tells nobody anything."""
    done = subprocess.run(
        [sys.executable, "-m", "vkauth", "--lang", "ru", "lst"],
        env={**os.environ, "PYTHONIOENCODING": encoding},
        capture_output=True,
        check=False,
    )
    assert done.stderr.startswith(b"vkauth: there is no such command; did you mean list?")


def test_outside_of_the_command_nothing_is_changed() -> None:
    """A program's own texts are its own."""
    before = gettext.textdomain(), gettext.find
    with spoken("ru"):
        assert gettext.textdomain() == DOMAIN
    assert (gettext.textdomain(), gettext.find) == before


@pytest.mark.parametrize("theirs", [None, "de:en"])
def test_programs_that_are_started_see_the_persons_environment(
    monkeypatch: pytest.MonkeyPatch, theirs: str | None
) -> None:
    """A browser speaks the language that it always speaks."""
    if theirs is None:
        monkeypatch.delenv("LANGUAGE", raising=False)
    else:
        monkeypatch.setenv("LANGUAGE", theirs)
    before = dict(os.environ)
    with spoken("ru"):
        assert not is_english()
        assert dict(os.environ) == before
    with spoken("en"):
        assert is_english()
        assert dict(os.environ) == before
