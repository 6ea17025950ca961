"""The password grant: ``/token`` and everything it may answer (https://dev.vk.com/en/api/direct-auth)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from vkauth.errors import AuthError, AuthErrorCode
from vkauth.models import UserToken
from vkauth.protocol.answers import answer_object
from vkauth.protocol.api import ApiCaptcha, parse_api_error
from vkauth.protocol.captcha import CaptchaPrompt, parse_captcha
from vkauth.protocol.confirmation import CodePrompt, parse_code_prompt
from vkauth.protocol.endpoints import Endpoints, Host
from vkauth.protocol.error_codes import ban_error, named_refusal, split_numbered
from vkauth.protocol.gate import unexpected_error
from vkauth.protocol.requests import post
from vkauth.protocol.user_token import read_user_token
from vkauth.wire.http import Request, Response
from vkauth.wire.json import Fields

__all__ = [
    "BrowserNeeded",
    "CaptchaNeeded",
    "CodeNeeded",
    "CodeRefused",
    "Granted",
    "Refused",
    "SilentGranted",
    "TokenAnswer",
    "parse_token_answer",
    "token_request",
]

_CAPTCHA_NUMBER: Final = 14
_CODE_ERRORS: Final = (AuthErrorCode.WRONG_OTP, AuthErrorCode.OTP_FORMAT_IS_INCORRECT)


@dataclass(frozen=True, slots=True)
class Granted:
    """A token."""

    token: UserToken


@dataclass(frozen=True, slots=True)
class SilentGranted:
    """A token that must be exchanged once, within ``silent_token_ttl`` seconds, for the real one."""

    silent_token: str
    uuid: str
    trusted_hash: str | None

    def __repr__(self) -> str:
        return "<SilentGranted>"


@dataclass(frozen=True, slots=True)
class CaptchaNeeded:
    """A captcha comes first."""

    prompt: CaptchaPrompt


@dataclass(frozen=True, slots=True)
class CodeNeeded:
    """A confirmation code comes first."""

    prompt: CodePrompt


@dataclass(frozen=True, slots=True)
class CodeRefused:
    """The code that was sent is not the right one."""

    error: AuthError


@dataclass(frozen=True, slots=True)
class BrowserNeeded:
    """VK wants a page to be passed first; ``error.redirect_uri`` is its address."""

    error: AuthError


@dataclass(frozen=True, slots=True)
class Refused:
    """No token, and nothing that could be done for one here."""

    error: AuthError


TokenAnswer: TypeAlias = Granted | SilentGranted | CaptchaNeeded | CodeNeeded | CodeRefused | BrowserNeeded | Refused


def token_request(endpoints: Endpoints, form: Mapping[str, str]) -> Request:
    """The request for a token. By POST: in a query the password would end up in access logs."""
    return post(endpoints.url(Host.OAUTH, "/token"), form)


def _validation(answer: Fields) -> TokenAnswer:
    # One name, three situations: told apart in this order.
    if "ban_info" in answer:
        return Refused(ban_error(answer))
    if "validation_type" in answer or "validation_sid" in answer:
        return CodeNeeded(parse_code_prompt(answer))
    error = named_refusal(answer)
    return BrowserNeeded(error) if error.redirect_uri else Refused(error)


def _refused(answer: Fields, response: Response) -> TokenAnswer:
    inner = answer.child("error")
    if inner is not None:
        parsed = parse_api_error(inner, response.url)
        if isinstance(parsed, ApiCaptcha):
            return CaptchaNeeded(parsed.prompt)
        return BrowserNeeded(parsed.error) if parsed.error.redirect_uri else Refused(parsed.error)
    name = answer.text("error") or ""
    numbered = split_numbered(name)
    if name == "need_captcha" or (numbered and numbered[0] == _CAPTCHA_NUMBER):
        return CaptchaNeeded(parse_captcha(answer, response.url))
    if "ban_info" in answer or name == "need_validation":
        return _validation(answer)
    error = named_refusal(answer)
    return CodeRefused(error) if error.code in _CODE_ERRORS else Refused(error)


def parse_token_answer(response: Response, endpoints: Endpoints, *, scope: str | None = None) -> TokenAnswer:
    """Read the answer of ``/token``. Errors come with 401, 400 or 200 alike, so the body decides, not the status.

    Args:
        response: the answer.
        endpoints: the known hosts.
        scope: the rights that were asked for.

    Raises:
        AuthError: the answer is none that VK gives here (see :func:`unexpected_error`).
    """
    answer = answer_object(response)
    if answer is not None:
        if answer.raw("error"):
            return _refused(answer, response)
        token = read_user_token(answer, response.received_at, scope=scope)
        if token is not None:
            return Granted(token)
        silent, uuid = answer.text("silent_token"), answer.text("silent_token_uuid")
        if silent is not None and uuid is not None:
            return SilentGranted(silent, uuid, answer.text("trusted_hash"))
        if "error_type" in answer or "error_description" in answer:
            return Refused(named_refusal(answer))
    raise unexpected_error(response, endpoints, wanted="a token")
