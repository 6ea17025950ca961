"""Commands that a person is told to run: for the store that they gave, so that a pasted one meets no other.

And names and moments in one form for all commands.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from typing import Any, Final

__all__ = ["about_token", "completed", "moment", "option", "shown", "store_options"]

# As all languages have them.
_TOLD: Final = re.compile(r"vkauth (?:list|login \.\.\. --save \w+)(?![\w-])")


def option(name: str, value: object) -> Iterator[str]:
    """The words that give an option, by its name among the arguments."""
    word, text = f"--{name.replace('_', '-')}", str(value)
    if text.startswith("-"):  # which would be taken for an option
        yield f"{word}={text}"
    else:
        yield from (word, text)


def store_options(arguments: Any) -> tuple[str, ...]:
    """``--store`` and ``--seal`` as they were given. What the environment has, the next command finds there too."""
    given = ((name, getattr(arguments, name, None)) for name in ("store", "seal"))
    return tuple(word for name, value in given if value is not None for word in option(name, value))


def about_token(command: str, name: str, options: Iterable[str]) -> str:
    """A command about a token that is kept, for a shell.

    Args:
        command: the word for it.
        name: what the token is stored under; where that cannot be shown, ``NAME`` stands for it.
        options: see :func:`store_options`.
    """
    name = name if name.isprintable() else "NAME"
    # What begins with a dash would be taken for an option.
    return shlex.join(["vkauth", command, *options, *(["--"] if name.startswith("-") else []), name])


def completed(text: str, arguments: Any) -> str:
    """A text with commands in it, which go to the store that was given."""
    options = store_options(arguments)
    return _TOLD.sub(lambda found: f"{found[0]} {shlex.join(options)}", text) if options else text


def shown(name: str) -> str:
    """The name of a token in a message: in one line, whatever is in it."""
    return name if name.isprintable() else repr(name)


def moment(when: datetime) -> str:
    """A moment in the time of this machine, to the minute, with how far that is from UTC."""
    with suppress(OverflowError, OSError, ValueError):  # at the ends of the calendar there is no other time zone
        when = when.astimezone()
    return when.isoformat(" ", "minutes")
