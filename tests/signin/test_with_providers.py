"""The library's providers in a sign-in: each signs somebody in, and what it says of an error is not logged."""

from __future__ import annotations

import json
import logging
from typing import Any, Self

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from vkauth.providers import VK, VKID, Kakao, Request, Response, TikTok, TokenSet
from vkauth.signin import SignIn

from .doubles import SECRET
from .web_support import serving

CODE = "SAMPLE-code-of-a-login-0123456789"
TOKENS: dict[str, dict[str, Any]] = {
    "vk": {"access_token": "SAMPLE-token", "user_id": 1001, "expires_in": 0, "email": "anna@example.com"},
    "vkid": {"access_token": "SAMPLE-token", "token_type": "Bearer", "user_id": 1001, "expires_in": 3600},
    "kakao": {"access_token": "SAMPLE-token", "token_type": "bearer", "expires_in": 3600},
    "tiktok": {"access_token": "SAMPLE-token", "token_type": "Bearer", "open_id": "1001", "expires_in": 3600},
}
USERS: dict[str, dict[str, Any]] = {
    "vk": {"response": [{"id": 1001, "first_name": "Anna", "last_name": "Sample"}]},
    "vkid": {"user": {"user_id": "1001", "first_name": "Anna", "last_name": "Sample"}},
    "kakao": {"id": 1001, "kakao_account": {"profile": {"nickname": "Anna Sample"}}},
    "tiktok": {
        "data": {"user": {"open_id": "1001", "display_name": "Anna Sample"}},
        "error": {"code": "ok", "message": "", "log_id": "x"},
    },
}
ADDRESS_OF_VKID = "&device_id=SAMPLE-device"


def provider(id: str, *, refuse: bool = False) -> Any:
    """A provider whose requests are answered here."""

    async def fetch(request: Request) -> Response:
        if refuse:
            said = {
                "error": "invalid_grant",
                "error_code": "KOE320",
                "error_description": f"authorization code not found for code={CODE}",
            }
            return Response(status=400, body=json.dumps(said).encode())
        is_token = bool(request.form) and "code" in (request.form or {})
        return Response(status=200, body=json.dumps((TOKENS if is_token else USERS)[id]).encode())

    match id:
        case "vk":
            return VK(1, "SAMPLE-client-secret", fetch=fetch)
        case "vkid":
            return VKID(1, fetch=fetch, id_token_key=None)
        case "kakao":
            return Kakao("SAMPLE-client", "SAMPLE-client-secret", fetch=fetch)
        case _:
            return TikTok("SAMPLE-client", "SAMPLE-client-secret", fetch=fetch)


@pytest.mark.parametrize("id", TOKENS)
async def test_each_provider(id: str) -> None:
    """From the button to the session."""
    async with serving(SignIn(providers=[provider(id)], secret=SECRET)) as site, site.client() as client:
        state = await client.start("/account", id)
        extra = ADDRESS_OF_VKID if id == "vkid" else ""
        answer, _ = await client.get(f"/api/auth/callback/{id}?state={state}&code={CODE}{extra}")
        assert answer.headers["Location"] == "/account"
        told = json.loads((await client.get("/api/auth/session"))[1])
        assert (told["provider"], told["user"]["id"], told["user"]["name"]) == (id, "1001", "Anna Sample")


async def test_kakao_repeats_the_code(caplog: pytest.LogCaptureFixture) -> None:
    """Its number for the error is logged, its text with the code is not."""
    caplog.set_level(logging.DEBUG, "vkauth")
    sign_in = SignIn(providers=[provider("kakao", refuse=True)], secret=SECRET)
    async with serving(sign_in) as site, site.client() as client:
        state = await client.start("/account")
        answer, _ = await client.get(f"/api/auth/callback/kakao?state={state}&code={CODE}")
        assert answer.headers["Location"] == "/api/auth/error?error=INVALID_GRANT"
    ours = [record for record in caplog.records if record.name.startswith("vkauth")]
    assert [record.getMessage() for record in ours if record.name == "vkauth.signin"] == [
        (
            "kakao: INVALID_GRANT, error invalid_grant, error_code KOE320: "
            "Kakao: a token or a code is not valid (any more); "
            "the code was used before or is over; sign the person in again"
        )
    ]
    assert not any(CODE in record.getMessage() for record in ours)


async def test_providers_share_one_session() -> None:
    """One is opened with the application and closed with it; who has a way of its own keeps that."""
    shared: list[aiohttp.ClientSession] = []
    came: list[Any] = []

    class Shared(Kakao):
        def using(self, session: aiohttp.ClientSession) -> Self:
            shared.append(session)
            return super().using(session)

    class OtherShared(Shared):
        id = "tiktok"

    async def service(request: web.Request) -> web.Response:
        came.append(request.transport)
        return web.json_response(TOKENS["kakao"] if request.path == "/token" else USERS["kakao"])

    app = web.Application()
    app.router.add_route("*", "/{path}", service)
    async with TestServer(app) as server, aiohttp.ClientSession() as own:
        urls = {"token_url": str(server.make_url("/token")), "userinfo_url": str(server.make_url("/user"))}
        first, second = (each("100", **urls) for each in (Shared, OtherShared))
        third = VK("100", "SAMPLE-client-secret", session=own)
        async with serving(SignIn(providers=[first, second, third], secret=SECRET)) as site, site.client() as client:
            for provider in ("kakao", "tiktok"):
                assert (await client.sign_in("/account", provider)).headers["Location"] == "/account"
            assert [each.closed for each in shared] == [False, False]
        assert len({id(each) for each in shared}) == 1
        assert (len(came), len({id(each) for each in came})) == (4, 1)
        assert shared[0].closed
        assert not own.closed
        tokens = TokenSet(access_token="SAMPLE-token")
        assert (await first.identity(tokens)).id == "1001"  # the provider itself was not changed


def test_what_is_missing_is_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The name of the variable is in the error."""
    monkeypatch.delenv("AUTH_TIKTOK_SECRET", raising=False)
    with pytest.raises(ValueError, match="AUTH_TIKTOK_SECRET"):
        SignIn(providers=[TikTok("SAMPLE-client")], secret=SECRET).setup(web.Application())
