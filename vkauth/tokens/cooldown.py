"""A pause after a renewal that failed: what is wrong must not be sent in a loop."""

from __future__ import annotations

from dataclasses import dataclass

from vkauth.clock import Clock
from vkauth.errors import AuthError
from vkauth.tokens.flight import Outcome
from vkauth.tokens.renewal import version_of
from vkauth.tokens.values import TokenRecord

__all__ = ["Cooldown"]


@dataclass(frozen=True, slots=True)
class _Failure:
    """A renewal that failed, and until when nobody asks again."""

    outcome: Outcome
    until: float
    version: int


class Cooldown:
    """Knows the last failure for a while.

    Args:
        seconds: how long, after one that does not pass by itself; 0: no failure is known at all.
        clock: where the time comes from.
    """

    def __init__(self, seconds: float, clock: Clock) -> None:
        self._seconds = seconds
        self._clock = clock
        self._failure: _Failure | None = None

    def begin(self, error: Exception, record: TokenRecord | None) -> None:
        """Remember a failure, and the record whose renewal it was."""
        wait = (error.retry_after or 0.0) if isinstance(error, AuthError) else 0.0
        # What the network does passes by itself.
        passes = error.retryable if isinstance(error, AuthError) else isinstance(error, OSError)
        seconds = wait if passes else max(wait, self._seconds)
        if self._seconds and seconds:
            self._failure = _Failure(Outcome(error), self._clock.monotonic() + seconds, version_of(record))

    def require_end(self, record: TokenRecord | None) -> None:
        """Let nobody renew this record too early.

        Raises:
            BaseException: the failure, where it was with this very record, and not long ago.
        """
        failure = self._failure
        if failure is not None and failure.version == version_of(record):
            if self._clock.monotonic() < failure.until:
                raise failure.outcome.fresh()
            self._failure = None

    def end(self) -> None:
        """Forget the failure: there is another token."""
        self._failure = None
