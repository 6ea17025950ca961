"""The commands: one module each, which says what its arguments are and runs it.

What they need is imported when they run, so that a help text or a wrong usage loads neither the HTTP client nor the
simulator.
"""

from __future__ import annotations

from vkauth.cli.commands import check, completion, demo, doctor, kept, login, simulator, verify, whoami
from vkauth.cli.parser import Commands, Parser

__all__ = ["register"]


def register(commands: Commands, verbose: Parser) -> None:
    """Add all commands, in the order of the help."""
    for each in (demo, login, verify, kept, whoami, check, doctor, simulator, completion):
        each.register(commands, verbose)
