"""What a token is: at most four requests, to methods that only read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from vkauth.errors import AuthError, AuthErrorCode
from vkauth.flows.steps import Flow, send
from vkauth.protocol import token_info as protocol
from vkauth.protocol.endpoints import Endpoints
from vkauth.protocol.token_info import Owner, Unavailable
from vkauth.secret import Secret
from vkauth.token_info import TokenInfo, TokenKind
from vkauth.wire.http import Response

__all__ = ["Question", "identify"]

_PEOPLES: Final = (TokenKind.USER, TokenKind.VKID)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A token, and what is known of it.

    Attributes:
        endpoints: the hosts.
        api_version: of VK's API.
        token: the token.
        kind: what it is; ``None``: VK is asked.
        client_id: the application, to ask VK ID with.
        service_token: the application's service key, to ask until when it lives.
        scope: the names of its rights, where VK does not tell them.
        expires_at: when it ends.
    """

    endpoints: Endpoints
    api_version: str
    token: Secret
    kind: TokenKind | None = None
    client_id: str | None = None
    service_token: Secret | None = None
    scope: frozenset[str] | None = None
    expires_at: datetime | None = None


def identify(question: Question) -> Flow[TokenInfo]:
    """Find out what a token is.

    Raises:
        AuthError: ``INVALID_GRANT``, ``PAGE_BLOCKED`` or ``VALIDATION_REQUIRED`` if it cannot be used;
            ``APP_NOT_ALLOWED`` if the service key or the client id cannot; ``UNEXPECTED_RESPONSE`` if it is of another
            kind than was said, or VK does not tell; and what says nothing about it.
    """
    info = yield from _identify(question)
    if question.kind not in (None, info.kind):
        raise AuthError(
            AuthErrorCode.UNEXPECTED_RESPONSE,
            f"VK takes this token for one of the kind {info.kind}, not {question.kind}",
        )
    expires_at = question.expires_at
    if expires_at is None and question.service_token is not None and info.id is not None and info.kind in _PEOPLES:
        expires_at = yield from _find_end(question, question.service_token, info.id, info.kind)
    return replace(info, expires_at=expires_at)


def _identify(question: Question) -> Flow[TokenInfo]:
    if question.kind is TokenKind.GROUP:
        group = yield from _find_group(question)
        if group is None:
            raise AuthError(AuthErrorCode.UNEXPECTED_RESPONSE, "VK takes this token for none of a community")
        return group
    if question.client_id is not None and question.kind in (None, TokenKind.VKID):
        person = yield from _find_by_vkid(question, question.client_id)
        if person is not None:
            return TokenInfo(kind=TokenKind.VKID, id=person.id, name=person.name, scope=question.scope)
    found = protocol.read_person((yield from _ask(question, protocol.USERS)), question.endpoints)
    if isinstance(found, Owner):
        return (yield from _tell_person(question, found))
    is_key = found is None or found.is_for_a_service_key
    group = yield from _find_group(question, is_good=found is None)
    if group is not None:
        return group
    if is_key:
        return TokenInfo(kind=TokenKind.SERVICE)
    raise AuthError(AuthErrorCode.UNEXPECTED_RESPONSE, "VK takes this token for none of a kind that is known")


def _tell_person(question: Question, person: Owner) -> Flow[TokenInfo]:
    """A person's token: of VK ID, or with rights that VK tells."""
    kind, scope = TokenKind.USER, question.scope
    if question.kind is TokenKind.VKID:
        kind = TokenKind.VKID
    else:
        rights = protocol.read_user_rights((yield from _ask(question, protocol.APP_PERMISSIONS)), question.endpoints)
        if not isinstance(rights, Unavailable):
            scope = rights
        elif rights.number == protocol.WRONG_PROFILE and question.kind is None:
            kind = TokenKind.VKID
    return TokenInfo(kind=kind, id=person.id, name=person.name, scope=scope)


def _find_group(question: Question, *, is_good: bool = False) -> Flow[TokenInfo | None]:
    """A community's token; ``None``: it is not one. ``is_good``: VK has taken it already, as one of whatever kind."""
    response = yield from _ask(question, protocol.GROUP_PERMISSIONS)
    try:
        rights = protocol.read_group_rights(response, question.endpoints)
    except AuthError as error:
        if is_good and error.code is AuthErrorCode.INVALID_GRANT:
            return None
        raise
    if isinstance(rights, Unavailable):
        return None
    group = protocol.read_group((yield from _ask(question, protocol.GROUPS)), question.endpoints)
    return TokenInfo(kind=TokenKind.GROUP, id=group.id, name=group.name, scope=rights)


def _find_by_vkid(question: Question, client_id: str) -> Flow[Owner | None]:
    """The person that VK ID knows the token of; ``None``: it may be of another kind."""
    request = protocol.vkid_person_request(question.endpoints, question.token, client_id)
    response = yield from send(request)
    try:
        return protocol.read_vkid_person(response)
    except AuthError as error:
        if question.kind is None and error.code is AuthErrorCode.INVALID_GRANT:
            return None
        raise


def _find_end(question: Question, service_token: Secret, owner: int, kind: TokenKind) -> Flow[datetime | None]:
    request = protocol.check_request(question.endpoints, question.token, service_token, question.api_version)
    response = yield from send(request)
    try:
        return protocol.read_end(response, question.endpoints, owner)
    except AuthError as error:
        # Nobody has told whether this method knows tokens of VK ID; the token itself has just been found alive.
        if kind is TokenKind.VKID and error.code is AuthErrorCode.INVALID_GRANT:
            return None
        raise


def _ask(question: Question, method: str) -> Flow[Response]:
    request = protocol.reading_request(question.endpoints, method, question.token, question.api_version)
    response = yield from send(request)
    return response
