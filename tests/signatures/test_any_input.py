"""Whatever comes: a typed result or an error that may be shown, in no time, and nothing is let slip."""

from __future__ import annotations

import ast
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from costs import cost_of
from hypothesis import given
from hypothesis import strategies as st

import vkauth.signatures
from vkauth import AuthError, AuthErrorCode
from vkauth.signatures import (
    LaunchParams,
    OpenAPISession,
    sign_launch_params,
    verify_auth_key,
    verify_iframe_sign,
    verify_launch_params,
    verify_open_api_cookie,
)

from .samples import COOKIE, IFRAME, KEY, LAUNCH, LAUNCH_KEY, LAUNCH_SIGN, SECRET, WITH_KEYS

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SIZE = 2 * 1024 * 1024
LIMIT = 0.5  # seconds of CPU
PIECES = [
    "vk_user_id", "vk_app_id", "vk_ts", "sign", "sign_keys", "sig", "expire", "mid", "secret", "sid", "hash", "=", "&",
    "?", "#", "%", "%2", "%FF", "%76", "+", ",", "://", "1", "0", "9" * 30, "\ud800", "я", "٣", "\x00",
]  # fmt: skip

texts = (
    st.text(max_size=80)
    | st.lists(st.sampled_from(PIECES), max_size=30).map("".join)
    | st.sampled_from([COOKIE, IFRAME, WITH_KEYS, f"{LAUNCH}&sign={LAUNCH_SIGN}"]).flatmap(
        lambda good: st.builds(
            lambda at, length, piece: good[:at] + piece + good[at + length :],
            st.integers(0, len(good)),
            st.integers(0, 9),
            st.sampled_from([*PIECES, ""]),
        )
    )
)
mappings = st.dictionaries(st.sampled_from(PIECES) | st.text(max_size=5), texts, max_size=6)

CHECKS: dict[str, Callable[[Any, str], object]] = {
    "launch": lambda given, secret: verify_launch_params(given, secret, max_age=60, now=NOW),
    "launch of any age": verify_launch_params,
    "cookie": lambda given, secret: verify_open_api_cookie(given, secret, now=NOW),
    "iframe": verify_iframe_sign,
    "auth_key": lambda given, secret: verify_auth_key(given, api_id=1, viewer_id=2, secret=secret),
    "viewer": lambda given, secret: verify_auth_key("0" * 32, api_id=1, viewer_id=given, secret=secret),
}


def outcome(check: Callable[[Any, str], Any], text: str, secret: str) -> Any:
    """What comes of a check: its result, or what the error says."""
    try:
        return check(text, secret)
    except (AuthError, ValueError) as error:
        assert len(str(error).encode()) < 200  # noqa: PT017 - there may be none
        return str(error)


@given(texts, texts)
def test_any_text(text: str, secret: str) -> None:
    """Text of any kind, and any secret: what was signed, a refusal, or the word that the secret is none."""
    for check in CHECKS.values():
        for key in (KEY, LAUNCH_KEY, SECRET, secret):
            found = outcome(check, text, key)
            assert isinstance(found, LaunchParams | OpenAPISession | dict) or (
                found.startswith("[SIGNATURE_") or (found.startswith("secret") and key is secret)
            )


@given(mappings)
def test_any_mapping(params: dict[str, str]) -> None:
    """Decoded parameters of any kind are signed, or refused."""
    for check in (verify_launch_params, verify_iframe_sign):
        with pytest.raises(AuthError) as caught:
            check(params, KEY)
        assert caught.value.code is AuthErrorCode.SIGNATURE_INVALID


@given(
    st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=8).map("vk_x{}".format), st.text(
        st.characters(codec="utf-8"), max_size=12), max_size=5),
    st.sampled_from([quote, quote_plus]),
)  # fmt: skip
def test_what_is_signed_verifies(params: dict[str, str], encode: Callable[[str], str]) -> None:
    """Every text comes back as it was signed, whichever way an address spells it."""
    values = params | {"vk_user_id": "1", "vk_app_id": "2"}
    sign = sign_launch_params(values, KEY)
    query = "&".join(f"{encode(name)}={encode(value)}" for name, value in values.items())
    assert dict(verify_launch_params(f"{query}&sign={sign}", KEY).params) == values
    assert dict(verify_launch_params({**values, "sign": sign}, KEY).params) == values


def refused(check: Callable[[Any, str], object], given_params: object) -> None:
    """The check refuses them as wrongly signed."""
    with pytest.raises(AuthError) as caught:
        check(given_params, KEY)
    assert caught.value.code is AuthErrorCode.SIGNATURE_INVALID


def hostile() -> list[str]:
    """Inputs of the largest size, each made of one piece."""
    beginnings = ["", "vk_user_id=1&vk_app_id=2&sign=x&", "sign_keys=", "?", "https://x/?"]
    return [(start + piece * (SIZE // len(piece)))[:SIZE] for start in beginnings for piece in [*PIECES, "x=1&", "a&"]]


@pytest.mark.parametrize("name", CHECKS)
def test_the_largest_input_takes_no_time(name: str) -> None:
    """R1: 2 MiB of anything are refused at once, also just below the size that is looked at."""
    for text in hostile():
        for given_text in (text, text[: 64 * 1024]):
            assert cost_of(partial(refused, CHECKS[name], given_text)) < LIMIT, (name, text[:40])


@pytest.mark.parametrize("check", [verify_launch_params, verify_iframe_sign])
def test_the_largest_mapping_takes_no_time(check: Callable[[Any, str], object]) -> None:
    """R1: neither does one of as many names."""
    for params in ({f"vk_{number}": "" for number in range(SIZE // 10)}, {"vk_user_id": "x" * SIZE}):
        assert cost_of(partial(refused, check, params)) < LIMIT


def shown(error: BaseException) -> str:
    """What a tool prints that knows the variables of the library's frames."""
    parts = [repr(error), str(error)]
    for frame, _ in traceback.walk_tb(error.__traceback__):
        if "/tests/" not in frame.f_code.co_filename:
            parts += [f"{name}={value!r}" for name, value in frame.f_locals.items()]
    assert len(parts) > 2
    return "\n".join(parts)


RIGHT = sign_launch_params({"vk_user_id": 1, "vk_app_id": 2}, "CANARY_secret")
LEAKING: list[Callable[[], object]] = [
    lambda: verify_launch_params("vk_user_id=1&vk_app_id=2&access_token=CANARY&sign=CANARY", "CANARY_secret"),
    lambda: verify_launch_params("vk_user_id=1&vk_app_id=2&x=CANARY&x=CANARY&sign=x", "CANARY_secret"),
    lambda: verify_launch_params("x=CANARY%FF", "CANARY_secret"),
    lambda: verify_launch_params("CANARY" * 20_000, "CANARY_secret"),
    lambda: verify_launch_params({"vk_user_id": "1", "sign": "CANARY"}, "CANARY_secret"),
    lambda: verify_launch_params({"sign": "CANARY", "x": None}, "CANARY_secret"),  # type: ignore[dict-item]
    lambda: verify_launch_params(f"vk_user_id=1&vk_app_id=2&sign={RIGHT}", "CANARY_secret", max_age=1),
    lambda: verify_launch_params(f"vk_user_id=1&vk_app_id=2&sign={RIGHT}", "CANARY_secret", max_age=0),
    lambda: verify_launch_params("x=CANARY", "CANARY\ud800"),
    lambda: verify_launch_params(b"CANARY", "x"),  # type: ignore[arg-type]
    lambda: verify_launch_params([("x", "CANARY")], "x"),  # type: ignore[arg-type]
    lambda: verify_launch_params((("x", "CANARY"),), ["CANARY"]),  # type: ignore[arg-type]
    lambda: verify_launch_params({"x": ["CANARY"]}, "x"),  # type: ignore[dict-item]
    lambda: verify_iframe_sign({"CANARY"}, {"CANARY": 1}),  # type: ignore[arg-type]
    lambda: sign_launch_params([("vk_ref", "CANARY")], ["CANARY"]),  # type: ignore[arg-type]
    lambda: sign_launch_params({"CANARY_name": 1, "x": "CANARY"}, "CANARY\ud800"),
    lambda: sign_launch_params({"vk_ref": "CANARY", "x": None}, "CANARY"),  # type: ignore[dict-item]
    lambda: verify_open_api_cookie(f"{COOKIE}&x=CANARY", "CANARY_secret"),
    lambda: verify_open_api_cookie(f"{COOKIE}&mid=CANARY", "CANARY_secret"),
    lambda: verify_open_api_cookie({"sid": "CANARY"}, ["CANARY"]),  # type: ignore[arg-type]
    lambda: verify_auth_key("CANARY", api_id=1, viewer_id=2, secret="CANARY_secret"),
    lambda: verify_auth_key(["CANARY"], api_id=1, viewer_id=2, secret=("CANARY",)),  # type: ignore[arg-type]
    lambda: verify_auth_key("CANARY", api_id=1, viewer_id=None, secret="CANARY_secret"),  # type: ignore[arg-type]
    lambda: verify_iframe_sign(f"{IFRAME}&x=CANARY", "CANARY_secret"),
    lambda: verify_iframe_sign(f"{IFRAME}&hash=CANARY", "CANARY_secret"),
]


@pytest.mark.parametrize("number", range(len(LEAKING)))
def test_s1_no_traceback_shows_what_came_or_the_right_signature(number: int) -> None:
    """S1: neither the secret, nor what came, nor the signature that would have been right."""
    with pytest.raises((AuthError, ValueError, TypeError)) as caught:
        LEAKING[number]()
    text = shown(caught.value).replace("CANARY_name", "")
    assert "CANARY" not in text
    assert RIGHT not in text


def test_signatures_are_compared_in_constant_time() -> None:
    """There is one comparison of signatures, and it is the one whose time says nothing."""
    folder = Path(vkauth.signatures.__file__).parent
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in folder.glob("*.py")]
    calls = [ast.unparse(node.func) for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]
    assert calls.count("hmac.compare_digest") == 1
    assert calls.count("matches") == 4
