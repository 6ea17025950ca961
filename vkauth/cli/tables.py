"""Tables on the terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from typing import Final

from vkauth.cli.terminal import Terminal, is_terminal, plain
from vkauth.terminal.styles import LINES, columns_of

__all__ = ["draw_table"]

_AS_LONG_AS_IT_IS: Final = 100_000
"""Columns that no table has: nothing in it is cut to fit."""

_GAP: Final = 2
"""Columns between two cells."""


def draw_table(
    terminal: Terminal, columns: Sequence[str], rows: Iterable[Sequence[str]], *, wrap: bool = False
) -> None:
    """Draw a table.

    Args:
        terminal: where.
        columns: what is above them.
        rows: what is in them. No cell can look like another one, or steer the terminal.
        wrap: whether cells are folded to the width of the terminal; else lines are as long as they are, and on a
            terminal that is too narrow for them every row has lines of its own instead.

    Raises:
        OutputError: it cannot be written, and has to be.
    """
    told = [[plain(" ".join(each.split())) for each in row] for row in rows]
    width = columns_of(terminal.output)
    if wrap or not is_terminal(terminal.output) or _width([columns, *told]) <= width:
        lines = _table(terminal, columns, told, wrap=wrap)
    else:
        lines = _blocks(columns, told, width)
    terminal.draw("".join(f"{line}\n" for line in lines))


def _width(rows: Sequence[Sequence[str]]) -> int:
    from rich.cells import cell_len

    return sum(max(map(cell_len, column)) + _GAP for column in zip(*rows, strict=True)) - _GAP


def _table(terminal: Terminal, columns: Sequence[str], rows: Iterable[Sequence[str]], *, wrap: bool) -> list[str]:
    from rich.console import Console
    from rich.table import Table

    table = Table(*columns, box=None, pad_edge=False, padding=(0, _GAP, 0, 0))
    for row in rows:
        table.add_row(*row)
    console = Console(
        file=terminal.output,
        width=columns_of(terminal.output) if wrap else _AS_LONG_AS_IT_IS,
        height=LINES,
        highlight=False,
        markup=False,
        emoji=False,
    )
    with console.capture() as drawn:
        console.print(table, soft_wrap=not wrap)
    return [line.rstrip() for line in drawn.get().splitlines()]


def _blocks(columns: Sequence[str], rows: Iterable[Sequence[str]], width: int) -> list[str]:
    """The rows below each other: the first cell of each alone, the others below it, folded between words."""
    names = max(map(len, columns[1:])) + _GAP
    lines: list[str] = []
    for first, *others in rows:
        lines.append(first)
        for name, cell in zip(columns[1:], others, strict=True):
            start = f"  {name.ljust(names)}"
            lines += textwrap.wrap(
                start + cell,
                max(width, len(start) + 1),
                subsequent_indent=" " * len(start),
                break_long_words=False,
                break_on_hyphens=False,
            )
    return lines
