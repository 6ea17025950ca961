"""What VK says of a token, asked by methods that only read.

https://dev.vk.com/en/method/users.get, account.getAppPermissions, groups.getTokenPermissions, groups.getById and
secure.checkToken (seen 2026-11), docs/vk.md, 7.3. Every method is for some kinds of tokens and says so to the others:
that is no word about whether they are alive.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from vkauth.errors import AuthError, AuthErrorCode
from vkauth.protocol import vkid_oauth
from vkauth.protocol.api import method_request, open_answer
from vkauth.protocol.captcha import CAPTCHA_ERROR
from vkauth.protocol.endpoints import Endpoints, Host
from vkauth.protocol.error_codes import api_code, api_refusal
from vkauth.protocol.gate import unexpected_error
from vkauth.protocol.rights import LARGEST_MASK, group_rights, user_rights
from vkauth.wire.http import Request, Response
from vkauth.wire.json import Fields

__all__ = [
    "ABOUT_THE_TOKEN",
    "APP_PERMISSIONS",
    "GROUPS",
    "GROUP_PERMISSIONS",
    "USERS",
    "WRONG_PROFILE",
    "Owner",
    "Unavailable",
    "check_request",
    "read_end",
    "read_group",
    "read_group_rights",
    "read_person",
    "read_user_rights",
    "read_vkid_person",
    "reading_request",
    "vkid_person_request",
]

Code = AuthErrorCode

USERS: Final = "users.get"
APP_PERMISSIONS: Final = "account.getAppPermissions"
GROUPS: Final = "groups.getById"
GROUP_PERMISSIONS: Final = "groups.getTokenPermissions"
_CHECK: Final = "secure.checkToken"

ABOUT_THE_TOKEN: Final = frozenset({Code.INVALID_GRANT, Code.PAGE_BLOCKED, Code.VALIDATION_REQUIRED})
"""The errors that say that a token cannot be used. All others say nothing about it."""

WRONG_PROFILE: Final = 1051
"""The number of the error that tokens of VK ID are answered with."""

_GROUP_AUTH: Final = 27
_APP_AUTH: Final = 28
# A permission that is missing, access denied, for other applications, disabled.
_UNAVAILABLE: Final = frozenset({7, 15, 20, 23, WRONG_PROFILE})
_UNAVAILABLE_WORDS: Final = "method is unavailable"
# Whoever is nobody has to say whom they ask for.
_NO_IDS: Final = frozenset({100, 113})
_FOREIGN_TO_USERS: Final = _UNAVAILABLE | _NO_IDS | {_GROUP_AUTH}
_FOREIGN_TO_GROUPS: Final = _UNAVAILABLE | {_APP_AUTH}
_NO_ACCESS: Final = 15

# What the numbers mean where a token is asked about itself.
_BY_NUMBER: Final = {
    1: Code.SERVER_ERROR,  # unknown error
    _GROUP_AUTH: Code.INVALID_GRANT,
    _APP_AUTH: Code.INVALID_GRANT,
    CAPTCHA_ERROR: Code.RATE_LIMITED,  # nobody is there to answer it
}
# A token of an application that is blocked is as good as dead. What is not here says nothing about the token.
_MEANING: Final = {
    Code.INVALID_GRANT: Code.INVALID_GRANT,
    Code.APP_NOT_ALLOWED: Code.INVALID_GRANT,
    Code.PAGE_BLOCKED: Code.PAGE_BLOCKED,
    Code.VALIDATION_REQUIRED: Code.VALIDATION_REQUIRED,
    Code.FLOOD_CONTROL: Code.FLOOD_CONTROL,
    Code.RATE_LIMITED: Code.RATE_LIMITED,
    Code.SERVER_ERROR: Code.SERVER_ERROR,
}
# What the service key is refused for is no fault of the token that it asks about.
_MEANING_FOR_KEY: Final = _MEANING | {
    Code.INVALID_GRANT: Code.APP_NOT_ALLOWED,
    Code.ACCESS_DENIED: Code.APP_NOT_ALLOWED,
}

# Where these mean something else than to who logs in.
_ADVICE: Final = {
    Code.APP_NOT_ALLOWED: "VK does not take the service key",
    Code.FLOOD_CONTROL: "VK's flood control refused to tell; wait before asking again",
}

_NAMES_OF_PEOPLE: Final = ("first_name", "last_name")
# What else VK may call a right would pass for a number of one, or for several.
_RIGHT: Final = re.compile(r"[a-z][a-z0-9_.]{0,63}")
_LARGEST_ID: Final = 2**63 - 1
_LATEST: Final = 10**11  # seconds: the year 5138
_LONGEST_READ: Final = 2000


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose a token is.

    Attributes:
        id: the person or the community.
        name: what they are called.
    """

    id: int
    name: str | None


@dataclass(frozen=True, slots=True)
class Unavailable:
    """The method is not for this kind of token.

    Attributes:
        number: of the error that said so.
    """

    number: int | None

    @property
    def is_for_a_service_key(self) -> bool:
        """Whether it was said to a service key."""
        return self.number == _APP_AUTH


# -- asking ------------------------------------------------------------------------------------------------------------


def reading_request(endpoints: Endpoints, method: str, token: str, api_version: str) -> Request:
    """Ask a method what it knows of the token itself. Nothing else is said, so nobody else is meant."""
    return method_request(endpoints, method, {"access_token": token, "v": api_version})


def check_request(endpoints: Endpoints, token: str, service_token: str, api_version: str) -> Request:
    """Ask about a user's token with the service key of its application."""
    return method_request(endpoints, _CHECK, {"access_token": service_token, "token": token, "v": api_version})


def vkid_person_request(endpoints: Endpoints, token: str, client_id: str) -> Request:
    """Ask VK ID whose a token is."""
    url = endpoints.url(Host.ID, vkid_oauth.USER_INFO)
    return vkid_oauth.token_request(url, client_id=client_id, access_token=token)


# -- reading -----------------------------------------------------------------------------------------------------------
# Each of these raises an AuthError for what is said of the token, or of nothing: see ABOUT_THE_TOKEN.


def read_person(response: Response, endpoints: Endpoints) -> Owner | Unavailable | None:
    """Read ``users.get``; ``None``: the token is good, and nobody's."""
    answer = _open(response, endpoints, _FOREIGN_TO_USERS)
    if isinstance(answer, Unavailable):
        return answer
    if answer.raw("response") == []:
        return None
    owner = _owner(answer.children("response"), "id", _NAMES_OF_PEOPLE)
    if owner is None:
        raise unexpected_error(response, endpoints, wanted="whose a token is")
    return owner


def read_user_rights(response: Response, endpoints: Endpoints) -> frozenset[str] | Unavailable:
    """Read ``account.getAppPermissions``."""
    answer = _open(response, endpoints, _FOREIGN_TO_USERS)
    if isinstance(answer, Unavailable):
        return answer
    mask = answer.number("response")
    if mask is None or not 0 <= mask <= LARGEST_MASK:
        raise unexpected_error(response, endpoints, wanted="the rights of a token")
    return user_rights(mask)


def read_group_rights(response: Response, endpoints: Endpoints) -> frozenset[str] | Unavailable:
    """Read ``groups.getTokenPermissions``. VK's list of names is called one way in its schema, another in its text."""
    answer = _open(response, endpoints, _FOREIGN_TO_GROUPS)
    if isinstance(answer, Unavailable):
        return answer
    rights = answer.child("response") or Fields({})
    listed = [each for name in ("permissions", "settings") for each in rights.children(name)]
    named = {bit: name for each in listed if (bit := _bits(each, "setting")) and (name := _right(each))}
    mask = _bits(rights, "mask")
    if mask is None:
        raise unexpected_error(response, endpoints, wanted="the rights of a community's token")
    return group_rights(mask, named)


def read_group(response: Response, endpoints: Endpoints) -> Owner:
    """Read ``groups.getById``: a list, in an object since 5.139."""
    answer = _open(response, endpoints, _FOREIGN_TO_GROUPS)
    groups: list[Fields] = []
    if isinstance(answer, Fields):
        groups = answer.children("response") or (answer.child("response") or Fields({})).children("groups")
    owner = _owner(groups, "id", ("name",))
    if owner is None:
        raise unexpected_error(response, endpoints, wanted="whose a token is")
    return owner


def read_end(response: Response, endpoints: Endpoints, owner: int) -> datetime | None:
    """Read ``secure.checkToken``: when the token of ``owner`` ends; ``None``: never."""
    answer = open_answer(response, endpoints)
    error = answer.child("error")
    if error is not None:
        raise _refusal_of_key(error)
    found = answer.child("response") or Fields({})
    end = found.number("expire")
    if not found.flag("success") or found.number("user_id") != owner or end is None or not 0 <= end <= _LATEST:
        raise unexpected_error(response, endpoints, wanted="until when a token lives")
    return datetime.fromtimestamp(end, UTC) if end else None


def read_vkid_person(response: Response) -> Owner:
    """Read VK ID's ``user_info``."""
    try:
        person = vkid_oauth.read_user(response)
    except AuthError as error:
        if error.code not in (Code.AUTHORIZATION_FAILED, Code.ACCESS_DENIED):
            raise
        details = error.details
    else:
        owner = _owner([Fields(person)], "user_id", _NAMES_OF_PEOPLE)
        if owner is None:
            raise vkid_oauth.RULES.unexpected(response, wanted="a person")
        return owner
    raise AuthError(Code.UNEXPECTED_RESPONSE, "VK ID did not say whose the token is", details=details)


def _open(response: Response, endpoints: Endpoints, foreign: frozenset[int]) -> Fields | Unavailable:
    answer = open_answer(response, endpoints)
    error = answer.child("error")
    if error is None:
        return answer
    number = error.number("error_code")
    if number in foreign or _UNAVAILABLE_WORDS in _words(error):
        return Unavailable(number)
    raise _refusal(error, _code(error, _MEANING))


def _words(error: Fields) -> str:
    return (error.text("error_msg") or "")[:_LONGEST_READ].lower()


def _code(error: Fields, meaning: dict[AuthErrorCode, AuthErrorCode]) -> AuthErrorCode:
    number = error.number("error_code")
    code = (_BY_NUMBER.get(number) if number is not None else None) or api_code(error)
    return meaning.get(code, Code.UNEXPECTED_RESPONSE)


def _refusal_of_key(error: Fields) -> AuthError:
    if error.number("error_code") == _NO_ACCESS and "incorrect token" in _words(error):
        return _refusal(error, Code.INVALID_GRANT)
    if error.number("error_code") in _UNAVAILABLE | {8}:  # 8: a key of the client credentials flow
        return _refusal(error, Code.APP_NOT_ALLOWED)
    return _refusal(error, _code(error, _MEANING_FOR_KEY))


def _refusal(error: Fields, code: AuthErrorCode) -> AuthError:
    return api_refusal(error, code, advice=_ADVICE.get(code))


def _right(fields: Fields) -> str | None:
    name = fields.text("name") or ""
    return name if _RIGHT.fullmatch(name) else None


def _bits(fields: Fields, name: str) -> int | None:
    bits = fields.number(name)
    return bits if bits is not None and 0 <= bits <= LARGEST_MASK else None


def _owner(listed: list[Fields], id_name: str, names: tuple[str, ...]) -> Owner | None:
    """The first of those who are listed; ``None``: there is none, or nobody's number."""
    number = listed[0].number(id_name) if listed else None
    if number is None or not 0 < number <= _LARGEST_ID:
        return None
    parts = [part for name in names if (part := (listed[0].text(name) or "").strip())]
    return Owner(number, " ".join(parts) or None)
