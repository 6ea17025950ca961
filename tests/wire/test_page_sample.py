"""The sample of a page: its structure is there, and nothing of what it says."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from saved_pages import saved_pages

from vkauth.wire.page_sample import LONGEST_INPUT, is_plain_name, make_sample

# Secrets as they come: tokens, keys, codes, what a person typed.
CANARIES = [
    "vk1.a.KANAREYKA-0123456789",
    "KANAREYKA",
    "0123456789abcdef01",
    "987654",
    "kanareyka@example.org",
    "+79990000011",
    "канарейка",
    "https://vk.ru/?hash=KANAREYKA",
    "Кан Арейка",
]
# Where a page may hold one.
PLACES = [
    "<p>{}</p>",
    "<title>{}</title>",
    "<!--{}-->",
    "<!{}>",
    "<?{}?>",
    "<![CDATA[{}]]>",
    "<!DOCTYPE {}>",
    "<script>var a = '{}';</script>",
    "<style>{}</style>",
    "<textarea>{}</textarea>",
    "<template>{}</template>",
    "<noscript>{}</noscript>",
    "<{}>",
    "<{}:{}>",
    "</{}>",
    "<x-{} {}>",
    '<input value="{}">',
    "<input value={}>",
    '<input name="{}">',
    '<input id="{}" class="{} {}">',
    '<input type="{}">',
    '<form method="{}" action="{}">',
    '<meta http-equiv="{}" content="0; url={}">',
    '<p {}="x">',
    "<p {}>",
    '<p data-{}="{}">',
    '<a href="https://vk.ru/{}?{}#{}">',
    '<a href="javascript:{}">',
    '<a onclick="{}" style="{}" title="{}">',
    '<img src="data:{}" alt="{}">',
    "&{};",
    "<p>{",
    '<p a="{',
    "<p>{}",
    "<svg><{}>{}</{}></svg>",
]


def leaks(sample: str, canary: str) -> bool:
    """Whether a secret, in whatever letters, can be read in a sample."""
    return any(part.lower() in sample.lower() for part in canary.split() if len(part) > 2) and canary != ""


@pytest.mark.parametrize("canary", CANARIES)
@pytest.mark.parametrize("place", PLACES)
def test_no_place_of_a_page_is_repeated(place: str, canary: str) -> None:
    """S4: a secret in a text, a value, a name, a comment or a script is not in the sample."""
    page = f"<form><input name=pass>{place.replace('{}', canary)}</form>"
    assert not leaks(make_sample(page), canary)
    assert not leaks(make_sample(place.replace("{}", canary)), canary)


@pytest.mark.parametrize("canary", CANARIES)
def test_no_part_of_an_answer_is_repeated(canary: str) -> None:
    """S4: nor one in the keys, values and lists of JSON, in broken JSON, or in plain text."""
    value = {canary: canary, "error": {"x": [canary, {canary: 1}]}, "token": canary, "nested": json.dumps({canary: 1})}
    for text in (json.dumps(value), json.dumps([value]), json.dumps(value)[:-5], canary, f"{canary} {canary}"):
        assert not leaks(make_sample(text), canary), text


@given(st.data())
@settings(max_examples=150)
def test_whatever_is_put_into_a_page(data: st.DataObject) -> None:
    """S4: wherever in a page or an answer a secret is put, the sample does not repeat it."""
    case = data.draw(st.sampled_from([each for each in saved_pages() if each.response.body]))
    text = case.response.text("windows-1251")
    at = data.draw(st.integers(0, len(text)))
    canary = data.draw(st.sampled_from(CANARIES[:4]))
    place = data.draw(
        st.sampled_from(["{}", '"{}"', " {} ", ' {}="{}" ', ">{}<", "'{}'", "<{}>", "-->{}", "</script>{}"])
    )
    assert not leaks(make_sample(text[:at] + place.replace("{}", canary) + text[at:]), canary)


@given(st.text(alphabet="<>/='\"!-? ab{}[]:,\\&;\0é", max_size=80))
@settings(max_examples=150)
def test_any_text_has_a_sample(text: str) -> None:
    """Whatever comes, a sample can be made of it, and can be written anywhere."""
    make_sample(text).encode()
    make_sample(f"<p>{text}").encode()


def test_what_is_kept_of_a_page() -> None:
    """The structure, the kinds of values with their lengths, and the names of fields: enough to know a page again."""
    page = """<!DOCTYPE html><title>Вход</title><form method=POST action="https://login.vk.ru/?act=login">
<input type=hidden name=ip_h value=0123456789abcdef01><input name=email value=""><input type="password" name="pass">
<p class="service_msg KANAREYKA" data-x=1 onclick='x()'>Указан <b>12</b></p><x-y>a</x-y>
<script>var a = 1;</script><!-- b --><input value='{"a": 1, "b": 2}'><input value='[1]'></form>"""
    assert (
        make_sample(page)
        == """{doctype 4}<html><head><title>{text 4}</title></head>\
<body><form action="{url 30}" method="post">
<input name="ip_h" type="hidden" value="{hex 18}"/><input name="email" value="{empty}"/>\
<input name="pass" type="password"/>
<p class="service_msg {name 9}" onclick="{text 3}" unknown="{1 attributes}">{text 6}<b>{digits 2}</b></p>\
<unknown>{text 1}</unknown>
<script>{script 10}</script>{comment 3}<input value="{json object 2 keys}"/><input value="{json list 1 items}"/></form>\
</body></html>"""
    )


def test_what_is_kept_of_an_answer() -> None:
    """The keys that are names, and the kinds of the values."""
    answer = {
        "error": {"error_code": 14, "redirect_uri": "https://x", "state": True, "hash": None},
        "list": [*range(7)],
    }
    assert json.loads(make_sample(json.dumps(answer))) == {
        "error": {"error_code": "{number 2}", "redirect_uri": "{url 9}", "state": True, "hash": None},
        "list": [*["{number 1}"] * 5, "{2 more}"],
    }


@pytest.mark.parametrize(
    ("text", "sample"),
    [
        ("", "{empty}"),
        (" \n", "{empty}"),
        ("OK", "{text 2}"),
        ("x" * 40, "{token 40}"),
        ("a b", "{text 3}"),
        ("//vk.ru/a", "{url 9}"),
        ("123456", "{digits 6}"),
        ("{", "{broken json 1}"),
        ("[" * 9000, "{broken json 9000}"),
        ('{"a":' * 20 + "1" + "}" * 20, None),
        ('{"a": ' + "9" * 5000 + "}", "{broken json 5007}"),
        ("<p>{", None),
    ],
)
def test_other_answers(text: str, sample: str | None) -> None:
    """What is no page and no JSON is told by its kind and length alone; nesting has an end."""
    made = make_sample(text)
    assert made == sample or (sample is None and len(made) < 1000)


@pytest.mark.parametrize(
    "text", ["<p>x</p>" * 100_000, json.dumps({f"a{n}b": [n] for n in range(5000)}), "<a " * 90_000]
)
def test_a_sample_is_small(text: str) -> None:
    """However large the page, a person can paste the sample."""
    assert len(make_sample(text)) <= 16 * 1024 + 1
    assert make_sample(text) == make_sample(text[:LONGEST_INPUT])


@pytest.mark.parametrize(
    "name",
    [
        "email",
        "pass",
        "captcha_sid",
        "ip_h",
        "_origin",
        "q",
        "2fa"[1:],
        "al_page",
        "loginForm",
        "items[]",
        "col-3",
        "a1",
    ],
)
def test_names(name: str) -> None:
    """Names of fields as pages have them."""
    assert is_plain_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "KANAREYKA",
        "a" * 33,
        "code987654",
        "deadbeef",
        "x0123456789abcdef",
        "имя",
        "a b",
        "a.b",
        "vk1.a.x",
        "a@b",
        "1",
    ],
)
def test_what_is_no_name(name: str) -> None:
    """What may be a token, a code or a text."""
    assert not is_plain_name(name)


def test_the_sample_is_made_when_it_is_asked_for() -> None:
    """The parser that makes it is slow to load, and few need it."""
    program = "import sys, vkauth.protocol.pages, vkauth.wire.page_sample; assert 'bs4' not in sys.modules"
    subprocess.run([sys.executable, "-c", program], check=True)


@pytest.mark.parametrize("name", ["user-ivanova", "petrov_ivan", "anna_petrova", "ivanova"])
def test_names_of_people_are_not_kept(name: str) -> None:
    """S4: what looks like the name of a field may be somebody's."""
    page = f'<form id="{name}" class="{name} service_msg"><input name="{name}"><input name="email"></form>'
    for text in (page, json.dumps({name: 1, "error": {name: 2}})):
        assert name not in make_sample(text)
    assert 'class="{name ' in make_sample(page)
    assert 'name="email"' in make_sample(page)
    assert '"error"' in make_sample(json.dumps({name: 1, "error": {name: 2}}))
