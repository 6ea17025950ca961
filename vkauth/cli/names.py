"""Names of stored tokens for a shell that completes them: ``vkauth completion --names SHELL``, which nobody types.

What was typed up to the cursor comes on the standard input. Whatever goes wrong, nothing is offered and nothing said:
somebody is typing. No record is read, so no seal is needed; no file is made, and it ends within a second.
"""

from __future__ import annotations

import asyncio
import os
import re
import shlex
import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from types import SimpleNamespace
from typing import Any, Final

__all__ = ["offer"]

_LIMIT: Final = 0.8
"""Seconds for all of it, after which the process ends wherever it is."""
_LONGEST_LINE: Final = 64 * 1024
_MOST: Final = 1000
_STORE: Final = "--store"
_WORD: Final = re.compile(r"(?:\\.|[^\s\\])++")
_PLAIN: Final = re.compile(r"[\w.,/@%+=:-]")
"""Letters that mean nothing to bash."""


def offer(shell: str = "") -> int:
    """Print the names, a line each, and return the exit code.

    Args:
        shell: for ``bash`` they are quoted, and those alone come that continue the last word; others do both.
    """
    watch = threading.Timer(_LIMIT, os._exit, (0,))
    watch.daemon = True
    watch.start()
    try:
        line = sys.stdin.buffer.read(_LONGEST_LINE).decode(errors="surrogateescape").removesuffix("\n")
        names = islice(_offered(asyncio.run(_stored(line)), shell, line), _MOST)
        sys.stdout.buffer.write("".join(f"{each}\n" for each in names).encode())
        sys.stdout.flush()
    except (Exception, KeyboardInterrupt):  # noqa: BLE001 - a message would land in what is being typed
        return 0
    finally:
        watch.cancel()
    return 0


async def _stored(line: str) -> list[str]:
    """The names in the store that a line means."""
    from vkauth.cli.stores import store_address
    from vkauth.tokens.opening import file_of, open_token_store

    arguments: Any = SimpleNamespace(store=_value(_words(line), _STORE), seal=None)
    address = store_address(arguments)[0]
    path = file_of(address)
    if path is not None and not _is_store(path):
        return []
    async with open_token_store(address) as store:
        return list(await store.keys())


def _is_store(path: str) -> bool:
    """Whether there is the file of a store: one that is missing or empty would be made by opening it."""
    from vkauth.tokens.file_header import Header
    from vkauth.tokens.sqlite_file import APPLICATION

    header = Header(os.path.expanduser(path))  # noqa: PTH111 - as the store reads it
    try:
        return Header.application_of(header.read()) == APPLICATION
    finally:
        header.close()


def _words(line: str) -> list[str]:
    """The words of an unfinished line. Of what a shell would put in their place, only home and variables are read."""
    for end in ("", "'", '"'):
        try:
            return [os.path.expandvars(each) for each in shlex.split(line + end)]
        except ValueError:
            continue
    return []


def _value(words: Sequence[str], option: str) -> str | None:
    value = None
    for place, word in enumerate(words):
        if word == "--":
            break
        if word == option:
            value = next(iter(words[place + 1 : place + 2]), None)
        elif word.startswith(f"{option}="):
            value = word.partition("=")[2]
    return value


def _offered(names: Iterable[str], shell: str, line: str) -> Iterator[str]:
    typed = _last_word(line)
    for name in names:
        if not name.isprintable() or name.startswith("-"):  # it would be more than a line, or be taken for an option
            continue
        if shell != "bash":
            yield name
        elif (quoted := _quoted(name)).startswith(typed):
            yield quoted


def _last_word(line: str) -> str:
    """The word that is being typed, as it was typed."""
    *_before, last = ("", 0), *((found[0], found.end()) for found in _WORD.finditer(line))
    word = last[0] if last[1] == len(line) else ""
    option, equals, value = word.partition("=")
    return value if equals and option.startswith("--") else word


def _quoted(name: str) -> str:
    """A name as a word of bash, whatever is in it."""
    return "".join(each if _PLAIN.match(each) else f"\\{each}" for each in name)
