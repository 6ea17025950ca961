"""Logging in by a code that the person confirms on their phone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from vkauth.errors import AuthError, AuthErrorCode
from vkauth.flows.challenges import Context, act, call
from vkauth.flows.implicit import ImplicitOptions, implicit_user
from vkauth.flows.person import Person
from vkauth.flows.steps import Flow, Show, wait
from vkauth.flows.vkid import Application
from vkauth.models import UserToken
from vkauth.protocol import qr
from vkauth.protocol.authorize import authorize_request
from vkauth.protocol.pages import browser_needed
from vkauth.protocol.silent_token import anonymous_token_request, read_anonymous_token
from vkauth.secret import Secret
from vkauth.wire.http import Request

__all__ = ["QROptions", "log_in_by_code"]

Code = AuthErrorCode

# What goes by: the person may confirm all the same, and then the answer to the next question says so.
_PASSING: Final = frozenset({Code.NETWORK_ERROR, Code.TIMEOUT, Code.SERVER_ERROR, Code.RATE_LIMITED})
_SLOWER: Final = 5.0
"""Seconds that are waited longer each time that VK asks to slow down, as RFC 8628, 3.5 has it for such logins."""

_SOMEBODY: Final = Person(None, None, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class QROptions:
    """What is asked for.

    Attributes:
        application: which application the token is for.
        client_secret: the application's.
        device_name: what the person sees of who asks.
        poll_interval: seconds between two questions whether the person is done.
    """

    application: Application
    client_secret: Secret
    device_name: str
    poll_interval: float


def log_in_by_code(context: Context, options: QROptions) -> Flow[UserToken]:
    """Have a code made, show it, wait until the person has confirmed the login, and return the token."""
    endpoints, application = context.endpoints, options.application
    request = anonymous_token_request(
        endpoints,
        client_id=application.client_id,
        client_secret=options.client_secret,
        api_version=context.api_version,
    )
    result, response = yield from call(context, request)
    anonymous = read_anonymous_token(result, response, endpoints)
    request = qr.code_request(
        endpoints,
        anonymous,
        client_id=application.client_id,
        scope=application.scope,
        device_name=options.device_name,
        api_version=context.api_version,
    )
    result, response = yield from call(context, request)
    shown = qr.read_code(result, response, endpoints)
    yield Show(shown.code)
    question = qr.check_request(endpoints, anonymous, shown.key, api_version=context.api_version)
    confirmed = yield from _wait_for_person(context, options, shown, question, response.received_at)
    if confirmed.needs_browser:
        page = authorize_request(
            endpoints,
            client_id=application.client_id,
            scope=application.scope,
            api_version=context.api_version,
        )
        raise browser_needed(page.url)
    if confirmed.token is not None:
        return confirmed.token
    assert confirmed.session is not None  # one of the two is there
    request = qr.session_request(endpoints, confirmed.session, client_id=application.client_id, scope=application.scope)
    yield from act(context, request)
    # What is left is what whoever is logged in at VK's site goes through.
    token = yield from implicit_user(context, ImplicitOptions(person=_SOMEBODY, application=application, resumed=True))
    return token


def _wait_for_person(
    context: Context, options: QROptions, shown: qr.Shown, question: Request, now: datetime
) -> Flow[qr.Confirmed]:
    """Ask again and again, until the person has answered or the code has run out; ``now``: when it came.

    Raises:
        AuthError: ``ACCESS_DENIED`` if they declined, ``TIMEOUT`` if the code ran out, and what VK refuses with.
    """
    interval = pause = options.poll_interval
    trouble: AuthErrorCode | None = None
    while True:
        # The rest of a code's life may be shorter: nothing is asked after it.
        now = yield from wait(max(0.0, min(pause, (shown.code.expires_at - now).total_seconds())))
        if now >= shown.code.expires_at:
            raise _expired(trouble)
        pause, trouble = interval, None
        try:
            result, response = yield from call(context, question, looks=True)
        except AuthError as error:
            if error.code not in _PASSING:
                raise
            trouble = error.code
            if trouble is Code.RATE_LIMITED:
                interval += _SLOWER
                pause = max(interval, error.retry_after or 0.0)
        else:
            now = response.received_at
            match qr.read_progress(result, response, context.endpoints, scope=options.application.scope):
                case qr.Confirmed() as confirmed:
                    return confirmed
                case qr.Declined():
                    raise AuthError(Code.ACCESS_DENIED, "the person declined the login on their phone")
                case qr.Expired():
                    raise _expired(None)


def _expired(trouble: AuthErrorCode | None) -> AuthError:
    last = "" if trouble is None else f"; when VK was asked for the last time, it failed with {trouble}"
    return AuthError(Code.TIMEOUT, f"nobody confirmed the login before its code ran out{last}")
