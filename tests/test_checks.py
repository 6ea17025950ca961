"""Checks of arguments, each by itself."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

import pytest
from costs import cost_of
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from vkauth import UserScope, checks
from vkauth.scopes import parse_scope
from vkauth.testing import LeakScanner


@pytest.mark.parametrize(
    ("value", "found"), [(1, "1"), ("1", "1"), (" 2274003 ", "2274003"), (10**20 - 1, "9" * 20), ("9" * 20, "9" * 20)]
)
def test_client_id(value: int | str, found: str) -> None:
    """A number, as a number or as text."""
    assert checks.client_id(value) == found


@pytest.mark.parametrize("value", [0, -1, "", " ", "0", "00", "-1", "1.0", "x", "٣", "²", "1 2", 10**20, "9" * 5000])
def test_no_client_id(value: int | str) -> None:
    """However strange it is, the error names it."""
    with pytest.raises(ValueError, match=r"^client_id must be a positive number"):
        checks.client_id(value)


@pytest.mark.parametrize("digits", [10**5000, "9" * 5000], ids=["int", "str"])
def test_no_client_id_has_thousands_of_digits(digits: int | str) -> None:
    """Python's own limit for reading and writing numbers is not what the caller hears of."""
    with pytest.raises(ValueError, match=r"^client_id must be a positive number"):
        checks.client_id(digits)


@pytest.mark.parametrize("value", [True, None, 1.0, b"1", [1]])
def test_client_id_of_a_wrong_type(value: object) -> None:
    """A truth value is not a number here."""
    with pytest.raises(TypeError, match=rf"^client_id .*{type(value).__name__}"):
        checks.client_id(value)


def test_text_comes_back_as_it_is() -> None:
    """A password may begin with a space."""
    assert checks.text("password", " x ") == " x "
    assert checks.optional_text("login", None) is None
    assert checks.optional_text("login", "x") == "x"


@pytest.mark.parametrize("value", ["", "  ", "\t", "a\ud800b"])
def test_no_text(value: str) -> None:
    """Empty text, and text that no bytes exist for."""
    for check in (checks.text, checks.optional_text):
        with pytest.raises(ValueError, match=r"^login "):
            check("login", value)


@pytest.mark.parametrize("value", [1, b"x", ["x"], True])
def test_text_of_a_wrong_type(value: object) -> None:
    """A phone number is no number: it may begin with a plus."""
    with pytest.raises(TypeError, match=rf"^phone must be str, not {type(value).__name__}"):
        checks.optional_text("phone", value)


@pytest.mark.parametrize("value", [0.001, 1, 10.0, 1e300])
def test_seconds(value: float) -> None:
    """Any finite time."""
    assert checks.seconds("timeout", value) == value
    assert type(checks.seconds("timeout", value)) is float


@pytest.mark.parametrize("value", [0, 0.0, -1, float("nan"), float("inf"), float("-inf"), 10**400])
def test_no_seconds(value: float) -> None:
    """No time at all, and times without an end."""
    with pytest.raises(ValueError, match=r"^timeout must be a finite number"):
        checks.seconds("timeout", value)


@pytest.mark.parametrize("value", [None, "10", True, b"1"])
def test_seconds_of_a_wrong_type(value: object) -> None:
    """Text is not read as a number."""
    with pytest.raises(TypeError, match=r"^timeout must be a number of seconds"):
        checks.seconds("timeout", value)


def test_attempts_are_not_endless() -> None:
    """A number that cannot be written in a message is none to count to."""
    assert checks.attempts("max_attempts", sys.maxsize) == sys.maxsize
    with pytest.raises(ValueError, match=r"^max_attempts must have at most 63 bits"):
        checks.attempts("max_attempts", 10**5000)


def test_attempts() -> None:
    """A whole number from 1."""
    assert checks.attempts("max_attempts", 1) == 1
    for value in (0, -1):
        with pytest.raises(ValueError, match=r"^max_attempts must be at least 1"):
            checks.attempts("max_attempts", value)
    for wrong in (True, 1.0, "3", None):
        with pytest.raises(TypeError, match=r"^max_attempts must be int"):
            checks.attempts("max_attempts", wrong)


def test_api_version() -> None:
    """Two numbers with a point."""
    assert checks.api_version("5.199") == "5.199"
    for value in ("", "5", "5.", "5.199.1", "v5.199", "5.x", " 5.199", "5.199\n", "٥.١٩٩", "5.199&x=1"):
        with pytest.raises(ValueError, match=r"^api_version must look like"):
            checks.api_version(value)
    for wrong in (5.199, None):
        with pytest.raises(TypeError, match=r"^api_version must be str"):
            checks.api_version(wrong)


def test_headers_are_copied() -> None:
    """What the caller changes later is not sent."""
    given = {"User-Agent": "x/1", "X-Empty": "", "X-Имя".encode("ascii", "ignore").decode(): "значение"}
    found = checks.headers(given)
    assert found == given
    assert found is not given
    assert checks.headers(None) == {}


def test_s1_the_values_of_headers_are_masked() -> None:
    """S1: a caller may put a key there; what is sent is the text itself, in any alphabet."""
    found = checks.headers({"X-Key": "CANARY\tключ"})
    LeakScanner(["CANARY"]).scan(found)
    assert str(found["X-Key"]) == "CANARY\tключ"


@pytest.mark.parametrize("character", [*"\r\n\0\x01\x08\x0b\x1b\x1f\x7f\x80\x85\x9f", "\ud800"], ids=ascii)
def test_header_values_that_cannot_be_sent(character: str) -> None:
    """No control character but the tab: some servers end the header there, and a terminal may obey one."""
    with pytest.raises(
        ValueError, match=r"^headers: the value of no. 2 holds characters that cannot be sent"
    ) as caught:
        checks.headers({"Accept": "x", "X-Key": f"CANARY{character}"})
    LeakScanner(["CANARY"]).scan(caught.value)


@pytest.mark.parametrize("name", ["A B", "A:", "", "Ж", "A\n", "\ud800", "Authorization: CANARY", "x" * 101])
def test_header_names_that_cannot_be_sent(name: str) -> None:
    """S1: the error counts the headers, for a whole line with a secret may be taken for a name."""
    with pytest.raises(ValueError, match=r"^headers: the name of no. 2 cannot be sent$") as caught:
        checks.headers({"Accept": "x", name: "x"})
    LeakScanner(["CANARY"]).scan(caught.value)


@pytest.mark.parametrize(
    "name",
    ["Host", "cookie", "CONTENT-LENGTH", "Transfer-Encoding", "Connection", "Expect", "Upgrade", "content-encoding"],
)
def test_headers_that_are_the_librarys_own(name: str) -> None:
    """Whoever sets these would send requests that mean something else."""
    with pytest.raises(ValueError, match=rf"^headers: '{name}' is set by the library"):
        checks.headers({name: "x"})


def test_headers_differ_by_more_than_their_case() -> None:
    """Which of two was meant is not guessed."""
    with pytest.raises(ValueError, match=r"^headers: the name of no. 2 is there twice"):
        checks.headers({"user-agent": "a", "User-Agent": "b"})


@pytest.mark.parametrize(
    "value",
    [
        [("A", "x")],
        "A: x",
        1,
        {"A": 1},
        {1: "x"},
        {"A": None},
        {"A": b"x"},
        {"A": bytearray(b"x")},
        {"A": memoryview(b"x")},
        {b"A": "x"},
    ],
)
def test_headers_of_a_wrong_type(value: object) -> None:
    """A mapping of text to text."""
    with pytest.raises(TypeError, match=r"^headers"):
        checks.headers(value)


@pytest.mark.parametrize(
    "address",
    [
        "http://user:CANARY@proxy.example:3128",
        "https://proxy.example",
        "HTTP://10.0.0.1:1",
        "http://[::1]:65535/",
        "http://прокси.рф:8080",
        "http://xn--h1adlgc.xn--p1ai",
        "http://my_proxy.local.",
    ],
)
def test_proxy(address: str) -> None:
    """S1: an address of http or https; what shows of it is a mask."""
    for value in (address, URL(address)):
        found = checks.proxy(value)
        assert found == str(value)
        assert repr(found) == "Secret('***')"
    assert checks.proxy(None) is None


@pytest.mark.parametrize(
    "value",
    [
        "",
        "proxy.example:3128",
        "socks5://u:CANARY@x",
        "http://",
        "http:///path",
        "http://u:CANARY@",
        "http://u:CANARY@:3128",
        "http://u:CANARY@[::1",
        "http://u:CANARY@[]@",
        "http://u:CANARY@x:y",
        "http://u:CANARY@x:0",
        "http://u:CANARY@x:99999",
        "http://u:CANARY@x:-1",
        "http://u:CANARY@xn--a/",
        "http://u:CANARY@xn--.example",
        "http://u:CANARY@\u0600\u2024/",
        "http://u:CANARY@\u2100.example",
        "http://u:CANARY@a..b",
        "http://u:CANARY@.",
        "http://u:CANARY@a b",
        "http://u:CANARY@a<b>",
        "http://u:CANARY@%zz",
        "http://u:CANARY@x\n",
        "http://u:CANARY@x\\y",
        "http://u:CANARY\ud800@x",
        "http://u:CANARYж@x",
        "http://u%3Ax:CANARY@x",
        f"http://u:CANARY@{'a' * 64}.example",
        f"http://u:CANARY@{'a.' * 127}example",
        URL("socks5://u:CANARY@x"),
        URL("/CANARY"),
    ],
    ids=ascii,
)
def test_no_proxy(value: str | URL) -> None:
    """S1: neither the error nor its frames repeat the value, for it may hold a password."""
    with pytest.raises(ValueError, match=r"^proxy ") as caught:
        checks.proxy(value)
    assert type(caught.value) is ValueError
    LeakScanner(["CANARY"]).scan(caught.value)
    assert caught.value.__cause__ is caught.value.__context__ is None


def test_a_long_proxy_costs_nothing() -> None:
    """Its host would be decoded for minutes."""

    def check() -> None:
        with pytest.raises(ValueError, match=r"^proxy is no address: too long"):
            checks.proxy("http://xn--" + "a" * 2_000_000)

    assert cost_of(check) < 0.5


def test_proxy_of_a_wrong_type() -> None:
    """Text or ``yarl.URL``."""
    for value in (3128, b"http://x", ["http://x"]):
        with pytest.raises(TypeError, match=r"^proxy"):
            checks.proxy(value)


@pytest.mark.parametrize(
    ("value", "ids"), [(1, (1,)), (-1, (1,)), ([3, -2, 3, 2], (3, 2)), ((5,), (5,)), (range(1, 4), (1, 2, 3))]
)
def test_group_ids(value: object, ids: tuple[int, ...]) -> None:
    """Each once, positive, in the order given."""
    assert checks.group_ids(value) == ids


@pytest.mark.parametrize("digits", [10**5000, -(10**5000), 2**63, [1, 10**5000]], ids=["+", "-", "64 bits", "list"])
def test_no_group_id_has_thousands_of_digits(digits: object) -> None:
    """Python's own limit for writing numbers would end the run, long after the argument was given."""
    with pytest.raises(ValueError, match=r"^group_ids must hold numbers of at most 63 bits"):
        checks.group_ids(digits)


def test_group_ids_fit_in_an_address() -> None:
    """They are sent in one, and a list without an end ends here."""
    assert len(checks.group_ids([*range(1, 501), *range(1, 501)])) == 500
    with pytest.raises(ValueError, match=r"^group_ids must not hold more than 500"):
        checks.group_ids(itertools.count(1))


@pytest.mark.parametrize("value", [0, [], [1, 0], ()])
def test_no_group_ids(value: object) -> None:
    """There is no community 0."""
    with pytest.raises(ValueError, match=r"^group_ids"):
        checks.group_ids(value)


@pytest.mark.parametrize(
    "value", [None, "1", ["1"], True, [True], 1.0, b"12", bytearray(b"12"), memoryview(b"12"), {1: 2}]
)
def test_group_ids_of_a_wrong_type(value: object) -> None:
    """Text is not read as a number, bytes are not a list of them."""
    with pytest.raises(TypeError, match=r"^group_ids"):
        checks.group_ids(value)


def test_instance() -> None:
    """An object of the class; of a subclass too."""
    assert checks.instance("x", True, int) is True
    with pytest.raises(TypeError, match=r"^x must be int, not str"):
        checks.instance("x", "1", int)


@pytest.mark.parametrize("check", [checks.text, checks.optional_text, checks.seconds, checks.attempts])
def test_every_check_names_the_argument(check: Callable[[str, Any], object]) -> None:
    """Whatever the argument is called."""
    with pytest.raises(TypeError, match=r"^this_one "):
        check("this_one", [])


CANARY: Final = "CANARY"
_texts = st.text(st.characters(), max_size=10) | st.sampled_from(
    ["http://x:1/", "http://xn--", "\ud800", "\r\n", "5.1"]
)
_marked = st.tuples(_texts, _texts).map(CANARY.join)
_numbers = st.integers() | st.sampled_from([19, 20, 400, 5000]).map(lambda zeros: 10**zeros)
_simple = (
    st.none()
    | st.booleans()
    | _numbers
    | st.floats()
    | st.decimals().filter(Decimal.is_finite)
    | st.fractions()
    | st.complex_numbers()
    | _texts
    | _marked
    | _marked.map(lambda text: text.encode("utf-8", "replace"))
    | _marked.map(lambda text: bytearray(text.encode("utf-8", "replace")))
    | _marked.map(lambda text: memoryview(text.encode("utf-8", "replace")))
    | st.sampled_from([URL("http://u:CANARY@x"), URL("x:CANARY"), object(), int, Fraction, ..., NotImplemented])
)
_hashable = st.none() | st.booleans() | st.integers() | _texts | _marked | st.binary(max_size=5)
_anything = st.recursive(
    _simple,
    lambda each: (
        st.lists(each, max_size=3)
        | st.tuples(each, each)
        | st.sets(_hashable, max_size=3)
        | st.dictionaries(_hashable, each, max_size=3)
    ),
    max_leaves=5,
)
CHECKS: dict[str, Callable[[object], object]] = {
    "client_id": checks.client_id,
    "api_version": checks.api_version,
    "headers": checks.headers,
    "proxy": checks.proxy,
    "group_ids": checks.group_ids,
    "this_one": lambda value: checks.text("this_one", value),
    "that_one": lambda value: checks.optional_text("that_one", value),
    "timeout": lambda value: checks.seconds("timeout", value),
    "max_attempts": lambda value: checks.attempts("max_attempts", value),
    "endpoints": lambda value: checks.instance("endpoints", value, LeakScanner),
    "scope": lambda value: parse_scope(value, UserScope),  # type: ignore[arg-type]
}


def refusal(check: Callable[[object], object], value: object) -> Exception | None:
    """The error that a check raises, if it does; another than the two that it may raise is not caught."""
    try:
        check(value)
    except (TypeError, ValueError) as error:
        return error
    return None


@pytest.mark.parametrize("name", CHECKS)
@given(value=_anything)
def test_a_check_gives_a_value_or_names_the_argument(name: str, value: object) -> None:
    """R1, S1: any object is right, or refused by an error that names the argument, and not the value."""
    error = refusal(CHECKS[name], value)
    if error is not None:
        assert type(error) in (TypeError, ValueError)
        assert str(error).startswith(name)
        assert name == "scope" or CANARY not in str(error)  # an unknown right is named: it is no secret
