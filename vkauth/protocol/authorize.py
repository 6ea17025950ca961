"""The address at which VK is asked for a token: the start of the implicit flow.

https://dev.vk.com/en/api/access-token/implicit-flow-user and
https://dev.vk.com/en/api/access-token/implicit-flow-community (seen 2026-11). docs/vk.md, 3.1 and 3.2.
"""

from __future__ import annotations

from vkauth.protocol.endpoints import Endpoints, Host
from vkauth.wire.http import Request, get

__all__ = ["authorize_request"]


def authorize_request(
    endpoints: Endpoints, *, client_id: str, scope: str, api_version: str, group_ids: tuple[int, ...] = ()
) -> Request:
    """Ask for the user's token, or for those of the communities ``group_ids``. Nothing of the person is in it."""
    query = {
        "client_id": client_id,
        "redirect_uri": str(endpoints.blank),
        "display": "mobile",  # the look without scripts
        "scope": scope,
        "response_type": "token",
        "v": api_version,
    }
    if group_ids:
        query["group_ids"] = ",".join(map(str, group_ids))
    return get(endpoints.url(Host.OAUTH, "/authorize").with_query(query))
