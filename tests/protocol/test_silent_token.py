"""Exchanging a silent token for a real one."""

from __future__ import annotations

from typing import Any

import pytest
from saved_pages import json_answer

from vkauth.errors import AuthError, AuthErrorCode
from vkauth.models import UserToken
from vkauth.protocol.api import ApiResult, parse_api_answer
from vkauth.protocol.endpoints import Endpoints
from vkauth.protocol.silent_token import (
    anonymous_token_request,
    exchange_request,
    read_anonymous_token,
    read_exchanged_token,
)
from vkauth.protocol.token_endpoint import SilentGranted

VK = Endpoints()
METHOD = "https://api.vk.ru/method/auth.exchangeSilentAuthToken"
GRANTED = SilentGranted("SAMPLE_silent", "u-1", None)


def exchanged(value: object, granted: SilentGranted = GRANTED) -> UserToken:
    """The token in an answer."""
    response = json_answer(METHOD, {"response": value})
    result = parse_api_answer(response, VK)
    assert isinstance(result, ApiResult)
    return read_exchanged_token(result, granted, response, VK, scope="65538")


def test_requests() -> None:
    """The anonymous token of the application pays for the exchange."""
    request = anonymous_token_request(VK, client_id="6000001", client_secret="SAMPLE", api_version="5.199")
    assert str(request.url) == "https://api.vk.ru/method/auth.getAnonymToken"
    assert request.form == {"client_id": "6000001", "client_secret": "SAMPLE", "v": "5.199"}
    request = exchange_request(VK, GRANTED, "anonym.SAMPLE", api_version="5.199")
    assert str(request.url) == METHOD
    assert request.form == {"access_token": "anonym.SAMPLE", "token": "SAMPLE_silent", "uuid": "u-1", "v": "5.199"}


def test_the_anonymous_token() -> None:
    """It is masked wherever it is shown; without one there is nothing to go on with."""
    response = json_answer(METHOD, {"response": {"token": "anonym.SAMPLE"}})
    result = parse_api_answer(response, VK)
    assert isinstance(result, ApiResult)
    token = read_anonymous_token(result, response, VK)
    assert token == "anonym.SAMPLE"
    assert repr(token) == "Secret('anonym.***')"
    response = json_answer(METHOD, {"response": {}})
    result = parse_api_answer(response, VK)
    assert isinstance(result, ApiResult)
    with pytest.raises(AuthError) as caught:
        read_anonymous_token(result, response, VK)
    assert caught.value.code is AuthErrorCode.UNEXPECTED_RESPONSE


@pytest.mark.parametrize(
    ("given", "had", "kept"), [(None, None, None), ("new", None, "new"), ("new", "old", "new"), (None, "old", "old")]
)
def test_exchanged(given: str | None, had: str | None, kept: str | None) -> None:
    """The real token keeps the ``trusted_hash`` that came with the silent one, unless it brings its own."""
    value: dict[str, Any] = {"access_token": "vk1.a.SAMPLE", "user_id": 1, "expires_in": 0, "is_partial": False}
    if given is not None:
        value["trusted_hash"] = given
    token = exchanged(value, SilentGranted("s", "u", had))
    assert (token.token, token.user_id, token.scope, token.trusted_hash) == ("vk1.a.SAMPLE", 1, "65538", kept)


@pytest.mark.parametrize("partial", [True, 1, "1"])
def test_partial_tokens(partial: object) -> None:
    """A partial token is not passed off as a full one."""
    with pytest.raises(AuthError) as caught:
        exchanged({"access_token": "vk1.a.SAMPLE", "is_partial": partial})
    assert caught.value.code is AuthErrorCode.VALIDATION_REQUIRED


@pytest.mark.parametrize("value", [{}, 1, {"access_token": ""}])
def test_no_token(value: object) -> None:
    """An exchange that gives no token is not understood."""
    with pytest.raises(AuthError) as caught:
        exchanged(value)
    assert caught.value.code is AuthErrorCode.UNEXPECTED_RESPONSE
