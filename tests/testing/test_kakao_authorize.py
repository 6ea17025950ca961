"""``kauth.kakao.com/oauth/authorize``: consent items, prompts, and the errors that nobody is sent back from."""

from __future__ import annotations

from typing import Any

import pytest
from yarl import URL

from vkauth.testing import Visitor, VKSimulator

from .conftest import Browser
from .oauth_support import BACK, PKCE, STATE, KakaoClient


async def test_what_comes_back(vk: VKSimulator, kakao: KakaoClient) -> None:
    """A code and the state, nothing else; without a state only the code."""
    account = vk.add_account()
    back = await kakao.back(account)
    assert set(back) == {"code", "state"}
    assert back["state"] == STATE
    assert set(await kakao.back(account, state="")) == {"code"}
    assert set(await kakao.back(account, scope=",", **PKCE)) == {"code", "state"}


async def test_a_person_cancels(vk: VKSimulator, kakao: KakaoClient) -> None:
    """With Kakao's own words."""
    back = URL(await vk.approve(kakao.url(), vk.add_account(), deny=True)).query
    assert dict(back) == {"error": "access_denied", "error_description": "User denied access", "state": STATE}


@pytest.mark.parametrize(
    ("more", "code", "status"),
    [
        ({"client_id": ""}, "KOE207", 400),
        ({"client_id": "other"}, "KOE101", 401),
        ({"redirect_uri": ""}, "KOE207", 400),
        ({"redirect_uri": "https://app.example/other"}, "KOE006", 400),
        ({"redirect_uri": BACK + "/"}, "KOE006", 400),
        ({"response_type": ""}, "KOE207", 400),
        ({"response_type": "token"}, "KOE202", 400),
        ({"response_type": "id_token"}, "KOE201", 400),
        ({"code_challenge": "x", "code_challenge_method": "plain"}, "KOE204", 400),
        ({"code_challenge_method": "S256"}, "KOE204", 400),
        ({"prompt": "sometimes"}, "KOE204", 400),
        ({"scope": "account_email,openid"}, "KOE205", 400),
        ({"scope": "gender"}, "KOE205", 400),
        ({"channel_public_id": "_x"}, "KOE102", 401),
    ],
)
async def test_a_page_that_leads_nowhere(
    vk: VKSimulator, kakao: KakaoClient, browser: Browser, more: dict[str, str], code: str, status: int
) -> None:
    """What only the developer can put right is a page with the code of the error."""
    kakao.app = vk.kakao.add_app(client_id="own", redirect_uris=(BACK,))
    reply = await browser.get(kakao.url(**more))
    assert (reply.status, reply.headers["Content-Type"]) == (status, "text/html; charset=utf-8")
    assert f"({code})" in reply.text


async def test_an_application_that_is_not_ready(vk: VKSimulator, kakao: KakaoClient) -> None:
    """Switched off, or for its testers only."""
    account, tester = vk.add_account(), vk.add_account(login="tester@mail.example")
    kakao.app.active = False
    with pytest.raises(LookupError, match="KOE004"):
        await kakao.back(account)
    kakao.app.active = True
    kakao.app.members = ("tester@mail.example",)
    with pytest.raises(LookupError, match="KOE005"):
        await kakao.back(account)
    assert "code" in await kakao.back(tester)


async def test_consent(vk: VKSimulator, kakao: KakaoClient, browser: Browser) -> None:
    """Everything is asked for once; what was kept back can be asked for by name."""
    account = vk.add_account(email="sample@mail.example")
    async with Visitor(vk) as visitor:

        async def scope(scopes: Any = None, **more: str) -> str:
            back = URL(await visitor.approve(kakao.url(**more), account, scopes=scopes)).query
            return str((await kakao.token(code=back["code"])).json["scope"])

        assert await scope(["profile_image"]) == "profile_image profile_nickname"
        vk.requests.clear()
        assert await scope() == "profile_image profile_nickname"
        assert vk.requests.paths() == ["GET kakao/oauth/authorize", "POST kakao/oauth/token"]
        assert await scope(scope="account_email profile_nickname") == "account_email profile_image profile_nickname"
        assert vk.requests.to("kakao/simulator")[0].form["allow:account_email"] == "1"
        vk.kakao.disconnect(account)
        assert await scope([]) == "profile_nickname"
        kakao.app.required += ("account_email",)
        assert await scope([]) == "account_email profile_nickname"


async def test_prompts(vk: VKSimulator, kakao: KakaoClient, browser: Browser) -> None:
    """``none`` never shows a page, ``login`` and ``create`` always ask who it is, a hint fills in the login."""
    account = vk.add_account()
    assert 'value="hint@mail.example"' in (await browser.get(kakao.url(login_hint="hint@mail.example"))).text
    refused = (await browser.get(kakao.url(prompt="none"))).location.query
    assert dict(refused) == {
        "error": "login_required",
        "error_description": "user authentication required.",
        "state": STATE,
    }
    async with Visitor(vk) as visitor:
        await visitor.approve(kakao.url(), account)
        assert "code" in URL(await visitor.approve(kakao.url(prompt="none"), account)).query
        back = URL(await visitor.approve(kakao.url(prompt="none", scope="account_email"), account)).query
        assert "code" in back
        vk.kakao.disconnect(account)
        back = URL(await visitor.approve(kakao.url(prompt="none"), account)).query
        assert back["error"] == "consent_required"
        for prompt in ("login", "create", "select_account"):
            vk.requests.clear()
            await visitor.approve(kakao.url(prompt=prompt), account)
            steps = [each.form["step"] for each in vk.requests.to("kakao/simulator") if each.method == "POST"]
            assert steps[0] == {"create": "login", "select_account": "choose"}.get(prompt, prompt)
        vk.end_sessions(account)
        back = URL(await visitor.approve(kakao.url(prompt="none"), account)).query
        assert back["error"] == "login_required"


async def test_logging_out_at_kakao(vk: VKSimulator, kakao: KakaoClient) -> None:
    """The browser is logged out, the application's tokens are over, and the state comes back."""
    account = vk.add_account()
    tokens = await kakao.sign_in(account)
    async with Visitor(vk) as visitor:
        await visitor.approve(kakao.url(), account)
        session = visitor._session
        assert session is not None

        async def leave(**query: str) -> tuple[int, str]:
            address = URL(vk.kakao.addresses["browser_logout_url"]) % query
            async with session.get(address, allow_redirects=False) as answer:
                return answer.status, answer.headers.get("Location", await answer.text())

        kakao.app.logout_redirect_uris = ("https://app.example/left",)
        known = {"client_id": kakao.app.client_id, "logout_redirect_uri": "https://app.example/left"}
        status, page = await leave(client_id="other")
        assert (status, "KOE101" in page) == (401, True)
        status, page = await leave(**known | {"logout_redirect_uri": "https://app.example"})
        assert (status, "KOE007" in page) == (400, True)
        assert (await kakao.api("/v2/user/me", tokens["access_token"])).status == 200
        assert await leave(**known, state="a b") == (302, "https://app.example/left?state=a%20b")
        assert (await kakao.api("/v2/user/me", tokens["access_token"])).status == 401
        assert await leave(**known) == (302, "https://app.example/left")
        assert "error" in URL(await visitor.approve(kakao.url(prompt="none"), account)).query


def test_applications_are_checked() -> None:
    """A consent item that Kakao does not have is an error at once."""
    vk = VKSimulator()
    with pytest.raises(ValueError, match="no such consent item: mail"):
        vk.kakao.add_app(client_id="own", optional=("mail",))
    assert set(vk.kakao.apps) == {vk.kakao.apps.sample.client_id}
    assert len(vk.kakao.apps) == 1
    assert "SIMULATED-KAKAO" not in repr(vk.kakao.apps.sample) + repr(vk.kakao)


async def test_a_page_that_is_not_there(vk: VKSimulator, browser: Browser) -> None:
    """A page at kauth, JSON at kapi; an old ticket is out of date."""
    assert "KOE002" in (await browser.get("kakao/oauth/other")).text
    assert (await browser.get("kakao/oauth/token")).status == 404
    assert (await browser.get("kapi/v9/user/me")).json == {"msg": "no such API", "code": -2}
    assert (await browser.get("kakao/simulator")).status == 400
