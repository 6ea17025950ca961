"""Who somebody is: the profile, the identity made of it, and what an own mapping lays over it."""

from __future__ import annotations

import copy
import dataclasses
import json
import pickle
from typing import Any

import pytest

from vkauth.errors import AuthErrorCode as Code
from vkauth.providers import VK, Identity, Kakao, Request, Response
from vkauth.token_set import TokenSet

from .service import SAMPLES, Service, answer, refused, tokens_of

every = pytest.mark.parametrize("name", SAMPLES)
# Where in each profile the facts are.
PLACES: dict[str, dict[str, tuple[str | int, ...]]] = {
    "vk": {
        "id": ("response", 0, "id"),
        "first": ("response", 0, "first_name"),
        "last": ("response", 0, "last_name"),
        "image": ("response", 0, "photo_100"),
    },
    "vkid": {
        "id": ("user", "user_id"),
        "first": ("user", "first_name"),
        "last": ("user", "last_name"),
        "email": ("user", "email"),
        "image": ("user", "avatar"),
    },
    "kakao": {
        "id": ("id",),
        "first": ("kakao_account", "profile", "nickname"),
        "email": ("kakao_account", "email"),
        "image": ("kakao_account", "profile", "profile_image_url"),
    },
    "tiktok": {
        "id": ("data", "user", "open_id"),
        "first": ("data", "user", "display_name"),
        "email": ("data", "user", "email"),
        "image": ("data", "user", "avatar_url"),
    },
}


class Missing:
    """Stands for a field that is not there. Its ``repr`` is the same in every process: it names the tests."""

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Any = Missing()


def changed(name: str, place: tuple[str | int, ...], value: object) -> dict[str, Any]:
    """The profile of a sample with another value somewhere."""
    body: Any = copy.deepcopy(dict(SAMPLES[name].user[1]))
    inner = body
    for step in place[:-1]:
        inner = inner[step]
    if value is MISSING:
        inner.pop(place[-1], None)
    else:
        inner[place[-1]] = value
    found: dict[str, Any] = body
    return found


async def identity(name: str, body: object = None, tokens: TokenSet | None = None, **options: Any) -> Identity:
    service = SAMPLES[name].service()
    if body is not None:
        service.on(SAMPLES[name].user[0], answer(body))
    email = {"email": "pasha@sample.example"} if name == "vk" else {}
    return await SAMPLES[name].make(service, **options).identity(tokens or tokens_of(name, **email))


@every
async def test_an_ordinary_identity(name: str) -> None:
    """Every field of it, and the profile as it came, out of its envelope."""
    found = await identity(name)
    body: Any = SAMPLES[name].user[1]
    profile = {"vk": lambda: body["response"][0], "vkid": lambda: body["user"]}.get(name, lambda: body)()
    assert dataclasses.asdict(found) == {"provider": name, **SAMPLES[name].identity, "profile": profile}


@every
async def test_a_profile(name: str) -> None:
    """``profile`` gives what ``identity`` is made of."""
    provider = SAMPLES[name].make()
    profile = await provider.profile(tokens_of(name))
    assert profile == (await provider.identity(tokens_of(name))).profile
    wrong: Any = 5 if name == "vkid" else "CANARY_access"  # VK ID takes the token's text as well
    with pytest.raises(TypeError, match="tokens"):
        await provider.profile(wrong)


@every
async def test_where_the_access_token_goes(name: str) -> None:
    """S3: in the header; to VK ID in the body; never in the address."""
    service = SAMPLES[name].service()
    await SAMPLES[name].make(service).profile(tokens_of(name))
    (sent,) = service.requests
    assert "CANARY" not in str(sent.url)
    if name == "vkid":
        assert (sent.method, dict(sent.form)) == ("POST", {"client_id": "100", "access_token": "CANARY_access"})
        assert "Authorization" not in sent.headers
    else:
        assert (sent.method, sent.headers["Authorization"], dict(sent.form)) == ("GET", "Bearer CANARY_access", {})
    assert "CANARY" not in f"{sent!r}{dict(sent.headers)}"


# -- what a profile may be


@every
@pytest.mark.parametrize("field", ["first", "last", "email", "image"])
@pytest.mark.parametrize("value", [MISSING, None, "", "  ", 5, True, [], {}, ["x"], "\ud800"], ids=repr)
async def test_fields_of_another_type(name: str, field: str, value: object) -> None:
    """They are ``None``; nothing fails for them."""
    if field not in PLACES[name]:
        return
    found = await identity(name, changed(name, PLACES[name][field], value))
    expected = dict(SAMPLES[name].identity)
    if field == "email":
        expected |= {"email": None, "email_verified": None}
    elif field == "image":
        expected["image"] = None
    else:
        expected["name"] = {"first": "Sample", "last": "Pasha"}[field] if "last" in PLACES[name] else None
    assert {each: getattr(found, each) for each in expected} == expected


@every
@pytest.mark.parametrize(
    "value", [MISSING, None, "", " ", True, False, 1.5, [], {}, [1], 0, -1, "\ud800", "x" * 300, "\n", 10**30], ids=repr
)
async def test_nobody_without_an_id(name: str, value: object) -> None:
    """An id that is missing, or by which nobody can be known, is the one thing that fails."""
    body = changed(name, PLACES[name]["id"], value)
    error = await refused(identity(name, body), Code.UNEXPECTED_RESPONSE)
    assert error.details["provider"] == name


@pytest.mark.parametrize("name", ["vk", "vkid", "kakao"])
@pytest.mark.parametrize(("value", "expected"), [(1, "1"), ("1", "1"), (2**63 - 1, str(2**63 - 1))])
async def test_ids_that_are_numbers(name: str, value: object, expected: str) -> None:
    """As number or digits: the id is text."""
    assert (await identity(name, changed(name, PLACES[name]["id"], value))).id == expected


@every
@pytest.mark.parametrize("shape", [[], None, 5, "x", {}, [[]], [None]], ids=repr)
async def test_other_shapes_of_a_profile(name: str, shape: object) -> None:
    """Whatever is where objects should be."""
    first = next(iter(SAMPLES[name].user[1]))
    if name == "kakao":
        found = await identity(name, {"id": 1, "kakao_account": shape, "properties": shape})
        assert (found.id, found.name, found.email, found.email_verified) == ("1", None, None, None)
    else:
        await refused(identity(name, {first: shape}), Code.UNEXPECTED_RESPONSE)


@pytest.mark.parametrize("valid", [True, False, None, "true", 1, MISSING])
@pytest.mark.parametrize("verified", [True, False, None, "true", 1, MISSING])
async def test_kakaos_address_is_theirs_only_if_kakao_says_so(valid: object, verified: object) -> None:
    """Valid and verified, both as ``true``."""
    body = changed("kakao", ("kakao_account", "is_email_valid"), valid)
    account = body["kakao_account"]
    account.pop("is_email_verified")
    if verified is not MISSING:
        account["is_email_verified"] = verified
    assert (await identity("kakao", body)).email_verified is (valid is True and verified is True)


async def test_vks_address_comes_with_the_tokens() -> None:
    """Not with the profile, whatever that says."""
    body = changed("vk", ("response", 0, "email"), "other@sample.example")
    assert (await identity("vk", body)).email == "pasha@sample.example"
    assert (await identity("vk", body, TokenSet(access_token="CANARY"))).email is None


async def test_a_picture_of_vk_of_another_size() -> None:
    """Which one there is depends on the fields that are asked for."""
    body = {"response": [{"id": 1, "photo_200": "https://v.example/200.jpg"}]}
    service = Service({"/method/users.get": [answer(body)]})
    vk = VK(1, fetch=service, fields="photo_200, city")
    assert (await vk.identity(tokens_of("vk"))).image == "https://v.example/200.jpg"
    assert service.requests[0].url.query["fields"] == "photo_200,city"


# -- an own mapping


@every
async def test_a_mapping_of_ones_own(name: str) -> None:
    """Sync or async, it is given profile and tokens, and what it returns is laid over the usual identity."""
    seen: list[Any] = []

    def sync(profile: Any, tokens: TokenSet) -> dict[str, Any]:
        seen.append((profile, tokens))
        return {"name": "Other", "email_verified": False}

    async def later(profile: Any, tokens: TokenSet) -> dict[str, Any]:
        return {"image": None, "id": "own-id"}

    usual = await identity(name)
    tokens = tokens_of(name, email="pasha@sample.example")
    found = await identity(name, tokens=tokens, map_profile=sync)
    assert found == dataclasses.replace(usual, name="Other", email_verified=False)
    assert seen == [(usual.profile, tokens)]
    found = await identity(name, tokens=tokens, map_profile=later)
    assert found == dataclasses.replace(usual, image=None, id="own-id")


async def test_a_whole_identity_of_ones_own() -> None:
    """Stands in place of the usual one."""
    own = Identity("kakao", "other", "Other")
    assert await identity("kakao", map_profile=lambda profile, tokens: own) is own
    assert await identity("kakao", map_profile=lambda profile, tokens: {}) == await identity("kakao")


@pytest.mark.parametrize("wrong", [None, 5, "x", [("id", "1")], {"colour": "red"}, {"id": 5}, {"id": ""}, {"name": 5}])
async def test_a_wrong_mapping(wrong: Any) -> None:
    """Is a mistake in the program, and the error says where."""
    with pytest.raises((TypeError, ValueError), match="map_profile"):
        await identity("kakao", map_profile=lambda profile, tokens: wrong)


async def test_what_a_mapping_raises_passes_through() -> None:
    """Unchanged."""
    problem = LookupError("own")

    def raises(profile: Any, tokens: TokenSet) -> Any:
        raise problem

    with pytest.raises(LookupError) as caught:
        await identity("kakao", map_profile=raises)
    assert caught.value is problem


async def test_a_mapping_is_not_asked_about_nobody() -> None:
    """Without an id there is nothing to map."""
    seen: list[Any] = []
    error = await refused(
        identity("kakao", {"kakao_account": {}}, map_profile=lambda *args: seen.append(args)), Code.UNEXPECTED_RESPONSE
    )
    assert "id" in error.message
    assert seen == []


# -- the value


def test_an_identity_is_a_value() -> None:
    """Frozen, equal by its fields, and to be pickled; its ``repr`` leaves the profile out."""
    one = Identity("vk", "1", "", email="", profile={"bdate": "1.1.1990"})
    assert one == Identity(provider="vk", id="1", profile={"bdate": "1.1.1990"})
    assert (one.name, one.email) == (None, None)
    assert len({one, Identity("vk", "1", profile={"other": 1})}) == 2
    assert pickle.loads(pickle.dumps(one)) == one
    assert "1990" not in repr(one)
    with pytest.raises(dataclasses.FrozenInstanceError):
        one.id = "2"  # type: ignore[misc]


@pytest.mark.parametrize(
    "wrong",
    [
        {"provider": ""}, {"provider": 5}, {"id": ""}, {"id": 5}, {"id": None}, {"name": 5}, {"email": b"x"},
        {"image": 5}, {"email_verified": 1}, {"email_verified": "true"}, {"profile": []}, {"profile": None},
    ],
    ids=str,
)  # fmt: skip
def test_wrong_identities(wrong: dict[str, Any]) -> None:
    """The error names the field."""
    with pytest.raises((TypeError, ValueError), match=next(iter(wrong))):
        Identity(**{"provider": "vk", "id": "1"} | wrong)


# -- what is asked for

BASIC = "open_id,union_id,avatar_url,avatar_url_100,avatar_large_url,display_name"
STATS = "follower_count,following_count,likes_count,video_count"


@pytest.mark.parametrize(
    ("scope", "fields"),
    [
        ((), BASIC),
        (("user.info.basic",), BASIC),
        (("user.info.profile",), "open_id,bio_description,profile_deep_link,is_verified,username"),
        (("user.info.basic", "user.info.stats", "video.list"), f"{BASIC},{STATS}"),
        (("video.list",), "open_id"),
    ],
)
async def test_tiktok_is_asked_for_what_was_granted(scope: tuple[str, ...], fields: str) -> None:
    """A field without its scope would fail the whole call."""
    service = SAMPLES["tiktok"].service()
    await SAMPLES["tiktok"].make(service).profile(tokens_of("tiktok", scope=scope))
    assert str(service.requests[0].url) == f"https://open.tiktokapis.com/v2/user/info/?fields={fields}"
    service = SAMPLES["tiktok"].service()
    everything = "user.info.basic,user.info.profile,user.info.stats"
    await SAMPLES["tiktok"].make(service, scope=everything).profile(tokens_of("tiktok", scope=()))
    assert service.requests[0].url.query["fields"] == BASIC  # what was asked for need not have been granted
    service = SAMPLES["tiktok"].service()
    await SAMPLES["tiktok"].make(service, fields=["open_id", "username"]).profile(tokens_of("tiktok", scope=scope))
    assert service.requests[0].url.query["fields"] == "open_id,username"


@pytest.mark.parametrize(
    ("options", "query"),
    [
        ({}, {"secure_resource": "true"}),
        ({"secure_resource": False}, {}),
        (
            {"property_keys": ["kakao_account.email", "properties."]},
            {"secure_resource": "true", "property_keys": '["kakao_account.email", "properties."]'},
        ),
        ({"userinfo_url": "https://own.example/v2/user/me?secure_resource=false"}, {"secure_resource": "false"}),
    ],
    ids=str,
)
async def test_kakao_is_asked(options: dict[str, Any], query: dict[str, str]) -> None:
    """For pictures over https; and for some properties only, as JSON."""
    service = SAMPLES["kakao"].service()
    await SAMPLES["kakao"].make(service, **options).profile(tokens_of("kakao"))
    assert dict(service.requests[0].url.query) == query


async def test_vk_is_asked() -> None:
    """For the fields, with the version of the API; without fields there is no such parameter."""
    service = SAMPLES["vk"].service()
    await SAMPLES["vk"].make(service).profile(tokens_of("vk"))
    assert str(service.requests[0].url) == "https://api.vk.ru/method/users.get?v=5.199&fields=photo_100"
    await SAMPLES["vk"].make(service, fields=()).profile(tokens_of("vk"))
    assert dict(service.requests[1].url.query) == {"v": "5.199"}


@pytest.mark.parametrize("image", ["javascript:alert(1)", "data:text/html,x", "//x.example/a.png", "https://", "5"])
async def test_a_picture_is_at_an_address_for_a_browser(image: str) -> None:
    """Whatever a service says: a page puts it into ``src``."""
    found = await _kakao_identity({"nickname": "Sample", "profile_image_url": image})
    assert found.image is None


async def test_a_name_has_no_control_characters() -> None:
    """Databases take no NUL, and a log line is one line."""
    found = await _kakao_identity({"nickname": " Sam\0ple\r\n\x85", "profile_image_url": "https://x.example/a.png"})
    assert (found.name, found.image) == ("Sample", "https://x.example/a.png")


async def _kakao_identity(profile: dict[str, str]) -> Identity:
    body = json.dumps({"id": 5, "kakao_account": {"profile": profile}}).encode()

    async def fetch(_: Request) -> Response:
        return Response(status=200, body=body)

    return await Kakao("100", fetch=fetch).identity(TokenSet(access_token="SAMPLE"))
