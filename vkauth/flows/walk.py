"""Walking through VK's web pages, in whatever order they come, until ``blank.html``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Final, TypeAlias

from yarl import URL

from vkauth.errors import AuthError, AuthErrorCode
from vkauth.flows.challenges import Context, pass_captcha, pass_two_factor
from vkauth.flows.person import Person
from vkauth.flows.resend import resend_by_link
from vkauth.flows.steps import ChallengeKind, Flow, accepted, send
from vkauth.protocol.blank_page import Fragment
from vkauth.protocol.captcha import CaptchaPrompt
from vkauth.protocol.confirmation import CodePrompt
from vkauth.protocol.outcomes import Refused
from vkauth.protocol.pages import (
    CaptchaPage,
    CodePage,
    Consent,
    Finished,
    LoginPage,
    PhoneAnswer,
    PhonePage,
    Redirect,
    browser_needed,
    classify,
    logged_out,
    wrong_phone,
)
from vkauth.protocol.phone_check import digits_between, phone_of
from vkauth.protocol.vkid_page import VKIDPage
from vkauth.wire.http import Request, get

__all__ = ["MAX_REDIRECTS", "SignIn", "walk"]

SignIn: TypeAlias = Callable[[VKIDPage, Request], Flow[Fragment | None]]
"""How a page of VK ID (and the request that gave it) is passed. ``None``: logged in, go on from the start."""

MAX_REDIRECTS: Final = 20
# A page may send the browser back once, after setting a cookie, say. More often is a loop.
_MOST_VISITS: Final = 2
_MOST_CONSENTS: Final = 2
# Once without the cookies of a session that has ended, and once more after the login.
_MOST_RESTARTS: Final = 2
# The old pages do not say how the code reaches the person.
_UNKNOWN_TYPE: Final = "unknown"


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
            request = progress.follow(page)
            continue
        progress.arrive()
        match page:
            case Finished(fragment):
                return fragment
            case LoginPage() if person.password is None:
                raise browser_needed(response.url) if sign_in is None else logged_out()
            case LoginPage():
                request = yield from progress.log_in(page)
            case CodePage():
                request = yield from progress.give_code(page)
            case CaptchaPage():
                request = yield from progress.answer_captcha(page)
            case PhonePage():
                request = yield from progress.give_digits(page)
            case PhoneAnswer(right):
                if not right:
                    raise wrong_phone()
                request = start
            case Consent() if consent:
                yield from accepted()
                request = progress.say_yes(page)
            case VKIDPage() if sign_in is not None:
                passed = yield from sign_in(page, request)
                if passed is not None:
                    return passed
                request = progress.start_over()
            case VKIDPage() | Consent():
                raise browser_needed(response.url)
            case Refused(error):  # pragma: no branch - there is no other kind
                raise error


class _Progress:
    """How far a walk has come: what was sent already, and how often."""

    def __init__(self, context: Context, person: Person, start: Request) -> None:
        self._context = context
        self._endpoints = context.endpoints
        self._person = person
        self._start = start
        self._hops = 0
        self._visits: Counter[URL] = Counter()
        self._password_sent = False
        self._digits_sent = False
        self._code: str | None = None
        self._consents = 0
        self._restarts = 0

    def follow(self, redirect: Redirect) -> Request:
        self._hops += 1
        self._visits[redirect.url] += 1
        if self._hops > MAX_REDIRECTS or self._visits[redirect.url] > _MOST_VISITS:
            raise AuthError(AuthErrorCode.UNEXPECTED_RESPONSE, "VK's redirects lead in a circle")
        return get(redirect.url)

    # Redirects are counted between two pages.
    def arrive(self) -> None:
        self._hops = 0
        self._visits.clear()

    def start_over(self) -> Request:
        self._restarts += 1
        if self._restarts > _MOST_RESTARTS:
            raise AuthError(AuthErrorCode.UNEXPECTED_RESPONSE, "VK asks for the login again after it succeeded")
        return self._start

    def log_in(self, page: LoginPage) -> Flow[Request]:
        """Send the password; once, unless a captcha is all that was wrong with it."""
        if page.refused or (self._password_sent and page.captcha is None):
            refusal = page.refusal()
            if refusal.code is AuthErrorCode.USERNAME_OR_PASSWORD_IS_INCORRECT:
                yield from accepted(ChallengeKind.CAPTCHA)
            raise refusal
        request = page.answer(self._endpoints, login=self._person.name, password=self._person.password or "")
        if page.captcha is not None:
            request = yield from self._with_captcha(request, page.captcha)
        self._password_sent = True
        return request

    def give_code(self, page: CodePage) -> Flow[Request]:
        """Ask for the code and send it. That the page comes again means that the code was wrong."""
        refusal = None if self._code is None else page.refusal()
        resend = None if page.resend is None else resend_by_link(self._context, page)
        self._code = yield from pass_two_factor(CodePrompt(type=_UNKNOWN_TYPE), resend, refusal=refusal)
        return page.answer(self._endpoints, code=self._code)

    def answer_captcha(self, page: CaptchaPage) -> Flow[Request]:
        return (yield from self._with_captcha(page.answer(self._endpoints, code=self._code), page.captcha))

    def _with_captcha(self, request: Request, prompt: CaptchaPrompt) -> Flow[Request]:
        form = yield from pass_captcha(self._context, request.form, prompt)
        return replace(request, form=form)

    def give_digits(self, page: PhonePage) -> Flow[Request]:
        """Send the digits between those shown, once. What was answered before this page was right."""
        yield from accepted()
        if self._digits_sent:
            raise wrong_phone()
        self._digits_sent = True
        digits = digits_between(phone_of(self._person.login, self._person.phone), page.prefix, page.suffix)
        return page.answer(self._endpoints, digits=digits)

    def say_yes(self, page: Consent) -> Request:
        self._consents += 1
        if self._consents > _MOST_CONSENTS:
            raise AuthError(AuthErrorCode.UNEXPECTED_RESPONSE, "VK asks for the same consent again and again")
        return page.request
