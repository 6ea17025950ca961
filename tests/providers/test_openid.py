"""id_tokens: Kakao's, with OpenID Connect, and VK ID's, with one key for all."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import pytest
from oauth.support import key, segment, signed
from support import FakeClock

from vkauth.errors import AuthError
from vkauth.errors import AuthErrorCode as Code
from vkauth.oauth.request import AuthorizationRequest
from vkauth.providers import VKID, Kakao, Provider, Request, Response
from vkauth.testing import LeakScanner
from vkauth.token_set import ReadOnly, TokenSet

from .service import HERE, SAMPLES, Service, answer, callback, refused, tokens_of

JWKS = "/.well-known/jwks.json"
TIME = int(FakeClock().now().timestamp())
USER_ID = str(SAMPLES["kakao"].identity["id"])
ISSUER = "https://kauth.kakao.com"


def jwks(*names: str) -> Response:
    """The public halves of some keys, as Kakao shows them."""
    halves = [key(name).as_dict(private=False) | {"kid": name, "use": "sig", "alg": "RS256"} for name in names]
    return answer({"keys": halves})


def claims(request: AuthorizationRequest | None, **changes: Any) -> dict[str, Any]:
    """What a good id_token says."""
    values = {"iss": ISSUER, "aud": "100", "sub": USER_ID, "iat": TIME, "exp": TIME + 60, "auth_time": TIME}
    values |= {"nonce": request.nonce} if request is not None else {}
    return {name: value for name, value in (values | changes).items() if value is not None}


class Login:
    """One login with Kakao, scope ``openid``."""

    def __init__(self, service: Service | None = None, **options: Any) -> None:
        self.clock = FakeClock()
        self.service = service or SAMPLES["kakao"].service()
        self.service.answers.setdefault(JWKS, [jwks("service")])
        self.kakao = SAMPLES["kakao"].make(self.service, **{"scope": "openid", "clock": self.clock} | options)

    async def run(self, id_token: Any = None, **changes: Any) -> TokenSet:
        """Log in with an id_token: a good one, one of other claims, or what ``id_token`` makes of the request."""
        request = self.kakao.authorization_request(HERE)
        token = id_token(request) if callable(id_token) else signed(claims(request, **changes))
        self.service.on("/oauth/token", answer({**SAMPLES["kakao"].token[1], "id_token": token}))
        return await self.kakao.exchange(callback(request), request)

    @property
    def fetched(self) -> int:
        return self.service.paths.count(JWKS)


async def test_a_login_with_openid() -> None:
    """The id_token is checked; what it says is in ``claims``, and is compared with the profile."""
    login = Login()
    tokens = await login.run()
    assert tokens.claims is not None
    assert tokens.claims["sub"] == USER_ID
    identity = await login.kakao.identity(tokens)
    assert identity.id == USER_ID
    sent = next(each for each in login.service.requests if each.url.path == JWKS)
    assert (sent.method, str(sent.url)) == ("GET", f"{ISSUER}{JWKS}")
    assert "Authorization" not in sent.headers


@pytest.mark.parametrize("missing", [None, "", 5])
async def test_no_id_token(missing: object) -> None:
    """Whoever asks for one gets one, or an error."""
    service = SAMPLES["kakao"].service()
    service.on("/oauth/token", answer({**SAMPLES["kakao"].token[1], "id_token": missing}))
    service.on(JWKS, jwks("service"))
    kakao = SAMPLES["kakao"].make(service, scope="openid")
    request = kakao.authorization_request(HERE)
    error = await refused(kakao.exchange(callback(request), request), Code.UNEXPECTED_RESPONSE)
    assert "id_token" in error.message


@pytest.mark.parametrize("nonce", [None, "", "x" * 43, 5])
async def test_the_nonce_of_another_login(nonce: object) -> None:
    """Missing or different: the token belongs to somebody else's login."""
    login = Login()
    error = await refused(
        login.run(lambda request: signed({**claims(None), **({} if nonce is None else {"nonce": nonce})})),
        Code.STATE_MISMATCH,
    )
    LeakScanner(["CANARY"]).scan(error)


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://evil.example"}, {"iss": None}, {"iss": f"{ISSUER}/"},
        {"aud": "101"}, {"aud": None}, {"aud": ["100", "101"]}, {"aud": []}, {"aud": 100},
        {"exp": TIME - 61}, {"exp": None}, {"exp": str(TIME + 60)}, {"exp": True},
        {"iat": TIME + 61}, {"iat": None}, {"iat": str(TIME)},
        {"sub": None}, {"sub": int(USER_ID)}, {"sub": ""},
    ],
    ids=str,
)  # fmt: skip
async def test_claims_that_do_not_fit(changes: dict[str, Any]) -> None:
    """No tokens are handed out."""
    error = await refused(Login().run(**changes), Code.INVALID_GRANT)
    assert error.details["provider"] == "kakao"


@pytest.mark.parametrize("changes", [{"aud": ["100"]}, {"exp": TIME - 59}, {"iat": TIME + 59}], ids=str)
async def test_claims_that_just_fit(changes: dict[str, Any]) -> None:
    """60 seconds by which clocks may differ; a list with this application alone."""
    assert (await Login().run(**changes)).claims is not None


@pytest.mark.parametrize(
    "token",
    [
        lambda request: signed(claims(request), by="stranger"),
        lambda request: signed(claims(request), by="stranger", kid="service"),
        lambda request: signed(
            claims(request), by="stranger", kid="service", jwk=key("stranger").as_dict(private=False)
        ),
        lambda request: signed(claims(request), by="stranger", kid="service", jku="https://evil.example/jwks.json"),
        lambda request: signed(claims(request), kid=None),
        lambda request: signed(claims(request), crit=["b64"], b64=False),
        lambda request: signed(claims(request), alg="none"),
        lambda request: signed(claims(request), alg="HS256"),
        lambda request: signed(claims(request), alg="RS512"),
        lambda request: f"{segment({'alg': 'none'})}.{segment(claims(request))}.",
        lambda request: signed(claims(request)) + "x",
        lambda request: "CANARY",
    ],
)
async def test_tokens_that_kakao_has_not_signed(token: Any) -> None:
    """Keys in the token's own header are ignored, and so is whatever else it says of how to check it."""
    login = Login()
    error = await refused(login.run(token), Code.INVALID_GRANT)
    LeakScanner(["CANARY"]).scan(error)
    assert all(each.url.host in ("kauth.kakao.com", "kapi.kakao.com") for each in login.service.requests)


# -- keys


async def test_keys_are_fetched_when_they_are_needed() -> None:
    """Once for many logins; again at once for a key that is not among them, but not more than once in 60 seconds."""
    login = Login()
    for _ in range(3):
        await login.run()
    assert login.fetched == 1
    login.service.on(JWKS, jwks("service", "new"))
    await login.run(lambda request: signed(claims(request), by="new"))
    assert login.fetched == 2
    for _ in range(3):
        await refused(login.run(lambda request: signed(claims(request), by="stranger")), Code.INVALID_GRANT)
    assert login.fetched == 2
    login.clock.seconds += 61
    await refused(login.run(lambda request: signed(claims(request), by="stranger")), Code.INVALID_GRANT)
    assert login.fetched == 3


async def test_logins_side_by_side_share_a_fetch() -> None:
    """However many there are."""
    login = Login()

    class Slow(Service):
        async def __call__(self, request: Request) -> Response:
            await asyncio.sleep(0)
            return await super().__call__(request)

    slow = Slow(login.service.answers)
    kakao = SAMPLES["kakao"].make(slow, scope="openid", clock=login.clock)
    requests = [kakao.authorization_request(HERE) for _ in range(5)]
    by_code = {f"CANARY_{number}": request for number, request in enumerate(requests)}
    slow.on(
        "/oauth/token",
        lambda sent: answer({**SAMPLES["kakao"].token[1], "id_token": signed(claims(by_code[sent.form["code"]]))}),
    )
    calls = [kakao.exchange(callback(request, code=code), request) for code, request in by_code.items()]
    assert all(tokens.claims for tokens in await asyncio.gather(*calls))
    assert slow.paths.count(JWKS) == 1


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (answer(b"", 503), Code.SERVER_ERROR),
        (answer(b"<html>"), Code.UNEXPECTED_RESPONSE),
        (answer({"keys": 5}), Code.UNEXPECTED_RESPONSE),
        (answer(b"", 302, Location="https://evil.example/"), Code.UNTRUSTED_REDIRECT),
        (answer({"keys": []}), Code.INVALID_GRANT),
        (answer({"keys": [{"kid": "service", "kty": "RSA", "n": "AQAB", "e": "AQAB"}]}), Code.INVALID_GRANT),
    ],
    ids=["503", "html", "no list", "redirect", "none", "short"],
)
async def test_no_keys(body: Response, code: Code) -> None:
    """No tokens are handed out, and what failed is not remembered."""
    login = Login()
    login.service.on(JWKS, body)
    await refused(login.run(), code)
    login.service.on(JWKS, jwks("service"))
    if code is not Code.INVALID_GRANT:
        assert (await login.run()).claims is not None


async def test_keys_are_there_before_a_code_is_spent() -> None:
    """An error that is ``retryable`` means what it says: the code was not sent, and the same call succeeds later."""
    login = Login()
    login.service.on(JWKS, answer(b"", 503), answer(b"", 503), jwks("service"))
    request = login.kakao.authorization_request(HERE)
    login.service.on("/oauth/token", answer({**SAMPLES["kakao"].token[1], "id_token": signed(claims(request))}))
    assert (await refused(login.kakao.exchange(callback(request), request), Code.SERVER_ERROR)).retryable
    assert login.service.paths == [JWKS] * 2
    tokens = await login.kakao.exchange(callback(request), request)
    assert tokens.claims is not None
    login.clock.seconds += 24 * 3600
    login.service.on(JWKS, answer(b"", 503))
    before = len(login.service.requests)
    assert (await refused(login.kakao.refresh(tokens), Code.SERVER_ERROR)).retryable
    assert login.service.paths[before:] == [JWKS] * 2


@pytest.mark.parametrize(("status", "code"), [(503, "SERVER_ERROR"), (429, "RATE_LIMITED")])
async def test_keys_that_cannot_be_had_after_a_code_was_spent(status: int, code: str) -> None:
    """A new key, and its service fails: the same call cannot succeed later, and the error does not say so."""
    login = Login()
    await login.run()
    login.service.on(JWKS, answer(b"", status))
    error = await refused(login.run(lambda request: signed(claims(request), by="new")), Code.UNEXPECTED_RESPONSE)
    assert not error.retryable
    assert code in error.message
    LeakScanner(["CANARY"]).scan(error)
    login.service.on(JWKS, answer(b"", status), jwks("service", "new"))
    if status == 503:
        await login.run(lambda request: signed(claims(request), by="new"))


async def test_another_issuer_and_other_keys() -> None:
    """For a test server, say."""
    service = SAMPLES["kakao"].service()
    service.on("/keys", jwks("service"))
    login = Login(service, issuer="http://127.0.0.1:8080/kakao", jwks_url="http://127.0.0.1:8080/keys")
    assert (await login.run(iss="http://127.0.0.1:8080/kakao")).claims is not None
    await refused(login.run(), Code.INVALID_GRANT)


# -- what nobody asked for


async def test_an_id_token_that_nobody_asked_for() -> None:
    """Comes when the switch in Kakao's console is on. It is kept, and not looked at: no keys are fetched."""
    service = SAMPLES["kakao"].service()
    service.on("/oauth/token", answer({**SAMPLES["kakao"].token[1], "id_token": "CANARY.not.checked"}))
    kakao = SAMPLES["kakao"].make(service)
    request = kakao.authorization_request(HERE)
    tokens = await kakao.exchange(callback(request), request)
    assert (tokens.id_token, tokens.claims) == ("CANARY.not.checked", None)
    assert (await kakao.identity(tokens)).id == USER_ID
    assert JWKS not in service.paths


# -- later


async def test_the_id_token_and_the_profile_of_two_people() -> None:
    """Whoever answers for somebody else is not believed."""
    login = Login()
    tokens = await login.run(sub="7")
    await refused(login.kakao.identity(tokens), Code.UNEXPECTED_RESPONSE)


async def test_a_refresh_with_openid() -> None:
    """A new id_token is checked as the first was, but for the nonce, and is of the same person; none keeps the old."""
    login = Login()
    old = await login.run()
    login.service.on("/oauth/token", answer({"access_token": "CANARY_new"}))
    kept = await login.kakao.refresh(old)
    assert (kept.id_token, kept.claims) == (old.id_token, old.claims)

    def refreshed(token: str) -> Any:
        login.service.on("/oauth/token", answer({"access_token": "CANARY_new", "id_token": token}))
        return login.kakao.refresh(old)

    new = await refreshed(signed(claims(None, exp=TIME + 600)))
    assert new.claims is not None
    assert new.claims["exp"] == TIME + 600
    await refused(refreshed(signed(claims(None), by="stranger")), Code.INVALID_GRANT)
    await refused(refreshed(signed(claims(None, sub="7"))), Code.INVALID_GRANT)
    unasked = tokens_of("kakao", id_token="CANARY.not.checked")
    login.service.on("/oauth/token", answer({"access_token": "CANARY_new", "id_token": "CANARY.not.checked"}))
    assert (await login.kakao.refresh(unasked)).claims is None


# -- without the extra


@pytest.fixture
def _without_joserfc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "joserfc", None)


@pytest.mark.usefixtures("_without_joserfc")
def test_without_the_extra() -> None:
    """Whatever needs it says so, as early as it can be known; the rest works."""
    extra = r'extra "oauth": pip install "vkauth\[oauth\]"'
    for make in (
        lambda: Kakao("100", scope="openid"),
        lambda: Kakao("100").authorization_request(HERE, scope="openid"),
        lambda: VKID("100"),
    ):
        with pytest.raises(ImportError, match=extra):
            make()
    for provider in (Kakao("100"), VKID("100", id_token_key=None)):
        provider.authorization_request(HERE)


# -- VK ID


def vkid_claims(**changes: Any) -> dict[str, Any]:
    """What a good id_token of VK ID says."""
    values: dict[str, Any] = {"iis": "VK", "sub": 66748, "app": 100, "exp": TIME + 60, "iat": TIME, "jti": 21}
    return {name: value for name, value in (values | changes).items() if value is not None}


def vkid(token: str | None, **options: Any) -> Provider[Any]:
    """VK ID that gives an id_token with each answer; it signs with the key "service"."""
    body = {**SAMPLES["vkid"].token[1], **({} if token is None else {"id_token": token})}
    service = SAMPLES["vkid"].service()
    service.on("/oauth2/auth", answer(body))
    pem = key().as_pem(private=False).decode()
    return SAMPLES["vkid"].make(service, **{"id_token_key": pem} | options)


async def both(provider: Provider[Any]) -> list[TokenSet]:
    """The tokens of an exchange and of a refresh."""
    request = provider.authorization_request(HERE)
    return [
        await provider.exchange(callback(request), request),
        await provider.refresh(tokens_of("vkid", user_id="66748")),
    ]


@pytest.mark.parametrize("changes", [{}, {"iis": None, "iss": "VK"}, {"iss": "VK"}, {"exp": TIME - 59}], ids=str)
async def test_vk_ids_token_is_checked_whenever_it_comes(changes: dict[str, Any]) -> None:
    """Its issuer is called ``iis``, its numbers are numbers, and it has no ``kid``."""
    provider = vkid(signed(vkid_claims(**changes), kid=None))
    for tokens in await both(provider):
        assert tokens.claims == ReadOnly(vkid_claims(**changes))
        assert (await provider.identity(tokens)).id == "66748"


@pytest.mark.parametrize(
    "changes",
    [
        {"iis": "VKX"}, {"iis": None}, {"iis": "VK", "iss": "other"}, {"app": 101}, {"app": None}, {"sub": 7},
        {"sub": None}, {"exp": TIME - 61}, {"exp": None},
    ],
    ids=str,
)  # fmt: skip
async def test_vk_ids_token_that_does_not_fit(changes: dict[str, Any]) -> None:
    """No tokens are handed out."""
    provider = vkid(signed(vkid_claims(**changes), kid=None))
    request = provider.authorization_request(HERE)
    await refused(provider.exchange(callback(request), request), Code.INVALID_GRANT)
    await refused(provider.refresh(tokens_of("vkid", user_id="66748")), Code.INVALID_GRANT)


async def test_vk_ids_token_of_a_refresh_is_of_the_same_person() -> None:
    """Also where the answer does not say whom it is about."""
    for sub in (66748, 7):
        service = SAMPLES["vkid"].service()
        token = signed(vkid_claims(sub=sub), kid=None)
        service.on("/oauth2/auth", answer({"access_token": "CANARY_new", "id_token": token}))
        pem = key().as_pem(private=False).decode()
        provider = SAMPLES["vkid"].make(service, id_token_key=pem)
        call = provider.refresh(tokens_of("vkid", user_id="66748"))
        if sub == 7:
            await refused(call, Code.INVALID_GRANT)
        else:
            assert (await call).user_id == "66748"


async def test_vk_ids_token_of_another_key() -> None:
    """The one that was given counts alone; by default it is VK's."""
    token = signed(vkid_claims(), by="stranger", kid=None)
    for options in ({}, {"id_token_key": VKID("1")._key.pem}):  # type: ignore[union-attr]
        provider = vkid(token, **options)
        request = provider.authorization_request(HERE)
        await refused(provider.exchange(callback(request), request), Code.INVALID_GRANT)


async def test_vk_ids_token_is_not_looked_at() -> None:
    """Without a key; and none is accepted with one."""
    for tokens in await both(vkid("CANARY.not.checked", id_token_key=None)):
        assert (tokens.id_token, tokens.claims) == ("CANARY.not.checked", None)
    for tokens in await both(vkid(None)):
        assert tokens.claims is None


async def test_vk_ids_token_and_profile_of_two_people() -> None:
    """Whoever answers for somebody else is not believed."""
    tokens = tokens_of("vkid", claims=ReadOnly(vkid_claims(sub=7)))
    with pytest.raises(AuthError) as caught:
        await vkid(None).identity(tokens)
    assert caught.value.code is Code.UNEXPECTED_RESPONSE
