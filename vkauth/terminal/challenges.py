"""The hooks of a login at the terminal: a person reads the picture, opens the page, types the code."""

from __future__ import annotations

from typing import Final

from vkauth.callbacks import CallbackService, Captcha, TwoFactor
from vkauth.errors import AnswerRefused, AuthError, AuthErrorCode
from vkauth.language import gettext as _
from vkauth.protocol.endpoints import Endpoints
from vkauth.terminal.codes import AT_HAND, code_question, find_problem, without_gaps
from vkauth.terminal.happened import what_happened
from vkauth.terminal.lines import one_line
from vkauth.terminal.not_robot import NotRobot
from vkauth.terminal.picture_files import PictureFiles
from vkauth.terminal.terminal import Terminal
from vkauth.terminal.words import capital, duration, mark

__all__ = ["Challenges", "sent_how"]

_SENT: Final = {
    "sms": mark("VK sent a code by SMS"),
    "callreset": mark("VK calls: the code is the last digits of the number that calls"),
    "email": mark("VK sent a code by e-mail"),
    "push": mark("VK sent a code as a notification to another device"),
    "app": mark("VK wants the code of the authenticator application"),
    "reserve_code": mark("VK wants one of the account's reserve codes"),
    "libverify": mark("VK sent a code by SMS or call"),
}
_OTHER: Final = mark("VK wants a confirmation code")
_ON_REQUEST: Final = {"sms": mark("VK sends a code by SMS only when it is asked for")}
_OTHER_ON_REQUEST: Final = mark("VK sends a code only when it is asked for")


def sent_how(challenge: TwoFactor) -> str:
    """What to tell a person about a code that VK wants."""
    if challenge.sent:
        how = _(_SENT.get(challenge.type, _OTHER))
    else:
        how = _(_ON_REQUEST.get(challenge.type, _OTHER_ON_REQUEST))
    mask = "" if challenge.type in AT_HAND else one_line(challenge.phone_mask or "")
    where = f" ({mask})" if mask else ""
    return f"{how}{where}."


class Challenges:
    """Asks a person at the terminal.

    Args:
        terminal: where the person is.
        pictures: shows the captchas, or saves them.
        endpoints: VK's hosts.
    """

    def __init__(self, terminal: Terminal, pictures: PictureFiles, endpoints: Endpoints) -> None:
        self._terminal = terminal
        self._pictures = pictures
        self._not_robot = NotRobot(terminal, endpoints)
        self._told = ""

    def service(self) -> CallbackService:
        """The hooks, to be passed to an authorization."""
        service = CallbackService()
        service.on_captcha(self.captcha)
        service.on_two_factor(self.two_factor)
        return service

    async def captcha(self, captcha: Captcha) -> str:
        """Show a captcha and return what the person made of it.

        Raises:
            InputEndedError: nobody answers.
            AuthError: the picture cannot be had, or neither drawn nor saved, or the window with the page was closed or
                open for too long.
        """
        say = self._terminal.notice
        say(_("VK asks for a captcha.") if captcha.error is None else _refused(captcha.attempt, captcha.error))
        if captcha.kind == "redirect":
            return await self._not_robot.answer(captcha)
        picture = await captcha.image()
        drawn = self._pictures.show(picture)
        if not drawn:
            self._terminal.say(_("The picture is in {path}").format(path=self._pictures.save(picture)))
        question = _("Text of the picture (? saves it as a file): ") if drawn else _("Text of the picture: ")
        while True:
            text = await self._terminal.answer(question)
            if text == "?":
                self._save(picture)
                if captcha.audio_src:
                    self._terminal.say(_("The sound of it: {address}").format(address=captcha.audio_src))
            elif text:
                return text

    def _save(self, drawn: bytes) -> None:
        try:
            told = _("The picture is in {path}").format(path=self._pictures.save(drawn))
        except AuthError as error:  # it can still be read above
            told = what_happened(error) + "."
            told = capital(told)
        self._terminal.say(told)

    async def two_factor(self, challenge: TwoFactor) -> str:
        """Ask for a confirmation code and return it; ``r`` has it sent again.

        Raises:
            InputEndedError: nobody answers.
        """
        if challenge.error is not None:
            self._terminal.notice(_refused(challenge.attempt, challenge.error))
        if not challenge.sent and challenge.resend_in <= 0:
            await self._resend(challenge, None)  # none comes before it is asked for
        elif challenge.attempt == 1 or sent_how(challenge) != self._told:  # else it would look as if another code came
            self._tell_how(challenge)
        refused = None
        while True:
            text = await self._terminal.answer(code_question(challenge))
            command, _space, method = text.partition(" ")
            if command.lower() == "r":
                await self._resend(challenge, method.strip().lower() or None)
            elif code := without_gaps(text):
                problem = find_problem(code, challenge)
                if problem is None or code == refused:
                    return code
                self._terminal.explain(problem + " " + _("If it is right all the same, type it once more."))
                refused = code

    async def _resend(self, challenge: TwoFactor, method: str | None) -> None:
        say = self._terminal.notice
        if challenge.resend_in > 0:
            say(_not_before(challenge, challenge.resend_in))
            return
        if method is not None and challenge.methods and method not in challenge.methods:
            say(_("The ways are: {methods}.").format(methods=", ".join(challenge.methods)))
            return
        try:
            await challenge.resend(method)
        except AuthError as error:
            if error.code is AuthErrorCode.RATE_LIMITED and error.retry_after:
                say(_not_before(challenge, error.retry_after))
            else:
                say(_("No code was sent: {what}.").format(what=what_happened(error)))
            return
        self._tell_how(challenge)

    def _tell_how(self, challenge: TwoFactor) -> None:
        self._told = told = sent_how(challenge)
        if not challenge.sent:
            wait = duration(challenge.resend_in)
            told += " " + _("Type r for that, in {wait} at the earliest.").format(wait=wait)
        self._terminal.notice(told)


def _not_before(challenge: TwoFactor, wait: float) -> str:
    """That no code is sent so early."""
    if challenge.sent:
        return _("VK sends a code again in {wait} at the earliest.").format(wait=duration(wait))
    return _("VK sends a code in {wait} at the earliest.").format(wait=duration(wait))


def _refused(attempt: int, error: AuthError) -> str:
    message = what_happened(error)
    what = capital(message)
    left = error.attempts_left if isinstance(error, AnswerRefused) else None
    if left is None:
        return _("{what}. Attempt {attempt}:").format(what=what, attempt=attempt)
    return _("{what}. Attempt {attempt} of {most}:").format(what=what, attempt=attempt, most=attempt - 1 + left)
