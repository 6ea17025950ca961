"""The pages of the documentation, and the code that they show."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
ENGLISH_ALONE = {"vk.md", "promises.md"}
"""What is told once, besides the reference."""

_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_COMMENT = re.compile(r"[ \t]*(?:#|//) .*")


class Block(NamedTuple):
    """A piece of code on a page.

    Attributes:
        page: its path below ``docs/``.
        number: which block of the page it is, from 1.
        language: ``python``, ``py`` (Python of another library), ``sh``, ``js``, ``ini``.
        code: what it says.
    """

    page: str
    number: int
    language: str
    code: str

    def __str__(self) -> str:
        return f"{self.page} {self.number}"


def guide_pages() -> list[str]:
    """The English pages that have a Russian one."""
    pages = (path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md"))
    return sorted(
        each
        for each in pages
        if not each.endswith(".ru.md") and not each.startswith("api/") and each not in ENGLISH_ALONE
    )


def in_russian(page: str) -> str:
    """The Russian page of an English one."""
    return page.removesuffix(".md") + ".ru.md"


def blocks_of(page: str) -> list[Block]:
    """The code of a page."""
    text = (DOCS / page).read_text(encoding="utf-8")
    return [Block(page, number, *found) for number, found in enumerate(_BLOCK.findall(text), 1)]


def blocks(*languages: str) -> list[Block]:
    """The code of all English pages."""
    return [each for page in guide_pages() for each in blocks_of(page) if each.language in languages]


def block(page: str, *parts: str) -> Block:
    """The one block of Python of a page that has these parts."""
    (found,) = (
        each for each in blocks_of(page) if each.language == "python" and all(part in each.code for part in parts)
    )
    return found


def without_comments(code: str) -> str:
    """Code as it is in every language."""
    return _COMMENT.sub("", code)


def command_lines() -> Iterator[tuple[str, list[str]]]:
    """The words after each ``vkauth`` in the shell, with the line."""
    for each in blocks("sh"):
        yield from commands_in(each.code)


def commands_in(code: str) -> Iterator[tuple[str, list[str]]]:
    """The words after each ``vkauth`` in lines of a shell, with the line."""
    for line in code.splitlines():
        for command in line.split("&&"):
            words = shlex.split(re.sub(r"^\w+=\$\((.*?)\)", r"\1", command.strip()), comments=True)
            while words and re.match(r"\w+=", words[0]):
                words.pop(0)
            if words and words[0].rpartition("/")[2] == "vkauth":
                yield line, words[1:]


def hook() -> ModuleType:
    """The module that mkdocs calls: ``docs/making/generated.py``."""
    folder = str(DOCS / "making")
    if folder not in sys.path:
        sys.path.append(folder)
    return import_module("generated")
