"""What a new token says nothing of, and the old one knows."""

from __future__ import annotations

from dataclasses import replace

from vkauth.tokens.values import StoredToken

__all__ = ["carry_over"]


def carry_over(old: StoredToken | None, new: StoredToken, *also: str) -> StoredToken:
    """Return ``new`` with what it leaves out and ``old`` has: what a program keeps with it, and the application.

    Args:
        old: the token before; ``None``: there was none.
        new: the token that takes its place. What it says itself stays; an application is that of one kind of token.
        also: names of other fields that are kept, as both are tokens of the same login.
    """
    if old is None:
        return new
    names = set(also)
    if new.kind is old.kind and new.provider in (None, old.provider):
        names |= {"client_id", "provider"}
    kept = {name: getattr(old, name) for name in names if getattr(new, name) is None}
    return replace(new, extra=new.extra or old.extra, **kept)
