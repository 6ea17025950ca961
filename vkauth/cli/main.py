"""Where the command begins. It imports the rest only once a Ctrl-C can be answered: that takes a moment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]

_INTERRUPTED: Final = 130  # as in vkauth.cli.exits, which may not be there yet


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code.

    Args:
        arguments: instead of those the program was started with.
    """
    try:
        from vkauth.cli.program import run

        return run(arguments)
    except KeyboardInterrupt:  # before there was anything to clean up, or anybody to tell
        return _INTERRUPTED
