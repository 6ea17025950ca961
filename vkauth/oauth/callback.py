"""The address that a person came back to: checked, in one order, before anything of it is used (RFC 6749, 4.1.2)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeAlias, TypeVar, cast
from urllib.parse import parse_qsl

from yarl import URL

from vkauth._options import hide_mapping
from vkauth.checks import kind_of
from vkauth.errors import AuthError, AuthErrorCode
from vkauth.oauth.request import AuthorizationRequest, is_same
from vkauth.secret import Secret
from vkauth.wire.addresses import can_be_an_address, read_address, same_place
from vkauth.wire.json import Fields

__all__ = ["Callback", "hide_callback", "is_callback", "read_callback", "states_of"]

Callback: TypeAlias = str | URL | Mapping[str, str]
"""An address, absolute or a path with its query, or a mapping of the query."""

# Characters. Codes of 200 characters and device ids of 86 have been seen; a server takes no longer address anyway.
_LONGEST: Final = 16 * 1024
_MOST_FIELDS: Final = 100

_Value = TypeVar("_Value")
_Pairs: TypeAlias = list[tuple[str, Secret]]


def hide_callback(callback: _Value) -> _Value:
    """Return a callback that shows nothing of itself, to be read as before; what is none stays as it is.

    Called on an argument before anything can fail, so that no traceback shows what it was.
    """
    return cast("_Value", Secret(callback)) if isinstance(callback, URL) else hide_mapping(callback)


def read_callback(
    callback: Callback,
    request: AuthorizationRequest,
    *,
    needs: tuple[str, ...] = ("code",),
    same_address: bool = False,
    envelope: str | None = None,
    refusal: Callable[[Mapping[str, str]], AuthError],
) -> Mapping[str, str]:
    """Check what a person came back with and return its parameters, masked.

    Args:
        callback: the address they came to, or a mapping of its query (one that may have a name twice, as aiohttp's
            ``request.query``, is read as such).
        request: the request that is answered.
        needs: the parameters that must be there.
        same_address: whether the callback must be on ``request.redirect_uri`` (scheme, host, port, path). Behind a
            proxy nobody can know their own address, and ``state`` alone counts.
        envelope: a parameter that may hold the others, as the text of a JSON object.
        refusal: makes the error of a callback that has the parameter ``error``.

    Raises:
        AuthError: in this order: ``UNEXPECTED_RESPONSE`` if it is too long or cannot be read, ``UNTRUSTED_REDIRECT`` if
            it is on another address, ``UNEXPECTED_RESPONSE`` if a parameter is there twice, ``STATE_MISMATCH`` if
            ``state`` is missing or another one, what ``refusal`` makes of an ``error``, ``UNEXPECTED_RESPONSE`` if one
            of ``needs`` is missing.
        TypeError: ``callback`` is no address and no mapping of text to text.
    """
    # Masked before anything can fail: a traceback shows what is in variables.
    masked = _masked(callback, mappings=not same_address)
    del callback
    if same_address and not _is_at(cast("Secret", masked), request.redirect_uri):
        raise AuthError(AuthErrorCode.UNTRUSTED_REDIRECT, "the callback is not on the redirect_uri that was asked for")
    params = _read_params(_read_pairs(masked), envelope)
    if not is_same(params.get("state", ""), request.state):
        what = (
            "the callback belongs to another login: its state is not the one that was sent"
            if "state" in params
            else "the callback has no state: the whole address that the browser came to is wanted"
        )
        raise AuthError(AuthErrorCode.STATE_MISMATCH, what)
    if params.get("error"):
        error = refusal({name: str(value) for name, value in params.items()})
        error.scrub(_secrets_of(request, params))
        raise error
    for name in needs:
        if not params.get(name):
            raise _unexpected(f"the callback has no {name}")
    return params


def is_callback(address: str, redirect_uri: str, envelope: str | None) -> bool:
    """Whether a browser that comes to an address brings the answer to a request, good or bad.

    Args:
        address: whole, as the browser has it.
        redirect_uri: where the request wants its answer.
        envelope: a parameter that may hold the others.
    """
    if not _is_at(Secret(address.partition("#")[0]), redirect_uri):
        return False
    names = {name for name, _ in _parse(address.partition("#")[0].partition("?")[2]) or ()}
    return not names.isdisjoint({"code", "error", envelope})


def states_of(query: str, envelope: str) -> list[Secret]:
    """Every ``state`` that a query has; none of one that is too long or cannot be read.

    Args:
        query: what follows the ``?`` of an address.
        envelope: a parameter that may hold the others, as the text of a JSON object.
    """
    pairs = _parse(query) or []
    inner = [pair for name, value in pairs if name == envelope for pair in _open(value) or ()]
    return [value for name, value in [*pairs, *inner] if name == "state"]


def _unexpected(what: str) -> AuthError:
    return AuthError(AuthErrorCode.UNEXPECTED_RESPONSE, what)


def _masked(callback: object, *, mappings: bool) -> Secret | _Pairs:
    if isinstance(callback, str | URL):
        return Secret(callback)
    if not isinstance(callback, Mapping) or not mappings:
        wanted = "an address (str or yarl.URL)" + (" or a mapping of its query" if mappings else "")
        kind = "a mapping" if isinstance(callback, Mapping) else kind_of(callback)
        raise TypeError(f"callback must be {wanted}, not {kind}")
    pairs: _Pairs = []
    for name, value in callback.items():
        if not isinstance(name, str) or not isinstance(value, str):
            raise TypeError("callback must map str to str")
        pairs.append((Secret(name), Secret(value)))
        if len(pairs) > _MOST_FIELDS:
            break
    return pairs


def _is_at(address: Secret, redirect_uri: str) -> bool:
    if address.partition("?")[0] == redirect_uri and can_be_an_address(address):
        return True  # letter by letter, as services send people back: taking both apart would show nothing else
    here, there = read_address(address), read_address(redirect_uri)
    return here is not None and there is not None and same_place(here, there)


def _read_pairs(callback: Secret | _Pairs) -> _Pairs:
    if isinstance(callback, Secret):
        pairs = _parse(callback.partition("#")[0].partition("?")[2]) if len(callback) <= _LONGEST else None
        if pairs is not None:
            return pairs
    elif len(callback) <= _MOST_FIELDS and sum(len(name) + len(value) for name, value in callback) <= _LONGEST:
        return callback
    raise _unexpected("the callback is longer than any that belongs to a login")


def _parse(query: str) -> _Pairs | None:
    """The parameters of a query, decoded; ``None`` if there are more than there can be."""
    if len(query) > _LONGEST:
        return None
    if query.count("&") < _MOST_FIELDS and "%" not in query and "+" not in query:  # nothing in it is encoded
        plain = [each.partition("=") for each in query.split("&") if each]
        return [(Secret(name), Secret(value)) for name, _, value in plain]
    try:
        pairs = parse_qsl(query, keep_blank_values=True, errors="replace", max_num_fields=_MOST_FIELDS)
    except ValueError:  # more of them
        return None
    # The names too: of an address that was encoded once more one is all of it.
    return [(Secret(name), Secret(value)) for name, value in pairs]


def _read_params(pairs: _Pairs, envelope: str | None) -> dict[str, Secret]:
    params = _once(pairs)
    if envelope is None or envelope not in params:
        return params
    inner = _open(params.pop(envelope))
    if inner is None:
        raise _unexpected(f"the callback's {envelope} is no JSON object with each name once")
    return _once([*params.items(), *inner])


def _once(pairs: Iterable[tuple[str, Secret]]) -> dict[str, Secret]:
    params: dict[str, Secret] = {}
    for name, value in pairs:
        if name in params:
            raise _unexpected("the callback has a parameter twice")
        params[name] = value
    return params


def _open(text: str) -> _Pairs | None:
    """The texts and numbers of a JSON object; ``None`` if it is none, or if any object in it has a name twice."""
    try:
        found: object = json.loads(text, object_pairs_hook=_read_object)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    fields = Fields(found)
    return [(Secret(name), value) for name in fields if (value := fields.secret(name)) is not None]


def _read_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError
    return found


def _secrets_of(request: AuthorizationRequest, params: Mapping[str, str]) -> Iterable[str]:
    found = (request.state, request.nonce, request.code_verifier, params.get("code"), params.get("device_id"))
    return [each for each in found if each]
