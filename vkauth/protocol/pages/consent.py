"""The page that asks whether an application may have its rights (seen from 2019 to 2022; docs/vk.md, 3.2g)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from yarl import URL

from vkauth.protocol.endpoints import Endpoints, Host
from vkauth.protocol.pages.parts import act_of
from vkauth.protocol.requests import form_request, post
from vkauth.wire.addresses import follow
from vkauth.wire.html import Document
from vkauth.wire.http import Request, Response

__all__ = ["Consent", "read_consent"]

_ACT: Final = "grant_access"
_MARK: Final = f"act={_ACT}"
# The script of the "no" button goes to the same address with one more parameter
# (https://github.com/vknet/vk/issues/1214).
_NO: Final = "cancel"


@dataclass(frozen=True, slots=True)
class Consent:
    """The person is asked to give the application its rights; ``request`` says yes."""

    request: Request


def read_consent(document: Document, response: Response, endpoints: Endpoints) -> Consent | None:
    """Read the page; ``None`` if it does not ask for consent.

    Raises:
        AuthError: ``UNTRUSTED_REDIRECT`` if consent would go anywhere but to VK.
    """
    for form in document.forms:
        if _MARK in form.action:
            request = form_request(form, response.url, endpoints, {})
            return Consent(request) if _takes_consent(request.url, endpoints) else None
    for target in document.script_targets():
        if _MARK in target:
            url = follow(response.url, target, endpoints, what="the consent page")
            if _takes_consent(url, endpoints):
                return Consent(post(url.without_query_params(_NO), {}))
    return None


def _takes_consent(url: URL, endpoints: Endpoints) -> bool:
    place = endpoints.locate(url)
    return place is not None and place.host == Host.LOGIN and act_of(url) == _ACT
