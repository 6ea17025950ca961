"""How VK opens applications inside of itself, or on a site: what it tells them of the person, and signs.

https://dev.vk.com/en/mini-apps/development/launch-params and launch-params-sign, https://dev.vk.com/en/games/parameters
and https://vk.com/dev/openapi_2 (seen 2026-11).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Final
from urllib.parse import quote, urlencode

from vkauth.testing.accounts import Account
from vkauth.testing.vk.state.apps import App
from vkauth.testing.vk.state.world import World

__all__ = ["Launches"]

_NOT_SIGNED: Final = ("sign", "hash", "api_result")
_LIFETIME: Final = 86400


class Launches:
    """Opens applications for people. Each method returns what the application gets, signed with its secret.

    The arguments ``whom`` are logins or accounts, ``app`` is an application; by default it is the sample one. Without
    such a person, or a secret to sign with, it is a ``LookupError``.

    Args:
        world: what VK knows.
    """

    def __init__(self, world: World) -> None:
        self._world = world

    def mini_app(self, whom: str | Account, app: App | None = None, **params: str | int) -> str:
        """The query of a Mini App's address; ``params`` are further parameters (``vk_group_id=7``), or other values.

        Those whose names begin with ``vk_`` are signed.
        """
        app = app or self._world.apps.sample
        values = {
            "vk_access_token_settings": "",
            "vk_app_id": app.client_id,
            "vk_are_notifications_enabled": 0,
            "vk_is_app_user": 1,
            "vk_is_favorite": 0,
            "vk_language": "ru",
            "vk_platform": "desktop_web",
            "vk_ref": "other",
            "vk_ts": int(self._world.unix_time()),
            "vk_user_id": self._find(whom).user_id,
            **params,
        }
        signed = sorted(pair for pair in values.items() if pair[0].startswith("vk_"))
        digest = hmac.digest(_secret(app), urlencode(signed, quote_via=quote, safe="").encode(), "sha256")
        sign = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        return urlencode({**values, "sign": sign}, quote_via=quote, safe="")

    def iframe(self, whom: str | Account, app: App | None = None, **params: str | int) -> str:
        """The query of an application's address in a frame, in the old way: with ``auth_key`` and ``sign``."""
        app = app or self._world.apps.sample
        viewer = self._find(whom).user_id
        auth_key = _md5(f"{app.client_id}_{viewer}_".encode() + _secret(app))
        values = {"api_id": app.client_id, "viewer_id": viewer, "language": 0, "auth_key": auth_key, **params}
        signed = "".join(str(value) for name, value in values.items() if name not in _NOT_SIGNED)
        return urlencode({**values, "sign": hmac.digest(_secret(app), signed.encode(), "sha256").hex()})

    def open_api_cookie(self, whom: str | Account, app: App | None = None, *, lifetime: float = _LIFETIME) -> str:
        """The value of the cookie ``vk_app_<client_id>`` on a site with the Open API; ``lifetime`` is in seconds."""
        app = app or self._world.apps.sample
        values = {
            "expire": int(self._world.unix_time() + lifetime),
            "mid": self._find(whom).user_id,
            "secret": self._world.entropy.hex(10),
            "sid": self._world.entropy.hex(64),
        }
        signed = "".join(f"{name}={value}" for name, value in values.items())
        return urlencode({**values, "sig": _md5(signed.encode() + _secret(app))})

    def _find(self, whom: str | Account) -> Account:
        account = whom if isinstance(whom, Account) else self._world.accounts.find(whom)
        if account is None:
            raise LookupError("there is no account with this login")
        return account


def _secret(app: App) -> bytes:
    if not app.client_secret:
        raise LookupError("this application has no client_secret to sign with")
    return app.client_secret.encode()


def _md5(text: bytes) -> str:
    return hashlib.md5(text, usedforsecurity=False).hexdigest()
