"""``auth_key`` and the old ``sign`` of applications in a frame."""

from __future__ import annotations

from typing import Any

import pytest
from multidict import MultiDict
from yarl import URL

from vkauth import AuthError, AuthErrorCode
from vkauth.signatures import verify_auth_key, verify_iframe_sign

from .samples import IFRAME, KEY, SECRET

AUTH_KEY = "ad22e271a545ff8c453a707e64ccebde"
SIGN = "503a9d8cd4f184ac545294cfbbeb992da3e65b82578138f1cf043e71f47c747f"
SIGNED = {
    "api_url": "https://api.vk.com/api.php",
    "api_id": "7000001",
    "viewer_id": "100001",
    "access_token": "",
    "user_id": "2",
    "lc_name": "d b",
}


@pytest.mark.parametrize("api_id", [6736218, "6736218"])
@pytest.mark.parametrize("viewer_id", [494075, "494075"])
def test_an_auth_key(api_id: int | str, viewer_id: int | str) -> None:
    """Numbers may come as text, as addresses have them."""
    verify_auth_key(AUTH_KEY, api_id=api_id, viewer_id=viewer_id, secret=SECRET)


@pytest.mark.parametrize(
    "change",
    [
        {"auth_key": ""},
        {"auth_key": AUTH_KEY.upper()},
        {"auth_key": AUTH_KEY + "0"},
        {"auth_key": "я"},
        {"auth_key": "\ud800"},
        {"api_id": 6736219},
        {"viewer_id": 494076},
        {"viewer_id": ""},
        {"viewer_id": "0"},
        {"viewer_id": "+494075"},
        {"viewer_id": "494075 "},
        {"viewer_id": "494075\n"},
        {"viewer_id": "٤"},
        {"viewer_id": "9" * 20},
        {"secret": "test_secre"},
    ],
)
def test_an_auth_key_that_is_not_vks(change: dict[str, Any]) -> None:
    """For another user, another application, or of another secret."""
    options: dict[str, Any] = {"auth_key": AUTH_KEY, "api_id": 6736218, "viewer_id": 494075, "secret": SECRET} | change
    with pytest.raises(AuthError) as caught:
        verify_auth_key(**options)
    assert caught.value.code is AuthErrorCode.SIGNATURE_INVALID


@pytest.mark.parametrize(("api_id", "viewer_id"), [("6736218_494075", "test"), ("6736218", "494075_test")])
def test_an_auth_key_cannot_be_cut_elsewhere(api_id: str, viewer_id: str) -> None:
    """What is signed has no separators of its own: with a shorter secret the same text could be made of other ids."""
    with pytest.raises(AuthError) as caught:
        verify_auth_key(AUTH_KEY, api_id=api_id, viewer_id=viewer_id, secret="secret")
    assert caught.value.code is AuthErrorCode.SIGNATURE_INVALID


@pytest.mark.parametrize(
    ("change", "wrong", "named"),
    [
        ({"secret": ""}, ValueError, "secret"),
        ({"secret": None}, TypeError, "secret"),
        ({"auth_key": None}, TypeError, "auth_key"),
        ({"auth_key": b"x"}, TypeError, "auth_key"),
        ({"api_id": 0}, ValueError, "api_id"),
        ({"api_id": -1}, ValueError, "api_id"),
        ({"api_id": 10**5000}, ValueError, "api_id"),
        ({"api_id": True}, TypeError, "api_id"),
        ({"viewer_id": None}, TypeError, "viewer_id"),
        ({"viewer_id": 1.0}, TypeError, "viewer_id"),
    ],
)
def test_a_wrong_argument_is_named(change: dict[str, Any], wrong: type[Exception], named: str) -> None:
    """A mistake of the program's is none of the visitor's."""
    options: dict[str, Any] = {"auth_key": AUTH_KEY, "api_id": 1, "viewer_id": 2, "secret": SECRET} | change
    with pytest.raises(wrong, match=f"^{named}"):
        verify_auth_key(**options)


@pytest.mark.parametrize(
    "query",
    [
        IFRAME,
        f"?{IFRAME}#x",
        URL(f"https://app.example/?{IFRAME}"),
        SIGNED | {"sign": SIGN},
        {"hash": "", "sign": SIGN} | SIGNED | {"api_result": "anything"},
    ],
)
def test_an_old_sign(query: Any) -> None:
    """Only what was signed comes back, in the order in which it came; the signature and what is anybody's do not."""
    found = verify_iframe_sign(query, KEY)
    assert found == SIGNED
    assert list(found) == list(SIGNED)
    assert type(found) is dict
    assert "100001" not in repr(found)


@pytest.mark.parametrize(
    "query",
    [
        IFRAME.replace("100001", "100002"),
        IFRAME.replace("&viewer_id=100001", "") + "&viewer_id=100001",
        IFRAME.replace(SIGN, SIGN.upper()),
        IFRAME.replace(SIGN, ""),
        IFRAME.replace(f"&sign={SIGN}", ""),
        f"{IFRAME}&new=1",
        f"{IFRAME}&viewer_id=100001",
        f"{IFRAME}&hash=x",
        MultiDict([*SIGNED.items(), ("sign", SIGN), ("user_id", "2")]),
        SIGNED | {"sign": "\ud800"},
        {"sign": ""},
        "",
    ],
)
def test_an_old_sign_that_is_not_vks(query: Any) -> None:
    """A value changed or moved, something more, or a name twice."""
    with pytest.raises(AuthError) as caught:
        verify_iframe_sign(query, KEY)
    assert caught.value.code is AuthErrorCode.SIGNATURE_INVALID


@pytest.mark.parametrize("secret", ["", " "])
def test_an_empty_secret_signs_nothing(secret: str) -> None:
    """Anybody could sign with it."""
    with pytest.raises(ValueError, match=r"^secret"):
        verify_iframe_sign(IFRAME, secret)
