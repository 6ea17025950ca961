"""What a custom fetch or a callback raises may hold any secret of a sign-in; the log does not."""

from __future__ import annotations

import json
import logging
import weakref
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from support import FakeClock

from vkauth.errors import AuthError, AuthErrorCode
from vkauth.providers import VK, VKID, Kakao, Provider, Request, Response
from vkauth.signin.known import one_line, secrets_in, secrets_of_error
from vkauth.testing import LeakScanner

from .doubles import ACCESS_TOKEN, Browser, error_of, make_site
from .doubles import Provider as Double

SECRET = "CANARY/client secret"
SERVICE = "CANARY-service-token"
TOKENS = {
    "access_token": "CANARYaccess", "refresh_token": "CANARYrefresh", "id_token": "CANARY.id.token", "user_id": 7,
    "expires_in": 3600, "token_type": "bearer", "scope": "openid",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _everything(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)


def the_line(caplog: pytest.LogCaptureFixture, *secrets: str) -> str:
    """The one line that was logged; nothing of the secrets is in it."""
    (record,) = caplog.records
    LeakScanner([*secrets, "CANARY"]).scan(record)
    text = record.getMessage()
    assert text.isprintable()
    return text


class Fetch:
    """An own fetch that fails at the request with a number, and says all that it ever saw."""

    def __init__(
        self, fails_at: int, order: int, spell: Callable[[Mapping[str, Any]], str], answers: list[dict[str, Any]]
    ) -> None:
        self.fails_at = fails_at
        self.order = order
        self.spell = spell
        self.answers = answers
        self.seen: list[Mapping[str, Any]] = []
        self.got: list[Mapping[str, Any]] = []

    async def __call__(self, request: Request) -> Response:
        """Answer, or fail."""
        self.seen += [dict(request.form), {name: str(value) for name, value in request.headers.items()}]
        if len(self.seen) // 2 > self.fails_at:
            raise RuntimeError(
                f"POST {request.url} {' '.join(map(self.spell, [*self.seen, *self.got][:: self.order]))} failed"
            )
        answer = {"keys": []} if "jwks" in str(request.url) else self.answers.pop(0)
        self.got.append(answer)
        return Response(status=200, body=json.dumps(answer).encode())


SPELLINGS: list[Callable[[Mapping[str, Any]], str]] = [urlencode, str, json.dumps, lambda sent: quote(json.dumps(sent))]
PROVIDERS: list[Callable[..., Provider[Any]]] = [
    lambda **options: VK("CLIENT", SECRET, **options),
    lambda **options: VKID("CLIENT", service_token=SERVICE, id_token_key=None, **options),
    lambda **options: Kakao("CLIENT", SECRET, **options),
    lambda **options: Kakao("CLIENT", SECRET, scope="openid", **options),
]


@pytest.mark.parametrize("spell", SPELLINGS)
@pytest.mark.parametrize(("fails_at", "order"), [(0, 1), (1, 1), (1, -1)])
@pytest.mark.parametrize("make", PROVIDERS)
async def test_what_a_fetch_raises(
    make: Any, fails_at: int, order: int, spell: Any, caplog: pytest.LogCaptureFixture, clock: FakeClock
) -> None:
    """At the request for tokens, and at the next one (of keys or the profile), with all that came and went."""
    fetch = Fetch(fails_at, order, spell, [TOKENS | {"id_token": "eyJhbGciOiJSUzI1NiIsImtpZCI6ImsifQ.e30.CANARY"}])
    browser = Browser(make_site(make(fetch=fetch, clock=clock), clock=clock))
    (name,) = browser.site.providers
    answer = await browser.post(f"/api/auth/signin/{name}")
    asked = dict(pair.split("=", 1) for pair in answer.headers["Location"].partition("?")[2].split("&"))
    await browser.come_back(asked, name, code="CANARYcode", device_id="CANARYdevice")
    sent = [str(value) for each in [*fetch.seen, *fetch.got] for value in hidden(each)]
    text = the_line(caplog, SECRET, SERVICE, asked["state"], *sent)
    assert text.startswith(f"{name}: CONFIGURATION: RuntimeError at {__file__}:")
    assert "POST https://" in text or text.endswith(": ***")
    assert len(text) < 500


def hidden(sent: Mapping[str, Any]) -> list[str]:
    """The values of a request that are secrets."""
    words = ("token_type", "scope", "expires_in", "user_id")
    public = ("client_id", "grant_type", "redirect_uri", "User-Agent", "Accept", *words)
    return [value for name, value in sent.items() if name not in public]


async def test_the_secret_of_the_environment(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is hidden where nobody is working with it, too."""
    monkeypatch.setenv("AUTH_KAKAO_SECRET", "CANARY environment")

    def hook(*_: object) -> None:
        raise RuntimeError("CANARY environment is what I know")

    await Browser(make_site(on_sign_in=hook)).sign_in()
    assert the_line(caplog).endswith(": *** is what I know")


class Careless(Double):
    """Somebody else's provider, which keeps its secret as text."""

    def __init__(self) -> None:
        super().__init__()
        self.client_secret = "CANARY of somebody"


@pytest.mark.parametrize("method", ["authorization_request", "exchange", "identity"])
async def test_a_provider_of_somebody_else(method: str, caplog: pytest.LogCaptureFixture) -> None:
    """What it calls a secret is one."""
    provider = Careless()
    browser = Browser(make_site(provider))
    asked = {"state": "none"} if method == "authorization_request" else await browser.start()
    provider.raises[method] = RuntimeError(f"bad login {provider.client_secret}")
    if method == "authorization_request":
        await browser.post("/api/auth/signin/kakao")
    else:
        await browser.come_back(asked)
    assert the_line(caplog).endswith(": bad login ***")


async def test_what_a_browser_sent(caplog: pytest.LogCaptureFixture) -> None:
    """Its cookies, those of the application too, its form and the query of where it wants to go."""
    provider = Double()
    browser = Browser(make_site(provider))
    token = await browser.csrf()
    line = browser.cookie_line("/api/auth/")

    said = f"{line} {token} CANARY own CANARY key"
    provider.raises["authorization_request"] = RuntimeError(said)
    browser.cookie_line = lambda _: f'{line}; app="CANARY own"'  # type: ignore[method-assign]
    await browser.post("/api/auth/signin/kakao", {"callbackUrl": "/x?key=CANARY+key"})
    the_line(caplog, token, *[each.partition("=")[2] for each in line.split("; ")])


async def test_a_target_that_is_no_address(caplog: pytest.LogCaptureFixture) -> None:
    """Whatever was sent is looked through without harm."""
    provider = Double()
    provider.raises["authorization_request"] = RuntimeError("no")
    answer = await Browser(make_site(provider)).post("/api/auth/signin/kakao", {"callbackUrl": "http://[?x=CANARY"})
    assert answer.headers["Location"] == "/api/auth/error?error=CONFIGURATION"
    assert the_line(caplog).endswith(": no")


async def test_the_start(caplog: pytest.LogCaptureFixture) -> None:
    """What was made for the provider does not show when there is no room for it."""
    rights = tuple(f"right_{number}" for number in range(400))
    await Browser(make_site(Double(scope=rights))).post("/api/auth/signin/kakao")
    assert "this sign-in would need a cookie of" in the_line(caplog)


async def test_a_sign_out(caplog: pytest.LogCaptureFixture) -> None:
    """The cookies and the kept data do not show."""
    kept = {"refresh_token": "CANARY kept", "role": "editor"}
    browser = Browser(make_site(on_sign_in=lambda *_: kept))
    await browser.sign_in()
    caplog.clear()
    line = browser.cookie_line("/")

    def hook(*_: object) -> None:
        raise RuntimeError(f"editor {kept['refresh_token']} {line}")

    browser.site = make_site(on_redirect=hook)
    await browser.post("/api/auth/signout")
    text = the_line(caplog, *[each.partition("=")[2] for each in line.split("; ")])
    assert text.startswith("sign-out: CONFIGURATION: RuntimeError at ")
    assert ": editor *** " in text


async def test_reading_a_session(caplog: pytest.LogCaptureFixture) -> None:
    """The same."""
    browser = Browser(make_site(on_sign_in=lambda *_: {"token": "CANARY kept"}))
    await browser.sign_in()
    caplog.clear()

    def hook(_: object, session: Any) -> None:
        raise RuntimeError(f"{session.data['token']} is over; {browser.cookie_line('/')}")

    browser.site = make_site(on_session=hook)
    await browser.get("/api/auth/session")
    values = [each.partition("=")[2] for each in browser.cookie_line("/").split("; ")]
    assert the_line(caplog, *values).startswith("session: CONFIGURATION: RuntimeError at ")


async def test_a_service_that_calls_its_error_by_a_secret(caplog: pytest.LogCaptureFixture) -> None:
    """Its name of an error is left out if it is something that was sent."""
    provider = Double()
    browser = Browser(make_site(provider))
    asked = await browser.start()
    details = {"error": "invalid_grant", "code": "canarycode", "log_id": asked["state"]}
    provider.raises["exchange"] = AuthError(AuthErrorCode.INVALID_GRANT, "no", details=details)
    await browser.come_back(asked, code="canarycode")
    assert the_line(caplog, asked["state"], "canarycode") == "kakao: INVALID_GRANT, error invalid_grant: no"


# -- what nobody has told us of --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("GET https://x.example/?code=abc&page=2 failed", "GET https://x.example/?code=***&page=2 failed"),
        ("{'access_token': 'abc', 'user': 5}", "{'access_token': ***, 'user': 5}"),
        ('{"client_secret": "a b c"}', '{"client_secret": ***}'),
        ('"{\\"id_token\\":\\"abc\\"}"', '"{\\"id_token\\":***}"'),
        ('b\'{"refresh_token":"abc', 'b\'{"refresh_token":***'),
        ("[('state', 'abc')]", "[('state', ***)]"),
        ("code%3Dabc%26state%3Dabc", "code%3D***"),
        ("url=https://x.example?code=abc", "url=https://x.example?code=***"),
        ("Authorization: Bearer abc", "Authorization: *** ***"),
        ("sent Bearer abc", "sent Bearer ***"),
        ("device_id=abc; x", "device_id=***; x"),
        ("it was 0123456789abcdefABCDEF, or so", "it was ***, or so"),
        ("eyJhbGciOiJSUzI1NiJ9abc.eyJzdWIiOiIxMDAxIn0x12.x", "***.***.x"),
        ("status code: 404, state: open, secret is missing", "status code: 404, state: open, secret is missing"),
        ("such_a_function_of_a_name in 12345678901234567890", "such_a_function_of_a_name in 12345678901234567890"),
    ],
)
def test_what_looks_like_a_secret(text: str, shown: str) -> None:
    """By its name or its letters, where an own fetch got an answer that nobody else ever saw."""
    assert one_line(text, ()) == shown


class Hostile(dict[str, str]):
    """A mapping that cannot be read."""

    def items(self) -> Any:
        """Fail."""
        raise ZeroDivisionError


def test_whatever_there_is_to_look_at() -> None:
    """Collections that have no end or cannot be read do no harm."""
    endless: list[Any] = [{"token": "CANARY1"}, Hostile(token="x"), object()]
    endless.append(endless)
    assert set(secrets_in(endless, None, Double(), b"x", 1)) == {"CANARY1"}


async def test_a_proxy_whose_object_is_gone(caplog: pytest.LogCaptureFixture) -> None:
    """It raises whatever is asked of it. A provider that keeps one fails as all others do: with a page and a line."""
    provider = Double()
    provider.owner = weakref.proxy(Double())  # type: ignore[attr-defined]
    provider.raises["exchange"] = LookupError("x")
    browser = Browser(make_site(provider))
    assert error_of(await browser.sign_in()) == "CONFIGURATION"
    assert browser.names("vkauth.tx.") == []
    assert "CONFIGURATION: LookupError" in the_line(caplog)


def test_an_exception_that_led_to_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the library was working with when the first one came is known, also if that one is not shown."""
    monkeypatch.delenv("AUTH_SECRET", raising=False)
    namespace: dict[str, Any] = {"__name__": "vkauth.sample"}
    exec("def call(client_secret):\n    raise KeyError", namespace)

    def hook() -> None:
        try:
            namespace["call"]("CANARY")
        except KeyError:
            raise ZeroDivisionError from None

    with pytest.raises(ZeroDivisionError) as caught:
        hook()
    assert "CANARY" in set(secrets_of_error(caught.value))
    assert ACCESS_TOKEN not in set(secrets_of_error(ValueError(ACCESS_TOKEN)))
