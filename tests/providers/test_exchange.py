"""From the callback to tokens, and from old tokens to new ones."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, quote

import pytest
from multidict import MultiDict
from yarl import URL

from vkauth.errors import AuthErrorCode as Code
from vkauth.oauth.request import AuthorizationRequest
from vkauth.providers import VK, VKID, Kakao, Response, TikTok
from vkauth.testing import LeakScanner
from vkauth.token_set import TokenSet

from .service import HERE, SAMPLES, Service, answer, callback, login, refused, tokens_of

every = pytest.mark.parametrize("name", SAMPLES)
SECRETS = ["CANARY"]
FORMS = {
    "vk": {"client_id": "100", "client_secret": "CANARY_client_secret"},
    "vkid": {"client_id": "100", "device_id": "CANARY_device"},
    "kakao": {"client_id": "100", "client_secret": "CANARY_client_secret"},
    "tiktok": {"client_key": "100", "client_secret": "CANARY_client_secret"},
}
PLACES = {
    "vk": "https://oauth.vk.ru/access_token?v=5.199",
    "vkid": "https://id.vk.ru/oauth2/auth",
    "kakao": "https://kauth.kakao.com/oauth/token",
    "tiktok": "https://open.tiktokapis.com/v2/oauth/token/",
}


@every
async def test_what_an_exchange_sends(name: str) -> None:
    """S3: one POST, all in its body, the verifier where there is one, and no ``client_id`` for TikTok."""
    service = SAMPLES[name].service()
    provider = SAMPLES[name].make(service)
    request = provider.authorization_request(HERE)
    await provider.exchange(callback(request), request)
    (sent,) = service.requests
    assert (sent.method, str(sent.url)) == ("POST", PLACES[name])
    form = {str(key): str(value) for key, value in sent.form.items()}
    own = {} if name == "vk" else {"code_verifier": request.code_verifier}
    if name == "vkid":
        own["state"] = form["state"]
        assert len(form["state"]) >= 43
        assert form["state"] != request.state
    assert form == {
        "grant_type": "authorization_code", "code": "CANARY_code", "redirect_uri": HERE, **FORMS[name], **own,
    }  # fmt: skip
    LeakScanner(SECRETS).scan(repr(sent))


@every
async def test_what_comes_of_it(name: str) -> None:
    """Every field of the answer is understood; what is not told is ``None``."""
    tokens = await login(SAMPLES[name].make())
    body = SAMPLES[name].token[1]
    assert tokens.access_token == "CANARY_access"
    assert tokens.token_type == "Bearer"
    assert tokens.expires_in == body["expires_in"]
    assert tokens.expires_at is not None
    assert tokens.refresh_token == body.get("refresh_token")
    scopes = {
        "vk": (), "vkid": ("vkid.personal_info", "email"), "kakao": ("profile_nickname", "account_email"),
        "tiktok": ("user.info.basic", "user.info.profile"),
    }  # fmt: skip
    assert tokens.scope == scopes[name]
    assert tokens.user_id == {"kakao": None, "tiktok": "sample-open-id"}.get(name, "66748")
    assert tokens.email == body.get("email")
    assert tokens.device_id == ("CANARY_device" if name == "vkid" else None)
    seconds = body.get("refresh_expires_in", body.get("refresh_token_expires_in"))
    now = tokens.expires_at - timedelta(seconds=tokens.expires_in or 0)
    assert tokens.refresh_expires_at == (None if seconds is None else now + timedelta(seconds=int(str(seconds))))
    assert tokens.claims is None
    assert dict(tokens.raw) == body
    LeakScanner(SECRETS).scan(repr(tokens))


@every
@pytest.mark.parametrize("form", ["text", "url", "path", "query", "mapping", "multidict"])
async def test_forms_of_a_callback(name: str, form: str) -> None:
    """An address, absolute or not, or a mapping of its query; it need not be on ``redirect_uri``."""
    provider = SAMPLES[name].make()
    request = provider.authorization_request(HERE)
    query = callback(request).partition("?")[2]
    forms: dict[str, Any] = {
        "text": f"http://behind-a-proxy:8080/other?{query}",
        "url": URL(f"{HERE}?{query}"),
        "path": f"/cb?{query}",
        "query": f"?{query}",
        "mapping": dict(parse_qsl(query)),
        "multidict": MultiDict(parse_qsl(query)),
    }
    assert (await provider.exchange(forms[form], request)).access_token == "CANARY_access"


async def test_vk_ids_payload() -> None:
    """The parameters may come as JSON in one of them."""
    provider = SAMPLES["vkid"].make()
    request = provider.authorization_request(HERE)
    payload = f'{{"code": "CANARY_code", "state": "{request.state}", "device_id": "CANARY_device", "type": "code_v2"}}'
    tokens = await provider.exchange(f"{HERE}?payload={quote(payload)}", request)
    assert tokens.device_id == "CANARY_device"


@every
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"code": ["a", "b"]}, Code.UNEXPECTED_RESPONSE),
        ({"state": ["same", "same"]}, Code.UNEXPECTED_RESPONSE),
        ({"state": []}, Code.STATE_MISMATCH),
        ({"state": [""]}, Code.STATE_MISMATCH),
        ({"state": ["x" * 43]}, Code.STATE_MISMATCH),
        ({"state": ["x"], "error": ["access_denied"]}, Code.STATE_MISMATCH),
        ({"error": ["access_denied"]}, Code.ACCESS_DENIED),
        ({"error": ["access_denied"], "code": []}, Code.ACCESS_DENIED),
        ({"error": ["consent_required"]}, Code.ACCESS_DENIED),
        ({"error": ["login_required"]}, Code.VALIDATION_REQUIRED),
        ({"error": ["interaction_required"]}, Code.VALIDATION_REQUIRED),
        ({"error": ["account_selection_required"]}, Code.VALIDATION_REQUIRED),
        ({"error": ["invalid_scope"]}, Code.APP_NOT_ALLOWED),
        ({"error": ["unauthorized_client"]}, Code.APP_NOT_ALLOWED),
        ({"error": ["server_error"]}, Code.SERVER_ERROR),
        ({"error": ["something_new"]}, Code.AUTHORIZATION_FAILED),
        ({"code": []}, Code.UNEXPECTED_RESPONSE),
        ({"code": [""]}, Code.UNEXPECTED_RESPONSE),
    ],
    ids=str,
)
async def test_callbacks_that_are_refused(name: str, change: dict[str, list[str]], code: Code) -> None:
    """In the agreed order, before anything is sent, and without a word of what came."""
    service = Service()
    provider = SAMPLES[name].make(service)
    request = provider.authorization_request(HERE)
    params = {"code": ["CANARY_code"], "state": ["same"], **{k: [v] for k, v in SAMPLES[name].params.items()}, **change}
    pairs = [(key, request.state if each == "same" else each) for key, values in params.items() for each in values]
    error = await refused(provider.exchange(MultiDict(pairs), request), code)
    LeakScanner([*SECRETS, request.state]).scan(error)
    if code is Code.VALIDATION_REQUIRED:
        assert error.redirect_uri == request.url
    if "error" in change and code is not Code.STATE_MISMATCH:
        assert error.details["error"] == change["error"][0]
        assert error.details["provider"] == name
    assert service.requests == []


async def test_vk_id_needs_the_device() -> None:
    """A code without the device it belongs to is worth nothing."""
    provider = SAMPLES["vkid"].make()
    request = provider.authorization_request(HERE)
    await refused(provider.exchange({"code": "x", "state": request.state}, request), Code.UNEXPECTED_RESPONSE)


@every
async def test_the_request_of_another_provider(name: str) -> None:
    """O6: an answer belongs to the provider that was asked."""
    other = SAMPLES["vk" if name != "vk" else "kakao"].make()
    request = other.authorization_request(HERE)
    service = Service()
    with pytest.raises(ValueError, match="request"):
        await SAMPLES[name].make(service).exchange(f"/cb?code=CANARY_code&state={request.state}", request)
    with pytest.raises(TypeError, match="request"):
        await SAMPLES[name].make(service).exchange("/cb", request.to_dict())  # type: ignore[arg-type]
    assert service.requests == []


@every
async def test_a_request_gives_tokens_once(name: str) -> None:
    """Whether the first answer was tokens or an error; also at once, and when it was kept as JSON meanwhile."""
    service = SAMPLES[name].service()
    provider = SAMPLES[name].make(service)
    request = provider.authorization_request(HERE)
    again = AuthorizationRequest.from_dict(request.to_dict())
    results = await asyncio.gather(
        provider.exchange(callback(request), request),
        provider.exchange(callback(again), again),
        return_exceptions=True,
    )
    assert [type(each) for each in results].count(TokenSet) == 1
    await refused(provider.exchange(callback(again), again), Code.INVALID_GRANT)
    assert len(service.requests) == 1

    service.on(SAMPLES[name].token[0], answer({"error": "invalid_grant"}, 400))
    request = provider.authorization_request(HERE)
    for _ in range(2):
        await refused(provider.exchange(callback(request), request), Code.INVALID_GRANT)
    assert len(service.requests) == 2


@every
async def test_a_request_may_be_tried_again(name: str) -> None:
    """If its code was not looked at: the same call may succeed later, as ``error.retryable`` says."""
    service = SAMPLES[name].service()
    path, body = SAMPLES[name].token
    service.on(path, answer(b"", 503), answer(b"", 429), answer(body))
    provider = SAMPLES[name].make(service)
    request = provider.authorization_request(HERE)
    assert (await refused(provider.exchange(callback(request), request), Code.SERVER_ERROR)).retryable
    assert (await refused(provider.exchange(callback(request), request), Code.RATE_LIMITED)).retryable
    assert (await provider.exchange(callback(request), request)).access_token == "CANARY_access"


@every
async def test_people_side_by_side(name: str) -> None:
    """One object serves them all: each answer belongs to its request."""
    provider = SAMPLES[name].make()
    requests = [provider.authorization_request(HERE) for _ in range(5)]
    for request in reversed(requests):
        await provider.exchange(callback(request), request)
    await refused(provider.exchange(callback(requests[0]), requests[1]), Code.STATE_MISMATCH)


# -- refresh


@every
async def test_what_a_refresh_sends(name: str) -> None:
    """The refresh token and who asks; VK ID also wants the device."""
    service = SAMPLES[name].service()
    await SAMPLES[name].make(service).refresh(tokens_of(name))
    (sent,) = service.requests
    form = {str(key): str(value) for key, value in sent.form.items()}
    own = {"state": form["state"]} if name == "vkid" else {}
    assert str(sent.url) == PLACES[name]
    assert form == {"grant_type": "refresh_token", "refresh_token": "CANARY_refresh", **FORMS[name], **own}


@every
async def test_a_refresh_keeps_what_is_not_repeated(name: str) -> None:
    """And leaves the old tokens as they were."""
    service = Service({SAMPLES[name].token[0]: [answer({"access_token": "CANARY_new", "expires_in": "60"})]})
    end = datetime(2027, 1, 1, tzinfo=UTC)
    old = tokens_of(
        name, user_id="7", email="a@b.example", id_token="CANARY.id.token", refresh_expires_at=end, expires_in=0
    )
    copy = TokenSet.from_dict(old.to_dict())
    new = await SAMPLES[name].make(service).refresh(old)
    assert (new.access_token, new.expires_in) == ("CANARY_new", 60)
    kept = ("refresh_token", "id_token", "scope", "user_id", "email", "device_id", "refresh_expires_at")
    assert {each: getattr(new, each) for each in kept} == {each: getattr(old, each) for each in kept}
    assert old == copy


@every
async def test_a_refresh_takes_what_is_new(name: str) -> None:
    """TikTok and VK ID give a new refresh token each time, Kakao sometimes."""
    body = {**SAMPLES[name].token[1], "refresh_token": "CANARY_second", "scope": "b"}
    service = Service({SAMPLES[name].token[0]: [answer(body)]})
    new = await SAMPLES[name].make(service).refresh(tokens_of(name))
    assert (new.refresh_token, new.scope) == ("CANARY_second", ("b",))


@pytest.mark.parametrize("name", ["tiktok", "vk", "vkid"])
async def test_a_refresh_that_answers_with_somebody_else(name: str) -> None:
    """No tokens are handed out. Kakao does not say whose they are."""
    service = SAMPLES[name].service()
    provider = SAMPLES[name].make(service)
    error = await refused(provider.refresh(tokens_of(name, user_id="somebody-else")), Code.INVALID_GRANT)
    assert error.details == {"provider": name}
    assert (await provider.refresh(tokens_of(name))).user_id


@every
async def test_no_refresh_token(name: str) -> None:
    """Nothing is sent."""
    service = Service()
    await refused(SAMPLES[name].make(service).refresh(TokenSet(access_token="CANARY_access")), Code.INVALID_GRANT)
    with pytest.raises(TypeError, match="tokens"):
        await SAMPLES[name].make(service).refresh("CANARY_refresh")  # type: ignore[arg-type]
    assert service.requests == []


@pytest.mark.parametrize("echo", ["same", "other", None])
async def test_vk_ids_state_comes_back(echo: str | None) -> None:
    """With both calls; another one is another login's answer."""

    def reply(request: Any) -> Response:
        state = {} if echo is None else {"state": request.form["state"] if echo == "same" else "another"}
        return answer({**SAMPLES["vkid"].token[1], **state})

    service = Service({"/oauth2/auth": [reply]})
    provider = SAMPLES["vkid"].make(service)
    request = provider.authorization_request(HERE)
    calls = [provider.exchange(callback(request), request), provider.refresh(tokens_of("vkid"))]
    for call in calls:
        if echo == "other":
            await refused(call, Code.STATE_MISMATCH)
        else:
            await call


# -- the answer


@every
@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 200, Code.UNEXPECTED_RESPONSE),
        (b"<html>CANARY</html>", 200, Code.UNEXPECTED_RESPONSE),
        (b"<html>CANARY</html>", 404, Code.UNEXPECTED_RESPONSE),
        (b"[]", 200, Code.UNEXPECTED_RESPONSE),
        (b"null", 200, Code.UNEXPECTED_RESPONSE),
        ({}, 200, Code.UNEXPECTED_RESPONSE),
        ({"access_token": ""}, 200, Code.UNEXPECTED_RESPONSE),
        ({"access_token": 5}, 200, Code.UNEXPECTED_RESPONSE),
        ({"access_token": "a b"}, 200, Code.UNEXPECTED_RESPONSE),
        ({"access_token": "ы"}, 200, Code.UNEXPECTED_RESPONSE),
        ({"access_token": "CANARY", "token_type": "mac"}, 200, Code.UNEXPECTED_RESPONSE),
        ({"access_token": "CANARY", "token_type": 5}, 200, Code.UNEXPECTED_RESPONSE),
        ({"error": "invalid_grant"}, 200, Code.INVALID_GRANT),
        ({"error": "invalid_grant"}, 400, Code.INVALID_GRANT),
        ({"error": "invalid_grant", "access_token": "CANARY"}, 200, Code.INVALID_GRANT),
        ({"error": "invalid_client"}, 401, Code.APP_NOT_ALLOWED),
        ({"error": "unsupported_grant_type"}, 400, Code.APP_NOT_ALLOWED),
        ({"error": "slow_down"}, 200, Code.RATE_LIMITED),
        ({"error": "temporarily_unavailable"}, 200, Code.SERVER_ERROR),
        ({"error": "invalid_grant"}, 503, Code.INVALID_GRANT),
        ({"error": "something_new"}, 400, Code.AUTHORIZATION_FAILED),
        ({"error": "something_new"}, 503, Code.SERVER_ERROR),
        ({"error": "something_new"}, 429, Code.RATE_LIMITED),
        (b"CANARY", 500, Code.SERVER_ERROR),
        (b"", 429, Code.RATE_LIMITED),
    ],
    ids=str,
)
async def test_answers_without_tokens(name: str, body: Any, status: int, code: Code) -> None:
    """R1: the body decides, then the status; nothing of it is shown."""
    service = Service({SAMPLES[name].token[0]: [answer(body, status)]})
    provider = SAMPLES[name].make(service)
    request = provider.authorization_request(HERE)
    error = await refused(provider.exchange(callback(request), request), code)
    assert error.details["provider"] == name
    assert error.details["status"] == status
    LeakScanner([*SECRETS, request.state]).scan(error)
    await refused(provider.refresh(tokens_of(name)), code)


@every
@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 307, 308, 399])
@pytest.mark.parametrize(
    ("place", "code"),
    [
        (None, Code.UNEXPECTED_RESPONSE), ("/elsewhere", Code.UNEXPECTED_RESPONSE),
        ("https://evil.example/", Code.UNTRUSTED_REDIRECT), ("//evil.example", Code.UNTRUSTED_REDIRECT),
    ],
)  # fmt: skip
async def test_redirects_are_not_followed(name: str, status: int, place: str | None, code: Code) -> None:
    """H2: whatever they are, and whatever tokens they bring."""
    headers = {} if place is None else {"Location": place}
    service = SAMPLES[name].service()
    path, body = SAMPLES[name].token
    service.on(path, answer(body, status, **headers))
    service.on(SAMPLES[name].user[0], answer(SAMPLES[name].user[1], status, **headers))
    provider = SAMPLES[name].make(service)
    await refused(login(provider), code)
    await refused(provider.refresh(tokens_of(name)), code)
    await refused(provider.identity(tokens_of(name)), code)
    assert len(service.requests) == 3


@every
async def test_what_the_provider_repeats_is_taken_out(name: str) -> None:
    """S1: some repeat the code, or worse, in their words."""

    def reply(request: Any) -> Response:
        said = " and ".join(str(value) for value in request.form.values())
        return answer({"error": "invalid_grant", "error_description": f"not found for {said}"}, 400)

    service = Service({SAMPLES[name].token[0]: [reply]})
    provider = SAMPLES[name].make(service)
    request = provider.authorization_request(HERE)
    for call in (provider.exchange(callback(request), request), provider.refresh(tokens_of(name))):
        error = await refused(call, Code.INVALID_GRANT)
        assert "not found for" in error.message
        assert "not found for" in str(error.details["error_description"])
        LeakScanner([*SECRETS, request.state, request.code_verifier or "CANARY"]).scan(error)


async def test_tiktok_tells_the_rights_in_the_callback_too() -> None:
    """If the answer does not."""
    body = {"access_token": "CANARY_access", "open_id": "o"}
    service = Service({"/v2/oauth/token/": [answer(body)]})
    provider = SAMPLES["tiktok"].make(service)
    request = provider.authorization_request(HERE)
    tokens = await provider.exchange(callback(request, scopes="user.info.basic,video.list"), request)
    assert tokens.scope == ("user.info.basic", "video.list")
    request = provider.authorization_request(HERE)
    assert (await provider.exchange(callback(request), request)).scope == ()


async def test_a_code_is_decoded_once() -> None:
    """TikTok's codes have ``*`` and ``!``."""
    service = SAMPLES["tiktok"].service()
    provider = SAMPLES["tiktok"].make(service)
    request = provider.authorization_request(HERE)
    await provider.exchange(f"/cb?code=a%2A1%211%2525&state={request.state}", request)
    assert service.requests[0].form["code"] == "a*1!1%25"


@pytest.mark.parametrize(
    ("made", "wants"),
    [(VK, "client_credentials"), (VKID, "client_credentials"), (Kakao, "client_credentials"), (TikTok, "unlink")],
)
def test_nobody_has_what_is_anothers(made: type, wants: str) -> None:
    """What a provider cannot do is not there."""
    assert not hasattr(made, wants)
