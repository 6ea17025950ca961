"""The old login of the desktop site."""

from __future__ import annotations

import json
import re
from typing import Any

from vkauth.testing import VKSimulator

from .conftest import Browser, Reply
from .test_old_web import form


async def log_in(browser: Browser, **more: str) -> Reply:
    page = await browser.get("web/")
    assert re.search(r'name="lg_domain_h" value="([a-z0-9]+)"', page.text)
    assert '"to":"' in page.text
    action, fields = form(page)
    fields |= {"email": "+79990000001", "pass": "sample-password"}
    return await browser.post(action, fields | more)


def payload(reply: Reply) -> Any:
    return json.loads(reply.text.removeprefix("<!--"))["payload"]


async def test_passwords_and_captchas(vk: VKSimulator, browser: Browser) -> None:
    vk.site.front = "legacy"
    assert vk.site.front == "legacy"
    vk.add_account(captcha="image")
    found = re.search(r"onLoginCaptcha\('(\d+)'", (await log_in(browser)).text)
    assert found is not None
    answer = {"captcha_sid": found[1], "captcha_key": vk.captcha_text(found[1])}
    assert "onLoginFailed(4," in (await log_in(browser, **answer, **{"pass": "other"})).text
    assert "onLoginDone(" in (await log_in(browser, **answer)).text
    assert (await browser.get("web/feed.php")).status == 200


async def test_a_code(vk: VKSimulator, browser: Browser) -> None:
    vk.site.front = "legacy"
    account = vk.add_account(two_factor="sms", captcha_after_code=True)
    assert "act=authcheck" in (await log_in(browser)).text
    page = await browser.get("web/login?act=authcheck")
    found = re.search(r"Authcheck\.init\('([a-z_0-9]+)'", page.text)
    assert found is not None
    assert vk.code_for(account.login) == account.sent[-1].code
    sent = {"al": "1", "hash": found[1], "remember": "1", "code": "000000"}
    assert payload(await browser.post("web/al_login.php?act=a_authcheck_code", sent))[0] == "8"
    sent["code"] = "123456"
    status, (sid, kind) = payload(await browser.post("web/al_login.php?act=a_authcheck_code", sent))
    assert (status, kind) == ("2", 1)
    sent |= {"captcha_sid": sid[1:-1], "captcha_key": vk.captcha_text(sid[1:-1])}
    status, (path,) = payload(await browser.post("web/al_login.php?act=a_authcheck_code", sent))
    assert status == "4"
    assert (await browser.get(json.loads(path))).status == 200
    assert payload(await browser.post("web/al_login.php?act=a_authcheck_code", sent))[0] == "8"
    assert (await browser.get("web/login?act=authcheck")).status == 302


async def test_missing_digits(vk: VKSimulator, browser: Browser) -> None:
    vk.site.front = "legacy"
    vk.add_account(phone_digits=True)
    await log_in(browser)
    page = await browser.follow(await browser.get("web/settings"))
    assert page.url.query["act"] == "security_check"
    prefix = re.search(r'label ta_r">\+(.*?)<', page.text)
    postfix = re.search(r'phone_postfix">.*?(\d+).*?<', page.text)
    found = re.search(r"al_page: '3', hash: '([a-z0-9]+)'", page.text)
    assert prefix is not None
    assert postfix is not None
    assert found is not None
    assert (prefix[1], postfix[1]) == ("7", "01")
    sent = {"act": "security_check", "al": "1", "al_page": "3", "hash": found[1], "to": "", "code": "1"}
    assert (await browser.post("web/login.php", sent)).text.split("<!>")[4] == "8"
    assert (await browser.post("web/login.php", sent | {"code": "99900000"})).text.split("<!>")[4] == "4"
    assert (await browser.get("web/settings")).status == 200


async def test_a_blocked_account(vk: VKSimulator, browser: Browser) -> None:
    vk.site.front = "legacy"
    vk.add_account(banned=True)
    page = await browser.follow(await log_in(browser))
    assert page.url.query["act"] == "blocked"
    assert "blocked" in page.text
