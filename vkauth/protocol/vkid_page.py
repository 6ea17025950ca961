"""The page of VK ID: its data is in ``window.init``, which its script would read (seen 2025-02 to 2026-07)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, cast

from yarl import URL

from vkauth.secret import Secret
from vkauth.wire.json import Fields

__all__ = ["VKIDPage", "read_vkid_page"]

_INIT: Final = re.compile(r"window\.init\s{0,9}=\s{0,9}(?=\{)")
# No page of VK comes near; what follows the object is not looked at.
_LONGEST: Final = 256 * 1024
_DECODER: Final = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class VKIDPage:
    """VK ID's login or consent page.

    Attributes:
        app_id: the application that logs in: VK ID itself, or the one in the address.
        auth_token: the page's own token, sent back as ``auth_token``.
        anonymous_token: the token for calls before the login.
        uuid: the id of this login.
        return_auth_hash: the key to the token of the application that asked.
    """

    app_id: str
    auth_token: str | None
    anonymous_token: str | None
    uuid: str | None
    return_auth_hash: str | None

    def __repr__(self) -> str:
        return f"<VKIDPage app_id={self.app_id}>"


def read_vkid_page(url: URL, scripts: Iterable[str]) -> VKIDPage | None:
    """Read the page, or return ``None`` if it has no ``window.init`` that names an application.

    Args:
        url: the page's address.
        scripts: the texts of its scripts.
    """
    found = ((script, match) for script in scripts if (match := _INIT.search(script)))
    script, match = next(found, ("", None))
    if match is None:
        return None
    try:
        value, _ = _DECODER.raw_decode(script[match.end() : match.end() + _LONGEST])
    except (ValueError, RecursionError):  # also a number of more digits than Python reads
        return None
    init = Fields(cast("dict[str, Any]", value))
    nothing = Fields({})
    auth = init.child("auth") or nothing
    data = init.child("data") or nothing
    hashes = data.child("hash") or nothing
    app_id = auth.text("host_app_id") or _parameter(url, "app_id")
    if app_id is None:
        return None
    key = hashes.text("return_auth") or _parameter(url, "return_auth_hash")
    return VKIDPage(
        app_id=app_id,
        # Older pages carry the token flat.
        auth_token=auth.text("access_token") or init.text("auth_token"),
        anonymous_token=auth.text("anonymous_token") or init.text("anonymous_token"),
        uuid=data.text("uuid"),
        return_auth_hash=Secret(key) if key else None,
    )


def _parameter(url: URL, name: str) -> str | None:
    return Fields(dict(url.query)).text(name)
