"""The API methods that a VK ID login page calls."""

from __future__ import annotations

from typing import Final

from vkauth.testing.vk.accounts import Account, SentCode
from vkauth.testing.vk.api_methods import ApiError, Method, want_captcha
from vkauth.testing.vk.authorize import result
from vkauth.testing.vk.sessions import VKIDLogin
from vkauth.testing.vk.validations import SENT_METHODS, wire_method
from vkauth.testing.vk.wire import Exchange
from vkauth.testing.vk.world import World

__all__ = ["METHODS"]

_WRONG_CODE: Final = 1110
_TOO_EARLY: Final = 1112
_UNKNOWN_SID: Final = 1113
_BAD_ANONYMOUS_TOKEN: Final = 1114
_TOO_MANY: Final = 1105
_NOT_FOUND: Final = 104


def _validate_account(world: World, x: Exchange) -> object:
    _page_token(world, x, x.params.get("auth_token") or x.params.get("anonymous_token", ""))
    account = world.account(x.params.get("login", ""))
    if account is None:
        if world.unknown_login == "error_104":
            raise ApiError(_NOT_FOUND, "Not found")
        return {"is_phone": True, "is_email": False, "flow_name": "need_registration", "flow_names": []}
    if account.flood_kind == "flood":
        raise ApiError(9, "Flood control")
    _step(world, x, account, "validateAccount")
    if _too_many(account):
        raise ApiError(_TOO_MANY, "Too many auth attempts, try again later")
    login = world.sessions.begin_vk_id(account)
    first = first_method(account)
    flow = "need_password" if first == "password" else "need_validation"
    if first != "password" and not account.can_skip_password:
        flow = "need_password_and_validation"
    others = [each for each in account.other_methods if each != first]
    return {
        "sid": login.sid,
        "is_phone": "@" not in x.params["login"],
        "is_email": "@" in x.params["login"],
        "login": x.params["login"],
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


def first_method(account: Account) -> str:
    """The way VK ID asks for first; the vendor's own way is not one of them."""
    if account.two_factor is None:
        return "password"
    method = wire_method(account.two_factor, vk_id=True)
    return "sms" if method == "libverify" else method


def allowed_methods(account: Account) -> list[str]:
    """All the ways, the first one first."""
    return list(dict.fromkeys([first_method(account), *account.other_methods]))


def _get_methods(world: World, x: Exchange) -> object:
    login = _login(world, x)
    methods = []
    for priority, name in enumerate(allowed_methods(login.account)):
        methods.append(
            {
                "name": name,
                "priority": priority,
                "timeout": int(_wait(world, login, name)),
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
    def send(world: World, x: Exchange) -> object:
        login = _login(world, x)
        account = login.account
        if method not in allowed_methods(account):
            raise ApiError(100, "One of the parameters specified was missing or invalid: verification method")
        _step(world, x, account, "sendOtp")
        if _wait(world, login, method) > 0:
            raise ApiError(_TOO_EARLY, "Processing. Try later")
        login.sent[method] = world.clock()
        code = account.expected_code(method)
        account.sent.append(SentCode(method, code, account.target(method)))
        length = account.code_length or len(code)
        return {"status": 1, "sid": login.sid, "info": _info(account, method), "code_length": length}

    return send


def _wait(world: World, login: VKIDLogin, method: str) -> float:
    sent_at = login.sent.get(method)
    return 0.0 if sent_at is None else max(0.0, sent_at + login.account.resend_delay - world.clock())


def _check_otp(world: World, x: Exchange) -> object:
    login = _login(world, x)
    account = login.account
    method = x.params.get("verification_method", "")
    _step(world, x, account, "checkOtp")
    sent = method not in SENT_METHODS or method in login.sent
    right = account.code if method in ("codegen", "reserve_code") else account.expected_code(method)
    if method not in allowed_methods(account) or not sent or x.params.get("code") != right:
        account.wrong_codes += 1
        if _too_many(account):
            raise ApiError(_TOO_MANY, "Too many auth attempts, try again later")
        raise ApiError(_WRONG_CODE, "Incorrect code")
    account.wrong_codes = 0
    login.code_passed = True
    world.sessions.renew(login)
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


def _get_oauth_token(world: World, x: Exchange) -> object:
    asked = world.sessions.requests.get(x.params.get("hash", ""))
    account = world.sessions.user_hashes.get(x.params.get("auth_user_hash", ""))
    info = world.tokens.issued.get(x.params.get("access_token", ""))
    if info is None or info.kind != "web" or info.account is not account or account is None:
        raise ApiError(5, "User authorization failed: invalid access_token (4).")
    if asked is None or asked["client_id"] != x.params.get("app_id", ""):
        raise ApiError(100, "One of the parameters specified was missing or invalid: hash is invalid")
    del world.sessions.user_hashes[x.params["auth_user_hash"]]
    if account.consent_action == "cancel":
        raise ApiError(15, "Access denied")
    # The rights are those of the page that was shown to the person, not those of this call.
    return result(world, account, asked)


def _login(world: World, x: Exchange) -> VKIDLogin:
    _page_token(world, x, x.params.get("anonymous_token", ""))
    login = world.sessions.vk_id(x.params.get("sid", ""))
    if login is None:
        raise ApiError(_UNKNOWN_SID, "Unknown sid")
    return login


def _page_token(world: World, _x: Exchange, token: str) -> None:
    if token not in world.sessions.page_tokens:
        raise ApiError(_BAD_ANONYMOUS_TOKEN, "Anonymous token is invalid")


def _step(world: World, x: Exchange, account: Account, step: str) -> None:
    if account.captcha is not None and step in account.captcha_on_steps:
        want_captcha(world, x, account, step)


def _too_many(account: Account) -> bool:
    if account.too_many_tries is True:
        return True
    return account.too_many_tries is not False and account.wrong_codes >= account.too_many_tries


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
