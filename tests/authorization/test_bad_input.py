"""What comes to the logins through a browser that is none of theirs: cut, doubled, of another login, answered twice."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import pytest
import pytest_asyncio
from support import refused
from yarl import URL

from vkauth import AuthError, AuthErrorCode, BrowserAuthorization, TokenSet
from vkauth.testing import LeakScanner

from .code_flow_support import HERE, Service, back, claims, code_flow, grant, vkid

Code = AuthErrorCode
KINDS = {"vkid": vkid, "code_flow": code_flow}
OLD = TokenSet(
    access_token="CANARY-old", refresh_token="CANARY-refresh", device_id="CANARY-device", user_id="77", claims=claims()
)


@pytest_asyncio.fixture
async def service() -> AsyncIterator[Service]:
    """A server in the place of VK's."""
    async with Service().running() as running:
        yield running


@pytest.fixture(params=KINDS)
def login(request: pytest.FixtureRequest, service: Service) -> Any:
    """A login by each code flow."""
    return KINDS[request.param](service)


# -- the state -------------------------------------------------------------------------------------------------------


async def test_o2_the_state_of_another_login(service: Service, login: Any) -> None:
    """O2: of the same object, under way at the same time, or of another one: the callbacks are not mixed up."""
    mine, other = login.authorization_request(), login.authorization_request()
    foreign = KINDS["vkid" if login.__class__.__name__ == "VKIDAuthorization" else "code_flow"](
        service, random_hex=lambda octets: "ab" * octets
    ).authorization_request()
    for each in (other, foreign):
        await refused(login.exchange(back(each), mine), Code.STATE_MISMATCH)
        await refused(login.exchange(back(each, code=None, error="access_denied"), mine), Code.STATE_MISMATCH)
    assert service.asked == []


@pytest.mark.parametrize("state", [None, "", " ", "CANARY", "x" * 43, "\x00", "%"])
async def test_o2_a_state_that_is_none(service: Service, login: Any, state: str | None) -> None:
    """O2: missing, empty, too short, any other."""
    asked = login.authorization_request()
    error = await refused(login.exchange(back(asked, state=state), asked), Code.STATE_MISMATCH)
    LeakScanner(["CANARY", asked.state]).scan(error)
    assert service.asked == []


async def test_o2_nearly_the_state(service: Service, login: Any) -> None:
    """O2: in other letters, cut, longer, or with something before it."""
    asked = login.authorization_request()
    for near in (asked.state.swapcase(), asked.state[:-1], f"{asked.state}x", f" {asked.state}", asked.state * 2):
        await refused(login.exchange(back(asked, state=near), asked), Code.STATE_MISMATCH)
    assert service.asked == []


async def test_o1_a_state_that_was_used(service: Service, login: Any) -> None:
    """O1: whatever VK made of it; a callback that is handed in again gives nothing, and sends nothing."""
    taken, turned_down = login.authorization_request(), login.authorization_request()
    service.answers = [grant(), {"error": "invalid_grant", "error_description": "code was already used"}]
    await login.exchange(back(taken), taken)
    await refused(login.exchange(back(turned_down), turned_down), Code.INVALID_GRANT)
    for asked in (taken, turned_down):
        await refused(login.exchange(back(asked), asked), Code.STATE_MISMATCH)
    assert len(service.asked) == 2


# -- the address -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda text: text[: text.index("state=") + 20], Code.STATE_MISMATCH),  # cut
        (lambda text: text.partition("?")[0], Code.STATE_MISMATCH),
        (lambda text: text.partition("?")[2], Code.UNTRUSTED_REDIRECT),
        (lambda text: text + text, Code.UNEXPECTED_RESPONSE),  # doubled
        (lambda text: f"{text}&{text.partition('?')[2]}", Code.UNEXPECTED_RESPONSE),
        (lambda text: quote(text, safe=""), Code.UNTRUSTED_REDIRECT),  # encoded as a whole
        (lambda text: text.replace("&", "%26").replace("=", "%3D"), Code.STATE_MISMATCH),
        (lambda text: text.replace("?", "#"), Code.STATE_MISMATCH),
        (lambda text: f"{text}&x={'x' * 16 * 1024}", Code.UNTRUSTED_REDIRECT),
        (lambda text: f"{text}&{'&'.join(['a=1'] * 200)}", Code.UNEXPECTED_RESPONSE),
        (lambda text: text.replace("http://", "https://"), Code.UNTRUSTED_REDIRECT),
        (lambda text: text.replace("localhost", "localhost@evil.example"), Code.UNTRUSTED_REDIRECT),
        (lambda text: text.replace("localhost", "localhost:80@evil.example"), Code.UNTRUSTED_REDIRECT),
        (lambda text: text.replace("localhost", "localhost.evil.example"), Code.UNTRUSTED_REDIRECT),
        (lambda text: text.replace("/cb?", "/cb\\?"), Code.UNTRUSTED_REDIRECT),
        (lambda text: text + "&x=\\", Code.UNTRUSTED_REDIRECT),
        (lambda text: text + "\r\nx", Code.UNTRUSTED_REDIRECT),
        (lambda text: "", Code.UNTRUSTED_REDIRECT),
    ],
)
async def test_a_callback_that_was_spoilt(service: Service, login: Any, spoil: Any, code: AuthErrorCode) -> None:
    """On its way through a clipboard, or by somebody: nothing is sent, and the right one still works."""
    asked = login.authorization_request()
    error = await refused(login.exchange(spoil(back(asked)), asked), code)
    LeakScanner(["CANARY", asked.state]).scan(error)
    assert service.asked == []
    service.answers = [grant()]
    assert await login.exchange(back(asked), asked)


async def test_addresses_of_other_flows(service: Service, login: Any) -> None:
    """The end of the implicit flow is no callback, and a callback is no end of it."""
    asked = login.authorization_request()
    for foreign in (
        f"{HERE}#access_token=CANARY&expires_in=0&user_id=1&state={asked.state}",
        f"{HERE}?success=1&access_token=CANARY",
    ):
        await refused(login.exchange(foreign, asked), Code.STATE_MISMATCH)
    blank = f"https://oauth.vk.ru/blank.html#access_token=CANARY&expires_in=0&user_id=1&state={asked.state}"
    await refused(login.exchange(blank, asked), Code.UNTRUSTED_REDIRECT)
    assert service.asked == []
    implicit = BrowserAuthorization(client_id=1, redirect_uri=HERE)
    with pytest.raises(AuthError, match="brings a code") as caught:
        implicit.finish(str(URL(back(asked)).update_query(state=implicit.state or "")))
    assert caught.value.code is Code.UNEXPECTED_RESPONSE


# -- answers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("missing", [..., None, ""])
async def test_o7_a_refresh_without_a_refresh_token(service: Service, missing: Any) -> None:
    """O7: the one that was sent is kept, so that the tokens can be refreshed at all; VK may refuse it then."""
    service.answers = [grant(refresh_token=missing, id_token=...), grant(id_token=...)]
    flow = vkid(service)
    tokens = await flow.refresh(OLD)
    assert (tokens.access_token, tokens.refresh_token) == ("vk2.a.CANARY-access", "CANARY-refresh")
    await flow.refresh(tokens)
    assert [each.form["refresh_token"] for each in service.asked] == ["CANARY-refresh"] * 2


@pytest.mark.parametrize("answer", [{"refresh_token": "x"}, {"access_token": ""}, {"access_token": 5}, {}, "[]", "1"])
async def test_a_refresh_that_gives_no_tokens(service: Service, answer: Any) -> None:
    """It is no answer, and the old tokens stay as they are."""
    service.answers = [answer]
    await refused(vkid(service).refresh(OLD), Code.UNEXPECTED_RESPONSE)
    assert OLD.access_token == "CANARY-old"
