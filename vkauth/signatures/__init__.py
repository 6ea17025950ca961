"""What VK signs with an application's secret: how a Mini App, a game or a site knows who its visitor is.

VK opens an application with parameters in the address and a signature over them. Whoever has the application's
"protected key" can check it; nothing is sent. Each function checks one way of signing: it returns what was signed, and
nothing else of what came, or raises :class:`~vkauth.AuthError` with the code ``SIGNATURE_INVALID`` or
``SIGNATURE_EXPIRED``. Signatures are compared in constant time.

The secret must not be on the visitor's side: these checks are a server's. docs/vk.md, 8.1 to 8.4.
"""

from __future__ import annotations

from vkauth.signatures.iframe import verify_auth_key, verify_iframe_sign
from vkauth.signatures.launch_params import LaunchParams, sign_launch_params, verify_launch_params
from vkauth.signatures.open_api import OpenAPISession, verify_open_api_cookie

__all__ = [
    "LaunchParams",
    "OpenAPISession",
    "sign_launch_params",
    "verify_auth_key",
    "verify_iframe_sign",
    "verify_launch_params",
    "verify_open_api_cookie",
]
