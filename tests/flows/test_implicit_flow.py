"""The implicit flow, by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from vkauth.errors import AuthError, AuthErrorCode, MissingGroupsError
from vkauth.flows.implicit import ImplicitOptions, implicit_groups, implicit_user
from vkauth.flows.person import Person
from vkauth.flows.steps import Flow, Forget
from vkauth.flows.vkid import Application

from .drive import PERSON, TYPED, Drive, api, context, data, saved, to

APPLICATION = Application(client_id="6000001", scope="65538", device_id="d1")
BLANK = "https://oauth.vk.ru/blank.html#"
USER = f"{BLANK}access_token=vk1.a.SAMPLE&expires_in=86400&user_id=100001"
CONSENT = (
    "https://id.vk.ru/auth?return_auth_hash=0123456789abcdef01&redirect_uri=https%3A%2F%2Foauth.vk.ru%2Fblank.html"
    "&app_id=6000001&response_type=token&scope=65538&state="
)
OKAY = data({"type": "okay", "data": {"access_token": "SAMPLE_web", "auth_user_hash": "SAMPLE_auh"}})
UNAUTHORIZED = data({"type": "error", "error_code": "", "error_info": "unauthorized"})
BY_PASSWORD = api({"sid": "s1"})
TOKEN = api({"access_token": "vk1.a.SAMPLE", "user_id": 100001, "expires_in": 0})


def logging_in(
    flow: Callable[..., Flow[Any]] = implicit_user, *group_ids: int, person: Person = PERSON, resumed: bool = False
) -> Drive[Any]:
    """A login by the implicit flow."""
    options = ImplicitOptions(person=person, application=APPLICATION, group_ids=group_ids, resumed=resumed)
    return Drive(flow(context(), options))


def test_what_is_asked_for() -> None:
    """The authorize address names the application and the rights, and nothing of the person (docs/vk.md, 3.1)."""
    drive = logging_in()
    drive.play(to(USER))
    (request,) = drive.sent
    assert (request.method, request.url.host, request.url.path) == ("GET", "oauth.vk.ru", "/authorize")
    assert dict(request.url.query) == {
        "client_id": "6000001",
        "redirect_uri": "https://oauth.vk.ru/blank.html",
        "display": "mobile",
        "scope": "65538",
        "response_type": "token",
        "v": "5.199",
    }


def test_what_is_asked_for_communities() -> None:
    """Communities are named by their positive ids."""
    drive = logging_in(implicit_groups, 200002, 200001)
    drive.play(to(f"{BLANK}access_token_200001=A&access_token_200002=B"))
    assert drive.sent[0].url.query["group_ids"] == "200002,200001"


def test_the_old_pages() -> None:
    """Login, captcha, code, digits, consent, token: every page of the old login in one walk."""
    drive = logging_in()
    token = drive.play(
        saved("login-mobile"),
        saved("login-captcha-mobile"),
        TYPED,
        to("https://m.vk.ru/login?act=authcheck"),
        saved("code-form"),
        "123456",
        to("https://m.vk.ru/login?act=security_check"),
        saved("phone-security-check-mobile"),
        to("https://oauth.vk.ru/authorize?__q_hash=0a"),
        saved("consent-form"),
        to("https://oauth.vk.ru/auth_redirect?app_id=6000001"),
        saved("auth-redirect-meta"),
    )
    assert (token.token, token.user_id, token.expires_in, token.scope) == ("vk1.a.SAMPLE_user", 100001, 86400, "65538")


def test_vk_id() -> None:
    """The pages of today: the address says which token is wanted, so it is given right after the login."""
    drive = logging_in()
    token = drive.play(to(CONSENT), saved("vkid-login"), BY_PASSWORD, OKAY, OKAY, TOKEN)
    assert (token.token, token.user_id, token.scope) == ("vk1.a.SAMPLE", 100001, "65538")


def test_vk_id_by_way_of_its_cookies() -> None:
    """A login page that does not know the token gives cookies; with them the authorize address leads to it."""
    drive = logging_in()
    login = [to("https://id.vk.ru/auth"), saved("vkid-login"), BY_PASSWORD, OKAY]
    token = drive.play(*login, to(CONSENT), saved("vkid-consent"), OKAY, TOKEN)
    assert token.token == "vk1.a.SAMPLE"
    assert [each.url.name for each in drive.sent].count("auth.validateAccount") == 1


def test_stale_cookies() -> None:
    """Cookies of a session that has ended are thrown away once, and the login begins anew, in whichever look."""
    drive = logging_in(resumed=True)
    stale = [to(CONSENT), saved("vkid-consent"), UNAUTHORIZED]
    token = drive.play(*stale, to("https://id.vk.ru/auth"), saved("vkid-login"), BY_PASSWORD, OKAY, to(USER))
    assert token.token == "vk1.a.SAMPLE"
    assert drive.asked(Forget) == [Forget()]
    drive = logging_in(resumed=True)
    assert drive.play(*stale, saved("login-mobile"), to(USER)).token == "vk1.a.SAMPLE"


def test_cookies_that_stay_stale() -> None:
    """Beginning anew has an end."""
    drive = logging_in(resumed=True)
    error = drive.fails(*[to(CONSENT), saved("vkid-consent"), UNAUTHORIZED] * 3)
    assert error.code is AuthErrorCode.UNEXPECTED_RESPONSE


@pytest.mark.parametrize(
    ("fragment", "code"),
    [
        ("error=access_denied&error_reason=user_denied&error_description=User%20denied", AuthErrorCode.ACCESS_DENIED),
        ("error=invalid_request&error_description=Security%20Error", AuthErrorCode.APP_NOT_ALLOWED),
        ("state=x", AuthErrorCode.UNEXPECTED_RESPONSE),
        ("access_token=&user_id=1", AuthErrorCode.UNEXPECTED_RESPONSE),
        ("", AuthErrorCode.UNEXPECTED_RESPONSE),
    ],
)
def test_an_end_without_a_token(fragment: str, code: AuthErrorCode) -> None:
    """The person refused, the application may not, or nothing was said."""
    assert logging_in().fails(to(BLANK + fragment)).code is code


def test_vk_id_that_gives_no_token() -> None:
    """An answer of the last call without a token is not understood."""
    error = logging_in().fails(to(CONSENT), saved("vkid-consent"), OKAY, api({"is_partial": True}))
    assert error.code is AuthErrorCode.UNEXPECTED_RESPONSE


def test_communities_in_the_order_asked_for() -> None:
    """Tokens come as VK likes, and are returned as they were asked for; others are left out."""
    drive = logging_in(implicit_groups, 3, 1)
    tokens = drive.play(to(f"{BLANK}access_token_1=A&access_token_2=B&access_token_3=C&expires_in=0"))
    assert [(each.group_id, str(each.token)) for each in tokens.groups] == [(3, "C"), (1, "A")]


@pytest.mark.parametrize(
    ("fragment", "missing", "came"),
    [
        ("access_token_2=B", (3, 1), [2]),
        ("access_token_1=A&access_token_3=C", (2,), [3, 1]),
        ("access_token=USER&user_id=1", (3, 2, 1), []),
        ("", (3, 2, 1), []),
    ],
)
def test_communities_that_are_missing(fragment: str, missing: tuple[int, ...], came: list[int]) -> None:
    """The tokens that came are not lost (vk-io#431): the error has them, and names the others."""
    error = logging_in(implicit_groups, 3, 2, 1).fails(to(BLANK + fragment))
    assert isinstance(error, MissingGroupsError)
    assert error.code is AuthErrorCode.ACCESS_DENIED
    assert error.group_ids == missing
    assert [each.group_id for each in error.tokens.groups] == came
    assert "A" not in repr(error.tokens).replace("GroupToken", "")


def test_communities_that_the_person_refused() -> None:
    """A refusal is one, not a list of missing communities."""
    error = logging_in(implicit_groups, 1).fails(to(f"{BLANK}error=access_denied"))
    assert error.code is AuthErrorCode.ACCESS_DENIED
    assert not isinstance(error, MissingGroupsError)


@pytest.mark.parametrize("flow", [implicit_user, implicit_groups])
def test_what_happens_on_the_way(flow: Callable[..., Flow[Any]]) -> None:
    """Errors of the pages are the errors of the login."""
    blocked = logging_in(flow, 1).fails(saved("login-mobile"), to("https://vk.ru/login?act=blocked"))
    assert blocked.code is AuthErrorCode.PAGE_BLOCKED
    broken = AuthError(AuthErrorCode.TIMEOUT, "slow")
    assert logging_in(flow, 1).fails(broken) is broken
