"""``clock``: this machine's clock against VK's, and against the newest record of the store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from vkauth.cli.commands.doctor.findings import Part, Status, both
from vkauth.cli.commands.doctor.said import Said, counted, lasting, said

__all__ = ["Reading", "judge", "read_date"]

_WARNING, _ERROR = 30.0, 300.0  # seconds
_SET: Final = {
    "linux": "sudo timedatectl set-ntp true",
    "darwin": "sudo sntp -sS time.apple.com",
    "win32": "w32tm /resync",
}


@dataclass(frozen=True, slots=True)
class Reading:
    """What a server's clock showed.

    Attributes:
        ahead: seconds that this machine's clock is ahead of it.
        took: seconds that the answer took, of which nobody knows when the clock was read.
    """

    ahead: float
    took: float


def read_date(date: str | None, age: str | None, received_at: datetime, took: float) -> Reading | None:
    """Read the ``Date`` of an answer; ``None`` if it has none, or if the answer (of this ``Age``) was stored meanwhile.

    Args:
        date, age: the headers.
        received_at: what this machine's clock showed (aware).
        took: seconds between the request and then.
    """
    if date is None or age not in (None, "0"):
        return None
    try:
        shown = parsedate_to_datetime(date)
    except (ValueError, TypeError, OverflowError):
        return None
    if shown.tzinfo is None:
        shown = shown.replace(tzinfo=UTC)
    return Reading((received_at - shown).total_seconds(), took)


def judge(readings: Iterable[Reading], newest: datetime | None, now: datetime, platform: str) -> Iterator[Part]:
    """Tell how wrong the clock is.

    Args:
        readings: what VK's clocks showed.
        newest: when the newest record of the store was saved, if there is one.
        now: this machine's time.
        platform: ``sys.platform``: how the clock is set there.
    """
    how = _SET.get(platform)
    end = "." if how is None else ""
    best = min(readings, key=lambda each: each.took, default=None)
    if best is None:
        yield both(Status.SKIPPED, said("VK's clock was not asked, or did not answer."))
    else:
        # When within that time the clock was read is not known, so it counts for what is right.
        off = max(abs(best.ahead) - best.took, 0.0)
        wrong = (
            said("This machine's clock is {time} ahead of VK's", time=_words(off))
            if best.ahead > 0
            else said("This machine's clock is {time} behind VK's", time=_words(off))
        )
        if off < _WARNING:
            yield both(Status.OK, said("This machine's clock agrees with VK's."))
        else:
            yield both(
                Status.ERROR if off >= _ERROR else Status.WARNING,
                said("{wrong}, so that tokens seem to end at the wrong time; set it{end}", wrong=wrong, end=end),
                how,
            )
    if newest is not None:
        off = (newest - now).total_seconds()
        if off < _WARNING:
            # Without VK's clock that is not to say that this one is right.
            status = Status.SKIPPED if best is None else Status.OK
            yield both(status, said("No record of the store comes from the future."))
        else:
            yield both(
                Status.ERROR if off >= _ERROR else Status.WARNING,
                said(
                    "The newest record of the store was saved {time} from now: the clock was set back, or that of the "
                    "machine that saved it is wrong; set it{end}",
                    time=_words(off),
                    end=end,
                ),
                how,
            )


def _words(seconds: float) -> Said:
    days = seconds / 86400
    return counted("{number} day", "{number} days", round(days)) if days > 2 else lasting(seconds)
