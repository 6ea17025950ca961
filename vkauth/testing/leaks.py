"""Looks for secrets where they must not be: in what objects show of themselves, in errors, in logs and output."""

from __future__ import annotations

import dataclasses
import logging
import re
from collections.abc import Callable, Iterable, Iterator
from types import FrameType, TracebackType
from typing import Final

from vkauth.secret import Secret
from vkauth.testing.known_secrets import KnownSecrets, follow_simulators
from vkauth.testing.spellings import fold, plain_readings

__all__ = ["LeakScanner"]

_SHORTEST: Final = 4
_SHORT: Final = 8  # up to here a secret may be part of an innocent number, so it has to stand alone
_ACCESS_LOG: Final = "aiohttp.access"
# What an application is told in the address that a person comes back to.
_COME_BACK: Final = re.compile(r"([?&](?:code|state|device_id|ext_id)=)[^&#\s\"']*")
# What the library hands secrets to while it works: below one of its frames, theirs are looked at as well.
_USED: Final = frozenset({"aiohttp", "asyncio", "bs4", "multidict", "yarl"})


class LeakScanner:
    """Finds secrets in texts that people see, however they are spelled there.

    A failed check names the place and what kind of secret it is, never the secret.

    Args:
        secrets: what must not be shown; those of fewer than four characters are not looked for.
        package: frames of this package's modules, and of the libraries that they call, have their local variables
            looked at.
    """

    def __init__(self, secrets: Iterable[str] = (), *, package: str = "vkauth") -> None:
        self._named: dict[str, str] = {}
        self._simulators: list[KnownSecrets] = []
        self._allowed: list[str] = []
        self._package = package
        self.add(*secrets)

    def __repr__(self) -> str:
        return f"<LeakScanner of {len(dict(self._secrets()))} secrets>"

    def add(self, *secrets: str) -> None:
        """Look for these too."""
        for secret in secrets:
            self._named.setdefault(fold(secret), f"secret no. {len(self._named) + 1}")

    def add_simulators(self) -> Callable[[], None]:
        """Look also for what simulators gave out or were given: those that run, and those made from now on.

        Returns:
            What ends the watch for new ones; what is known stays known.
        """

        def follow(known: KnownSecrets) -> None:
            if known not in self._simulators:
                self._simulators.append(known)

        return follow_simulators(follow)

    def allow(self, *texts: str) -> None:
        """Let these be shown, everywhere: a token that is printed on purpose, an address that a person is to open.

        Raises:
            TypeError: one is no text, the object that holds a token say.
        """
        for each in texts:
            if not isinstance(each, str):
                raise TypeError(f"allow() takes texts, not {type(each).__name__}: allow(token.token), say")
        self._allowed += [fold(each) for each in texts if each]

    def scan(self, *objects: object, where: str = "") -> None:
        """Look at what objects show of themselves.

        Exceptions are looked at with what caused them, their notes and the local variables of the package's frames; log
        records with their arguments; other objects as they are printed, and with ``vars()``.

        Raises:
            AssertionError: a secret is visible.
        """
        for given in objects:
            # What pytest.raises() gives holds the error.
            item = getattr(given, "value", given) if type(given).__name__ == "ExceptionInfo" else given
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

        In an address that the logger ``aiohttp.access`` writes down, a code, a state and VK ID's ``device_id`` and
        ``ext_id`` do not count: every web server logs where a person comes back, and they are spent then. Tokens count.

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
        readings = plain_readings(str(text))
        for allowed in self._allowed:
            readings = readings.replace(allowed, "")
        for secret, kind in self._secrets():
            if _stands_in(secret, readings):
                raise AssertionError(f"{kind} is visible in {where}")

    def _secrets(self) -> Iterator[tuple[str, str]]:
        known: list[Iterable[tuple[str, str]]] = [self._named.items(), *self._simulators]
        for source in known:
            for secret, kind in source:
                if len(secret) >= _SHORTEST:
                    yield secret, kind

    def _shown(self, item: object, where: str) -> None:
        self.text(repr(item), f"repr() of {where}")
        self.text("%r" % (item,), f"%r of {where}")  # noqa: UP031 - it is one of the ways that is being looked at
        if isinstance(item, Secret):
            return  # it is ordinary text to those who use it on purpose
        self.text(str(item), f"str() of {where}")
        self.text(f"{item}", f"format() of {where}")
        if dataclasses.is_dataclass(item) and not isinstance(item, type):
            self.text(repr(dataclasses.asdict(item)), f"dataclasses.asdict() of {where}")
        if hasattr(item, "__dict__") and not isinstance(item, type):
            self.text(_safe_repr(vars(item)), f"vars() of {where}")

    def _record(self, record: logging.LogRecord) -> None:
        where = f"the log record {record.name}:{record.lineno}"
        read = _without_callbacks if record.name == _ACCESS_LOG else str
        self.text(read(str(record.msg)), f"the message of {where}")
        arguments = record.args.values() if isinstance(record.args, dict) else record.args or ()
        for argument in arguments:
            self.text(read(repr(argument)), f"an argument of {where}")
        self.text(read(logging.Formatter("%(message)s").format(record)), f"the text of {where}")
        if record.exc_info and record.exc_info[1] is not None:
            self._exception(record.exc_info[1], f"the exception of {where}", set())

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
        testing = __name__.rpartition(".")[0]
        below = False
        while trace is not None:
            module = trace.tb_frame.f_globals.get("__name__", "")
            # The simulator holds its own secrets openly.
            inside = _is_in(module, self._package) and not _is_in(module, testing)
            below = below or inside
            if inside or (below and module.partition(".")[0] in _USED):
                yield trace.tb_frame
            trace = trace.tb_next


def _is_in(module: str, package: str) -> bool:
    return module == package or module.startswith(package + ".")


def _stands_in(secret: str, text: str) -> bool:
    if secret not in text:
        return False
    return len(secret) > _SHORT or re.search(rf"(?<!\w){re.escape(secret)}(?!\w)", text) is not None


def _without_callbacks(text: str) -> str:
    return _COME_BACK.sub(r"\1", text)


def _safe_repr(value: object) -> str:
    try:
        return repr(value)
    except Exception as error:  # noqa: BLE001 - a half-made object in a traceback may not be able to show itself
        return type(error).__name__
