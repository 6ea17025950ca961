"""How VK is asked: forms by POST, and which of their fields are no secrets.

VK takes the fields of a query as well (docs/vk.md, 1.1), but a query ends up in access logs.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from yarl import URL

from vkauth.errors import AuthError, AuthErrorCode
from vkauth.protocol.endpoints import Endpoints
from vkauth.secret import hide
from vkauth.wire import http
from vkauth.wire.addresses import follow
from vkauth.wire.encoding import is_too_large
from vkauth.wire.http import Request

if TYPE_CHECKING:
    from vkauth.wire.html import Form

__all__ = ["form_request", "post"]

_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})
# Fields that say what is asked for, not who asks. Whatever is not on this list counts as a secret.
_PUBLIC_FIELDS: Final = frozenset(
    {
        "2fa_supported", "act", "al", "al_page", "app_id", "client_id", "device_name", "grant_type", "is_edu_flow",
        "is_oauth_migrated_flow", "is_registration", "is_seamless_auth", "is_switcher_flow", "lang", "oauth_force_hash",
        "oauth_response_type", "oauth_scope", "oauth_version", "remember", "save_user", "scope", "service_group",
        "supported_ways", "utf8", "v", "verification_method", "version", "web_auth",
    }
)  # fmt: skip


def post(url: URL, form: Mapping[str, str], *, headers: Mapping[str, str] = _NOTHING) -> Request:
    """A POST of ``form`` to ``url``. A value that is not public by its name becomes a ``Secret``."""
    return http.post(url, form, headers=headers, public=_PUBLIC_FIELDS)


def form_request(form: Form, page: URL, endpoints: Endpoints, values: Mapping[str, str]) -> Request:
    """The request that sends the ``form`` of ``page`` with ``values`` filled in.

    Always a POST: a form that would put a password into an address is not VK's.

    Raises:
        AuthError: ``UNTRUSTED_REDIRECT`` if the form would go anywhere but to VK, ``UNEXPECTED_RESPONSE`` if it is too
            large to be VK's.
    """
    url = follow(page, form.action, endpoints, what="a form")
    filled = {name: hide(value) for name, value in (*form.fields.items(), *values.items())}
    if is_too_large(filled):
        raise AuthError(AuthErrorCode.UNEXPECTED_RESPONSE, "a form of VK is too large to be sent")
    return post(url, filled)
