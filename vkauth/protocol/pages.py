"""VK's web pages as data: what kind of page an answer is, and what can be done with it.

A page is told by its parsed address and its forms, in the order of :func:`classify`. The markup is that of the old
pages (seen until about 2023, still served to some applications) and of the VK ID pages of 2025 and 2026.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, TypeAlias
from urllib.parse import unquote

from yarl import URL

from vkauth.errors import AuthError, AuthErrorCode
from vkauth.protocol.answers import answer_text
from vkauth.protocol.blank_page import Fragment, read_fragment
from vkauth.protocol.captcha import CaptchaPrompt
from vkauth.protocol.endpoints import Endpoints, Host
from vkauth.protocol.error_codes import api_refusal, named_refusal
from vkauth.protocol.gate import service_trouble, unexpected_error
from vkauth.protocol.requests import form_request, post
from vkauth.protocol.vkid_page import VKIDPage, read_vkid_page
from vkauth.secret import Secret
from vkauth.wire.addresses import absolute, follow, is_redirect, redirect_target
from vkauth.wire.html import Document, Form
from vkauth.wire.http import Request, Response
from vkauth.wire.json import Fields, parse_object

__all__ = [
    "Blocked",
    "CaptchaPage",
    "CodePage",
    "Consent",
    "ErrorAnswer",
    "Finished",
    "Gate",
    "LoginPage",
    "Page",
    "PhoneAnswer",
    "PhonePage",
    "Redirect",
    "Unknown",
    "ValidationPage",
    "classify",
    "is_phone_check",
]


@dataclass(frozen=True, slots=True)
class Finished:
    """The login is over: ``blank.html`` with what came of it."""

    fragment: Fragment


@dataclass(frozen=True, slots=True)
class Redirect:
    """Go on at ``url`` (an HTTP redirect, ``auth_redirect``, a meta refresh or a script)."""

    url: URL

    def __repr__(self) -> str:
        return f"<Redirect {self.url.with_query(None).with_fragment(None)}>"


@dataclass(frozen=True, slots=True)
class LoginPage:
    """Login and password are asked for.

    Attributes:
        form: to be sent with ``email`` and ``pass``.
        captcha: a captcha on the same page.
        refused: VK says that login or password are wrong.
        message: what the page says, for a person.
    """

    form: Form
    captcha: CaptchaPrompt | None
    refused: bool
    message: str | None


@dataclass(frozen=True, slots=True)
class CodePage:
    """A confirmation code is asked for; to be sent as ``code``. ``resend`` leads to the code being sent by SMS."""

    form: Form
    message: str | None
    resend: str | None


@dataclass(frozen=True, slots=True)
class CaptchaPage:
    """A captcha alone is asked for: after a confirmation code, or in a verification."""

    form: Form
    captcha: CaptchaPrompt


@dataclass(frozen=True, slots=True)
class PhonePage:
    """The digits of the phone number between ``prefix`` and ``suffix`` are asked for; to be sent as ``code``."""

    form: Form
    prefix: str
    suffix: str


@dataclass(frozen=True, slots=True)
class PhoneAnswer:
    """What the desktop site's script gets for the digits: whether they were right."""

    right: bool


@dataclass(frozen=True, slots=True)
class Consent:
    """The person is asked to give the application its rights; ``request`` says yes."""

    request: Request


@dataclass(frozen=True, slots=True)
class Blocked:
    """The account is blocked."""

    error: AuthError


@dataclass(frozen=True, slots=True)
class ValidationPage:
    """A page that needs a browser; its address is ``error.redirect_uri``."""

    error: AuthError


@dataclass(frozen=True, slots=True)
class ErrorAnswer:
    """VK refused, in words."""

    error: AuthError


@dataclass(frozen=True, slots=True)
class Gate:
    """The request did not get as far as VK's code: held back, or the server failed."""

    error: AuthError


@dataclass(frozen=True, slots=True)
class Unknown:
    """A page that is none of these."""

    error: AuthError


Page: TypeAlias = (
    Finished
    | Redirect
    | LoginPage
    | CodePage
    | CaptchaPage
    | PhonePage
    | PhoneAnswer
    | Consent
    | VKIDPage
    | Blocked
    | ValidationPage
    | ErrorAnswer
    | Gate
    | Unknown
)

# The `m` that VK puts into the address of the login page (seen in VkNet's recorded pages).
_WRONG_PASSWORD: Final = "4"
_ENCODED_ADDRESS: Final = re.compile(r"https?%3a", re.IGNORECASE)
_DESKTOP_PREFIX: Final = re.compile(r"label ta_r\">\s*\+?\s*([\d\s]{1,10})")
_DESKTOP_SUFFIX: Final = re.compile(r"phone_postfix\">[^<\d]{0,20}(\d{1,6})")
_DESKTOP_HASH: Final = re.compile(r"al_page:\s*'3',\s*hash:\s*'([A-Za-z0-9_]{1,100})'")
# The desktop site's scripts are answered in parts; the fifth says how it went (vk_api reads the same).
_ANSWER_PART: Final = 4
_ANSWER_RIGHT: Final = "4"
_RESEND_LINK: Final = "act=authcheck_sms"


def _act(url: URL) -> str:
    return url.query.get("act", "")


def is_phone_check(url: URL, endpoints: Endpoints) -> bool:
    """Whether ``url`` is VK's page that asks for digits of the phone number."""
    place = endpoints.locate(url)
    return place is not None and place.host in (Host.MOBILE, Host.WEB) and _act(url).startswith("security")


def classify(response: Response, endpoints: Endpoints) -> Page:
    """Tell what page an answer is. Never raises: what cannot be trusted or understood is a page as well."""
    trouble = service_trouble(response, endpoints)
    if trouble is not None:
        return Gate(trouble)
    try:
        if is_redirect(response):
            return _by_address(redirect_target(response, endpoints), response, endpoints)
        return _landed(response, endpoints)
    except AuthError as error:
        return Unknown(error.with_traceback(None))  # the frames below may hold an address with a token in it


def _by_address(url: URL, response: Response, endpoints: Endpoints) -> Page:
    """What a trusted address says by itself, so that it need not be fetched."""
    fragment = read_fragment(url, endpoints, response.received_at)
    if fragment is not None:
        return Finished(fragment)
    if _act(url) == "blocked":
        return _blocked()
    place = endpoints.locate(url)
    if place is not None and place.path == "/auth_redirect" and "authorize_url" in url.query:
        inner = url.query["authorize_url"]
        if _ENCODED_ADDRESS.match(inner):  # it was encoded twice
            inner = unquote(inner)
        target = follow(url, inner, endpoints, what="authorize_url")
        return _by_address(target, response, endpoints) if target != url else Redirect(target)
    return Redirect(url)


def _blocked() -> Blocked:
    return Blocked(AuthError(AuthErrorCode.PAGE_BLOCKED, "the account is blocked"))


def _landed(response: Response, endpoints: Endpoints) -> Page:
    text = answer_text(response)
    if text.lstrip().startswith("{"):
        return _json_answer(parse_object(text), response, endpoints)
    act = _act(response.url)
    if act == "blocked":
        return _blocked()
    fragment = read_fragment(response.url, endpoints, response.received_at)
    if fragment is not None and any(True for _ in fragment.fields):
        return Finished(fragment)
    if "<!>" in text and response.url.path.endswith("/login.php"):
        parts = text.split("<!>", _ANSWER_PART + 1)
        return PhoneAnswer(len(parts) > _ANSWER_PART and parts[_ANSWER_PART] == _ANSWER_RIGHT)
    vkid = read_vkid_page(response.url, text)
    if vkid is not None:
        return vkid
    document = Document(text)
    page = (
        _login_page(document, response.url)
        or _captcha_page(document, response.url)
        or _phone_page(document, response.url, act)
        or _code_page(document, act)
        or _consent(document, response, endpoints)
        # That page is made by its scripts, and not all that they say about addresses is about now.
        or (None if act == "validate" else _moved(document, response, endpoints))
        or _validation_page(document, response, endpoints, act)
    )
    return page or Unknown(unexpected_error(response, endpoints, wanted="a page of VK's login"))


def _json_answer(answer: Fields | None, response: Response, endpoints: Endpoints) -> Page:
    if answer is not None:
        inner = answer.child("error")
        if inner is not None:
            return ErrorAnswer(api_refusal(inner))
        if "error" in answer:
            return ErrorAnswer(named_refusal(answer))
    return Unknown(unexpected_error(response, endpoints, wanted="a page of VK's login"))


def _form_with(document: Document, name: str) -> Form | None:
    return next((form for form in document.forms if name in form.names), None)


def _message(document: Document) -> str | None:
    marks = ("service_msg_warning", "box_error", "service_msg")
    return next((text[:300] for mark in marks for text in document.texts(mark) if text), None)


def _form_captcha(document: Document, form: Form, page: URL) -> CaptchaPrompt | None:
    """The captcha that a form asks for: its sid is a hidden field, its picture is beside it."""
    if "captcha_key" not in form.names and "captcha_sid" not in form.names:
        return None
    src = document.picture("captcha", "captcha_img", "oauth_captcha")
    return CaptchaPrompt(sid=form.fields.get("captcha_sid") or None, src=absolute(page, src))


def _login_page(document: Document, page: URL) -> LoginPage | None:
    form = _form_with(document, "pass")
    if form is None:
        return None
    return LoginPage(
        form=form,
        captcha=_form_captcha(document, form, page),
        refused=page.query.get("m") == _WRONG_PASSWORD,
        message=_message(document),
    )


def _captcha_page(document: Document, page: URL) -> CaptchaPage | None:
    form = _form_with(document, "captcha_key")
    captcha = _form_captcha(document, form, page) if form else None
    return CaptchaPage(form, captcha) if form and captcha else None


def _phone_page(document: Document, page: URL, act: str) -> PhonePage | None:
    if not act.startswith("security"):
        return None
    form = _form_with(document, "code")
    shown = document.texts("field_prefix")
    if form is not None and shown:
        return PhonePage(form, shown[0], shown[-1] if len(shown) > 1 else "")
    # The desktop page has no form: its script sends these fields.
    desktop = document.scripts
    key = _DESKTOP_HASH.search(desktop)
    prefix, suffix = document.search(_DESKTOP_PREFIX), document.search(_DESKTOP_SUFFIX)
    if key is None or prefix is None:
        return None
    fields = {"act": "security_check", "al": "1", "al_page": "3", "hash": key.group(1), "to": ""}
    form = Form("login.php", fields, frozenset(fields) | {"code"})
    return PhonePage(form, prefix, suffix or "")


def _code_page(document: Document, act: str) -> CodePage | None:
    if not act.startswith("authcheck") and not any("act=authcheck_code" in form.action for form in document.forms):
        return None
    form = _form_with(document, "code")
    resend = document.href(_RESEND_LINK)
    return CodePage(form, _message(document), Secret(resend) if resend else None) if form else None


def _consent(document: Document, response: Response, endpoints: Endpoints) -> Consent | None:
    for form in document.forms:
        if "act=grant_access" in form.action:
            request = form_request(form, response.url, endpoints, {})
            return Consent(request) if _grants(request.url, endpoints) else None
    for script_target in document.script_targets():
        if "act=grant_access" in script_target:
            target = follow(response.url, script_target, endpoints, what="the consent page")
            if _grants(target, endpoints):
                # The script of the "no" button is the same address with one more parameter.
                return Consent(post(target.without_query_params("cancel"), {}))
    return None


def _grants(url: URL, endpoints: Endpoints) -> bool:
    place = endpoints.locate(url)
    return place is not None and place.host == Host.LOGIN and _act(url) == "grant_access"


def _moved(document: Document, response: Response, endpoints: Endpoints) -> Page | None:
    target = document.refresh() or next(document.script_targets(), None)
    if target is None:
        return None
    url = follow(response.url, target, endpoints, what="a page")
    return _by_address(url, response, endpoints)


def _validation_page(document: Document, response: Response, endpoints: Endpoints, act: str) -> Page | None:
    if act not in ("validate", "captcha") and not response.url.path.endswith("/activation"):
        return None
    if response.status >= 400:  # out of date, say: a browser would see no more
        return None
    onward = document.link(inside="activation_wrap")
    if onward is not None:
        url = follow(response.url, onward, endpoints, what="a link")
        if _act(url) == "captcha":
            return Redirect(url)
    return ValidationPage(
        AuthError(
            AuthErrorCode.VALIDATION_REQUIRED,
            "VK's page works in a browser only: open error.redirect_uri there, once",
            redirect_uri=str(response.url),
        )
    )
