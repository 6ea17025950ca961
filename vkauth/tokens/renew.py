"""Ready functions that renew: by the refresh token, and by a login."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final, Protocol

from vkauth.cookies import Cookies
from vkauth.errors import AuthError, AuthErrorCode
from vkauth.models import GroupTokens
from vkauth.token_set import TokenSet
from vkauth.tokens.carrying import carry_over
from vkauth.tokens.renewal import Renew
from vkauth.tokens.values import StoredToken

__all__ = ["renew_by_login", "renew_by_refresh"]


_KEPT: Final = (
    "group_id", "scope", "email", "refresh_token", "refresh_expires_at", "id_token", "device_id", "trusted_hash",
    "cookies",
)  # fmt: skip


class _Refreshes(Protocol):
    async def refresh(self, tokens: TokenSet, /) -> TokenSet: ...


class _Runs(Protocol):
    async def run(self) -> Any: ...


def renew_by_refresh(client: _Refreshes) -> Renew:
    """Renew by the refresh token.

    Args:
        client: what refreshes: :class:`~vkauth.VKIDAuthorization`, or a provider that can.

    Returns:
        A function for :class:`StoredTokenSource`. What the service's answer leaves out is kept of the old token. If
        there is none, or it has no refresh token, the function raises ``INVALID_GRANT``.

    Raises:
        TypeError: ``client`` cannot refresh.
    """
    _require(client, "client", "refresh")

    async def renew(old: StoredToken | None) -> StoredToken:
        if old is None or old.refresh_token is None:
            raise AuthError(AuthErrorCode.INVALID_GRANT, "there is no refresh token: somebody has to log in")
        new = StoredToken.of(await client.refresh(old.token_set()))
        is_another = new.refresh_token is not None and new.refresh_token != old.refresh_token
        names = [each for each in _KEPT if each != "refresh_expires_at" or not is_another]  # it is that of the old one
        return carry_over(old, replace(new, kind=old.kind, user_id=_same_id(old, new)), *names)

    return renew


def _same_id(old: StoredToken, new: StoredToken) -> int | str | None:
    """The person's id as it was kept, if it is the same: VK's is a number in one place and text in another."""
    return old.user_id if new.user_id is None or str(old.user_id) == str(new.user_id) else new.user_id


def renew_by_login(authorization: _Runs, *, group_id: int | None = None, keep_cookies: bool = False) -> Renew:
    """Renew by logging in again.

    Args:
        authorization: what logs in: anything with ``async run()`` that returns tokens.
        group_id: which community's token to take, if it returns those of several.
        keep_cookies: whether the cookies of a web login are stored with the token, as its ``cookies``, so that a login
            in another process can be given them and needs no code.

    Returns:
        A function for :class:`StoredTokenSource`. Of the old token it keeps ``extra``, and ``client_id`` and
        ``provider`` of a token of the same kind, where the login says nothing of them.

    Raises:
        TypeError: ``authorization`` cannot log in.
    """
    _require(authorization, "authorization", "run")

    async def renew(old: StoredToken | None) -> StoredToken:
        found = await authorization.run()
        if isinstance(found, GroupTokens):
            if group_id is None:
                raise TypeError("group_id must say which of the communities' tokens is wanted")
            if group_id not in found:
                raise AuthError(AuthErrorCode.ACCESS_DENIED, f"the login gave no token of the community {group_id}")
            found = found[group_id]
        cookies = getattr(authorization, "cookies", None) if keep_cookies else None
        new = StoredToken.of(found, cookies=cookies) if isinstance(cookies, Cookies) else StoredToken.of(found)
        return carry_over(old, new)

    return renew


def _require(value: object, name: str, method: str) -> None:
    if not callable(getattr(value, method, None)):
        raise TypeError(f"{name} must have an async method {method}()")
