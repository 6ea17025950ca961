"""``id.*/authorize``: what a person sees, and with what the application gets them back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from bs4 import BeautifulSoup
from yarl import URL

from vkauth.testing import Account, Visitor, VKSimulator

from .conftest import Browser, Reply
from .oauth_support import BACK, STATE, VKIDClient


def fields(reply: Reply) -> dict[str, str]:
    """The hidden fields of the only form."""
    found = BeautifulSoup(reply.text, "lxml").select("form input[type=hidden]")
    return {str(each["name"]): str(each["value"]) for each in found}


async def submit(browser: Browser, reply: Reply, **values: str) -> Reply:
    """Send the form of a page; follow what it leads to, up to the application's address."""
    form = BeautifulSoup(reply.text, "lxml").select_one("form")
    assert form is not None
    reply = await browser.post(reply.url.join(URL(str(form["action"]))), fields(reply) | {"answer": "go"} | values)
    while "Location" in reply.headers and not reply.headers["Location"].startswith(BACK):
        reply = await browser.get(reply.url.join(reply.location))
    return reply


async def log_in(browser: Browser, url: str, account: Account) -> Reply:
    """Open the page of a sign-in and log in."""
    return await submit(browser, await browser.get(url), login=account.login, password=account.password)


async def test_what_comes_back(vk: VKSimulator, vk_id: VKIDClient) -> None:
    """A code for ten minutes, a device id of 86 letters, the kind of answer, and the state."""
    back = await vk_id.back(vk.add_account())
    assert set(back) == {"code", "state", "device_id", "type", "expires_in", "ext_id"}
    assert (back["type"], back["expires_in"], back["state"]) == ("code_v2", "600", STATE)
    assert back["code"].startswith("vk2.a.SIMULATED-")
    assert len(back["code"]) > 200
    assert len(back["device_id"]) == 86
    again = await vk_id.back(vk.accounts[0])
    assert again["device_id"] != back["device_id"]


async def test_everything_in_one_parameter(vk: VKSimulator, vk_id: VKIDClient) -> None:
    """The other way to come back: JSON in ``payload``, for refusals too."""
    account = vk.add_account()
    vk.vk_id.oauth.callback = "payload"
    back = await vk_id.back(account)
    assert set(back) == {"payload"}
    assert json.loads(back["payload"])["state"] == STATE
    refused = URL(await vk.approve(vk_id.url(), account, deny=True)).query
    assert json.loads(refused["payload"])["error"] == "access_denied"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"client_id": "1"}, "client_id is incorrect"),
        ({"client_id": "x"}, "client_id is incorrect"),
        ({"client_id": "55"}, "client_id is incorrect"),
        ({"client_id": "56"}, "redirect_uri is incorrect"),
        ({"redirect_uri": ""}, "redirect_uri is incorrect"),
        ({"redirect_uri": "javascript:alert(1)"}, "redirect_uri is incorrect"),
        ({"redirect_uri": "https://app.example/#part"}, "redirect_uri is incorrect"),
        ({"redirect_uri": "http://[broken"}, "redirect_uri is incorrect"),
    ],
)
async def test_nobody_is_sent_to_an_unknown_place(
    vk: VKSimulator, vk_id: VKIDClient, browser: Browser, more: dict[str, str], said: str
) -> None:
    """An unknown application or address ends on VK's page."""
    vk.add_app(55, vk_id=False, redirect_uris=(BACK,))
    vk.add_app(56, redirect_uris=(f"{BACK}/", "https://app.example"))
    reply = await browser.get(vk_id.url(**more))
    assert reply.status == 400
    assert said in reply.text


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"response_type": "token"}, "response_type is missing or invalid"),
        ({"code_challenge": ""}, "code_challenge is missing or invalid"),
        ({"code_challenge": "short"}, "code_challenge is missing or invalid"),
        ({"code_challenge_method": "plain"}, "Code challenge method is unsupported"),
        ({"code_challenge_method": ""}, "Code challenge method is unsupported"),
        ({"state": "x" * 31}, "state is missing or invalid"),
        ({"state": "x" * 32 + "."}, "state is missing or invalid"),
        ({"state": ""}, "state is missing or invalid"),
    ],
)
async def test_requests_that_are_not_in_order(
    vk: VKSimulator, vk_id: VKIDClient, browser: Browser, more: dict[str, str], said: str
) -> None:
    """They come back to the application, or end on a page, as the test chooses."""
    reply = await browser.get(vk_id.url(**more))
    assert reply.status == 302
    assert reply.location.query["error"] == "invalid_request"
    assert reply.location.query["error_description"] == said
    assert reply.location.query.get("state", "") == more.get("state", STATE)
    vk.vk_id.oauth.authorize_errors = "page"
    reply = await browser.get(vk_id.url(**more))
    assert (reply.status, said in reply.text) == (400, True)


async def test_what_is_let_pass(vk: VKSimulator, vk_id: VKIDClient, browser: Browser) -> None:
    """Both spellings of the method, parameters of VK's own SDKs, a mobile address; short states by choice."""
    more = {"code_challenge_method": "s256", "sdk_type": "vkid", "v": "2.5.2", "stats_info": "e30", "lang_id": "3"}
    assert (await browser.get(vk_id.url(**more))).status == 200
    mobile = f"vk{vk_id.app.client_id}://vk.ru/blank.html"
    back = await vk.approve(vk_id.url(redirect_uri=mobile), vk.add_account())
    assert back.startswith(f"{mobile}?code=")
    vk.vk_id.oauth.strict_state = False
    assert "state" not in await vk_id.back(vk.accounts[0], state="")
    assert (await vk_id.back(vk.accounts[0], state="a.b"))["state"] == "a.b"


async def test_scopes_an_application_may_not_ask_for(vk: VKSimulator, vk_id: VKIDClient, browser: Browser) -> None:
    """They are left out, or are an error: what VK does is not known."""
    account = vk.add_account()
    tokens, _ = await vk_id.sign_in(account, scope="email wall phone")
    assert tokens["scope"] == "vkid.personal_info email phone"
    vk.vk_id.oauth.foreign_scope = "invalid_scope"
    reply = await browser.get(vk_id.url(scope="email wall"))
    assert reply.location.query["error"] == "invalid_scope"


async def test_a_person_keeps_something_back(vk: VKSimulator, vk_id: VKIDClient) -> None:
    """What was not granted is in neither the scope nor the profile, and is asked for again."""
    account = vk.add_account(email="sample@mail.example")
    callback = URL(await vk.approve(vk_id.url(scope="email phone"), account, scopes=["phone"]))
    tokens = (await vk_id.auth(vk_id.exchange_form(dict(callback.query)))).json
    assert tokens["scope"] == "vkid.personal_info phone"
    assert "email" not in (await vk_id.call("user_info", access_token=tokens["access_token"])).json["user"]
    assert (await vk_id.sign_in(account, scope="email phone"))[0]["scope"] == "vkid.personal_info email phone"


async def test_the_steps(vk: VKSimulator, vk_id: VKIDClient, browser: Browser) -> None:
    """Login, a wrong password, the code of a message, a wrong code, consent; each page can be gone back to."""
    account = vk.add_account(two_factor="sms")
    login = await browser.get(vk_id.url())
    assert "Sample site" in login.text
    wrong = await submit(browser, login, login=account.login, password="other")
    assert "The login or password is wrong." in wrong.text
    assert f'value="{account.login}"' in wrong.text
    code = await submit(browser, wrong, login=account.login, password=account.password)
    assert "that was sent to +7 *** *** ** 01" in code.text
    assert vk.code_for(account) == account.sent[-1].code
    code = await submit(browser, code, code="000000")
    assert "The code is wrong." in code.text
    assert account.wrong_codes == 1
    consent = await submit(browser, code, code="123456")
    assert "Name, picture, sex and birthday (required)" in consent.text
    # Whoever goes back to the page of the code goes on from there.
    assert (await submit(browser, code, code="123456")).text == consent.text
    first = await submit(browser, consent, **{"allow:email": "1"})
    second = await submit(browser, consent, **{"allow:email": "1"})
    assert first.location.query["code"] != second.location.query["code"]
    assert (await browser.get("id/simulator?ticket=x")).status == 400


@pytest.mark.parametrize(
    ("method", "said"),
    [
        ("app", "that your application shows"),
        ("reserve_code", "of your list of reserve codes"),
        ("email", "that was sent to s***@mail.example"),
        ("push", "that was sent to Sample phone"),
    ],
)
async def test_where_a_code_comes_from(
    vk: VKSimulator, vk_id: VKIDClient, browser: Browser, method: Any, said: str
) -> None:
    """The page says what the person has to look at."""
    account = vk.add_account(two_factor=method, email="sample@mail.example")
    page = await log_in(browser, vk_id.url(), account)
    assert said in page.text
    assert "Allow" in (await submit(browser, page, code=vk.code_for(account))).text


async def test_prompts(vk: VKSimulator, vk_id: VKIDClient, browser: Browser) -> None:
    """Nothing is asked twice, but where the application insists."""
    account = vk.add_account()
    await submit(browser, await log_in(browser, vk_id.url(), account))
    assert "code" in (await browser.get(vk_id.url(scope=""))).location.query
    assert "Log in" in (await browser.get(vk_id.url(prompt="login"))).text
    assert "Allow" in (await browser.get(vk_id.url(prompt="consent", scope=""))).text
    choice = await browser.get(vk_id.url(prompt="select_account", scope=""))
    assert "Go on as Sample Person" in choice.text
    assert "code" in (await submit(browser, choice)).location.query
    other = await submit(browser, choice, answer="other")
    assert "Log in" in other.text
    vk.add_account(login="second@mail.example", first_name="Second")
    consent = await submit(browser, other, login="second@mail.example", password="sample-password")
    assert "Second Person" in consent.text
    both = await browser.get(vk_id.url(prompt="login consent"))
    assert "Log in" in both.text


async def test_without_asking(vk: VKSimulator, vk_id: VKIDClient, browser: Browser) -> None:
    """``prompt=none`` never shows a page: it is an answer, or one of two errors."""
    account = vk.add_account()

    async def errors() -> tuple[str | None, str | None]:
        query = (await browser.get(vk_id.url(prompt="none"))).location.query
        return query.get("error"), query.get("state")

    assert await errors() == ("login_required", STATE)
    consent = await log_in(browser, vk_id.url(), account)
    assert await errors() == ("interaction_required", STATE)
    await submit(browser, consent, **{"allow:email": "1"})
    assert await errors() == (None, STATE)
    account.banned = True
    assert await errors() == ("interaction_required", STATE)
    vk.end_sessions(account)
    assert await errors() == ("login_required", STATE)


async def test_who_refuses_whatever_is_asked(vk: VKSimulator, vk_id: VKIDClient) -> None:
    """The option of the account holds here as well."""
    back = await vk_id.back(vk.add_account(consent_action="cancel"))
    assert back == {"error": "access_denied", "error_description": "User denied your request", "state": STATE}


async def test_two_tabs_side_by_side(vk: VKSimulator, vk_id: VKIDClient, browser: Browser) -> None:
    """Each goes on by itself, with its own state."""
    account = vk.add_account()
    tabs = [await browser.get(vk_id.url(state=letter * 32)) for letter in "ab"]
    pages = [await submit(browser, tab, login=account.login, password=account.password) for tab in tabs]
    ends = [(await submit(browser, page)).location.query["state"] for page in reversed(pages)]
    assert ends == ["b" * 32, "a" * 32]


async def test_forms_that_come_out_of_order(vk: VKSimulator, vk_id: VKIDClient, browser: Browser) -> None:
    """A consent without a login, and a code nobody asked for, lead to the step that is due."""
    vk.add_account()
    login = await browser.get(vk_id.url())
    assert "Log in" in (await submit(browser, login, step="consent")).text
    assert "Log in" in (await submit(browser, login, step="code", code="1")).text
    assert "Log in" in (await submit(browser, login, step="choose")).text


async def test_the_same_session_at_the_old_pages(vk: VKSimulator, vk_id: VKIDClient) -> None:
    """Who logged in at VK ID is logged in at VK."""
    account = vk.add_account(look="page", consent="none")
    async with Visitor(vk) as visitor:
        await visitor.approve(vk_id.url(), account)
        vk.requests.clear()
        query = {"client_id": "6287487", "response_type": "token"}
        await visitor.approve(vk.base_url / "oauth/authorize" % query, account)
        assert vk.requests.paths() == ["GET oauth/authorize"]
