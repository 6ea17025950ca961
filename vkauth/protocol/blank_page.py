"""What VK hands over in the fragment of ``blank.html`` (https://dev.vk.com/en/api/access-token/implicit-flow-user)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import parse_qsl

from yarl import URL

from vkauth.errors import AuthError
from vkauth.models import GroupToken, UserToken, expiry
from vkauth.protocol.endpoints import Endpoints, Host
from vkauth.protocol.error_codes import named_refusal
from vkauth.protocol.user_token import lifetime, read_user_token
from vkauth.wire.json import Fields

__all__ = ["Fragment", "read_fragment"]

_GROUP_TOKEN: Final = re.compile(r"access_token_([0-9]{1,20})")
_MOST_FIELDS: Final = 1000


@dataclass(frozen=True, slots=True)
class Fragment:
    """The fields of a finished login."""

    fields: Fields
    received_at: datetime

    def refusal(self) -> AuthError | None:
        """The error that VK reports in it."""
        return named_refusal(self.fields) if "error" in self.fields else None

    @property
    def outcome(self) -> str | None:
        """``success``, ``fail`` or ``cancel``, as a verification ends."""
        return next((name for name in ("success", "fail", "cancel") if self.fields.flag(name)), None)

    @property
    def state(self) -> str | None:
        """The ``state`` that was sent with the request."""
        return self.fields.text("state")

    def user_token(self, scope: str | None) -> UserToken | None:
        """The user's token; ``scope`` is what was asked for."""
        return read_user_token(self.fields, self.received_at, scope=scope)

    def group_tokens(self) -> dict[int, GroupToken]:
        """The communities' tokens by community, from ``access_token_<id>`` or from a list ``groups`` (as JSON has it).

        Without ``expires_in`` they do not expire.
        """
        expires_in = lifetime(self.fields)
        tokens = {
            int(match.group(1)): self.fields.text(name)
            for name in self.fields
            if (match := _GROUP_TOKEN.fullmatch(name))
        }
        for each in self.fields.children("groups"):
            if (group_id := each.number("group_id")) is not None:
                tokens.setdefault(abs(group_id), each.text("access_token"))
        return {
            group_id: GroupToken(
                group_id=group_id, token=token, expires_in=expires_in, expires_at=expiry(expires_in, self.received_at)
            )
            for group_id, token in tokens.items()
            if token
        }


def read_fragment(url: URL, endpoints: Endpoints, received_at: datetime) -> Fragment | None:
    """Read ``url`` if it is VK's ``blank.html``, told by the parsed host and path and nothing less.

    ``url`` has its fragment as it came (see :func:`~vkauth.wire.addresses.resolve`).
    """
    place = endpoints.locate(url)
    if place is None or place.path != "/blank.html" or place.host not in (Host.OAUTH, Host.API, Host.WEB):
        return None
    text = url.raw_fragment or url.raw_query_string
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        pairs = []
    return Fragment(Fields(dict(pairs)), received_at)
