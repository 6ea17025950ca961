"""The launch parameters of Mini Apps and games.

https://dev.vk.com/en/mini-apps/development/launch-params-sign (seen 2026-11), docs/vk.md, 8.1.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, cast
from urllib.parse import quote

from vkauth import checks
from vkauth.errors import AuthError, AuthErrorCode
from vkauth.secret import Secret, hide_unless
from vkauth.signatures._reading import (
    MOST_PARAMS,
    Fields,
    Pairs,
    invalid,
    is_text,
    mask,
    matches,
    read_moment,
    read_now,
    read_number,
    read_query,
    require_secret,
)
from vkauth.token_set import ReadOnly

if TYPE_CHECKING:
    from yarl import URL

__all__ = ["LaunchParams", "sign_launch_params", "verify_launch_params"]

_PREFIX: Final = "vk_"
_USER: Final = "vk_user_id"
_APP: Final = "vk_app_id"
_TIME: Final = "vk_ts"
_LEEWAY: Final = timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchParams:
    """What VK says of whoever opened an application.

    Attributes:
        user_id: the person.
        app_id: the application.
        timestamp: when VK signed it (aware, UTC); ``None`` where VK did not say.
        params: the signed parameters by their names (``vk_platform``, ``vk_group_id``, ...), decoded. It cannot be
            changed, and its ``repr`` shows nothing of it: a token may be among them.
    """

    user_id: int
    app_id: int
    timestamp: datetime | None
    params: Mapping[str, str] = field(hash=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "params", cast("Mapping[str, str]", ReadOnly(self.params)))


def verify_launch_params(
    query: str | URL | Mapping[str, str],
    secret: str,
    *,
    max_age: float | None = None,
    now: datetime | None = None,
) -> LaunchParams:
    """Check the launch parameters of a Mini App or a game.

    Signed are the parameters whose names begin with ``vk_``, or those that ``sign_keys`` lists, in its order.

    Args:
        query: the address that was opened, its query (with or without ``?``), or the decoded parameters.
        secret: the application's protected key.
        max_age: seconds since VK signed it. VK advises an hour; ``None``: as old as it likes.
        now: the time (aware) that the age is counted to. Default: the machine's.

    Raises:
        AuthError: ``SIGNATURE_INVALID`` if it is not what VK signed with this secret, if a name comes twice, if the
            user or the application is not among what was signed, or if ``max_age`` is given and it has no time or one
            more than a minute ahead; ``SIGNATURE_EXPIRED`` if it is older than ``max_age``.
        ValueError, TypeError: an argument is wrong, the secret empty say; the message names it.
    """
    query, secret = mask(query), hide_unless(secret, Secret)
    require_secret(secret)
    limit = None if max_age is None else checks.seconds("max_age", max_age)
    moment = read_now(now)
    fields = read_query(query)
    signed = _signed(fields)
    if not matches(fields.get("sign"), _sign, secret, signed.items()):
        raise invalid("the launch parameters are not those that VK signed with this secret")
    user_id, app_id = read_number(signed.get(_USER)), read_number(signed.get(_APP))
    if user_id is None or app_id is None:
        raise invalid(f"{_USER} and {_APP} are not both among the signed launch parameters")
    timestamp = read_moment(signed.get(_TIME))
    if limit is not None:
        _check_age(timestamp, limit, moment)
    return LaunchParams(user_id=user_id, app_id=app_id, timestamp=timestamp, params=signed)


def sign_launch_params(params: Mapping[str, str | int], secret: str) -> Secret:
    """Sign launch parameters as VK does, to test an application with.

    Args:
        params: decoded; those whose names begin with ``vk_`` are signed, the others left out.
        secret: the application's protected key.

    Returns:
        The value of the parameter ``sign``.

    Raises:
        ValueError, TypeError: an argument is wrong; the message names it.
    """
    params, secret = mask(params), hide_unless(secret, Secret)
    require_secret(secret)
    signed = {name: value for name, value in _read_params(params).items() if name.startswith(_PREFIX)}
    if not signed:
        raise ValueError(f"params must hold some whose names begin with {_PREFIX}")
    return Secret(_sign(secret, sorted(signed.items())))


def _signed(fields: Fields) -> Fields:
    """The signed parameters in the order in which they are signed."""
    keys = fields.get("sign_keys")
    if keys is None:
        return {name: fields[name] for name in sorted(fields) if name.startswith(_PREFIX)}
    names = keys.split(",")
    if len(set(names)) < len(names) or not {_USER, _APP} <= set(names) <= fields.keys() - {"sign"}:
        raise invalid(f"sign_keys does not list {_USER} and {_APP}, or lists something twice or that is not there")
    return {name: fields[name] for name in names}


def _sign(secret: str, pairs: Iterable[tuple[str, str]]) -> str:
    text = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in pairs)
    return urlsafe_b64encode(hmac.digest(secret.encode(), text.encode(), "sha256")).decode().rstrip("=")


def _check_age(timestamp: datetime | None, limit: float, now: datetime) -> None:
    if timestamp is None:
        raise invalid(f"there is no {_TIME} among the signed launch parameters, so nobody knows how old they are")
    if timestamp - now > _LEEWAY:
        raise invalid(f"{_TIME} is in the future")
    if (now - timestamp).total_seconds() > limit:
        raise AuthError(AuthErrorCode.SIGNATURE_EXPIRED, "the launch parameters are too old")


def _read_params(params: object) -> Fields:
    if not isinstance(params, Pairs):
        raise TypeError(f"params must be a mapping, not {checks.kind_of(params)}")
    if not all(isinstance(name, str) and _is_value(value) for name, value in params):
        raise TypeError("params must map names (str) to values (str, or int of at most 63 bits)")
    found = {name: Secret(value) for name, value in params}
    if len(params) > MOST_PARAMS or len(found) < len(params) or not all(map(is_text, (*found, *found.values()))):
        raise ValueError("params hold a name twice, characters that cannot be sent, or more than anybody signs")
    return found


def _is_value(value: object) -> bool:
    return isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63)
