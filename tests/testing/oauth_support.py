"""What an application does in tests of the code flows: requests with parameters that are in order, and bare forms."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from yarl import URL

from vkauth.testing import Account, VKSimulator

if TYPE_CHECKING:
    from .conftest import Browser, Reply

BACK = "https://app.example/back"
LOOPBACK = "http://127.0.0.1:8400/back"
STATE = "SAMPLE-state-0123456789-abcdefghijk"
VERIFIER = "SAMPLE-verifier-0123456789-0123456789-abcdefgh"
DIGEST = sha256(VERIFIER.encode())
CHALLENGE = urlsafe_b64encode(DIGEST.digest()).rstrip(b"=").decode()
HEX_CHALLENGE = DIGEST.hexdigest()
PKCE = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}


def without(values: dict[str, str], *names: str) -> dict[str, str]:
    """The same values but for some."""
    return {name: value for name, value in values.items() if name not in names}


def claims_of(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims of an id_token, read by hand."""
    header, claims, _ = (
        json.loads(_decoded(part)) if number < 2 else {} for number, part in enumerate(token.split("."))
    )
    return header, claims


def _decoded(part: str) -> bytes:
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))


class VKIDClient:
    """An application that signs people in by VK ID."""

    def __init__(self, vk: VKSimulator, browser: Browser) -> None:
        self.vk = vk
        self.browser = browser
        self.app = vk.apps.sample

    def url(self, **more: str) -> str:
        """Where a person is sent; an empty value leaves a parameter out."""
        query = {"response_type": "code", "client_id": str(self.app.client_id), "redirect_uri": BACK}
        query |= {"state": STATE, "scope": "email", **PKCE} | more
        return str(self.vk.base_url / "id/authorize" % {name: value for name, value in query.items() if value})

    async def back(self, account: Account, **more: str) -> dict[str, str]:
        """Send a person there; return what came back."""
        return dict(URL(await self.vk.approve(self.url(**more), account)).query)

    def exchange_form(self, back: dict[str, str]) -> dict[str, str]:
        """What is sent with a code."""
        form = {"grant_type": "authorization_code", "client_id": str(self.app.client_id), "redirect_uri": BACK}
        form |= {"code": back["code"], "device_id": back["device_id"], "code_verifier": VERIFIER}
        return form | {"state": "SAMPLE-state-of-this-call"}

    def refresh_form(self, tokens: dict[str, Any], device_id: str) -> dict[str, str]:
        """What is sent with a refresh token."""
        form = {"grant_type": "refresh_token", "client_id": str(self.app.client_id), "device_id": device_id}
        return form | {"refresh_token": tokens["refresh_token"], "state": "SAMPLE-state-of-this-call"}

    async def auth(self, form: dict[str, str], **options: Any) -> Reply:
        """Ask for tokens."""
        return await self.browser.post("id/oauth2/auth", form, **options)

    async def sign_in(self, account: Account, **more: str) -> tuple[dict[str, Any], str]:
        """Sign a person in; return the tokens and the device id."""
        back = await self.back(account, **more)
        return (await self.auth(self.exchange_form(back))).json, back["device_id"]

    async def call(self, name: str, **form: str) -> Reply:
        """Call ``/oauth2/<name>``."""
        return await self.browser.post(f"id/oauth2/{name}", {"client_id": str(self.app.client_id)} | form)


class KakaoClient:
    """An application that signs people in by Kakao."""

    def __init__(self, vk: VKSimulator, browser: Browser) -> None:
        self.vk = vk
        self.browser = browser
        self.app = vk.kakao.apps.sample

    def url(self, **more: str) -> str:
        """Where a person is sent; an empty value leaves a parameter out."""
        query = {"client_id": self.app.client_id, "redirect_uri": BACK, "response_type": "code", "state": STATE} | more
        address = URL(self.vk.kakao.addresses["authorize_url"])
        return str(address % {name: value for name, value in query.items() if value})

    async def back(self, account: Account, **more: str) -> dict[str, str]:
        """Send a person there; return what came back."""
        return dict(URL(await self.vk.approve(self.url(**more), account)).query)

    async def token(self, **form: str) -> Reply:
        """Ask for tokens; an empty value leaves a field out."""
        fields = {"grant_type": "authorization_code", **self.app.credentials, "redirect_uri": BACK} | form
        return await self.browser.post(
            self.vk.kakao.addresses["token_url"], {name: value for name, value in fields.items() if value}
        )

    async def refresh(self, token: str, **form: str) -> Reply:
        """Refresh."""
        return await self.token(grant_type="refresh_token", redirect_uri="", refresh_token=token, **form)

    async def sign_in(self, account: Account, **more: str) -> dict[str, Any]:
        """Sign a person in; return the tokens."""
        reply = await self.token(code=(await self.back(account, **more))["code"])
        assert reply.status == 200, reply.text
        return reply.json  # type: ignore[no-any-return]

    async def api(self, path: str, token: str = "", method: str = "GET", **params: str) -> Reply:
        """Call kapi."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        given = {"data": params} if method == "POST" else {"params": params}
        return await self.browser.send(method, f"kapi{path}", headers=headers, **given)


class TikTokClient:
    """An application that signs people in by TikTok."""

    def __init__(self, vk: VKSimulator, browser: Browser) -> None:
        self.vk = vk
        self.browser = browser
        self.app = vk.tiktok.apps.sample

    def url(self, **more: str) -> str:
        """Where a person is sent; an empty value leaves a parameter out."""
        query = {"client_key": self.app.client_key, "redirect_uri": BACK, "response_type": "code", "state": STATE}
        query |= {"scope": "user.info.basic,user.info.profile"} | more
        address = URL(self.vk.tiktok.addresses["authorize_url"])
        return str(address % {name: value for name, value in query.items() if value})

    async def back(self, account: Account, scopes: Any = None, **more: str) -> dict[str, str]:
        """Send a person there; return what came back."""
        return dict(URL(await self.vk.approve(self.url(**more), account, scopes=scopes)).query)

    async def token(self, **form: str) -> Reply:
        """Ask for tokens; an empty value leaves a field out."""
        fields = {"client_key": self.app.client_key, "client_secret": self.app.client_secret}
        fields |= {"grant_type": "authorization_code", "redirect_uri": BACK} | form
        return await self.browser.post(
            self.vk.tiktok.addresses["token_url"], {name: value for name, value in fields.items() if value}
        )

    async def refresh(self, token: str, **form: str) -> Reply:
        """Refresh."""
        return await self.token(grant_type="refresh_token", redirect_uri="", refresh_token=token, **form)

    async def sign_in(self, account: Account, **more: Any) -> dict[str, Any]:
        """Sign a person in; return the tokens."""
        reply = await self.token(code=(await self.back(account, **more))["code"])
        assert reply.status == 200, reply.text
        return reply.json  # type: ignore[no-any-return]

    async def user(self, fields: str, token: str) -> Reply:
        """Ask who it is."""
        address = self.vk.tiktok.addresses["userinfo_url"]
        return await self.browser.get(address, params={"fields": fields}, headers={"Authorization": f"Bearer {token}"})
