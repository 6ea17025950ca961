"""A wrong argument fails at construction, and the error names it."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from yarl import URL

import vkauth
from vkauth import (
    AccountVerification,
    BrowserAuthorization,
    CodeFlow,
    Cookies,
    DirectAuthorization,
    GroupScope,
    ImplicitFlowGroups,
    ImplicitFlowUser,
    QRAuthorization,
    UserScope,
    VKIDAuthorization,
)

Kind = (
    type[DirectAuthorization]
    | type[ImplicitFlowUser]
    | type[ImplicitFlowGroups]
    | type[AccountVerification]
    | type[VKIDAuthorization]
    | type[CodeFlow]
    | type[BrowserAuthorization]
    | type[QRAuthorization]
)

RIGHT: dict[Kind, dict[str, Any]] = {
    DirectAuthorization: {"client_id": 1, "client_secret": "s", "login": "l", "password": "p"},
    ImplicitFlowUser: {"client_id": 1, "login": "l", "password": "p"},
    ImplicitFlowGroups: {"client_id": 1, "login": "l", "password": "p", "group_ids": 1},
    AccountVerification: {"login": "l"},
    VKIDAuthorization: {"client_id": 1, "redirect_uri": "http://localhost/"},
    CodeFlow: {"client_id": 1, "client_secret": "s", "redirect_uri": "http://localhost/"},
    BrowserAuthorization: {"client_id": 1},
    QRAuthorization: {"client_id": 1, "client_secret": "s", "show": print},
}
EVERY = list(RIGHT)
WITH_PASSWORD: list[Kind] = EVERY[:3]
WITH_LOGIN: list[Kind] = EVERY[:4]
WITH_REDIRECT: list[Kind] = EVERY[4:6]

WRONG_COMMON: list[tuple[str, object, type[Exception]]] = [
    ("callback_service", object(), TypeError),
    ("timeout", 0, ValueError),
    ("timeout", "10", TypeError),
    ("timeout", None, TypeError),
    ("total_timeout", -1, ValueError),
    ("total_timeout", True, TypeError),
    ("answer_timeout", 0, ValueError),
    ("answer_timeout", "1", TypeError),
    ("max_attempts", 0, ValueError),
    ("max_attempts", 1.5, TypeError),
    ("headers", {"A": "x\r\n"}, ValueError),
    ("headers", [], TypeError),
    ("proxy", "socks5://x", ValueError),
    ("proxy", 1, TypeError),
    ("session", object(), TypeError),
    ("endpoints", "vk.ru", TypeError),
]
WRONG_LOGIN: list[tuple[str, object, type[Exception]]] = [
    ("login", 79990000001, TypeError),
    ("login", "", ValueError),
    ("phone", 79990000001, TypeError),
    ("phone", " ", ValueError),
]
WRONG_WITH_PASSWORD: list[tuple[str, object, type[Exception]]] = [
    ("client_id", 0, ValueError),
    ("client_id", None, TypeError),
    ("password", "", ValueError),
    ("password", 1, TypeError),
    ("scope", "nonsense", ValueError),
    ("scope", None, TypeError),
    ("api_version", "5", ValueError),
    ("api_version", 5.199, TypeError),
]

WRONG_WITH_REDIRECT: list[tuple[str, object, type[Exception]]] = [
    ("client_id", 0, ValueError),
    ("client_id", "", ValueError),
    ("client_id", None, TypeError),
    ("redirect_uri", "", ValueError),
    ("redirect_uri", "/cb", ValueError),
    ("redirect_uri", "//localhost/cb", ValueError),
    ("redirect_uri", "http://localhost/cb#", ValueError),
    ("redirect_uri", "http://xn--" + "a" * 100_000, ValueError),
    ("redirect_uri", None, TypeError),
    ("redirect_uri", b"http://localhost/", TypeError),
    ("scope", None, TypeError),
]


@pytest.mark.parametrize("kind", EVERY)
def test_right_arguments(kind: Kind) -> None:
    """The least that is needed."""
    assert repr(kind(**RIGHT[kind])) == f"<{kind.__name__}>"


@pytest.mark.parametrize("kind", WITH_LOGIN)
def test_a_phone_is_a_login(kind: Kind) -> None:
    """It may stand in its place."""
    assert kind(**{name: value for name, value in RIGHT[kind].items() if name != "login"}, phone="+79990000001")


@pytest.mark.parametrize("kind", EVERY)
@pytest.mark.parametrize(("name", "value", "wrong"), WRONG_COMMON)
def test_a_wrong_common_option_is_named(kind: Kind, name: str, value: object, wrong: type[Exception]) -> None:
    """Of the options that every way in takes."""
    with pytest.raises(wrong, match=rf"^{name}\b"):
        kind(**RIGHT[kind] | {name: value})


@pytest.mark.parametrize("kind", WITH_LOGIN)
@pytest.mark.parametrize(("name", "value", "wrong"), WRONG_LOGIN)
def test_a_wrong_login_is_named(kind: Kind, name: str, value: object, wrong: type[Exception]) -> None:
    """Of those that say who logs in."""
    with pytest.raises(wrong, match=rf"^{name}\b"):
        kind(**RIGHT[kind] | {name: value})


@pytest.mark.parametrize("kind", WITH_PASSWORD)
@pytest.mark.parametrize(("name", "value", "wrong"), WRONG_WITH_PASSWORD)
def test_a_wrong_argument_is_named(kind: Kind, name: str, value: object, wrong: type[Exception]) -> None:
    """Of those that the logins with a password take."""
    with pytest.raises(wrong, match=rf"^{name}\b"):
        kind(**RIGHT[kind] | {name: value})


@pytest.mark.parametrize("kind", WITH_REDIRECT)
@pytest.mark.parametrize(("name", "value", "wrong"), WRONG_WITH_REDIRECT)
def test_a_wrong_argument_of_a_code_flow_is_named(kind: Kind, name: str, value: object, wrong: type[Exception]) -> None:
    """Of those that both code flows take."""
    with pytest.raises(wrong, match=rf"^{name}\b"):
        kind(**RIGHT[kind] | {name: value})


@pytest.mark.parametrize(
    ("kind", "name", "value", "wrong"),
    [
        (DirectAuthorization, "client_secret", "", ValueError),
        (DirectAuthorization, "client_secret", None, TypeError),
        (DirectAuthorization, "device_id", "", ValueError),
        (DirectAuthorization, "device_id", 1, TypeError),
        (DirectAuthorization, "trusted_hash", "", ValueError),
        (DirectAuthorization, "trusted_hash", 1, TypeError),
        (DirectAuthorization, "scope", GroupScope.MANAGE, TypeError),
        (ImplicitFlowUser, "scope", GroupScope.MANAGE, TypeError),
        (ImplicitFlowUser, "cookies", {}, TypeError),
        (ImplicitFlowGroups, "cookies", "{}", TypeError),
        (ImplicitFlowGroups, "group_ids", 0, ValueError),
        (ImplicitFlowGroups, "group_ids", "1", TypeError),
        (ImplicitFlowGroups, "scope", UserScope.FRIENDS, TypeError),
        (ImplicitFlowGroups, "scope", "friends", ValueError),
        (QRAuthorization, "client_id", "x", ValueError),
        (QRAuthorization, "client_secret", "", ValueError),
        (QRAuthorization, "client_secret", None, TypeError),
        (QRAuthorization, "show", None, TypeError),
        (QRAuthorization, "show", "print", TypeError),
        (QRAuthorization, "scope", "nonsense", ValueError),
        (QRAuthorization, "device_name", " ", ValueError),
        (QRAuthorization, "device_name", 1, TypeError),
        (QRAuthorization, "poll_interval", 0, ValueError),
        (QRAuthorization, "poll_interval", "2", TypeError),
        (BrowserAuthorization, "client_id", 0, ValueError),
        (BrowserAuthorization, "client_id", None, TypeError),
        (BrowserAuthorization, "scope", "nonsense", ValueError),
        (BrowserAuthorization, "scope", GroupScope.MANAGE, TypeError),
        (BrowserAuthorization, "scope", None, TypeError),
        (BrowserAuthorization, "group_ids", 0, ValueError),
        (BrowserAuthorization, "group_ids", "1", TypeError),
        (BrowserAuthorization, "redirect_uri", "/end", ValueError),
        (BrowserAuthorization, "redirect_uri", "http://app.example/end", ValueError),
        (BrowserAuthorization, "redirect_uri", "vk1://vk.ru/blank.html", ValueError),
        (BrowserAuthorization, "redirect_uri", "https://app.example/end#x", ValueError),
        (BrowserAuthorization, "redirect_uri", 1, TypeError),
        (BrowserAuthorization, "api_version", "5", ValueError),
        (BrowserAuthorization, "revoke", 1, TypeError),
        (BrowserAuthorization, "display", "wide", ValueError),
        (BrowserAuthorization, "display", 1, TypeError),
        (BrowserAuthorization, "state", "short", ValueError),
        (BrowserAuthorization, "state", "ы" * 40, ValueError),
        (BrowserAuthorization, "state", 1, TypeError),
    ],
)
def test_a_wrong_argument_of_one_way_in_is_named(kind: Kind, name: str, value: object, wrong: type[Exception]) -> None:
    """Of those that only one takes."""
    with pytest.raises(wrong, match=rf"^{name}\b"):
        kind(**RIGHT[kind] | {name: value})


@pytest.mark.parametrize("kind", WITH_LOGIN)
def test_somebody_has_to_log_in(kind: Kind) -> None:
    """Without login and phone there is nobody."""
    with pytest.raises(ValueError, match="login or phone must be given"):
        kind(**{name: value for name, value in RIGHT[kind].items() if name != "login"})


@pytest.mark.parametrize("kind", EVERY)
@pytest.mark.parametrize("name", ["verify_ssl", "verify", "ssl", "pasword"])
def test_h4_unknown_options_are_refused(kind: Kind, name: str) -> None:
    """H4: there is no option to switch TLS checking off; a slip of the pen is noticed too."""
    with pytest.raises(TypeError, match=name):
        kind(**RIGHT[kind], **{name: False})


@pytest.mark.parametrize("kind", EVERY)
def test_arguments_are_by_keyword_only(kind: Kind) -> None:
    """The order of login and password must not matter to anybody."""
    kinds = {parameter.kind for parameter in list(inspect.signature(kind).parameters.values())}
    assert kinds <= {inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.VAR_KEYWORD}


def test_h4_no_signature_knows_of_tls_checking() -> None:
    """H4: nothing public takes a word like ``ssl`` or ``verify``."""
    suspicious = ("ssl", "tls", "verify", "insecure", "cert")
    for name in vkauth.__all__:
        value = getattr(vkauth, name)
        names = list(getattr(value, "__annotations__", {}))
        if inspect.isclass(value):
            names += list(inspect.signature(value.__init__).parameters)
        assert not [each for each in names if any(word in each.lower() for word in suspicious)], name


@pytest.mark.parametrize("kind", WITH_PASSWORD)
def test_s1_no_error_repeats_a_secret(kind: Kind) -> None:
    """S1: a password of the wrong shape is not shown while it is complained about."""
    with pytest.raises(ValueError, match=r"^password") as caught:
        kind(**RIGHT[kind] | {"password": "CANARY\ud800"})
    assert "CANARY" not in str(caught.value)


@pytest.mark.parametrize(("address", "wrong"), [(1, TypeError), (None, TypeError), ("https://[", ValueError)])
async def test_a_wrong_address_to_verify_at_is_named(address: Any, wrong: type[Exception]) -> None:
    """It is an argument of ``run``."""
    with pytest.raises(wrong, match=r"^redirect_uri") as caught:
        await AccountVerification(login="l").run(address)
    assert caught.value.__cause__ is None


async def test_a_foreign_address_to_verify_at_is_sent_nothing() -> None:
    """H1: the phone number goes to VK only."""
    with pytest.raises(vkauth.AuthError) as caught:
        await AccountVerification(login="l").run(URL("https://vk.ru.evil.example/activation"))
    assert caught.value.code == "UNTRUSTED_REDIRECT"


@pytest.mark.parametrize("make", [ImplicitFlowUser, partial(ImplicitFlowGroups, group_ids=1)])
def test_without_a_password_cookies_must_be_given(make: Callable[..., object]) -> None:
    """The error says which of the two is missing; with cookies neither login nor password is."""
    with pytest.raises(ValueError, match="password must be given, or cookies"):
        make(client_id=1, login="t@example.org")
    make(client_id=1, cookies=Cookies())
