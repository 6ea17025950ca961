"""Account verification: the pages behind API error 17, and every way they end in (on the simulator)."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest
from support import LOGIN, refused
from web_support import Witness, granted, verification
from yarl import URL

from vkauth import AccountVerification, CallbackService, Captcha, CaptchaType, Endpoints
from vkauth.testing import Fault, LeakScanner, VKSimulator

KINDS = ["security_check", "authcheck", "captcha", "validate"]


async def address_of_error_17(vk: VKSimulator) -> str:
    """What a call of an API method gives, for a token of this account."""
    token = vk.issue_token(LOGIN, scope=2, client_id=6222115)
    async with (
        aiohttp.ClientSession() as session,
        session.post(vk.endpoints.method("users.get"), data={"access_token": token, "v": "5.199"}) as answer,
    ):
        error = (await answer.json())["error"]
    assert error["error_code"] == 17
    vk.requests.clear()
    return str(error["redirect_uri"])


# -- pages -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "two_factor", "paths", "outcomes"),
    [
        ("security_check", None, ["mobile/login?act=security_check", "mobile/login.php?act=security_check"], []),
        (
            "authcheck",
            "sms",
            ["mobile/login?act=authcheck", "mobile/login?act=authcheck_code"],
            [("code", "accepted")],
        ),
        (
            "captcha",
            None,
            ["mobile/activation?act=captcha", "mobile/activation?act=captcha"],
            [("captcha", "accepted")],
        ),
        (
            "captcha",
            "sms",
            [
                "mobile/activation?act=captcha",
                "mobile/activation?act=captcha",
                "mobile/login?act=authcheck",
                "mobile/login?act=authcheck_code",
            ],
            [("captcha", "accepted"), ("code", "accepted")],
        ),
        (
            "validate",
            None,
            ["mobile/activation?act=validate", "mobile/activation?act=captcha", "mobile/activation?act=captcha"],
            [("captcha", "accepted")],
        ),
    ],
)
async def test_every_page(vk: VKSimulator, kind: Any, two_factor: Any, paths: list[str], outcomes: Any) -> None:
    """From the error to a new token for the same application and rights; the first request opens the address once."""
    account = vk.add_account(verification=kind, two_factor=two_factor)
    address = await address_of_error_17(vk)
    witness = Witness(vk)
    token = await verification(vk, witness.callbacks).run(address)
    assert [each.place for each in vk.requests] == paths
    assert [each.method for each in vk.requests].count("POST") == max(1, len(outcomes))
    assert witness.outcomes == outcomes
    issued = vk.issued[token.token]
    assert (issued.account, issued.client_id, issued.scope) == (account, "6222115", 2)
    assert (token.user_id, token.expires_in) == (account.user_id, 0)
    assert vk.requests.connections() == 1


async def test_an_address_as_an_object(vk: VKSimulator) -> None:
    """``yarl.URL`` will do."""
    vk.add_account(verification="security_check")
    await granted(vk, verification(vk).run(URL(vk.verification_url(LOGIN))))


@pytest.mark.parametrize("domain", ["vk.ru", "vk.com"])
@pytest.mark.parametrize("kind", KINDS)
async def test_under_vks_own_names(kind: Any, domain: Any) -> None:
    """VK may lead to either family of its hosts, whichever the endpoints speak to."""
    async with VKSimulator(tls=True) as vk, aiohttp.ClientSession(connector=vk.connector()) as session:
        account = vk.add_account(verification=kind, two_factor="app" if kind == "authcheck" else None)
        address = vk.verification_url(LOGIN, domain=domain)
        token = await verification(vk, endpoints=Endpoints(), session=session).run(address)
        assert vk.issued[token.token].account is account
        assert {each.host for each in vk.requests} == {f"m.{domain}"}


async def test_the_type_of_the_captcha(vk: VKSimulator) -> None:
    """A handler can tell what it is for; its picture can be seen."""
    vk.add_account(verification="captcha")
    callbacks = CallbackService()
    seen: list[tuple[CaptchaType, bytes]] = []

    @callbacks.on_captcha
    async def on_captcha(captcha: Captcha) -> str:
        seen.append((captcha.type, (await captcha.image())[:4]))
        return vk.captcha_text(captcha.sid or "")

    await granted(vk, verification(vk, callbacks).run(vk.verification_url(LOGIN)))
    assert seen == [(CaptchaType.ACCOUNT_VERIFICATION, b"\x89PNG")]


@pytest.mark.parametrize(
    ("scene", "code", "kinds"),
    [
        ({"verification": "captcha"}, "FAILED_PASSED_CAPTCHA", ["captcha"]),
        ({"verification": "validate"}, "FAILED_PASSED_CAPTCHA", ["captcha"]),
        ({"verification": "authcheck", "two_factor": "app"}, "WRONG_OTP", ["code"]),
    ],
)
async def test_r5_three_wrong_answers_end_it(vk: VKSimulator, scene: Any, code: str, kinds: list[str]) -> None:
    """R5: the count of another library was never looked at here."""
    vk.add_account(**scene)
    witness = Witness(vk, wrong=3)
    await refused(verification(vk, witness.callbacks).run(vk.verification_url(LOGIN)), code)
    assert witness.outcomes == [(kinds[0], code)] * 3
    assert [attempt for _, attempt, _ in witness.seen] == [1, 2, 3]


@pytest.mark.parametrize("kind", ["captcha", "validate", "authcheck"])
async def test_wrong_answers_are_asked_again(vk: VKSimulator, kind: Any) -> None:
    """Two wrong ones of each kind and then right ones."""
    vk.add_account(verification=kind, two_factor="sms")
    witness = Witness(vk, wrong=2)
    await granted(vk, verification(vk, witness.callbacks).run(vk.verification_url(LOGIN)))
    codes = [("code", "WRONG_OTP")] * 2 + [("code", "accepted")]
    captchas = [("captcha", "FAILED_PASSED_CAPTCHA")] * 2 + [("captcha", "accepted")]
    assert witness.outcomes == (codes if kind == "authcheck" else captchas + codes)


async def test_no_handlers(vk: VKSimulator) -> None:
    """What is missing is named."""
    account = vk.add_account(verification="captcha")
    login = verification(vk, CallbackService())
    await refused(login.run(vk.verification_url(LOGIN)), "MISSING_CAPTCHA_HANDLER")
    account.verification = "authcheck"
    await refused(login.run(vk.verification_url(LOGIN)), "MISSING_TWO_FACTOR_HANDLER")


# -- the phone number ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options",
    [
        {"login": "+79990000001"},
        {"login": "79990000001"},
        {"login": "8 (999) 000-00-01"},
        {"login": "0079990000001"},
        {"login": "+0079990000001"},
        {"login": None, "phone": "+7 999 000 00 01"},
        {"login": "p@mail.example", "phone": "+79990000001"},
        {"login": "+79991112233", "phone": "+79990000001"},
    ],
    ids=lambda each: "-".join(map(str, each.values())),
)
async def test_the_digits_of_the_number(vk: VKSimulator, options: dict[str, Any]) -> None:
    """However the number is written; ``phone`` comes before ``login``."""
    vk.add_account(verification="security_check")
    await granted(vk, verification(vk, **options).run(vk.verification_url(LOGIN)))
    assert vk.requests.last.form["code"] == "99900000"


@pytest.mark.parametrize(
    ("options", "posts"),
    [
        ({"login": "p@mail.example"}, 0),
        ({"login": "somebody"}, 0),
        ({"login": "+79991112299"}, 0),
        ({"login": "+1"}, 0),
        ({"login": "+49990000001"}, 0),
        ({"login": "+79991112201"}, 1),
    ],
)
async def test_a_number_that_is_missing_or_wrong(vk: VKSimulator, options: dict[str, Any], posts: int) -> None:
    """Nothing is sent for a number that cannot be right; one that VK refuses is not sent again."""
    vk.add_account(verification="security_check")
    error = await refused(verification(vk, **options).run(vk.verification_url(LOGIN)), "INVALID_PHONE_NUMBER")
    assert len(vk.requests.to("mobile/login.php")) == posts
    assert options["login"] not in str(error)


# -- ends ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        ("success_without_token", "TOKEN_UNCHANGED"),
        ("fail", "AUTHORIZATION_FAILED"),
        ("cancel", "ACCESS_DENIED"),
    ],
)
async def test_every_other_outcome(vk: VKSimulator, kind: Any, outcome: Any, code: str) -> None:
    """Each has a code of its own. The handlers hear of success at once, and else what the run ended in."""
    vk.add_account(verification=kind, two_factor="app" if kind == "authcheck" else None, verification_outcome=outcome)
    witness = Witness(vk)
    error = await refused(verification(vk, witness.callbacks).run(vk.verification_url(LOGIN)), code)
    assert not error.retryable
    told = "accepted" if outcome == "success_without_token" else code
    assert [result for _, result in witness.outcomes] == [told] * (kind != "security_check")


@pytest.mark.parametrize(
    ("fragment", "code"),
    [
        ("", "UNEXPECTED_RESPONSE"),
        ("error=access_denied&error_description=User%20denied", "ACCESS_DENIED"),
        ("success=0", "UNEXPECTED_RESPONSE"),
        ("something=else", "UNEXPECTED_RESPONSE"),
    ],
)
async def test_ends_that_say_something_else(vk: VKSimulator, fragment: str, code: str) -> None:
    """No token is made of nothing."""
    vk.add_account(verification="security_check")
    address = vk.verification_url(LOGIN)
    vk.faults.add(Fault.redirect(f"{vk.endpoints.blank}#{fragment}"), on="mobile/login.php")
    await refused(verification(vk).run(address), code)


async def test_a_page_that_needs_a_browser(vk: VKSimulator) -> None:
    """Since 2023 VK builds it by script (vk-io#544): the person opens its address."""
    vk.add_account(verification="validate_js", two_factor="sms")
    address = vk.verification_url(LOGIN)
    error = await refused(verification(vk).run(address), "VALIDATION_REQUIRED")
    assert error.redirect_uri == address
    assert address not in str(error)
    assert address not in repr(error)
    assert len(vk.requests) == 1
    assert "success=1" in vk.confirm_in_browser(error.redirect_uri)


@pytest.mark.parametrize("kind", KINDS)
async def test_an_address_works_once(vk: VKSimulator, kind: Any) -> None:
    """Used a second time it is an answer that is not understood, after a single request."""
    vk.add_account(verification=kind, two_factor="app" if kind == "authcheck" else None)
    address = vk.verification_url(LOGIN)
    login = verification(vk)
    await granted(vk, login.run(address))
    vk.requests.clear()
    await refused(login.run(address), "UNEXPECTED_RESPONSE")
    assert len(vk.requests) == 1


async def test_an_address_that_was_opened_elsewhere(vk: VKSimulator) -> None:
    """The same for one that another browser has opened."""
    vk.add_account(verification="authcheck", two_factor="sms")
    address = vk.verification_url(LOGIN)
    async with aiohttp.ClientSession() as session, session.get(address) as answer:
        assert answer.status == 200
    await refused(verification(vk).run(address), "UNEXPECTED_RESPONSE")


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/login?act=security_check&api_hash=0123",
        "https://m.vk.ru.evil.example/login?act=security_check",
        "https://evilvk.ru/login",
        "https://m.vk.ru@evil.example/login",
        "https://user:pass@m.vk.ru/login",
        "https://evil.example/?next=https://m.vk.ru/login",
        "http://m.vk.ru/login",
        "ftp://m.vk.ru/login",
        "https://m.vk.ru:444/login",
        "//m.vk.ru/login",
        "/login?act=security_check",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "",
    ],
)
async def test_h1_a_foreign_address_is_refused_before_any_request(vk: VKSimulator, address: str) -> None:
    """H1: by its parsed parts; nothing leaves this machine, and nobody is asked anything."""
    vk.add_account(verification="captcha")
    witness = Witness(vk)
    await refused(verification(vk, witness.callbacks, endpoints=Endpoints()).run(address), "UNTRUSTED_REDIRECT")
    await refused(verification(vk, witness.callbacks).run(address), "UNTRUSTED_REDIRECT")
    assert len(vk.requests) == 0
    assert witness.seen == []


@pytest.mark.parametrize("address", ["http://xn--a/", "https://[", "x" * 20_000])
async def test_what_is_no_address_is_a_mistake_of_the_caller(address: str) -> None:
    """Also where only the codec of host names finds it out; the message does not repeat it."""
    with pytest.raises(ValueError, match=r"^redirect_uri is not an address$") as caught:
        await AccountVerification(login=LOGIN).run(address)
    assert type(caught.value) is ValueError


async def test_a_login_page_needs_a_password(vk: VKSimulator) -> None:
    """A verification has none, so it is the person's turn, in a browser."""
    vk.add_account(look="page", verification="security_check")
    address = f"{vk.endpoints.url('oauth', '/authorize')}?client_id=6222115"  # type: ignore[arg-type]
    error = await refused(verification(vk).run(address), "VALIDATION_REQUIRED")
    assert error.redirect_uri == address


async def test_one_object_many_addresses(vk: VKSimulator) -> None:
    """It keeps nothing of a run: every address is passed from its beginning."""
    vk.add_account(verification="authcheck", two_factor="app")
    login = verification(vk)
    tokens = {(await login.run(vk.verification_url(LOGIN))).token for _ in range(3)}
    assert len(tokens) == 3
    opened = vk.requests.to("mobile/login?act=authcheck")
    assert [dict(each.cookies) for each in opened] == [{}, {}, {}]


async def test_s1_nothing_of_it_is_shown(vk: VKSimulator, no_leaks: LeakScanner) -> None:
    """S1, S2: the address is a key; it, the answers and the tokens stay out of logs, looks and errors."""
    vk.add_account(verification="captcha", two_factor="app", code="739154")
    address = vk.verification_url(LOGIN)
    witness = Witness(vk)
    login = verification(vk, witness.callbacks)
    token = await login.run(address)
    error = await refused(login.run(address), "UNEXPECTED_RESPONSE")
    no_leaks.add("739154", *vk.issued, *witness.answers)
    no_leaks.scan(login, token, error)
    no_leaks.add(URL(address).query["api_hash"])
    no_leaks.scan(login, token, str(error), repr(error), repr(vars(error)))
