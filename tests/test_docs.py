"""The documentation says what the code says: its commands, names, errors and both languages."""

from __future__ import annotations

import argparse
import ast
import configparser
import importlib
import re
from gettext import gettext
from types import SimpleNamespace
from typing import Any

import pytest
from docs_pages import (
    DOCS,
    ROOT,
    Block,
    blocks,
    blocks_of,
    command_lines,
    guide_pages,
    hook,
    in_russian,
    without_comments,
)

from vkauth.cli.commands import register
from vkauth.cli.exits import Exit
from vkauth.cli.language import spoken
from vkauth.cli.parser import parse
from vkauth.errors import CASES, AuthError, AuthErrorCode

PUBLIC = [
    *("vkauth", "vkauth.errors", "vkauth.models", "vkauth.cookies", "vkauth.clock", "vkauth.signatures"),
    *("vkauth.providers", "vkauth.signin", "vkauth.browser", "vkauth.tokens", "vkauth.sealing", "vkauth.terminal"),
    "vkauth.testing",
]
INTEGRATIONS = ["vkauth.integrations.vkbottle", "vkauth.integrations.vk_api"]


def shown_in_the_reference() -> list[str]:
    """The names that the reference tells of."""
    pages = sorted((DOCS / "api").glob("*.md"))
    return [name for page in pages for name in re.findall(r"(?m)^::: (\S+)$", page.read_text(encoding="utf-8"))]


def names_of(module: str) -> list[str]:
    """``__all__`` of a module, also of one whose library is not installed."""
    path = ROOT.joinpath(*module.split(".")).with_suffix(".py")
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return list(ast.literal_eval(node.value))
    raise AssertionError(f"{module} has no __all__")


def thing(name: str) -> object:
    """What a name of the reference stands for."""
    module, _, attribute = name.rpartition(".")
    return getattr(importlib.import_module(module), attribute)


def test_the_reference_has_every_public_name() -> None:
    """Each name of each public module, under one of the paths that it is public by."""
    shown = shown_in_the_reference()
    names = [f"{module}.{name}" for module in PUBLIC for name in importlib.import_module(module).__all__]
    bots = [f"{module}.{name}" for module in INTEGRATIONS for name in names_of(module)]
    things = {id(thing(each)) for each in shown if each not in bots}
    assert [each for each in names if id(thing(each)) not in things] == []
    assert [each for each in bots if each not in shown] == []
    assert set(shown) <= {*names, *bots}
    assert len(set(shown)) == len(shown)


def test_every_page_of_the_guide_is_there_in_russian() -> None:
    """And no Russian page is left over."""
    found = {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.ru.md")}
    assert found == set(map(in_russian, guide_pages()))


@pytest.mark.parametrize("page", guide_pages())
def test_the_russian_page_shows_the_same(page: str) -> None:
    """Its code is that of the English page, but for comments; it has the same parts and generated tables."""
    english, russian = ((DOCS / each).read_text(encoding="utf-8") for each in (page, in_russian(page)))
    code = [(each.language, without_comments(each.code)) for each in blocks_of(page)]
    assert [(each.language, without_comments(each.code)) for each in blocks_of(in_russian(page))] == code
    for pattern in (r"(?m)^#+ ", hook().MARK, r"(?m)^\| --- .*$", r"\]\(((?!https?:)[^)#]+)"):
        assert re.findall(pattern, russian) == re.findall(pattern, english)


@pytest.mark.parametrize("line", [pytest.param(words, id=line) for line, words in command_lines()])
def test_the_commands_are_understood(line: list[str]) -> None:
    """Every ``vkauth`` line is one that the command's own parser takes."""
    assert callable(parse(line, register).run)


@pytest.mark.parametrize("page", ["../README.md", *guide_pages()])
def test_a_simulator_is_started_where_it_is_looked_for(page: str) -> None:
    """A page that leads to one on a port of this machine starts it on that port."""
    code = (DOCS / page).read_text(encoding="utf-8")
    ports = set(re.findall(r"(?:VKAUTH_ENDPOINTS=|--endpoints |Endpoints\.under\(\")http://127\.0\.0\.1:(\d+)", code))
    assert [each for each in ports if f"vkauth simulator --port {each}" not in code] == []


@pytest.mark.parametrize("each", blocks("python", "py"), ids=str)
def test_the_python_is_python(each: Block) -> None:
    """It compiles; in a notebook ``await`` needs no function."""
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT if each.page == "recipes/jupyter.md" else 0
    compile(each.code, str(each), "exec", flags=flags, dont_inherit=True)


def test_no_block_is_of_a_language_that_nothing_checks() -> None:
    """``js`` is checked by Node.js, ``ini`` below, all else here."""
    found = {each.language for page in guide_pages() for each in blocks_of(page)}
    assert found == {"python", "py", "sh", "js", "ini"}


def test_the_unit_of_the_service_agrees_with_its_program() -> None:
    """The folders and the exit code that the program relies on are those of the unit."""
    page = "recipes/systemd.md"
    (unit,) = (each.code for each in blocks_of(page) if each.language == "ini")
    service = configparser.RawConfigParser(strict=True)
    service.optionxform = str  # type: ignore[assignment,method-assign]
    service.read_string(unit)
    program = next(each.code for each in blocks_of(page) if each.language == "python")
    assert f'credentials / "{service["Service"]["LoadCredentialEncrypted"].partition(":")[0]}"' in program
    assert f"else {service['Service']['RestartPreventExitStatus']})" in program
    commands = "".join(each.code for each in blocks_of(page) if each.language == "sh")
    assert f"/var/lib/{service['Service']['StateDirectory']}/tokens.db" in commands
    assert service["Service"]["LoadCredentialEncrypted"].partition(":")[2] in commands


def rendered(part: str, page: str = "errors.md") -> str:
    """What stands on a page for a part that is generated."""
    return str(
        hook().on_page_markdown(f"<!-- generated: {part} -->", page=SimpleNamespace(file=SimpleNamespace(src_uri=page)))
    )


@pytest.mark.parametrize("page", ["errors.md", "errors.ru.md"])
def test_the_errors_are_those_of_the_one_table(page: str) -> None:
    """A row for each code, below its class, with what to do."""
    found = {}
    for part in rendered("errors", page).split("### ")[1:]:
        fault, _, table = part.partition("\n")
        for code, what, again in re.findall(r"(?m)^\| `(\w+)` \| (.+?)( \(`retryable`\))? \|$", table):
            case = CASES[AuthErrorCode(code)]
            with spoken("en" if page == "errors.md" else "ru"):
                words = gettext(case.next.value)
            found[code] = fault
            assert (fault, what.replace("`", "")) == (case.fault.__name__, words)
            assert bool(again) is AuthError(AuthErrorCode(code), "").retryable
    assert set(found) == set(AuthErrorCode)


def test_what_is_generated_is_in_the_language_of_the_page() -> None:
    """The words of the command are those of its own catalogue."""
    for part in hook().PARTS:
        assert re.search("[а-я]", rendered(part, "command.ru.md"))
        assert not re.search("[а-я]", rendered(part, "command.md"))
    with spoken("ru"):
        assert f"| 9 | {gettext(Exit.NO_TOKEN.meaning)} |" in rendered("exits", "command.ru.md")


def test_the_exit_codes_are_those_of_the_command() -> None:
    """A row each."""
    rows = re.findall(r"(?m)^\| (\d+) \| (.+) \|$", rendered("exits"))
    assert rows == [(str(each.value), each.meaning) for each in Exit]


def test_every_command_is_told_with_its_options() -> None:
    """All that the parser has, and where ``--help`` leads on, every variable of the environment."""
    text, environment = rendered("command"), rendered("environment")
    found = list(hook().commands())
    assert {"vkauth demo", "vkauth login browser", "vkauth token", "vkauth simulator"} <= {each.prog for each in found}
    for parser in found:
        _, heading, rest = text.partition(f"### {parser.prog} {{")
        section = rest.partition("\n### ")[0]
        assert heading
        options = [word for each in parser._actions for word in each.option_strings if each.dest not in hook().COMMON]
        assert [word for word in options if f"`{word}" not in section.replace(", --", "`, `--")] == []
        helped = re.findall(r"VKAUTH_\w+", parser.format_help())
        assert [name for name in helped if name not in environment + section.replace("\\_", "_")] == []


def test_generated_parts_are_asked_for() -> None:
    """Each is on a page, and no page asks for another."""
    asked = {name for page in guide_pages() for name in hook().MARK.findall((DOCS / page).read_text(encoding="utf-8"))}
    assert asked == set(hook().PARTS)


def test_help_text_cannot_become_markup() -> None:
    """Stars, lines and angles of a help are shown as they are; a bar does not end a cell."""
    parser = argparse.ArgumentParser(prog="sample")
    action = parser.add_argument("--sample", help="a <b>, a_b, a*b | c")
    shown: Any = hook()._help(action, parser)
    assert shown == "a &lt;b>, a\\_b, a\\*b \\| c"


def test_one_thing_has_one_name_in_russian() -> None:
    """The guide speaks of encryption and of the keyring in the words of the command."""
    catalogue = (ROOT / "vkauth" / "locale" / "ru" / "LC_MESSAGES" / "vkauth.po").read_text(encoding="utf-8")
    pages = [*(DOCS / in_russian(page) for page in guide_pages()), ROOT / "README.ru.md"]
    texts = [catalogue, *(path.read_text(encoding="utf-8") for path in pages)]
    for word in ("системном хранилище ключей", "зашифрован", "шифрует"):
        assert any(word in text for text in texts[1:])
    assert "системное хранилище ключей" in catalogue
    others = r"\w*(?:запечат|распечат|связк|сдержива)\w*"
    assert [word for text in texts for word in re.findall(others, text.lower())] == []


def test_nothing_comes_from_another_host() -> None:
    """The theme has no fonts, icons or scripts of its own to fetch: the site works without a network."""
    settings = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    assert re.search(r"(?m)^  font: false$", settings)
    assert "http" not in settings
