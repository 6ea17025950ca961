"""What a service's error answers mean."""

from __future__ import annotations

import json
import pickle
from typing import Any

import pytest
from costs import cost_of
from hypothesis import given
from hypothesis import strategies as st

from vkauth.errors import AuthError, AuthErrorCode, Unreachable
from vkauth.oauth.refusals import STANDARD, OAuthRules
from vkauth.wire.json import Fields

from .support import RULES, answer

Code = AuthErrorCode

TABLE = {
    Code.ACCESS_DENIED: ["access_denied", "consent_required"],
    Code.VALIDATION_REQUIRED: ["login_required", "interaction_required", "account_selection_required"],
    Code.APP_NOT_ALLOWED: [
        "invalid_client", "unauthorized_client", "invalid_scope", "unsupported_grant_type",
        "unsupported_response_type", "unsupported_token_type",
    ],
    Code.INVALID_GRANT: ["invalid_grant", "invalid_token"],
    Code.RATE_LIMITED: ["slow_down", "rate_limit_exceeded"],
    Code.SERVER_ERROR: ["server_error", "temporarily_unavailable", "internal_error"],
    Code.AUTHORIZATION_FAILED: ["invalid_request", "insufficient_scope", "something_new"],
}  # fmt: skip


def refused(body: object, status: int = 200, headers: dict[str, str] | None = None, **options: Any) -> AuthError:
    """The error of an answer."""
    with pytest.raises(AuthError) as caught:
        RULES.read(answer(body, status, headers), wanted="tokens", **options)
    error = caught.value
    assert error.details["provider"] == "sample"
    assert error.details["status"] == status
    return error


@pytest.mark.parametrize("status", [200, 400, 401, 403, 404])
@pytest.mark.parametrize(("code", "name"), [(code, name) for code, names in TABLE.items() for name in names])
def test_the_names_that_all_have_in_common(code: AuthErrorCode, name: str, status: int) -> None:
    """An error is one whatever the HTTP status; the service's words end the message."""
    error = refused({"error": name, "error_description": "as SAMPLE said"}, status)
    assert error.code == code
    assert error.details["error"] == name
    assert error.details["error_description"] == "as SAMPLE said"
    assert error.message.startswith("Sample: ")
    assert error.message.endswith("(as SAMPLE said)")


def test_every_standard_name_is_in_the_table() -> None:
    """The test knows them by itself."""
    known = {name: code for code, names in TABLE.items() for name in names if code != Code.AUTHORIZATION_FAILED}
    assert dict(STANDARD) == known


@pytest.mark.parametrize(
    ("body", "code", "hint"),
    [
        ({"error": "invalid_request", "error_code": "SAMPLE001"}, Code.FLOOD_CONTROL, "wait for a day"),
        ({"error": "invalid_client", "error_code": "SAMPLE999"}, Code.APP_NOT_ALLOWED, "look at the secret"),
        ({"error": "invalid_grant", "error_code": "SAMPLE999"}, Code.INVALID_GRANT, None),
        ({"code": -5, "msg": "gone"}, Code.PAGE_BLOCKED, None),
        ({"code": "-5"}, Code.PAGE_BLOCKED, None),
        ({"code": -6, "msg": "SAMPLE"}, Code.AUTHORIZATION_FAILED, None),
    ],
)
def test_a_services_own_names_are_laid_over(body: Any, code: AuthErrorCode, hint: str | None) -> None:
    """The first known name decides; what is to be done is a detail."""
    error = refused(body)
    assert error.code == code
    assert error.details.get("hint") == hint


def test_a_service_may_look_first() -> None:
    """Where a name says too little and a text says it."""

    def classify(fields: Fields, status: int | None) -> AuthErrorCode | None:
        return Code.APP_NOT_ALLOWED if fields.text("error_description") == "Security Error" else None

    rules = OAuthRules(provider="x", name="X", classify=classify)
    assert rules.refusal(Fields({"error": "invalid_grant"})).code == Code.INVALID_GRANT
    other = Fields({"error": "invalid_grant", "error_description": "Security Error"})
    assert rules.refusal(other).code == Code.APP_NOT_ALLOWED


INNER = OAuthRules(provider="sample", name="Sample", names=("code",), texts=("message",), ok="ok")
OUTER = OAuthRules(provider="sample", name="Sample", inner=INNER)


def test_an_error_in_an_object() -> None:
    """As an API tells it, in the place of a name; what it calls no error is none."""
    for status in (200, 400, 429, 503):
        with pytest.raises(AuthError) as caught:
            OUTER.read(answer({"data": {}, "error": {"code": "rate_limit_exceeded"}}, status), wanted="x")
        assert caught.value.code == Code.RATE_LIMITED
        assert caught.value.details == {"code": "rate_limit_exceeded", "provider": "sample", "status": status}
    with pytest.raises(AuthError) as caught:
        OUTER.read(answer({"error": "invalid_grant"}), wanted="x")
    assert caught.value.code == Code.INVALID_GRANT
    good = {"data": {}, "error": {"code": "ok"}}
    assert list(OUTER.read(answer(good), wanted="x")) == ["data", "error"]
    OUTER.check_success(answer(good), wanted="x")


@pytest.mark.parametrize("error", [{}, {"code": None}, {"code": ["ok"]}, {"code": "OK"}, {"message": "x"}])
def test_an_object_that_does_not_say_ok(error: object) -> None:
    """Is an error."""
    with pytest.raises(AuthError) as caught:
        OUTER.read(answer({"data": {}, "error": error}), wanted="x")
    assert caught.value.code == Code.AUTHORIZATION_FAILED


def test_details_are_what_came() -> None:
    """Under the service's own names: numbers as numbers, a list as its texts; nothing else of the answer."""
    error = refused(
        {
            "code": -402, "msg": "insufficient scopes.", "log_id": "SAMPLE-log", "access_token": "CANARY",
            "required_scopes": ["account_email", "gender", {"CANARY": 1}], "error": {"CANARY": 1},
        },
        403,
    )  # fmt: skip
    assert error.details == {
        "code": -402, "msg": "insufficient scopes.", "log_id": "SAMPLE-log", "required_scopes": "account_email,gender",
        "provider": "sample", "status": 403,
    }  # fmt: skip
    assert pickle.loads(pickle.dumps(error)).details == error.details


def test_a_name_is_not_scrubbed_and_a_text_is() -> None:
    """Whatever was sent: a client whose secret is "access_denied" still learns that access was denied."""
    error = refused({"error": "access_denied", "error_description": "no such code: CANARY", "log_id": "CANARY"})
    error.scrub(["CANARY", "access_denied"])
    assert error.details["error"] == "access_denied"
    assert "CANARY" not in f"{error}{error.details}"
    error = refused({"error": "CANARY"})
    error.scrub(["CANARY"])
    assert "CANARY" not in f"{error}{error.details}"
    assert "(access_denied)" in refused({"error": "access_denied"}).message


def test_an_error_without_text() -> None:
    """Its name is shown."""
    assert refused({"error": "new_error"}).message.endswith("(new_error)")
    assert refused({"error": ["x"]}).code == Code.AUTHORIZATION_FAILED
    assert refused({"error": True}).message == "Sample: the service refused"


@pytest.mark.parametrize(
    ("status", "code"), [(429, Code.RATE_LIMITED), (500, Code.SERVER_ERROR), (503, Code.SERVER_ERROR)]
)
@pytest.mark.parametrize("body", ["", "<h1>Sorry</h1>", "{}", '{"error": "new_error"}', "[" * 100_000, b"\xff\x00"])
def test_the_status_counts_where_the_body_says_nothing_known(status: int, code: AuthErrorCode, body: Any) -> None:
    """With the time to wait, if that is told; such a call may succeed later."""
    error = refused(body, status, {"retry-after": "30"})
    assert error.code == code
    assert error.retry_after == 30.0
    assert isinstance(error, Unreachable)
    assert refused({"error": "invalid_grant"}, status, {"retry-after": "30"}).retry_after is None
    assert refused({"error": "invalid_grant"}, status).code == Code.INVALID_GRANT


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0.0),
        ("604800", 604800.0),
        ("604801", None),
        ("-1", None),
        ("soon", None),
        ("9" * 5000, None),
        ("1e3", None),
    ],
)
def test_the_time_to_wait_is_bounded(header: str, seconds: float | None) -> None:
    """Nobody waits for years."""
    assert refused({"error": "slow_down"}, 200, {"retry-after": header}).retry_after == seconds


@pytest.mark.parametrize("status", [200, 201, 400, 401, 404, 418])
@pytest.mark.parametrize(
    "body",
    [
        "",
        " ",
        "<title>SAMPLE page</title>",
        "null",
        "[]",
        '"x"',
        "5",
        "{",
        "[" * 10_000,
        b"\xff",
        '{"a":' * 30 + "1" + "}" * 30,
    ],
)
def test_what_is_no_object(status: int, body: Any) -> None:
    """R1: HTML, nothing, other JSON, objects nested without end: told by a fingerprint."""
    error = refused(body, status)
    assert error.code == Code.UNEXPECTED_RESPONSE
    assert "wanted tokens of Sample" in error.message


def test_an_object_is_no_success_with_any_status() -> None:
    """4xx without an error that the service names is not understood."""
    assert RULES.read(answer({"a": 1}, 201), wanted="x").number("a") == 1
    assert refused({"a": 1}, 400).code == Code.UNEXPECTED_RESPONSE


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 307, 308])
@pytest.mark.parametrize(
    ("location", "code"),
    [
        (None, Code.UNEXPECTED_RESPONSE),
        ("/login?CANARY", Code.UNEXPECTED_RESPONSE),
        ("https://sample.example/login", Code.UNEXPECTED_RESPONSE),
        ("https://evil.example/?CANARY", Code.UNTRUSTED_REDIRECT),
        ("http://sample.example/login", Code.UNTRUSTED_REDIRECT),
        ("//evil.example/", Code.UNTRUSTED_REDIRECT),
        ("/\\evil.example/", Code.UNTRUSTED_REDIRECT),
        ("ftp://x", Code.UNTRUSTED_REDIRECT),
        ("https://[", Code.UNTRUSTED_REDIRECT),
    ],
)
def test_h2_no_redirect_is_an_answer(status: int, location: str | None, code: AuthErrorCode) -> None:
    """H2: whatever its body says; one to another host is named as such."""
    headers = {} if location is None else {"location": location}
    error = refused({"error": "invalid_grant", "access_token": "CANARY"}, status, headers)
    assert error.code == code
    assert "CANARY" not in f"{error!r}{error}{error.details}"


@pytest.mark.parametrize(("body", "status"), [("", 200), ("{}", 200), (" \n", 204), ('{"response": 1}', 200)])
def test_a_success_that_may_be_empty(body: str, status: int) -> None:
    """Some answer a revocation with nothing."""
    RULES.check_success(answer(body, status), wanted="success")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ("", 500, Code.SERVER_ERROR), ("", 302, Code.UNEXPECTED_RESPONSE), ("", 400, Code.UNEXPECTED_RESPONSE),
        ('{"error": "invalid_token"}', 200, Code.INVALID_GRANT), ("<html>", 200, Code.UNEXPECTED_RESPONSE),
    ],
)  # fmt: skip
def test_a_success_that_is_none(body: str, status: int, code: AuthErrorCode) -> None:
    """An error is one here too."""
    with pytest.raises(AuthError) as caught:
        RULES.check_success(answer(body, status), wanted="success")
    assert caught.value.code == code


def test_where_to_send_the_person() -> None:
    """The service's own address, if it is one of the web; else the one that the caller knows."""
    fields = {"error": "login_required", "redirect_uri": "https://sample.example/validate"}
    assert RULES.refusal(Fields(fields), redirect_uri="https://x.example/").redirect_uri == fields["redirect_uri"]
    fields["redirect_uri"] = "javascript:alert(1)"
    assert RULES.refusal(Fields(fields), redirect_uri="https://x.example/").redirect_uri == "https://x.example/"
    other = Fields({"error": "access_denied"})
    assert RULES.refusal(other, redirect_uri="https://x.example/").redirect_uri is None


names = st.sampled_from(["error", "error_code", "code", "msg", "error_description", "log_id", "required_scopes", "a"])
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(sorted(STANDARD)),
    lambda each: st.lists(each, max_size=3) | st.dictionaries(names, each, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(names, values), st.integers(100, 599))
def test_r1_any_object(body: dict[str, Any], status: int) -> None:
    """R1: an object or an AuthError that can be printed, scrubbed and sent elsewhere."""
    try:
        RULES.read(answer(body, status), wanted="x")
    except AuthError as error:
        refusal = error
    else:
        return
    refusal.scrub(["CANARY"])
    assert str(pickle.loads(pickle.dumps(refusal))) == str(refusal)
    json.dumps(dict(refusal.details))


@given(st.binary(), st.integers(100, 599), st.text())
def test_r1_any_bytes(body: bytes, status: int, header: str) -> None:
    """R1: the same for bytes that are no JSON."""
    try:
        RULES.read(
            answer(body, status, {"location": header, "retry-after": header, "content-type": header}), wanted="x"
        )
    except AuthError:
        pass


LARGE = 2 * 1024 * 1024


@pytest.mark.parametrize(
    "body",
    [
        "[" * LARGE,
        '{"a":' * (LARGE // 5),
        "[]," * (LARGE // 3),
        '{"error":"' + "x" * LARGE + '"}',
        "<a>" * (LARGE // 3),
    ],
    ids=lambda body: body[:12],
)
def test_r1_a_large_answer_costs_little(body: str) -> None:
    """R1: 2 MiB of the worst."""
    assert cost_of(lambda: refused(body)) < 0.5
