"""Looks for secrets where they must not be: in what objects show of themselves, in errors and in logs."""

from __future__ import annotations

import dataclasses
import json
import logging
import re
from collections.abc import Iterable, Iterator
from types import FrameType, TracebackType
from typing import Final
from urllib.parse import quote, quote_plus

from vkauth.secret import Secret

__all__ = ["LeakScanner"]

_SHORTEST: Final = 4
_SHORT: Final = 8  # up to here a secret may be part of an innocent number, so it has to stand alone


class LeakScanner:
    """Finds known secrets in texts that people see.

    A failed check names the place and the number of the secret, never the secret.

    Args:
        secrets: what must not be shown; those of fewer than four characters are not looked for.
        package: frames of this package's modules have their local variables looked at.
    """

    def __init__(self, secrets: Iterable[str] = (), *, package: str = "vkauth") -> None:
        self._patterns: list[re.Pattern[str]] = []
        self._package = package
        self.add(*secrets)

    def __repr__(self) -> str:
        return f"<LeakScanner of {len(self._patterns)} secrets>"

    def add(self, *secrets: str) -> None:
        """Look for these too."""
        for secret in map(str, secrets):
            if len(secret) < _SHORTEST:
                continue
            forms = {secret, quote(secret), quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1]}
            forms.add(repr(secret)[1:-1])
            text = "|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True))
            self._patterns.append(re.compile(rf"(?<!\w)(?:{text})(?!\w)" if len(secret) <= _SHORT else text))

    def scan(self, *objects: object, where: str = "") -> None:
        """Look at what objects show of themselves.

        Exceptions are looked at with what caused them, their notes and the local variables of the package's frames; log
        records with their arguments; lists, tuples, sets and mappings as they are printed.

        Raises:
            AssertionError: a secret is visible.
        """
        for item in objects:
            place = where or type(item).__name__
            if isinstance(item, BaseException):
                self._exception(item, place, set())
            elif isinstance(item, logging.LogRecord):
                self._record(item)
            elif isinstance(item, str) and not isinstance(item, Secret):
                self.text(item, place)
            else:
                self._shown(item, place)

    def records(self, records: Iterable[logging.LogRecord]) -> None:
        """Look at log records.

        Raises:
            AssertionError: a secret is visible.
        """
        for record in records:
            self._record(record)

    def text(self, text: str, where: str) -> None:
        """Look at a text.

        Raises:
            AssertionError: a secret is in it.
        """
        for number, pattern in enumerate(self._patterns, 1):
            if pattern.search(text):
                raise AssertionError(f"secret no. {number} is visible in {where}")

    def _shown(self, item: object, where: str) -> None:
        self.text(repr(item), f"repr() of {where}")
        self.text("%r" % (item,), f"%r of {where}")  # noqa: UP031 - it is one of the ways that is being looked at
        if not isinstance(item, Secret):  # a secret is ordinary text to those who use it on purpose
            self.text(str(item), f"str() of {where}")
            self.text(f"{item}", f"format() of {where}")
        if dataclasses.is_dataclass(item) and not isinstance(item, type):
            self.text(repr(dataclasses.asdict(item)), f"dataclasses.asdict() of {where}")

    def _record(self, record: logging.LogRecord) -> None:
        where = f"the log record {record.name}:{record.lineno}"
        self.text(str(record.msg), f"the message of {where}")
        arguments = record.args.values() if isinstance(record.args, dict) else record.args or ()
        for argument in arguments:
            self.text(repr(argument), f"an argument of {where}")
        self.text(logging.Formatter("%(message)s").format(record), f"the text of {where}")

    def _exception(self, error: BaseException, where: str, seen: set[int]) -> None:
        if id(error) in seen:
            return
        seen.add(id(error))
        self.text(repr(error), f"repr() of {where}")
        self.text(str(error), f"str() of {where}")
        for argument in error.args:
            self.text(repr(argument), f"an argument of {where}")
        for note in getattr(error, "__notes__", ()):
            self.text(str(note), f"a note of {where}")
        for name, value in vars(error).items():
            self.text(repr(value), f"attribute {name} of {where}")
        for frame in self._frames(error.__traceback__):
            for name, value in list(frame.f_locals.items()):
                self.text(_safe_repr(value), f"variable {name} of {frame.f_code.co_qualname}() under {where}")
        if isinstance(error, BaseExceptionGroup):
            for each in error.exceptions:
                self._exception(each, f"{type(each).__name__} in {where}", seen)
        for link in ("__cause__", "__context__"):
            other = getattr(error, link)
            if other is not None:
                self._exception(other, f"{type(other).__name__} ({link} of {where})", seen)

    def _frames(self, trace: TracebackType | None) -> Iterator[FrameType]:
        while trace is not None:
            module = trace.tb_frame.f_globals.get("__name__", "")
            inside = module == self._package or module.startswith(self._package + ".")
            if inside and not module.startswith(__name__.rpartition(".")[0]):  # the simulator holds made-up ones openly
                yield trace.tb_frame
            trace = trace.tb_next


def _safe_repr(value: object) -> str:
    try:
        return repr(value)
    except Exception as error:  # noqa: BLE001 - a half-made object in a traceback may not be able to show itself
        return type(error).__name__
