"""A double of a provider's servers for ``fetch=``, and what each provider would answer to an ordinary login."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

import pytest
from support import FakeClock

from vkauth.errors import AuthError, AuthErrorCode
from vkauth.oauth.request import AuthorizationRequest
from vkauth.providers import VK, VKID, Kakao, Provider, Request, Response, TikTok
from vkauth.token_set import TokenSet

__all__ = ["HERE", "SAMPLES", "Service", "answer", "callback", "login", "refused", "tokens_of"]

HERE: Final = "https://app.example/cb"


def answer(body: object = b"", status: int = 200, **headers: str) -> Response:
    """An answer: bytes as they are, all else as JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Response(status=status, headers=headers or {"Content-Type": "application/json"}, body=content)


@dataclass
class Service:
    """Answers by the path of a request, and remembers what it was sent.

    Attributes:
        answers: an answer, or what makes one of a request or raises, for each path; the last one is given again.
        requests: what was sent.
    """

    answers: dict[str, list[Response | Callable[[Request], Response]]] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)

    def on(self, path: str, *answers: Response | Callable[[Request], Response]) -> None:
        self.answers[path] = list(answers)

    async def __call__(self, request: Request) -> Response:
        self.requests.append(request)
        answers = self.answers[request.url.path]
        found = answers.pop(0) if len(answers) > 1 else answers[0]
        return found if isinstance(found, Response) else found(request)

    @property
    def paths(self) -> list[str]:
        return [request.url.path for request in self.requests]


@dataclass(frozen=True)
class Sample:
    """One provider, with what its servers say.

    Attributes:
        kind: its class.
        secret: whether it needs a secret.
        token, user: the paths, and what is answered there.
        params: what comes back with the code.
        identity: the identity in the profile, but for the provider.
    """

    kind: type[Provider[Any]]
    token: tuple[str, Mapping[str, object]]
    user: tuple[str, Mapping[str, object]]
    identity: Mapping[str, object]
    params: Mapping[str, str] = field(default_factory=dict)
    secret: bool = True

    def make(self, service: Service | None = None, **options: Any) -> Provider[Any]:
        """The provider, talking to ``service`` or to one that answers as usual."""
        values: dict[str, Any] = {"client_id": "100", "client_secret": "CANARY_client_secret", "clock": FakeClock()}
        return self.kind(**values | {"fetch": service or self.service()} | options)

    def service(self) -> Service:
        return Service({path: [answer(body)] for path, body in (self.token, self.user)})


SAMPLES: Final = {
    "kakao": Sample(
        Kakao,
        token=(
            "/oauth/token",
            {
                "token_type": "bearer",
                "access_token": "CANARY_access",
                "expires_in": 21599,
                "refresh_token": "CANARY_refresh",
                "refresh_token_expires_in": 5184000,
                "scope": "profile_nickname account_email",
            },
        ),
        user=(
            "/v2/user/me",
            {
                "id": 1234567890123456789,
                "connected_at": "2026-11-01T00:00:00Z",
                "kakao_account": {
                    "profile": {"nickname": "Ryan", "profile_image_url": "https://k.example/640.jpg"},
                    "email": "ryan@sample.example",
                    "is_email_valid": True,
                    "is_email_verified": True,
                },
            },
        ),
        identity={
            "id": "1234567890123456789",
            "name": "Ryan",
            "email": "ryan@sample.example",
            "email_verified": True,
            "image": "https://k.example/640.jpg",
        },
        secret=False,
    ),
    "tiktok": Sample(
        TikTok,
        token=(
            "/v2/oauth/token/",
            {
                "open_id": "sample-open-id",
                "scope": "user.info.basic,user.info.profile",
                "access_token": "CANARY_access",
                "expires_in": 7200,
                "refresh_token": "CANARY_refresh",
                "refresh_expires_in": 15552000,
                "token_type": "Bearer",
            },
        ),
        user=(
            "/v2/user/info/",
            {
                "data": {
                    "user": {
                        "open_id": "sample-open-id",
                        "avatar_url": "https://t.example/a.jpg",
                        "display_name": "Dancer",
                        "username": "dancer",
                    }
                },
                "error": {"code": "ok", "message": "", "log_id": "20261121"},
            },
        ),
        identity={
            "id": "sample-open-id",
            "name": "Dancer",
            "email": None,
            "email_verified": None,
            "image": "https://t.example/a.jpg",
        },
    ),
    "vk": Sample(
        VK,
        token=(
            "/access_token",
            {"access_token": "CANARY_access", "expires_in": 86400, "user_id": 66748, "email": "pasha@sample.example"},
        ),
        user=(
            "/method/users.get",
            {
                "response": [
                    {
                        "id": 66748,
                        "first_name": "Pasha",
                        "last_name": "Sample",
                        "photo_100": "https://v.example/100.jpg",
                        "can_access_closed": True,
                        "is_closed": False,
                    }
                ]
            },
        ),
        identity={
            "id": "66748",
            "name": "Pasha Sample",
            "email": "pasha@sample.example",
            "email_verified": None,
            "image": "https://v.example/100.jpg",
        },
    ),
    "vkid": Sample(
        VKID,
        token=(
            "/oauth2/auth",
            {
                "refresh_token": "CANARY_refresh",
                "access_token": "CANARY_access",
                "token_type": "Bearer",
                "expires_in": 3600,
                "user_id": 66748,
                "scope": "vkid.personal_info email",
            },
        ),
        user=(
            "/oauth2/user_info",
            {
                "user": {
                    "user_id": "66748",
                    "first_name": "Pasha",
                    "last_name": "Sample",
                    "avatar": "https://v.example/a.jpg",
                    "email": "pasha@sample.example",
                }
            },
        ),
        identity={
            "id": "66748",
            "name": "Pasha Sample",
            "email": "pasha@sample.example",
            "email_verified": None,
            "image": "https://v.example/a.jpg",
        },
        params={"device_id": "CANARY_device"},
        secret=False,
    ),
}


def callback(request: AuthorizationRequest, **params: str) -> str:
    """The address that a person comes back to who agreed."""
    extra = SAMPLES[request.provider].params
    return f"/cb?{urlencode({'code': 'CANARY_code', 'state': request.state, **extra, **params})}"


async def login(provider: Provider[Any], **options: Any) -> TokenSet:
    """The tokens of a login."""
    request = provider.authorization_request(HERE, **options)
    return await provider.exchange(callback(request), request)


def tokens_of(name: str, **fields: Any) -> TokenSet:
    """Tokens as they were kept somewhere."""
    values: dict[str, Any] = {"access_token": "CANARY_access", "refresh_token": "CANARY_refresh"}
    values |= {"device_id": "CANARY_device", "scope": SAMPLES[name].kind._SCOPE}
    return TokenSet(**values | fields)


async def refused(call: Any, code: AuthErrorCode | str) -> AuthError:
    """The error of a call that has to fail."""
    with pytest.raises(AuthError) as caught:
        await call
    assert caught.value.code == code, caught.value
    return caught.value
