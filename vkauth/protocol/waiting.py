"""How long VK asks to wait, as far as anybody would."""

from __future__ import annotations

from typing import Final

from vkauth.wire.json import Fields

__all__ = ["LONGEST_CODE_DELAY", "LONGEST_RETRY", "read_wait"]

LONGEST_RETRY: Final = 7 * 24 * 3600
"""Seconds. VK's own texts speak of hours (docs/vk.md, 1.7)."""

LONGEST_CODE_DELAY: Final = 24 * 3600
"""Seconds until a code may be sent again. One or two minutes have been seen (docs/vk.md, 1.10)."""


def read_wait(fields: Fields, name: str, *, longest: float) -> float | None:
    """Return the seconds to wait that a field holds, as a number or as digits.

    ``None`` if there is no such field, or if what it holds is no time from 0 to ``longest``.
    """
    seconds = fields.amount(name)
    return seconds if seconds is not None and 0 <= seconds <= longest else None
