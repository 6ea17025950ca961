"""What the store knows of a token, where VK does not tell: its rights and its end."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar, cast

from vkauth.protocol.rights import read_wanted
from vkauth.token_info import TokenCheck, TokenInfo

if TYPE_CHECKING:
    from vkauth.tokens import StoredToken

__all__ = ["with_stored"]

_Told = TypeVar("_Told")


def with_stored(told: _Told, kept: StoredToken, scope: str) -> _Told:
    """What VK told of a stored token, with what is stored of it.

    Args:
        told: what :func:`vkauth.whoami` or :func:`vkauth.check` returned.
        kept: the token.
        scope: the rights that :func:`vkauth.check` was asked for.
    """
    found: Any = told
    if isinstance(told, TokenInfo):
        found = _filled(told, kept)
    elif isinstance(told, TokenCheck) and told.info is not None:
        info = _filled(told.info, kept)
        found = replace(told, info=info, missing=read_wanted(scope).missing(info))
    return cast("_Told", found)


def _filled(info: TokenInfo, kept: StoredToken) -> TokenInfo:
    if kept.kind not in (info.kind, "provider"):  # what was stored is of something else
        return info
    scope = frozenset(kept.scopes) if info.scope is None and kept.scope else info.scope
    return replace(info, scope=scope, expires_at=kept.expires_at if info.expires_at is None else info.expires_at)
