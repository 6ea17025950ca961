"""``modes``: who else on this machine could read the store's file, its side files, its folder and the key's file."""

from __future__ import annotations

import os
import shlex
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from vkauth.cli.commands.doctor.findings import Part, Status, both
from vkauth.cli.commands.doctor.said import capital, said
from vkauth.terminal.words import mark

__all__ = ["Entry", "judge", "look_at"]

_OTHERS: Final = 0o077
_ROOT: Final = 0
_STORE: Final = mark("the store")
_BESIDE: Final = {"-wal": mark("the store's -wal file"), "-shm": mark("the store's -shm file")}
_FOLDER: Final = mark("the store's folder")
_KEY: Final = mark("the key's file")


@dataclass(frozen=True, slots=True)
class Entry:
    """A file or a folder.

    Attributes:
        what: what it is to the store: a text of the catalogue.
        path: where it is, links followed.
        mode: its mode, as ``os.stat`` has it.
        owner: the number of its owner.
    """

    what: str
    path: str
    mode: int
    owner: int


def look_at(store: str | None, key: str | None) -> list[Entry]:
    """Look at the files that are there. Blocks.

    Args:
        store: the path of the store's file, if it is one.
        key: the path of the key's file, if it is in one.

    Raises:
        OSError: one cannot be looked at.
    """
    entries = []
    if store is not None and os.path.exists(path := os.path.realpath(store)):  # noqa: PTH110
        entries.append(_entry(_STORE, path))
        for end, what in _BESIDE.items():
            try:
                entries.append(_entry(what, f"{path}{end}"))
            except FileNotFoundError:  # there at times
                continue
        entries.append(_entry(_FOLDER, str(Path(path).parent)))
    if key is not None and os.path.exists(path := os.path.realpath(key)):  # noqa: PTH110
        entries.append(_entry(_KEY, path))
    return entries


def judge(entries: Iterable[Entry], me: int) -> Iterator[Part]:
    """Tell which of them are open to others, and how to close them.

    Args:
        entries: what was found.
        me: the number of the person.
    """
    seen, good = 0, True
    for seen, each in enumerate(entries, 1):  # noqa: B007 - it is counted
        for part in _judge(each, me):
            good = False
            yield part
    if not seen:
        yield both(Status.SKIPPED, said("There is no file yet."))
    elif good:
        yield both(Status.OK, said("The files and their folder are their owner's alone."))


def _entry(what: str, path: str) -> Entry:
    found = Path(path).stat()
    return Entry(what, path, found.st_mode, found.st_uid)


def _judge(entry: Entry, me: int) -> Iterator[Part]:
    is_folder = stat.S_ISDIR(entry.mode)
    bits, wanted = stat.S_IMODE(entry.mode), "700" if is_folder else "600"
    quoted = shlex.quote(entry.path)
    if entry.owner != me and not (is_folder and entry.owner == _ROOT):
        what = capital(said("{what} belongs to another user", what=said(entry.what)))
        yield Part(
            Status.WARNING,
            said("{what}, who can change it; run vkauth as that user, or make it yours", what=what),
            f"{what}.",
            f'sudo chown "$(id -un)" {quoted}',
        )
    elif bits & _OTHERS:
        what = said("Other users can get at {what} (mode {mode})", what=said(entry.what), mode=f"{bits:o}")
        if is_folder and bits & stat.S_ISVTX:  # /tmp is to stay open
            text = said("{what}; keep the store in a folder of its own, with --store.", what=what)
            yield Part(Status.WARNING, text, f"{what}.")
            return
        text = (
            said("{what}; keep the store in a folder of its own (--store), or close it", what=what)
            if is_folder
            else said("{what}; close it", what=what)
        )
        yield Part(Status.WARNING, text, f"{what}.", f"chmod {wanted} {quoted}")
