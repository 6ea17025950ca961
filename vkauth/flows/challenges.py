"""Captchas and confirmation codes, once for every flow."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from yarl import URL

from vkauth.errors import AuthError, AuthErrorCode
from vkauth.flows.steps import AskCaptcha, AskCode, ChallengeKind, Flow, accepted, ask_captcha, ask_code, send
from vkauth.protocol.api import ApiResult, parse_api_answer
from vkauth.protocol.captcha import CaptchaPrompt, CaptchaType
from vkauth.protocol.confirmation import CodePrompt, apply_resend
from vkauth.protocol.endpoints import Endpoints
from vkauth.protocol.gate import unexpected_error
from vkauth.protocol.outcomes import CaptchaNeeded, Refused
from vkauth.protocol.vkid_calls import LoginOkay, parse_login_answer
from vkauth.secret import Secret
from vkauth.wire.addresses import is_redirect, redirect_target, require_trusted
from vkauth.wire.http import Request, Response, get

__all__ = ["Context", "act", "call", "pass_captcha", "pass_two_factor", "resend_by_phone"]

_MOST_PICTURE_REDIRECTS: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What every step of a run needs to know.

    Attributes:
        endpoints: the hosts.
        api_version: of VK's API.
        captcha_type: what a captcha of this run is for.
    """

    endpoints: Endpoints
    api_version: str
    captcha_type: CaptchaType


def pass_captcha(context: Context, form: Mapping[str, str], prompt: CaptchaPrompt) -> Flow[dict[str, str]]:
    """Ask for the captcha and return ``form`` with the answer in the place of any earlier one.

    The rest of the form stays: a captcha after a confirmation code sends both.
    """
    answer = yield from ask_captcha(
        AskCaptcha(prompt, context.captcha_type, lambda: fetch_picture(context.endpoints, prompt.src))
    )
    return prompt.answer_in(form, answer)


def fetch_picture(endpoints: Endpoints, src: str | None) -> Flow[bytes]:
    """Fetch a captcha's picture (every GET may redraw it, so this is done once a captcha).

    Raises:
        AuthError: ``UNEXPECTED_RESPONSE`` if there is no picture, ``UNTRUSTED_REDIRECT`` if it is not on VK's hosts.
    """
    if src is None:
        raise AuthError(AuthErrorCode.UNEXPECTED_RESPONSE, "this captcha has no picture; open its redirect_uri instead")
    url = URL(src)
    require_trusted(url, endpoints, what="a captcha's picture")
    response = yield from send(get(url))
    for _ in range(_MOST_PICTURE_REDIRECTS):
        if not is_redirect(response):
            break
        response = yield from send(get(redirect_target(response, endpoints)))
    if response.status != 200 or not response.body:
        raise unexpected_error(response, endpoints, wanted="a captcha's picture")
    return response.body


def pass_two_factor(
    prompt: CodePrompt,
    resend: Callable[[CodePrompt, str | None], Flow[CodePrompt]] | None,
    *,
    refusal: AuthError | None = None,
) -> Flow[Secret]:
    """Ask for the confirmation code. That it is asked for means that a captcha before it was right."""
    yield from accepted(ChallengeKind.CAPTCHA)
    code = yield from ask_code(AskCode(prompt, resend, refusal))
    return code


def resend_by_phone(
    context: Context, request_for: Callable[[str], Request]
) -> Callable[[CodePrompt, str | None], Flow[CodePrompt]]:
    """Return what sends a code again by ``auth.validatePhone``; ``request_for`` makes the request for a sid.

    It raises ``AUTHORIZATION_FAILED`` without a sid to name, or if a way is asked for: VK chooses it.
    """

    def resend(prompt: CodePrompt, method: str | None) -> Flow[CodePrompt]:
        if prompt.validation_sid is None:
            raise AuthError(
                AuthErrorCode.AUTHORIZATION_FAILED, "VK gave no validation_sid, so no code can be sent again"
            )
        if method is not None:
            raise AuthError(AuthErrorCode.AUTHORIZATION_FAILED, "VK itself chooses how this code is sent")
        result, response = yield from call(context, request_for(prompt.validation_sid))
        return apply_resend(prompt, result, response.received_at)

    return resend


def call(context: Context, request: Request, *, looks: bool = False) -> Flow[tuple[ApiResult, Response]]:
    """Call an API method, through captchas if it wants any; ``looks``: see :class:`~vkauth.flows.steps.Send`.

    Raises:
        AuthError: VK refused, or the answer is not understood.
    """
    while True:
        response = yield from send(request, looks=looks)
        match parse_api_answer(response, context.endpoints):
            case ApiResult() as result:
                yield from accepted(ChallengeKind.CAPTCHA)
                return result, response
            case CaptchaNeeded(prompt):
                form = yield from pass_captcha(context, request.form, prompt)
                request = replace(request, form=form)
            case Refused(error):  # pragma: no branch - there is no other kind
                raise error


def act(context: Context, request: Request) -> Flow[LoginOkay]:
    """Take one of the login host's actions, through captchas if it wants any.

    Raises:
        AuthError: VK refused, or the answer is not understood.
    """
    while True:
        response = yield from send(request)
        match parse_login_answer(response, context.endpoints):
            case LoginOkay() as okay:
                yield from accepted(ChallengeKind.CAPTCHA)
                return okay
            case CaptchaNeeded(prompt):
                form = yield from pass_captcha(context, request.form, prompt)
                request = replace(request, form=form)
            case Refused(error):  # pragma: no branch - there is no other kind
                if error.code is AuthErrorCode.USERNAME_OR_PASSWORD_IS_INCORRECT:
                    yield from accepted(ChallengeKind.CAPTCHA)
                raise error
