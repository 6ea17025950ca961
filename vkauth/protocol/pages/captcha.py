"""Captchas on the old pages (docs/vk.md, 3.2c, 3.2e and 4; seen until 2022)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from vkauth.protocol.captcha import CaptchaPrompt
from vkauth.protocol.endpoints import Endpoints
from vkauth.protocol.pages.parts import find_form
from vkauth.protocol.requests import form_request
from vkauth.wire.addresses import absolute
from vkauth.wire.html import Document, Form
from vkauth.wire.http import Request, Response

__all__ = ["CaptchaPage", "read_captcha_page", "read_form_captcha"]

_SID: Final = "captcha_sid"
_KEY: Final = "captcha_key"
_CODE: Final = "code"
_PICTURES: Final = ("captcha", "captcha_img", "oauth_captcha")


@dataclass(frozen=True, slots=True)
class CaptchaPage:
    """A captcha alone is asked for: after a confirmation code, or in a verification."""

    form: Form
    captcha: CaptchaPrompt
    response: Response

    def answer(self, endpoints: Endpoints, *, code: str | None) -> Request:
        """Return the request to which the captcha's answer is still to be added.

        Args:
            endpoints: where it may go.
            code: the confirmation code that led here goes along: some of VK's pages keep it, some do not.

        Raises:
            AuthError: ``UNTRUSTED_REDIRECT`` if the form would go anywhere but to VK.
        """
        values = {} if code is None or self.form.fields.get(_CODE) else {_CODE: code}
        return form_request(self.form, self.response.url, endpoints, values)


def read_form_captcha(document: Document, form: Form, response: Response) -> CaptchaPrompt | None:
    """Read the captcha that a form asks for: its sid is a hidden field, its picture is beside it."""
    if form.names.isdisjoint({_KEY, _SID}):
        return None
    src = absolute(response.url, document.picture(*_PICTURES))
    return CaptchaPrompt(sid=form.fields.get(_SID) or None, src=src)


def read_captcha_page(document: Document, response: Response) -> CaptchaPage | None:
    """Read the page; ``None`` if it asks for no captcha."""
    form = find_form(document, _KEY)
    captcha = None if form is None else read_form_captcha(document, form, response)
    return None if form is None or captcha is None else CaptchaPage(form, captcha, response)
