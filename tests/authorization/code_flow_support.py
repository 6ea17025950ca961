"""What the tests of the code flows share: a server that answers as it is told, and keeps what it was asked."""

from __future__ import annotations

import contextlib
import itertools
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

from aiohttp import web
from aiohttp.test_utils import TestServer
from oauth.support import key, signed
from support import FakeClock

from vkauth import AuthorizationRequest, CodeFlow, Endpoints, VKIDAuthorization

__all__ = ["CLIENT", "HERE", "PEM", "Asked", "Service", "back", "claims", "code_flow", "counted_hex", "grant", "vkid"]

CLIENT: Final = 52540000
HERE: Final = "http://localhost/cb"
PEM: Final = key().as_pem(private=False).decode()


@dataclass
class Asked:
    """One request that came."""

    path: str
    query: str
    form: dict[str, str]
    headers: dict[str, str]


@dataclass
class Service:
    """Answers each request with the next of ``answers``: an object, text, a status with one of them, or a function."""

    answers: list[Any] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    endpoints: Endpoints = field(default_factory=Endpoints)
    base: str = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        form = {name: str(value) for name, value in (await request.post()).items()}
        asked = Asked(request.path, request.query_string, form, dict(request.headers))
        self.asked.append(asked)
        answer = self.answers.pop(0) if self.answers else {}
        if callable(answer):
            answer = answer(asked)
            if not isinstance(answer, dict | str):
                answer = await answer
        status, headers = 200, {}
        if isinstance(answer, tuple):
            status, answer, *rest = answer
            headers = rest[0] if rest else {}
        text = answer if isinstance(answer, str) else json.dumps(answer)
        return web.Response(status=status, text=text, headers=headers, content_type="application/json")

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[Service]:
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", self.handle)
        server = TestServer(application, host="127.0.0.1")
        async with server:
            self.base = f"http://127.0.0.1:{server.port}"
            self.endpoints = Endpoints.under(self.base)
            yield self


def counted_hex(start: int = 1) -> Callable[[int], str]:
    """Random octets that are counted: others each time, the same in every run."""
    numbers = itertools.count(start)
    return lambda octets: f"{next(numbers):0{2 * octets}x}"


def _common(service: Service) -> dict[str, Any]:
    return {
        "client_id": CLIENT,
        "redirect_uri": HERE,
        "endpoints": service.endpoints,
        "clock": FakeClock(),
        "random_hex": counted_hex(),
        "timeout": 5.0,
    }


def vkid(service: Service, **options: Any) -> VKIDAuthorization:
    """A program that signs people in with VK ID."""
    return VKIDAuthorization(**_common(service) | {"id_token_key": PEM} | options)


def code_flow(service: Service, **options: Any) -> CodeFlow:
    """A program that gets tokens at ``oauth.vk.ru``."""
    return CodeFlow(**_common(service) | {"client_secret": "CANARY-secret"} | options)


def back(request: AuthorizationRequest, **changes: str | None) -> str:
    """The address that a person comes back to."""
    params = {"code": "CANARY-code", "state": request.state, "device_id": "CANARY-device", "type": "code_v2"} | changes
    return f"{request.redirect_uri}?{urlencode({name: value for name, value in params.items() if value is not None})}"


def claims(**changes: Any) -> dict[str, Any]:
    """What VK ID's id_token says."""
    now = int(FakeClock().now().timestamp())
    return {"iis": "VK", "sub": 77, "app": CLIENT, "exp": now + 31_104_000, "iat": now, "jti": 21} | changes


def grant(**changes: Any) -> Callable[[Asked], dict[str, Any]]:
    """An answer with tokens, which repeats the state of its request."""

    def answer(asked: Asked) -> dict[str, Any]:
        body = {
            "refresh_token": "vk2.a.CANARY-refresh",
            "access_token": "vk2.a.CANARY-access",
            "id_token": signed(claims(), kid=None, typ="JWT"),
            "token_type": "Bearer",
            "expires_in": 3600,
            "user_id": 77,
            "state": asked.form.get("state"),
            "scope": "vkid.personal_info email",
        } | changes
        return {name: value for name, value in body.items() if value is not ...}

    return answer
