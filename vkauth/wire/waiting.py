"""How long a service asks to wait, as far as anybody would."""

from __future__ import annotations

from typing import Final

from vkauth.wire.http import Response
from vkauth.wire.json import Fields

__all__ = ["LONGEST_RETRY", "read_wait", "retry_after"]

LONGEST_RETRY: Final = 7 * 24 * 3600
"""Seconds. Services speak of minutes and hours; whoever says more does not mean it."""


def read_wait(fields: Fields, name: str, *, longest: float) -> float | None:
    """Return the seconds to wait that a field holds, as a number or as digits.

    ``None`` if there is no such field, or if what it holds is no time from 0 to ``longest``.
    """
    seconds = fields.amount(name)
    return seconds if seconds is not None and 0 <= seconds <= longest else None


def retry_after(response: Response) -> float | None:
    """Seconds to wait, by the ``Retry-After`` header (RFC 9110, 10.2.3). The form with a date is not read."""
    return read_wait(Fields(response.headers), "retry-after", longest=LONGEST_RETRY)
