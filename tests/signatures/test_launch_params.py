"""Launch parameters of Mini Apps and games."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from multidict import MultiDict
from yarl import URL

from vkauth import AuthError, AuthErrorCode
from vkauth.signatures import LaunchParams, sign_launch_params, verify_launch_params

from .samples import KEY, LAUNCH, LAUNCH_KEY, LAUNCH_SIGN, WITH_KEYS

SIGNED = f"{LAUNCH}&sign={LAUNCH_SIGN}"
WITH_COMMA = (
    "vk_access_token_settings=friends%2Cwall&vk_app_id=6736218&vk_platform=desktop_web&vk_ts=1700000000"
    "&vk_user_id=494075&sign=YvGvTeXkBvHXyZMdb1CZhtc7qhUZSq-2eVsm9wLcZio"
)
SIGNED_AT = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
VALUES = {"vk_user_id": "100001", "vk_app_id": "7000001", "vk_ref": "a b+c&d=я"}


def fails(query: Any, secret: str = KEY, **options: Any) -> AuthError:
    """Check what does not verify, and return the error."""
    with pytest.raises(AuthError) as caught:
        verify_launch_params(query, secret, **options)
    return caught.value


def signed(**values: str | int) -> dict[str, str]:
    """Parameters that VK could have signed."""
    params = {"vk_user_id": 100001, "vk_app_id": 7000001, **values}
    return {name: str(value) for name, value in params.items()} | {"sign": sign_launch_params(params, KEY)}


def test_the_published_example() -> None:
    """What VK itself publishes verifies, and only what was signed comes back."""
    launch = verify_launch_params(f"{SIGNED}&utm_source=sample&odr_enabled=1", LAUNCH_KEY)
    assert (launch.user_id, launch.app_id, launch.timestamp) == (494075, 6736218, None)
    assert dict(launch.params) == {
        "vk_user_id": "494075",
        "vk_app_id": "6736218",
        "vk_is_app_user": "1",
        "vk_are_notifications_enabled": "1",
        "vk_language": "ru",
        "vk_access_token_settings": "",
        "vk_platform": "android",
    }


def test_the_published_example_that_is_wrong() -> None:
    """VK's documentation prints another signature beside the same parameters; it must not verify."""
    error = fails(f"{LAUNCH}&sign=exTIBPYTrAKDTHLLm2AwJkmcVcvFCzQUNyoa6wAjvW6k", LAUNCH_KEY)
    assert error.code is AuthErrorCode.SIGNATURE_INVALID


def test_a_comma_is_signed_encoded() -> None:
    """Whether it came encoded or not; the time comes back as a date."""
    for query in (WITH_COMMA, WITH_COMMA.replace("%2C", ","), WITH_COMMA.replace("%2C", "%2c")):
        launch = verify_launch_params(query, LAUNCH_KEY)
        assert launch.params["vk_access_token_settings"] == "friends,wall"
        assert launch.timestamp == SIGNED_AT


@pytest.mark.parametrize(
    "query",
    [
        SIGNED,
        f"?{SIGNED}",
        f"https://app.example/index.html?{SIGNED}",
        f"https://app.example/a=b/?{SIGNED}#page?vk_user_id=1",
        f"/path?{SIGNED}",
        f"&{SIGNED}&&",
        f"next=https://other.example/?x=1&{SIGNED}",
        URL(f"https://app.example/?{SIGNED}"),
        dict(pair.split("=") for pair in SIGNED.split("&")),
        MultiDict(pair.split("=") for pair in SIGNED.split("&")),
        SIGNED.replace("vk_user_id", "%76k_user_id"),
    ],
)
def test_every_form_of_the_parameters(query: Any) -> None:
    """An address, a query, or what a framework has made of it: the same comes of all."""
    assert verify_launch_params(query, LAUNCH_KEY) == verify_launch_params(SIGNED, LAUNCH_KEY)


def test_every_letter_is_signed_as_vk_encodes_it() -> None:
    """A space as %20, all else that is special in addresses encoded too, and text as UTF-8."""
    query = "vk_user_id=100001&vk_ref=a+b%2Bc%26d%3D%D1%8F&vk_app_id=7000001"
    sign = "uHnI29ux9njjUg0Wqn5hbMwzfeqANMjzIh3Usge0MfM"
    assert sign_launch_params(VALUES, KEY) == sign
    assert verify_launch_params(f"{query}&sign={sign}", KEY).params["vk_ref"] == VALUES["vk_ref"]


def test_sign_keys_say_what_is_signed_and_in_which_order() -> None:
    """Also what has another prefix."""
    launch = verify_launch_params(WITH_KEYS, KEY)
    assert list(launch.params) == ["vk_platform", "vk_user_id", "odr_enabled", "vk_app_id", "vk_access_token_settings"]
    assert (launch.user_id, launch.app_id) == (100001, 7000001)


@pytest.mark.parametrize(
    "keys",
    [
        "",
        "vk_user_id",
        "vk_app_id,vk_platform",
        "vk_user_id,vk_app_id,vk_user_id",
        "vk_user_id,vk_app_id,vk_missing",
        "vk_user_id,vk_app_id,sign",
        "vk_user_id,vk_app_id,",
        "VK_USER_ID,VK_APP_ID",
    ],
)
def test_sign_keys_without_user_and_application_are_not_honoured(keys: str) -> None:
    """Else somebody else's parameters could be put beside those that are signed."""
    error = fails(signed() | {"sign_keys": keys})
    assert error.code is AuthErrorCode.SIGNATURE_INVALID
    assert "sign_keys" in error.message


def _changed(old: str, new: str) -> str:
    assert old in SIGNED
    return SIGNED.replace(old, new)


@pytest.mark.parametrize(
    "query",
    [
        _changed("494075", "494076"),
        _changed("6736218", "6736219"),
        _changed("vk_language=ru", "vk_language=RU"),
        _changed("&vk_platform=android", ""),
        _changed("&vk_access_token_settings=", ""),
        f"{SIGNED}&vk_group_id=1",
        f"{SIGNED}&vk_user_id=1",
        f"vk_user_id=1&{SIGNED}",
        f"{SIGNED}&v%6B_user_id=494075",
        f"{SIGNED}&sign={LAUNCH_SIGN}",
        f"{SIGNED}&utm=1&utm=1",
        f"{SIGNED}&utm=%FF",
        f"{SIGNED}&sign_keys=vk_user_id,vk_app_id",
        _changed(LAUNCH_SIGN, LAUNCH_SIGN + "="),
        _changed(LAUNCH_SIGN, LAUNCH_SIGN.lower()),
        _changed(LAUNCH_SIGN, LAUNCH_SIGN[:-1]),
        _changed(f"&sign={LAUNCH_SIGN}", "&sign="),
        _changed(f"&sign={LAUNCH_SIGN}", ""),
        _changed(LAUNCH_SIGN, "я" * 43),
        f"{SIGNED}&x=\ud800",
        MultiDict([*(pair.split("=") for pair in SIGNED.split("&")), ("vk_user_id", "1")]),
        {"vk_user_id": "\ud800", "vk_app_id": "1", "sign": "\ud800"},
        {},
        "",
        "?",
        "https://app.example/",
    ],
)
def test_what_was_changed_does_not_verify(query: Any) -> None:
    """A value, a name, one more, one less, one twice, or the signature itself."""
    assert fails(query, LAUNCH_KEY).code is AuthErrorCode.SIGNATURE_INVALID


def test_another_secret_does_not_verify() -> None:
    """The signature of another application says nothing about this one."""
    assert fails(SIGNED, LAUNCH_KEY + "x").code is AuthErrorCode.SIGNATURE_INVALID


@pytest.mark.parametrize("missing", ["vk_user_id", "vk_app_id"])
@pytest.mark.parametrize("value", [None, "", "0", "-1", "1.5", "x", "9" * 20, "١"])
def test_user_and_application_must_be_signed(missing: str, value: str | None) -> None:
    """What is signed for nobody, or for no application, is refused."""
    params = {"vk_user_id": "1", "vk_app_id": "2", "vk_platform": "web"}
    params = {name: each for name, each in params.items() if name != missing}
    if value is not None:
        params[missing] = value
    error = fails(params | {"sign": sign_launch_params(params, KEY)})
    assert error.code is AuthErrorCode.SIGNATURE_INVALID
    assert "vk_user_id and vk_app_id" in error.message


@pytest.mark.parametrize(
    ("age", "code"),
    [
        (0, None),
        (3600, None),
        (3601, "SIGNATURE_EXPIRED"),
        (-60, None),
        (-61, "SIGNATURE_INVALID"),
        (10**9, "SIGNATURE_EXPIRED"),
    ],
)
def test_the_age(age: int, code: str | None) -> None:
    """Older than ``max_age`` is expired; ahead of the time by more than a minute is no time that VK has signed at."""
    now = SIGNED_AT + timedelta(seconds=age)
    if code is None:
        assert verify_launch_params(WITH_COMMA, LAUNCH_KEY, max_age=3600, now=now).timestamp == SIGNED_AT
    else:
        assert fails(WITH_COMMA, LAUNCH_KEY, max_age=3600, now=now).code == code
    assert verify_launch_params(WITH_COMMA, LAUNCH_KEY, now=now).timestamp == SIGNED_AT


def test_the_machines_clock_counts_by_default() -> None:
    """What VK signed in 2023 is too old today, and what it signs now is not."""
    assert fails(WITH_COMMA, LAUNCH_KEY, max_age=3600).code is AuthErrorCode.SIGNATURE_EXPIRED
    fresh = signed(vk_ts=int(datetime.now(UTC).timestamp()))
    assert verify_launch_params(fresh, KEY, max_age=3600).timestamp is not None


@pytest.mark.parametrize("value", [None, "", "x", "-5", "0", "9" * 12])
def test_an_age_needs_a_time(value: str | None) -> None:
    """Without a time that was signed nobody knows how old it is; without ``max_age`` nobody asks."""
    query = signed() if value is None else signed(vk_ts=value)
    error = fails(query, max_age=3600)
    assert error.code is AuthErrorCode.SIGNATURE_INVALID
    assert "vk_ts" in error.message
    assert verify_launch_params(query, KEY).timestamp is None


def test_a_wrong_signature_comes_before_its_age() -> None:
    """Nobody learns more from something old than that it is wrong."""
    assert fails(WITH_COMMA, KEY, max_age=1).code is AuthErrorCode.SIGNATURE_INVALID


@pytest.mark.parametrize(
    ("change", "wrong", "named"),
    [
        ({"secret": ""}, ValueError, "secret"),
        ({"secret": " "}, ValueError, "secret"),
        ({"secret": None}, TypeError, "secret"),
        ({"secret": b"x"}, TypeError, "secret"),
        ({"secret": "\ud800"}, ValueError, "secret"),
        ({"query": None}, TypeError, "query"),
        ({"query": b"vk_user_id=1"}, TypeError, "query"),
        ({"query": [("vk_user_id", "1")]}, TypeError, "query"),
        ({"query": (("vk_user_id", "1"),)}, TypeError, "query"),
        ({"query": (("vk_user_id", "1", "x"),)}, TypeError, "query"),
        ({"query": (1,)}, TypeError, "query"),
        ({"query": {"vk_user_id": 1}}, TypeError, "query"),
        ({"query": {"vk_user_id": ["1"]}}, TypeError, "query"),
        ({"query": {1: "1"}}, TypeError, "query"),
        ({"max_age": 0}, ValueError, "max_age"),
        ({"max_age": -1}, ValueError, "max_age"),
        ({"max_age": "1"}, TypeError, "max_age"),
        ({"max_age": float("nan")}, ValueError, "max_age"),
        ({"now": 1700000000}, TypeError, "now"),
        ({"now": datetime(2026, 1, 1)}, ValueError, "now"),  # noqa: DTZ001 - that is what is wrong with it
    ],
)
def test_a_wrong_argument_is_named(change: dict[str, Any], wrong: type[Exception], named: str) -> None:
    """A mistake of the program's is none of the visitor's."""
    options: dict[str, Any] = {"query": SIGNED, "secret": LAUNCH_KEY} | change
    with pytest.raises(wrong, match=f"^{named}"):
        verify_launch_params(**options)


@pytest.mark.parametrize(
    ("change", "wrong", "named"),
    [
        ({"secret": ""}, ValueError, "secret"),
        ({"params": {}}, ValueError, "params"),
        ({"params": {"x": "1"}}, ValueError, "params"),
        ({"params": "vk_user_id=1"}, TypeError, "params"),
        ({"params": None}, TypeError, "params"),
        ({"params": (("vk_user_id", "1"),)}, TypeError, "params"),
        ({"params": (1,)}, TypeError, "params"),
        ({"params": {"vk_user_id": True}}, TypeError, "params"),
        ({"params": {"vk_user_id": None}}, TypeError, "params"),
        ({"params": {"vk_user_id": 10**5000}}, TypeError, "params"),
        ({"params": {1: "1"}}, TypeError, "params"),
        ({"params": {"vk_ref": "\ud800"}}, ValueError, "params"),
        ({"params": {f"vk_{number}": "" for number in range(1001)}}, ValueError, "params"),
        ({"params": MultiDict([("vk_ref", "1"), ("vk_ref", "2")])}, ValueError, "params"),
    ],
)
def test_a_wrong_argument_of_signing_is_named(change: dict[str, Any], wrong: type[Exception], named: str) -> None:
    """Who signs gives the parameters: all that is wrong with them is an argument."""
    options: dict[str, Any] = {"params": VALUES, "secret": KEY} | change
    with pytest.raises(wrong, match=f"^{named}"):
        sign_launch_params(**options)


def test_only_those_of_vk_are_signed() -> None:
    """Numbers are signed as their digits."""
    params: dict[str, str | int] = {"vk_user_id": 1, "vk_app_id": 2}
    sign = sign_launch_params(params | {"utm": "x", "sign": "y"}, KEY)
    assert sign == sign_launch_params({"vk_app_id": "2", "vk_user_id": "1"}, KEY)
    assert "***" in repr(sign)
    assert verify_launch_params(f"vk_user_id=1&vk_app_id=2&utm=x&sign={sign}", KEY).user_id == 1


@pytest.mark.parametrize("again", [lambda each: pickle.loads(pickle.dumps(each)), copy.copy, copy.deepcopy])
def test_what_comes_back_is_a_value(again: Callable[[LaunchParams], LaunchParams]) -> None:
    """It can be compared, hashed, copied and pickled, not changed; its ``repr`` shows no parameter."""
    launch = verify_launch_params(WITH_KEYS, KEY)
    assert again(launch) == launch
    assert hash(again(launch)) == hash(launch)
    assert "friends" not in repr(launch)
    assert "100001" in repr(launch)
    with pytest.raises(AttributeError):
        launch.user_id = 1  # type: ignore[misc]
    with pytest.raises(TypeError):
        launch.params["vk_user_id"] = "1"  # type: ignore[index]
