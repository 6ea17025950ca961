"""Whether a token can be used a while longer, by two clocks: one that knows the date, and one that never goes back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from vkauth.clock import Clock
from vkauth.tokens.values import StoredToken, TokenRecord

__all__ = ["Kept", "has_ended", "keep", "life_of"]


@dataclass(frozen=True, slots=True)
class Kept:
    """A record in memory, and until when its token is handed out.

    Attributes:
        record: as it is in the store.
        until: by the date; ``None``: for ever.
        steady_until: by the clock that never goes back, so that setting the date back prolongs nothing.
    """

    record: TokenRecord
    until: datetime | None
    steady_until: float | None

    def is_fresh(self, clock: Clock) -> bool:
        """Whether its token can be handed out now."""
        if self.until is None or self.steady_until is None:
            return True
        return clock.now() < self.until and clock.monotonic() < self.steady_until


def life_of(token: StoredToken, issued_at: datetime) -> float | None:
    """How many seconds a token lives in all; ``None``: it does not end.

    Args:
        token: the token.
        issued_at: when it was issued, for one that does not say how long it lives.
    """
    if token.expires_at is None:
        return None
    return float(token.expires_in or max(0.0, (token.expires_at - issued_at).total_seconds()))


def has_ended(token: StoredToken, now: datetime) -> bool:
    """Whether a token can be used no more at all."""
    return token.expires_at is not None and token.expires_at <= now


def keep(record: TokenRecord, margin: float, clock: Clock, before: Kept | None) -> Kept:
    """Tell until when the token of a record is handed out.

    Args:
        record: what was read or written just now.
        margin: seconds for which a token must be good; for one that lives shorter than twice as long, half its life.
        clock: the two clocks.
        before: what was in memory: of the same token it says when it ends, whatever the date is by now.
    """
    token = record.token
    life = life_of(token, record.saved_at)
    if life is None or token.expires_at is None:
        return Kept(record, None, None)
    margin = min(margin, life / 2)
    # Of a life more than all of it cannot be left: where it seems so the date was set back.
    left = min((token.expires_at - clock.now()).total_seconds(), life) - margin
    steady = clock.monotonic() + left
    if before is not None and before.steady_until is not None and before.record.token.token == token.token:
        steady = min(steady, before.steady_until)
    return Kept(record, _earlier(token.expires_at, margin), steady)


def _earlier(moment: datetime, seconds: float) -> datetime:
    from datetime import timedelta

    try:
        return moment - timedelta(seconds=seconds)
    except OverflowError:  # there was no such date
        return moment
