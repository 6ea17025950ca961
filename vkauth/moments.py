"""When something ends, as a moment that is the same everywhere."""

from __future__ import annotations

from datetime import datetime, timedelta

__all__ = ["expiry", "require_moment"]


def expiry(expires_in: int, received_at: datetime) -> datetime | None:
    """When a token that lives ``expires_in`` seconds from ``received_at`` ends; ``None``: never."""
    if expires_in <= 0:
        return None
    try:
        return received_at + timedelta(seconds=expires_in)
    except OverflowError:  # so far away that the calendar has no date for it
        return None


def require_moment(name: str, value: object) -> None:
    """Check a date that may be ``None``.

    Raises:
        TypeError: it is no date; the message begins with ``name``.
        ValueError: it is a date without a time zone.
    """
    if value is None:
        return
    if not isinstance(value, datetime):
        raise TypeError(f"{name} must be datetime, not {type(value).__name__}")
    if value.utcoffset() is None:
        raise ValueError(f"{name} must be aware: without a time zone it is no moment")
