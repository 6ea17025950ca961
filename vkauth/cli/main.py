"""Where the command begins. It imports the rest only once a Ctrl-C can be answered: that takes a moment."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]

_NAMES: Final = ("completion", "--names")
_INTERRUPTED: Final = 130  # as in vkauth.cli.exits, which may not be there yet


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code.

    Args:
        arguments: instead of those the program was started with.
    """
    words = sys.argv[1:] if arguments is None else arguments
    try:
        if tuple(words[:2]) == _NAMES:  # a shell asks, while somebody types: all else would take its time
            from vkauth.cli.names import offer

            return offer(*words[2:3])
        from vkauth.cli.program import run

        return run(arguments)
    except KeyboardInterrupt:  # before there was anything to clean up, or anybody to tell
        return _INTERRUPTED
