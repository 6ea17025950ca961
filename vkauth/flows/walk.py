"""Walking through VK's web pages, in whatever order they come, until ``blank.html``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from yarl import URL

from vkauth.errors import AuthError, AuthErrorCode
from vkauth.flows.challenges import Context, pass_captcha, pass_two_factor
from vkauth.flows.steps import ChallengeKind, Flow, accepted, send
from vkauth.protocol.blank_page import Fragment
from vkauth.protocol.confirmation import CodePrompt
from vkauth.protocol.error_codes import form_refusal
from vkauth.protocol.pages import (
    Blocked,
    CaptchaPage,
    CodePage,
    Consent,
    ErrorAnswer,
    Finished,
    Gate,
    LoginPage,
    PhoneAnswer,
    PhonePage,
    Redirect,
    Unknown,
    classify,
)
from vkauth.protocol.phone_check import digits_between, phone_of
from vkauth.protocol.requests import form_request
from vkauth.protocol.vkid_page import VKIDPage
from vkauth.secret import Secret
from vkauth.wire.addresses import follow
from vkauth.wire.http import Request, get

__all__ = ["Person", "SignIn", "browser_needed", "logged_out", "walk"]

SignIn: TypeAlias = Callable[[VKIDPage, Request], Flow[Fragment | None]]
"""How a page of VK ID (and the request that gave it) is passed. ``None``: logged in, go on from the start."""

MAX_REDIRECTS: Final = 20
# A page may send the browser back once, after setting a cookie, say. More often is a loop.
_MOST_VISITS: Final = 2
_MOST_CONSENTS: Final = 2
# Once without the cookies of a session that has ended, and once more after the login.
_MOST_RESTARTS: Final = 2
UNKNOWN_TYPE: Final = "unknown"
"""The old pages do not say how the code reaches the person."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who logs in. A verification needs the phone number only, and with cookies nothing may be needed at all."""

    login: str | None
    phone: str | None
    password: str | None

    def __post_init__(self) -> None:
        for name in ("login", "phone", "password"):
            if (value := getattr(self, name)) is not None:
                object.__setattr__(self, name, Secret(value))

    @property
    def name(self) -> str:
        """What goes into the login field."""
        return self.login or self.phone or ""

    def __repr__(self) -> str:
        return "<Person>"


def walk(
    context: Context, person: Person, start: Request, *, sign_in: SignIn | None = None, consent: bool = False
) -> Flow[Fragment]:
    """Go from ``start`` to the end, answering what the pages ask for.

    Args:
        context: the run's hosts and versions.
        person: who answers.
        start: the first request.
        sign_in: how a page of VK ID is passed; without it such a page ends in ``VALIDATION_REQUIRED``.
        consent: whether the application may be given the rights that it asks for.

    Raises:
        AuthError: whatever the pages end in.
    """
    progress = _Progress(context, person, start)
    request = start
    while True:
        response = yield from send(request)
        page = classify(response, context.endpoints)
        if isinstance(page, Redirect):
            request = progress.follow(page.url)
            continue
        progress.landed()
        match page:
            case Finished(fragment):
                return fragment
            case LoginPage() if person.password is None:
                raise browser_needed(response.url) if sign_in is None else logged_out()
            case LoginPage():
                request = yield from progress.log_in(page, response.url)
            case CodePage():
                request = yield from progress.give_code(page, response.url)
            case CaptchaPage():
                request = yield from progress.pass_captcha(page, response.url)
            case PhonePage():
                request = yield from progress.give_phone(page, response.url)
            case PhoneAnswer(right):
                if not right:
                    raise wrong_phone()
                request = start
            case Consent() if consent:
                yield from accepted()
                request = progress.say_yes(page)
            case VKIDPage() if sign_in is not None:
                fragment_or_none = yield from sign_in(page, request)
                if fragment_or_none is not None:
                    return fragment_or_none
                request = progress.start_over()
            case VKIDPage() | Consent():
                raise browser_needed(response.url)
            case _:
                raise page.error


def browser_needed(address: URL) -> AuthError:
    """The error for a page that only the person can pass."""
    return AuthError(
        AuthErrorCode.VALIDATION_REQUIRED,
        "VK wants the person to log in at this page: open error.redirect_uri in a browser",
        redirect_uri=str(address),
    )


def logged_out() -> AuthError:
    """The error for cookies that are good no more, where there is no password to log in with."""
    return AuthError(
        AuthErrorCode.INVALID_GRANT, "VK has ended the session of these cookies; log in with the password again"
    )


def wrong_phone() -> AuthError:
    """The error for digits that VK did not accept."""
    return AuthError(AuthErrorCode.INVALID_PHONE_NUMBER, "VK did not accept the digits of the phone number")


class _Progress:
    """How far a walk has come: what was sent already, and how often."""

    def __init__(self, context: Context, person: Person, start: Request) -> None:
        self._context = context
        self._person = person
        self._start = start
        self._hops = 0
        self._visits: Counter[URL] = Counter()
        self._password_sent = False
        self._phone_sent = False
        self._code: str | None = None
        self._consents = 0
        self._restarts = 0

    def follow(self, url: URL) -> Request:
        self._hops += 1
        self._visits[url] += 1
        if self._hops > MAX_REDIRECTS or self._visits[url] > _MOST_VISITS:
            raise AuthError(AuthErrorCode.UNEXPECTED_RESPONSE, "VK's redirects lead in a circle")
        return get(url)

    def landed(self) -> None:
        self._hops = 0
        self._visits.clear()

    def start_over(self) -> Request:
        self._restarts += 1
        if self._restarts > _MOST_RESTARTS:
            raise AuthError(AuthErrorCode.UNEXPECTED_RESPONSE, "VK asks for the login again after it succeeded")
        return self._start

    def log_in(self, page: LoginPage, address: URL) -> Flow[Request]:
        if page.refused or (self._password_sent and page.captcha is None):
            refusal = form_refusal(page.message)
            if refusal.code is AuthErrorCode.USERNAME_OR_PASSWORD_IS_INCORRECT:
                yield from accepted(ChallengeKind.CAPTCHA)
            raise refusal
        values: dict[str, str] = {"email": self._person.name, "pass": self._person.password or ""}
        if page.captcha is not None:
            values = yield from pass_captcha(self._context, values, page.captcha)
        self._password_sent = True
        return form_request(page.form, address, self._context.endpoints, values)

    def give_code(self, page: CodePage, address: URL) -> Flow[Request]:
        refusal = None
        if self._code is not None:
            said = f" (VK: {page.message})" if page.message else ""
            refusal = AuthError(AuthErrorCode.WRONG_OTP, f"the confirmation code is wrong{said}")
        link = page.resend
        resend = None if link is None else lambda prompt, method: self._resend(link, address, prompt, method)
        self._code = yield from pass_two_factor(CodePrompt(type=UNKNOWN_TYPE), resend, refusal=refusal)
        return form_request(page.form, address, self._context.endpoints, {"code": self._code})

    def _resend(self, link: str, address: URL, prompt: CodePrompt, method: str | None) -> Flow[CodePrompt]:
        if method not in (None, "sms"):
            raise AuthError(AuthErrorCode.AUTHORIZATION_FAILED, "this page can send the code by SMS only")
        url = follow(address, link, self._context.endpoints, what="a link")
        match classify((yield from send(get(url))), self._context.endpoints):
            case CodePage() | Redirect():
                return replace(prompt, type="sms")
            case Gate(error) | ErrorAnswer(error) | Blocked(error) | Unknown(error):
                raise error
            case _:
                raise AuthError(AuthErrorCode.UNEXPECTED_RESPONSE, "VK did not send the code again")

    def pass_captcha(self, page: CaptchaPage, address: URL) -> Flow[Request]:
        # The code that led here goes along: some of VK's pages keep it, some do not.
        values = {} if self._code is None or page.form.fields.get("code") else {"code": self._code}
        values = yield from pass_captcha(self._context, values, page.captcha)
        return form_request(page.form, address, self._context.endpoints, values)

    def give_phone(self, page: PhonePage, address: URL) -> Flow[Request]:
        yield from accepted()
        if self._phone_sent:
            raise wrong_phone()
        number = phone_of(self._person.login, self._person.phone)
        digits = digits_between(number, page.prefix, page.suffix)
        self._phone_sent = True
        return form_request(page.form, address, self._context.endpoints, {"code": digits})

    def say_yes(self, page: Consent) -> Request:
        self._consents += 1
        if self._consents > _MOST_CONSENTS:
            raise AuthError(AuthErrorCode.UNEXPECTED_RESPONSE, "VK asks for the same consent again and again")
        return page.request
