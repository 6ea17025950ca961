"""``vkauth`` alone: what it is for, in a few examples."""

from __future__ import annotations

import sys
import textwrap
from typing import Final

from vkauth.cli.commands import register
from vkauth.cli.exits import Exit
from vkauth.cli.parser import build_parser
from vkauth.cli.terminal import Terminal
from vkauth.language import gettext as _
from vkauth.terminal.styles import COMMAND, columns_of, styled
from vkauth.terminal.words import mark

__all__ = ["overview"]

_EXAMPLES: Final = (
    ("vkauth demo", mark("see a login to a simulated VK: nothing leaves this machine")),
    ("vkauth login", mark("get a token: it asks what for, and shows the way")),
    ("vkauth login --save me", mark("the same, and keep the token under a name")),
    ("TOKEN=$(vkauth token me)", mark("use it in a script: a VK ID token is renewed first")),
    ("vkauth check", mark("tell whether a token can be used")),
)
_TWO_COLUMNS: Final = 72
_NARROWEST: Final = 20
_WIDEST: Final = 100


def overview() -> Exit:
    """Show the examples.

    Raises:
        OutputError: they cannot be written.
    """
    width = min(max(columns_of(sys.stdout) - 1, _NARROWEST), _WIDEST)
    terminal = Terminal(sys.stdout)
    names = build_parser(register).command_names()
    terminal.say(textwrap.fill(_("vkauth gets VK tokens for your own account and your communities."), width))
    terminal.say()
    widest = max(len(example) for example, _said in _EXAMPLES)
    for example, said in _EXAMPLES:
        if width >= _TWO_COLUMNS:
            first, *more = textwrap.wrap(_(said), width - widest - 4) or [""]
            terminal.draw(f"  {styled(example.ljust(widest), COMMAND, sys.stdout)}  {first}\n")
            lines = [" " * (widest + 4) + each for each in more]
        else:
            terminal.suggest(example, "  ")
            lines = textwrap.wrap(_(said), width, initial_indent="    ", subsequent_indent="    ")
        for line in lines:
            terminal.say(line)
    terminal.say()
    for line in (
        _("Commands: {names}.").format(names=", ".join(names)),
        _("vkauth COMMAND --help tells more of one, and vkauth --help lists them all."),
    ):
        terminal.say(textwrap.fill(line, width, break_on_hyphens=False))
    return Exit.OK
