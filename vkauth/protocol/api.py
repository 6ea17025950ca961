"""Calls of API methods and their answers (https://dev.vk.com/en/api/api-requests)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from yarl import URL

from vkauth.errors import AuthError
from vkauth.protocol.answers import answer_object
from vkauth.protocol.captcha import CaptchaPrompt, parse_captcha
from vkauth.protocol.endpoints import Endpoints
from vkauth.protocol.error_codes import api_refusal
from vkauth.protocol.gate import unexpected_error
from vkauth.protocol.requests import post
from vkauth.wire.http import Request, Response
from vkauth.wire.json import Fields

__all__ = [
    "ApiAnswer",
    "ApiCaptcha",
    "ApiRefused",
    "ApiResult",
    "method_request",
    "parse_api_answer",
    "parse_api_error",
]

_CAPTCHA_NEEDED: Final = 14


@dataclass(frozen=True, slots=True)
class ApiResult:
    """The method did its work. An answer that is no object is in ``bare``, and ``value`` is empty then."""

    value: Fields
    bare: object = None


@dataclass(frozen=True, slots=True)
class ApiCaptcha:
    """The method wants a captcha first."""

    prompt: CaptchaPrompt


@dataclass(frozen=True, slots=True)
class ApiRefused:
    """The method refused; ``number`` is VK's ``error_code``."""

    number: int | None
    error: AuthError


ApiAnswer: TypeAlias = ApiResult | ApiCaptcha | ApiRefused


def method_request(
    endpoints: Endpoints, name: str, form: Mapping[str, str], *, headers: Mapping[str, str] | None = None
) -> Request:
    """A call of the method ``name``. Everything goes in the body, the token too."""
    return post(endpoints.method(name), form, headers=headers or {})


def parse_api_error(error: Fields, base: URL) -> ApiCaptcha | ApiRefused:
    """Read an ``error`` object."""
    number = error.number("error_code")
    if number == _CAPTCHA_NEEDED:
        return ApiCaptcha(parse_captcha(error, base))
    return ApiRefused(number, api_refusal(error))


def parse_api_answer(response: Response, endpoints: Endpoints) -> ApiAnswer:
    """Read the answer of a method, whatever its HTTP status.

    Raises:
        AuthError: the answer is neither a result nor an error of the API (see :func:`unexpected_error`).
    """
    answer = answer_object(response)
    if answer is not None:
        error = answer.child("error")
        if error is not None:
            return parse_api_error(error, response.url)
        if "response" in answer:
            value = answer.child("response")
            return ApiResult(Fields({}), answer.raw("response")) if value is None else ApiResult(value)
    raise unexpected_error(response, endpoints, wanted="an answer of the API")
