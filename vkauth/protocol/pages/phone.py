"""The page that asks for digits of the phone number, in both of its looks.

https://github.com/Yashko/vk-validation-node (2016), https://github.com/python273/vk_api (2026-07). docs/vk.md, 3.2f.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from yarl import URL

from vkauth.errors import AuthError, AuthErrorCode
from vkauth.protocol.endpoints import Endpoints, Host
from vkauth.protocol.pages.parts import act_of, find_form
from vkauth.protocol.requests import form_request
from vkauth.wire.html import Document, Form
from vkauth.wire.http import Request, Response

__all__ = ["PhoneAnswer", "PhonePage", "is_phone_check", "read_phone_answer", "read_phone_page", "wrong_phone"]

_CODE: Final = "code"
_PAGE: Final = "security"
_SHOWN: Final = "field_prefix"
_DIGITS: Final = re.compile(r"[+. ]{0,9}([0-9][0-9 ]{0,20})")
# The desktop page has no form: its script sends these fields.
_DESKTOP_PREFIX: Final = "ta_r"
_DESKTOP_SUFFIX: Final = "phone_postfix"
_DESKTOP_FIELDS: Final = {"act": "security_check", "al": "1", "al_page": "3", "to": ""}
_DESKTOP_HASH: Final = re.compile(r"al_page:\s{0,9}'3',\s{0,9}hash:\s{0,9}'([A-Za-z0-9_]{1,100})'")
_DESKTOP_ACTION: Final = "login.php"
# Its scripts are answered in parts; the fifth says how it went (vk_api reads the same).
_PART_MARK: Final = "<!>"
_PART: Final = 4
_RIGHT: Final = "4"


@dataclass(frozen=True, slots=True)
class PhonePage:
    """The digits of the phone number between ``prefix`` and ``suffix`` are asked for."""

    form: Form
    prefix: str
    suffix: str
    response: Response

    def answer(self, endpoints: Endpoints, *, digits: str) -> Request:
        """Return the request that brings the digits.

        Raises:
            AuthError: ``UNTRUSTED_REDIRECT`` if the form would go anywhere but to VK.
        """
        return form_request(self.form, self.response.url, endpoints, {_CODE: digits})


@dataclass(frozen=True, slots=True)
class PhoneAnswer:
    """What the desktop site's script gets for the digits: whether they were right."""

    right: bool


def wrong_phone() -> AuthError:
    """Return the error for digits that VK did not accept."""
    return AuthError(AuthErrorCode.INVALID_PHONE_NUMBER, "VK did not accept the digits of the phone number")


def is_phone_check(url: URL, endpoints: Endpoints) -> bool:
    """Whether ``url`` is VK's page that asks for digits of the phone number."""
    place = endpoints.locate(url)
    return place is not None and place.host in (Host.MOBILE, Host.WEB) and act_of(url).startswith(_PAGE)


def read_phone_answer(text: str, response: Response) -> PhoneAnswer | None:
    """Read the answer to the desktop page's script; ``None`` if it is none."""
    if not response.url.path.endswith(f"/{_DESKTOP_ACTION}") or _PART_MARK not in text:
        return None
    parts = text.split(_PART_MARK, _PART + 1)
    return PhoneAnswer(len(parts) > _PART and parts[_PART] == _RIGHT)


def read_phone_page(document: Document, response: Response) -> PhonePage | None:
    """Read the page; ``None`` if it does not say which digits it wants."""
    if not act_of(response.url).startswith(_PAGE):
        return None
    form = find_form(document, _CODE)
    shown = document.texts(_SHOWN)
    if form is not None and shown:
        return PhonePage(form, shown[0], shown[-1] if len(shown) > 1 else "", response)
    return _read_desktop_page(document, response)


def _read_desktop_page(document: Document, response: Response) -> PhonePage | None:
    key = _DESKTOP_HASH.search(document.scripts)
    prefix = _first_digits(document.texts(_DESKTOP_PREFIX))
    if key is None or prefix is None:
        return None
    fields = {**_DESKTOP_FIELDS, "hash": key.group(1)}
    form = Form(_DESKTOP_ACTION, fields, frozenset({*fields, _CODE}))
    return PhonePage(form, prefix, _first_digits(document.texts(_DESKTOP_SUFFIX)) or "", response)


def _first_digits(texts: list[str]) -> str | None:
    return next((match.group(1) for text in texts if (match := _DIGITS.fullmatch(text))), None)
