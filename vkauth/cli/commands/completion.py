"""``vkauth completion``: what makes a shell complete commands, options and their values."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final, Protocol

from vkauth.cli.epilogs import table
from vkauth.cli.exits import Exit, UsageError
from vkauth.cli.parser import Commands, Parser, add_command, build_parser
from vkauth.cli.shells import STORED_NAMES, finished
from vkauth.cli.stores import read_name
from vkauth.cli.terminal import Terminal
from vkauth.language import gettext as _

__all__ = ["register", "run"]

_SHELLS: Final = ("bash", "zsh", "fish")


class _Arguments(Protocol):
    shell: str


def register(commands: Commands, common: Parser) -> None:
    """Add the command."""
    parser = add_command(
        commands,
        common,
        "completion",
        run,
        help=_("print what makes bash, zsh or fish complete commands, options and names of tokens"),
        description=_(
            "Print what makes your shell complete commands, options, their values and the names of stored tokens when "
            "Tab is pressed. It is for the version that prints it: print it again after an update."
        ),
        epilog=table(
            _("where it goes:"),
            (
                ("bash", '~/.bashrc:  eval "$(vkauth completion bash)"'),
                ("zsh", _("{file}, below compinit:").format(file="~/.zshrc") + '  eval "$(vkauth completion zsh)"'),
                ("fish", "vkauth completion fish > ~/.config/fish/completions/vkauth.fish"),
            ),
        ),
    )
    parser.add_argument("shell", choices=_SHELLS, metavar=_("SHELL"), help=", ".join(_SHELLS))


def run(arguments: _Arguments) -> Exit:
    """Print it.

    Raises:
        UsageError: what makes it is not installed.
        OutputError: it could not be written.
    """
    from vkauth.cli.commands import register as commands

    try:
        import shtab
    except ImportError:
        raise UsageError(_('completion needs shtab: pip install "vkauth[cli]"')) from None
    parser = build_parser(commands)
    parser.prepare_completion({Path: shtab.FILE, read_name: STORED_NAMES})
    script: str = shtab.complete(parser, arguments.shell)
    Terminal(sys.stdout).draw(finished(script, arguments.shell))
    return Exit.OK
