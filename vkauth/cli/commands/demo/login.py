"""``vkauth demo``: a login to a simulated VK, step by step, through a captcha and a code by SMS."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

import vkauth
from vkauth.cli.terminal import Terminal
from vkauth.language import gettext as _
from vkauth.secret import mask

if TYPE_CHECKING:
    from vkauth.terminal.pictures import Pictures

__all__ = ["run"]

_LOGIN: Final = "+79990000001"
_PASSWORD: Final = "sample-password"


def run(terminal: Terminal, *, by_itself: bool) -> None:
    """Show a login from its beginning to the token.

    Raises:
        AuthError: the person answered wrongly too often.
        OutputError: it cannot be shown.
    """
    from vkauth.terminal.pictures import Pictures

    with Pictures(terminal) as pictures:
        terminal.run(_Demo(terminal, pictures, by_itself=by_itself).run)


class _Demo:
    """The person of the demo: knows what the simulator knows, so that it can answer where nobody does."""

    def __init__(self, terminal: Terminal, pictures: Pictures, *, by_itself: bool) -> None:
        self._terminal = terminal
        self._pictures = pictures
        self._by_itself = by_itself

    async def run(self) -> None:
        from vkauth.testing import VKSimulator

        say = self._terminal.notice
        async with VKSimulator(seed=None) as vk:
            self._vk = vk
            code = f"{secrets.randbelow(10**6):06}"
            person = vk.add_account(login=_LOGIN, password=_PASSWORD, captcha="image", two_factor="sms", code=code)
            say(_("A simulated VK runs at {base_url}: nothing leaves this machine.").format(base_url=vk.base_url))
            say(
                _("{first_name} {last_name} logs in there with {login} and the password {password!r}.").format(
                    first_name=person.first_name, last_name=person.last_name, login=_LOGIN, password=_PASSWORD
                )
            )
            say()
            service = vkauth.CallbackService()
            service.on_captcha(self._captcha)
            service.on_two_factor(self._two_factor)
            token = await vkauth.DirectAuthorization(
                **vkauth.official_app_credentials.android,
                callback_service=service,
                login=_LOGIN,
                password=_PASSWORD,
                answer_timeout=None,
                endpoints=vk.endpoints,
            ).run()
            info = await vkauth.whoami(token, endpoints=vk.endpoints)
            say(_("Signed in: {name} (id {id}).").format(name=info.name, id=info.id))
            say(_("The token: {token} (all but its kind is hidden here)").format(token=mask(token.token)))

    async def _captcha(self, captcha: vkauth.Captcha) -> None:
        say = self._terminal.notice
        if captcha.error is None:
            say(_("VK asks for a captcha."))
        else:
            say(_("That is not what the picture says. VK sends another one."))
        assert captcha.sid is not None
        text = self._vk.captcha_text(captcha.sid)
        picture = await captcha.image()
        if not self._pictures.show(picture) and not self._by_itself:
            self._terminal.say(
                _("This terminal draws no pictures, so it is in {path}").format(path=self._pictures.save(picture))
            )
        await captcha.retry(await self._answer(_("Text of the picture"), text))
        say(_("VK accepted it."))
        say()

    async def _two_factor(self, challenge: vkauth.TwoFactor) -> None:
        from vkauth.terminal.challenges import sent_how

        say = self._terminal.notice
        if challenge.error is None:
            if not challenge.sent:  # none comes before it is asked for
                await challenge.resend()
            say(sent_how(challenge))
        else:
            say(_("That is not the code."))
        code = self._vk.last_message(_LOGIN).code
        say(_("The sample phone shows:  VK: your code is {code}").format(code=code), "  ")
        await challenge.retry(await self._answer(_("Code"), code))
        say(_("VK accepted it."))
        say()

    async def _answer(self, question: str, right: str) -> str:
        if self._by_itself:
            self._terminal.say(f"{question}: {right}")
            return right
        typed = await self._terminal.answer(
            _("{question} (Enter alone: the demo types it): ").format(question=question)
        )
        if typed:
            return typed
        self._terminal.say(f"{question}: {right}")
        return right
