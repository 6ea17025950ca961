"""Having a code sent again by the link of the page that asks for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from vkauth.errors import AuthError, AuthErrorCode
from vkauth.flows.challenges import Context
from vkauth.flows.steps import Flow, send
from vkauth.protocol.confirmation import CodePrompt
from vkauth.protocol.outcomes import Refused
from vkauth.protocol.pages import CodePage, Redirect, asks_for_code, classify
from vkauth.wire.http import get

__all__ = ["resend_by_link"]

_SMS: Final = "sms"
_MOST_REDIRECTS: Final = 5


def resend_by_link(context: Context, page: CodePage) -> Callable[[CodePrompt, str | None], Flow[CodePrompt]]:
    """Return what has a code sent again by SMS, the one way that these pages know.

    It raises ``AUTHORIZATION_FAILED`` if another way is asked for, ``UNEXPECTED_RESPONSE`` if the link does not lead
    back to a page for the code, and whatever the page that it leads to ends in.
    """

    def resend(prompt: CodePrompt, method: str | None) -> Flow[CodePrompt]:
        if method not in (None, _SMS):
            raise AuthError(AuthErrorCode.AUTHORIZATION_FAILED, "this page can send the code by SMS only")
        request = page.resend_request(context.endpoints)
        for _ in range(_MOST_REDIRECTS):
            response = yield from send(request)
            match classify(response, context.endpoints):
                case CodePage():
                    return replace(prompt, type=_SMS)
                case Redirect() as redirect if asks_for_code(redirect.url):
                    return replace(prompt, type=_SMS)
                case Redirect() as redirect:
                    request = get(redirect.url)
                case Refused(error):
                    raise error
                case _:
                    break
        raise AuthError(AuthErrorCode.UNEXPECTED_RESPONSE, "VK did not send the code again")

    return resend
