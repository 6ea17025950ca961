"""Every refusal of VK ID and of ``oauth.vk.ru`` that is known, through the public methods: which code it becomes.

Where they were seen stands in ``vkauth.protocol.vkid_oauth`` and ``legacy_oauth``.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from support import refused

from vkauth import AuthErrorCode, TokenSet
from vkauth.testing import LeakScanner

from .code_flow_support import Service, back, code_flow, vkid

Code = AuthErrorCode
TOKENS = TokenSet(
    access_token="CANARY-access", refresh_token="CANARY-refresh", id_token="CANARY-id", device_id="CANARY-device"
)

# What any place of VK ID may answer, by its name alone.
EVERYWHERE = [
    ("access_denied", "", Code.ACCESS_DENIED),
    ("login_required", "", Code.VALIDATION_REQUIRED),
    ("interaction_required", "", Code.VALIDATION_REQUIRED),
    ("invalid_client", "", Code.APP_NOT_ALLOWED),
    ("unauthorized_client", "", Code.APP_NOT_ALLOWED),
    ("unsupported_response_type", "", Code.APP_NOT_ALLOWED),
    ("invalid_scope", "", Code.APP_NOT_ALLOWED),
    ("invalid_grant", "", Code.INVALID_GRANT),
    ("invalid_token", "access_token is missing or invalid", Code.INVALID_GRANT),
    ("slow_down", "", Code.RATE_LIMITED),
    ("server_error", "", Code.SERVER_ERROR),
    ("temporarily_unavailable", "", Code.SERVER_ERROR),
    ("invalid_request", "", Code.AUTHORIZATION_FAILED),
    ("of_next_year", "", Code.AUTHORIZATION_FAILED),
]
GRANTS = [
    ("invalid_request", "device_id is invalid", Code.INVALID_GRANT),
    ("invalid_request", "verifier is missing or invalid", Code.INVALID_GRANT),
    ("invalid_request", "Invalid code_challenge", Code.INVALID_GRANT),
    ("invalid_request", "refresh_token is missing or invalid", Code.INVALID_GRANT),
    ("invalid_grant", "refresh_token is missing or invalid", Code.INVALID_GRANT),
    ("invalid_grant", "code is invalid or expired", Code.INVALID_GRANT),
    ("invalid_grant", "code was already used", Code.INVALID_GRANT),
    ("invalid_grant", "code_challenge does not match code_verifier", Code.INVALID_GRANT),
    ("invalid_grant", "code_verifier is invalid", Code.INVALID_GRANT),
    ("invalid_grant", "device_id is invalid", Code.INVALID_GRANT),
    ("invalid_grant", "redirect_uri is invalid, please pass same redirect_uri", Code.INVALID_GRANT),
    ("invalid_grant", "service_token is invalid", Code.APP_NOT_ALLOWED),
    ("invalid_request", "service_token is invalid", Code.APP_NOT_ALLOWED),
]
LEGACY = [
    ("access_denied", "versions below 5.81 are deprecated", Code.ACCESS_DENIED),
    ("unauthorized_client", "", Code.APP_NOT_ALLOWED),
    ("unsupported_response_type", "", Code.APP_NOT_ALLOWED),
    ("invalid_scope", "", Code.APP_NOT_ALLOWED),
    ("server_error", "", Code.SERVER_ERROR),
    ("temporarily_unavailable", "", Code.SERVER_ERROR),
    ("need_validation", "", Code.VALIDATION_REQUIRED),
    ("need_captcha", "", Code.VALIDATION_REQUIRED),
    ("invalid_grant", "Code is invalid or expired.", Code.INVALID_GRANT),
    ("invalid_grant", "Code is expired.", Code.INVALID_GRANT),
    ("invalid_grant", "redirect_uri is invalid, please pass same redirect_uri", Code.INVALID_GRANT),
    ("invalid_client", "client_id is incorrect", Code.APP_NOT_ALLOWED),
    ("invalid_client", "client_id is undefined", Code.APP_NOT_ALLOWED),
    ("invalid_client", "client_secret is incorrect", Code.APP_NOT_ALLOWED),
    ("invalid_request", "Security Error", Code.APP_NOT_ALLOWED),
    ("invalid_request", "application was deleted", Code.APP_NOT_ALLOWED),
    ("invalid_request", "application is blocked", Code.APP_NOT_ALLOWED),
    ("invalid_request", "OAuth authorization cannot be used from native VK applications", Code.APP_NOT_ALLOWED),
    ("invalid_request", "Code challenge method is unsupported", Code.AUTHORIZATION_FAILED),
    ("of_next_year", "", Code.AUTHORIZATION_FAILED),
]


@pytest_asyncio.fixture
async def service() -> AsyncIterator[Service]:
    """A server in the place of VK's."""
    async with Service().running() as running:
        yield running


def said(error: str, text: str) -> dict[str, Any]:
    """The parameters or the object of an error."""
    return {"error": error} | ({"error_description": text} if text else {})


@pytest.mark.parametrize(("error", "text", "code"), EVERYWHERE)
async def test_a_callback_of_vk_id(service: Service, error: str, text: str, code: AuthErrorCode) -> None:
    """The person came back without a code; nothing is sent."""
    login = vkid(service)
    request = login.authorization_request()
    found = await refused(login.exchange(back(request, code=None, **said(error, text)), request), code)
    assert found.details == {**said(error, text), "provider": "vkid"}
    assert found.redirect_uri == (request.url if code is Code.VALIDATION_REQUIRED else None)
    assert service.asked == []


@pytest.mark.parametrize(("error", "text", "code"), EVERYWHERE + GRANTS)
async def test_tokens_of_vk_id(service: Service, error: str, text: str, code: AuthErrorCode) -> None:
    """O7: at an exchange and at a refresh, whatever the status."""
    login = vkid(service)
    for status in (200, 401):
        service.answers = [(status, said(error, text))] * 2
        request = login.authorization_request()
        for work in (login.exchange(back(request), request), login.refresh(TOKENS)):
            found = await refused(work, code)
            assert found.details == {**said(error, text), "provider": "vkid", "status": status}
            LeakScanner(["CANARY", request.state]).scan(found)
    assert len(service.asked) == 4


@pytest.mark.parametrize(
    ("error", "text", "code"),
    [*EVERYWHERE, ("invalid_request", "id_token is missing or invalid", Code.AUTHORIZATION_FAILED)],
)
async def test_what_else_vk_id_is_asked(service: Service, error: str, text: str, code: AuthErrorCode) -> None:
    """O7: with tokens that it gave out, whatever the status."""
    login = vkid(service)
    for what in ("user_info", "public_info", "revoke", "logout"):
        for status in (200, 401):
            service.answers = [(status, said(error, text))]
            found = await refused(getattr(login, what)(TOKENS), code)
            assert found.details == {**said(error, text), "provider": "vkid", "status": status}
            LeakScanner(["CANARY"]).scan(found)


@pytest.mark.parametrize(("error", "text", "code"), LEGACY)
async def test_a_callback_of_the_code_flow(service: Service, error: str, text: str, code: AuthErrorCode) -> None:
    """The person came back without a code; nothing is sent."""
    login = code_flow(service)
    request = login.authorization_request()
    callback = back(request, code=None, error_reason="user_denied", **said(error, text))
    found = await refused(login.exchange(callback, request), code)
    assert found.details == {**said(error, text), "error_reason": "user_denied", "provider": "vk"}
    assert service.asked == []


@pytest.mark.parametrize(("error", "text", "code"), LEGACY)
async def test_a_token_of_the_code_flow(service: Service, error: str, text: str, code: AuthErrorCode) -> None:
    """O7: a person's, and those of communities, whatever the status."""
    more = {"redirect_uri": "https://m.vk.ru/activation?CANARY"} if code is Code.VALIDATION_REQUIRED else {}
    for login in (code_flow(service), code_flow(service, group_ids=[1, 2])):
        for status in (200, 401):
            service.answers = [(status, said(error, text) | more)]
            request = login.authorization_request()
            found = await refused(login.exchange(back(request), request), code)
            assert found.details == {**said(error, text), "provider": "vk", "status": status}
            assert found.redirect_uri == more.get("redirect_uri")
            LeakScanner(["CANARY", request.state]).scan(found)
