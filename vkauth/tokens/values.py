"""A token with all that is needed to use it and to renew it, as it is kept; and a record of a store."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any, Final, TypeAlias, TypeVar

from vkauth import stored
from vkauth.cookies import Cookie, Cookies
from vkauth.models import GroupToken, TokenSet, UserToken
from vkauth.moments import require_moment
from vkauth.scopes import GroupScope, UserScope, scope_names
from vkauth.secret import Secret, hide, hide_unless, kind_of, masked
from vkauth.token_info import TokenKind
from vkauth.token_set import ReadOnly, is_sendable_token

__all__ = ["AnyToken", "StoredToken", "TokenRecord", "fields_of", "hide_token", "revive_token"]

_NAME: Final = "stored_token"
_SECRET: Final = ("token", "refresh_token", "id_token", "device_id", "secret", "trusted_hash")
_TEXTS: Final = (*_SECRET, "scope", "email", "token_type", "client_id", "provider")
_NUMBERS: Final = ("group_id", "expires_in")
_DATES: Final = ("expires_at", "refresh_expires_at")
_TOO_LARGE: Final = 2**63
_LONE_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")
_NOTHING: Final = ReadOnly({})
_Value = TypeVar("_Value")


def _nothing() -> Mapping[str, str]:
    return _NOTHING  # type: ignore[return-value]  # it holds texts alone: there are none


def _hide_cookies(value: object) -> object:
    return hide_unless(value, Cookies)


def _hide_extra(value: object) -> object:
    return ReadOnly(value) if isinstance(value, Mapping) else hide_unless(value, ReadOnly)


@masked(*_SECRET, cookies=_hide_cookies, extra=_hide_extra)
@dataclass(frozen=True, slots=True, kw_only=True)
class StoredToken:
    """A token as it is kept, of any kind, with what is needed to renew it. Its secrets are masked in ``repr``.

    The names are those of :class:`~vkauth.UserToken` and :class:`~vkauth.TokenSet`, so that code for the result of a
    login takes it as well. Only :attr:`token` must be given; what is not known is ``None``.

    Raises:
        ValueError, TypeError: a value is none that the field can have; the message names the field.

    Attributes:
        token: the access token, visible ASCII.
        kind: whom it speaks for.
        user_id: whose it is: VK's number, or another provider's text.
        group_id: the community of a group token.
        expires_in: seconds it lives from the moment it was issued; 0: it does not expire.
        expires_at: when it ends (aware); ``None``: never, or nobody knows.
        scope: its rights: names with spaces between them, or VK's mask.
        email: the person's address.
        refresh_token: gets a new token when this one has ended.
        refresh_expires_at: when the refresh token ends (aware).
        id_token: who the person is, signed by the service.
        token_type: ``"Bearer"``.
        device_id: VK ID's name of the login; it belongs to :attr:`refresh_token`.
        client_id: the application that the token was issued to.
        provider: the id of the service that issued it, ``"kakao"`` say.
        secret: the key for signed calls of VK's API.
        trusted_hash: lets the same device log in without a code next time (direct authorization).
        cookies: those of the web login that gave it.
        extra: what else a program keeps with it.
    """

    token: str
    kind: TokenKind = TokenKind.USER
    user_id: int | str | None = None
    group_id: int | None = None
    expires_in: int | None = None
    expires_at: datetime | None = None
    scope: str | None = None
    email: str | None = None
    refresh_token: str | None = None
    refresh_expires_at: datetime | None = None
    id_token: str | None = None
    token_type: str = "Bearer"
    device_id: str | None = None
    client_id: str | None = None
    provider: str | None = None
    secret: str | None = None
    trusted_hash: str | None = None
    cookies: Cookies | None = None
    extra: Mapping[str, str] = field(default_factory=_nothing, hash=False)

    def __post_init__(self) -> None:
        for name in _SECRET:
            object.__setattr__(self, name, hide(getattr(self, name)))
        object.__setattr__(self, "kind", _read_kind(self.kind))
        for name in _TEXTS:
            if getattr(self, name) is not None:
                _require_text(name, getattr(self, name))
        _require_text("token", self.token)
        _require_text("token_type", self.token_type)
        if not is_sendable_token(self.token):
            raise ValueError("token must be visible ASCII")
        for name in _NUMBERS:
            _require_number(name, getattr(self, name))
        if isinstance(self.user_id, str):
            _require_text("user_id", self.user_id)
        else:
            _require_number("user_id", self.user_id)
        for name in _DATES:
            require_moment(name, getattr(self, name))
        if self.cookies is not None and not isinstance(self.cookies, Cookies):
            raise TypeError(f"cookies must be Cookies, not {kind_of(self.cookies)}")
        object.__setattr__(self, "extra", _read_extra(self.extra))

    @classmethod
    def of(cls, token: AnyToken, **changes: Any) -> StoredToken:
        """Make one of what a login gave.

        Args:
            token: a :class:`~vkauth.UserToken`, :class:`~vkauth.GroupToken`, :class:`~vkauth.TokenSet` (``vkid`` if it
                has a ``device_id``, else ``provider``), :class:`StoredToken`, or the text of a user's token.
            changes: fields that are to have another value.

        Raises:
            TypeError, ValueError: it is none of these, or a field cannot have its value.
        """
        token = hide_token(token)
        changes = {name: _HIDES.get(name, hide)(value) for name, value in changes.items()}
        found: dict[str, Any]
        match token:
            case StoredToken():
                return replace(token, **changes) if changes else token
            case UserToken():
                found = {each.name: getattr(token, each.name) for each in fields(token)}
            case GroupToken():
                found = {each.name: getattr(token, each.name) for each in fields(token)} | {"kind": TokenKind.GROUP}
            case TokenSet():
                found = _of_token_set(token)
            case str():
                found = {"token": token}
            case _:
                raise TypeError(
                    f"token must be UserToken, GroupToken, TokenSet, StoredToken or str, not {kind_of(token)}"
                )
        return cls(**found | changes)

    @property
    def scopes(self) -> tuple[str, ...]:
        """The names of the rights in :attr:`scope`; none where it is not known."""
        return scope_names(self.scope, GroupScope if self.kind is TokenKind.GROUP else UserScope)

    def token_set(self) -> TokenSet:
        """The same as the tokens of a code flow, for those who refresh and revoke them."""
        return TokenSet(
            access_token=self.token,
            token_type=self.token_type,
            expires_in=self.expires_in,
            expires_at=self.expires_at,
            refresh_token=self.refresh_token,
            refresh_expires_at=self.refresh_expires_at,
            id_token=self.id_token,
            scope=tuple((self.scope or "").split()),
            user_id=None if self.user_id is None else str(self.user_id),
            email=self.email,
            device_id=self.device_id,
        )

    def dump(self) -> Secret:
        """The token as JSON text, with all its secrets: ordinary text whose ``repr`` is a mask."""
        return stored.dump(_NAME, self)

    @classmethod
    def load(cls, text: str | bytes) -> StoredToken:
        """Read what :meth:`dump` gave. A field that is missing has its default.

        Raises:
            ValueError: it is something else.
        """
        token = revive_token(stored.unpack(_NAME, text))
        if token is None:
            text = ""  # a traceback shows what is in variables
            raise ValueError("this is not a stored token that dump() gave")
        return token


AnyToken: TypeAlias = UserToken | GroupToken | TokenSet | StoredToken | str
"""What :meth:`StoredToken.of` takes."""


def hide_token(token: _Value) -> _Value:
    """Return what :meth:`StoredToken.of` takes as it is, texts masked; of all else only the name of its class."""
    return hide_unless(token, UserToken | GroupToken | TokenSet | StoredToken)


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRecord:
    """What a store keeps under a key.

    Attributes:
        key: its name.
        token: what was kept.
        version: a positive number that this key never has again.
        saved_at: when it was written (aware, UTC), by the clock of whoever wrote it.
    """

    key: str
    token: StoredToken
    version: int
    saved_at: datetime


def _of_token_set(token: TokenSet) -> dict[str, Any]:
    found = {each.name: getattr(token, each.name) for each in fields(token)}
    del found["raw"], found["claims"]  # what an answer said besides is not kept
    found["token"] = found.pop("access_token")
    found["scope"] = " ".join(token.scope) or None
    found["kind"] = TokenKind.PROVIDER if token.device_id is None else TokenKind.VKID
    return found


def fields_of(token: StoredToken) -> dict[str, Any]:
    """The fields of a token as JSON has them, as in :meth:`StoredToken.dump`; with all its secrets."""
    row: dict[str, Any] = json.loads(token.dump())[_NAME]
    return row


def revive_token(row: object) -> StoredToken | None:
    """Make a token of its fields in JSON again; ``None`` if they are something else. ``row`` is used up."""
    if not isinstance(row, dict):
        return None
    try:
        changes: dict[str, Any] = {name: _OTHERS[name](row.pop(name)) for name in [*_OTHERS] if name in row}
        return StoredToken(**stored.read_fields(StoredToken, row), **changes)
    except (ValueError, TypeError, KeyError):
        return None


def _read_kind(value: object) -> TokenKind:
    if not isinstance(value, str):
        raise TypeError(f"kind must be TokenKind, not {kind_of(value)}")
    try:
        return TokenKind(value)
    except ValueError:
        pass
    raise ValueError(f"kind must be one of {', '.join(TokenKind)}")


def _read_cookies(value: object) -> Cookies | None:
    if value is None:
        return None
    found = stored.revive_all(Cookie, value["cookies"]) if isinstance(value, dict) and len(value) == 1 else None
    if found is None:
        raise ValueError
    return Cookies(tuple(found))


def _read_extra(value: object) -> ReadOnly:
    if not isinstance(value, Mapping):
        raise TypeError(f"extra must be a mapping, not {kind_of(value)}")
    for name in value:
        each = hide_unless(value[name], Secret)
        if not isinstance(name, str) or not isinstance(each, str):
            raise TypeError("extra must map str to str")
        _require_unicode("extra", name)
        _require_unicode("extra", each)
    return value if isinstance(value, ReadOnly) else ReadOnly(value)


_HIDES: Final[dict[str, Callable[[object], object]]] = {"cookies": _hide_cookies, "extra": _hide_extra}
_OTHERS: Final = {"kind": _read_kind, "cookies": _read_cookies, "extra": _read_extra}


def _require_text(name: str, value: object) -> None:
    if not isinstance(value, str):
        raise TypeError(f"{name} must be str, not {kind_of(value)}")
    if not value:
        raise ValueError(f"{name} must not be empty")
    _require_unicode(name, value)


def _require_unicode(name: str, value: str) -> None:
    if not value.isascii() and _LONE_SURROGATE.search(value):
        raise ValueError(f"{name} must be text that can be written: half a character is in it")


def _require_number(name: str, value: object) -> None:
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name} must be int, not {kind_of(value)}")
    if not 0 <= value < _TOO_LARGE:
        raise ValueError(f"{name} must be from 0 on, and below 2**63")
