"""The pages: what they say, that nothing foreign gets into them, and that everybody can read and use them."""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vkauth.errors import CASES, AuthErrorCode
from vkauth.signin.outcome import CONFIGURATION, status_of
from vkauth.signin.pages import POLICY, Choice, error_page, problem_page, sign_in_page, sign_out_page
from vkauth.signin.pages.style import DARK, LIGHT, STYLE
from vkauth.signin.pages.texts import error_text, problem_text, words

LANGUAGES = ["en", "ru"]
CODES = [*AuthErrorCode, CONFIGURATION]
CHOICES = [Choice("vk", "VK", "/a/vk"), Choice("vkid", "VK ID", "/a/vkid"), Choice("own", "Own", "/a/own")]
VOID = {"meta", "input", "path", "rect", "wbr", "br"}


class Reader(HTMLParser):
    """Reads a page strictly: every element that is opened is closed, in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("style", "title"):
            self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of all elements of a name."""
        return [attributes for name, attributes in self.elements if name == tag]


def sign_in(language: str = "en", **changes: object) -> str:
    """The page to sign in."""
    usual = {"host": "app.example", "choices": CHOICES, "csrf_token": "TOKEN", "target": "/account", "code": None}
    return sign_in_page(language, **{**usual, **changes})  # type: ignore[arg-type]


def sign_out(language: str = "en", **changes: object) -> str:
    """The page to sign out."""
    usual = {"host": "app.example", "action": "/a/signout", "csrf_token": "TOKEN", "target": "/account", "name": "Анна"}
    return sign_out_page(language, **{**usual, **changes})  # type: ignore[arg-type]


def every_page(language: str) -> list[str]:
    """One of each kind."""
    return [
        sign_in(language),
        sign_in(language, code="ACCESS_DENIED"),
        sign_out(language),
        sign_out(language, name=None),
        error_page(language, "STATE_MISMATCH", sign_in="/a/signin"),
        error_page(language, "nonsense", sign_in="/a/signin"),
        problem_page(language, "csrf", sign_in="/a/signin"),
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_forms(language: str) -> None:
    """A form for each provider, in order, that works without a script."""
    page = Reader(sign_in(language))
    assert [(each["method"], each["action"]) for each in page.all("form")] == [
        ("post", "/a/vk"), ("post", "/a/vkid"), ("post", "/a/own"),
    ]  # fmt: skip
    fields = [(each["type"], each["name"], each["value"]) for each in page.all("input")]
    assert fields == [("hidden", "csrfToken", "TOKEN"), ("hidden", "callbackUrl", "/account")] * 3
    assert len(page.all("button")) == 3
    for choice in CHOICES:
        assert words(language).with_provider.format(name=choice.name) in page.text
    page = Reader(sign_out(language))
    assert [(each["method"], each["action"]) for each in page.all("form")] == [("post", "/a/signout")]
    assert "Анна" in page.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_every_page_has(language: str) -> None:
    """Its language, one heading, a title, a width for phones, no script, nothing loaded, no attribute with style."""
    for text in every_page(language):
        page = Reader(text)
        assert text.startswith("<!doctype html>")
        assert page.all("html") == [{"lang": language}]
        assert len(page.all("h1")) == len(page.all("main")) == 1
        assert re.search(r"<title>[^<]+</title>", text)
        assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in page.all("meta")
        names = {name for name, _ in page.elements}
        assert names.isdisjoint({"script", "img", "iframe", "link", "object", "base"})
        for _, attributes in page.elements:
            assert not {name for name in attributes if name.startswith("on") or name in ("style", "src")}
        assert "http://" not in text
        assert "https://" not in text
        for link in page.all("a"):
            assert (link["href"] or "").startswith("/")
        for mark in page.all("svg"):
            assert mark["aria-hidden"] == "true"


def test_the_policy() -> None:
    """It allows the one style sheet by its digest, and says nothing of forms."""
    style = re.findall(r"<style>(.*?)</style>", sign_in(), re.DOTALL)
    assert style == [STYLE]
    digest = b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    expected = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; frame-ancestors 'none'"
    assert expected == POLICY
    assert "form-action" not in POLICY
    assert "url(" not in STYLE
    assert "@import" not in STYLE


# -- errors ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", CODES)
def test_each_code_has_a_text(language: str, code: str) -> None:
    """What happened, what to do, the code for whoever is asked about it, and a way back."""
    text = error_text(language, code)
    assert text.is_known
    assert bool(re.search("[а-я]", text.title + text.what + text.next)) == (language == "ru")
    page = Reader(error_page(language, code, sign_in="/a/signin"))
    for part in (text.title, text.what, text.next, code):
        assert part in page.text
    assert [each["href"] for each in page.all("a")] == ["/a/signin"]
    shown = Reader(sign_in(language, code=code))
    assert text.title in shown.text
    assert text.next in shown.text
    assert [each["role"] for each in shown.all("div")] == ["alert"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", ["", "nonsense", "access_denied", "<b>", "ACCESS_DENIED ", "KOE320", "x" * 5000])
def test_codes_that_are_none(language: str, code: str) -> None:
    """They get a neutral text, and are not repeated."""
    assert not error_text(language, code).is_known
    page = error_page(language, code, sign_in="/a/signin")
    assert page == error_page(language, "other", sign_in="/a/signin")
    assert sign_in(language, code=code) == sign_in(language, code="other")


@pytest.mark.parametrize("code", CODES)
def test_the_status_of_an_error(code: str) -> None:
    """By whose fault it is."""
    if code == "ACCESS_DENIED":
        expected = 403
    elif code in ("APP_NOT_ALLOWED", CONFIGURATION):
        expected = 500
    else:
        expected = 503 if CASES[AuthErrorCode(code)].fault.__name__ == "Unreachable" else 400
    assert status_of(code) == expected


def test_the_status_of_no_error() -> None:
    """It is the browser's fault."""
    assert status_of("nonsense") == status_of("") == 400


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("problem", ["csrf", "not_found", "bad_request", "method_not_allowed", "too_large"])
def test_problems(language: str, problem: str) -> None:
    """What was wrong with the request, and a way back."""
    text = problem_text(language, problem)
    page = Reader(problem_page(language, problem, sign_in="/a/signin"))
    assert text.title in page.text
    assert [each["href"] for each in page.all("a")] == ["/a/signin"]


# -- text from outside -----------------------------------------------------------------------------------------------

HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>{host}{name}&amp;%s</style>"


@given(st.text() | st.sampled_from([HOSTILE, "kakao", "STATE_MISMATCH"]))
def test_foreign_text(text: str) -> None:
    """Whatever a host, a name, a provider or a page is called: it is text, never markup."""
    text += "."  # so that it is no provider, error or language that the pages know
    pages = [
        sign_in(host=text, choices=[Choice(text, text, text)], csrf_token=text, target=text, code=text),
        sign_out(host=text, action=text, csrf_token=text, target=text, name=text),
        error_page("en", text, sign_in=text),
        problem_page("ru", text, sign_in=text),
    ]
    harmless = [
        sign_in(host="x", choices=[Choice("x", "x", "x")], csrf_token="x", target="x", code="x"),
        sign_out(host="x", action="x", csrf_token="x", target="x", name="x"),
        error_page("en", "x", sign_in="x"),
        problem_page("ru", "x", sign_in="x"),
    ]
    for page, same in zip(pages, harmless, strict=True):
        found, expected = Reader(page), Reader(same)
        structure = [(name, sorted(each)) for name, each in found.elements if name != "wbr"]
        assert structure == [(name, sorted(each)) for name, each in expected.elements]


# -- for everybody ---------------------------------------------------------------------------------------------------


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, from 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


TEXT_ON = [
    ("text", "card"), ("text", "hover"), ("muted", "card"), ("accent", "card"), ("on-accent", "accent"),
    ("on-accent", "pressed"), ("warn-text", "warn"),
]  # fmt: skip
SHAPES_ON = [("line", "card"), ("warn-line", "card"), ("accent", "card"), ("accent", "ground")]


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_contrast(colours: dict[str, str]) -> None:
    """AA: text 4.5 to 1, the edges of what can be pressed and the focus 3 to 1."""
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    for text, ground in TEXT_ON:
        assert contrast(colours[text], colours[ground]) >= 4.5, (text, ground)
    for shape, ground in SHAPES_ON:
        assert contrast(colours[shape], colours[ground]) >= 3, (shape, ground)


def test_every_colour_is_used() -> None:
    """By its name, and no colour has none."""
    used = set(re.findall(r"var\(--([a-z-]+)\)", STYLE))
    assert used == set(LIGHT) == set(DARK)
    assert set(re.findall(r"#[0-9a-f]{3,6}", STYLE)) == {*LIGHT.values(), *DARK.values()}


def test_marks() -> None:
    """The letters of each mark stand out from its ground."""
    page = sign_in(choices=[Choice(each, each, "/") for each in ("vk", "vkid", "kakao", "tiktok", "own")])
    ink = r'(?:stroke|fill)="(#[0-9a-f]{3,6})"(?: stroke-width|>)'
    marks = re.findall(rf'<rect [^>]*fill="(#[0-9a-f]+)".*?{ink}', page)
    assert len(marks) == 5
    for ground, ink in marks:
        full = ink if len(ink) == 7 else "#" + "".join(each * 2 for each in ink[1:])
        assert contrast(ground, full) >= 4.5


def test_preferences() -> None:
    """Dark, less motion, forced colours and the keyboard are provided for."""
    for part in (
        "prefers-color-scheme:dark",
        "prefers-reduced-motion",
        "forced-colors",
        ":focus-visible",
        "min-height:48px",
    ):
        assert part in STYLE
