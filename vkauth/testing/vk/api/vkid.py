"""The API methods that a VK ID login page calls."""

from __future__ import annotations

from typing import Final

from vkauth.testing.accounts import Account
from vkauth.testing.vk.api.errors import ApiError
from vkauth.testing.vk.api.methods import Method, want_captcha
from vkauth.testing.vk.state.validations import SENT_METHODS
from vkauth.testing.vk.state.vk_id import VKIDLogin
from vkauth.testing.vk.state.world import World
from vkauth.testing.vk.wire import Exchange

__all__ = ["METHODS"]

_WRONG_CODE: Final = 1110
_TOO_EARLY: Final = 1112
_UNKNOWN_SID: Final = 1113
_BAD_ANONYMOUS_TOKEN: Final = 1114
_TOO_MANY: Final = 1105
_NOT_FOUND: Final = 104


def _validate_account(world: World, exchange: Exchange) -> object:
    _check_page_token(world, exchange.params.get("auth_token") or exchange.params.get("anonymous_token", ""))
    account = world.accounts.find(exchange.params.get("login", ""))
    if account is None:
        if world.vk_id.unknown_login == "error_104":
            raise ApiError(_NOT_FOUND, "Not found")
        return {"is_phone": True, "is_email": False, "flow_name": "need_registration", "flow_names": []}
    if account.flood_kind == "flood":
        raise ApiError(9, "Flood control")
    _step(world, exchange, account, "validateAccount")
    if account.has_tried_too_much:
        raise ApiError(_TOO_MANY, "Too many auth attempts, try again later")
    login = world.vk_id.begin(account)
    first = login.first_method
    flow = "need_password" if first == "password" else "need_validation"
    if first != "password" and not account.can_skip_password:
        flow = "need_password_and_validation"
    others = [each for each in account.other_methods if each != first]
    return {
        "sid": login.sid,
        "is_phone": "@" not in exchange.params["login"],
        "is_email": "@" in exchange.params["login"],
        "login": exchange.params["login"],
        "flow_name": flow,
        "flow_names": [flow],
        "next_step": {
            "verification_method": first,
            "has_another_verification_methods": bool(others),
            "external_id": "",
            "service_code": 0,
        },
        "remember_hash": world.entropy.hex(18),
    }


def _get_methods(world: World, exchange: Exchange) -> object:
    login = _login(world, exchange)
    methods = []
    for priority, name in enumerate(login.methods):
        methods.append(
            {
                "name": name,
                "priority": priority,
                "timeout": int(world.vk_id.wait(login, name)),
                "info": _info(login.account, name),
                "can_fallback": True,
            }
        )
    return {"methods": methods}


def _info(account: Account, method: str) -> str:
    if method in ("sms", "callreset"):
        return account.phone_mask
    return {"email": account.masked_email, "push": account.target("push")}.get(method, "")


def _sender(method: str) -> Method:
    def send(world: World, exchange: Exchange) -> object:
        login = _login(world, exchange)
        account = login.account
        if method not in login.methods:
            raise ApiError(100, "One of the parameters specified was missing or invalid: verification method")
        _step(world, exchange, account, "sendOtp")
        if not world.vk_id.send_code(login, method):
            raise ApiError(_TOO_EARLY, "Processing. Try later")
        length = account.code_length or len(account.expected_code(method))
        return {"status": 1, "sid": login.sid, "info": _info(account, method), "code_length": length}

    return send


def _check_otp(world: World, exchange: Exchange) -> object:
    login = _login(world, exchange)
    account = login.account
    method = exchange.params.get("verification_method", "")
    _step(world, exchange, account, "checkOtp")
    sent = method not in SENT_METHODS or method in login.sent
    right = account.code if method in ("codegen", "reserve_code") else account.expected_code(method)
    if method not in login.methods or not sent or exchange.params.get("code") != right:
        account.wrong_codes += 1
        if account.has_tried_too_much:
            raise ApiError(_TOO_MANY, "Too many auth attempts, try again later")
        raise ApiError(_WRONG_CODE, "Incorrect code")
    account.wrong_codes = 0
    login.code_passed = True
    world.vk_id.renew(login)
    return {
        "sid": login.sid,
        "can_skip_password": account.can_skip_password,
        "profile_exist": True,
        "profile": {
            "first_name": account.first_name,
            "last_name": account.last_name,
            "phone": account.phone_mask,
            "has_2fa": account.two_factor is not None,
        },
        "next_step": "auth" if account.can_skip_password else "show_with_password",
    }


def _get_oauth_token(world: World, exchange: Exchange) -> object:
    asked = world.authorizations.asked(exchange.params.get("hash", ""))
    account = world.vk_id.who(exchange.params.get("auth_user_hash", ""))
    info = world.tokens.find(exchange.params.get("access_token", ""))
    if info is None or info.kind != "web" or info.account is not account or account is None:
        raise ApiError(5, "User authorization failed: invalid access_token (4).")
    if asked is None or asked["client_id"] != exchange.params.get("app_id", ""):
        raise ApiError(100, "One of the parameters specified was missing or invalid: hash is invalid")
    world.vk_id.use_up(exchange.params["auth_user_hash"])
    if account.consent_action == "cancel":
        raise ApiError(15, "Access denied")
    # The rights are those of the page that was shown to the person, not those of this call.
    return world.authorizations.result(account, asked)


def _login(world: World, exchange: Exchange) -> VKIDLogin:
    _check_page_token(world, exchange.params.get("anonymous_token", ""))
    login = world.vk_id.find(exchange.params.get("sid", ""))
    if login is None:
        raise ApiError(_UNKNOWN_SID, "Unknown sid")
    return login


def _check_page_token(world: World, token: str) -> None:
    if not world.vk_id.is_page_token(token):
        raise ApiError(_BAD_ANONYMOUS_TOKEN, "Anonymous token is invalid")


def _step(world: World, exchange: Exchange, account: Account, step: str) -> None:
    if account.captcha is not None and step in account.captcha_on_steps:
        want_captcha(world, exchange, account, step)


METHODS: Final[dict[str, Method]] = {
    "auth.validateAccount": _validate_account,
    "ecosystem.getVerificationMethods": _get_methods,
    "ecosystem.sendOtpSms": _sender("sms"),
    "ecosystem.sendOtpEmail": _sender("email"),
    "ecosystem.sendOtpPush": _sender("push"),
    "ecosystem.sendOtpCallReset": _sender("callreset"),
    "ecosystem.checkOtp": _check_otp,
    "auth.getOauthToken": _get_oauth_token,
}
