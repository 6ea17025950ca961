"""The end of the implicit flow as people paste it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import quote, unquote

import pytest
from costs import cost_of
from hypothesis import given, settings
from hypothesis import strategies as st
from yarl import URL

from vkauth.engine.traces import without_frames
from vkauth.errors import AuthError, AuthErrorCode, MissingGroupsError
from vkauth.models import GroupTokens, UserToken
from vkauth.protocol.endpoints import Endpoints
from vkauth.protocol.implicit_end import ImplicitLogin
from vkauth.protocol.pasted_text import LONGEST_PASTED
from vkauth.secret import Secret
from vkauth.testing import LeakScanner

Code = AuthErrorCode
NOW = datetime(2026, 11, 21, tzinfo=UTC)
STATE = "CANARY-state-of-43-characters-0123456789abc"
TOKEN = "vk1.a.CANARY-token-" + "x" * 180
BLANK = "https://oauth.vk.ru/blank.html"
FIELDS = f"access_token={TOKEN}&expires_in=86400&user_id=100001&email=t%2B1%40mail.example&state={STATE}"
END = f"{BLANK}#{FIELDS}"
GROUPS = f"access_token_1={TOKEN}1&access_token_22={TOKEN}2&expires_in=0&state={STATE}"


def login(**changes: Any) -> ImplicitLogin:
    """A login that was begun."""
    values: dict[str, Any] = {
        "endpoints": Endpoints(),
        "redirect_uri": URL(BLANK),
        "url": Secret(f"https://oauth.vk.ru/authorize?response_type=token&client_id=1&state={STATE}"),
        "state": Secret(STATE),
        "scope": "65538",
        "group_ids": (),
    }
    return ImplicitLogin(**values | changes)


def finish(text: str, **changes: Any) -> UserToken:
    """The person's token."""
    token = login(**changes).finish(text, NOW)
    assert isinstance(token, UserToken)
    return token


def refused(text: str, code: AuthErrorCode, **changes: Any) -> AuthError:
    """The error of what is no end of this login. Nothing of it is shown."""
    with pytest.raises(AuthError) as caught:
        login(**changes).finish(text, NOW)
    assert caught.value.code is code, caught.value
    LeakScanner(["CANARY"]).scan(without_frames(caught.value, None))  # as it leaves the library
    return caught.value


def encoded(text: str, times: int = 1) -> str:
    for _ in range(times):
        text = quote(text, safe="")
    return text


def lines(text: str, width: int, end: str = "\n") -> str:
    return end.join(text[at : at + width] for at in range(0, len(text), width))


def test_a_token() -> None:
    """All parts of it, decoded once."""
    assert finish(END) == UserToken(
        token=TOKEN,
        user_id=100001,
        expires_in=86400,
        expires_at=NOW + timedelta(days=1),
        email="t+1@mail.example",
        scope="65538",
    )
    assert finish(END, scope="").scope is None


FORMS: dict[str, str] = {
    "as it is": END,
    "with blanks around it": f" \t{END}\r\n",
    "encoded": encoded(END),
    "encoded twice": encoded(END, 2),
    "encoded in small letters": encoded(END).replace("%3A", "%3a").replace("%3D", "%3d").replace("%23", "%23"),
    "encoded but for slashes": quote(END),
    "encoded from # on": BLANK + encoded(f"#{FIELDS}"),
    "encoded twice from # on": BLANK + encoded(f"#{FIELDS}", 2),
    "encoded behind #": f"{BLANK}#{encoded(FIELDS)}",
    "# alone encoded": END.replace("#", "%23"),
    "# alone encoded twice": END.replace("#", "%2523"),
    "the fields": FIELDS,
    "the fields with #": f"#{FIELDS}",
    "the fields with ?": f"?{FIELDS}",
    "the fields encoded": encoded(FIELDS),
    "the fields encoded twice": encoded(f"#{FIELDS}", 2),
    "a part of the path": f"/blank.html#{FIELDS}",
    "no scheme": END.removeprefix("https://"),
    "no scheme, encoded": encoded(END.removeprefix("https://")),
    "in the query": END.replace("#", "?"),
    "in the query, with a fragment": f"{END.replace('#', '?')}#_=_",
    "auth_redirect": f"https://oauth.vk.ru/auth_redirect?app_id=1&authorize_url={encoded(END)}&response_type=token",
    "auth_redirect, twice": f"https://oauth.vk.com/auth_redirect?authorize_url={encoded(END, 2)}",
    "auth_redirect, encoded": encoded(f"https://oauth.vk.ru/auth_redirect?authorize_url={encoded(END)}"),
    "away.php": f"https://vk.com/away.php?to={encoded(END)}&cc_key=",
    "away.php of the mobile site": f"https://m.vk.ru/away.php?to={encoded(END)}",
    "away.php, twice": f"https://vk.ru/away.php?utf=1&to={encoded(END, 2)}",
    "away.php, not encoded": f"https://vk.com/away.php?to={END}",
    "both": "https://vk.com/away.php?to=" + encoded(f"https://oauth.vk.ru/auth_redirect?authorize_url={encoded(END)}"),
    "quotes": f'"{END}"',
    "single quotes": f"'{END}'",
    "guillemets": f"«{END}»",
    "low quotes": f"„{END}“",
    "backticks": f"`{END}`",
    "quotes of other countries": f"»{END}« is it, or ”{END}”",
    "closing quotes on both sides": f"”{END}”",
    "single quotes of other countries": f"‹{END}›",
    "single low quotes": f"‚{END}‘",
    "bold": f"**{END}**",
    "marks of direction": f"\u2068\u200e{END}\u200f\u2069",
    "a mark of the order of bytes": f"\ufeff{END}",
    "breaks that nobody sees": "\u200b".join(END[at : at + 40] for at in range(0, len(END), 40)),
    "hyphens that nobody sees": END.replace("/", "/\u00ad") + "\u200b",
    "brackets": f"<{END}>",
    "round brackets": f"(it is {END})",
    "Markdown": f"[here]({END}), see?",
    "JSON": f'{{"url": "{END}"}}',
    "a sentence": f"I came to {END}, and now?",
    "the end of a sentence": f"Пришёл сюда: {END}.",
    "after another address": f"It began at https://oauth.vk.ru/authorize?client_id=1 and ended at {END} .",
    "after a foreign one": f"As https://example.org/help says: {END}",
    "lines": lines(END, 60),
    "lines with a margin": "> " + lines(END, 60, "\r\n> "),
    "lines in brackets": f"<{lines(END, 60)}>\nthanks",
    "lines and a word": f"Here:\n{lines(END, 60)}\nthanks",
    "lines and a sentence": f"{lines(END, 60)}\nMany thanks!",
    "lines and an empty one": f"{lines(END, 60)}\n\nthanks",
    "lines of the fields": lines(FIELDS, 76),
    "encoded lines": lines(encoded(END), 70),
    "a margin of a terminal": "| " + lines(END, 76, " |\n| ") + " |",
    "a port that goes without saying": END.replace("vk.ru", "vk.ru:443"),
}


@pytest.mark.parametrize("text", FORMS.values(), ids=FORMS)
def test_how_people_paste_it(text: str) -> None:
    """However it was copied, it is the same token."""
    assert finish(text) == finish(END)


@pytest.mark.parametrize("domain", ["vk.ru", "vk.com"])
@pytest.mark.parametrize("host", ["oauth.", "api.", "", "www."])
def test_where_it_may_be(host: str, domain: str) -> None:
    """VK's blank.html was on several hosts of both families; they are known wherever the program is pointed at."""
    here = Endpoints.under("http://127.0.0.1:8080")
    for endpoints in (Endpoints(), Endpoints("vk.com"), here):
        assert finish(END.replace("oauth.vk.ru", f"{host}{domain}"), endpoints=endpoints)
    assert finish(END.replace("https://oauth.vk.ru", "http://127.0.0.1:8080/oauth"), endpoints=here)
    mine = login(redirect_uri=URL("https://app.example/end?x=1"))
    assert mine.finish(END.replace(BLANK, "https://app.example/end"), NOW)
    assert mine.finish(END.replace(BLANK, "https://app.example/end?x=1"), NOW)


@pytest.mark.parametrize(
    "address",
    [
        END.replace("oauth.vk.ru", "evil.example"), END.replace("oauth.vk.ru", "oauth.vk.ru.evil.example"),
        END.replace("oauth.vk.ru", "evilvk.ru"), END.replace("oauth.vk.ru", "login@oauth.vk.ru"),
        END.replace("oauth.vk.ru", "oauth.vk.ru:8443"), END.replace("oauth.vk.ru", "oauth.vk.ru\\@evil.example"),
        END.replace("https", "http"), f"https://evil.example/?next={END}", f"evil.example/?next={END}",
        f"evil.example/#{FIELDS}", f"evil.example/{FIELDS}",
        f"https://vk.com/away.php?to={encoded('https://evil.example/')}",
        f"https://oauth.vk.ru/auth_redirect?authorize_url={encoded(END.replace('oauth.vk.ru', 'evil.example'))}",
        f"https://evil.example/auth_redirect?authorize_url={encoded(END)}", END.replace("https://oauth.vk.ru",
        "http://127.0.0.1"),
        encoded(END.replace("oauth.vk.ru", "evil.example"), 2), "https://[", f"javascript:1#{FIELDS}",
        f"{BLANK}?{'x' * 17_000}=1",
        f"https://CANARY.example#{FIELDS}",
    ],
    ids=itertools.count(),
)  # fmt: skip
def test_h3_other_hosts(address: str) -> None:
    """H3: an address inside of another counts for nothing, and no host that VK or the program has not."""
    refused(address, Code.UNTRUSTED_REDIRECT)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "nothing was pasted"), (' \n"" ', "nothing was pasted"), ("I cannot", "there is no address"),
        ("x = 1", "there is no address"), ("x=1", "neither a token nor an error"),
        (BLANK, "what follows its # is missing"),
        (f"{BLANK}#", "what follows its # is missing"), (f"{BLANK}#access_token=&expires_in=0", "neither a token"),
        ("https://oauth.vk.ru/authorize?client_id=1&state=" + STATE, "where the login begins"),
        ("oauth.vk.ru/authorize?client_id=1", "where the login begins"),
        ("https://id.vk.ru/auth?app_id=1", "not that of the end"), ("https://vk.com/feed", "not that of the end"),
        ("https://oauth.vk.ru/auth_redirect?hash=1", "not that of the end"), (TOKEN, "a token alone"),
        (f'"{TOKEN}"', "a token alone"), ("0a" * 42 + "0", "a token alone"),
        (f"{BLANK}?code=CANARY&state={STATE}", "brings a code"), (f"{BLANK}#code=CANARY", "brings a code"),
        (f"{BLANK}#success=1", "a verification"), (f"{BLANK}#access_token={TOKEN}", "is cut"),
        (END.partition("&expires_in")[0], "is cut"), (f"{BLANK}#{GROUPS.replace('expires_in', 'x')}", "is cut"),
        (f"{END}&user_id=5", "a field twice"), (f"{END}&state={STATE}", "a field twice"),
        (END.replace("86400", "soon"), "expires_in"), (END.replace("86400", ""), "expires_in"),
        (END.replace("100001", "me"), "user_id"), (END.replace("CANARY-token", "CANARY…"), "characters that none has"),
        (f"{BLANK}#{GROUPS}", "tokens of communities"), ("x" * (LONGEST_PASTED + 1), "longer than any address"),
        ('{"error": ""}', "no address"), ("{" * 30, "no address"), ('{"access_token": 1}', "no address"),
        (f"https://oauth.vk.ru/auth_redirect?authorize_url={encoded(BLANK)}", "what follows its #"),
    ],
    ids=itertools.count(),
)  # fmt: skip
def test_what_ends_no_login(text: str, told: str) -> None:
    """The error says what it is instead."""
    assert told in refused(text, Code.UNEXPECTED_RESPONSE).message


def test_an_address_in_an_address_without_end() -> None:
    """Five are enough."""
    address = END
    for _ in range(4):
        address = f"https://vk.com/away.php?to={encoded(address)}"
    assert finish(address)
    address = f"https://vk.com/away.php?to={encoded(address)}"
    assert "and so on" in refused(address, Code.UNEXPECTED_RESPONSE).message


def test_communities_and_persons() -> None:
    """What was asked for comes, in its order; what was not is something else."""
    tokens = login(group_ids=(22, 1)).finish(f"{BLANK}#{GROUPS}", NOW)
    assert isinstance(tokens, GroupTokens)
    assert [(each.group_id, each.token[-1], each.expires_in) for each in tokens] == [(22, "2", 0), (1, "1", 0)]
    assert "a person's token" in refused(END, Code.UNEXPECTED_RESPONSE, group_ids=(1,)).message
    error = refused(f"{BLANK}#{GROUPS}", Code.ACCESS_DENIED, group_ids=(1, 5))
    assert isinstance(error, MissingGroupsError)
    assert (error.group_ids, [each.group_id for each in error.tokens]) == ((5,), [1])
    bad = GROUPS.replace("CANARY-token", "CANARY%20token")
    assert "characters" in refused(f"{BLANK}#{bad}", Code.UNEXPECTED_RESPONSE, group_ids=(1,)).message


@pytest.mark.parametrize("state", [None, "", "x" * 43, STATE.upper(), "ы", "\udcff", f"{STATE}x"])
@pytest.mark.parametrize("what", [f"access_token={TOKEN}&expires_in=0&user_id=1", "error=access_denied"])
def test_o2_a_login_of_somebody_else(what: str, state: str | None) -> None:
    """O2: another ``state``, or none, is another login; nothing of it is believed, a refusal neither."""
    end = f"{BLANK}#{what}" + ("" if state is None else f"&state={state}")
    assert "belongs to another login: " in refused(end, Code.STATE_MISMATCH).message
    if what.startswith("access"):
        assert finish(end, state=None)
    else:
        refused(end, Code.ACCESS_DENIED, state=None)


def test_o2_it_is_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """O2: by the one function that does."""
    seen: list[tuple[bytes, bytes]] = []

    def spy(given: bytes, sent: bytes) -> bool:
        seen.append((given, sent))
        return given == sent

    monkeypatch.setattr("vkauth.oauth.request.hmac.compare_digest", spy)
    assert finish(END)
    assert seen == [(STATE.encode(), STATE.encode())]


DENIED = "error=access_denied&error_reason=user_denied&error_description=User%20denied%20your%20request"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (f"{BLANK}#{DENIED}&state={STATE}", Code.ACCESS_DENIED),
        (f"{BLANK}#fail=1&state={STATE}", Code.ACCESS_DENIED), (f"{BLANK}#cancel=1&state={STATE}", Code.ACCESS_DENIED),
        (f"{BLANK}#fail=1", Code.ACCESS_DENIED), (f"{BLANK}?cancel=1", Code.ACCESS_DENIED),
        (f"{BLANK}#cancel=1&state=x", Code.STATE_MISMATCH), ("cancel=1", Code.ACCESS_DENIED),
        (f"{BLANK}?{DENIED}&state={STATE}", Code.ACCESS_DENIED),
        (f"{DENIED}&state={STATE}\nthanks", Code.ACCESS_DENIED),
        (f"{BLANK}#error={TOKEN}&state={STATE}", Code.AUTHORIZATION_FAILED),
        (f'{{"error": "x", "error_description": "it was {encoded(END)}"}}', Code.AUTHORIZATION_FAILED),
        (f"{BLANK}#error=server_error&state={STATE}", Code.SERVER_ERROR),
        (f"{BLANK}#error=x&error_description=no{TOKEN}&access_token={TOKEN}&state={STATE}", Code.AUTHORIZATION_FAILED),
        ('{"error":"invalid_request","error_description":"Security Error"}', Code.APP_NOT_ALLOWED),
        ('{"error":"invalid_request",\n"error_description":"application\nis blocked"}', Code.APP_NOT_ALLOWED),
        ('It says: {"error":"invalid_client","error_description":"client_id is incorrect"}.', Code.APP_NOT_ALLOWED),
        ('{"error":"invalid_request","error_description":"too much tries"}', Code.TOO_MUCH_TRIES),
        ('{"error":{"error_code":5}}', Code.INVALID_GRANT),
        (f'{{"error":{{"error_code":100,"error_msg":"no {TOKEN}"}}}}', Code.AUTHORIZATION_FAILED),
        ("https://oauth.vk.ru/error?err=2", Code.APP_NOT_ALLOWED), ("oauth.vk.com/error?err=2", Code.APP_NOT_ALLOWED),
        ("https://oauth.vk.ru/error?err=77", Code.AUTHORIZATION_FAILED),
        ("https://oauth.vk.ru/error", Code.AUTHORIZATION_FAILED),
        ("https://oauth.vk.ru/error?error=unauthorized_client", Code.APP_NOT_ALLOWED),
    ],
    ids=itertools.count(),
)  # fmt: skip
def test_refusals(text: str, code: AuthErrorCode) -> None:
    """VK's own words are in the details."""
    error = refused(text, code)
    if "Security" in text or "err=2" in text:
        assert error.details["error_description"] == "Security Error"


def test_a_validation_that_vk_wants() -> None:
    """The address is VK's where it gives one, else that where the login begins."""
    error = refused(f"{BLANK}#error=need_validation&state={STATE}", Code.VALIDATION_REQUIRED)
    assert error.redirect_uri == login().url
    there = "https://m.vk.ru/login?act=security_check"
    error = refused(
        f"{BLANK}#error=need_validation&state={STATE}&redirect_uri={encoded(there)}", Code.VALIDATION_REQUIRED
    )
    assert error.redirect_uri == there


def test_without_a_state_lines_are_joined_as_far_as_they_make_sense() -> None:
    """A word that follows is no part of a number."""
    end = f"{BLANK}#access_token={TOKEN}&expires_in=0&user_id=100001"
    for text in (end, f"{end}\nthanks", f"{lines(end, 50)}\nthanks", lines(end, len(end) - 2)):
        assert finish(text, state=None).user_id == 100001


PIECES = [
    *FORMS.values(), END, FIELDS, BLANK, "https://", "https%3A", "%3D", "%253D", "=", "#", "?", "&", "%", "\n", " ",
    "{",
    "}", '"', "(", "<", "error=", "access_token=", "expires_in=0", "state=" + STATE, "\udcff", "\x00", "\\", "xn--",
    "[",
    "https://oauth.vk.ru/auth_redirect?authorize_url=", "https://vk.com/away.php?to=", '{"error":', "ы",
]  # fmt: skip
anything = st.text() | st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=8).map("".join)


@settings(max_examples=300)
@given(anything, st.sampled_from([(), (1, 22)]), st.sampled_from([None, STATE]))
def test_any_text(text: str, group_ids: tuple[int, ...], state: str | None) -> None:
    """R1: tokens or an error, whatever was pasted."""
    try:
        found = login(group_ids=group_ids, state=state).finish(text, NOW)
    except AuthError as error:
        LeakScanner([TOKEN, *([state] if state else [])]).scan(without_frames(error, None))
    else:
        assert isinstance(found, GroupTokens if group_ids else UserToken)
        assert state is None or state in re.sub(r"[\s>|]", "", unquote(unquote(unquote(text))))


def _cut(unit: str) -> Callable[[int], str]:
    return lambda size: (unit * (size // len(unit) + 1))[:size]


WORST: dict[str, Callable[[int], str]] = {
    **{repr(unit): _cut(unit) for unit in (
        "https://", "https://oauth.vk.ru/ ", "%25", "%253D", "=", "a=1&", "a=1 ", "\n", "a\n", "(", "((https:", "{",
        "[{",
        "}", '{"error":', "%41", "x", "?", "#", "access_token_1=x&", "https%3A", "https:\nx", "%3", "' ", "http://xn--",
        "\\",
        "https://oauth.vk.ru/blank.html#a\n", "https://vk.com/away.php?to=", "error=x&", "ы", "\x85", "=\n",
    )},
    "one address": lambda size: f"{BLANK}#{'%41' * (size // 3)}"[:size],
    "three addresses": lambda size: f" {BLANK}#".join(["", *["%3D" * (size // 10)] * 3])[:size],
    "a long wrap": lambda size: f"https://vk.com/away.php?to={'%2541' * (size // 5)}"[:size],
    "many lines": lambda size: f"{BLANK}#" + "%41&\n" * (size // 5 - 10),
    "many secrets": lambda size: f"{BLANK}#error=x&" + "&".join(f"a{each}=bbbb{each}" for each in range(990)),
}  # fmt: skip


@pytest.mark.parametrize("make", WORST.values(), ids=WORST)
def test_the_longest_texts(make: Callable[[int], str]) -> None:
    """R1: 2 MiB are not read at all, and the longest that is read costs next to nothing."""
    for size in (2 * 1024 * 1024, LONGEST_PASTED):
        assert cost_of(partial(_try, make(size))) < 0.2


def _try(text: str) -> None:
    with pytest.raises(AuthError):
        login(state=None).finish(text, NOW)


def test_the_tokens_of_as_many_communities_as_can_be_asked_for() -> None:
    """They fit, also encoded twice, and cost little."""
    ids = tuple(range(200_000_000, 200_000_500))
    end = f"{BLANK}#" + "&".join(f"access_token_{each}={TOKEN}" for each in ids) + f"&expires_in=0&state={STATE}"
    for text in (end, encoded(end, 2), lines(end, 76)):
        tokens = login(group_ids=ids).finish(text, NOW)
        assert isinstance(tokens, GroupTokens)
        assert len(tokens) == 500
