"""The old login of the desktop site: a hidden frame whose answer is a script, and the checks that follow it."""

from __future__ import annotations

import json

from aiohttp import web

from vkauth.protocol.endpoints import Host
from vkauth.testing.accounts import Account
from vkauth.testing.answers import html_answer, redirect
from vkauth.testing.layout import hidden_inputs, page
from vkauth.testing.vk.state.checkpoints import Checkpoint
from vkauth.testing.vk.state.sessions import set_cookie
from vkauth.testing.vk.state.validations import SENT_METHODS
from vkauth.testing.vk.state.world import World
from vkauth.testing.vk.wire import Exchange

__all__ = ["code", "digits", "frame_login", "front_form", "login_page", "wants_digits"]

_COOKIE = "remixdesktopcheck"  # the simulator's own name for what remembers the check under way


def front_form(world: World, exchange: Exchange) -> web.Response:
    """The start page with the login form in it."""
    hidden = {"ip_h": world.entropy.hex(18), "lg_domain_h": world.entropy.hex(18), "role": "al_frame"}
    action = exchange.links.url(Host.LOGIN, "/", {"act": "login"})
    body = (
        f'<h1>VK</h1><form method="post" action="{action}">\n{hidden_inputs(hidden)}'
        '<label>Phone or e-mail <input type="text" name="email"></label>'
        '<label>Password <input type="password" name="pass"></label><button>Log in</button></form>'
    )
    return html_answer(page("VK", body, script='var options = {"to":"ZmVlZA--"};'))


def frame_login(world: World, exchange: Exchange) -> web.Response:
    """``login.*/?act=login`` with ``role=al_frame``: what happened is told by a script to the page around the frame."""
    account = world.accounts.find(exchange.form.get("email", ""))
    if account is not None and account.captcha is not None:
        challenge = world.captchas.demand(exchange.form, owner=account.login, stage="desktop login", kind="image")
        if challenge is not None:
            return _script(f"parent.onLoginCaptcha('{challenge.sid}', 1);")
    if account is None or exchange.form.get("pass") != account.password:
        return _script("parent.onLoginFailed(4, {});")
    world.captchas.complete(account.login, exchange.form)
    if account.two_factor is not None:
        checkpoint = world.checkpoints.add(
            account, "authcheck", "login", resume=exchange.links.url(Host.WEB, "/feed.php")
        )
        answer = _script(f"parent.location.href = '{exchange.links.url(Host.WEB, '/login', {'act': 'authcheck'})}';")
        set_cookie(answer, exchange.links, Host.WEB, _COOKIE, checkpoint.api_hash)
        set_cookie(answer, exchange.links, Host.LOGIN, "p", f"SIMULATED-{world.entropy.hex(20)}")
        return answer
    answer = _script("parent.onLoginDone('/feed.php');")
    if account.banned:
        answer = redirect(exchange.links.url(Host.WEB, "/login", {"act": "blocked"}))
    world.sessions.begin(account, answer, exchange)
    return answer


def _script(text: str) -> web.Response:
    return html_answer(f"<html><body><script>{text}</script></body></html>")


def login_page(world: World, exchange: Exchange) -> web.Response:
    """``/login`` of the desktop site, by its ``act``."""
    act = exchange.query.get("act", "")
    if act == "blocked":
        return html_answer(page("Blocked", "<h1>This page is blocked</h1>"))
    if act == "authcheck":
        return _code_page(world, exchange)
    account = world.sessions.who(exchange)
    if act == "security_check" and account is not None:
        return _digits_page(world, account)
    return html_answer(page("VK", f'<p><a href="{exchange.links.url(Host.MOBILE, "/join")}">Log in</a></p>'))


def _code_page(world: World, exchange: Exchange) -> web.Response:
    checkpoint = world.checkpoints.find(api_hash=exchange.cookies.get(_COOKIE, ""))
    if checkpoint is None or checkpoint.passed:
        return redirect(exchange.links.url(Host.WEB, "/"))
    account = checkpoint.account
    if not checkpoint.opened and checkpoint.method in SENT_METHODS:
        account.send_code(checkpoint.method)
    checkpoint.opened = True
    return html_answer(page("Security check", "<h1>Code</h1>", script=f"Authcheck.init('{checkpoint.hash}', {{}});"))


def code(world: World, exchange: Exchange) -> web.Response:
    """``/al_login.php?act=a_authcheck_code``: 4 is right, 8 is wrong, 2 wants a captcha."""
    checkpoint = world.checkpoints.find(form_hash=exchange.form.get("hash", ""))
    if checkpoint is None or checkpoint.passed:
        return _payload("8", ["wrong hash"])
    account = checkpoint.account
    if exchange.form.get("code", "") != account.expected_code(checkpoint.method):
        account.wrong_codes += 1
        return _payload("8", ["The code is wrong"])
    if account.kind_after_code is not None:
        challenge = world.captchas.demand(exchange.form, owner=account.login, stage="desktop code", kind="image")
        if challenge is not None:
            return _payload("2", [challenge.sid, 1])
    return _code_passed(world, exchange, checkpoint)


def _code_passed(world: World, exchange: Exchange, checkpoint: Checkpoint) -> web.Response:
    checkpoint.passed = True
    account = checkpoint.account
    account.wrong_codes = 0
    world.captchas.complete(account.login, exchange.form)
    answer = _payload("4", [checkpoint.resume])
    world.sessions.begin(account, answer, exchange)
    return answer


def _payload(status: str, values: list[str | int]) -> web.Response:
    # Texts are JSON inside JSON, numbers are not; the comment mark kept browsers from running it as a script.
    packed = [json.dumps(each) if isinstance(each, str) else each for each in values]
    return html_answer("<!--" + json.dumps({"payload": [status, packed]}))


def wants_digits(account: Account) -> bool:
    """Whether somebody logged in still has to tell the missing digits of the phone number."""
    return account.phone_digits and not account.checked_in_browser


def _digits_page(world: World, account: Account) -> web.Response:
    known = account.phone_digits_only
    form_hash = world.checkpoints.ask_for_digits(account)
    body = (
        f'<div class="label ta_r">+{known[0]}</div><input name="code" id="code">'
        f'<span class="phone_postfix">&nbsp;{known[-2:]}</span>'
    )
    script = f"var params = {{act: 'security_check', al: 1, al_page: '3', hash: '{form_hash}', to: ''}};"
    return html_answer(page("Security check", body, script=script))


def digits(world: World, exchange: Exchange) -> web.Response:
    """``/login.php`` of the desktop site: the fifth field of the answer is 4 when the digits are right."""
    account = world.checkpoints.asked_for_digits(exchange.form.get("hash", ""))
    right = account is not None and exchange.form.get("code", "") == account.phone_digits_only[1:-2]
    if account is not None and right:
        account.checked_in_browser = True
    return html_answer("<!>".join(["0", "", "0", "0", "4" if right else "8", "The digits are wrong"]))
