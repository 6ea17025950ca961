"""A report that can be shown to anybody: made of what the checks hold to be public, and of nothing else."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from vkauth.cli.commands.doctor.environment import surroundings
from vkauth.cli.commands.doctor.examination import Examination
from vkauth.cli.exits import OutputError, UsageError
from vkauth.cli.files import write_private
from vkauth.language import gettext as _

__all__ = ["make_report", "require_place", "write_report"]

_HEADING: Final = "# A report of vkauth doctor"
_KINDS: Final = {"file": "a SQLite file", "server": "a Redis server", "unknown": "unknown"}


def make_report(found: Examination, environment: Mapping[str, str]) -> str:
    """The report, as Markdown."""
    return "\n".join(_lines(found, environment)) + "\n"


def _lines(found: Examination, environment: Mapping[str, str]) -> Iterator[str]:
    yield _HEADING
    yield ""
    yield "What happened, and what should have happened instead:"
    yield ""
    yield "(write it here)"
    yield ""
    yield "## Checks"
    yield ""
    yield "| check | status | what was found |"
    yield "| --- | --- | --- |"
    for each in found.checks:
        yield f"| {each.name} | {each.status} | {_cell(each.public)} |"
    yield ""
    yield "## Surroundings"
    yield ""
    for name, value in surroundings(environment):
        yield f"- {name}: {value}"
    yield f"- Store: {_KINDS[found.store]}, {'not sealed' if found.seal is None else f'sealed, key: {found.seal}'}"
    yield ""
    if found.states:
        yield "## Records"
        yield ""
        yield "| kind | state | number |"
        yield "| --- | --- | --- |"
        for (kind, state), number in sorted(found.states.items()):
            yield f"| {kind} | {state} | {number} |"
        yield ""
    if found.sample is not None:
        yield "## The page that was not understood"
        yield ""
        yield "Its structure; of every text and value there is only the kind and the length."
        yield ""
        yield "~~~~html"
        yield found.sample.replace("~~~", "")
        yield "~~~~"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def require_place(path: Path) -> None:
    """See that a report can be written to ``path``, before anything is done for it.

    Raises:
        UsageError: it cannot, or there is something else than a report.
    """
    try:
        _require_place(path)
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        reason = getattr(error, "strerror", None) or _("not a name")
        raise UsageError(
            _("--report: it cannot be written there ({reason}): name another file").format(reason=reason)
        ) from None


def _require_place(path: Path) -> None:
    try:
        status = path.stat()
    except FileNotFoundError:
        if path.is_symlink():
            raise UsageError(_("--report: this is a link that leads to no file: name another file")) from None
    else:
        if not stat.S_ISREG(status.st_mode):
            raise UsageError(_("--report: this is no ordinary file: name another one"))
        with path.open("rb") as file:
            start = file.read(len(_HEADING) + 1)
        if start != f"{_HEADING}\n".encode():
            raise UsageError(_("--report: this file is there and no report; it stays as it is: name another file"))
    # What may be written is known by writing: no mode tells that a disk can only be read.
    with tempfile.TemporaryFile(dir=os.path.realpath(path.parent)):
        pass


def write_report(path: Path, text: str) -> None:
    """Write it, for its owner alone.

    Raises:
        OutputError: it cannot be written.
    """
    try:
        write_private(path, text)
    except OSError as error:
        raise OutputError(_("the report could not be written ({reason})").format(reason=error.strerror)) from None
