"""What a check found: for the person who runs it, and apart from that for a report which strangers read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from vkauth.cli.commands.doctor.said import here

__all__ = ["Check", "Part", "Status", "both", "plural"]


class Status(StrEnum):
    """How a check ended."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"
    SKIPPED = "skipped"


_WORST_FIRST: Final = (Status.ERROR, Status.WARNING, Status.OK, Status.SKIPPED)


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that was found.

    Attributes:
        status: how good or bad it is.
        text: what it is and what to do about it, for the person whose machine it is; without secrets. It is a sentence,
            or the beginning of one that ends with ``command``. The person is shown what it says here, see
            :class:`~vkauth.cli.commands.doctor.said.Said`; programs its English.
        public: what strangers may know of it: no name, address, path or number of the person's; empty: nothing.
        command: what to run, for a shell.
    """

    status: Status
    text: str
    public: str
    command: str | None = None

    @property
    def sentence(self) -> str:
        """The text with the command, in English."""
        return str(self.text) if self.command is None else f"{self.text}: `{self.command}`."

    @property
    def sentence_here(self) -> str:
        """The same in the person's language."""
        return here(self.text) if self.command is None else f"{here(self.text)}: `{self.command}`."


def both(status: Status, text: str, command: str | None = None) -> Part:
    """A part of which strangers may know all."""
    return Part(status, text, Part(status, text, "", command).sentence, command)


@dataclass(frozen=True, slots=True)
class Check:
    """What one check found.

    Attributes:
        name: the check's.
        parts: what it found; at least one.
    """

    name: str
    parts: tuple[Part, ...]

    @property
    def status(self) -> Status:
        """The worst of its parts."""
        found = {part.status for part in self.parts}
        return next(status for status in _WORST_FIRST if status in found)

    @property
    def message(self) -> str:
        """What was found and what to do about it, in English sentences."""
        return " ".join(part.sentence for part in self.parts)

    @property
    def message_here(self) -> str:
        """The same in the person's language."""
        return " ".join(part.sentence_here for part in self.parts)

    @property
    def public(self) -> str:
        """The message for strangers."""
        return " ".join(part.public for part in self.parts if part.public)

    @staticmethod
    def count(checks: Iterable[Check], status: Status) -> int:
        """How many of them have this status."""
        return sum(check.status is status for check in checks)


def plural(number: int, thing: str) -> str:
    """``1 record``, ``2 records``: for what is English always."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
