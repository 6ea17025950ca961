"""What methods say of a token, and what that means."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from costs import cost_of
from hypothesis import given
from saved_pages import answer, json_answer

from vkauth.errors import AuthError
from vkauth.errors import AuthErrorCode as Code
from vkauth.protocol import token_info as protocol
from vkauth.protocol.token_info import Owner, Unavailable
from vkauth.wire.http import Response

from .hostile import VK, fuzz, objects, outcome, responses

URL = "https://api.vk.ru/method/x"
IN_2030 = datetime(2030, 1, 1, tzinfo=UTC)
PERSON = {"id": 100001, "first_name": "Sample", "last_name": "Person"}
READERS: dict[str, Callable[[Response], object]] = {
    "person": lambda response: protocol.read_person(response, VK),
    "rights": lambda response: protocol.read_user_rights(response, VK),
    "group rights": lambda response: protocol.read_group_rights(response, VK),
    "group": lambda response: protocol.read_group(response, VK),
    "end": lambda response: protocol.read_end(response, VK, 100001),
    "vkid": protocol.read_vkid_person,
}


def result(value: object) -> Response:
    """What a method gives."""
    return json_answer(URL, {"response": value})


def error(number: int, text: str = "Said", **more: object) -> Response:
    """What a method refuses with."""
    return json_answer(URL, {"error": {"error_code": number, "error_msg": text} | more})


def fails(reader: str, response: Response) -> AuthError:
    """Read what has to be an error."""
    with pytest.raises(AuthError) as caught:
        READERS[reader](response)
    return caught.value


def test_requests() -> None:
    """S3: all are POSTs with the tokens in the body; none names anybody, and none can change anything."""
    plain = protocol.reading_request(VK, protocol.USERS, "vk1.a.SAMPLE", "5.199")
    assert (plain.method, str(plain.url)) == ("POST", "https://api.vk.ru/method/users.get")
    assert plain.form == {"access_token": "vk1.a.SAMPLE", "v": "5.199"}
    check = protocol.check_request(VK, "vk1.a.SAMPLE", "SAMPLE_KEY", "5.199")
    assert str(check.url) == "https://api.vk.ru/method/secure.checkToken"
    assert check.form == {"access_token": "SAMPLE_KEY", "token": "vk1.a.SAMPLE", "v": "5.199"}
    vkid = protocol.vkid_person_request(VK, "vk2.a.SAMPLE", "1")
    assert (vkid.method, str(vkid.url)) == ("POST", "https://id.vk.ru/oauth2/user_info")
    assert vkid.form == {"access_token": "vk2.a.SAMPLE", "client_id": "1"}
    assert "SAMPLE" not in "".join(repr(each.form) for each in (plain, check, vkid))


@pytest.mark.parametrize(
    ("person", "name"),
    [
        (PERSON, "Sample Person"),
        (PERSON | {"last_name": ""}, "Sample"),
        (PERSON | {"first_name": " ", "last_name": None}, None),
        ({"id": "100001"}, None),
    ],
)
def test_a_person(person: dict[str, object], name: str | None) -> None:
    """``users.get`` shows the owner; a name may be missing."""
    assert READERS["person"](result([person, {"id": 2}])) == Owner(100001, name)


def test_nobody() -> None:
    """An empty list: the token is good, and nobody's."""
    assert READERS["person"](result([])) is None


@pytest.mark.parametrize("mask", [8194, "8194"])
def test_rights_of_a_user(mask: object) -> None:
    """A bare mask."""
    assert READERS["rights"](result(mask)) == {"friends", "wall"}


@pytest.mark.parametrize("name", ["permissions", "settings"])
def test_rights_of_a_community(name: str) -> None:
    """The mask counts, the list names what is not known; both names of the list are read."""
    listed: list[object] = [{"name": "new", "setting": 2}, {"name": "x", "setting": -1}, {"setting": 16}, "x"]
    assert READERS["group rights"](result({"mask": 2 + 4 + 16, name: listed})) == {"new", "photos", "16"}
    assert READERS["group rights"](result({"mask": 4})) == {"photos"}


@pytest.mark.parametrize(
    "name", ["1", "32", "manage,wall", "Wall", "x" * 65, "x\n", "\u202ewall", "\ud800", "", " ", 5]
)
def test_a_right_of_a_community_that_is_called_by_no_name(name: object) -> None:
    """It stands as its number: another one, or two names, would be taken for what they are not."""
    listed = [{"name": name, "setting": 16}]
    assert READERS["group rights"](result({"mask": 16, "permissions": listed})) == {"16"}


@pytest.mark.parametrize("wrap", [lambda groups: groups, lambda groups: {"groups": groups, "profiles": []}])
def test_a_community(wrap: Callable[[object], object]) -> None:
    """A list in old versions of the API, in an object since."""
    assert READERS["group"](result(wrap([{"id": 7, "name": "Sample"}]))) == Owner(7, "Sample")


@pytest.mark.parametrize(("expire", "end"), [(0, None), (1893456000, IN_2030), ("1893456000", IN_2030)])
def test_the_end(expire: object, end: datetime | None) -> None:
    """0 is no end."""
    assert READERS["end"](result({"success": 1, "user_id": 100001, "date": 1, "expire": expire})) == end


def test_a_person_of_vkid() -> None:
    """The number is text there."""
    user = {"user_id": "100001", "first_name": "Sample", "last_name": "Person"}
    assert READERS["vkid"](json_answer(URL, {"user": user})) == Owner(100001, "Sample Person")


WORDS = "User authorization failed: method is unavailable with group auth."


@pytest.mark.parametrize(
    ("reader", "number", "text"),
    [
        *(("person", number, "Said") for number in (7, 15, 20, 23, 27, 100, 113, 1051)),
        *(("rights", number, "Said") for number in (7, 15, 27, 1051)),
        *(("group rights", number, "Said") for number in (7, 15, 28, 1051)),
        *((reader, number, WORDS) for reader in ("person", "rights", "group rights") for number in (5, 27, 28)),
    ],
)
def test_a_method_for_other_tokens(reader: str, number: int, text: str) -> None:
    """Which says nothing about whether the token is alive."""
    assert READERS[reader](error(number, text)) == Unavailable(number)


def test_a_service_key_is_told_apart() -> None:
    """Of those who hear that a method is not for them."""
    assert Unavailable(28).is_for_a_service_key
    assert not Unavailable(27).is_for_a_service_key


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (1, Code.SERVER_ERROR),
        (2, Code.INVALID_GRANT),
        (3, Code.UNEXPECTED_RESPONSE),
        (5, Code.INVALID_GRANT),
        (6, Code.RATE_LIMITED),
        (8, Code.UNEXPECTED_RESPONSE),
        (9, Code.FLOOD_CONTROL),
        (10, Code.SERVER_ERROR),
        (14, Code.RATE_LIMITED),
        (17, Code.VALIDATION_REQUIRED),
        (18, Code.PAGE_BLOCKED),
        (29, Code.RATE_LIMITED),
        (104, Code.UNEXPECTED_RESPONSE),
        (1114, Code.INVALID_GRANT),
        (1117, Code.INVALID_GRANT),
        (3609, Code.INVALID_GRANT),
        (3610, Code.PAGE_BLOCKED),
        (99999, Code.UNEXPECTED_RESPONSE),
        (-1, Code.UNEXPECTED_RESPONSE),
    ],
)
@pytest.mark.parametrize("reader", ["person", "rights", "group rights"])
def test_refusals(reader: str, number: int, code: Code) -> None:
    """What is wrong with the token, what may pass, and what nobody knows: VK's words and number are there."""
    refusal = fails(reader, error(number))
    assert refusal.code is code
    assert refusal.details["error_code"] == str(number)
    assert "Said" in refusal.message


@pytest.mark.parametrize(("reader", "number"), [("person", 28), ("rights", 28), ("group rights", 27)])
def test_keys_that_are_dead(reader: str, number: int) -> None:
    """The same numbers without the word that the method is not available."""
    assert fails(reader, error(number, "authorization failed")).code is Code.INVALID_GRANT


@pytest.mark.parametrize("text", ["user is blocked", "application is blocked"])
def test_what_is_blocked(text: str) -> None:
    """The person, or the application: its tokens are dead then."""
    expected = Code.PAGE_BLOCKED if text.startswith("user") else Code.INVALID_GRANT
    assert fails("person", error(5, f"User authorization failed: {text}.")).code is expected


def test_a_page_to_pass() -> None:
    """Its address goes along."""
    page = "https://m.vk.ru/activation?act=validate&hash=SAMPLE"
    assert fails("person", error(17, redirect_uri=page)).redirect_uri == page


@pytest.mark.parametrize(
    ("number", "text", "code"),
    [
        (15, "Access denied: Incorrect token", Code.INVALID_GRANT),
        (15, "Access denied: Incorrect token invalid_token", Code.INVALID_GRANT),
        (15, "Access denied: no access to call this method", Code.APP_NOT_ALLOWED),
        (5, "User authorization failed: invalid access_token (4).", Code.APP_NOT_ALLOWED),
        (5, "User authorization failed: you should pass client_secret", Code.APP_NOT_ALLOWED),
        (7, "Permission denied", Code.APP_NOT_ALLOWED),
        (8, "Invalid request: this method is unavailable by client credential flow", Code.APP_NOT_ALLOWED),
        (28, "Application authorization failed", Code.APP_NOT_ALLOWED),
        (27, "Group authorization failed", Code.APP_NOT_ALLOWED),
        (1051, "wrong profile", Code.APP_NOT_ALLOWED),
        (6, "Too many", Code.RATE_LIMITED),
        (9, "Flood", Code.FLOOD_CONTROL),
        (1, "Unknown error", Code.SERVER_ERROR),
        (100, "ip is invalid", Code.UNEXPECTED_RESPONSE),
    ],
)
def test_refusals_of_a_service_key(number: int, text: str, code: Code) -> None:
    """What is wrong with the key is not wrong with the token."""
    assert fails("end", error(number, text)).code is code


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("invalid_token", Code.INVALID_GRANT),
        ("invalid_client", Code.APP_NOT_ALLOWED),
        ("slow_down", Code.RATE_LIMITED),
        ("server_error", Code.SERVER_ERROR),
        ("invalid_request", Code.UNEXPECTED_RESPONSE),
        ("access_denied", Code.UNEXPECTED_RESPONSE),
        ("never heard of", Code.UNEXPECTED_RESPONSE),
    ],
)
@pytest.mark.parametrize("status", [200, 401])
def test_refusals_of_vkid(name: str, code: Code, status: int) -> None:
    """By name, whatever the status; VK's words are in the details."""
    refusal = fails("vkid", json_answer(URL, {"error": name, "error_description": "Said"}, status=status))
    assert refusal.code is code
    assert refusal.details["error_description"] == "Said"


@pytest.mark.parametrize(
    ("reader", "value"),
    [
        ("person", {}),
        ("person", 1),
        ("person", None),
        ("person", ["x"]),
        ("person", [{}]),
        ("person", [{"id": 0}]),
        ("person", [{"id": -1}]),
        ("person", [{"id": 2**63}]),
        ("person", [{"id": True}]),
        ("rights", None),
        ("rights", -1),
        ("rights", 2**63),
        ("rights", [1]),
        ("rights", True),
        ("group rights", {}),
        ("group rights", []),
        ("group rights", 4),
        ("group rights", {"mask": -1}),
        ("group rights", {"permissions": [{"name": "photos", "setting": 4}]}),
        ("group", []),
        ("group", {}),
        ("group", 1),
        ("group", {"groups": []}),
        ("group", {"groups": [{"name": "Sample"}]}),
        ("end", {}),
        ("end", []),
        ("end", {"success": 0, "user_id": 100001, "expire": 0}),
        ("end", {"success": 1, "user_id": 2, "expire": 0}),
        ("end", {"success": 1, "user_id": 100001}),
        ("end", {"success": 1, "user_id": 100001, "expire": -1}),
        ("end", {"success": 1, "user_id": 100001, "expire": 10**12}),
        ("end", {"success": 1, "user_id": 100001, "expire": "soon"}),
    ],
)
def test_answers_that_are_none(reader: str, value: object) -> None:
    """Nothing is guessed."""
    assert fails(reader, result(value)).code is Code.UNEXPECTED_RESPONSE


@pytest.mark.parametrize("value", [{}, {"user": {}}, {"user": []}, {"user": {"user_id": "x"}}, {"user_id": "1"}, []])
def test_answers_of_vkid_that_are_none(value: object) -> None:
    """Nothing is guessed there either."""
    assert fails("vkid", json_answer(URL, value)).code is Code.UNEXPECTED_RESPONSE


def test_a_community_that_is_not_told() -> None:
    """A key that has rights and no community is not understood."""
    assert fails("group", error(15)).code is Code.UNEXPECTED_RESPONSE


@pytest.mark.parametrize("reader", READERS)
def test_gateways(reader: str) -> None:
    """Pages in front of VK say nothing about a token."""
    assert fails(reader, answer(URL, "<html>502</html>", status=502)).code is Code.SERVER_ERROR
    assert fails(reader, answer(URL, "", status=429)).code is Code.RATE_LIMITED
    assert fails(reader, answer(URL, "<html>")).code is Code.UNEXPECTED_RESPONSE


SIZE = 2 * 1024 * 1024
LIMIT = 0.5  # seconds of CPU


@pytest.mark.parametrize(
    ("before", "piece", "after"),
    [
        ('{"response": ', "9", "}"),
        ('{"response": [', "{},", "{}]}"),
        ('{"response": [{"id": 1, "first_name": "', " ", '"}]}'),
        ('{"response": {"groups": [{"id": "', "9", '"}]}}'),
        ('{"response": {"mask": 4611686018427387903, "permissions": [', '{"name": "x", "setting": 1024},', "{}]}}"),
        ('{"error": {"error_code": 15, "error_msg": "', "incorrect token ", '"}}'),
        ('{"error": {"error_code": 5, "error_msg": "', "access_token was given to another ip ", '"}}'),
        ('{"user": {"user_id": "', "1", '"}}'),
    ],
)
def test_the_longest_answers_about_tokens(before: str, piece: str, after: str) -> None:
    """R1: whatever is repeated up to the largest size that is accepted is read in half a second."""
    response = answer(URL, before + piece * ((SIZE - len(before) - len(after)) // len(piece)) + after)
    for read in READERS.values():
        assert cost_of(lambda read=read: outcome(lambda: read(response))) < LIMIT  # type: ignore[misc]


@pytest.mark.parametrize("reader", READERS)
@given(response=responses)
@fuzz
def test_any_answer(reader: str, response: Response) -> None:
    """Every answer is read, or is an error that can be shown."""
    check_result(outcome(lambda: READERS[reader](response)))


@pytest.mark.parametrize("reader", READERS)
@given(value=objects)
@fuzz
def test_any_object(reader: str, value: dict[str, Any]) -> None:
    """So is every object, as the answer and inside of one."""
    for content in (value, {"response": value}, {"response": [value]}, {"error": value}, {"user": value}):
        check_result(outcome(lambda content=content: READERS[reader](answer(URL, json.dumps(content)))))  # type: ignore[misc]


def check_result(found: object) -> None:
    """What is read can be used."""
    assert found is None or isinstance(found, AuthError | Owner | Unavailable | frozenset | datetime)
    if isinstance(found, Owner):
        assert found.id > 0
        assert found.name is None or found.name.strip().encode()
