"""The end of the implicit flow, as a person brings it: the address of the last page, or what that page said.

https://dev.vk.com/en/api/access-token/implicit-flow-user,
https://dev.vk.com/en/api/access-token/implicit-flow-community (seen 2026-11). docs/vk.md, 3.2i.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias

from yarl import URL

from vkauth.errors import AuthError, AuthErrorCode
from vkauth.models import GroupTokens, UserToken
from vkauth.oauth.request import is_same
from vkauth.protocol.blank_page import Fragment, Outcome, in_order, is_blank_page, read_pairs
from vkauth.protocol.endpoints import Endpoints, Host
from vkauth.protocol.legacy_oauth import AUTHORIZE, RULES
from vkauth.protocol.pasted_text import LONGEST_PASTED, addresses_in, without_invisible
from vkauth.protocol.wrapped_address import BY_ANYBODY, MOST_WRAPS, wrapped_address
from vkauth.token_set import is_sendable_token
from vkauth.wire.addresses import resolve, same_place
from vkauth.wire.json import Fields, parse_object

__all__ = ["ImplicitLogin"]

_VK: Final = Endpoints()
_NOWHERE: Final = URL()
_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_HOST: Final = re.compile(r"(?:[\w-]++\.)++[\w-]++[/?#\\]", re.ASCII)
# The fields, and what may be left of the address before them.
_FIELDS_ALONE: Final = re.compile(r"/?(?:blank\.html)?[#?]?(?=\w+=)", re.ASCII)
_TOKEN: Final = re.compile(r"vk[0-9]\.a\.[\w-]+|[0-9a-f]{85}", re.ASCII)
_TOKEN_FIELD: Final = re.compile(r"access_token(?:_[0-9]+)?")
_OTHER_ENDS: Final = frozenset({"error", "code", *Outcome})
# "/error?err=2" is "Security Error": https://github.com/negezor/vk-io/issues/97 (2018-07)
_ERROR_PAGES: Final = {"2": {"error": "invalid_request", "error_description": "Security Error"}}

_NO_ADDRESS: Final = "there is no address in this text"

Code = AuthErrorCode

# Somebody may have pasted more than one address, or words that look as if they belonged to it.
_MAY_BE_ANOTHER: Final = frozenset({Code.UNEXPECTED_RESPONSE, Code.STATE_MISMATCH, Code.UNTRUSTED_REDIRECT})


@dataclass(frozen=True, slots=True, kw_only=True)
class ImplicitLogin:
    """A login that was begun at the person's browser.

    Attributes:
        endpoints: the hosts; VK's own are known besides.
        redirect_uri: where the login ends.
        url: where it began, masked.
        state: what comes back, masked; ``None``: nothing does.
        scope: the rights that were asked for, as VK's mask.
        group_ids: the communities whose tokens are wanted; none: the person's own is.
    """

    endpoints: Endpoints
    redirect_uri: URL
    url: str
    state: str | None
    scope: str
    group_ids: tuple[int, ...]

    def finish(self, text: str, received_at: datetime) -> UserToken | GroupTokens:
        """Read what the person brings.

        Args:
            text: an address, with or without what stands around it; only the part after its ``#``; or JSON.
            received_at: when they brought it.

        Raises:
            MissingGroupsError: some communities gave no token; it carries those that did.
            AuthError: VK's refusal; ``UNTRUSTED_REDIRECT``, ``STATE_MISMATCH``, or ``UNEXPECTED_RESPONSE`` for what is
                no end of this login: the message says why.
        """
        if len(text) > LONGEST_PASTED:
            raise _unexpected("this text is longer than any address")
        text = without_invisible(text)
        told = _read_json(text)
        if told is not None:
            raise self._refusal(told)
        problem: AuthError | None = None
        for address in addresses_in(text):
            try:
                return self._finish(address, received_at)
            except AuthError as error:
                if error.code not in _MAY_BE_ANOTHER:
                    raise
                if problem is None or problem.code is Code.UNTRUSTED_REDIRECT:
                    problem = error
        raise problem or _unexpected(_told_without_address(text))

    def is_end(self, address: str) -> bool:
        """Whether a browser that comes to an address has come to the end of a login, in whatever way it ended.

        Args:
            address: whole, as the browser has it. Longer or stranger ones than there can be are none.
        """
        try:
            url = resolve(_NOWHERE, address, what="this address")
        except AuthError:
            return False
        if self._is_end(url):
            # A verification in between ends with "success" on the same page, and brings no token.
            return any(name != Outcome.SUCCESS for name, _ in _pairs_of(url) if _ends_a_login([name]))
        place = self.endpoints.locate(url)
        return place == (Host.OAUTH, "/error")

    def _finish(self, address: str, received_at: datetime) -> UserToken | GroupTokens:
        pairs = self._read_end(address)
        fields = Fields(dict(pairs))
        fragment = Fragment(fields, received_at)
        if len(list(fields)) < len(pairs):
            raise _unexpected("this address has a field twice")
        refused = RULES.is_error(fields)
        given_up = fragment.outcome in (Outcome.FAIL, Outcome.CANCEL)
        if not refused and not given_up:
            _check_whole(fields)
        # The pages of a verification repeat no state. Nothing is believed of them but that there is no token.
        if not given_up or "state" in fields:
            self._check_state(fields)
        if refused:
            raise self._refusal(fields)
        if given_up:
            raise AuthError(Code.ACCESS_DENIED, "the login was cancelled, or VK ended it")
        return self._read_groups(fragment) if self.group_ids else self._read_user(fragment)

    # -- which address it is -------------------------------------------------------------------------------------------

    def _read_end(self, address: str) -> _Pairs:
        """The fields of the end that an address is, or leads to."""
        if not _SCHEME.match(address):
            alone = _FIELDS_ALONE.match(address)
            if alone is not None:
                return read_pairs(address[alone.end() :])
            if not _HOST.match(address):
                raise _unexpected(_NO_ADDRESS)
            address = f"https://{address}"
        for _ in range(MOST_WRAPS):
            try:
                url = resolve(_NOWHERE, address, what="this address")
            except AuthError:
                raise _untrusted("this address is too long, or means different things to different readers") from None
            if self._is_end(url):
                return _pairs_of(url)
            inner = wrapped_address(url, self.endpoints, BY_ANYBODY) or wrapped_address(url, _VK, BY_ANYBODY)
            if inner is None:
                raise self._no_end(url)
            # A fragment goes along to an address that has none, as in a browser (RFC 9110, 10.2.2).
            address = inner if "#" in inner else f"{inner}#{url.raw_fragment}"
        raise _unexpected("this address holds another, which holds another, and so on")

    def _is_end(self, url: URL) -> bool:
        return is_blank_page(url, self.endpoints) or is_blank_page(url, _VK) or same_place(url, self.redirect_uri)

    def _no_end(self, url: URL) -> AuthError:
        place = self.endpoints.locate(url) or _VK.locate(url)
        if place is None:  # no part of it is shown: it may be anything
            return _untrusted("this address is on another host than the end of the login, or not on https")
        if place.path == "/error":
            return self._error_page(url)
        if place.path == AUTHORIZE:
            return _unexpected("this is the address where the login begins")
        return _unexpected("this address is VK's, but not that of the end: the login goes on there")

    def _error_page(self, url: URL) -> AuthError:
        fields = Fields(dict(read_pairs(url.raw_query_string)))
        if not RULES.is_error(fields):
            known = _ERROR_PAGES.get(fields.text("err") or "")
            if known is None:
                return AuthError(Code.AUTHORIZATION_FAILED, "VK refused; why, is on the page and not in its address")
            fields = Fields(known)
        return self._refusal(fields)

    # -- what it says --------------------------------------------------------------------------------------------------

    def _check_state(self, fields: Fields) -> None:
        if self.state is not None and not is_same(fields.text("state") or "", self.state):
            raise AuthError(
                Code.STATE_MISMATCH, "this address belongs to another login: its state is not the one that was sent"
            )

    def _refusal(self, fields: Fields) -> AuthError:
        error = RULES.refusal(fields, redirect_uri=self.url)
        secrets = [] if self.state is None else [self.state]
        for told in (fields, fields.child("error") or Fields({})):  # the API tells errors as an object
            for name in told:
                value = told.text(name) or ""
                # What VK says of an error is shown, and so it may be what a person has put in its place.
                secrets += _TOKEN.findall(value) if name.startswith("error") else [value]
        error.scrub(secrets)
        return error

    def _read_user(self, fragment: Fragment) -> UserToken:
        token = fragment.user_token(self.scope or None)
        if token is None:
            raise _unexpected("these are tokens of communities, and a person's was asked for")
        if token.user_id is None and "user_id" in fragment.fields:
            raise _unexpected("the user_id of this address is no number: it was cut or changed on the way")
        _check_sendable(token.token)
        return token

    def _read_groups(self, fragment: Fragment) -> GroupTokens:
        found = fragment.group_tokens()
        if not found:
            raise _unexpected("this is a person's token, and those of communities were asked for")
        for each in found.values():
            _check_sendable(each.token)
        return in_order(found, self.group_ids)


_Pairs: TypeAlias = list[tuple[str, str]]


def _unexpected(what: str) -> AuthError:
    return AuthError(
        Code.UNEXPECTED_RESPONSE, f"{what}. Wanted is the whole address of the page at the end of the login"
    )


def _untrusted(what: str) -> AuthError:
    return AuthError(Code.UNTRUSTED_REDIRECT, what)


def _read_json(text: str) -> Fields | None:
    """What a page of JSON tells, if that is an error."""
    start, end = text.find("{"), text.rfind("}")
    fields = parse_object(" ".join(text[start : end + 1].splitlines())) if 0 <= start < end else None
    return fields if fields is not None and RULES.is_error(fields) else None


def _told_without_address(text: str) -> str:
    words = text.strip(" \t\r\n\"'`")
    if not words:
        return "nothing was pasted"
    if _TOKEN.fullmatch(words):
        return "this is a token alone, without a word of whose it is and how long it lives"
    return _NO_ADDRESS


def _pairs_of(url: URL) -> _Pairs:
    """The fields of an end: they are in the fragment, or in the query where that has none of them."""
    pairs = read_pairs(url.raw_fragment)
    return pairs if _ends_a_login(dict(pairs)) else read_pairs(url.raw_query_string) or pairs


def _ends_a_login(fields: Iterable[str]) -> bool:
    return any(name in _OTHER_ENDS or _TOKEN_FIELD.fullmatch(name) for name in fields)


def _check_whole(fields: Fields) -> None:
    """Check that there are a token and what belongs to it.

    Raises:
        AuthError: ``UNEXPECTED_RESPONSE``, which says what it is instead.
    """
    if not any(fields.text(name) for name in fields if _TOKEN_FIELD.fullmatch(name)):
        if "code" in fields:
            raise _unexpected("this address brings a code, which is of another login: CodeFlow or VKIDAuthorization")
        if "success" in fields:
            raise _unexpected("this address ends a verification, and brings no token")
        raise _unexpected("this address brings neither a token nor an error: what follows its # is missing")
    if "expires_in" not in fields:
        raise _unexpected("this address is cut: it has a token, but no expires_in")


def _check_sendable(token: str) -> None:
    if not is_sendable_token(token):
        raise _unexpected("the token of this address has characters that none has: it was cut or changed on the way")
