"""Direct authorization: login and password for a token (https://dev.vk.com/en/api/direct-auth)."""

from __future__ import annotations

from dataclasses import dataclass

from yarl import URL

from vkauth.errors import AuthErrorCode
from vkauth.flows.challenges import Context, call, pass_captcha, pass_two_factor, resend_by_phone
from vkauth.flows.steps import ChallengeKind, Flow, accepted, send
from vkauth.flows.verification import verify
from vkauth.flows.walk import Person
from vkauth.models import UserToken
from vkauth.protocol.confirmation import CodePrompt
from vkauth.protocol.pages import is_phone_check
from vkauth.protocol.silent_token import anonymous_token, anonymous_token_request, exchange_request, exchanged_token
from vkauth.protocol.token_endpoint import (
    BrowserNeeded,
    CaptchaNeeded,
    CodeNeeded,
    CodeRefused,
    Granted,
    Refused,
    SilentGranted,
    parse_token_answer,
    token_request,
)
from vkauth.secret import Secret
from vkauth.wire.http import get

__all__ = ["DirectOptions", "direct"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectOptions:
    """Who logs in, to which application.

    Attributes:
        person: login and password.
        client_id, client_secret: the application's.
        scope: the mask of rights.
        device_id: stays the same for a whole run; with ``trusted_hash`` of an earlier run VK asks for no code.
        trusted_hash: see there.
    """

    person: Person
    client_id: str
    client_secret: str
    scope: str
    device_id: str
    trusted_hash: str | None = None

    def __repr__(self) -> str:
        return f"<DirectOptions client_id={self.client_id}>"

    def form(self, api_version: str) -> dict[str, str]:
        """The fields of the first request; later ones only add to them."""
        form = {
            "grant_type": "password",
            "client_id": self.client_id,
            "client_secret": Secret(self.client_secret),
            "username": self.person.name,
            "password": self.person.password or "",
            "scope": self.scope,
            "v": api_version,
            "2fa_supported": "1",
            "device_id": self.device_id,
        }
        if self.trusted_hash is not None:
            form["trusted_hash"] = Secret(self.trusted_hash)
        return form


def direct(context: Context, options: DirectOptions) -> Flow[UserToken]:
    """Log in and return the token.

    The form only grows: whatever the person answered goes along with every later request of the run. A refusal ends the
    run; the password is never sent again after one.
    """
    form = options.form(context.api_version)
    endpoints = context.endpoints
    asked: CodePrompt | None = None
    checked = False
    own = {name: form[name] for name in ("client_id", "client_secret", "device_id")}
    by_phone = resend_by_phone(context, own)

    def resend(prompt: CodePrompt, method: str | None) -> Flow[CodePrompt]:
        nonlocal asked
        asked = yield from by_phone(prompt, method)
        return asked

    while True:
        response = yield from send(token_request(endpoints, form))
        match parse_token_answer(response, endpoints, scope=options.scope):
            case Granted(token):
                return token
            case SilentGranted() as granted:
                token = yield from _exchange(context, options, granted)
                return token
            case CaptchaNeeded(captcha):
                form = yield from pass_captcha(context, form, captcha)
            case CodeNeeded(prompt):
                asked = prompt
                form["code"] = yield from pass_two_factor(prompt, resend if prompt.validation_sid else None)
            case CodeRefused(error):
                if asked is None:
                    raise error
                form["code"] = yield from pass_two_factor(
                    asked, resend if asked.validation_sid else None, refusal=error
                )
            case BrowserNeeded(error):
                address = URL(error.redirect_uri or "")
                if checked or not is_phone_check(address, endpoints):
                    raise error
                checked = True
                verified = yield from verify(context, options.person, get(address))
                if verified.token is not None:
                    return verified.token
            case Refused(error):  # pragma: no branch - there is no other kind
                if error.code is AuthErrorCode.USERNAME_OR_PASSWORD_IS_INCORRECT:
                    yield from accepted(ChallengeKind.CAPTCHA)
                raise error


def _exchange(context: Context, options: DirectOptions, granted: SilentGranted) -> Flow[UserToken]:
    # The password and whatever came with it were right: this is another matter.
    yield from accepted(ChallengeKind.CAPTCHA)
    yield from accepted(ChallengeKind.TWO_FACTOR)
    result, response = yield from call(
        context,
        anonymous_token_request(
            context.endpoints,
            client_id=options.client_id,
            client_secret=options.client_secret,
            api_version=context.api_version,
        ),
    )
    anonymous = anonymous_token(result, response, context.endpoints)
    request = exchange_request(context.endpoints, granted, anonymous, api_version=context.api_version)
    result, response = yield from call(context, request)
    return exchanged_token(result, granted, response, context.endpoints, scope=options.scope)
