"""What keeps a question from being answered, and the answer from being written."""

from __future__ import annotations

__all__ = ["InputEndedError", "OutputError", "UnreadableInputError"]


class InputEndedError(Exception):
    """Nobody is there to answer: the input has ended."""


class UnreadableInputError(Exception):
    """What was typed or piped in is no answer, whatever it was to be.

    Args:
        message: says so to the person.
        english: the same for programs, which the library speaks English to; by default the message.
    """

    def __init__(self, message: str, english: str | None = None) -> None:
        super().__init__(message)
        self.english: str = message if english is None else english


class OutputError(Exception):
    """What was to be written cannot be; the message is for the person."""
