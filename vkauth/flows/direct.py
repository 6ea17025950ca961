"""Direct authorization: login and password for a token (https://dev.vk.com/en/api/direct-auth)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from vkauth.errors import AuthErrorCode
from vkauth.flows.challenges import Context, call, pass_captcha, pass_two_factor, resend_by_phone
from vkauth.flows.person import Person
from vkauth.flows.steps import ChallengeKind, Flow, accepted, send
from vkauth.flows.verification import verify
from vkauth.models import UserToken
from vkauth.protocol.confirmation import CodePrompt, resend_request
from vkauth.protocol.outcomes import CaptchaNeeded, Refused
from vkauth.protocol.pages import is_phone_check
from vkauth.protocol.silent_token import (
    anonymous_token_request,
    exchange_request,
    read_anonymous_token,
    read_exchanged_token,
)
from vkauth.protocol.token_endpoint import (
    BrowserNeeded,
    CodeNeeded,
    CodeRefused,
    Granted,
    SilentGranted,
    add_code,
    parse_token_answer,
    password_form,
    token_request,
)
from vkauth.secret import Secret

__all__ = ["DirectOptions", "direct"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectOptions:
    """Who logs in, to which application.

    Attributes:
        person: login and password.
        client_id: the application.
        client_secret: its secret.
        scope: the mask of rights.
        trusted_hash: what an earlier run with the same ``device_id`` was given: VK asks for no code then.
    """

    person: Person
    client_id: str
    client_secret: str
    scope: str
    trusted_hash: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "client_secret", Secret(self.client_secret))
        if self.trusted_hash is not None:
            object.__setattr__(self, "trusted_hash", Secret(self.trusted_hash))

    def __repr__(self) -> str:
        return f"<DirectOptions client_id={self.client_id}>"


def direct(context: Context, options: DirectOptions, device_id: str) -> Flow[UserToken]:
    """Log in and return the token. ``device_id`` stays the same for the whole run.

    The form only grows: whatever the person answered goes along with every later request of the run. A refusal ends the
    run; the password is never sent again after one.
    """
    endpoints = context.endpoints
    form = password_form(
        client_id=options.client_id,
        client_secret=options.client_secret,
        username=options.person.name,
        password=options.person.password or "",
        scope=options.scope,
        api_version=context.api_version,
        device_id=device_id,
        trusted_hash=options.trusted_hash,
    )
    asked: CodePrompt | None = None
    checked = False
    by_phone = resend_by_phone(
        context,
        partial(
            resend_request,
            endpoints,
            client_id=options.client_id,
            client_secret=options.client_secret,
            device_id=device_id,
            api_version=context.api_version,
        ),
    )

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
                code = yield from pass_two_factor(prompt, resend if prompt.validation_sid else None)
                form = add_code(form, code)
            case CodeRefused(error):
                if asked is None:
                    raise error
                code = yield from pass_two_factor(asked, resend if asked.validation_sid else None, refusal=error)
                form = add_code(form, code)
            case BrowserNeeded(error) as needed:
                if checked or not is_phone_check(needed.page.url, endpoints):
                    raise error
                checked = True
                verified = yield from verify(context, options.person, needed.page)
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
    anonymous = read_anonymous_token(result, response, context.endpoints)
    request = exchange_request(context.endpoints, granted, anonymous, api_version=context.api_version)
    result, response = yield from call(context, request)
    return read_exchanged_token(result, granted, response, context.endpoints, scope=options.scope)
