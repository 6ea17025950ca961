"""The old page for a confirmation code (seen until 2022; docs/vk.md, 3.2d)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from yarl import URL

from vkauth.errors import AuthError, AuthErrorCode
from vkauth.protocol.endpoints import Endpoints
from vkauth.protocol.pages.parts import act_of, find_form, read_message
from vkauth.protocol.requests import form_request
from vkauth.secret import Secret
from vkauth.wire.addresses import follow
from vkauth.wire.html import Document, Form
from vkauth.wire.http import Request, Response, get

__all__ = ["CodePage", "asks_for_code", "read_code_page"]

_CODE: Final = "code"
_PAGE: Final = "authcheck"
_FORM: Final = "act=authcheck_code"
_RESEND_LINK: Final = "act=authcheck_sms"


@dataclass(frozen=True, slots=True)
class CodePage:
    """A confirmation code is asked for.

    Attributes:
        form: what is sent.
        message: what the page says, for a person.
        resend: the link that has the code sent by SMS.
        response: the answer that the page came in.
    """

    form: Form
    message: str | None
    resend: str | None
    response: Response

    def answer(self, endpoints: Endpoints, *, code: str) -> Request:
        """Return the request that brings the code.

        Raises:
            AuthError: ``UNTRUSTED_REDIRECT`` if the form would go anywhere but to VK.
        """
        return form_request(self.form, self.response.url, endpoints, {_CODE: code})

    def resend_request(self, endpoints: Endpoints) -> Request:
        """Return the request that has the code sent by SMS.

        Raises:
            AuthError: ``UNTRUSTED_REDIRECT`` if the link leads anywhere but to VK.
        """
        return get(follow(self.response.url, self.resend or "", endpoints, what="a link"))

    def refusal(self) -> AuthError:
        """Return what it means that the page came back."""
        said = None if self.message is None else f"VK: {self.message}"
        return AuthError(AuthErrorCode.WRONG_OTP, "the confirmation code is wrong", said=said)


def asks_for_code(url: URL) -> bool:
    """Whether the page at ``url`` is the one that asks for a code."""
    return act_of(url).startswith(_PAGE)


def read_code_page(document: Document, response: Response) -> CodePage | None:
    """Read the page; ``None`` if it asks for no code. Address or form say which code is meant."""
    asked = asks_for_code(response.url) or any(_FORM in form.action for form in document.forms)
    form = find_form(document, _CODE) if asked else None
    if form is None:
        return None
    resend = document.href(_RESEND_LINK)
    return CodePage(form, read_message(document), None if resend is None else Secret(resend), response)
