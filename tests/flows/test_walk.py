"""Walking through VK's pages, by hand."""

from __future__ import annotations

import traceback

import pytest
from saved_pages import load

from vkauth.errors import AuthError, AuthErrorCode
from vkauth.flows.steps import Flow, Send, send
from vkauth.flows.walk import MAX_REDIRECTS, SignIn
from vkauth.protocol.blank_page import Fragment
from vkauth.protocol.vkid_page import VKIDPage
from vkauth.wire.http import Request, get
from vkauth.wire.json import Fields

from .drive import PERSON, TYPED, Reply, data, saved, to
from .walking import BLANK, BLOCKED, CODE, PHONE, START, token_of, walking

# -- redirects --------------------------------------------------------------------------------------------------------


def test_the_shortest_walk() -> None:
    """Somebody who is logged in and has consented is sent to the end at once; that page is not fetched."""
    drive = walking()
    assert token_of(drive.play(to(BLANK))) == "vk1.a.SAMPLE"
    assert drive.paths == ["GET oauth.vk.ru/authorize"]


def test_redirects_are_followed_one_by_one() -> None:
    """H2: each hop is a GET of its own, also after a POST; a fragment is not sent."""
    drive = walking()
    drive.play(saved("login-mobile"), to("https://login.vk.ru/?act=slogin"), to("//oauth.vk.ru/next#x"), to(BLANK))
    assert drive.paths == ["GET oauth.vk.ru/authorize", "POST login.vk.ru/", "GET login.vk.ru/", "GET oauth.vk.ru/next"]
    assert [dict(each.form) for each in drive.sent[2:]] == [{}, {}]
    assert drive.sent[3].url.fragment == ""


def test_too_many_redirects() -> None:
    """H2: twenty are followed, the one after is not."""
    hops = [to(f"/hop?n={number}") for number in range(MAX_REDIRECTS)]
    assert token_of(walking().play(*hops, to(BLANK))) == "vk1.a.SAMPLE"
    drive = walking()
    error = drive.fails(*hops, to("/hop?n=last"))
    assert error.code is AuthErrorCode.UNEXPECTED_RESPONSE
    assert "circle" in error.message
    assert len(drive.sent) == MAX_REDIRECTS + 1


def test_a_redirect_to_itself() -> None:
    """A page may send the browser back once, after setting a cookie; more often is a loop."""
    assert token_of(walking().play(to("/a"), to("/a"), to(BLANK))) == "vk1.a.SAMPLE"
    drive = walking()
    assert drive.fails(to("/a"), to("/a"), to("/a")).code is AuthErrorCode.UNEXPECTED_RESPONSE
    assert len(drive.sent) == 3


def test_a_loop_of_two() -> None:
    """So is a circle through several addresses."""
    error = walking().fails(*[to("/a"), to("/b")] * 2, to("/a"))
    assert error.code is AuthErrorCode.UNEXPECTED_RESPONSE


def test_every_page_starts_the_count_anew() -> None:
    """Redirects are counted between pages: the same address may come again after the person did something."""
    drive = walking()
    drive.play(to("/a"), to("/a"), saved("login-mobile"), to("/a"), to("/a"), to(BLANK))
    assert len(drive.sent) == 6


@pytest.mark.parametrize("location", ["https://evil.example/", "http://oauth.vk.ru/", "/\\evil.example"])
def test_foreign_redirects(location: str) -> None:
    """Nothing is sent to where a foreign redirect leads."""
    drive = walking()
    assert drive.fails(saved("login-mobile"), to(location)).code is AuthErrorCode.UNTRUSTED_REDIRECT
    assert drive.paths == ["GET oauth.vk.ru/authorize", "POST login.vk.ru/"]


def test_a_redirect_that_would_repeat_the_password() -> None:
    """H2: a 307 after the password ends the walk."""
    drive = walking()
    assert drive.fails(saved("login-mobile"), to("/again", 307)).code is AuthErrorCode.UNTRUSTED_REDIRECT
    assert len(drive.sent) == 2


def test_errors_of_the_network_are_not_swallowed() -> None:
    """What the transport raises is what the walk raises."""
    broken = AuthError(AuthErrorCode.NETWORK_ERROR, "broken")
    assert walking().fails(to("/a"), broken) is broken


# -- consent ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["consent-form", "consent-script", "consent-script-cancel"])
def test_consent(name: str) -> None:
    """Consent is given by a form or by the address in a script, never with ``cancel`` (vknet#1214)."""
    drive = walking()
    drive.play(saved("login-mobile"), to(f"{START}&__q_hash=0a"), saved(name), to(BLANK))
    request = drive.sent[-1]
    assert (request.method, request.url.host, request.url.query["act"]) == ("POST", "login.vk.ru", "grant_access")
    assert "cancel" not in request.url.query


def test_consent_again_and_again() -> None:
    """Twice may be (an application that asks for more); a third time is a loop."""
    drive = walking()
    assert token_of(drive.play(saved("consent-form"), saved("consent-form"), to(BLANK))) == "vk1.a.SAMPLE"
    error = walking().fails(*[saved("consent-form")] * 3)
    assert error.code is AuthErrorCode.UNEXPECTED_RESPONSE
    assert "consent" in error.message


def test_consent_that_was_not_asked_for() -> None:
    """A verification gives no rights to anybody."""
    drive = walking(consent=False)
    error = drive.fails(saved("consent-form"))
    assert (error.code, error.redirect_uri) == (AuthErrorCode.VALIDATION_REQUIRED, START)
    assert len(drive.sent) == 1


# -- VK ID ------------------------------------------------------------------------------------------------------------


def passing(*results: Fragment | None) -> SignIn:
    """A way to pass VK ID's page that sends one request and ends in these results, one after the other."""
    left = list(results)

    def sign_in(page: VKIDPage, request: Request) -> Flow[Fragment | None]:
        assert page.uuid == "U-1"
        yield from send(get(request.url / "sign_in"))
        return left.pop(0)

    return sign_in


def test_vk_id_with_a_token() -> None:
    """The token of VK ID's page is the end."""
    done = Fragment(Fields({"access_token": "vk1.a.SAMPLE"}), load("vkid-login").response.received_at)
    drive = walking(sign_in=passing(done))
    assert drive.play(to("https://id.vk.ru/auth"), saved("vkid-login"), Reply()) is done


def test_vk_id_with_cookies() -> None:
    """Somebody who has logged in there goes on from the start."""
    drive = walking(sign_in=passing(None))
    drive.play(to("https://id.vk.ru/auth"), saved("vkid-login"), Reply(), to(BLANK))
    assert drive.paths[-1] == drive.paths[0]


def test_vk_id_again_and_again() -> None:
    """A login page that comes back after the login succeeded is a loop."""
    drive = walking(sign_in=passing(None, None, None))
    error = drive.fails(*[saved("vkid-login"), Reply()] * 3)
    assert error.code is AuthErrorCode.UNEXPECTED_RESPONSE
    assert "again" in error.message


def test_vk_id_for_the_person() -> None:
    """Where it cannot be passed here, the person has to pass it in a browser."""
    error = walking(PERSON).fails(to("https://id.vk.ru/auth?app_id=1"), saved("vkid-login"))
    assert (error.code, error.redirect_uri) == (AuthErrorCode.VALIDATION_REQUIRED, "https://id.vk.ru/auth?app_id=1")


# -- other ends -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ([to(BLOCKED)], AuthErrorCode.PAGE_BLOCKED),
        ([saved("login-mobile"), to(BLOCKED)], AuthErrorCode.PAGE_BLOCKED),
        ([to("https://vk.ru/challenge.html?hash429=0a")], AuthErrorCode.RATE_LIMITED),
        ([saved("rate-limited")], AuthErrorCode.RATE_LIMITED),
        ([saved("gateway-page")], AuthErrorCode.SERVER_ERROR),
        ([saved("error-security")], AuthErrorCode.APP_NOT_ALLOWED),
        ([data({"error": "invalid_request", "error_description": "Flood control"}, 401)], AuthErrorCode.FLOOD_CONTROL),
        ([saved("unknown-page")], AuthErrorCode.UNEXPECTED_RESPONSE),
        ([to("/auth_redirect?authorize_url=" + "?authorize_url=" * 1000)], AuthErrorCode.UNEXPECTED_RESPONSE),
        (
            [to("https://m.vk.ru/activation?act=validate"), saved("validate-noscript")],
            AuthErrorCode.VALIDATION_REQUIRED,
        ),
    ],
)
def test_other_ends(answers: list[Reply], code: AuthErrorCode) -> None:
    """Every page that is an end is an error of its own, and nothing is sent after it."""
    drive = walking()
    assert drive.fails(*answers).code is code
    assert len(drive.sent) == len(answers)


def test_the_person_is_not_shown() -> None:
    """S1: a traceback with locals shows no login, number or password."""
    shown = repr(PERSON) + repr((PERSON.login, PERSON.phone, PERSON.password))
    for secret in ("example.org", "9990000011", "SAMPLE"):
        assert secret not in shown


def test_a_traceback_shows_no_single_use_key() -> None:
    """S1: addresses with keys are in the frames of a failed walk as requests and answers, which do not show them."""
    hop = "https://m.vk.ru/login?act=authcheck&api_hash=0a0a0a0a0a"
    error = walking().fails(to(hop), to(hop), to(hop))
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__) if "/vkauth/" in frame.f_code.co_filename]
    assert frames
    assert "0a0a0a" not in repr([frame.f_locals for frame in frames])


def test_nothing_secret_is_in_an_address() -> None:
    """S3: along the longest walk every secret went in a body."""
    drive = walking()
    drive.play(
        saved("login-captcha-mobile"),
        TYPED,
        to(CODE),
        saved("code-form"),
        "987654",
        saved("code-captcha"),
        TYPED,
        to(PHONE),
        saved("phone-security-check-mobile"),
        to(f"{START}&__q_hash=0a"),
        saved("consent-form"),
        to(BLANK),
    )
    for step in drive.asked(Send):
        for secret in ("SAMPLE", "987654", "99900000", "t@example.org"):
            assert secret not in str(step.request.url)
            assert secret not in repr(step)
