"""Addresses of VK's that hold the one they lead to.

docs/vk.md, 3.2h: ``auth_redirect`` before the end of a login, ``away.php`` in each link that is sent in a message.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import unquote

from yarl import URL

from vkauth.protocol.endpoints import Endpoints

__all__ = ["BY_ANYBODY", "BY_VK", "MOST_WRAPS", "decode_delimiters", "wrapped_address"]

MOST_WRAPS: Final = 5
"""VK wraps an address once; whoever sends it on may do so again."""

BY_VK: Final[Mapping[str, str]] = {"/auth_redirect": "authorize_url"}
"""The paths of those that VK makes at the end of a login, with the parameter that holds the address."""

BY_ANYBODY: Final[Mapping[str, str]] = {**BY_VK, "/away.php": "to"}
"""The same with those that lead anywhere: for what a person brings. No redirect by one of them may end a login."""

# ":", "#", "=" and "?", encoded. Before its first "=" no address needs them so.
_DELIMITER: Final = re.compile(r"%(?:25)?(?:3a|23|3d|3f)", re.IGNORECASE)


def decode_delimiters(address: str, times: int) -> str:
    """Undo what was encoded of an address beyond its values: the whole of it, or a part (from ``#`` on, say).

    Args:
        address: what may be encoded. If its first ``=`` is not, what follows stays as it is.
        times: layers that are undone at most.
    """
    for _ in range(times):
        head, mark, rest = address.partition("=")
        if not _DELIMITER.search(head):
            break
        address = unquote(head) + mark + rest
    return address


def wrapped_address(url: URL, endpoints: Endpoints, parameters: Mapping[str, str]) -> str | None:
    """The address that ``url`` leads to, to be checked yet; ``None`` if it does not lead on.

    Args:
        url: an address.
        endpoints: the hosts.
        parameters: :data:`BY_VK` or :data:`BY_ANYBODY`.
    """
    place = endpoints.locate(url)
    name = None if place is None else parameters.get(place.path)
    inner = None if name is None else url.query.get(name)
    return None if inner is None else decode_delimiters(inner, 1)
