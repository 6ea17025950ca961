"""The checks as a table on a terminal, as plain lines elsewhere, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from vkauth.cli.commands.doctor.findings import Check, Part, Status
from vkauth.cli.commands.doctor.said import here
from vkauth.cli.terminal import Terminal, is_terminal, plain
from vkauth.language import gettext as _
from vkauth.language import ngettext
from vkauth.terminal.styles import LINES, columns_of
from vkauth.terminal.words import mark, mark_both

if TYPE_CHECKING:
    from rich.console import RenderableType

__all__ = ["as_json", "draw", "summary"]

_COLOURS: Final = {
    Status.OK: "green",
    Status.WARNING: "yellow",
    Status.ERROR: "bold red",
    Status.SKIPPED: "dim",
}
_STATUSES: Final = {
    Status.OK: mark("ok"),
    Status.WARNING: mark("warning"),
    Status.ERROR: mark("error"),
    Status.SKIPPED: mark("skipped"),
}
_COUNTED: Final = {
    Status.ERROR: mark_both("{number} error", "{number} errors"),
    Status.WARNING: mark_both("{number} warning", "{number} warnings"),
}
_TITLES: Final = {
    "versions": mark("versions"),
    "store": mark("store"),
    "modes": mark("modes"),
    "seal": mark("seal"),
    "keyring": mark("keyring"),
    "clock": mark("clock"),
    "reachability": mark("reachability"),
    "look": mark("look"),
}
"""What the checks are called."""
_NARROW: Final = 60
_WIDEST: Final = 110


def as_json(checks: Iterable[Check]) -> str:
    """The checks as ``--json`` prints them."""
    rows = [{"name": each.name, "status": each.status, "message": each.message} for each in checks]
    return json.dumps({"checks": rows}, indent=2)


def summary(checks: Sequence[Check]) -> str:
    """One line: all is well, or how many things there are to see to."""
    counts = {status: Check.count(checks, status) for status in (Status.ERROR, Status.WARNING)}
    number = sum(counts.values())
    if not number:
        return _("All is well.")
    names = ", ".join(_(_TITLES[each.name]) for each in checks if each.status in counts)
    parts = ", ".join(
        ngettext(*_COUNTED[status], count).format(number=count) for status, count in counts.items() if count
    )
    said = ngettext(
        "{number} thing to see to ({parts}): {names}.", "{number} things to see to ({parts}): {names}.", number
    )
    return said.format(number=number, parts=parts, names=names)


def draw(checks: Sequence[Check], terminal: Terminal) -> None:
    """Show the checks, and a line in the end.

    Raises:
        OutputError: they cannot be written.
    """
    if is_terminal(terminal.output):
        _draw_on_terminal(checks, terminal)
        terminal.explain(summary(checks))
    else:
        for each in checks:
            terminal.say(f"{_(_TITLES[each.name])}: {_(_STATUSES[each.status])}: {_line(each.message_here)}")
        terminal.say(summary(checks))


def _draw_on_terminal(checks: Sequence[Check], terminal: Terminal) -> None:
    from rich.console import Console

    width = min(columns_of(terminal.output), _WIDEST)
    console = Console(file=terminal.output, width=width, height=LINES, highlight=False, markup=False, emoji=False)
    with console.capture() as drawn:
        for each in _in_blocks(checks) if console.width < _NARROW else [_in_columns(checks)]:
            console.print(each)
        console.print()
    # Cells are filled up with spaces, which nobody wants to copy.
    terminal.draw("".join(f"{line.rstrip()}\n" for line in drawn.get().splitlines()))


def _in_columns(checks: Iterable[Check]) -> RenderableType:
    from rich.table import Table
    from rich.text import Text

    table = Table(_("Check"), _("Status"), _("What was found"), box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for check in checks:
        name = _(_TITLES[check.name])
        for part in check.parts:
            table.add_row(
                name, Text(_(_STATUSES[part.status]), _COLOURS[part.status]), Text(_lines(part), overflow="fold")
            )
            name = ""
    return table


def _in_blocks(checks: Iterable[Check]) -> Iterator[RenderableType]:
    from rich.padding import Padding
    from rich.text import Text

    for check in checks:
        yield Text.assemble(
            (_(_TITLES[check.name]), "bold"), ": ", (_(_STATUSES[check.status]), _COLOURS[check.status])
        )
        for part in check.parts:
            marked = check.status is not part.status and part.status in (Status.WARNING, Status.ERROR)
            start = f"{_(_STATUSES[part.status])}: " if marked else ""
            yield Padding(Text(start + _lines(part), overflow="fold"), (0, 0, 0, 2))


def _lines(part: Part) -> str:
    """What a part says, with its command in a line of its own, to be copied."""
    return _line(here(part.text)) if part.command is None else f"{_line(here(part.text))}:\n{_line(part.command)}"


def _line(text: str) -> str:
    """The text in one line that cannot steer the terminal."""
    return plain(" ".join(text.split()))
