"""What a provider takes when it is made, and what it refuses."""

from __future__ import annotations

import inspect
import pydoc
from typing import Any, get_type_hints

import aiohttp
import pytest
from yarl import URL

from vkauth.errors import AuthError
from vkauth.protocol.endpoints import Endpoints
from vkauth.providers import VK, VKID, Kakao, Provider, ProviderOptions, Request, Response, TikTok
from vkauth.providers._options import ProviderOptions as Options

from .service import HERE, SAMPLES, Service, callback, tokens_of

ALL = list(SAMPLES.values())
NAMES = list(SAMPLES)
every = pytest.mark.parametrize("name", NAMES)


def kind(name: str) -> type[Provider[Any]]:
    return SAMPLES[name].kind


@pytest.mark.parametrize(("name", "title"), [("vk", "VK"), ("vkid", "VK ID"), ("kakao", "Kakao"), ("tiktok", "TikTok")])
def test_ids_and_names(name: str, title: str) -> None:
    """The id is what settings and routes say, the name is for people."""
    provider = kind(name)()
    assert (provider.id, provider.name) == (name, title)
    assert isinstance(provider, Provider)


def test_the_base_is_no_provider() -> None:
    """What it is to talk to is not known."""
    with pytest.raises(TypeError, match="abstract"):
        Provider("100")  # type: ignore[abstract]


# -- the application's id and secret


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment that has none of the variables."""
    for name in NAMES:
        for suffix in ("ID", "SECRET"):
            monkeypatch.delenv(f"AUTH_{name.upper()}_{suffix}", raising=False)
    return monkeypatch


@every
def test_the_environment_is_read_when_it_is_needed(name: str, environment: pytest.MonkeyPatch) -> None:
    """Not when the provider is made; also the ``client_key``."""
    provider = kind(name)()
    environment.setenv(f"AUTH_{name.upper()}_ID", " 4321\n")
    environment.setenv(f"AUTH_{name.upper()}_SECRET", "CANARY_of_environment")
    url = URL(provider.authorization_request(HERE).url)
    assert url.query["client_key" if name == "tiktok" else "client_id"] == "4321"
    provider.check_configured()


@every
async def test_what_is_passed_counts_before_the_environment(name: str, environment: pytest.MonkeyPatch) -> None:
    """Id and secret alike."""
    environment.setenv(f"AUTH_{name.upper()}_ID", "4321")
    environment.setenv(f"AUTH_{name.upper()}_SECRET", "CANARY_of_environment")
    service = SAMPLES[name].service()
    provider = SAMPLES[name].make(service)
    request = provider.authorization_request(HERE)
    await provider.exchange(callback(request), request)
    form = service.requests[0].form
    assert form["client_key" if name == "tiktok" else "client_id"] == "100"
    assert form.get("client_secret") == (None if name == "vkid" else "CANARY_client_secret")


@every
async def test_a_missing_id(name: str, environment: pytest.MonkeyPatch) -> None:
    """The call that needs it says which variable to set; nothing is sent."""
    service = Service()
    provider = kind(name)(client_secret="CANARY", fetch=service)
    message = f"AUTH_{name.upper()}_ID"
    with pytest.raises(ValueError, match=message):
        provider.check_configured()
    with pytest.raises(ValueError, match=message):
        provider.authorization_request(HERE)
    with pytest.raises(ValueError, match=message):
        await provider.refresh(tokens_of(name))
    environment.setenv(message, "")
    with pytest.raises(ValueError, match=message):
        provider.check_configured()
    assert service.requests == []


@every
async def test_a_missing_secret(name: str, environment: pytest.MonkeyPatch) -> None:
    """VK and TikTok need one, when tokens are asked for; Kakao and VK ID do not."""
    service = SAMPLES[name].service()
    provider = kind(name)(client_id="100", fetch=service)
    request = provider.authorization_request(HERE)
    if name in ("vk", "tiktok"):
        message = f"AUTH_{name.upper()}_SECRET"
        with pytest.raises(ValueError, match=message):
            provider.check_configured()
        with pytest.raises(ValueError, match=message):
            await provider.exchange(callback(request), request)
        assert service.requests == []
        environment.setenv(message, "CANARY_later")
    else:
        provider.check_configured()
    await provider.exchange(callback(request), request)
    assert ("client_secret" in service.requests[0].form) == (name in ("vk", "tiktok"))


@pytest.mark.parametrize(
    "given", [{"client_id": ""}, {"client_id": 1.5}, {"client_id": True}, {"client_secret": ""}, {"client_secret": 5}]
)
def test_wrong_credentials(given: dict[str, Any]) -> None:
    """Empty text is no id; an id may be a number, a secret may not."""
    with pytest.raises((ValueError, TypeError), match=next(iter(given))):
        Kakao(**given)


async def test_what_a_file_has_around_an_id_and_a_secret_is_left_out() -> None:
    """A line's end, say, as in the environment: it is part of neither."""
    service = SAMPLES["kakao"].service()
    provider = Kakao(" 4321\n", "CANARY_of_a_file\n", fetch=service)
    request = provider.authorization_request(HERE)
    assert URL(request.url).query["client_id"] == "4321"
    await provider.exchange(callback(request), request)
    assert (service.requests[0].form["client_id"], service.requests[0].form["client_secret"]) == (
        "4321",
        "CANARY_of_a_file",
    )


@pytest.mark.parametrize("given", [1.5, b"1", True])
def test_an_id_of_another_type(given: Any) -> None:
    """The error says what it may be."""
    with pytest.raises(TypeError, match=r"^client_id must be int or str, not (float|bytes|bool)$"):
        Kakao(given)


def test_a_number_is_an_id() -> None:
    """VK's ids are numbers."""
    assert URL(VK(51400000).authorization_request(HERE).url).query["client_id"] == "51400000"


# -- addresses

URLS = {
    "vk": ["authorize_url", "token_url", "userinfo_url"],
    "vkid": ["authorize_url", "token_url", "userinfo_url", "revoke_url", "logout_url"],
    "kakao": [
        "authorize_url", "token_url", "userinfo_url", "jwks_url", "unlink_url", "logout_url", "token_info_url",
        "browser_logout_url",
    ],
    "tiktok": ["authorize_url", "token_url", "userinfo_url", "revoke_url"],
}  # fmt: skip
EACH_URL = [(name, option) for name, options in URLS.items() for option in options]


@pytest.mark.parametrize(("name", "option"), EACH_URL)
@pytest.mark.parametrize(
    "address",
    [
        "http://sample.example/x", "ftp://sample.example/x", "/x", "sample.example", "", "https://", "https://a:b@c/",
        "https://sample.example/#x", "https://sample.example/?x=y#z", "https://sample.example:99999/", 5,
        b"https://sample.example/", None,
    ],
)  # fmt: skip
def test_wrong_addresses(name: str, option: str, address: Any) -> None:
    """Only https, or http to this machine; the error names the option. ``None`` is the usual one."""
    if address is None:
        kind(name)(**{option: None})
        return
    with pytest.raises((ValueError, TypeError), match=option):
        kind(name)(**{option: address})


@pytest.mark.parametrize(("name", "option"), EACH_URL)
@pytest.mark.parametrize(
    "address", ["https://sample.example/x/?a=b", "http://localhost:8080/x", "http://[::1]:1/", URL("https://c/x?a=b")]
)
def test_other_addresses(name: str, option: str, address: Any) -> None:
    """As text or ``URL``, with its query."""
    used = kind(name)(**{option: address})._url(option)
    assert used.with_query(None) == URL(address).with_query(None)
    assert used.query.items() >= URL(address).query.items()


def test_endpoints_move_vk() -> None:
    """All of VK's hosts, in one argument; an address of its own counts before."""
    endpoints = Endpoints.under("http://127.0.0.1:8080")
    vk = VK(1, endpoints=endpoints)
    assert vk.authorization_request(HERE).url.startswith("http://127.0.0.1:8080/oauth/authorize?")
    vkid = VKID(1, endpoints=endpoints, token_url="https://own.example/t")
    assert vkid.authorization_request(HERE).url.startswith("http://127.0.0.1:8080/id/authorize?")
    for made in (VK, VKID):
        with pytest.raises(TypeError, match="endpoints"):
            made(endpoints="http://127.0.0.1:8080")  # type: ignore[arg-type]


# -- other options


@every
@pytest.mark.parametrize(
    "given",
    [
        {"scope": 5}, {"scope": ["a", 5]}, {"scope": b"a"}, {"scope": {"a": 1}}, {"scope": "ы"},
        {"pkce": "plain"}, {"pkce": None}, {"pkce": 5},
        {"map_profile": "x"}, {"fetch": "x"}, {"session": "x"}, {"timeout": 0}, {"timeout": "x"}, {"proxy": "socks://x"},
        {"headers": {"Host": "x"}}, {"headers": [1]}, {"clock": 5},
        {"authorization_params": [1]}, {"authorization_params": {"a": 5}}, {"authorization_params": {5: "a"}},
        {"authorization_params": {"state": "x"}},
    ],
    ids=str,
)  # fmt: skip
def test_wrong_options(name: str, given: dict[str, Any]) -> None:
    """The error names the option."""
    with pytest.raises((ValueError, TypeError), match=next(iter(given))):
        kind(name)(**given)


@pytest.mark.parametrize(
    ("made", "given"),
    [
        (VK, {"api_version": "x"}), (VK, {"api_version": 5.199}), (VK, {"fields": 5}),
        (VKID, {"pkce": "off"}), (VKID, {"prompt": "create"}), (VKID, {"prompt": 5}),
        (VKID, {"lang_id": "ru"}), (VKID, {"lang_id": True}), (VKID, {"color_scheme": "pink"}),
        (VKID, {"service_token": ""}), (VKID, {"id_token_key": "x"}), (VKID, {"id_token_key": b"x"}),
        (Kakao, {"issuer": ""}), (Kakao, {"issuer": 5}), (Kakao, {"property_keys": 5}), (Kakao, {"secure_resource": 1}),
        (TikTok, {"fields": {"a": 1}}),
    ],
    ids=str,
)  # fmt: skip
def test_wrong_options_of_one(made: type[Provider[Any]], given: dict[str, Any]) -> None:
    """The error names the option."""
    with pytest.raises((ValueError, TypeError), match=next(iter(given))):
        made(**given)


@every
@pytest.mark.parametrize(
    ("option", "hint"),
    [
        ("colour", ""),
        ("clientid", r"; did you mean 'client_id'\?"),
        ("scopes", r"; did you mean 'scope'\?"),
        ("redirect_uri", r": it is given to authorization_request\(\)"),
    ],
)
def test_an_option_that_nobody_has(name: str, option: str, hint: str) -> None:
    """It is refused, not swallowed; the error names the class that was called, and what was meant."""
    with pytest.raises(TypeError, match=f"^{kind(name).__name__} takes no option '{option}'{hint}$"):
        kind(name)(**{option: "x"})


async def test_a_session_is_taken() -> None:
    """And never closed."""
    async with aiohttp.ClientSession() as session:
        async with Kakao("100", session=session):
            pass
        assert not session.closed


# -- what is shown


@every
def test_nothing_secret_is_shown(name: str) -> None:
    """S1: neither by ``repr`` nor among the variables of the object."""
    own = {"service_token": "CANARY_service"} if name == "vkid" else {}
    proxy = "http://me:CANARY_proxy@127.0.0.1:1"
    provider = SAMPLES[name].make(headers={"X-Key": "CANARY_header"}, proxy=proxy, fetch=None, **own)
    assert "CANARY" not in f"{provider!r}{provider}{vars(provider)}"


@every
def test_help_shows_every_option(name: str) -> None:
    """With its annotation, its default and a line of its own."""
    text = pydoc.render_doc(kind(name), renderer=pydoc.plaintext)
    shown, _, lines = text.partition("Args:")
    parameters = inspect.signature(kind(name)).parameters
    assert list(parameters)[:2] == ["client_id", "client_secret"]
    assert set(ProviderOptions.__annotations__) < set(parameters)
    for option, parameter in parameters.items():
        assert f"{option}: " in shown
        assert f"{option}: " in lines or f"{option}, " in lines or f", {option}: " in lines
        assert parameter.default is not parameter.empty
    assert "options: see" not in text


def test_options_of_a_class_of_ones_own() -> None:
    """Those of the base come by name where its own do not hand on what comes without one."""

    class Named(Kakao):
        def __init__(self, *, region: str, **options: Any) -> None:
            super().__init__(**options)
            self.region = region

    class Placed(Kakao):
        def __init__(self, region: str, **options: Any) -> None:
            super().__init__(**options)
            self.region = region

    class HandedOn(Kakao):
        def __init__(self, *ids: str, region: str, **options: Any) -> None:
            super().__init__(*ids, **options)
            self.region = region

    class Closed(Kakao):
        def __init__(self, *ids: str) -> None:
            super().__init__(*ids)

    class Reopened(Closed):
        def __init__(self, **options: Any) -> None:
            super().__init__(*options.values())

    by_name = inspect.Parameter.KEYWORD_ONLY
    theirs = set(inspect.signature(Kakao).parameters)
    for made, own in ((Named, []), (Placed, ["region"]), (HandedOn, ["client_id", "client_secret"])):
        parameters = inspect.signature(made).parameters
        assert set(parameters) == theirs | {"region"}
        assert [name for name, each in parameters.items() if each.kind is not by_name] == own
    assert str(inspect.signature(Closed)) == "(*ids: str)"
    assert str(inspect.signature(Reopened)) == "()"
    assert Named(region="kr", client_id="100").region == "kr"
    assert "client_id" in inspect.signature(Provider).parameters
    assert "unknown" not in inspect.signature(Provider).parameters
    with pytest.raises(TypeError, match=r"^Named takes no option 'regoin'; did you mean 'region'"):
        Named(region="kr", regoin="kr")


def test_the_type_of_the_options_says_the_same() -> None:
    """Type checkers read the one, ``help()`` the other."""
    scope = {"aiohttp": aiohttp}
    types = get_type_hints(Provider.__init__, scope | vars(inspect.getmodule(Provider)))  # type: ignore[arg-type]
    assert get_type_hints(Options, None, scope) == {name: types[name] for name in Options.__annotations__}


async def test_a_second_application_of_one_service() -> None:
    """A class of its own, with an id of its own, under which its requests, errors and identities are."""

    class Other(Kakao):
        id = "kakao_kids"
        name = "Kakao for children"

    other = Other("100", fetch=_refuse)
    request = other.authorization_request("https://app.example/cb")
    assert request.provider == "kakao_kids"
    with pytest.raises(ValueError, match="request was made for 'kakao_kids', not for 'kakao'"):
        await Kakao("100").exchange(f"/cb?code=SAMPLE&state={request.state}", request)
    with pytest.raises(AuthError) as refused:
        await other.exchange(f"/cb?code=SAMPLE&state={request.state}", request)
    assert refused.value.details["provider"] == "kakao_kids"
    assert "Kakao for children" in str(refused.value)


async def _refuse(_: Request) -> Response:
    return Response(status=400, body=b'{"error":"invalid_grant","error_code":"KOE320"}')
