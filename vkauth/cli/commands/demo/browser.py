"""``vkauth demo browser``: a login in the person's own browser, at a simulated VK."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import vkauth
from vkauth.cli.opening import has_screen, open_page
from vkauth.cli.terminal import Terminal
from vkauth.language import gettext as _
from vkauth.secret import mask

if TYPE_CHECKING:
    from vkauth.testing import VKSimulator

__all__ = ["run"]

_LOGIN: Final = "+79990000001"
_PASSWORD: Final = "sample-password"


def run(terminal: Terminal, *, by_itself: bool) -> None:
    """Show a login from the address to the token.

    Args:
        terminal: where it is shown, and where the person is asked.
        by_itself: the demo is the person, too.

    Raises:
        AuthError: the person pasted something else too often, or refused.
        UsageError: nobody is there.
        OutputError: it cannot be shown.
    """
    terminal.run(lambda: _show(terminal, by_itself=by_itself))


async def _show(terminal: Terminal, *, by_itself: bool) -> None:
    from vkauth.cli.pasting import ask_for_address
    from vkauth.testing import VKSimulator

    say, explain = terminal.say, terminal.explain
    async with VKSimulator(seed=None) as vk:
        person = vk.add_account(login=_LOGIN, password=_PASSWORD)
        app = vk.apps.sample
        login = vkauth.BrowserAuthorization(client_id=app.client_id, scope="friends", endpoints=vk.endpoints)
        explain(_("A simulated VK runs at {base_url}: nothing leaves this machine.").format(base_url=vk.base_url))
        explain(
            _("{first_name} {last_name} logs in there with {login} and the password {password!r}.").format(
                first_name=person.first_name, last_name=person.last_name, login=_LOGIN, password=_PASSWORD
            )
        )
        explain(
            _("The token will belong to the application {name!r} (id {client_id}).").format(
                name=app.name, client_id=app.client_id
            )
        )
        say()
        explain(_("This address is opened in a browser; there the person logs in and agrees:"))
        say(login.authorization_url)
        say()
        if not by_itself and has_screen():
            await open_page(login.authorization_url)
        token = await ask_for_address(
            terminal, login.finish, lambda: _address(vk, login.authorization_url, terminal, by_itself=by_itself)
        )
        assert isinstance(token, vkauth.UserToken)  # no community's was asked for
        info = await vkauth.whoami(token, endpoints=vk.endpoints)
        say()
        say(_("Signed in: {name} (id {id}).").format(name=info.name, id=info.id))
        say(_("The token: {token} (all but its kind is hidden here)").format(token=mask(token.token)))


async def _address(vk: VKSimulator, url: str, terminal: Terminal, *, by_itself: bool) -> str:
    """The address of the last page: what the person pastes, or what the demo comes to itself."""
    from vkauth.cli.pasting import QUESTION

    if not by_itself:
        terminal.explain(_("Paste the address of the last page; with Enter alone the demo logs in itself."))
        if pasted := await terminal.answer_pasted(_(QUESTION)):
            return pasted
    address = await vk.approve(url, _LOGIN)
    terminal.explain(_("The demo has logged in there, and brings the address of the last page:"))
    terminal.say(_("{start}=*** and so on").format(start=address.partition("=")[0]))
    return address
