"""``kapi.kakao.com``: profiles by consent, what a token is good for, and the ends of it."""

from __future__ import annotations

from typing import Any

import pytest

from vkauth.testing import KakaoPerson, VKSimulator
from vkauth.testing.kakao.errors import KAPI

from .conftest import Browser, Clock
from .oauth_support import BACK, KakaoClient

EVERYTHING = (
    *("profile_nickname", "profile_image", "account_email", "name", "gender", "age_range", "birthday", "birthyear"),
    *("phone_number", "account_ci", "talk_message"),
)


async def test_a_profile(vk: VKSimulator, kakao: KakaoClient) -> None:
    """What was agreed to, and that other things could be; pictures by http unless asked otherwise."""
    account = vk.add_account(email="sample@mail.example")
    token = (await kakao.sign_in(account))["access_token"]
    reply = await kakao.api("/v2/user/me", token)
    assert reply.headers["Content-Type"] == "application/json;charset=UTF-8"
    values = reply.json
    assert values["id"] == vk.kakao.user_id(account) == 4_000_000_000 + account.user_id
    assert values["connected_at"].endswith("Z")
    assert values["kakao_account"] == {
        "profile_nickname_needs_agreement": False,
        "profile_image_needs_agreement": False,
        "profile": {
            "nickname": "Sample",
            "is_default_nickname": False,
            "thumbnail_image_url": "http://avatars.example/sample.jpg?size=110",
            "profile_image_url": "http://avatars.example/sample.jpg?size=640",
            "is_default_image": False,
        },
        "email_needs_agreement": False,
        "is_email_valid": True,
        "is_email_verified": True,
        "email": "sample@mail.example",
    }
    secure = (await kakao.api("/v2/user/me", token, "POST", secure_resource="true")).json["kakao_account"]["profile"]
    assert secure["profile_image_url"] == "https://avatars.example/sample.jpg?size=640"


async def test_everything_there_is(vk: VKSimulator, kakao: KakaoClient) -> None:
    """All items, as an application gets them that may ask for all."""
    person = KakaoPerson(
        id=7, nickname="Nick", email="other@mail.example", email_verified=False, phone_number="+82 10-0000-0001",
        birthday_type="LUNAR", is_leap_month=True, default_profile=True, ci="SAMPLE-CI", properties={"level": "3"},
    )  # fmt: skip
    account = vk.add_account(sex="female", birthday="1990-02-01", kakao=person)
    kakao.app = vk.kakao.add_app(client_id="own", required=("profile_nickname",), optional=EVERYTHING)
    values = (await kakao.api("/v2/user/me", (await kakao.sign_in(account))["access_token"])).json
    assert (values["id"], values["properties"]) == (7, {"level": "3"})
    shown = values["kakao_account"]
    assert {name: value for name, value in shown.items() if name.endswith("_needs_agreement") and value} == {}
    assert shown["profile"]["nickname"] == "Nick"
    assert shown["profile"]["is_default_image"] is True
    assert (shown["email"], shown["is_email_verified"]) == ("other@mail.example", False)
    assert (shown["name"], shown["gender"], shown["birthyear"], shown["birthday"]) == (
        *("Sample Person", "female", "1990", "0201"),
    )
    assert (shown["birthday_type"], shown["is_leap_month"]) == ("LUNAR", True)
    assert shown["age_range"] in ("30~39", "40~49", "50~59")
    assert (shown["phone_number"], shown["ci"]) == ("+82 10-0000-0001", "SAMPLE-CI")


async def test_what_nobody_knows(vk: VKSimulator, kakao: KakaoClient) -> None:
    """An item can be agreed to without there being anything to say; one that was not agreed to says only that."""
    account = vk.add_account(kakao=KakaoPerson(email=""))
    kakao.app = vk.kakao.add_app(client_id="own", required=("profile_nickname",), optional=EVERYTHING)
    await vk.approve(kakao.url(), account, scopes=["account_email", "birthday", "gender", "age_range"])
    shown = (await kakao.api("/v2/user/me", (await kakao.sign_in(account))["access_token"])).json["kakao_account"]
    assert shown["email_needs_agreement"] is False
    assert shown["phone_number_needs_agreement"] is True
    assert {"email", "is_email_valid", "birthday", "gender", "age_range", "phone_number", "ci"} & set(shown) == set()


async def test_an_application_that_asks_for_nothing(vk: VKSimulator, kakao: KakaoClient) -> None:
    """There is no ``kakao_account`` at all then."""
    kakao.app = vk.kakao.add_app(client_id="own", required=(), optional=())
    values = (await kakao.api("/v2/user/me", (await kakao.sign_in(vk.add_account()))["access_token"])).json
    assert set(values) == {"id", "connected_at"}


@pytest.mark.parametrize(
    ("born", "group"),
    [
        ("2020-12-31", "1~9"),
        ("2012-01-01", "10~14"),
        ("2009-01-01", "15~19"),
        ("1930-01-01", "90~"),
        ("1990-06-01", "30~39"),
    ],
)
async def test_age_groups(browser: Browser, born: str, group: str) -> None:
    """With a tilde, by the simulator's own time."""
    async with VKSimulator(unix_time=lambda: 1_780_000_000.0) as vk:  # 2026-05-28
        kakao = KakaoClient(vk, browser)
        kakao.app = vk.kakao.add_app(client_id="own", required=("age_range",), optional=())
        browser.vk = vk
        token = (await kakao.sign_in(vk.add_account(birthday=born)))["access_token"]
        values = (await kakao.api("/v2/user/me", token)).json
        assert values["kakao_account"]["age_range"] == group
        assert values["connected_at"] == "2026-05-28T20:26:40Z"


@pytest.mark.parametrize(
    ("keys", "found"),
    [
        ('["kakao_account.email"]', {"email", "email_needs_agreement", "is_email_valid", "is_email_verified"}),
        ('["kakao_account.profile"]', {"profile", "profile_nickname_needs_agreement", "profile_image_needs_agreement"}),
        ('["kakao_account.profile.nickname", "kakao_account.email", "other."]', None),
        ('["kakao_account."]', None),
        ("[]", set()),
    ],
)
async def test_a_part_of_the_profile(vk: VKSimulator, kakao: KakaoClient, keys: str, found: set[str] | None) -> None:
    """``property_keys`` names it; a dot at the end is all that is below."""
    token = (await kakao.sign_in(vk.add_account(email="sample@mail.example")))["access_token"]
    whole = (await kakao.api("/v2/user/me", token)).json
    values = (await kakao.api("/v2/user/me", token, property_keys=keys)).json
    assert values["id"] == whole["id"]
    assert set(values.get("kakao_account", ())) == (set(whole["kakao_account"]) if found is None else found)


@pytest.mark.parametrize("keys", ["x", "{}", "[1]", '"a"', "[" * 5000])
async def test_a_part_that_cannot_be_read(vk: VKSimulator, kakao: KakaoClient, keys: str) -> None:
    """Anything but a list of texts is a bad parameter."""
    token = (await kakao.sign_in(vk.add_account()))["access_token"]
    reply = await kakao.api("/v2/user/me", token, "POST", property_keys=keys)
    assert (reply.status, reply.json["code"]) == (400, -2)


@pytest.mark.parametrize("path", ["/v2/user/me", "/v1/user/access_token_info", "/v1/oidc/userinfo"])
async def test_a_token_that_is_not_good(vk: VKSimulator, kakao: KakaoClient, clock: Clock, path: str) -> None:
    """Number -401 with the status 401 and the header that goes with it."""
    token = (await kakao.sign_in(vk.add_account()))["access_token"]
    clock.now += 21599
    for bad in ("", "SAMPLE", token):
        reply = await kakao.api(path, bad)
        assert (reply.status, reply.json) == (401, {"msg": "this access token does not exist", "code": -401})
        assert reply.headers["WWW-Authenticate"] == "Bearer error=invalid_token"


async def test_a_child(vk: VKSimulator, kakao: KakaoClient) -> None:
    """Kakao keeps it out of most applications."""
    token = (await kakao.sign_in(vk.add_account(kakao=KakaoPerson(under_14=True))))["access_token"]
    reply = await kakao.api("/v2/user/me", token)
    assert (reply.status, reply.json["code"]) == (401, -406)


async def test_what_a_token_is(vk: VKSimulator, kakao: KakaoClient, clock: Clock) -> None:
    """Whose, whose application's, and for how long."""
    account = vk.add_account()
    token = (await kakao.sign_in(account))["access_token"]
    clock.now += 21000
    reply = await kakao.api("/v1/user/access_token_info", token)
    assert reply.json == {"id": vk.kakao.user_id(account), "expires_in": 599, "app_id": kakao.app.app_id}


async def test_leaving(vk: VKSimulator, kakao: KakaoClient) -> None:
    """Logging out ends one sign-in, unlinking all of them and the consent."""
    account = vk.add_account()
    first, second, third = [(await kakao.sign_in(account)) for _ in range(3)]
    answer = {"id": vk.kakao.user_id(account)}
    assert (await kakao.api("/v1/user/logout", first["access_token"], "POST")).json == answer
    assert (await kakao.api("/v1/user/logout", first["access_token"], "POST")).json["code"] == -401
    assert (await kakao.refresh(first["refresh_token"])).json["error_code"] == "KOE322"
    assert (await kakao.api("/v1/user/unlink", second["access_token"], "POST")).json == answer
    assert (await kakao.api("/v1/user/unlink", third["access_token"], "POST")).json["code"] == -401
    back = await vk.approve(kakao.url(), account)
    assert "code=" in back
    assert vk.requests.to("kakao/simulator")[-1].form["step"] == "consent"


async def test_in_the_name_of_the_application(vk: VKSimulator, kakao: KakaoClient, browser: Browser) -> None:
    """With the admin key, and the number of a person who is connected."""
    account = vk.add_account()
    kakao.app = vk.kakao.add_app(client_id="own", admin_key="SAMPLE-admin-key", redirect_uris=(BACK,))
    tokens = await kakao.sign_in(account)

    async def call(path: str, key: str = "SAMPLE-admin-key", **form: Any) -> Any:
        return (await browser.post(f"kapi{path}", form, headers={"Authorization": f"KakaoAK {key}"})).json

    target = {"target_id_type": "user_id", "target_id": vk.kakao.user_id(account)}
    assert (await call("/v2/user/me", **target))["id"] == vk.kakao.user_id(account)
    assert (await call("/v2/user/me", "x", **target))["code"] == -401
    assert (await call("/v2/user/me", "", **target))["code"] == -401
    assert (await call("/v2/user/me"))["code"] == -2
    assert (await call("/v2/user/me", target_id_type="user_id", target_id=1))["code"] == -101
    assert (await call("/v1/user/logout", **target))["id"] == vk.kakao.user_id(account)
    assert (await kakao.api("/v2/user/me", tokens["access_token"])).status == 401
    assert "id" in await call("/v1/user/unlink", **target)
    assert (await call("/v2/user/me", **target))["code"] == -101


@pytest.mark.parametrize("code", KAPI)
async def test_errors_on_demand(vk: VKSimulator, kakao: KakaoClient, code: int) -> None:
    """Each number with its status, and further keys where a test wants them."""
    vk.faults.add(vk.kakao.fault(code, required_scopes=["account_email"]), on="kapi/v2/user/me")
    reply = await kakao.api("/v2/user/me")
    assert (reply.status, reply.json["code"]) == (KAPI[code][0], code)
    assert reply.json["required_scopes"] == ["account_email"]
    assert ("WWW-Authenticate" in reply.headers) is (reply.status == 401)
