"""Pages that need a browser (https://github.com/negezor/vk-io/issues/544, 2023-05; docs/vk.md, 4)."""

from __future__ import annotations

from typing import Final

from yarl import URL

from vkauth.errors import AuthError, AuthErrorCode
from vkauth.protocol.endpoints import Endpoints
from vkauth.protocol.outcomes import Refused
from vkauth.protocol.pages.addresses import Redirect
from vkauth.protocol.pages.parts import act_of
from vkauth.wire.addresses import follow
from vkauth.wire.html import Document
from vkauth.wire.http import Response

__all__ = ["browser_needed", "is_made_by_scripts", "read_validation_page"]

_VALIDATE: Final = "validate"
_CAPTCHA: Final = "captcha"
_PATH: Final = "/activation"
_ONWARD: Final = "activation_wrap"


def browser_needed(address: URL) -> AuthError:
    """Return the error for a page that only the person can pass, in a browser."""
    return AuthError(
        AuthErrorCode.VALIDATION_REQUIRED,
        "VK wants the person to pass this page: open error.redirect_uri in a browser",
        redirect_uri=str(address),
    )


def is_made_by_scripts(url: URL) -> bool:
    """Whether scripts make the page, so that not all that they say about addresses is about now."""
    return act_of(url) == _VALIDATE


def read_validation_page(document: Document, response: Response, endpoints: Endpoints) -> Redirect | Refused | None:
    """Read a page of the verification: it has a link to a captcha, or it needs a browser; ``None`` if it is none.

    Raises:
        AuthError: ``UNTRUSTED_REDIRECT`` if its link leads anywhere but to VK.
    """
    if act_of(response.url) not in (_VALIDATE, _CAPTCHA) and not response.url.path.endswith(_PATH):
        return None
    if response.status >= 400:  # out of date, say: a browser would see no more
        return None
    onward = document.link(_ONWARD)
    if onward is not None:
        url = follow(response.url, onward, endpoints, what="a link")
        if act_of(url) == _CAPTCHA:
            return Redirect(url)
    return Refused(browser_needed(response.url))
