"""The password grant: ``/token`` and everything it may answer.

https://dev.vk.com/en/api/direct-auth (seen 2026-11); answers as other clients have recorded them, 2017 to 2026-08:
docs/vk.md, 1.1 to 1.9.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from yarl import URL

from vkauth.errors import AuthError
from vkauth.models import UserToken
from vkauth.protocol.answers import answer_object
from vkauth.protocol.api import parse_api_error
from vkauth.protocol.captcha import CAPTCHA_ERROR, parse_captcha
from vkauth.protocol.confirmation import CodePrompt, parse_code_prompt
from vkauth.protocol.endpoints import Endpoints, Host
from vkauth.protocol.error_codes import (
    CODE_ERRORS,
    VALIDATION_ERROR,
    api_refusal,
    ban_error,
    named_refusal,
    split_numbered,
)
from vkauth.protocol.gate import unexpected_error
from vkauth.protocol.outcomes import CaptchaNeeded, Refused
from vkauth.protocol.requests import post
from vkauth.protocol.user_token import read_user_token
from vkauth.wire.http import Request, Response, get
from vkauth.wire.json import Fields

__all__ = [
    "BrowserNeeded",
    "CodeNeeded",
    "CodeRefused",
    "Granted",
    "SilentGranted",
    "TokenAnswer",
    "add_code",
    "parse_token_answer",
    "password_form",
    "token_request",
]


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

    @property
    def page(self) -> Request:
        """The request for that page. Its address works once; a request's ``repr`` does not show it."""
        return get(URL(self.error.redirect_uri or ""))


TokenAnswer: TypeAlias = Granted | SilentGranted | CaptchaNeeded | CodeNeeded | CodeRefused | BrowserNeeded | Refused


def password_form(
    *,
    client_id: str,
    client_secret: str,
    username: str,
    password: str,
    scope: str,
    api_version: str,
    device_id: str,
    trusted_hash: str | None,
) -> dict[str, str]:
    """Return the fields of the first request for a token; later ones only add to them (docs/vk.md, 1.2).

    ``device_id`` and ``trusted_hash`` of an earlier login spare the code; without ``2fa_supported`` VK would want a
    browser in its place.
    """
    form = {
        "grant_type": "password",
        "client_id": client_id,
        "client_secret": client_secret,
        "username": username,
        "password": password,
        "scope": scope,
        "v": api_version,
        "2fa_supported": "1",
        "device_id": device_id,
    }
    if trusted_hash is not None:
        form["trusted_hash"] = trusted_hash
    return form


def add_code(form: Mapping[str, str], code: str) -> dict[str, str]:
    """Return ``form`` with the confirmation code: VK wants the whole request again."""
    return {**form, "code": code}


def token_request(endpoints: Endpoints, form: Mapping[str, str]) -> Request:
    """Ask for a token. By POST: in a query the password would end up in access logs."""
    return post(endpoints.url(Host.OAUTH, "/token"), form)


def _read_validation(
    answer: Fields, response: Response, refusal: Callable[[Fields], AuthError] = named_refusal
) -> TokenAnswer:
    # One name, three situations: told apart in this order.
    if "ban_info" in answer:
        return Refused(ban_error(answer))
    if "validation_type" in answer or "validation_sid" in answer:
        return CodeNeeded(parse_code_prompt(answer, response.received_at))
    error = refusal(answer)
    return BrowserNeeded(error) if error.redirect_uri else Refused(error)


def _read_error(answer: Fields, response: Response) -> TokenAnswer:
    inner = answer.child("error")
    if inner is not None:
        if "ban_info" in inner or inner.number("error_code") == VALIDATION_ERROR:
            return _read_validation(inner, response, api_refusal)
        parsed = parse_api_error(inner, response.url)
        return BrowserNeeded(parsed.error) if isinstance(parsed, Refused) and parsed.error.redirect_uri else parsed
    name = answer.text("error") or ""
    numbered = split_numbered(name)
    if name == "need_captcha" or (numbered and numbered[0] == CAPTCHA_ERROR):
        return CaptchaNeeded(parse_captcha(answer, response.url))
    if "ban_info" in answer or name == "need_validation":
        return _read_validation(answer, response)
    error = named_refusal(answer)
    return CodeRefused(error) if error.code in CODE_ERRORS else Refused(error)


def parse_token_answer(response: Response, endpoints: Endpoints, *, scope: str | None = None) -> TokenAnswer:
    """Read the answer of ``/token``. Errors come with 401, 400 or 200 alike, so the body decides, not the status.

    Args:
        response: the answer.
        endpoints: the known hosts.
        scope: the rights that were asked for.

    Raises:
        AuthError: the answer is none that VK gives here (see :func:`unexpected_error`), or it cannot be told how long
            the token lives.
    """
    answer = answer_object(response)
    if answer is not None:
        if answer.raw("error"):
            return _read_error(answer, response)
        token = read_user_token(answer, response.received_at, scope=scope)
        if token is not None:
            return Granted(token)
        silent, uuid = answer.secret("silent_token"), answer.secret("silent_token_uuid")
        if silent is not None and uuid is not None:
            return SilentGranted(silent, uuid, answer.secret("trusted_hash"))
        if "error_type" in answer or "error_description" in answer:
            return Refused(named_refusal(answer))
    raise unexpected_error(response, endpoints, wanted="a token")
