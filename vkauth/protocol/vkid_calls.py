"""VK's web login of today: what its pages call, as requests and answers.

https://github.com/python273/vk_api/pull/522 and https://github.com/python273/vk_api/pull/525 (2025-02), the same in
vk_api 11.10.1 (2026-07) and in a client's page script of 2026. docs/vk.md, 3.4.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, TypeAlias

from vkauth.errors import AuthError, AuthErrorCode, Said
from vkauth.protocol.answers import answer_object
from vkauth.protocol.api import ApiResult, method_request
from vkauth.protocol.captcha import parse_captcha
from vkauth.protocol.confirmation import CodePrompt, code_type, read_code_length
from vkauth.protocol.endpoints import Endpoints, Host
from vkauth.protocol.error_codes import ban_error, named_refusal
from vkauth.protocol.gate import unexpected_error
from vkauth.protocol.outcomes import CaptchaNeeded, Refused
from vkauth.protocol.requests import post
from vkauth.protocol.vkid_page import VKIDPage
from vkauth.protocol.waiting import LONGEST_CODE_DELAY
from vkauth.wire.http import Request, Response
from vkauth.wire.json import Fields
from vkauth.wire.waiting import read_wait

__all__ = [
    "API_VERSION",
    "CODE_METHODS",
    "PASSWORD",
    "Account",
    "LoginAnswer",
    "LoginOkay",
    "Session",
    "authorize_request",
    "check_code_request",
    "internal_request",
    "login_action",
    "methods_request",
    "oauth_token_request",
    "parse_login_answer",
    "password_may_be_skipped",
    "read_account",
    "read_code_prompt",
    "read_methods",
    "send_code_request",
    "validate_request",
]

API_VERSION: Final = "5.207"
"""The version of the API that VK's own page speaks."""

PASSWORD: Final = "password"
"""The way to confirm a login that is not a code."""

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


@dataclass(frozen=True, slots=True)
class Session:
    """One login at one page of VK ID.

    Attributes:
        endpoints: the hosts, of the page's family.
        page: the page.
        device_id: the same for a whole run.
        sid: VK's id of the login; empty before VK has said it.
    """

    endpoints: Endpoints
    page: VKIDPage
    device_id: str
    sid: str = ""

    def __repr__(self) -> str:
        return f"<Session app_id={self.page.app_id}>"

    def after(self, result: ApiResult) -> Session:
        """Return the session with the newest ``sid``: some answers bring another one."""
        sid = result.value.secret("sid")
        return self if sid is None else replace(self, sid=sid)


def _origin(endpoints: Endpoints) -> dict[str, str]:
    # VK answers "wrong origin" to whoever does not name the page these calls come from
    # (https://github.com/python273/vk_api/pull/491, read 2026-11).
    return {"Origin": endpoints.origin(Host.ID), "Referer": f"{endpoints.origin(Host.ID)}/"}


def _call(session: Session, method: str, form: Mapping[str, str]) -> Request:
    return method_request(session.endpoints, method, form, headers=_origin(session.endpoints))


def _fields_of(session: Session) -> dict[str, str]:
    return {
        "v": API_VERSION,
        "client_id": session.page.app_id,
        "sid": session.sid,
        "device_id": session.device_id,
        "anonymous_token": session.page.anonymous_token or "",
        "access_token": "",
    }


def validate_request(session: Session, *, login: str) -> Request:
    """Ask what this account needs to log in."""
    form = {
        "v": API_VERSION,
        "client_id": session.page.app_id,
        "login": login,
        "sid": "",
        "device_id": session.device_id,
        "auth_token": session.page.auth_token or "",
        "super_app_token": "",
        "supported_ways": _SUPPORTED_WAYS,
        "is_switcher_flow": "0",
        "is_edu_flow": "",
        "is_registration": "",
        "access_token": "",
    }
    return _call(session, "auth.validateAccount", form)


@dataclass(frozen=True, slots=True)
class Account:
    """What an account needs to log in.

    Attributes:
        method: how it wants to be confirmed first, in VK's spelling; :data:`PASSWORD` where VK does not say.
        has_other_methods: whether it may be confirmed in another way.
    """

    method: str
    has_other_methods: bool


def read_account(result: ApiResult) -> Account:
    """Read the answer of ``auth.validateAccount``.

    Raises:
        AuthError: ``USERNAME_OR_PASSWORD_IS_INCORRECT``: an answer without ``sid`` means that there is no such account.
    """
    answer = result.value
    if answer.text("sid") is None:
        flow = answer.text("flow_name")
        raise AuthError(
            AuthErrorCode.USERNAME_OR_PASSWORD_IS_INCORRECT,
            "VK knows no account with this login",
            details={"flow_name": None if flow is None else Said(flow)},
        )
    step = answer.child("next_step") or Fields({})
    return Account(step.text("verification_method") or PASSWORD, step.flag("has_another_verification_methods"))


def methods_request(session: Session) -> Request:
    """Ask in which ways the account may be confirmed."""
    return _call(session, "ecosystem.getVerificationMethods", _fields_of(session))


def read_methods(result: ApiResult) -> tuple[str, ...]:
    """Return the ways, in VK's order of preference and spelling."""
    methods = sorted(result.value.children("methods"), key=lambda each: each.number("priority") or 0)
    return tuple(name for each in methods if (name := each.text("name")))


def send_code_request(session: Session, method: str) -> Request | None:
    """Ask VK to send a code; ``None`` for the ways in which the person has it already."""
    return _call(session, _SENDING[method], _fields_of(session)) if method in _SENDING else None


def read_code_prompt(
    method: str, methods: tuple[str, ...], sent: ApiResult | None, received_at: datetime | None
) -> CodePrompt:
    """Return what the person is asked for.

    Args:
        method: the way the code comes, in VK's spelling.
        methods: all the account's ways, in VK's spelling.
        sent: the answer to the request to send a code; ``None`` if none had to be sent.
        received_at: when that answer came.
    """
    answer = sent.value if sent is not None else Fields({})
    waits = (read_wait(answer, name, longest=LONGEST_CODE_DELAY) for name in ("delay", "timeout"))
    return CodePrompt(
        type=code_type(method),
        phone_mask=answer.text("info"),
        code_length=read_code_length(answer),
        delay=next((wait for wait in waits if wait), 0.0),
        methods=tuple(code_type(each) for each in methods if each in CODE_METHODS),
        received_at=received_at,
    )


def check_code_request(session: Session, *, code: str, method: str) -> Request:
    """Send the code."""
    return _call(session, "ecosystem.checkOtp", {**_fields_of(session), "code": code, "verification_method": method})


def password_may_be_skipped(result: ApiResult) -> bool:
    """Whether the code that ``ecosystem.checkOtp`` accepted is enough to log in."""
    return result.value.flag("can_skip_password")


def authorize_request(session: Session, *, login: str, password: str | None) -> Request:
    """Log in. Without ``password`` where the code alone is enough (see :func:`password_may_be_skipped`)."""
    page = session.page
    form = {
        "username": login,
        "password": password or "",
        "auth_token": page.auth_token or "",
        "sid": session.sid,
        "uuid": page.uuid or "",
        "device_id": session.device_id,
        "app_id": page.app_id,
        "v": API_VERSION,
        "service_group": "",
        "save_user": "1",
        "version": "1",
    }
    if password is None:
        del form["password"]
    return login_action(session.endpoints, "connect_authorize", form)


def internal_request(session: Session, *, return_auth_hash: str, app_id: str) -> Request:
    """Ask for the token with which VK's own page asks for the application's token. The cookies say who it is."""
    form = {
        "uuid": "",
        "service_group": "",
        "return_auth_hash": return_auth_hash,
        "version": "1",
        "app_id": app_id,
        "device_id": session.device_id,
    }
    return login_action(session.endpoints, "connect_internal", form)


def login_action(endpoints: Endpoints, act: str, form: Mapping[str, str]) -> Request:
    """Take an action of the login host, as VK ID's page does."""
    return post(endpoints.login_action(act), form, headers=_origin(endpoints))


@dataclass(frozen=True, slots=True)
class LoginOkay:
    """It worked."""

    access_token: str
    auth_user_hash: str

    def __repr__(self) -> str:
        return "<LoginOkay>"


LoginAnswer: TypeAlias = LoginOkay | CaptchaNeeded | Refused


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
        return CaptchaNeeded(parse_captcha(answer, response.url))
    if kind == "error":
        return Refused(named_refusal(answer))
    data = answer.child("data") or Fields({})
    if data.flag("is_user_banned"):
        return Refused(ban_error(answer))
    return LoginOkay(data.secret("access_token") or "", data.secret("auth_user_hash") or "")


def oauth_token_request(
    session: Session, okay: LoginOkay, *, return_auth_hash: str, app_id: str, scope: str
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
    return _call(session, "auth.getOauthToken", form)
