"""What is handed over in the fragment of ``blank.html``."""

from __future__ import annotations

import itertools
from datetime import timedelta
from functools import partial

import pytest
from costs import cost_of
from saved_pages import NOW
from yarl import URL

from vkauth.errors import AuthError, AuthErrorCode
from vkauth.models import GroupToken
from vkauth.protocol.blank_page import Fragment, read_fragment
from vkauth.protocol.endpoints import Endpoints
from vkauth.wire.json import Fields

VK = Endpoints()


def read(fragment: str) -> Fragment:
    """The fields of a finished login."""
    found = read_fragment(URL(f"https://oauth.vk.ru/blank.html#{fragment}", encoded=True), VK, NOW)
    assert found is not None
    return found


def test_a_user_token() -> None:
    """All parts of a token, decoded once."""
    found = read("access_token=vk1.a.SAMPLE&expires_in=86400&user_id=100001&email=t%2B1%40example.org&secret=SAMPLE_s")
    token = found.user_token("65538")
    assert token is not None
    assert (token.token, token.user_id, token.email, token.secret) == (
        "vk1.a.SAMPLE",
        100001,
        "t+1@example.org",
        "SAMPLE_s",
    )
    assert (token.expires_in, token.expires_at, token.scope) == (86400, NOW + timedelta(days=1), "65538")
    assert found.refusal() is None
    assert found.outcome is None
    assert found.group_tokens() == {}


def test_group_tokens() -> None:
    """The third part of a name is the community; names that only look like one are left out."""
    found = read(
        "access_token_200001=vk1.a.ONE&access_token_200002=vk1.a.TWO&expires_in=60&access_token_=x&access_token_3="
        "&access_token_x=x&access_token_4_5=x&xaccess_token_6=x&access_token_%D9%A7=x&access_token_" + "9" * 21 + "=x"
    )
    end = NOW + timedelta(seconds=60)
    assert found.group_tokens() == {
        200001: GroupToken(group_id=200001, token="vk1.a.ONE", expires_in=60, expires_at=end),
        200002: GroupToken(group_id=200002, token="vk1.a.TWO", expires_in=60, expires_at=end),
    }
    assert found.user_token(None) is None


@pytest.mark.parametrize("expires_in", ["soon", "-1", "", "1e5", "9" * 30])
def test_tokens_of_unknown_life(expires_in: str) -> None:
    """A lifetime that cannot be read is an error, for either kind of token; it is not "without an end"."""
    with pytest.raises(AuthError, match="expires_in") as caught:
        read(f"access_token_1=SAMPLE&expires_in={expires_in}").group_tokens()
    assert caught.value.code is AuthErrorCode.UNEXPECTED_RESPONSE
    with pytest.raises(AuthError, match="expires_in"):
        read(f"access_token=SAMPLE&expires_in={expires_in}").user_token(None)


def test_group_tokens_without_an_end() -> None:
    """Without ``expires_in`` they do not expire."""
    (token,) = read("access_token_1=x").group_tokens().values()
    assert (token.expires_in, token.expires_at) == (0, None)


@pytest.mark.parametrize(
    ("fragment", "code"),
    [
        ("error=access_denied&error_reason=user_denied&error_description=User%20denied", AuthErrorCode.ACCESS_DENIED),
        ("error=invalid_request&error_description=Security+Error", AuthErrorCode.APP_NOT_ALLOWED),
        ("error=", AuthErrorCode.AUTHORIZATION_FAILED),
        ("error=server_error&access_token=x", AuthErrorCode.SERVER_ERROR),
    ],
)
def test_refusals(fragment: str, code: AuthErrorCode) -> None:
    """An ``error`` is one, whatever else is there."""
    error = read(fragment).refusal()
    assert error is not None
    assert error.code is code


@pytest.mark.parametrize(
    ("fragment", "outcome"),
    [
        ("success=1", "success"),
        ("success=1&access_token=x", "success"),
        ("fail=1", "fail"),
        ("cancel=1", "cancel"),
        ("success=0&fail=1", "fail"),
        ("success=yes", None),
        ("access_token=x", None),
        ("", None),
    ],
)
def test_outcomes(fragment: str, outcome: str | None) -> None:
    """How a verification ended."""
    assert read(fragment).outcome == outcome


def test_values_are_decoded_once() -> None:
    """What VK sends back comes as it was sent."""
    assert read("state=a%26b%3Dc%2525").fields.text("state") == "a&b=c%25"


def test_the_query_where_there_is_no_fragment() -> None:
    """The page behind a passed captcha says it in the query."""
    found = read_fragment(URL("https://oauth.vk.com/blank.html?success=1"), VK, NOW)
    assert found is not None
    assert found.outcome == "success"


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/?next=https://oauth.vk.ru/blank.html#access_token=x",
        "https://oauth.vk.ru/BLANK.HTML#access_token=x",
        "https://oauth.vk.ru/blank.html/#access_token=x",
        "https://oauth.vk.ru//blank.html#access_token=x",
        "https://login.vk.ru/blank.html#access_token=x",
        "http://oauth.vk.ru/blank.html#access_token=x",
        "https://x@oauth.vk.ru/blank.html#access_token=x",
    ],
)
def test_other_places(url: str) -> None:
    """H3: the parsed scheme, host and path say whether it is the one, and nothing less."""
    assert read_fragment(URL(url), VK, NOW) is None


def test_too_many_fields() -> None:
    """Thousands of fields are not read: there is nothing in them."""
    found = read("&".join(f"a{number}=1" for number in range(1001)))
    assert list(found.fields) == []
    assert len(list(read("&".join(f"a{number}=1" for number in range(1000))).fields)) == 1000


NUMBERS = itertools.count()


def read_all(text: str) -> None:
    """Ask an address that has nothing for all that it may have. It is another one each time: addresses are cached."""
    url = URL(f"https://oauth.vk.ru/blank.html#{text}{next(NUMBERS)}", encoded=True)
    found = read_fragment(url, VK, NOW)
    assert found is not None
    assert (found.user_token(None), found.refusal(), found.outcome) == (None, None, None)
    assert all(group_id < 10**20 for group_id in found.group_tokens())


@pytest.mark.parametrize(
    "piece",
    ["access_token_" + "9" * 5000 + "=x&", "%41", "%", "a=", "&", "access_token_1=x&", "+", "%D9%A7", "a"],
)
def test_the_longest_fragments(piece: str) -> None:
    """R1: 2 MiB are not read at all; the longest that is read costs next to nothing."""
    for size in (2 * 1024 * 1024, 256 * 1024 - 10):
        text = piece * (size // len(piece))
        assert cost_of(partial(read_all, text)) < 0.5


def test_the_tokens_of_many_communities() -> None:
    """A thousand tokens of the usual length fit."""
    fragment = "&".join(f"access_token_{number}=vk1.a.{'x' * 200}" for number in range(100_000, 101_000))
    assert len(read(fragment).group_tokens()) == 1000


def test_hostile_text() -> None:
    """Bytes that are no UTF-8, lone surrogates and odd pairs give values or nothing, not errors."""
    found = read("access_token=%FF%00\udcff&&=x&a&b=%")
    token = found.user_token(None)
    assert token is not None
    assert str(token.token) == "\ufffd\x00?"
    assert repr(found).count("SAMPLE") == 0


def test_a_list_of_communities() -> None:
    """The same as JSON has it: numbers or text, and whatever is no token is left out."""
    groups = [
        {"group_id": 1, "access_token": "vk1.a.SAMPLE_1"},
        {"group_id": "-2", "access_token": "vk1.a.SAMPLE_2"},
        {"group_id": 3},
        {"access_token": "vk1.a.SAMPLE_4"},
        "rubbish",
    ]
    found = Fragment(Fields({"groups": groups, "expires_in": 60}), NOW).group_tokens()
    assert {group_id: str(each.token) for group_id, each in found.items()} == {1: "vk1.a.SAMPLE_1", 2: "vk1.a.SAMPLE_2"}
    assert {each.expires_at for each in found.values()} == {NOW + timedelta(seconds=60)}
