"""``vk.approve`` and the browser behind it: the true pages, answered as they ask."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest
from yarl import URL

from vkauth.providers import VKID, Kakao
from vkauth.testing import Fault, Visitor, VKSimulator

from .conftest import Browser
from .oauth_support import BACK, STATE, KakaoClient, TikTokClient, VKIDClient


def legacy_url(vk: VKSimulator, **more: str) -> str:
    """Where an application of the old OAuth sends a person."""
    query = {"client_id": str(vk.apps.sample.client_id), "redirect_uri": BACK, "response_type": "code", "v": "5.199"}
    return str(vk.base_url / "oauth/authorize" % (query | {"scope": "email", "state": STATE} | more))


@pytest.mark.parametrize("deny", [False, True])
@pytest.mark.parametrize("service", ["vk", "vkid", "kakao", "tiktok"])
async def test_the_way_back(
    vk: VKSimulator, vk_id: VKIDClient, kakao: KakaoClient, tiktok: TikTokClient, service: str, deny: bool
) -> None:
    """At all four: the address of the application with a code, or with a refusal, and the state as it was sent."""
    account = vk.add_account()
    urls = {"vk": legacy_url(vk), "vkid": vk_id.url(), "kakao": kakao.url(), "tiktok": tiktok.url()}
    back = URL(await vk.approve(urls[service], account.login if deny else account, deny=deny))
    assert str(back.with_query(None)) == BACK
    assert back.query["state"] == STATE
    assert back.query.get("error") == ("access_denied" if deny else None)
    assert ("code" in back.query) is not deny
    assert {each.host for each in vk.requests} == {vk.base_url.authority}


async def test_what_an_application_has(vk: VKSimulator) -> None:
    """The request itself will do in place of its address; what has none is named."""
    kakao = Kakao(**vk.kakao.addresses, **vk.kakao.apps.sample.credentials)
    request = kakao.authorization_request(BACK)
    account = vk.add_account()
    assert URL(await vk.approve(request, account)).query["state"] == request.state
    for nothing in (vk, None, {"url": "x"}):
        with pytest.raises(TypeError, match=f"have one as its url, not {type(nothing).__name__}"):
            await vk.approve(nothing, account)  # type: ignore[arg-type]


@pytest.mark.parametrize("options", [{"look": "page"}, {"look": "mobile"}, {"look": "page", "captcha": "image"}])
async def test_the_old_pages(vk: VKSimulator, options: Any) -> None:
    """Login, picture, code and consent of the old pages are answered as well."""
    account = vk.add_account(two_factor="sms", **options)
    assert "code" in URL(await vk.approve(legacy_url(vk), account)).query
    assert URL(await vk.approve(legacy_url(vk), account, deny=True)).query["error"] == "access_denied"


async def test_the_pages_before_the_end(vk: VKSimulator) -> None:
    """A link or a refresh tag that leads on is followed; a script cannot be run, and that is said."""
    account = vk.add_account(look="page", final="meta")
    assert "code" in URL(await vk.approve(legacy_url(vk), account)).query
    account.final = "auth_redirect"
    assert "code" in URL(await vk.approve(legacy_url(vk), account)).query
    account.final = "script"
    with pytest.raises(LookupError, match=r"ended on a page \(status 200\): One moment"):
        await vk.approve(legacy_url(vk), account)


async def test_a_token_at_the_blank_page(vk: VKSimulator) -> None:
    """Without an address of its own an application is answered at VK's blank page."""
    account = vk.add_account(consent="none")
    query = {"client_id": "6287487", "response_type": "token"}
    end = await vk.approve(vk.base_url / "oauth/authorize" % query, account)
    assert end.startswith(f"{vk.base_url}/oauth/blank.html#access_token=")


async def test_only_some_of_what_is_asked_for(vk: VKSimulator, tiktok: TikTokClient) -> None:
    """Scopes that are not named are left out; those the page does not offer are an error of the test."""
    account = vk.add_account()
    back = URL(await vk.approve(tiktok.url(), account, scopes=["user.info.basic"]))
    assert back.query["scopes"] == "user.info.basic"
    with pytest.raises(LookupError, match=r"does not offer video\.list: it has user\.info\.basic, user\.info\.profile"):
        await vk.approve(tiktok.url(), account, scopes=["video.list"])


@pytest.mark.parametrize(
    ("options", "said"),
    [({"banned": True}, "The account was blocked"), ({"flood": True}, "Too many attempts"), ({}, "password is wrong")],
)
async def test_a_login_that_is_refused(vk: VKSimulator, vk_id: VKIDClient, options: Any, said: str) -> None:
    """The error says what the page said."""
    account = vk.add_account(**options)
    if not options:
        vk.accounts[0].login = "+79990000001"
        stranger = VKSimulator().add_account(password="another")
        with pytest.raises(LookupError, match=said):
            await vk.approve(vk_id.url(), stranger)
        return
    with pytest.raises(LookupError, match=said):
        await vk.approve(vk_id.url(), account)


async def test_a_page_without_a_way_back(vk: VKSimulator, kakao: KakaoClient) -> None:
    """Errors that nobody is sent back from are told with their status and words; so are answers in JSON."""
    account = vk.add_account()
    with pytest.raises(LookupError, match=r"status 401.*KOE101"):
        await vk.approve(kakao.url(client_id="other"), account)
    with pytest.raises(LookupError, match="client_id is incorrect"):
        await vk.approve(legacy_url(vk, client_id="1"), account)
    with pytest.raises(LookupError, match="no account"):
        await vk.approve(kakao.url(), "nobody")


async def test_nothing_leaves_the_simulator(vk: VKSimulator, kakao: KakaoClient) -> None:
    """Neither a first address nor a redirect elsewhere is opened, and no circle is followed for ever."""
    account = vk.add_account()
    with pytest.raises(LookupError, match=r"leads to stranger\.example, which is not the simulator's"):
        await vk.approve("https://stranger.example/authorize", account)
    vk.faults.add(Fault.redirect("https://stranger.example/"), on="kakao")
    with pytest.raises(LookupError, match=r"stranger\.example"):
        await vk.approve(kakao.url(), account)
    vk.faults.add(Fault.redirect_loop(), on="kakao")
    with pytest.raises(LookupError, match="circle"):
        await vk.approve(kakao.url(), account)


async def test_a_browser_that_stays(vk: VKSimulator, kakao: KakaoClient) -> None:
    """Who logged in is not asked again, but where the application insists."""
    account = vk.add_account()
    async with Visitor(vk) as visitor:
        await visitor.approve(kakao.url(), account)
        vk.requests.clear()
        await visitor.approve(kakao.url(), account)
        assert vk.requests.paths() == ["GET kakao/oauth/authorize"]
        await visitor.approve(kakao.url(prompt="login"), account)
        assert "POST kakao/simulator" in vk.requests.paths()
    with pytest.raises(RuntimeError, match="not open"):
        await Visitor(vk).approve(kakao.url(), account)


async def test_by_tls_and_the_services_own_names(browser: Browser) -> None:
    """Where hosts are told by their names, a sign-in goes on under them, and cookies are the hosts' own."""
    async with VKSimulator(tls=True) as vk:
        account = vk.add_account()
        kakao, vk_id = KakaoClient(vk, browser), VKIDClient(vk, browser)
        url = kakao.url().replace(vk.kakao.addresses["authorize_url"], "https://kauth.kakao.com/oauth/authorize")
        assert URL(await vk.approve(url, account)).query["state"] == STATE
        url = vk_id.url().replace(f"{vk.base_url}/id/", "https://id.vk.ru/")
        assert URL(await vk.approve(url, account)).query["type"] == "code_v2"
        assert "POST kakao/simulator" in vk.requests.paths()
        async with aiohttp.ClientSession(connector=vk.connector()) as session:
            address = "https://kauth.kakao.com/.well-known/openid-configuration"
            async with session.get(address) as answer:
                found = await answer.json()
        assert found["issuer"] == "https://kauth.kakao.com"
        assert found["userinfo_endpoint"] == "https://kapi.kakao.com/v1/oidc/userinfo"
        assert "https://open.tiktokapis.com" not in str(found)


def test_an_application_without_a_secret(vk: VKSimulator) -> None:
    """Its credentials are what a provider takes: an empty secret is none."""
    known = {"client_id": "kk"}
    assert vk.kakao.add_app(**known).credentials == known
    assert vk.tiktok.add_app(client_key="kk", client_secret="").credentials == known
    assert vk.add_app(51000009).credentials == {"client_id": "51000009"}
    Kakao(**vk.kakao.addresses, **vk.kakao.apps["kk"].credentials)
    VKID(endpoints=vk.endpoints, **vk.apps[51000009].credentials)
