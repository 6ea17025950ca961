"""VK's web login of today: what its pages call, as requests and answers (seen 2025-02 to 2026-07)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from vkauth.errors import AuthError, AuthErrorCode
from vkauth.protocol.answers import answer_object
from vkauth.protocol.api import ApiResult, method_request
from vkauth.protocol.captcha import CaptchaPrompt, parse_captcha
from vkauth.protocol.confirmation import CodePrompt, code_type
from vkauth.protocol.endpoints import Endpoints, Host
from vkauth.protocol.error_codes import ban_error, named_refusal
from vkauth.protocol.gate import unexpected_error
from vkauth.protocol.requests import post
from vkauth.protocol.vkid_page import VKIDPage
from vkauth.wire.http import Request, Response
from vkauth.wire.json import Fields

__all__ = [
    "API_VERSION",
    "Account",
    "LoginAnswer",
    "LoginCaptcha",
    "LoginOkay",
    "LoginRefused",
    "authorize_request",
    "check_code_request",
    "code_prompt",
    "internal_request",
    "methods_request",
    "oauth_token_request",
    "parse_login_answer",
    "read_account",
    "read_methods",
    "send_code_request",
    "validate_request",
]

API_VERSION: Final = "5.207"
"""The version of the API that VK's own page speaks."""

_SUPPORTED_WAYS: Final = "push,email,qr_code,codegen,sms,callreset,password,reserve_code,passkey"
_SENDING: Final = {
    "sms": "ecosystem.sendOtpSms",
    "email": "ecosystem.sendOtpEmail",
    "push": "ecosystem.sendOtpPush",
    "callreset": "ecosystem.sendOtpCallReset",
}
_TYPED: Final = ("codegen", "reserve_code")
CODE_METHODS: Final = frozenset({*_SENDING, *_TYPED})
"""The ways to confirm that end in a code; ``qr_code`` and ``passkey`` need the page itself."""


def _origin(endpoints: Endpoints) -> dict[str, str]:
    # VK answers "wrong origin" to whoever does not name the page these calls come from.
    return {"Origin": endpoints.origin(Host.ID), "Referer": f"{endpoints.origin(Host.ID)}/"}


def _session(page: VKIDPage, sid: str, device_id: str) -> dict[str, str]:
    return {
        "v": API_VERSION,
        "client_id": page.app_id,
        "sid": sid,
        "device_id": device_id,
        "anonymous_token": page.anonymous_token or "",
        "access_token": "",
    }


def validate_request(endpoints: Endpoints, page: VKIDPage, *, login: str, device_id: str) -> Request:
    """Ask what this account needs to log in."""
    form = {
        "v": API_VERSION,
        "client_id": page.app_id,
        "login": login,
        "sid": "",
        "device_id": device_id,
        "auth_token": page.auth_token or "",
        "super_app_token": "",
        "supported_ways": _SUPPORTED_WAYS,
        "is_switcher_flow": "0",
        "is_edu_flow": "",
        "is_registration": "",
        "access_token": "",
    }
    return method_request(endpoints, "auth.validateAccount", form, headers=_origin(endpoints))


@dataclass(frozen=True, slots=True)
class Account:
    """What an account needs to log in.

    Attributes:
        sid: the id of this login from here on.
        method: how it wants to be confirmed first, in VK's spelling; ``None`` or ``password``: by the password.
        has_other_methods: whether it may be confirmed in another way.
    """

    sid: str
    method: str | None
    has_other_methods: bool

    def __repr__(self) -> str:
        return f"<Account method={self.method}>"


def read_account(result: ApiResult) -> Account:
    """Read the answer of ``auth.validateAccount``.

    Raises:
        AuthError: ``USERNAME_OR_PASSWORD_IS_INCORRECT``: an answer without ``sid`` means that there is no such account.
    """
    answer = result.value
    sid = answer.text("sid")
    if sid is None:
        raise AuthError(
            AuthErrorCode.USERNAME_OR_PASSWORD_IS_INCORRECT,
            "VK knows no account with this login",
            details={"flow_name": answer.text("flow_name")},
        )
    step = answer.child("next_step") or Fields({})
    return Account(sid, step.text("verification_method"), step.flag("has_another_verification_methods"))


def methods_request(endpoints: Endpoints, page: VKIDPage, sid: str, device_id: str) -> Request:
    """Ask in which ways the account may be confirmed."""
    form = _session(page, sid, device_id)
    return method_request(endpoints, "ecosystem.getVerificationMethods", form, headers=_origin(endpoints))


def read_methods(result: ApiResult) -> tuple[str, ...]:
    """The ways, in VK's order of preference and spelling."""
    methods = sorted(result.value.children("methods"), key=lambda each: each.number("priority") or 0)
    return tuple(name for each in methods if (name := each.text("name")))


def send_code_request(endpoints: Endpoints, page: VKIDPage, sid: str, device_id: str, method: str) -> Request | None:
    """Ask VK to send a code; ``None`` for the ways in which the person has it already."""
    if method not in _SENDING:
        return None
    return method_request(endpoints, _SENDING[method], _session(page, sid, device_id), headers=_origin(endpoints))


def code_prompt(method: str, methods: tuple[str, ...], sent: ApiResult | None) -> CodePrompt:
    """What the person is asked for. ``sent`` is the answer to the request to send a code."""
    answer = sent.value if sent is not None else Fields({})
    return CodePrompt(
        type=code_type(method),
        phone_mask=answer.text("info"),
        code_length=answer.number("code_length"),
        delay=max(0.0, answer.decimal("delay") or answer.decimal("timeout") or 0.0),
        methods=tuple(code_type(each) for each in methods if each in CODE_METHODS),
    )


def check_code_request(
    endpoints: Endpoints, page: VKIDPage, sid: str, device_id: str, *, code: str, method: str
) -> Request:
    """Send the code."""
    form = {**_session(page, sid, device_id), "code": code, "verification_method": method}
    return method_request(endpoints, "ecosystem.checkOtp", form, headers=_origin(endpoints))


def authorize_request(
    endpoints: Endpoints, page: VKIDPage, sid: str, device_id: str, *, login: str, password: str | None
) -> Request:
    """Log in. Without ``password`` where the code alone is enough (``can_skip_password``)."""
    form = {
        "username": login,
        "password": password or "",
        "auth_token": page.auth_token or "",
        "sid": sid,
        "uuid": page.uuid or "",
        "device_id": device_id,
        "app_id": page.app_id,
        "v": API_VERSION,
        "service_group": "",
        "save_user": "1",
        "version": "1",
    }
    if password is None:
        del form["password"]
    return _login_action(endpoints, "connect_authorize", form)


def internal_request(endpoints: Endpoints, *, return_auth_hash: str, app_id: str, device_id: str) -> Request:
    """Ask for the token with which VK's own page asks for the application's token. The cookies say who it is."""
    form = {
        "uuid": "",
        "service_group": "",
        "return_auth_hash": return_auth_hash,
        "version": "1",
        "app_id": app_id,
        "device_id": device_id,
    }
    return _login_action(endpoints, "connect_internal", form)


def _login_action(endpoints: Endpoints, act: str, form: Mapping[str, str]) -> Request:
    url = endpoints.url(Host.LOGIN).with_query(act=act)
    return post(url, form, headers=_origin(endpoints))


@dataclass(frozen=True, slots=True)
class LoginOkay:
    """It worked."""

    access_token: str
    auth_user_hash: str

    def __repr__(self) -> str:
        return "<LoginOkay>"


@dataclass(frozen=True, slots=True)
class LoginCaptcha:
    """A captcha comes first."""

    prompt: CaptchaPrompt


@dataclass(frozen=True, slots=True)
class LoginRefused:
    """It did not work."""

    error: AuthError


LoginAnswer: TypeAlias = LoginOkay | LoginCaptcha | LoginRefused


def parse_login_answer(response: Response, endpoints: Endpoints) -> LoginAnswer:
    """Read the answer of an action of the login host.

    Raises:
        AuthError: it is none (see :func:`unexpected_error`).
    """
    answer = answer_object(response)
    kind = answer.text("type") if answer is not None else None
    if answer is None or kind not in ("okay", "captcha", "error"):
        raise unexpected_error(response, endpoints, wanted="an answer of VK's login")
    if kind == "captcha":
        return LoginCaptcha(parse_captcha(answer, response.url))
    if kind == "error":
        return LoginRefused(named_refusal(answer))
    data = answer.child("data") or Fields({})
    if data.flag("is_user_banned"):
        return LoginRefused(ban_error(answer))
    return LoginOkay(data.text("access_token") or "", data.text("auth_user_hash") or "")


def oauth_token_request(
    endpoints: Endpoints, okay: LoginOkay, *, return_auth_hash: str, app_id: str, scope: str
) -> Request:
    """Ask for the application's token."""
    form = {
        "hash": return_auth_hash,
        "auth_user_hash": okay.auth_user_hash,
        "app_id": app_id,
        "client_id": app_id,
        "scope": scope,
        "access_token": okay.access_token,
        "is_seamless_auth": "1",
        "v": API_VERSION,
    }
    return method_request(endpoints, "auth.getOauthToken", form, headers=_origin(endpoints))
