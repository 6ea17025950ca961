"""Sign in with VK, VK ID, Kakao or TikTok in a web application: routes, pages and sealed sessions.

:class:`SignIn` puts them in an ``aiohttp.web`` application. What they do is in pure functions over requests and
answers of their own, so that another framework needs one more adapter. Names load when they are first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vkauth._lazy import attach

if TYPE_CHECKING:
    from vkauth.signin.application import SignIn
    from vkauth.signin.provider import SignInProvider
    from vkauth.signin.session import Session

__all__ = ["Session", "SignIn", "SignInProvider"]

_HOMES = {"application": ("SignIn",), "provider": ("SignInProvider",), "session": ("Session",)}

if not TYPE_CHECKING:  # to a type checker every name would be there
    __getattr__, __dir__ = attach(__name__, _HOMES)
