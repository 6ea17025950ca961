"""What a person is asked who is to bring a new token, in their language."""

from __future__ import annotations

from typing import Final

from vkauth.errors import AuthError
from vkauth.language import gettext
from vkauth.terminal.happened import what_happened
from vkauth.terminal.words import mark, sentence

__all__ = ["NEITHER", "question_after"]

NEITHER: Final = mark("this is neither a token nor an address")
"""What is wrong with an answer that is none."""
_QUESTION: Final = mark("A new token is needed: paste it, or the address of the page at the end of the login: ")
_OF: Final = mark("A new token is needed for {name}: paste it, or the address of the page at the end of the login: ")


def question_after(problem: AuthError | None, name: str | None) -> str:
    """The question, after a sentence that says why it is asked again.

    Args:
        problem: what was wrong with the last answer; ``None``: it is the first time.
        name: whose token it is, by the name of its record; ``None``: nobody knows.
    """
    question = gettext(_QUESTION) if name is None else gettext(_OF).format(name=name)
    if problem is None:
        return question
    what = gettext(NEITHER) if problem.summary == NEITHER else what_happened(problem)
    return f"{sentence(what)}\n{question}"
