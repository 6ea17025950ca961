"""``/token``: a password for a token."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from aiohttp import web

from vkauth.protocol.endpoints import Host
from vkauth.testing.accounts import Account, CaptchaKind
from vkauth.testing.answers import json_answer
from vkauth.testing.vk.state.apps import App
from vkauth.testing.vk.state.tokens import scope_mask
from vkauth.testing.vk.state.validations import SENT_METHODS, Validation, wire_method
from vkauth.testing.vk.state.world import World
from vkauth.testing.vk.wire import Exchange

__all__ = ["browser_page", "checked_app", "refuse", "token"]

_UNAUTHORIZED: Final = 401  # what most of VK's refusals at /token come with
_WORDS: Final = {
    "sms": "sms sent, use code param",
    "app": "use app code",
    "callreset": "use last 4 digits from incoming call",
    "libverify": "use libverify",
    "email": "code sent to email, use code param",
    "push": "push sent, use code param",
}
_API_ERRORS: Final = {
    5: "User authorization failed: invalid session.",
    9: "Flood control",
    14: "Captcha needed",
    17: "Validation required: please open redirect_uri in browser [3]",
}


def refuse(
    error: str, error_type: str = "", description: str = "", more: Mapping[str, object] | None = None
) -> web.Response:
    """A refusal as ``/token`` words it; ``more`` are further keys."""
    values: dict[str, object] = {"error": error}
    if error_type:
        values["error_type"] = error_type
    if description:
        values["error_description"] = description
    return json_answer({**values, **(more or {})}, _UNAUTHORIZED)


def token(world: World, exchange: Exchange) -> web.Response:
    """The direct authorization."""
    account = world.accounts.find(exchange.params.get("username", ""))
    if account is not None and account.raw_answer is not None:
        status, content_type, body = account.raw_answer
        return web.Response(status=status, body=body, headers={"Content-Type": content_type})
    app = checked_app(world, exchange)
    if isinstance(app, web.Response):
        return app
    grant = exchange.params.get("grant_type", "")
    if grant != "password":
        return refuse("unsupported_grant_type", description="grant_type is not supported")
    if not app.direct:
        return refuse("unauthorized_client", description="application is not allowed to use this grant type")
    if not exchange.params.get("username") or not exchange.params.get("password"):
        return refuse("invalid_request", description="username or password is missing")
    if account is None:
        return _wrong_password()
    refused = _guards(world, exchange, account)
    # An answer without items of its own is false in a condition (aiohttp before 3.12), so it is compared with None.
    return refused if refused is not None else _credentials(world, exchange, account, app)


def _guards(world: World, exchange: Exchange, account: Account) -> web.Response | None:
    if account.flood_kind == "flood":
        words = "Too many attempts, try again later"
        return refuse("9;Flood control", "password_bruteforce_attempt", words, {"view": "alert"})
    if account.flood_kind == "bruteforce":
        return refuse("invalid_request", "password_bruteforce_attempt", "Too many attempts, try again later")
    if account.error_object is not None and not account.checked_in_browser:
        more: dict[str, object] = {}
        if account.error_object == 17:
            more["redirect_uri"] = browser_page(world, exchange, account, "validate")
        if account.error_object != 14:
            return _error_object(account.error_object, **more)
        return captcha(world, exchange, account, "token", "api")
    if account.captcha is not None:
        return captcha(world, exchange, account, "token", account.captcha)
    return None


def _credentials(world: World, exchange: Exchange, account: Account, app: App) -> web.Response:
    if exchange.params["password"] != account.password:
        return _wrong_password()
    if account.has_tried_too_much:
        return refuse("invalid_request", "too_much_tries", "Too many authorization attempts, try again in a few hours")
    if account.banned:
        info = {
            "member_name": f"{account.first_name} {account.last_name}",
            "message": "Your account has been blocked",
            "access_token": world.tokens.issue("restore", account=account, client_id=str(app.client_id)),
            "restore_url": exchange.links.url(Host.WEB, "/restore"),
        }
        return refuse("need_validation", description="user has been banned", more={"ban_info": info})
    check = "test" if exchange.params.get("test_redirect_uri") == "1" else account.browser_check
    if check is not None and not account.checked_in_browser:
        words = "please open redirect_uri in browser [3]"
        page = browser_page(world, exchange, account, check)
        return refuse("need_validation", description=words, more={"redirect_uri": page})
    if account.two_factor is not None and exchange.params.get("trusted_hash", "") not in account.trusted_hashes:
        refused = _second_factor(world, exchange, account, app)
        if refused is not None:
            return refused
        if account.kind_after_code is not None:
            refused = captcha(world, exchange, account, "token after code", account.kind_after_code)
            if refused is not None:
                return refused
    world.validations.end(account, str(app.client_id))
    world.captchas.complete(account.login, exchange.params)
    return json_answer(_granted(world, exchange, account, app))


def captcha(world: World, exchange: Exchange, account: Account, stage: str, kind: CaptchaKind) -> web.Response | None:
    """Want a captcha, unless it was passed."""
    challenge = world.captchas.demand(
        exchange.params,
        owner=account.login,
        stage=stage,
        kind=kind,
        numeric_sid=account.captcha_sid_type == "number",
        continuing=bool(exchange.params.get("code")),
        sid_required=True,
    )
    if challenge is None:
        return None
    values = world.captchas.fields(challenge, exchange.links)
    if kind == "api":
        return _error_object(14, **values)
    return refuse("need_captcha", more=values)


def _second_factor(world: World, exchange: Exchange, account: Account, app: App) -> web.Response | None:
    method = account.two_factor or "sms"
    code = exchange.params.get("code", "")
    pair = exchange.params.get("validate_session"), exchange.params.get("validate_token")
    if method == "libverify" and pair == ("SIMULATED-SESSION", "SIMULATED-TOKEN"):
        return None
    if not code and exchange.params.get("2fa_supported") != "1":
        words = "open redirect_uri in browser [5]. Also you can use 2fa_supported param"
        page = _code_page(world, exchange, account, app)
        return refuse("need_validation", description=words, more={"redirect_uri": page})
    if method == "libverify" and exchange.params.get("libverify_support") == "0":
        method = "sms"
    validation = world.validations.begin(account, str(app.client_id), method, asking=not code)
    if not code:
        return _ask_for_code(world, exchange, validation)
    verdict = world.validations.judge(validation, code)
    if verdict == "malformed":
        return refuse("invalid_request", "otp_format_is_incorrect", "code is incorrect")
    if verdict == "wrong":
        if account.has_tried_too_much:
            return refuse("invalid_request", "too_much_tries", "Too many attempts, try again in a few hours")
        return refuse("invalid_request", "wrong_otp", "wrong code")
    return None


def _ask_for_code(world: World, exchange: Exchange, validation: Validation) -> web.Response:
    account = validation.account
    method = validation.method
    if exchange.params.get("force_sms") == "1" and method not in ("sms", "email"):
        method = "sms"
    if method in SENT_METHODS and not (method == "sms" and account.validation_resend):
        world.validations.send(validation, method)
    name = wire_method(validation.method)
    values: dict[str, object] = {
        "validation_type": f"2fa_{name}",
        "validation_sid": validation.sid,
        "phone_mask": account.phone_mask,
        "redirect_uri": _code_page(world, exchange, account, None),
        "validation_resend": "sms" if name in ("sms", "app", "callreset", "libverify") else "",
        "cant_get_code_open_restore": False,
    }
    if account.code_length is not None or name in ("email", "push", "callreset"):
        values["code_length"] = account.code_length or len(account.expected_code(validation.method))
    if name == "email":
        values["masked_email"] = account.masked_email
    if name == "push":
        values["device_name"] = account.target("push")
    if name == "libverify":
        values["validation_external_id"] = validation.external_id
    return refuse("need_validation", description=_WORDS[name], more=values)


def _granted(world: World, exchange: Exchange, account: Account, app: App) -> dict[str, object]:
    mask = scope_mask(exchange.params.get("scope", ""))
    client_id = str(app.client_id)
    if account.success == "silent":
        uuid = world.entropy.hex(21)
        silent = world.tokens.issue(
            "silent", account=account, scope=mask, client_id=client_id, expires_in=600, uuid=uuid
        )
        return {"silent_token": silent, "silent_token_uuid": uuid, "silent_token_ttl": 600, "trusted_hash": None}
    values: dict[str, object] = {
        "access_token": world.tokens.issue(
            "user", account=account, scope=mask, client_id=client_id, expires_in=account.expires_in
        ),
        "expires_in": account.expires_in,
        "user_id": account.user_id,
    }
    if account.email and mask & scope_mask("email"):
        values["email"] = account.email
    if "nohttps" in exchange.params.get("scope", "").split(","):
        values["secret"] = f"SIMULATED{world.entropy.hex(9)}"
        values["https_required"] = "0"
    if account.success == "trusted_hash":
        trusted = f"SIMULATED-TRUSTED-{world.entropy.hex(24)}"
        account.trusted_hashes.add(trusted)
        values["trusted_hash"] = trusted
    return values


def checked_app(world: World, exchange: Exchange) -> App | web.Response:
    """The application that asks, or the refusal."""
    app = world.apps.find(exchange.params.get("client_id", ""))
    if app is None:
        return refuse("invalid_client", description="client_id is undefined")
    if app.client_secret and exchange.params.get("client_secret", "") != app.client_secret:
        return refuse("invalid_client", description="client_secret is incorrect")
    return app


def _wrong_password() -> web.Response:
    return refuse("invalid_client", "username_or_password_is_incorrect", "Username or password is incorrect")


def _error_object(code: int, **more: object) -> web.Response:
    words = _API_ERRORS.get(code, "Sample error")
    error: dict[str, object] = {"error_code": code, "error_msg": words, "request_params": []}
    return json_answer({"error": error | more}, _UNAUTHORIZED)


def _code_page(world: World, exchange: Exchange, account: Account, app: App | None) -> str:
    client_id = str(app.client_id) if app else exchange.params.get("client_id", "")
    checkpoint = world.checkpoints.add(
        account, "authcheck", "verification", client_id=client_id, scope=scope_mask(exchange.params.get("scope", ""))
    )
    return world.checkpoints.url(checkpoint, exchange.links)


def browser_page(world: World, exchange: Exchange, account: Account, check: str) -> str:
    """A new address of the page that a ``browser_check`` wants to be passed."""
    checkpoint = world.checkpoints.add(
        account,
        "security_check" if check == "security" else "validate",
        "verification",
        client_id=exchange.params.get("client_id", ""),
        scope=scope_mask(exchange.params.get("scope", "")),
    )
    if check == "test":
        query: dict[str, str | int] = {"type": "test", "mid": account.user_id, "hash": checkpoint.api_hash}
        return exchange.links.url(Host.OAUTH, "/security_check", query)
    return world.checkpoints.url(checkpoint, exchange.links)
