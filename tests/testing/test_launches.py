"""What applications are opened with inside of VK, as :mod:`vkauth.signatures` reads it: neither knows the other."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import parse_qs, parse_qsl

import pytest

from vkauth import AuthError, AuthErrorCode
from vkauth.signatures import verify_auth_key, verify_iframe_sign, verify_launch_params, verify_open_api_cookie
from vkauth.testing import VKSimulator

from .conftest import Clock

LOGIN = "+79990000001"
APP = 51000002
SECRET = "sample-protected-key"


def test_a_mini_app(vk: VKSimulator, clock: Clock) -> None:
    """Is told who opened it and when; the application's secret is what it is signed with."""
    account = vk.add_account(login=LOGIN)
    app = vk.add_app(APP, SECRET)
    query = vk.launches.mini_app(account, app, vk_access_token_settings="friends,wall", vk_ref="ü &=я", own="1")
    launch = verify_launch_params(f"https://app.example/?{query}", SECRET, now=datetime.now(UTC), max_age=3600)
    assert (launch.user_id, launch.app_id) == (account.user_id, APP)
    assert launch.params["vk_access_token_settings"] == "friends,wall"
    assert launch.params["vk_ref"] == "ü &=я"
    assert "own" not in launch.params
    assert "own=1" in query
    clock.now += 3601
    later = verify_launch_params(vk.launches.mini_app(LOGIN, app), SECRET).timestamp
    assert later is not None
    assert launch.timestamp is not None
    assert (later - launch.timestamp).total_seconds() == 3601


def test_another_application_does_not_believe_it(vk: VKSimulator) -> None:
    """Neither does one that gets it changed."""
    vk.add_account(login=LOGIN)
    app = vk.add_app(APP, SECRET)
    query = vk.launches.mini_app(LOGIN, app)
    for changed, secret in ((query, "another-key"), (query.replace("=100001", "=100002"), SECRET)):
        with pytest.raises(AuthError) as caught:
            verify_launch_params(changed, secret)
        assert caught.value.code is AuthErrorCode.SIGNATURE_INVALID


def test_an_application_in_a_frame(vk: VKSimulator) -> None:
    """Has both of the old signatures."""
    account = vk.add_account(login=LOGIN)
    query = vk.launches.iframe(account, api_result='{"a": "я"}', access_token="SAMPLE")
    signed = verify_iframe_sign(query, vk.apps.sample.client_secret)
    assert (signed["viewer_id"], signed["access_token"]) == (str(account.user_id), "SAMPLE")
    assert "api_result" not in signed
    assert parse_qs(query)["api_result"] == ['{"a": "я"}']
    app = vk.apps.sample
    verify_auth_key(signed["auth_key"], api_id=app.client_id, viewer_id=account.user_id, secret=app.client_secret)


def test_the_cookie_of_the_open_api(vk: VKSimulator) -> None:
    """Says who logged in to a site, and ends; nobody else should see its key."""
    account = vk.add_account(login=LOGIN)
    cookie = vk.launches.open_api_cookie(account, lifetime=60)
    session = verify_open_api_cookie(cookie, vk.apps.sample.client_secret)
    assert session.user_id == account.user_id
    assert session.sid == dict(parse_qsl(cookie))["sid"]
    assert session.sid in {secret for secret, _ in vk.secrets}
    with pytest.raises(AuthError) as caught:
        verify_open_api_cookie(vk.launches.open_api_cookie(LOGIN, lifetime=-1), vk.apps.sample.client_secret)
    assert caught.value.code is AuthErrorCode.SIGNATURE_EXPIRED


def test_nobody_and_nothing_to_sign_with(vk: VKSimulator) -> None:
    """Is told."""
    with pytest.raises(LookupError, match="no account"):
        vk.launches.mini_app("nobody")
    vk.add_account(login=LOGIN)
    with pytest.raises(LookupError, match="no client_secret"):
        vk.launches.mini_app(LOGIN, vk.add_app(APP))
