"""Checks of arguments, each by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from yarl import URL

from vkauth import checks


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


@pytest.mark.parametrize(
    "value",
    [{"A": "x\r\nB: y"}, {"A": "x\ny"}, {"A": "\0"}, {"A": "\ud800"}, {"A B": "x"}, {"A:": "x"}, {"": "x"}, {"Ж": "x"}],
)
def test_headers_that_cannot_be_sent(value: Mapping[str, str]) -> None:
    """Nothing gets through that would end the header and begin another."""
    with pytest.raises(ValueError, match=r"^headers"):
        checks.headers(value)


@pytest.mark.parametrize("name", ["Host", "cookie", "CONTENT-LENGTH", "Transfer-Encoding", "Connection"])
def test_headers_that_are_the_librarys_own(name: str) -> None:
    """Whoever sets these would send requests that mean something else."""
    with pytest.raises(ValueError, match=rf"^headers: '{name}' is set by the library"):
        checks.headers({name: "x"})


def test_headers_differ_by_more_than_their_case() -> None:
    """The last one counts."""
    assert checks.headers({"user-agent": "a", "User-Agent": "b"}) == {"User-Agent": "b"}


@pytest.mark.parametrize("value", [[("A", "x")], "A: x", 1, {"A": 1}, {1: "x"}, {"A": None}])
def test_headers_of_a_wrong_type(value: object) -> None:
    """A mapping of text to text."""
    with pytest.raises(TypeError, match=r"^headers"):
        checks.headers(value)


def test_proxy() -> None:
    """An address of http or https, with a password if need be."""
    assert checks.proxy(None) is None
    assert checks.proxy("http://user:pass@proxy.example:3128") == URL("http://user:pass@proxy.example:3128")
    assert checks.proxy(URL("https://proxy.example")) == URL("https://proxy.example")


@pytest.mark.parametrize(
    "value", ["", "proxy.example:3128", "socks5://u:CANARY@x", "http://", "http://[::1", "http://x:y"]
)
def test_no_proxy(value: str) -> None:
    """S1: the value is not repeated, for it may hold a password."""
    with pytest.raises(ValueError, match=r"^proxy must be an http") as caught:
        checks.proxy(value)
    assert "CANARY" not in str(caught.value)
    assert caught.value.__cause__ is caught.value.__context__ is None


def test_proxy_of_a_wrong_type() -> None:
    """Text or ``yarl.URL``."""
    with pytest.raises(TypeError, match=r"^proxy"):
        checks.proxy(3128)


@pytest.mark.parametrize(
    ("value", "ids"), [(1, (1,)), (-1, (1,)), ([3, -2, 3, 2], (3, 2)), ((5,), (5,)), (range(1, 4), (1, 2, 3))]
)
def test_group_ids(value: object, ids: tuple[int, ...]) -> None:
    """Each once, positive, in the order given."""
    assert checks.group_ids(value) == ids


@pytest.mark.parametrize("value", [0, [], [1, 0], ()])
def test_no_group_ids(value: object) -> None:
    """There is no community 0."""
    with pytest.raises(ValueError, match=r"^group_ids"):
        checks.group_ids(value)


@pytest.mark.parametrize("value", [None, "1", ["1"], True, [True], 1.0, b"12", {1: 2}])
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
