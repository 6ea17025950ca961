"""Asking a person for the address at which their browser has ended."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from vkauth.browser.person import ask_address
from vkauth.cli.exits import InputEndedError, UsageError
from vkauth.cli.terminal import Terminal, is_terminal
from vkauth.errors import AuthError, AuthErrorCode
from vkauth.language import gettext as _
from vkauth.terminal.happened import what_happened
from vkauth.terminal.words import capital, mark

__all__ = ["MAX_ATTEMPTS", "PATIENCE", "QUESTION", "ask_for_address"]

MAX_ATTEMPTS: Final = 3
"""Wrong answers of each kind after which a login ends."""

PATIENCE: Final = 600.0
"""Seconds for the person at the browser: to log in there with a code by SMS takes some minutes."""

QUESTION: Final = mark("Whole address of the last page (not shown): ")
"""What is asked once it was told which address is wanted."""

# What was pasted is the address of another page, of an earlier login say: the right one may still come.
_ANOTHER: Final = (AuthErrorCode.UNEXPECTED_RESPONSE, AuthErrorCode.UNTRUSTED_REDIRECT, AuthErrorCode.STATE_MISMATCH)

_Found = TypeVar("_Found")


async def ask_for_address(
    terminal: Terminal,
    read: Callable[[str], _Found],
    paste: Callable[[], Awaitable[str]] | None = None,
) -> _Found:
    """Ask for the address of the last page until it is one, three times at most, and say what was wrong with others.

    Args:
        terminal: where the person is.
        read: reads what was pasted, and sends nothing; what it returns is returned.
        paste: asks for it. Default: the terminal does.

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
            left_it = _("no address was pasted, so the login has ended")
            nobody = _("nobody is there to paste the address: run the command in a terminal")
            raise wrong or UsageError(left_it if is_terminal(sys.stdin) else nobody) from None
        try:
            return read(pasted)
        except AuthError as error:
            if error.code not in _ANOTHER or not left:
                raise
            wrong = error
        message = what_happened(wrong)
        terminal.explain(
            _("{what}. Attempt {attempt} of {most}:").format(
                what=capital(message), attempt=MAX_ATTEMPTS - left + 1, most=MAX_ATTEMPTS
            )
        )
    raise AssertionError("the last attempt ends it")


async def _paste(terminal: Terminal) -> str:
    pasted = await terminal.answer_pasted(_(QUESTION))
    while not pasted and is_terminal(sys.stdin):  # Enter was pressed, and nothing pasted
        pasted = await terminal.answer_pasted(_(QUESTION))
    return pasted
