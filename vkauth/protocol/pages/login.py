"""The old form for login and password (seen from 2019 to 2022; docs/vk.md, 3.2a to 3.2c)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from vkauth.errors import AuthError, AuthErrorCode
from vkauth.protocol.captcha import CaptchaPrompt
from vkauth.protocol.endpoints import Endpoints
from vkauth.protocol.error_codes import form_refusal
from vkauth.protocol.pages.captcha import read_form_captcha
from vkauth.protocol.pages.parts import find_form, read_message
from vkauth.protocol.requests import form_request
from vkauth.wire.html import Document, Form
from vkauth.wire.http import Request, Response

__all__ = ["LoginPage", "logged_out", "read_login_page"]

_LOGIN: Final = "email"
_PASSWORD: Final = "pass"
# Of the hidden fields this one is on the desktop page alone; the mobile one has "lg_h" (docs/vk.md, 3.2a).
_OF_DESKTOP: Final = "lg_domain_h"
# The `m` that VK puts into the address of the page (seen in VkNet's recorded pages).
_WRONG_PASSWORD: Final = "4"


@dataclass(frozen=True, slots=True)
class LoginPage:
    """Login and password are asked for.

    Attributes:
        form: what is sent.
        captcha: a captcha on the same page.
        refused: VK says that login or password are wrong.
        message: what the page says, for a person.
        response: the answer that the page came in.
    """

    form: Form
    captcha: CaptchaPrompt | None
    refused: bool
    message: str | None
    response: Response

    @property
    def is_mobile(self) -> bool:
        """Whether it is the mobile page."""
        return _OF_DESKTOP not in self.form.names

    def answer(self, endpoints: Endpoints, *, login: str, password: str) -> Request:
        """Return the request that logs in; the answer to a captcha is still to be added.

        Raises:
            AuthError: ``UNTRUSTED_REDIRECT`` if the form would go anywhere but to VK.
        """
        return form_request(self.form, self.response.url, endpoints, {_LOGIN: login, _PASSWORD: password})

    def refusal(self) -> AuthError:
        """Return why the page came back, as far as VK says it."""
        if self.message is None and not self.refused:
            return AuthError(
                AuthErrorCode.AUTHORIZATION_FAILED, "VK shows the login form again and does not say why it refused"
            )
        return form_refusal(self.message)


def logged_out() -> AuthError:
    """Return the error for cookies that are good no more, where there is no password to log in with."""
    return AuthError(
        AuthErrorCode.INVALID_GRANT, "VK has ended the session of these cookies; log in with the password again"
    )


def read_login_page(document: Document, response: Response) -> LoginPage | None:
    """Read the page; ``None`` if it asks for no password."""
    form = find_form(document, _PASSWORD)
    if form is None:
        return None
    return LoginPage(
        form=form,
        captcha=read_form_captcha(document, form, response),
        refused=response.url.query.get("m") == _WRONG_PASSWORD,
        message=read_message(document),
        response=response,
    )
