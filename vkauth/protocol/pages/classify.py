"""Which page an answer is, by its parsed address and its forms."""

from __future__ import annotations

from typing import Final, TypeAlias

from vkauth.errors import AuthError
from vkauth.protocol.answers import answer_text
from vkauth.protocol.blank_page import read_fragment
from vkauth.protocol.endpoints import Endpoints, Host
from vkauth.protocol.error_codes import api_refusal, named_refusal
from vkauth.protocol.gate import service_trouble, unexpected_error
from vkauth.protocol.outcomes import Refused
from vkauth.protocol.pages.addresses import Finished, Redirect, is_blocked, page_blocked, read_address, read_move
from vkauth.protocol.pages.captcha import CaptchaPage, read_captcha_page
from vkauth.protocol.pages.code import CodePage, read_code_page
from vkauth.protocol.pages.consent import Consent, read_consent
from vkauth.protocol.pages.login import LoginPage, read_login_page
from vkauth.protocol.pages.phone import PhoneAnswer, PhonePage, read_phone_answer, read_phone_page
from vkauth.protocol.pages.validation import is_made_by_scripts, read_validation_page
from vkauth.protocol.vkid_page import VKIDPage, read_vkid_page
from vkauth.wire.addresses import is_redirect, redirect_target
from vkauth.wire.early_scripts import early_scripts
from vkauth.wire.html import Document
from vkauth.wire.http import Response
from vkauth.wire.json import parse_object

__all__ = ["Page", "classify"]

Page: TypeAlias = (
    Finished | Redirect | LoginPage | CodePage | CaptchaPage | PhonePage | PhoneAnswer | Consent | VKIDPage | Refused
)

_WANTED: Final = "a page of VK's login"
# An error has a few hundred characters. Two MiB of brackets would take a second.
_LONGEST_JSON: Final = 256 * 1024


def classify(response: Response, endpoints: Endpoints) -> Page:
    """Tell what page an answer is. Never raises: what cannot be trusted or understood is :class:`Refused` as well."""
    trouble = service_trouble(response, endpoints)
    if trouble is not None:
        return Refused(trouble)
    try:
        if is_redirect(response):
            return read_address(redirect_target(response, endpoints), response, endpoints)
        page = _read_page(response, endpoints)
    except AuthError as error:
        return Refused(error.with_traceback(None))  # the frames below may hold an address with a token in it
    return page or Refused(unexpected_error(response, endpoints, wanted=_WANTED))


def _read_page(response: Response, endpoints: Endpoints) -> Page | None:
    text = answer_text(response)
    if text.lstrip().startswith("{"):
        return _read_json(text)
    if is_blocked(response.url):
        return page_blocked()
    fragment = read_fragment(response.url, endpoints, response.received_at)
    if fragment is not None and any(True for _ in fragment.fields):
        return Finished(fragment)
    phone_answer = read_phone_answer(text, response)
    if phone_answer is not None:
        return phone_answer
    place = endpoints.locate(response.url)
    if place is not None and place.host is Host.ID:
        # Its data is at the beginning of a long page.
        page = read_vkid_page(response.url, early_scripts(text))
        if page is not None:
            return page
    document = Document(text)
    return (
        read_vkid_page(response.url, document.script_texts)
        or read_login_page(document, response)
        or read_captcha_page(document, response)
        or read_phone_page(document, response)
        or read_code_page(document, response)
        or read_consent(document, response, endpoints)
        or (None if is_made_by_scripts(response.url) else read_move(document, response, endpoints))
        or read_validation_page(document, response, endpoints)
    )


def _read_json(text: str) -> Refused | None:
    answer = parse_object(text) if len(text) <= _LONGEST_JSON else None
    if answer is None or "error" not in answer:
        return None
    inner = answer.child("error")
    return Refused(named_refusal(answer) if inner is None else api_refusal(inner))
