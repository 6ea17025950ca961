"""Reading a body that may be anything: its fields, or a 4xx."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vkauth.signin.forms import read_fields
from vkauth.signin.values import MOST_BODY, RefusedError, Request

FORM = "application/x-www-form-urlencoded"
PARTS = "multipart/form-data; boundary=xyz"


def fields(kind: str | None, body: bytes | None) -> dict[str, str]:
    """The fields of a body."""
    headers = {} if kind is None else {"content-type": kind}
    return read_fields(Request(method="POST", path="/", headers=headers, body=body))


def refused(kind: str | None, body: bytes | None) -> int:
    """The status of a body that is none."""
    with pytest.raises(RefusedError) as caught:
        fields(kind, body)
    return caught.value.status


def part(name: str, value: str, *, more: str = "", mark: str = "xyz") -> bytes:
    """A part of a ``multipart/form-data`` body."""
    return f'--{mark}\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n{value}\r\n'.encode()


@pytest.mark.parametrize("mark", ["\udcff", '"\udcff"', "x\udcff", "ы"])
def test_a_boundary_that_is_no_ascii(mark: str) -> None:
    """It is none (RFC 2046), and may not even be bytes."""
    body = part("csrfToken", "t", mark="ы") + "--ы--\r\n".encode()
    assert refused(f"multipart/form-data; boundary={mark}", body) == 400


END = b"--xyz--\r\n"
WANTED = {"csrfToken": "t", "callbackUrl": "/я?a=b&c"}


def parts(mark: str = "xyz") -> bytes:
    """The parts of what is wanted."""
    return b"".join(part(*each, mark=mark) for each in WANTED.items())


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (FORM, b"csrfToken=t&callbackUrl=%2F%D1%8F%3Fa%3Db%26c"),
        (FORM + "; charset=UTF-8", "csrfToken=t&callbackUrl=/я?a%3Db%26c&other=1&other=2".encode()),
        (" Application/X-WWW-Form-UrlEncoded ;Charset=utf8", b"callbackUrl=/%D1%8F?a=b%26c&csrfToken=t"),
        ("application/json", json.dumps({**WANTED, "other": [1, {"csrfToken": 5}], "more": None}).encode()),
        ("application/json; charset=utf-8", json.dumps(WANTED, ensure_ascii=False).encode()),
        (PARTS, part("csrfToken", "t") + part("callbackUrl", "/я?a=b&c") + END),
        ('multipart/form-data; boundary="x y"', parts(mark="x y") + b"--x y--"),
        (PARTS + "; charset=utf-8", b"preamble\r\n" + parts() + END + b"epilogue"),
        (PARTS, part("file", "x", more='; filename="a"\r\nContent-Type: text/plain')
         + part("callbackUrl", "/я?a=b&c", more="\r\nContent-Type: text/plain") + part("csrfToken", "t") + END),
    ],
)  # fmt: skip
def test_ways_to_send_fields(kind: str, body: bytes) -> None:
    """A form of either kind, or JSON; other fields do not matter."""
    assert fields(kind, body) == WANTED


@pytest.mark.parametrize("kind", [None, FORM, "application/json", "text/plain", PARTS])
def test_nothing(kind: str | None) -> None:
    """An empty body has no fields, whatever it is said to be."""
    assert fields(kind, b"") == {}


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        (None, b"x", 415),
        ("", b"x", 415),
        ("text/plain", b"csrfToken=t", 415),
        ("application/x-www-form-urlencodedx", b"csrfToken=t", 415),
        (FORM + "; charset=koi8-r", b"csrfToken=t", 415),
        (FORM + "; charset=no-such-thing", b"csrfToken=t", 415),
        ("application/json; charset=utf-16", b"{}", 415),
        (PARTS + "; charset=latin-1", part("csrfToken", "t") + END, 415),
        (FORM, b"csrfToken=t&csrfToken=t", 400),
        (FORM, b"callbackUrl=/a&csrfToken=t&callbackUrl=/b", 400),
        (FORM, b"\xff\xfe", 400),
        (FORM, b"&".join(b"a%d=1" % number for number in range(101)), 400),
        ("application/json", b'{"csrfToken": "t", "csrfToken": "u"}', 400),
        ("application/json", b'{"csrfToken": 5}', 400),
        ("application/json", b'{"csrfToken": ["t"]}', 400),
        ("application/json", b'{"callbackUrl": {"a": 1}}', 400),
        ("application/json", b'{"callbackUrl": true}', 400),
        ("application/json", b"[]", 400),
        ("application/json", b"null", 400),
        ("application/json", b'"csrfToken"', 400),
        ("application/json", b'[["csrfToken", "t"]]', 400),
        ("application/json", b"{", 400),
        ("application/json", b"\xff", 400),
        ("application/json", b"[" * 10000, 400),
        ("application/json", b'{"a":' * 3000, 400),
        ("application/json", b'{"a":' + b"9" * 5000 + b"}", 400),
        ("multipart/form-data", part("csrfToken", "t") + END, 400),
        ("multipart/form-data; boundary=", part("csrfToken", "t") + END, 400),
        ("multipart/form-data; boundary=other", part("csrfToken", "t") + END, 400),
        (PARTS, part("csrfToken", "t"), 400),
        (PARTS, part("csrfToken", "t") + part("csrfToken", "t") + END, 400),
        (PARTS, b"--xyz\r\nContent-Disposition: form-data\r\n\r\nt\r\n" + END, 400),
        (PARTS, b"--xyz\r\nBroken header\r\n\r\nt\r\n" + END, 400),
        (PARTS, b'--xyz\r\nContent-Disposition: form-data; name="csrfToken"\r\n' + END, 400),
        (PARTS, part("a", "1") * 101 + END, 400),
        (PARTS, b"garbage", 400),
        (FORM, None, 400),
        (FORM, b"x" * (MOST_BODY + 1), 413),
        ("text/plain", b"x" * (MOST_BODY + 1), 413),
    ],
)  # fmt: skip
def test_bodies_that_are_refused(kind: str | None, body: bytes | None, status: int) -> None:
    """Broken, doubled, of another type, charset or size."""
    assert refused(kind, body) == status


def test_null_is_nothing() -> None:
    """A script may send it for what it does not know."""
    assert fields("application/json", b'{"csrfToken": "t", "callbackUrl": null}') == {"csrfToken": "t"}


KINDS = st.sampled_from([FORM, "application/json", PARTS, "text/plain", FORM + "; charset=", ""]) | st.text(max_size=60)
BODIES = st.binary(max_size=200) | st.lists(
    st.sampled_from(
        [part("csrfToken", "t"), part("x", "y"), END, b"--xyz", b"\r\n\r\n", b"\r\n", b'name="', b"{", b'"', b":"]
    )
).map(b"".join)


@given(KINDS, BODIES)
def test_any_body(kind: str, body: bytes) -> None:
    """It has fields that are text, or it is refused with a 4xx."""
    try:
        found = fields(kind, body)
    except RefusedError as error:
        status = error.status
    else:
        status = 400
        assert set(found) <= {"csrfToken", "callbackUrl"}
        assert all(isinstance(value, str) for value in found.values())
    assert status in (400, 413, 415)
