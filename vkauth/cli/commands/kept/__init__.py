"""The commands about tokens that are kept, one module each."""

from __future__ import annotations

from vkauth.cli.commands.kept import export, import_, list_, refresh, remove, revoke, show, token
from vkauth.cli.parser import Commands, Parser

__all__ = ["register"]


def register(commands: Commands, verbose: Parser) -> None:
    """Add them, in the order of the help."""
    for each in (token, list_, show, refresh, revoke, remove, export, import_):
        each.register(commands, verbose)
