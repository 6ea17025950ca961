"""Asking a person for the address at which their browser has ended."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Collection
from typing import Final, TypeVar

from vkauth.browser.person import ask_address
from vkauth.cli.challenges import MAX_ATTEMPTS
from vkauth.cli.exits import InputEndedError, UsageError
from vkauth.cli.terminal import Terminal, is_terminal
from vkauth.errors import AuthError, AuthErrorCode

__all__ = ["PATIENCE", "QUESTION", "ask_for_address"]

PATIENCE: Final = 600.0
"""Seconds for the person at the browser: to log in there with a code by SMS takes some minutes."""

QUESTION: Final = "Its whole address (not shown): "
"""What is asked once it was told which address is wanted."""

_Found = TypeVar("_Found")


async def ask_for_address(
    terminal: Terminal,
    read: Callable[[str], _Found],
    paste: Callable[[], Awaitable[str]] | None = None,
    *,
    again: Collection[AuthErrorCode] = (AuthErrorCode.UNEXPECTED_RESPONSE,),
) -> _Found:
    """Ask for the address of the last page until it is one, three times at most, and say what was wrong with others.

    Args:
        terminal: where the person is.
        read: reads what was pasted; what it returns is returned.
        paste: asks for it. Default: the terminal does.
        again: the errors of ``read`` after which another address may do.

    Raises:
        AuthError: what ``read`` raised in the end; ``TIMEOUT`` if nobody pasted anything for ten minutes.
        UsageError: there is nobody to paste it.
    """
    ask = paste or (lambda: _paste(terminal))
    wrong: AuthError | None = None
    for left in reversed(range(MAX_ATTEMPTS)):
        try:
            pasted = await ask_address(ask, PATIENCE)
        except InputEndedError:
            raise wrong or UsageError("nobody is there to paste the address: run the command in a terminal") from None
        try:
            return read(pasted)
        except AuthError as error:
            if error.code not in again or not left:
                raise
            wrong = error
        message = " ".join(wrong.message.split()).rstrip(".")
        terminal.explain(f"{message[:1].upper()}{message[1:]}. Attempt {MAX_ATTEMPTS - left + 1} of {MAX_ATTEMPTS}:")
    raise AssertionError("the last attempt ends it")


async def _paste(terminal: Terminal) -> str:
    pasted = await terminal.answer_pasted(QUESTION)
    while not pasted and is_terminal(sys.stdin):  # Enter was pressed, and nothing pasted
        pasted = await terminal.answer_pasted(QUESTION)
    return pasted
