"""The older signatures of applications in a frame of VK's site: ``auth_key`` and ``sign``. docs/vk.md, 8.3 and 8.4."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

from vkauth import checks
from vkauth.secret import Secret, hide_unless
from vkauth.signatures._md5 import md5
from vkauth.signatures._reading import invalid, mask, matches, read_number, read_query, require_secret

if TYPE_CHECKING:
    from yarl import URL

__all__ = ["verify_auth_key", "verify_iframe_sign"]

_NOT_SIGNED: Final = frozenset({"sign", "hash", "api_result"})
_TOO_LARGE: Final = 2**63  # VK's numbers are signed ones of 64 bits


def verify_auth_key(auth_key: str, *, api_id: int | str, viewer_id: int | str, secret: str) -> None:
    """Check the ``auth_key`` that an application in a frame of VK's site is opened with.

    https://dev.vk.com/en/games/parameters (seen 2026-11). It says that the application ``api_id`` was opened by the
    user ``viewer_id``. It says nothing of the other parameters (``api_result`` may be anybody's), and not when.

    Args:
        auth_key: as it came.
        api_id: your application's number, which need not be the one that came.
        viewer_id: the user's number, as it came.
        secret: the application's protected key.

    Raises:
        AuthError: ``SIGNATURE_INVALID`` if it is not what VK made with this secret.
        ValueError, TypeError: an argument is wrong, the secret empty say; the message names it.
    """
    auth_key, secret = hide_unless(auth_key, Secret), hide_unless(secret, Secret)
    require_secret(secret)
    if not isinstance(auth_key, str):
        raise TypeError(f"auth_key must be str, not {checks.kind_of(auth_key)}")
    numbers = [_digits("api_id", api_id), _digits("viewer_id", viewer_id)]
    # Other texts could be cut in several ways: "1_2" and "3" make what "1" and "2_3" do.
    if not all(map(read_number, numbers)) or not matches(auth_key, _auth_key, secret, numbers):
        raise invalid("the auth_key is not the one that VK makes for this user with this secret")


def _digits(name: str, value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise TypeError(f"{name} must be int or str, not {checks.kind_of(value)}")
    if isinstance(value, int) and not 0 < value < _TOO_LARGE:
        raise ValueError(f"{name} must be a positive number of at most 63 bits")
    return str(value)


def _auth_key(secret: str, numbers: Iterable[str]) -> str:
    return md5("_".join([*numbers, secret]))


def verify_iframe_sign(query: str | URL | Mapping[str, str], secret: str) -> dict[str, str]:
    """Check the old ``sign`` of an application in a frame of VK's site, or in a community.

    https://vk.com/dev/community_apps_docs (seen 2026-11). Signed are the values alone, one after the other as they
    came: neither their names nor where one ends. So it does not say by itself who somebody is: check ``auth_key`` too
    (:func:`verify_auth_key`).

    Args:
        query: the address that was opened, its query (with or without ``?``), or the decoded parameters in the order in
            which they came.
        secret: the application's protected key.

    Returns:
        The parameters that were signed, decoded: all but ``sign``, ``hash`` and ``api_result``. The values are masked
        in ``repr``: a token may be among them.

    Raises:
        AuthError: ``SIGNATURE_INVALID`` if it is not what VK signed with this secret, or if a name comes twice.
        ValueError, TypeError: an argument is wrong, the secret empty say; the message names it.
    """
    query, secret = mask(query), hide_unless(secret, Secret)
    require_secret(secret)
    fields = read_query(query)
    signed: dict[str, str] = {name: value for name, value in fields.items() if name not in _NOT_SIGNED}
    if not matches(fields.get("sign"), _iframe_sign, secret, signed.values()):
        raise invalid("the parameters are not those that VK signed with this secret")
    return signed


def _iframe_sign(secret: str, values: Iterable[str]) -> str:
    return hmac.digest(secret.encode(), "".join(values).encode(), "sha256").hex()
