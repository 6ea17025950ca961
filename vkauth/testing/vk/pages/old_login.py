"""The old web login: the password at the login host, then codes, digits and captchas on the mobile site."""

from __future__ import annotations

import base64
from urllib.parse import quote

from aiohttp import web

from vkauth.protocol.endpoints import Host
from vkauth.testing.accounts import Account
from vkauth.testing.answers import html_answer, redirect
from vkauth.testing.layout import escape, page
from vkauth.testing.vk.pages.desktop_login import frame_login
from vkauth.testing.vk.pages.messages import where_codes_are
from vkauth.testing.vk.pages.old_markup import captcha_page, code_page, digits_page
from vkauth.testing.vk.state.checkpoints import Checkpoint
from vkauth.testing.vk.state.sessions import set_cookie
from vkauth.testing.vk.state.world import World
from vkauth.testing.vk.wire import Exchange, Links

__all__ = ["activation", "login", "login_php", "password", "security_test"]

_COOKIE = "remixauthcheck"  # the simulator's own name for what remembers the check under way


def password(world: World, exchange: Exchange) -> web.Response:
    """``login.*/?act=login``: login and password, and a captcha where one was asked."""
    if exchange.form.get("role") == "al_frame":
        return frame_login(world, exchange)
    back = _return_address(exchange)
    name = exchange.params.get("email", "")
    account = world.accounts.find(name)
    if account is not None and account.flood_kind:
        return redirect(f"{back}&m=11&email={quote(name)}")
    if account is not None and account.captcha is not None:
        challenge = world.captchas.demand(exchange.form, owner=account.login, stage="old login", kind="image")
        if challenge is not None:
            answered = "&m=5" if exchange.form.get("captcha_sid") else ""
            return redirect(f"{back}&sid={challenge.sid}&dif=1&email={quote(name)}{answered}")
    if account is None or exchange.params.get("pass") != account.password:
        return redirect(f"{back}&m=4&email={quote(name)}")
    if account.has_tried_too_much:
        return redirect(f"{back}&m=12&email={quote(name)}")
    world.captchas.complete(account.login, exchange.form)
    if account.banned:
        return redirect(exchange.links.url(Host.MOBILE, "/login", {"act": "blocked"}))
    if account.two_factor is not None:
        return _stand_before(world, exchange, world.checkpoints.add(account, "authcheck", "login", resume=back))
    return _after_code(world, exchange, account, back)


def _return_address(exchange: Exchange) -> str:
    try:
        address = base64.b64decode(exchange.params.get("to", "").replace("-", "="), validate=True).decode()
    except ValueError:  # no base64, or no text
        address = ""
    own = exchange.links.url(Host.OAUTH, "/authorize?")
    return address if address.startswith(own) else exchange.links.url(Host.WEB, "/?from=login")


def _after_code(world: World, exchange: Exchange, account: Account, resume: str) -> web.Response:
    if account.phone_digits:
        return _stand_before(world, exchange, world.checkpoints.add(account, "security_check", "login", resume=resume))
    answer = redirect(resume)
    world.sessions.begin(account, answer, exchange)
    return answer


def _stand_before(world: World, exchange: Exchange, checkpoint: Checkpoint) -> web.Response:
    return redirect(world.checkpoints.url(checkpoint, exchange.links))


def _passed(world: World, exchange: Exchange, checkpoint: Checkpoint) -> web.Response:
    account = checkpoint.account
    checkpoint.passed = True
    if checkpoint.purpose == "login":
        if checkpoint.kind == "authcheck":
            return _after_code(world, exchange, account, checkpoint.resume)
        answer = redirect(checkpoint.resume)
        world.sessions.begin(account, answer, exchange)
        return answer
    if checkpoint.kind in ("captcha", "validate") and account.two_factor is not None:
        then = world.checkpoints.add(
            account, "authcheck", "verification", client_id=checkpoint.client_id, scope=checkpoint.scope
        )
        return _stand_before(world, exchange, then)
    return redirect(finish(world, exchange.links, checkpoint))


def finish(world: World, links: Links, checkpoint: Checkpoint) -> str:
    """A verification is over: return the address of the end."""
    account = checkpoint.account
    checkpoint.passed = True
    outcome = account.verification_outcome
    if outcome in ("fail", "cancel"):
        return links.blank({outcome: 1})
    account.verified = True
    account.checked_in_browser = True
    if outcome == "success_without_token":
        return links.blank({"success": 1})
    token = world.tokens.issue("user", account=account, scope=checkpoint.scope, client_id=checkpoint.client_id)
    return links.blank({"success": 1, "access_token": token, "user_id": account.user_id})


def _opened(world: World, exchange: Exchange) -> Checkpoint | None:
    """The check that a request is about; its address is good once, after that the browser is remembered."""
    remembered = exchange.cookies.get(_COOKIE, "")
    wanted = exchange.query.get("api_hash", "")
    checkpoint = world.checkpoints.find(api_hash=wanted or remembered)
    if checkpoint is None or checkpoint.passed or (checkpoint.opened and remembered != checkpoint.api_hash):
        return None
    return checkpoint


def _show(exchange: Exchange, checkpoint: Checkpoint, text: str) -> web.Response:
    checkpoint.opened = True
    answer = html_answer(text)
    set_cookie(answer, exchange.links, Host.WEB, _COOKIE, checkpoint.api_hash)
    return answer


def _used() -> web.Response:
    return html_answer(page("Security check", "<h1>This link was used already or is out of date</h1>"), 400)


def login(world: World, exchange: Exchange) -> web.Response:
    """``/login`` of the mobile site, by its ``act``."""
    act = exchange.query.get("act", "")
    if act == "login":
        return password(world, exchange)
    if act == "blocked":
        return html_answer(page("Blocked", "<h1>This page is blocked</h1><p>The account was blocked.</p>"))
    if act == "authcheck_code":
        return _code(world, exchange)
    if act in ("authcheck_sms", "authcheck_logout"):
        return _other_ways(world, exchange, act)
    if act not in ("authcheck", "security_check"):
        return html_answer(page("Login", "<h1>VK</h1><p>Please log in.</p>"))
    checkpoint = _opened(world, exchange)
    if checkpoint is None:
        return _used()
    world.checkpoints.renew(checkpoint)
    wrong = exchange.query.get("m") == "442"
    if act == "authcheck":
        if not checkpoint.opened and checkpoint.method not in ("app", "codegen", "reserve_code"):
            _send(checkpoint, checkpoint.method)
        return _show(exchange, checkpoint, _code_form(exchange, checkpoint, wrong))
    return _show(exchange, checkpoint, _digits_form(exchange, checkpoint, wrong))


def _send(checkpoint: Checkpoint, method: str) -> None:
    checkpoint.method = method
    checkpoint.account.send_code(method)


def _code_form(exchange: Exchange, checkpoint: Checkpoint, wrong: bool) -> str:
    def link(act: str) -> str:
        return exchange.links.relative(Host.MOBILE, f"/login?act={act}&hash={checkpoint.hash}")

    return code_page(
        link("authcheck_code"),
        link("authcheck_sms"),
        link("authcheck_logout"),
        phone_mask=checkpoint.account.phone_mask,
        message="The code is wrong, try again." if wrong else "",
        note=where_codes_are(exchange.links),
    )


def _digits_form(exchange: Exchange, checkpoint: Checkpoint, wrong: bool) -> str:
    form_hash = checkpoint.hash
    action = f"/login.php?act=security_check&to=&hash={form_hash}&api_hash={checkpoint.api_hash}"
    digits = checkpoint.account.phone_digits_only
    message = "The digits are wrong." if wrong else ""
    return digits_page(exchange.links.relative(Host.MOBILE, action), f"+{digits[0]}", digits[-2:], message=message)


def _code(world: World, exchange: Exchange) -> web.Response:
    checkpoint = world.checkpoints.find(form_hash=exchange.query.get("hash", ""))
    if checkpoint is None or checkpoint.passed or exchange.method != "POST":
        return _used()
    account = checkpoint.account
    right = {account.expected_code(checkpoint.method)}
    if account.two_factor in ("app", "codegen", "reserve_code"):
        right.add(account.code)
    if exchange.form.get("code", "") not in right:
        account.wrong_codes += 1
        world.checkpoints.renew(checkpoint)
        return redirect(exchange.links.url(Host.MOBILE, "/login", {"act": "authcheck", "m": 442}))
    if account.kind_after_code is not None:
        challenge = world.captchas.demand(exchange.form, owner=account.login, stage="old code", kind="image")
        if challenge is not None:
            action = exchange.links.relative(Host.MOBILE, f"/login?act=authcheck_code&hash={checkpoint.hash}")
            src = exchange.links.relative(Host.MOBILE, f"/captcha.php?sid={challenge.sid}&dif=1")
            hidden = {"code": exchange.form["code"], "remember": exchange.form.get("remember", "1")}
            return html_answer(captcha_page(action, challenge.sid, src, hidden))
    world.captchas.complete(account.login, exchange.form)
    account.wrong_codes = 0
    return _passed(world, exchange, checkpoint)


def _other_ways(world: World, exchange: Exchange, act: str) -> web.Response:
    checkpoint = world.checkpoints.find(form_hash=exchange.query.get("hash", ""))
    if checkpoint is None or checkpoint.passed:
        return _used()
    if act == "authcheck_logout":
        checkpoint.passed = True  # it cannot be used any more
        return redirect(exchange.links.url(Host.WEB, "/"))
    _send(checkpoint, "sms")
    return redirect(exchange.links.url(Host.MOBILE, "/login", {"act": "authcheck"}))


def login_php(world: World, exchange: Exchange) -> web.Response:
    """``/login.php?act=security_check``: the digits that were missing."""
    checkpoint = world.checkpoints.find(form_hash=exchange.params.get("hash", ""))
    if checkpoint is None or checkpoint.passed or exchange.method != "POST" or checkpoint.kind != "security_check":
        return _used()
    if exchange.form.get("code", "") != checkpoint.account.phone_digits_only[1:-2]:
        world.checkpoints.renew(checkpoint)
        return redirect(exchange.links.url(Host.MOBILE, "/login", {"act": "security_check", "m": 442}))
    return _passed(world, exchange, checkpoint)


def activation(world: World, exchange: Exchange) -> web.Response:
    """``/activation``: to bind a phone, to pass a captcha, and the newer page that a script builds."""
    act = exchange.query.get("act", "")
    by_form = (
        world.checkpoints.find(form_hash=exchange.query.get("hash", ""))
        if "_" in exchange.query.get("hash", "")
        else None
    )
    if by_form is not None and by_form.passed:
        return _used()
    if act == "confirm" and by_form is not None and exchange.method == "POST":
        return _passed(world, exchange, by_form)
    if act == "captcha" and by_form is not None:
        return _captcha(world, exchange, by_form)
    checkpoint = _opened(world, exchange)
    if checkpoint is None or act not in ("captcha", "validate"):
        return _used()
    world.checkpoints.renew(checkpoint)
    if act == "captcha":
        return _captcha(world, exchange, checkpoint)

    def link(next_act: str) -> str:
        return exchange.links.relative(Host.MOBILE, f"/activation?act={next_act}&hash={checkpoint.hash}")

    if checkpoint.kind == "validate_js":
        script = (
            'document.getElementById("root").innerHTML = \'<form method="post" action="'
            + link("confirm")
            + "\"><button>Confirm the phone number</button></form>';"
        )
        body = '<div id="root"></div><noscript>This page needs JavaScript.</noscript>'
        return _show(exchange, checkpoint, page("Phone number", body, script=script))
    body = (
        '<div id="activation_wrap"><h1>Confirm your phone number</h1>'
        f'<a class="button" href="{escape(link("captcha"))}">Go on</a></div>'
    )
    return _show(exchange, checkpoint, page("Phone number", body))


def _captcha(world: World, exchange: Exchange, checkpoint: Checkpoint) -> web.Response:
    account = checkpoint.account
    stage = f"verification {checkpoint.api_hash}"
    challenge = world.captchas.demand(exchange.form, owner=account.login, stage=stage, kind="image")
    if challenge is None:
        world.captchas.complete(account.login, exchange.form)
        return _passed(world, exchange, checkpoint)
    action = exchange.links.relative(Host.MOBILE, f"/activation?act=captcha&hash={checkpoint.hash}")
    src = world.captchas.image_url(challenge, exchange.links)
    return _show(exchange, checkpoint, captcha_page(action, challenge.sid, src, {}))


def security_test(world: World, exchange: Exchange) -> web.Response:
    """``oauth.*/security_check?type=test``: the page of ``test_redirect_uri``, with nothing but a button."""
    checkpoint = world.checkpoints.find(api_hash=exchange.query.get("hash", ""))
    if checkpoint is None or checkpoint.passed:
        return _used()
    if exchange.method == "POST":
        return _passed(world, exchange, checkpoint)
    return _show(exchange, checkpoint, page("Test", '<h1>Test</h1><form method="post"><button>Confirm</button></form>'))
