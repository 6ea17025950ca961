"""How API methods refuse."""

from __future__ import annotations

__all__ = ["ApiError"]


class ApiError(Exception):
    """An error as API methods word it.

    Attributes:
        code: its number.
        words: its message.
        more: further keys of the error object.
    """

    def __init__(self, code: int, words: str, **more: object) -> None:
        super().__init__(f"{code}: {words}")
        self.code = code
        self.words = words
        self.more = more
