"""What the simulated methods say of tokens."""

from __future__ import annotations

from typing import Any

import pytest

from vkauth.testing import VKSimulator

from .conftest import Browser, Clock

APP, OTHER_APP = 51000002, 51000003
KEY = "SAMPLE-SERVICE-KEY"


@pytest.fixture
def tokens(vk: VKSimulator) -> dict[str, str]:
    """One token of each kind."""
    vk.add_account(login="+79990000001")
    vk.add_app(APP, service_key=KEY)
    return {
        "user": vk.issue_token("+79990000001", scope=2 + 8192, client_id=APP),
        "group": vk.issue_group_token(7, scope=4 + 4096 + 8192 + 134217728),
        "service": KEY,
        "vkid": vk.issue_vkid_token("+79990000001", client_id=APP),
    }


async def code(browser: Browser, method: str, **params: str) -> Any:
    """The number of an error; ``None``: there is none."""
    return (await browser.method(method, **params)).get("error", {}).get("error_code")


@pytest.mark.parametrize(
    ("method", "codes"),
    [
        ("users.get", {"user": None, "group": None, "service": None, "vkid": None}),
        ("account.getAppPermissions", {"user": None, "group": 27, "service": 28, "vkid": 1051}),
        ("groups.getTokenPermissions", {"user": 15, "group": None, "service": 28, "vkid": 1051}),
        ("groups.getById", {"user": 100, "group": None, "service": 100, "vkid": 100}),
        ("secure.checkToken", {"user": 15, "group": 27, "service": 15, "vkid": 1051}),
    ],
)
async def test_a_method_is_for_some_kinds_of_tokens(
    browser: Browser, tokens: dict[str, str], method: str, codes: dict[str, int | None]
) -> None:
    """The others hear so; ``secure.checkToken`` hears of no token here."""
    assert {kind: await code(browser, method, access_token=text) for kind, text in tokens.items()} == codes


async def test_nobody_is_there_but_for_people(browser: Browser, tokens: dict[str, str]) -> None:
    """``users.get`` without ids has nobody to show for a community or an application."""
    found = {kind: (await browser.method("users.get", access_token=text))["response"] for kind, text in tokens.items()}
    assert {kind: len(people) for kind, people in found.items()} == {"user": 1, "group": 0, "service": 0, "vkid": 1}


async def test_rights_of_a_community(browser: Browser, tokens: dict[str, str]) -> None:
    """A mask, and each right by name."""
    answer = await browser.method("groups.getTokenPermissions", access_token=tokens["group"])
    assert answer["response"] == {
        "mask": 134230020,
        "permissions": [
            {"name": "photos", "setting": 4},
            {"name": "messages", "setting": 4096},
            {"name": "wall", "setting": 8192},
            {"name": "market", "setting": 134217728},
        ],
    }


async def test_a_token_is_checked_by_its_application(
    vk: VKSimulator, browser: Browser, tokens: dict[str, str], clock: Clock
) -> None:
    """A service key is told whose a token is and until when; of others, and of dead ones, that it is incorrect."""
    vk.add_app(OTHER_APP, service_key="SAMPLE-OTHER-KEY")
    ending = vk.issue_token("+79990000001", client_id=APP, expires_in=3600)

    async def check(token: str, key: str = KEY) -> Any:
        answer = await browser.method("secure.checkToken", access_token=key, token=token)
        return answer.get("response") or answer["error"]

    endless = await check(tokens["user"])
    assert endless == {"success": 1, "user_id": 100001, "date": endless["date"], "expire": 0}
    found = await check(ending)
    assert found["expire"] - found["date"] == 3600
    assert (await check(ending, "SAMPLE-OTHER-KEY"))["error_msg"] == "Access denied: Incorrect token"
    for token in (tokens["group"], tokens["vkid"], KEY, "nobody's", ""):
        assert (await check(token))["error_code"] == 15
    clock.now += 3601
    assert (await check(ending))["error_code"] == 15
    assert (await check(tokens["user"], "nobody's"))["error_code"] == 5


async def test_a_token_of_vkid_without_a_sign_in(vk: VKSimulator, browser: Browser, tokens: dict[str, str]) -> None:
    """VK ID tells whose it is, and so does the API."""
    by_vkid = await browser.post("id/oauth2/user_info", {"client_id": str(APP), "access_token": tokens["vkid"]})
    assert by_vkid.json["user"]["user_id"] == "100001"
    by_api = await browser.method("users.get", access_token=tokens["vkid"])
    assert by_api["response"][0]["id"] == 100001


@pytest.mark.parametrize(("number", "words"), [(6, "per second"), (9, "Flood"), (29, "Rate limit"), (1051, "profile")])
async def test_any_error_of_the_api_can_be_planned(
    vk: VKSimulator, browser: Browser, tokens: dict[str, str], number: int, words: str
) -> None:
    """With VK's words, once; an error that nobody knows is refused."""
    vk.faults.add(vk.api.fault(number), on="api/method/users.get")
    error = (await browser.method("users.get", access_token=tokens["user"]))["error"]
    assert error["error_code"] == number
    assert words in error["error_msg"]
    assert error["request_params"][0] == {"key": "method", "value": "users.get"}
    assert await code(browser, "users.get", access_token=tokens["user"]) is None
    with pytest.raises(ValueError, match="no error 4711 here: known are 1, 5"):
        vk.api.fault(4711)
