"""The cookie of VK's Open API. https://vk.com/dev/openapi_2 (seen 2026-11), docs/vk.md, 8.2."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from vkauth import checks
from vkauth.errors import AuthError, AuthErrorCode
from vkauth.secret import Secret, hide, hide_unless
from vkauth.signatures._md5 import md5
from vkauth.signatures._reading import (
    invalid,
    matches,
    read_moment,
    read_now,
    read_number,
    read_text,
    require_secret,
)

__all__ = ["OpenAPISession", "verify_open_api_cookie"]

_SIGNED: Final = ("expire", "mid", "secret", "sid")


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAPISession:
    """Who logged in to a site by VK's Open API.

    Attributes:
        user_id: the person.
        expires_at: when the session ends (aware, UTC).
        sid: its key, masked in ``repr``.
    """

    user_id: int
    expires_at: datetime
    sid: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "sid", hide(self.sid))


def verify_open_api_cookie(cookie: str, secret: str, *, now: datetime | None = None) -> OpenAPISession:
    """Check the cookie ``vk_app_<application>`` that VK's Open API leaves on a site.

    Args:
        cookie: its value, ``expire=...&mid=...&secret=...&sid=...&sig=...``.
        secret: the application's protected key.
        now: the time (aware) by which the session may have ended. Default: the machine's.

    Raises:
        AuthError: ``SIGNATURE_INVALID`` if it is not what VK signed with this secret, or if a name comes twice;
            ``SIGNATURE_EXPIRED`` if the session has ended.
        ValueError, TypeError: an argument is wrong, the secret empty say; the message names it.
    """
    cookie, secret = hide_unless(cookie, Secret), hide_unless(secret, Secret)
    require_secret(secret)
    moment = read_now(now)
    if not isinstance(cookie, str):
        raise TypeError(f"cookie must be str, not {checks.kind_of(cookie)}")
    fields = read_text(cookie)
    signed = {name: fields[name] for name in _SIGNED if name in fields}
    # Names and values follow each other without a separator: a value must not hold what looks like the next name.
    readable = len(signed) == len(_SIGNED) and not any("=" in value for value in signed.values())
    if not readable or not matches(fields.get("sig"), _sign, secret, signed.items()):
        raise invalid("the cookie is not one that VK signed with this secret")
    user_id, expires_at = read_number(signed["mid"]), read_moment(signed["expire"])
    if user_id is None or expires_at is None:
        raise invalid("the cookie names no user, or no time")
    if expires_at <= moment:
        raise AuthError(AuthErrorCode.SIGNATURE_EXPIRED, "the session of the cookie has ended")
    return OpenAPISession(user_id=user_id, expires_at=expires_at, sid=signed["sid"])


def _sign(secret: str, pairs: Iterable[tuple[str, str]]) -> str:
    return md5("".join(f"{name}={value}" for name, value in pairs) + secret)
