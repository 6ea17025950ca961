"""How API methods refuse."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final

from aiohttp import web

from vkauth.testing.answers import json_answer
from vkauth.testing.faults import Fault

__all__ = ["API", "ApiError"]

_NOT_ECHOED: Final = frozenset(
    {"access_token", "anonymous_token", "auth_token", "client_secret", "password", "code", "success_token", "token"}
)

# https://dev.vk.com/en/reference/errors (seen 2026-11)
_WORDS: Final[Mapping[int, str]] = {
    1: "Unknown error occurred",
    5: "User authorization failed: invalid access_token (4).",
    6: "Too many requests per second",
    7: "Permission to perform this action is denied",
    9: "Flood control",
    10: "Internal server error: Unknown error, try later",
    15: "Access denied",
    18: "User was deleted or banned",
    27: "Group authorization failed",
    28: "Application authorization failed",
    29: "Rate limit reached",
    1051: "Method is unavailable with current profile type",
}


class ApiError(Exception):
    """An error as API methods word it.

    Attributes:
        code: its number.
        words: its message.
        more: further keys of the error object.
    """

    def __init__(self, code: int, words: str = "", **more: object) -> None:
        words = words or _WORDS[code]
        super().__init__(f"{code}: {words}")
        self.code = code
        self.words = words
        self.more = more

    def answer(self, method: str, params: Mapping[str, str]) -> web.Response:
        """Answer a call of a method with it; of the parameters those come back that hold no secret."""
        echoed = [{"key": key, "value": value} for key, value in params.items() if key not in _NOT_ECHOED]
        values: dict[str, object] = {"error_code": self.code, "error_msg": self.words}
        values["request_params"] = [{"key": "method", "value": method}, {"key": "oauth", "value": "1"}, *echoed]
        return json_answer({"error": values | self.more})


class API:
    """The methods of VK's API."""

    def fault(self, number: int) -> Fault:
        """A fault that refuses as a method does: ``vk.faults.add(vk.api.fault(29), on="api/method/users.get")``.

        Raises:
            ValueError: no such error is known.
        """
        if number not in _WORDS:
            raise ValueError(f"the API has no error {number!r} here: known are {', '.join(map(str, _WORDS))}")

        async def serve(request: web.BaseRequest, _closing: asyncio.Event) -> web.StreamResponse:
            return ApiError(number).answer(request.rel_url.name, {})

        return Fault(f"API error {number}", serve)
