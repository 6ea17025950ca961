"""Every option is in sight: in ``help()``, in the signature, and for type checkers."""

from __future__ import annotations

import inspect
import pydoc
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_type_hints

import pytest

from vkauth import (
    AccountVerification,
    BrowserAuthorization,
    CodeFlow,
    CommonOptions,
    DirectAuthorization,
    ImplicitFlowGroups,
    ImplicitFlowUser,
    QRAuthorization,
    VKIDAuthorization,
    official_app_credentials,
)
from vkauth.authorization import implicit
from vkauth.authorization._base import Authorization

if TYPE_CHECKING:
    from decimal import Decimal

EVERY = [
    DirectAuthorization,
    ImplicitFlowUser,
    ImplicitFlowGroups,
    AccountVerification,
    VKIDAuthorization,
    CodeFlow,
    BrowserAuthorization,
    QRAuthorization,
]
COMMON = list(CommonOptions.__annotations__)


@pytest.mark.parametrize("kind", EVERY)
def test_help_shows_every_option(kind: type) -> None:
    """With its annotation, its default and a line of its own."""
    text = pydoc.render_doc(kind, renderer=pydoc.plaintext)
    shown, _, lines = text.partition("Args:")
    for name, parameter in inspect.signature(kind).parameters.items():
        default = "" if parameter.default is parameter.empty else f" = {parameter.default!r}"
        assert f"{name}: {inspect.formatannotation(parameter.annotation)}{default}" in shown
        assert f"{name}: " in lines or f"{name}, " in lines or f", {name}: " in lines
    assert " object at 0x" not in shown
    assert "options: see" not in text


@pytest.mark.parametrize("kind", EVERY)
def test_the_signature_has_the_common_options_too(kind: type) -> None:
    """As types, not as text, and with the defaults of the base."""
    base = inspect.signature(Authorization.__init__).parameters
    found = inspect.signature(kind).parameters
    assert [name for name in found if name in COMMON] == COMMON
    assert {name: found[name].default for name in COMMON} == {name: base[name].default for name in COMMON}
    assert not [name for name, each in found.items() if isinstance(each.annotation, str)]
    assert all(each.kind is each.KEYWORD_ONLY for each in found.values())


def test_the_type_of_the_common_options_says_the_same() -> None:
    """Type checkers read the one, ``help()`` the other."""
    types = get_type_hints(Authorization.__init__)
    assert get_type_hints(CommonOptions) == {name: types[name] for name in COMMON}
    own = get_type_hints(implicit._ImplicitFlow.__init__)
    listed = {name: kind for name, kind in get_type_hints(implicit.ImplicitFlowOptions).items() if name not in COMMON}
    assert listed == {name: own[name] for name in listed}
    assert set(listed) == set(own) - {"options", "return"}


def test_a_subclass_of_somebody_else_keeps_its_own_signature() -> None:
    """It may take what it likes; only with ``**options`` it takes the rest as well."""

    class Fixed(DirectAuthorization):
        def __init__(self, login: str, password: str) -> None:
            super().__init__(**official_app_credentials.android, login=login, password=password)

    class Open(DirectAuthorization):
        def __init__(self, account: Decimal, **options: Any) -> None:
            super().__init__(**options)

    class Same(DirectAuthorization):
        pass

    assert list(inspect.signature(Fixed).parameters) == ["login", "password"]
    assert list(inspect.signature(Open).parameters) == ["account", *inspect.signature(DirectAuthorization).parameters]
    assert inspect.signature(Same) == inspect.signature(DirectAuthorization)
    assert repr(Fixed("sample", "sample")) == "<Fixed>"


def test_a_mixin_hears_of_its_subclasses() -> None:
    """With the keywords that it takes."""
    heard: list[object] = []

    class Mixin:
        def __init_subclass__(cls, *, note: str = "", **keywords: object) -> None:
            heard.append(note)
            super().__init_subclass__(**keywords)

    class Both(DirectAuthorization, Mixin, note="x"):
        pass

    assert heard == ["x"]
    assert list(inspect.signature(Both).parameters) == list(inspect.signature(DirectAuthorization).parameters)


@pytest.mark.parametrize("kind", [ImplicitFlowUser, ImplicitFlowGroups])
def test_a_secret_of_an_application_is_refused_with_what_is_wanted(kind: type) -> None:
    """``**official_app_credentials.android`` is for another way in."""
    with pytest.raises(TypeError, match=r"takes no client_secret: this login needs the client_id alone"):
        kind(**official_app_credentials.android, login="sample", password="sample", group_ids=1)


def test_a_slip_of_the_pen_is_guessed() -> None:
    """The option that was meant is named."""
    with pytest.raises(TypeError, match="takes no option 'time_out'; did you mean 'timeout'"):
        AccountVerification(login="sample", time_out=5)  # type: ignore[call-arg]


def test_headers_stand_beside_the_credentials() -> None:
    """Nothing is given twice."""
    made = DirectAuthorization(
        **official_app_credentials.android, login="sample", password="sample", headers={"User-Agent": "sample"}
    )
    assert made._connection.headers == {"User-Agent": "sample"}


def test_without_docstrings_nothing_breaks() -> None:
    """``python -OO`` leaves them out."""
    import subprocess
    import sys

    command = [sys.executable, "-OO", "-c", "from vkauth import *; print(DirectAuthorization.__doc__)"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parent.parent.parent)
    assert done.stdout == "None\n"


@pytest.mark.parametrize("kind", EVERY)
@pytest.mark.parametrize(
    "name", ["endpoints", "timeout", "session", "callback_service", "headers", "clock", "random_hex"]
)
def test_a_text_where_something_else_is_wanted_is_called_a_text(kind: type, name: str) -> None:
    """By now it is masked, and nobody has heard of the class that does it."""
    values: dict[str, Any] = {"client_id": 1, "login": "sample", "password": "sample", "group_ids": 1}
    values["redirect_uri"] = "http://localhost/"
    if kind is QRAuthorization:
        values["show"] = print
    if kind in (DirectAuthorization, CodeFlow, QRAuthorization):
        values["client_secret"] = "sample"
    known = {each: value for each, value in values.items() if each in inspect.signature(kind).parameters}
    with pytest.raises(TypeError, match=rf"^{name} must .* not str") as caught:
        kind(**known | {name: "http://127.0.0.1:1"})
    assert ("Endpoints.under(" in str(caught.value)) is (name == "endpoints")


def test_the_address_to_verify_is_given_to_run() -> None:
    """Not to the constructor, as the error says."""
    with pytest.raises(TypeError, match=r"takes no option 'redirect_uri': it is given to run\(\)"):
        AccountVerification(login="sample", redirect_uri="sample")  # type: ignore[call-arg]
