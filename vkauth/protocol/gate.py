"""Answers that come from before VK's own code, and those that nobody understands."""

from __future__ import annotations

from vkauth.errors import AuthError, AuthErrorCode
from vkauth.protocol.answers import FALLBACK_CHARSET
from vkauth.protocol.endpoints import Endpoints
from vkauth.wire.addresses import is_redirect, redirect_target
from vkauth.wire.http import Response
from vkauth.wire.unknown import not_understood
from vkauth.wire.waiting import retry_after

__all__ = ["service_trouble", "unexpected_error"]


def _is_gate(response: Response, endpoints: Endpoints) -> bool:
    if response.status == 429 or "x-challenge-url" in response.headers:
        return True
    place = response.url
    if is_redirect(response):
        try:
            place = redirect_target(response, endpoints)
        except AuthError:
            return False  # wherever that leads, it is not VK's gate
    return place.path.endswith(("/challenge.html", "/429.html"))


def service_trouble(response: Response, endpoints: Endpoints) -> AuthError | None:
    """Return the error of an answer that comes from before VK's own code: the request gate, or a server that failed."""
    if _is_gate(response, endpoints):
        return AuthError(
            AuthErrorCode.RATE_LIMITED,
            "VK holds back requests from this address; wait, log in less often, or log in through a browser",
            details={"status": response.status},
            retry_after=retry_after(response),
        )
    if response.status >= 500:
        return AuthError(
            AuthErrorCode.SERVER_ERROR,
            f"VK answered with HTTP {response.status}",
            details={"status": response.status},
            retry_after=retry_after(response),
        )
    return None


def unexpected_error(response: Response, endpoints: Endpoints, *, wanted: str) -> AuthError:
    """Return the error of an answer that is not the ``wanted`` one, whatever else it may be.

    What nobody understands is told by its fingerprint, and ``error.sample()`` shows what it looks like.
    """
    trouble = service_trouble(response, endpoints)
    if trouble is not None:
        return trouble
    if is_redirect(response):
        try:
            redirect_target(response, endpoints)
        except AuthError as error:
            return error.with_traceback(None)  # the frames below may hold an address with a token in it
    return not_understood(response, wanted=wanted, fallback=FALLBACK_CHARSET)
