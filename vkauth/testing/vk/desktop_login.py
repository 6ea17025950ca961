"""The old login of the desktop site: a hidden frame whose answer is a script, and the checks that follow it."""

from __future__ import annotations

import json

from aiohttp import web

from vkauth.protocol.endpoints import Host
from vkauth.testing.vk.accounts import Account, SentCode
from vkauth.testing.vk.checkpoints import Checkpoint
from vkauth.testing.vk.html import hidden_inputs, page
from vkauth.testing.vk.sessions import set_cookie
from vkauth.testing.vk.validations import SENT_METHODS
from vkauth.testing.vk.wire import Exchange, html_answer, redirect
from vkauth.testing.vk.world import World

__all__ = ["code", "digits", "frame_login", "front_form", "login_page", "wants_digits"]

_COOKIE = "remixdesktopcheck"  # the simulator's own name for what remembers the check under way


def front_form(world: World, x: Exchange) -> web.Response:
    """The start page with the login form in it."""
    hidden = {"ip_h": world.entropy.hex(18), "lg_domain_h": world.entropy.hex(18), "role": "al_frame"}
    action = x.links.url(Host.LOGIN, "/", {"act": "login"})
    body = (
        f'<h1>VK</h1><form method="post" action="{action}">\n{hidden_inputs(hidden)}'
        '<label>Phone or e-mail <input type="text" name="email"></label>'
        '<label>Password <input type="password" name="pass"></label><button>Log in</button></form>'
    )
    return html_answer(page("VK", body, script='var options = {"to":"ZmVlZA--"};'))


def frame_login(world: World, x: Exchange) -> web.Response:
    """``login.*/?act=login`` with ``role=al_frame``: what happened is told by a script to the page around the frame."""
    account = world.account(x.form.get("email", ""))
    if account is not None and account.captcha is not None:
        challenge = world.captchas.demand(x.form, owner=account.login, stage="desktop login", kind="image")
        if challenge is not None:
            return _script(f"parent.onLoginCaptcha('{challenge.sid}', 1);")
    if account is None or x.form.get("pass") != account.password:
        return _script("parent.onLoginFailed(4, {});")
    world.captchas.complete(account.login, x.form)
    if account.two_factor is not None:
        checkpoint = world.checkpoints.add(account, "authcheck", "login", resume=x.links.url(Host.WEB, "/feed.php"))
        answer = _script(f"parent.location.href = '{x.links.url(Host.WEB, '/login', {'act': 'authcheck'})}';")
        set_cookie(answer, x.links, Host.WEB, _COOKIE, checkpoint.api_hash)
        set_cookie(answer, x.links, Host.LOGIN, "p", f"SIMULATED-{world.entropy.hex(20)}")
        return answer
    answer = _script("parent.onLoginDone('/feed.php');")
    if account.banned:
        answer = redirect(x.links.url(Host.WEB, "/login", {"act": "blocked"}))
    world.sessions.begin(account, answer, x)
    return answer


def _script(text: str) -> web.Response:
    return html_answer(f"<html><body><script>{text}</script></body></html>")


def login_page(world: World, x: Exchange) -> web.Response:
    """``/login`` of the desktop site, by its ``act``."""
    act = x.query.get("act", "")
    if act == "blocked":
        return html_answer(page("Blocked", "<h1>This page is blocked</h1>"))
    if act == "authcheck":
        return _code_page(world, x)
    account = world.sessions.who(x)
    if act == "security_check" and account is not None:
        return _digits_page(world, account)
    return html_answer(page("VK", f'<p><a href="{x.links.url(Host.MOBILE, "/join")}">Log in</a></p>'))


def _code_page(world: World, x: Exchange) -> web.Response:
    checkpoint = world.checkpoints.find(api_hash=x.cookies.get(_COOKIE, ""))
    if checkpoint is None or checkpoint.passed:
        return redirect(x.links.url(Host.WEB, "/"))
    account = checkpoint.account
    if not checkpoint.opened and checkpoint.method in SENT_METHODS:
        code_sent = account.expected_code(checkpoint.method)
        account.sent.append(SentCode(checkpoint.method, code_sent, account.target(checkpoint.method)))
    checkpoint.opened = True
    return html_answer(page("Security check", "<h1>Code</h1>", script=f"Authcheck.init('{checkpoint.hash}', {{}});"))


def code(world: World, x: Exchange) -> web.Response:
    """``/al_login.php?act=a_authcheck_code``: 4 is right, 8 is wrong, 2 wants a captcha."""
    checkpoint = world.checkpoints.find(form_hash=x.form.get("hash", ""))
    if checkpoint is None or checkpoint.passed:
        return _payload("8", ["wrong hash"])
    account = checkpoint.account
    if x.form.get("code", "") != account.expected_code(checkpoint.method):
        account.wrong_codes += 1
        return _payload("8", ["The code is wrong"])
    if account.kind_after_code is not None:
        challenge = world.captchas.demand(x.form, owner=account.login, stage="desktop code", kind="image")
        if challenge is not None:
            return _payload("2", [challenge.sid, 1])
    return _code_passed(world, x, checkpoint)


def _code_passed(world: World, x: Exchange, checkpoint: Checkpoint) -> web.Response:
    checkpoint.passed = True
    account = checkpoint.account
    account.wrong_codes = 0
    world.captchas.complete(account.login, x.form)
    answer = _payload("4", [checkpoint.resume])
    world.sessions.begin(account, answer, x)
    return answer


def _payload(status: str, values: list[str | int]) -> web.Response:
    # Texts are JSON inside JSON, numbers are not; the comment mark kept browsers from running it as a script.
    packed = [json.dumps(each) if isinstance(each, str) else each for each in values]
    return html_answer("<!--" + json.dumps({"payload": [status, packed]}))


def wants_digits(world: World, account: Account) -> bool:
    """Whether somebody logged in still has to tell the missing digits of the phone number."""
    return account.phone_digits and account.user_id not in world.checked_in_browser


def _digits_page(world: World, account: Account) -> web.Response:
    known = account.phone_digits_only
    form_hash = world.entropy.hex(18)
    world.digit_hashes[form_hash] = account
    body = (
        f'<div class="label ta_r">+{known[0]}</div><input name="code" id="code">'
        f'<span class="phone_postfix">&nbsp;{known[-2:]}</span>'
    )
    script = f"var params = {{act: 'security_check', al: 1, al_page: '3', hash: '{form_hash}', to: ''}};"
    return html_answer(page("Security check", body, script=script))


def digits(world: World, x: Exchange) -> web.Response:
    """``/login.php`` of the desktop site: the fifth field of the answer is 4 when the digits are right."""
    account = world.digit_hashes.get(x.form.get("hash", ""))
    right = account is not None and x.form.get("code", "") == account.phone_digits_only[1:-2]
    if account is not None and right:
        world.checked_in_browser.add(account.user_id)
    return html_answer("<!>".join(["0", "", "0", "0", "4" if right else "8", "The digits are wrong"]))
