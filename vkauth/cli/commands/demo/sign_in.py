"""``vkauth demo sign-in``: a small web application in which people sign in, at providers simulated on this machine."""

from __future__ import annotations

import secrets
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Final

from vkauth.cli.serving import for_ever, serve_until_stopped
from vkauth.cli.terminal import Terminal
from vkauth.language import gettext as _

if TYPE_CHECKING:
    from aiohttp import web
    from aiohttp.typedefs import Handler

    from vkauth.signin import SignInProvider
    from vkauth.testing import VKSimulator

__all__ = ["run"]

_HOST: Final = "127.0.0.1"
_LOGIN: Final = "+79990000001"
_PASSWORD: Final = "sample-password"


def run(terminal: Terminal, *, port: int) -> None:
    """Serve until Ctrl-C.

    Raises:
        UsageError: the port is taken, or something is not installed.
        OutputError: nobody can be told where it serves.
    """
    serve_until_stopped(lambda: _begin(terminal, port), terminal, port=port)


def _begin(terminal: Terminal, port: int) -> Coroutine[object, object, None]:
    # It takes a while, and no signal is heard while the event loop waits for it.
    import vkauth.cli.commands.demo.application
    import vkauth.providers  # noqa: F401
    from vkauth.testing import VKSimulator

    return _serve(VKSimulator(seed=None), terminal, port)


async def _serve(made: VKSimulator, terminal: Terminal, port: int) -> None:
    from aiohttp import web

    from vkauth.cli.commands.demo.application import make_app

    async with made as simulator:
        person = simulator.add_account(login=_LOGIN, password=_PASSWORD)
        app = make_app(_simulated(simulator), secrets.token_urlsafe(32))
        app.middlewares.append(web.middleware(_only_here))
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        try:
            site = web.TCPSite(runner, _HOST, port)
            await site.start()
            address = f"http://{_HOST}:{runner.addresses[0][1]}/"
            say = terminal.say
            say(_("Open this in a browser: {address}").format(address=address))
            say()
            terminal.explain(
                _(
                    "It is a sample application in which people sign in with VK ID, VK, Kakao or TikTok. All of these "
                    "are simulated at {base_url}: nothing leaves this machine."
                ).format(base_url=simulator.base_url)
            )
            say(
                _("{first_name} {last_name} signs in with {login} and the password {password!r}.").format(
                    first_name=person.first_name, last_name=person.last_name, login=_LOGIN, password=_PASSWORD
                )
            )
            say()
            terminal.suggest("from vkauth.signin import SignIn", _("In a program:") + "  ")
            say(_("Ctrl-C stops it."))
            await for_ever()
        finally:
            await runner.cleanup()


async def _only_here(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer nobody who asks by the name of another machine."""
    from aiohttp import web

    from vkauth.testing.hosts import why_not_here

    reason = why_not_here(request.headers.get("Host", _HOST), bound=_HOST)
    return await handler(request) if reason is None else web.Response(status=421, text=f"{reason}\n")


def _simulated(simulator: VKSimulator) -> list[SignInProvider]:
    """All providers, at the simulator, with the applications that it knows by itself."""
    from vkauth.providers import VK, VKID, Kakao, TikTok

    vk, kakao, tiktok = simulator.apps.sample, simulator.kakao, simulator.tiktok
    return [
        VKID(**vk.credentials, endpoints=simulator.endpoints, id_token_key=simulator.id_token_key),
        VK(**vk.credentials, endpoints=simulator.endpoints),
        Kakao(**kakao.apps.sample.credentials, **kakao.addresses),
        TikTok(**tiktok.apps.sample.credentials, **tiktok.addresses),
    ]
