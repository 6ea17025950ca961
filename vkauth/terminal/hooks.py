"""Ready hooks of a program in a terminal: who is there is asked for captchas, codes and addresses.

They speak Russian where the person's locale is Russian, and English otherwise. Errors are English always.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from vkauth.callbacks import Captcha, TwoFactor
from vkauth.errors import AuthError, AuthErrorCode
from vkauth.language import gettext
from vkauth.protocol.endpoints import Endpoints
from vkauth.terminal.challenges import Challenges
from vkauth.terminal.ends import InputEndedError, UnreadableInputError
from vkauth.terminal.happened import what_happened
from vkauth.terminal.picture_files import PictureFiles
from vkauth.terminal.terminal import is_terminal
from vkauth.terminal.threaded import ThreadedTerminal, pass_by
from vkauth.terminal.words import mark, sentence

__all__ = ["TerminalHooks", "ask_in_terminal", "paste_in_terminal", "turn"]

_QUEUE: Final[list[_Place]] = []
"""Who has the terminal, and then who waits for it: there is one, whatever number of logins, event loops and threads.

It is read and changed in single steps, without a lock: a question that was left in a loop goes in whatever thread and
at whatever moment Python collects it.
"""
_LOOK_UP: Final = 0.05
"""Seconds after which it is looked whether the terminal is free."""

if sys.platform != "win32":
    os.register_at_fork(after_in_child=_QUEUE.clear)  # whoever waits there is the parent's

_QUESTION: Final = mark("Address of the page at the end (not shown): ")
_ANEW: Final = mark("begin again, and answer the question")
_OPEN: Final = mark("No browser was found here. Open this address in one, and log in there:")


class _Place:
    """One in the queue. Whose loop does not run, closed or left by Ctrl-C, has nobody who would be asked."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()


class TerminalHooks:
    """Asks whoever sits at the terminal for captchas and codes, one at a time.

    Args:
        endpoints: the hosts of the login.
    """

    def __init__(self, endpoints: Endpoints) -> None:
        self._endpoints = endpoints
        self._made: tuple[Challenges, PictureFiles] | None = None

    async def captcha(self, captcha: Captcha) -> str:
        """Return what the person made of a captcha. Its picture is removed with the question.

        What a killed program has left is removed at the beginning of the next one.

        Raises:
            AuthError: ``MISSING_CAPTCHA_HANDLER`` if nobody is there to answer, ``ACCESS_DENIED`` if they ended the
                question, or closed the window; what the fetching of the picture ended in; ``TIMEOUT`` of a window.
        """
        async with turn(AuthErrorCode.MISSING_CAPTCHA_HANDLER, "the captcha", captcha.redirect_uri):
            challenges, pictures = self._make()
            with pictures:
                return await challenges.captcha(captcha)

    async def two_factor(self, challenge: TwoFactor) -> str:
        """Return the code that the person typed; ``r`` has it sent again.

        Raises:
            AuthError: ``MISSING_TWO_FACTOR_HANDLER`` if nobody is there to answer, ``ACCESS_DENIED`` if they ended the
                question.
        """
        async with turn(AuthErrorCode.MISSING_TWO_FACTOR_HANDLER, "the confirmation code"):
            challenges, _ = self._make()
            return await challenges.two_factor(challenge)

    def _make(self) -> tuple[Challenges, PictureFiles]:
        """Look at the terminal when it is first needed, not when the program begins."""
        if self._made is None:
            terminal = ThreadedTerminal()
            pictures = _pictures(terminal)
            self._made = Challenges(terminal, pictures, self._endpoints), pictures
        return self._made


async def ask_in_terminal(question: str) -> str:
    """Ask whoever sits at the terminal, and return the line that they typed, without spaces around it.

    For hooks of one's own: other than ``input()`` in a thread it ends with the login, and with Ctrl-C.

    Raises:
        AuthError: ``ACCESS_DENIED`` if the input ends instead.
    """
    async with turn(AuthErrorCode.ACCESS_DENIED, "the question"):
        return await ThreadedTerminal().answer(question)


async def paste_in_terminal(error: AuthError | None = None) -> str:
    """Ask whoever sits at the terminal for the address that their browser came to: ``run(paste=paste_in_terminal)``.

    However long it is, it is read as a whole, and it is not shown. Without a terminal a line of the input is read.

    Args:
        error: what is told first: why the last address was refused, or that no browser was found, with the address to
            open in ``redirect_uri``. ``run()`` gives it.

    Raises:
        AuthError: ``ACCESS_DENIED`` if the input ends instead.
    """
    async with turn(AuthErrorCode.ACCESS_DENIED, "the question for the address"):
        terminal = ThreadedTerminal()
        if error is not None:
            _tell(terminal, error)
        while True:
            pasted = await terminal.answer_pasted(gettext(_QUESTION))
            if pasted or not is_terminal(sys.stdin):
                return pasted


def _tell(terminal: ThreadedTerminal, error: AuthError) -> None:
    if error.redirect_uri is None:
        what = what_happened(error)
        terminal.explain(sentence(what))
        return
    terminal.explain(gettext(_OPEN))
    terminal.say(f"  {error.redirect_uri}")


def _pictures(terminal: ThreadedTerminal) -> PictureFiles:
    try:
        from vkauth.terminal.pictures import Pictures
    except ImportError:  # the extra is not installed
        return PictureFiles()
    return Pictures(terminal)


@asynccontextmanager
async def turn(missing: AuthErrorCode, what: str, redirect_uri: str | None = None) -> AsyncIterator[None]:
    """Have the terminal to oneself.

    Args:
        missing: the code of the error where nobody is there.
        what: is asked for, as errors say it.
        redirect_uri: the errors'.

    Raises:
        AuthError: ``ACCESS_DENIED`` if the person ended the question there, ``missing`` if nobody is there.
    """
    mine, details = _Place(), dict[str, str]()
    _QUEUE.append(mine)
    try:
        stood: list[_Place] = []
        while ahead := [*itertools.takewhile(lambda each: each is not mine, (*_QUEUE,))]:
            standing = [each for each in ahead if not each.loop.is_running()]
            # Between two runs asyncio's own loops stand for a moment.
            if len(standing) == len(ahead) and all(each in stood for each in ahead):
                for each in ahead:
                    pass_by(each.loop)
                break
            stood = standing
            await asyncio.sleep(_LOOK_UP)  # they may be of another thread, with another loop
        yield
    except InputEndedError:
        if is_terminal(sys.stdin):
            code, message = AuthErrorCode.ACCESS_DENIED, f"{what} was not answered: the input was ended at the terminal"
            details["hint"] = _ANEW
        else:
            code, message = missing, f"nobody is there to answer {what}: the input has ended, and is no terminal"
    except UnreadableInputError as error:
        code, message = missing, error.english
    else:
        return
    finally:
        if mine in _QUEUE:  # in a process made by fork() it is empty
            _QUEUE.remove(mine)
    raise AuthError(code, message, redirect_uri=redirect_uri, details=details) from None
