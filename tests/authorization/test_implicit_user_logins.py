"""The implicit flow of a user: plain logins by both looks, and logins by the cookies of an earlier one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from support import LOGIN, PASSWORD, FakeClock, refused
from web_support import APP, LOOKS, OLD, Witness, granted, implicit, passwords

from vkauth import AuthError, CallbackService, Cookies, Endpoints
from vkauth.testing import LeakScanner, VKSimulator

# -- a token ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("look", OLD)
async def test_a_plain_login_by_the_old_forms(vk: VKSimulator, look: Any) -> None:
    """S3: five requests; the password is in one body and in no address."""
    account = vk.add_account(look=look, email="person@mail.example")
    token = await implicit(vk).run()
    assert vk.requests.paths() == [
        "GET oauth/authorize",
        "POST login/?act=login",
        "GET oauth/authorize",
        "GET oauth/authorize",
        "POST login/?act=grant_access",
    ]
    asked = vk.requests[0].query
    assert (asked["client_id"], asked["response_type"], asked["display"]) == (str(APP), "token", "mobile")
    assert (asked["v"], asked["scope"]) == ("5.199", "534757343")
    posted = vk.requests[1].form
    assert (posted["email"], posted["pass"]) == (LOGIN, PASSWORD)
    assert {"_origin", "ip_h", "lg_h" if look == "mobile" else "lg_domain_h", "to"} < posted.keys()
    assert passwords(vk) == 1
    vk.requests.assert_never_in_url(PASSWORD, token.token)
    issued = vk.issued[token.token]
    assert (issued.kind, issued.account, issued.client_id) == ("user", account, str(APP))
    assert (token.user_id, token.email, token.expires_in, token.expires_at) == (account.user_id, account.email, 0, None)


async def test_a_plain_login_by_vk_id(vk: VKSimulator) -> None:
    """S3: six requests, each named as coming from VK's page; the password is in one body and in no address."""
    account = vk.add_account()
    token = await implicit(vk).run()
    assert vk.requests.paths() == [
        "GET oauth/authorize",
        "GET id/auth",
        "POST api/method/auth.validateAccount",
        "POST login/?act=connect_authorize",
        "POST login/?act=connect_internal",
        "POST api/method/auth.getOauthToken",
    ]
    for each in vk.requests[2:]:
        assert each.headers["Origin"] == str(vk.base_url.origin())
    assert vk.requests[3].form["username"] == LOGIN
    assert vk.requests[3].form["password"] == PASSWORD
    assert passwords(vk) == 1
    vk.requests.assert_never_in_url(PASSWORD, *vk.issued)
    issued = vk.issued[token.token]
    assert (issued.kind, issued.account, issued.client_id) == ("user", account, str(APP))
    assert token.user_id == account.user_id


@pytest.mark.parametrize("look", LOOKS)
async def test_what_was_asked_for_is_sent(vk: VKSimulator, look: Any) -> None:
    """Scope and version; the phone in the place of the login; a day is a day from now."""
    account = vk.add_account(look=look)
    options: dict[str, Any] = {"login": None, "phone": LOGIN, "scope": "friends,wall", "api_version": "5.131"}
    token = await implicit(vk, **options).run()
    assert vk.requests[0].query["scope"] == "8194"
    assert vk.requests[0].query["v"] == "5.131"
    assert vk.issued[token.token].scope == 8194
    assert (token.scope, token.user_id, token.email) == ("8194", account.user_id, None)
    assert token.expires_in == 86400
    assert token.expires_at == FakeClock().now() + timedelta(days=1)


@pytest.mark.parametrize("look", LOOKS)
async def test_text_that_needs_quoting_arrives_as_it_is(vk: VKSimulator, look: Any) -> None:
    """A password with spaces, signs and letters of any alphabet (vknet#546)."""
    password = " &=+%;\"<пароль>'#?/\\ 😀"
    vk.add_account(look=look, password=password, login="o'hara+x@mail.example")
    await granted(vk, implicit(vk, password=password, login="o'hara+x@mail.example").run())
    vk.requests.assert_never_in_url(password)


@pytest.mark.parametrize("look", OLD)
@pytest.mark.parametrize("consent", ["form", "script", "none"])
@pytest.mark.parametrize("final", ["302", "auth_redirect", "auth_redirect_twice", "meta", "script"])
async def test_every_consent_and_every_end(vk: VKSimulator, look: Any, consent: Any, final: Any) -> None:
    """The token comes by a redirect, inside of an address once or twice encoded, or by a page that leads on."""
    account = vk.add_account(look=look, consent=consent, final=final, email="a&b=c#d%41@mail.example")
    token = await implicit(vk).run()
    assert vk.issued[token.token].account is account
    assert (token.user_id, token.email) == (account.user_id, account.email)
    grants = vk.requests.to("login/?act=grant_access")
    assert len(grants) == (consent != "none")
    assert not any("cancel" in each.query for each in grants)
    expected = 3 + 2 * (consent != "none") + (final in ("meta", "script"))
    assert len(vk.requests) == expected
    assert not vk.requests.to("oauth/blank.html")


@pytest.mark.parametrize("look", LOOKS)
async def test_one_connection_for_a_run(vk: VKSimulator, look: Any) -> None:
    """Every host of the simulator is at one address, so one handshake does."""
    vk.add_account(look=look, two_factor="sms", captcha="image", captcha_after_code=True)
    await granted(vk, implicit(vk).run())
    assert vk.requests.connections() == 1


@pytest.mark.parametrize("domain", ["vk.ru", "vk.com"])
@pytest.mark.parametrize("look", LOOKS)
async def test_under_vks_own_names(look: Any, domain: Any) -> None:
    """With the addresses of the real VK, by TLS: the cookies go to their hosts, the origin is of the right family."""
    async with VKSimulator(tls=True) as vk, aiohttp.ClientSession(connector=vk.connector()) as session:
        account = vk.add_account(look=look, two_factor="sms", captcha="image")
        login = implicit(vk, endpoints=Endpoints(domain), session=session)
        token = await login.run()
        assert vk.issued[token.token].account is account
        hosts = {each.host for each in vk.requests}
        assert hosts <= {f"{name}{domain}" for name in ("oauth.", "login.", "m.", "id.", "api.")}
        assert vk.requests.connections() == len(hosts)
        for each in vk.requests:
            assert ("p" not in each.cookies) or each.host == f"login.{domain}"
        vk.requests.clear()
        await granted(
            vk,
            implicit(vk, CallbackService(), endpoints=Endpoints(domain), session=session, cookies=login.cookies).run(),
        )
        assert passwords(vk) == 0


# -- sessions --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("look", LOOKS)
async def test_cookies_spare_password_and_code(vk: VKSimulator, look: Any) -> None:
    """``cookies`` of one run, stored as text, in another object: neither is asked for."""
    account = vk.add_account(look=look, two_factor="sms", captcha="image")
    first = implicit(vk)
    before = first.cookies
    await first.run()
    assert before is None
    assert first.cookies
    stored = first.cookies.dump()
    vk.requests.clear()
    second = implicit(vk, CallbackService(), cookies=Cookies.load(stored), password="not-needed")
    token = await second.run()
    assert vk.issued[token.token].account is account
    assert passwords(vk) == 0
    assert len(account.sent) == 1
    assert len(vk.requests) == (4 if look == "vkid" else 3)
    assert second.cookies


@pytest.mark.parametrize("look", LOOKS)
async def test_an_object_goes_on_with_its_own_cookies(vk: VKSimulator, look: Any) -> None:
    """A second run of the same object needs no password either."""
    account = vk.add_account(look=look, two_factor="sms")
    login = implicit(vk)
    one, other = await login.run(), await login.run()
    assert one.token != other.token
    assert passwords(vk) == 1
    assert len(account.sent) == 1


@pytest.mark.parametrize("look", LOOKS)
async def test_a_session_that_has_ended_is_begun_anew(vk: VKSimulator, look: Any) -> None:
    """The login is gone through again, once, and its cookies are good after it."""
    account = vk.add_account(look=look, two_factor="sms")
    login = implicit(vk)
    await login.run()
    before = login.cookies
    vk.end_sessions(LOGIN)
    vk.requests.clear()
    token = await login.run()
    assert vk.issued[token.token].account is account
    assert passwords(vk) == 1
    assert len(account.sent) == 2
    assert login.cookies != before
    vk.requests.clear()
    await login.run()
    assert passwords(vk) == 0


@pytest.mark.parametrize("look", LOOKS)
async def test_a_session_that_has_ended_and_a_wrong_password(vk: VKSimulator, look: Any) -> None:
    """It is the password that is reported; the cookies of before are kept as they were."""
    vk.add_account(look=look)
    first = implicit(vk)
    await first.run()
    vk.end_sessions(LOGIN)
    vk.requests.clear()
    second = implicit(vk, cookies=first.cookies, password="another-password")
    await refused(second.run(), "USERNAME_OR_PASSWORD_IS_INCORRECT")
    assert passwords(vk) == 1
    assert second.cookies == first.cookies


@pytest.mark.parametrize("look", LOOKS)
async def test_s5_cookies_alone(vk: VKSimulator, look: Any) -> None:
    """S5: neither login nor password need be kept; when the session has ended, that is what is said."""
    vk.add_account(look=look, two_factor="sms")
    first = implicit(vk)
    await first.run()
    vk.requests.clear()
    second = implicit(vk, CallbackService(), cookies=first.cookies, login=None, password=None)
    await granted(vk, second.run())
    vk.end_sessions(LOGIN)
    error = await refused(second.run(), "INVALID_GRANT")
    assert not error.retryable
    assert passwords(vk) == 0
    assert len(vk.account(LOGIN).sent) == 1


@pytest.mark.parametrize("look", LOOKS)
async def test_a_session_of_somebody_blocked_since(vk: VKSimulator, look: Any) -> None:
    """The cookies are good, the account is not: no token comes of it."""
    account = vk.add_account(look=look, two_factor="sms")
    login = implicit(vk)
    await login.run()
    account.banned = True
    vk.end_sessions(LOGIN)
    await refused(login.run(), "PAGE_BLOCKED")


@pytest.mark.parametrize("look", LOOKS)
async def test_the_cookies_of_accounts_are_apart(vk: VKSimulator, look: Any) -> None:
    """On a shared session one person's cookies never reach another's requests, nor the session's own."""
    for number in (1, 2):
        vk.add_account(look=look, login=f"+7999000000{number}")
    carried: list[set[str]] = []
    owners: list[Any] = []
    async with aiohttp.ClientSession() as session:
        for number in (1, 2, 1):
            name = f"+7999000000{number}"
            token = await implicit(vk, Witness(vk, name).callbacks, login=name, session=session).run()
            owners.append(vk.issued[token.token].account)
            carried.append({str(value) for each in vk.requests for value in each.cookies.values()})
            vk.requests.clear()
        assert not list(session.cookie_jar)
    assert owners == [vk.accounts[0], vk.accounts[1], vk.accounts[0]]
    assert all(carried)
    # "l" is the person's number, which the first and the third run have in common.
    sessions = [{value for value in each if value.startswith("SIMULATED-")} for each in carried]
    assert sessions[0].isdisjoint(sessions[1])
    assert sessions[1].isdisjoint(sessions[2])
    assert sessions[0].isdisjoint(sessions[2])


@pytest.mark.parametrize("look", LOOKS)
async def test_s1_nothing_of_a_session_is_shown(vk: VKSimulator, look: Any, no_leaks: LeakScanner) -> None:
    """S1, S2: object, cookies, token and log of a whole login keep password, code, cookies and tokens to themselves."""
    account = vk.add_account(
        look=look, password="CANARY-password", code="739154", two_factor="app", captcha="image", email="c@mail.example"
    )
    witness = Witness(vk)
    login = implicit(vk, witness.callbacks, password="CANARY-password")
    token = await login.run()
    assert login.cookies
    no_leaks.add(account.password, account.code, *vk.issued, *witness.answers)
    no_leaks.add(*(str(each.value) for each in login.cookies if each.name != "l"))
    no_leaks.scan(login, token, login.cookies, list(login.cookies), witness.callbacks)
    vk.end_sessions(LOGIN)
    with pytest.raises(AuthError) as caught:
        await implicit(vk, witness.callbacks, password="CANARY-password2", cookies=login.cookies).run()
    no_leaks.add("CANARY-password2", *vk.issued)
    no_leaks.scan(caught.value)
