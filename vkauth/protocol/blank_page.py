"""What VK hands over in the fragment of ``blank.html``.

A user's token: https://dev.vk.com/en/api/access-token/implicit-flow-user, communities' tokens:
https://dev.vk.com/en/api/access-token/implicit-flow-community, the end of a verification:
https://dev.vk.ru/ru/api/validation-required-error (all seen 2026-11). docs/vk.md, 3.2i and 4.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from urllib.parse import parse_qsl

from yarl import URL

from vkauth.errors import AuthError, MissingGroupsError
from vkauth.models import GroupToken, GroupTokens, UserToken, expiry
from vkauth.protocol.endpoints import Endpoints, Host
from vkauth.protocol.error_codes import named_refusal
from vkauth.protocol.user_token import read_lifetime, read_user_token
from vkauth.wire.json import Fields

__all__ = ["Fragment", "Outcome", "in_order", "is_blank_page", "read_fragment", "read_pairs"]

_GROUP_TOKEN: Final = re.compile(r"access_token_([0-9]{1,20})")
# A token and its name are about 250 characters long.
_MOST_FIELDS: Final = 1000
_LONGEST: Final = 256 * 1024


class Outcome(StrEnum):
    """How a verification ended."""

    SUCCESS = "success"
    FAIL = "fail"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Fragment:
    """The fields of a finished login."""

    fields: Fields
    received_at: datetime

    def refusal(self) -> AuthError | None:
        """The error that VK reports in it."""
        return named_refusal(self.fields) if "error" in self.fields else None

    @property
    def outcome(self) -> Outcome | None:
        """How a verification ended; ``None`` if nothing is said of one."""
        return next((each for each in Outcome if self.fields.flag(each)), None)

    def user_token(self, scope: str | None) -> UserToken | None:
        """Read the user's token; ``scope`` is what was asked for (see :func:`read_user_token`)."""
        return read_user_token(self.fields, self.received_at, scope=scope)

    def group_tokens(self) -> dict[int, GroupToken]:
        """Read the communities' tokens, from ``access_token_<id>`` or from a list ``groups`` (as JSON has it).

        Returns:
            The tokens by community. Without ``expires_in`` they do not expire.

        Raises:
            AuthError: ``UNEXPECTED_RESPONSE`` if it cannot be told how long they live.
        """
        expires_in = read_lifetime(self.fields)
        tokens = {
            int(match.group(1)): self.fields.secret(name)
            for name in self.fields
            if (match := _GROUP_TOKEN.fullmatch(name))
        }
        for each in self.fields.children("groups"):
            if (group_id := each.number("group_id")) is not None:
                tokens.setdefault(abs(group_id), each.secret("access_token"))
        return {
            group_id: GroupToken(
                group_id=group_id, token=token, expires_in=expires_in, expires_at=expiry(expires_in, self.received_at)
            )
            for group_id, token in tokens.items()
            if token
        }


def in_order(found: Mapping[int, GroupToken], group_ids: Iterable[int]) -> GroupTokens:
    """Return the tokens of the communities that were asked for, in that order.

    Raises:
        MissingGroupsError: some of them are missing; the error carries the others' tokens.
    """
    wanted = tuple(group_ids)
    tokens = GroupTokens(groups=[found[each] for each in wanted if each in found])
    missing = tuple(each for each in wanted if each not in found)
    if missing:
        raise MissingGroupsError(missing, tokens)
    return tokens


def is_blank_page(url: URL, endpoints: Endpoints) -> bool:
    """Whether the parsed host and path of ``url`` are those of VK's ``blank.html``."""
    place = endpoints.locate(url)
    return place is not None and place.path == "/blank.html" and place.host in (Host.OAUTH, Host.API, Host.WEB)


def read_pairs(text: str) -> list[tuple[str, str]]:
    """The fields that a fragment or a query has, decoded, in their order; none if there are too many."""
    try:
        return parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS) if len(text) <= _LONGEST else []
    except ValueError:  # more fields than that
        return []


def read_fragment(url: URL, endpoints: Endpoints, received_at: datetime) -> Fragment | None:
    """Read ``url`` if it is VK's ``blank.html``; else return ``None``.

    ``url`` has its fragment as it came (see :func:`~vkauth.wire.addresses.resolve`).
    """
    if not is_blank_page(url, endpoints):
        return None
    return Fragment(Fields(dict(read_pairs(url.raw_fragment or url.raw_query_string))), received_at)
