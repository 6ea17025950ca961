"""``renew_by_refresh`` at services of which each treats refresh tokens in its own way: VK ID, Kakao, TikTok."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import fields
from typing import Any

import pytest
import pytest_asyncio
from support import FakeClock, refused

from tokens.renewing import KEY, source_of
from vkauth import TokenSet, VKIDAuthorization
from vkauth.providers import VKID, Kakao, TikTok
from vkauth.testing import Fault, LeakScanner, VKSimulator
from vkauth.tokens import MemoryTokenStore, StoredToken, StoredTokenSource, renew_by_login, renew_by_refresh

BACK = "https://app.example/back"
DAY = 86400
SERVICES = ["VKIDAuthorization", "VKID", "Kakao", "Kakao with OpenID", "TikTok"]
ROTATING = ("VKIDAuthorization", "VKID", "TikTok")


class Signed:
    """A person at a service, and what renews their tokens."""

    def __init__(self, vk: VKSimulator, clock: FakeClock, service: str) -> None:
        self.vk, self.clock, self.service = vk, clock, service
        self.account = vk.add_account(email="sample@mail.example")
        self.store = MemoryTokenStore()
        self.client = self._client()
        self.logins = 0

    def _client(self) -> Any:
        vk, kakao, tiktok = self.vk, self.vk.kakao, self.vk.tiktok
        at_vk: dict[str, Any] = {"client_id": vk.apps.sample.client_id, "endpoints": vk.endpoints, "clock": self.clock}
        at_vk["id_token_key"] = vk.id_token_key
        match self.service:
            case "VKIDAuthorization":
                return VKIDAuthorization(redirect_uri=BACK, **at_vk)
            case "VKID":
                return VKID(**at_vk)
            case "TikTok":
                return TikTok(**tiktok.addresses, **tiktok.apps.sample.credentials, clock=self.clock)
        kakao.apps.sample.openid = self.service == "Kakao with OpenID"
        scope = {"scope": "openid profile_nickname account_email"} if kakao.apps.sample.openid else {}
        return Kakao(**kakao.addresses, **kakao.apps.sample.credentials, **scope, clock=self.clock)

    async def run(self) -> TokenSet:
        """Sign in at the browser, as :func:`renew_by_login` wants it."""
        self.logins += 1
        options = {} if isinstance(self.client, VKIDAuthorization) else {"redirect_uri": BACK}
        request = self.client.authorization_request(**options)
        found = await self.client.exchange(await self.vk.approve(request, self.account), request)
        assert isinstance(found, TokenSet)
        return found

    async def begin(self, **changes: Any) -> StoredToken:
        """Sign in, and keep the tokens."""
        token = StoredToken.of(await self.run(), extra={"a": "b"}, client_id="1", **changes)
        await self.store.put(KEY, token)
        self.vk.requests.clear()
        return token

    def source(self, *more: Any) -> StoredTokenSource:
        """One that refreshes, or else does what it is told."""
        return source_of(self.store, self.clock, [renew_by_refresh(self.client), *more])

    async def elsewhere(self) -> StoredToken:
        """Another program, which knows nothing of our locks, refreshes and stores."""
        old = await self.stored()
        new = StoredToken.of(await self.client.refresh(old.token_set()), kind=old.kind)
        await self.store.put(KEY, new)
        return new

    async def stored(self) -> StoredToken:
        found = await self.store.get(KEY)
        assert found is not None
        return found.token

    def age(self, days: float) -> None:
        """So much time goes by."""
        self.clock.seconds += days * DAY

    @property
    def sent(self) -> list[str]:
        """The refresh tokens that the service got."""
        return [each.form["refresh_token"] for each in self.vk.requests if "refresh_token" in each.form]


@pytest_asyncio.fixture
async def world(clock: FakeClock) -> AsyncIterator[VKSimulator]:
    """A simulator whose time is all the clock's."""
    async with VKSimulator(clock=clock.monotonic, unix_time=lambda: clock.now().timestamp()) as vk:
        yield vk


@pytest.fixture(params=SERVICES)
def signed(request: pytest.FixtureRequest, world: VKSimulator, clock: FakeClock) -> Signed:
    return Signed(world, clock, request.param)


async def test_one_refresh_after_the_other(signed: Signed, no_leaks: LeakScanner) -> None:
    """Each with the newest refresh token; what an answer leaves out is kept of the token before."""
    first = old = await signed.begin()
    rotates = signed.service in ROTATING
    async with signed.source() as source:
        for _ in range(3):
            assert await source.get() == old
            signed.age(1.5)
            new = await source.get()
            assert new.token != old.token
            assert await signed.stored() == new
            assert new.expires_at is not None
            assert new.expires_at > signed.clock.now()
            assert (new.refresh_token != old.refresh_token) is rotates
            old = new
        assert len(signed.sent) == 3
        assert len(set(signed.sent)) == (3 if rotates else 1)
        new_ones = {"token", "refresh_token", "refresh_expires_at", "expires_in", "expires_at", "id_token"}
        for name in {each.name for each in fields(StoredToken)} - new_ones:
            assert getattr(old, name) == getattr(first, name), name
        assert (old.id_token is None) is (first.id_token is None)
        assert (old.refresh_expires_at is None) is (first.refresh_expires_at is None)
        if signed.service != "VKIDAuthorization":
            await signed.client.profile(old.token_set())
    signed.vk.requests.assert_never_in_url(*signed.sent)
    no_leaks.add(*signed.sent)
    no_leaks.scan(source, repr(old))


async def test_a_refresh_token_that_is_renewed_late(world: VKSimulator, clock: FakeClock) -> None:
    """Kakao gives another one in its last month alone: until then its end stays that of the first."""
    signed = Signed(world, clock, "Kakao")
    first = await signed.begin()
    assert first.refresh_expires_at is not None
    async with signed.source() as source:
        signed.age(25)
        second = await source.get()
        assert (second.refresh_token, second.refresh_expires_at) == (first.refresh_token, first.refresh_expires_at)
        signed.age(10)
        third = await source.get()
        assert third.refresh_token != first.refresh_token
        assert third.refresh_expires_at is not None
        assert third.refresh_expires_at > first.refresh_expires_at


async def test_a_session_that_was_ended(signed: Signed) -> None:
    """It is INVALID_GRANT; then the next function is asked, if there is one."""
    old = await signed.begin()
    await signed.client.revoke(old.token_set())
    signed.age(1.5)
    async with signed.source() as source:
        error = await refused(source.get(), "INVALID_GRANT")
        assert not error.retryable
        assert signed.sent == [old.refresh_token]
        await refused(source.get(), "INVALID_GRANT")
        assert len(signed.sent) == 1  # it is not sent in a loop
    async with signed.source(renew_by_login(signed)) as source:
        new = await source.get()
        assert signed.logins == 2
        assert await signed.stored() == new
        signed.age(1.5)
        assert await source.get() != new
        assert signed.logins == 2


async def test_another_program_was_faster(signed: Signed) -> None:
    """F4: it refreshed between our look at the store and our request, and what it stored is adopted."""
    await signed.begin()
    signed.age(35 if signed.service.startswith("Kakao") else 1.5)  # Kakao changes old ones only
    theirs: list[StoredToken] = []
    refresh = renew_by_refresh(signed.client)

    async def renew(old: StoredToken | None) -> Any:
        if not theirs:
            theirs.append(await signed.elsewhere())
        return await refresh(old)

    async with source_of(signed.store, signed.clock, [renew, renew_by_login(signed)]) as source:
        assert await source.get() == theirs[0]
        assert len(set(signed.sent)) == 1
        assert len(signed.sent) == 2
        assert signed.logins == 1
        if signed.service.startswith("VKID"):
            # VK ID has ended the session for that, and says so at the next use: then the person is asked.
            new = await source.refused(theirs[0])
            assert signed.logins == 2
            assert new == await signed.stored()


@pytest.mark.parametrize("service", ["VKID", "Kakao", "TikTok"])
@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault.reset(), "NETWORK_ERROR"),
        (Fault.status(502), "SERVER_ERROR"),
        (Fault.status(429, retry_after="7"), "RATE_LIMITED"),
        (Fault.answer(200, "application/json", b"[]"), "UNEXPECTED_RESPONSE"),
        (Fault.answer(200, "application/json", b'{"access_token":""}'), "UNEXPECTED_RESPONSE"),
    ],
    ids=["reset", "502", "429", "a list", "an empty token"],
)
async def test_an_answer_that_is_none(
    world: VKSimulator, clock: FakeClock, service: str, fault: Fault, code: str, no_leaks: LeakScanner
) -> None:
    """The error is typed and shows no token, nobody logs in for it, the record stays, and later it goes on."""
    signed = Signed(world, clock, service)
    old = await signed.begin()
    signed.age(1.5)
    async with signed.source(renew_by_login(signed)) as source:
        world.faults.add(fault, times=1)
        error = await refused(source.get(), code)
        no_leaks.add(old.token, str(old.refresh_token))
        no_leaks.scan(error)
        assert await signed.stored() == old
        assert signed.logins == 1
        clock.seconds += 60
        assert (await source.get()).token != old.token
        assert signed.logins == 1
