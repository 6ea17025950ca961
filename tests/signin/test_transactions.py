"""What is kept of a sign-in under way: all that is needed again, in few bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vkauth.oauth.request import AuthorizationRequest
from vkauth.sealing import CookieSealer
from vkauth.signin.cookies import Cookies, cookie_size
from vkauth.signin.site import Sealers
from vkauth.signin.transaction import Transaction, begin_transaction, find_transaction

from .doubles import SECRET, SITE, Browser, Kept, error_of, make_site

SEALER = Sealers([SECRET.encode()]).transaction
RANDOM = st.text("ABCxyz019_-", min_size=43, max_size=43)
WORDS = st.text("abc._:/", min_size=1, max_size=20)


def transaction(**changes: object) -> Transaction:
    """A usual one."""
    usual = {
        "provider": "kakao", "state": "S" * 43, "nonce": "N" * 43, "code_verifier": "V" * 43,
        "scope": ("openid", "email"), "browser": b"SAMPLE-8", "origin": SITE, "target": "/account", "made_at": 1000,
    }  # fmt: skip
    return Transaction(**{**usual, **changes})  # type: ignore[arg-type]


@given(
    RANDOM, RANDOM | st.none(), RANDOM | st.text("abc._~-", min_size=43, max_size=128) | st.none(),
    st.lists(WORDS).map(tuple), st.text(max_size=40), st.integers(0, 2**39),
)  # fmt: skip
def test_what_is_kept(
    state: str, nonce: str | None, verifier: str | None, scope: tuple[str, ...], target: str, made_at: int
) -> None:
    """Everything comes back as it was, whatever its letters are."""
    kept = transaction(
        state=state, nonce=nonce, code_verifier=verifier, scope=scope,
        target=target.encode("utf-8", "replace").decode(), made_at=made_at,
    )  # fmt: skip
    assert Transaction.unpack(kept.pack()) == kept


def test_the_request_is_made_again() -> None:
    """From what is kept and what can be made again."""
    request = AuthorizationRequest(
        provider="kakao",
        url="https://auth.example/authorize?x=1",
        redirect_uri=f"{SITE}/api/auth/callback/kakao",
        state="S" * 43,
        nonce=None,
        code_verifier="V" * 43,
        scope=("email",),
    )
    kept = Transaction.of(request, browser=b"SAMPLE-8", origin=SITE, target="/", made_at=1)
    again = Transaction.unpack(kept.pack()).request("/api/auth/callback/kakao")
    assert again.to_dict() | {"url": ""} == request.to_dict() | {"url": ""}


def test_it_shows_nothing() -> None:
    """Neither the state nor the verifier is in its ``repr``."""
    assert repr(transaction()) == "Transaction(provider='kakao')"


def test_random_texts_take_their_bytes() -> None:
    """43 letters are kept as the 32 bytes that they stand for; in two spellings only one is."""
    assert len(transaction(state="A" * 43).pack()) == len(transaction(state="A" * 42 + "B").pack()) - 11


def begin(received: str, **changes: object) -> list[str]:
    """Begin a transaction in a browser with cookies."""
    return begin_transaction(
        SEALER, transaction(**changes), received=Cookies(received), secure=True, path="/api/auth", max_age=900
    )


def test_its_cookie() -> None:
    """It is sent to the sign-in alone, and ends with the transaction."""
    (line,) = begin("")
    assert line.partition("; ")[2] == "Path=/api/auth; Max-Age=900; HttpOnly; SameSite=Lax; Secure"
    assert line.startswith("__Secure-vkauth.tx.")
    assert begin("")[0].partition("=")[0] != line.partition("=")[0]


def test_its_size() -> None:
    """A usual one takes less than 400 bytes of a request, name included."""
    name, _, value = begin("")[0].partition(";")[0].partition("=")
    assert cookie_size(name, value) < 400


def test_finding_it() -> None:
    """By its state, among those of others."""
    pairs = [begin("", state=each * 43, target=f"/{each}")[0].partition(";")[0] for each in "ABC"]
    found = find_transaction(SEALER, Cookies("; ".join(["__Secure-vkauth.tx.x=y", *pairs])), True, "B" * 43)
    assert found is not None
    assert found.transaction.target == "/B"
    assert found.name == pairs[1].partition("=")[0]
    for state in ("D" * 43, "", "я", "B" * 42):
        assert find_transaction(SEALER, Cookies("; ".join(pairs)), True, state) is None


async def test_little_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each cookie once, and of absurdly many only some: however many states there are, one counts."""
    opened: list[str] = []
    original = CookieSealer.open
    monkeypatch.setattr(
        CookieSealer, "open", lambda self, value, name: opened.append(name) or original(self, value, name)
    )
    browser = Browser(make_site())
    (value,) = [each.partition("=")[2].partition(";")[0] for each in begin("")]
    for number in range(150):
        browser.cookies[f"__Secure-vkauth.tx.{number}"] = Kept(value, "/", None, "")
    states = "&".join(f"state={number}" for number in range(90))
    assert error_of(await browser.get(f"/api/auth/callback/kakao?{states}")) == "STATE_MISMATCH"
    assert len(opened) == len(set(opened))
    assert len([each for each in opened if ".tx." in each]) <= 100


async def test_a_cookie_whose_name_has_no_bytes() -> None:
    """Nobody can delete it, and it locks nobody out: neither the way there nor the way back looks at it."""
    browser = Browser(make_site())
    (value,) = [each.partition("=")[2].partition(";")[0] for each in begin("")]
    browser.cookies["__Secure-vkauth.tx.\udcff"] = Kept(value, "/", None, "")
    assert (await browser.sign_in()).headers["Location"] == "/account"
