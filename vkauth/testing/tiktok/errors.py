"""What TikTok says when it refuses: in one way at the OAuth endpoints, in another at the API, and on a page.

The names and statuses are from https://developers.tiktok.com/doc/tiktok-api-v2-error-handling and
https://developers.tiktok.com/doc/oauth-error-handling (seen 2026-11); the words are those seen in public reports.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from aiohttp import web

from vkauth.testing.answers import html_answer, json_answer
from vkauth.testing.oauth.pages import stop_page
from vkauth.testing.tiktok.state import TikTokState

__all__ = ["API", "OAUTH", "SERVICE", "api_answer", "api_error", "error_page", "oauth_error"]

SERVICE: Final = "TikTok"

OAUTH: Final[Mapping[str, str]] = {
    "access_denied": "User denied authorization.",
    "invalid_client": "Client key or secret is incorrect.",
    "invalid_grant": "Authorization code is expired.",
    "invalid_request": "The request parameters are malformed.",
    "invalid_scope": "The requested scope is invalid, unknown or malformed.",
    "unauthorized_client": "The client is not authorized to request an access token using this method.",
    "unsupported_grant_type": "Unsupported grant type.",
    "unsupported_response_type": "Unsupported response type.",
    "server_error": "The authorization server encountered an unexpected condition.",
    "temporarily_unavailable": "The authorization server is currently unable to handle the request.",
}
"""What the OAuth endpoints refuse with, and words for it."""

API: Final[Mapping[str, tuple[int, str]]] = {
    "access_token_invalid": (401, "The access token is invalid or not found in the request."),
    "internal_error": (500, "Something went wrong. Please try again later."),
    "invalid_file_upload": (400, "The uploaded file does not meet API specifications."),
    "invalid_params": (400, "One or more fields in request is invalid."),
    "rate_limit_exceeded": (429, "The API rate limit was exceeded. Please try again later."),
    "scope_not_authorized": (401, "The user did not authorize the scope required for completing this request."),
    "scope_permission_missed": (400, "Additional permission is required from the user for this request."),
}
"""The HTTP status and words of what the API refuses with."""


def oauth_error(state: TikTokState, error: str, description: str = "") -> web.Response:
    """A refusal of an OAuth endpoint."""
    values = {"error": error, "error_description": description or OAUTH[error], "log_id": state.log_id()}
    return json_answer(values, state.error_status)


def api_answer(state: TikTokState, data: Mapping[str, object]) -> web.Response:
    """An answer of the API: there is an ``error`` in it as well, of the code ``ok``."""
    return json_answer({"data": data, "error": {"code": "ok", "message": "", "log_id": state.log_id()}})


def api_error(state: TikTokState, code: str) -> web.Response:
    """A refusal of the API."""
    status, words = API[code]
    return json_answer({"data": {}, "error": {"code": code, "message": words, "log_id": state.log_id()}}, status)


def error_page(*names: str) -> web.Response:
    """The page of a sign-in that is not configured as it should be; it names the parameters that are wrong."""
    words = [
        "We couldn't log in with TikTok. This may be due to specific app settings.",
        "If you're a developer, correct the following and try again:",
        *names,
    ]
    return html_answer(stop_page(SERVICE, "Something went wrong", words), 400)
