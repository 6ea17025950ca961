"""Account verification: the page behind API error 17, passed to its end."""

from __future__ import annotations

from dataclasses import dataclass

from vkauth.errors import AuthError, AuthErrorCode
from vkauth.flows.challenges import Context
from vkauth.flows.person import Person
from vkauth.flows.steps import Flow
from vkauth.flows.walk import walk
from vkauth.models import UserToken
from vkauth.protocol.blank_page import Outcome
from vkauth.wire.addresses import require_trusted
from vkauth.wire.http import Request

__all__ = ["Verified", "verify"]


@dataclass(frozen=True, slots=True)
class Verified:
    """The account is verified. ``token`` is the new token; ``None``: the old one goes on working."""

    token: UserToken | None


def verify(context: Context, person: Person, request: Request) -> Flow[Verified]:
    """Pass the page that ``request`` asks for, whichever pages it leads through.

    Its address holds a single-use key, so it travels as a request, which does not show it.

    Raises:
        AuthError: ``UNTRUSTED_REDIRECT`` before anything is sent if the address is not VK's, ``ACCESS_DENIED`` if the
            verification was cancelled, ``AUTHORIZATION_FAILED`` if VK says that it failed, ``VALIDATION_REQUIRED`` for
            pages that need a browser, and what the pages on the way may end in.
    """
    try:
        require_trusted(request.url, context.endpoints, what="the address to verify at")
    except AuthError as error:
        raise error.with_traceback(None) from None  # the frame below holds the address
    fragment = yield from walk(context, person, request)
    refusal = fragment.refusal()
    if refusal is not None:
        raise refusal
    if fragment.outcome is Outcome.FAIL:
        raise AuthError(AuthErrorCode.AUTHORIZATION_FAILED, "VK says that the verification failed")
    if fragment.outcome is Outcome.CANCEL:
        raise AuthError(AuthErrorCode.ACCESS_DENIED, "the verification was cancelled")
    token = fragment.user_token(None)
    if token is None and fragment.outcome is not Outcome.SUCCESS:
        raise AuthError(AuthErrorCode.UNEXPECTED_RESPONSE, "the verification ended without saying how")
    return Verified(token)
