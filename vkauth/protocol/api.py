"""Calls of API methods and their answers (https://dev.vk.com/en/api/api-requests, seen 2026-11; docs/vk.md, 1.10)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from yarl import URL

from vkauth.protocol.answers import answer_object
from vkauth.protocol.captcha import CAPTCHA_ERROR, parse_captcha
from vkauth.protocol.endpoints import Endpoints
from vkauth.protocol.error_codes import api_refusal
from vkauth.protocol.gate import unexpected_error
from vkauth.protocol.outcomes import CaptchaNeeded, Refused
from vkauth.protocol.requests import post
from vkauth.wire.http import Request, Response
from vkauth.wire.json import Fields

__all__ = ["ApiAnswer", "ApiResult", "method_request", "open_answer", "parse_api_answer", "parse_api_error"]


@dataclass(frozen=True, slots=True)
class ApiResult:
    """The method did its work. ``value`` is empty where the answer is no object (``1``, say)."""

    value: Fields


ApiAnswer: TypeAlias = ApiResult | CaptchaNeeded | Refused


def method_request(
    endpoints: Endpoints, name: str, form: Mapping[str, str], *, headers: Mapping[str, str] | None = None
) -> Request:
    """A call of the method ``name``. Everything goes in the body, the token too."""
    return post(endpoints.method(name), form, headers=headers or {})


def parse_api_error(error: Fields, base: URL) -> CaptchaNeeded | Refused:
    """Read an ``error`` object; ``base`` is the address that a captcha's pictures are relative to."""
    if error.number("error_code") == CAPTCHA_ERROR:
        return CaptchaNeeded(parse_captcha(error, base))
    return Refused(api_refusal(error))


def open_answer(response: Response, endpoints: Endpoints) -> Fields:
    """Return the answer of a method, whatever its HTTP status: it has an object ``error``, or else ``response``.

    Raises:
        AuthError: the answer is neither a result nor an error of the API (see :func:`unexpected_error`).
    """
    answer = answer_object(response)
    if answer is None or (answer.child("error") is None and "response" not in answer):
        raise unexpected_error(response, endpoints, wanted="an answer of the API")
    return answer


def parse_api_answer(response: Response, endpoints: Endpoints) -> ApiAnswer:
    """Read the answer of a method.

    Raises:
        AuthError: as :func:`open_answer`.
    """
    answer = open_answer(response, endpoints)
    error = answer.child("error")
    if error is not None:
        return parse_api_error(error, response.url)
    return ApiResult(answer.child("response") or Fields({}))
