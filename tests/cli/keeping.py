"""A store on the disk, for tests of the commands that keep tokens in one."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from vkauth import TokenSet, VKIDAuthorization
from vkauth.providers import Kakao
from vkauth.testing import VKSimulator
from vkauth.tokens import SQLiteTokenStore, StoredToken, TokenRecord

__all__ = ["APP", "BACK", "ENDED", "SAMPLE", "Shelf", "kakao_tokens", "vkid_tokens"]

APP = 51000001
BACK = "https://app.example/callback"
SAMPLE = "SAMPLE-token"
ENDED = datetime(2026, 1, 1, tzinfo=UTC)


class Shelf:
    """The store that the command finds by ``VKAUTH_STORE``."""

    def __init__(self, path: Path) -> None:
        self.path = path

    async def put(self, name: str, token: str | StoredToken | TokenSet = SAMPLE, **fields: Any) -> TokenRecord:
        """Keep a token."""
        async with SQLiteTokenStore(self.path) as store:
            return await store.put(name, StoredToken.of(token, **fields))

    async def get(self, name: str) -> StoredToken:
        """What is kept under a name."""
        async with SQLiteTokenStore(self.path) as store:
            record = await store.get(name)
        assert record is not None, name
        return record.token

    async def names(self) -> list[str]:
        """Under which names something is kept."""
        async with SQLiteTokenStore(self.path) as store:
            return await store.keys()

    async def end(self, name: str) -> None:
        """Let the token under a name have ended."""
        await self.put(name, await self.get(name), expires_at=datetime.now(UTC) - timedelta(seconds=1))

    def damage(self, name: str) -> None:
        """Flip something in a record."""
        with sqlite3.connect(self.path) as connection:
            changed = connection.execute("UPDATE records SET content = X'00' WHERE key = ?", (name.encode(),)).rowcount
        connection.close()
        assert changed == 1


async def vkid_tokens(vk: VKSimulator, login: str, client_id: int = APP, **options: Any) -> TokenSet:
    """What VK ID gives at a sign-in."""
    flow = VKIDAuthorization(
        client_id=client_id, redirect_uri=BACK, endpoints=vk.endpoints, id_token_key=None, **options
    )
    request = flow.authorization_request()
    return await flow.exchange(await vk.approve(request.url, login), request)


async def kakao_tokens(vk: VKSimulator, login: str) -> TokenSet:
    """What Kakao gives at a sign-in."""
    kakao = Kakao(**vk.kakao.apps.sample.credentials, **vk.kakao.addresses)
    request = kakao.authorization_request(BACK)
    return await kakao.exchange(await vk.approve(request.url, login), request)
