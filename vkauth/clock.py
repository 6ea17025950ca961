"""The time, in one replaceable object."""

from __future__ import annotations

import time
from datetime import UTC, datetime

__all__ = ["Clock"]


class Clock:
    """The machine's clocks. Tests pass one that stands still."""

    def monotonic(self) -> float:
        """Seconds that never go back, for measuring."""
        return time.monotonic()

    def now(self) -> datetime:
        """The date and time (aware, UTC)."""
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        """Let so many seconds go by."""
        import asyncio  # whoever wants the time alone needs no event loop

        await asyncio.sleep(seconds)
