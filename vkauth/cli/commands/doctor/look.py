"""``look``: which pages VK's web login has today, seen from here. Nobody is logged in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from vkauth.apps import official_app_credentials, user_agent
from vkauth.cli.commands.doctor.findings import Part, Status, both
from vkauth.cli.commands.doctor.said import said
from vkauth.cli.commands.doctor.troubles import PROXY_WANTS_A_PASSWORD, Way, proxy_trouble, trouble
from vkauth.cli.connection import Reach
from vkauth.clock import Clock
from vkauth.engine.transport import Connection, Transport
from vkauth.errors import AuthError, AuthErrorCode, NotUnderstood
from vkauth.flows.walk import MAX_REDIRECTS
from vkauth.protocol.authorize import authorize_request
from vkauth.protocol.endpoints import Endpoints
from vkauth.protocol.outcomes import Refused
from vkauth.protocol.pages import LoginPage, Page, Redirect, classify
from vkauth.protocol.vkid_page import VKIDPage
from vkauth.scopes import UserScope, parse_scope
from vkauth.wire.http import Request, get

__all__ = ["Look", "find_page", "judge", "start_of_login"]

_REPORT: Final = "vkauth doctor --report FILE"
_API_VERSION: Final = "5.199"
_UNREACHABLE: Final = (AuthErrorCode.NETWORK_ERROR, AuthErrorCode.TIMEOUT)


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen.

    Attributes:
        part: what it means.
        sample: of a page that is not understood, what it looks like, without what it says.
    """

    part: Part
    sample: str | None = None


def start_of_login(endpoints: Endpoints) -> Request:
    """What :class:`vkauth.ImplicitFlowUser` asks for first."""
    return authorize_request(
        endpoints,
        client_id=str(official_app_credentials.android["client_id"]),
        scope=str(parse_scope("all", UserScope)),
        api_version=_API_VERSION,
    )


async def find_page(way: Reach, clock: Clock) -> Page:
    """Go where VK leads from the start of a login, until there is a page. The cookies are thrown away.

    Raises:
        AuthError: VK was not reached.
    """
    endpoints = way["endpoints"]
    connection = Connection(proxy=way["proxy"], headers={"User-Agent": user_agent}, timeout=way["timeout"])
    request = start_of_login(endpoints)
    async with Transport(connection, endpoints, clock) as transport:
        for _ in range(MAX_REDIRECTS + 1):
            page = classify(await transport.send(request, way["timeout"]), endpoints)
            if not isinstance(page, Redirect):
                return page
            request = get(page.url)
    return Refused(AuthError(AuthErrorCode.UNEXPECTED_RESPONSE, "VK's redirects lead in a circle"))


def judge(page: Page | AuthError, way: Way) -> Look:
    """Tell which page it is.

    Args:
        page: what came of :func:`find_page`.
        way: how the network was reached.
    """
    match page:
        case VKIDPage():
            return Look(both(Status.OK, said("VK's web login is VK ID's page, which the library knows.")))
        case LoginPage() if page.is_mobile:
            return Look(both(Status.OK, said("VK's web login is the old form for phones, which the library knows.")))
        case LoginPage():
            return Look(both(Status.OK, said("VK's web login is the old form for desktops, which the library knows.")))
        case Refused(error):
            return _refused(error, way)
        case AuthError():
            return _refused(page, way)
    return Look(
        both(
            Status.WARNING,
            said(
                "VK shows a page of another kind ({kind}) where its login begins: look for a newer vkauth, or report "
                "it",
                kind=type(page).__name__,
            ),
            _REPORT,
        )
    )


def _refused(error: AuthError, way: Way) -> Look:
    if error.code in _UNREACHABLE:
        what, how = trouble(error, way)
        return Look(both(Status.ERROR, said("The page of VK's login did not come: {what}; {how}.", what=what, how=how)))
    if error.code is AuthErrorCode.RATE_LIMITED:
        return Look(
            both(Status.WARNING, said("VK holds back requests from this address: wait, and log in less often."))
        )
    if error.code is AuthErrorCode.SERVER_ERROR:
        return Look(both(Status.WARNING, said("VK's login is out of order: try again in some minutes.")))
    if error.code is AuthErrorCode.UNTRUSTED_REDIRECT:
        text = said(
            "VK's login leads away from VK's hosts: does this network want a login of its own first? Do not log in to "
            "VK over it."
        )
        return Look(both(Status.WARNING, text))
    if error.code is AuthErrorCode.UNEXPECTED_RESPONSE and isinstance(error, NotUnderstood):
        if way.has_proxy and error.details.get("status") == PROXY_WANTS_A_PASSWORD:
            what, how = proxy_trouble()
            return Look(
                both(Status.ERROR, said("The page of VK's login did not come: {what}; {how}.", what=what, how=how))
            )
        # What the page says, its title above all, may be about a person.
        status = f" (HTTP {error.details['status']})" if "status" in error.details else ""
        text = said(
            "The page of VK's web login is not understood{status}; look for a newer vkauth, or report it with a sample "
            "that leaves out what it says",
            status=status,
        )
        return Look(both(Status.WARNING, text, _REPORT), error.sample())
    text = said("VK refuses to show its login ({code}); log in through a browser", code=error.code)
    return Look(both(Status.WARNING, text, "vkauth login browser --app android"))
