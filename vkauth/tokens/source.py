"""Where a program has its token from."""

from __future__ import annotations

from typing import Protocol

from vkauth.tokens.values import AnyToken, StoredToken, hide_token

__all__ = ["StaticTokenSource", "TokenSource"]


class TokenSource(Protocol):
    """Gives a token whenever one is needed."""

    async def get(self) -> StoredToken:
        """Return the token to use now."""
        ...


class StaticTokenSource:
    """Always the same token.

    Args:
        token: whatever :meth:`StoredToken.of` takes.

    Raises:
        TypeError, ValueError: it is something else.
    """

    def __init__(self, token: AnyToken) -> None:
        token = hide_token(token)
        self._token = StoredToken.of(token)

    def __repr__(self) -> str:
        token = getattr(self, "_token", None)  # the argument may be wrong: a traceback shows what is half made too
        return f"<StaticTokenSource of a {'' if token is None else token.kind} token>"

    async def get(self) -> StoredToken:
        """Return the token."""
        return self._token
