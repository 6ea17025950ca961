"""The hooks of a login at the terminal: a person reads the picture, opens the page, types the code."""

from __future__ import annotations

from typing import Final

from vkauth.callbacks import CallbackService, Captcha, TwoFactor
from vkauth.cli.exits import duration
from vkauth.cli.not_robot import NotRobot
from vkauth.cli.pictures import Pictures
from vkauth.cli.terminal import Terminal
from vkauth.errors import AuthError, AuthErrorCode
from vkauth.protocol.endpoints import Endpoints

__all__ = ["MAX_ATTEMPTS", "Challenges", "sent_how"]

MAX_ATTEMPTS: Final = 3
"""Wrong answers of each kind after which a login ends."""

_SENT: Final = {
    "sms": "VK sent a code by SMS",
    "callreset": "VK calls: the code is the last digits of the number that calls",
    "email": "VK sent a code by e-mail",
    "push": "VK sent a code as a notification to another device",
    "app": "VK wants the code of the authenticator application",
    "reserve_code": "VK wants one of the account's reserve codes",
    "libverify": "VK sent a code by SMS or call",
}
_AT_HAND: Final = frozenset({"app", "reserve_code"})


def sent_how(challenge: TwoFactor) -> str:
    """What to tell a person about a code that VK wants."""
    how = _SENT.get(challenge.type, "VK wants a confirmation code")
    where = f" ({challenge.phone_mask})" if challenge.phone_mask and challenge.type not in _AT_HAND else ""
    return f"{how}{where}."


class Challenges:
    """Asks a person at the terminal.

    Args:
        terminal: where the person is.
        pictures: shows the captchas.
        endpoints: VK's hosts.
    """

    def __init__(self, terminal: Terminal, pictures: Pictures, endpoints: Endpoints) -> None:
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
            AuthError: the picture cannot be had, or the window with the page was closed or open for too long.
        """
        say = self._terminal.say
        say("VK asks for a captcha." if captcha.error is None else _refused(captcha.attempt, captcha.error))
        if captcha.kind == "redirect":
            return await self._not_robot.answer(captcha)
        picture = await captcha.image()
        drawn = self._pictures.show(picture)
        if not drawn:
            say(f"The picture is in {self._pictures.save(picture)}")
        question = "Text of the picture (? saves it as a file): " if drawn else "Text of the picture: "
        while True:
            text = await self._terminal.answer(question)
            if text == "?":
                say(f"The picture is in {self._pictures.save(picture)}")
                if captcha.audio_src:
                    say(f"The sound of it: {captcha.audio_src}")
            elif text:
                return text

    async def two_factor(self, challenge: TwoFactor) -> str:
        """Ask for a confirmation code and return it; ``r`` has it sent again.

        Raises:
            InputEndedError: nobody answers.
        """
        if challenge.error is not None:
            self._terminal.say(_refused(challenge.attempt, challenge.error))
        if not challenge.sent and challenge.resend_in <= 0:
            await self._resend(challenge, None)  # no SMS comes before it is asked for
        elif sent_how(challenge) != self._told:  # else it would look as if another code came
            self._tell_how(challenge)
        while True:
            text = await self._terminal.answer(_code_question(challenge))
            command, _, method = text.partition(" ")
            if command.lower() == "r":
                await self._resend(challenge, method.strip().lower() or None)
            elif text:
                return text

    async def _resend(self, challenge: TwoFactor, method: str | None) -> None:
        say = self._terminal.say
        if challenge.resend_in > 0:
            say(f"VK sends a code again in {duration(challenge.resend_in)} at the earliest.")
            return
        if method is not None and challenge.methods and method not in challenge.methods:
            say(f"The ways are: {', '.join(challenge.methods)}.")
            return
        try:
            await challenge.resend(method)
        except AuthError as error:
            if error.code is AuthErrorCode.RATE_LIMITED and error.retry_after:
                say(f"VK sends a code again in {duration(error.retry_after)} at the earliest.")
            else:
                say(f"No code was sent: {error.message}.")
            return
        self._tell_how(challenge)

    def _tell_how(self, challenge: TwoFactor) -> None:
        self._told = sent_how(challenge)
        self._terminal.say(self._told)


def _refused(attempt: int, error: AuthError) -> str:
    message = " ".join(error.message.split()).rstrip(".")
    what = message[:1].upper() + message[1:]
    return f"{what}. Attempt {attempt} of {MAX_ATTEMPTS}:"


def _code_question(challenge: TwoFactor) -> str:
    notes = []
    if challenge.code_length:
        notes.append(f"{challenge.code_length} characters")
    wait = challenge.resend_in
    other = challenge.type in _AT_HAND or challenge.type == "callreset"
    again = "send it by SMS instead" if other else "send it again"
    if challenge.can_resend:
        ways = f", or one of {', '.join(f'r {name}' for name in challenge.methods)}" if challenge.methods else ""
        notes.append(f"r: {again}{ways}")
    elif wait > 0:
        notes.append(f"r: {again}, in {duration(wait)}")
    return f"Code ({'; '.join(notes)}): " if notes else "Code: "
