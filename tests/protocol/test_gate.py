"""Answers that nobody understands."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from saved_pages import answer, saved_pages

from vkauth.errors import AuthErrorCode, NotUnderstood, Said
from vkauth.protocol.endpoints import Endpoints
from vkauth.protocol.gate import service_trouble, unexpected_error
from vkauth.wire.unknown import fingerprint
from vkauth.wire.waiting import retry_after

VK = Endpoints()
PAGE = "https://oauth.vk.ru/authorize"
CANARY = "KANAREYKA"
FOREIGN_GATE = (302, {"location": "https://evil.example/challenge.html"})


def test_a_fingerprint() -> None:
    """S4: status, type, title and the names of forms and fields identify a page."""
    body = """<html><head><TITLE lang=ru> ВКонтакте &amp;\n Вход </TITLE></head>
    <form name="login" action="/x?SAMPLE"><input type=hidden value="SAMPLE" name="ip_h"><input name='pass'>
    <input name="ip_h"><textarea>SAMPLE</textarea></form>"""
    mark = fingerprint(answer(PAGE, body, headers={"content-type": "text/html; charset=utf-8"}))
    assert mark == {
        "status": 200,
        "content_type": "text/html; charset=utf-8",
        "title": "ВКонтакте & Вход",
        "fields": "login,ip_h,pass",
    }


def test_a_fingerprint_is_short() -> None:
    """However much there is of each part, little of it is kept."""
    body = f"<title>{'t' * 190}</title>" + "".join(f"<input name=n{number}>" for number in range(100))
    mark = fingerprint(answer(PAGE, body, headers={"content-type": "x" * 500}))
    assert str(mark["fields"]).count(",") == 11
    error = unexpected_error(answer(PAGE, body, headers={"content-type": "x" * 500}), VK, wanted="x")
    assert "title 'tttt" in error.message
    assert len(error.message) < 400
    error.scrub([])
    assert error.details["title"] == "t" * 80 + "…"
    assert error.details["content_type"] == "x" * 80 + "…"


@pytest.mark.parametrize(
    "title",
    [
        "Your last login was refused, and the password that was used for it is, just now: SAMPLE_password",
        "SAMPLE_password" * 400,
        " " * 3994 + "SAMPLE_password",
        " " * (64 * 1024 - 16) + "SAMPLE_password",
        f"{'x' * 40}SAMPLE_password {'y' * 90}",
    ],
    ids=["at 80", "again and again", "at 4,000", "at the end of what is looked at", "inside"],
)
def test_s4_a_title_is_scrubbed_before_it_is_cut(title: str) -> None:
    """S4: wherever a title is cut, no piece of a secret is left at its end."""
    page = answer(PAGE, f"<title>{title}</title>", headers={"content-type": f"text/{'x' * 66}SAMPLE_password"})
    error = unexpected_error(page, VK, wanted="x")
    error.scrub(["SAMPLE_password"])
    assert "SAMP" not in f"{error}{error!r}{error.args}{dict(error.details)}{vars(error)}"


def test_a_content_type_that_cannot_be_printed() -> None:
    """Bytes that are no text arrive as lone surrogates; the error can be written to any log all the same."""
    error = unexpected_error(answer(PAGE, headers={"content-type": "text/\udcff"}), VK, wanted="x")
    assert error.details["content_type"] == "text/?"
    str(error).encode("utf-8")


def test_what_came_is_foreign_text() -> None:
    """S4: a secret that the title, a field or the content type repeats is taken out of the error, in all its parts."""
    page = answer(PAGE, "<title>a SAMPLE_x b</title><input name=q>", headers={"content-type": "text/SAMPLE_x"})
    error = unexpected_error(page, VK, wanted="x")
    error.scrub(["SAMPLE_x", "answer"])
    assert "SAMPLE_x" not in f"{error}{error!r}{dict(error.details)}"
    assert error.message == "the answer is not understood: wanted x, got HTTP 200 (text/***, title 'a *** b', fields q)"
    assert [type(error.details[name]) for name in ("content_type", "title", "fields")] == [Said] * 3


def test_only_names_are_shown_as_fields() -> None:
    """S4: what does not look like the name of a field may be anything."""
    body = "<input name=email><input name=0123456789abcdef01><input name='a b'><input name=code987654><form name=login>"
    assert fingerprint(answer(PAGE, body))["fields"] == "email,login"


def test_a_sample_goes_with_it() -> None:
    """A page that is not understood can be shown to others without what it says; whoever looks sees nothing of it."""
    page = answer(
        PAGE, f"<form><input name=pass value={CANARY}>" + "x" * 100_000, headers={"content-type": "text/html"}
    )
    error = unexpected_error(page, VK, wanted="x")
    assert isinstance(error, NotUnderstood)
    assert CANARY not in repr(vars(error))
    sample = error.sample()
    assert sample is not None
    assert '<input name="pass" value="{text 9}"/>' in sample
    assert CANARY not in repr(vars(error))
    assert pickle.loads(pickle.dumps(error)).sample() == sample


def test_other_errors_have_no_sample() -> None:
    """A gate or a foreign redirect is understood."""
    foreign = unexpected_error(answer(PAGE, location="https://evil.example/"), VK, wanted="x")
    assert isinstance(foreign, NotUnderstood)
    assert foreign.sample() is None


@given(st.data())
@settings(max_examples=60)
def test_an_error_never_holds_the_body(data: st.DataObject) -> None:
    """S4: whatever is put into the texts and values of a page, the error about it does not repeat it."""
    case = data.draw(st.sampled_from([each for each in saved_pages() if b"<input" in each.response.body]))
    body = case.response.body
    seams = [at for at in range(1, len(body)) if body[at - 1 : at] == b">" and b"<title" not in body[at - 40 : at]]
    at = data.draw(st.sampled_from(seams))
    wrap = data.draw(
        st.sampled_from(
            ["{}", '<b id="{}">', '<input value="{}">', "<!--{}-->", '<a href="/{}">', "<script>'{}'</script>"]
        )
    )
    changed = body[:at] + wrap.format(CANARY).encode() + body[at:]
    error = unexpected_error(answer(PAGE, changed, headers=case.response.headers), VK, wanted="a token")
    assert error.code is AuthErrorCode.UNEXPECTED_RESPONSE
    assert CANARY not in f"{error}{error!r}{dict(error.details)}{vars(error)}"


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("30", 30.0),
        ("0", 0.0),
        ("", None),
        ("-1", None),
        ("604800", 604800.0),
        ("604801", None),
        ("Wed, 21 Oct 2026 07:28:00 GMT", None),
        ("9" * 5000, None),
    ],
)
def test_retry_after(value: str, seconds: float | None) -> None:
    """Seconds are read, if they are a time that anybody would wait."""
    assert retry_after(answer(PAGE, status=429, headers={"retry-after": value})) == seconds
    assert retry_after(answer(PAGE, status=429)) is None


@pytest.mark.parametrize(
    ("url", "status", "headers"),
    [
        (PAGE, 429, {}),
        (PAGE, 200, {"x-challenge-url": "/challenge.html"}),
        ("https://vk.ru/challenge.html?hash429=0a", 200, {}),
        ("https://vk.ru/429.html?redirect=/", 200, {}),
        (PAGE, 302, {"location": "https://vk.ru/challenge.html?hash429=0a"}),
        (PAGE, 302, {"location": "/429.html"}),
    ],
)
def test_the_request_gate(url: str, status: int, headers: dict[str, str]) -> None:
    """What stands before VK's own code is told as such (vk_api#489), with the time to wait."""
    error = service_trouble(answer(url, status=status, headers={**headers, "retry-after": "60"}), VK)
    assert error is not None
    assert (error.code, error.retry_after, error.retryable) == (AuthErrorCode.RATE_LIMITED, 60.0, True)


@pytest.mark.parametrize("status", [500, 502, 503, 504, 599])
def test_servers_that_fail(status: int) -> None:
    """5xx is the service's fault and may pass."""
    error = service_trouble(answer(PAGE, "<html>", status=status), VK)
    assert error is not None
    assert (error.code, error.details, error.retryable) == (AuthErrorCode.SERVER_ERROR, {"status": status}, True)


@pytest.mark.parametrize(
    ("status", "headers"),
    [(200, {}), (401, {}), (302, {"location": "/x"}), (200, {"location": "/challenge.html"}), (302, {}), FOREIGN_GATE],
)
def test_no_trouble(status: int, headers: dict[str, str]) -> None:
    """Everything else is for whoever asked to understand."""
    assert service_trouble(answer(PAGE, status=status, headers=headers), VK) is None


@pytest.mark.parametrize(
    ("status", "location", "code"),
    [
        (429, None, AuthErrorCode.RATE_LIMITED),
        (503, None, AuthErrorCode.SERVER_ERROR),
        (302, "https://evil.example/", AuthErrorCode.UNTRUSTED_REDIRECT),
        (302, "/elsewhere", AuthErrorCode.UNEXPECTED_RESPONSE),
        (302, None, AuthErrorCode.UNEXPECTED_RESPONSE),
        (200, None, AuthErrorCode.UNEXPECTED_RESPONSE),
    ],
)
def test_why_an_answer_is_not_the_one_wanted(status: int, location: str | None, code: AuthErrorCode) -> None:
    """The gate, a failed server and a foreign redirect are told as what they are; the rest is not understood."""
    assert unexpected_error(answer(PAGE, status=status, location=location), VK, wanted="a token").code is code


def test_the_message_says_what_came() -> None:
    """A bug report with this message is enough to recognise the page."""
    page = answer(PAGE, "<title>T</title><input name=q>", headers={"content-type": "text/html"})
    said = "the answer is not understood: wanted a token, got HTTP 200 (text/html, title 'T', fields q)"
    assert unexpected_error(page, VK, wanted="a token").message == said
    assert unexpected_error(answer(PAGE), VK, wanted="x").message.endswith("wanted x, got HTTP 200 (no content type)")
