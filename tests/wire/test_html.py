"""Reading web pages: what a browser would see, and nothing else."""

from __future__ import annotations

import re

import pytest
from yarl import URL

from vkauth.protocol.endpoints import Endpoints
from vkauth.protocol.requests import form_request
from vkauth.wire.html import Document, Form

FORM = "<form action=/a><input name=pass></form>"


def test_fields() -> None:
    """What a browser would send: hidden and typed fields, ticked boxes; no buttons, files or switched-off fields."""
    (form,) = Document(
        """<form method=post ACTION='/login?a=1&amp;b=2'>
        <input type=hidden name=hash value="0a">
        <input name=email value='&lt;t&gt;'><INPUT TYPE=PASSWORD NAME=pass>
        <input type=checkbox name=remember value=1 checked><input type=checkbox name=no value=1>
        <input type=checkbox name=on checked><input type=radio name=empty value="" checked>
        <input type=submit name=go value=Go><input type=button name=b><input type=image name=i>
        <input type=reset name=r><input type=file name=f>
        <input name=off value=x disabled><input value=nameless><input name="">
        <textarea name=area>x</textarea>
        </form>"""
    ).forms
    assert form.action == "/login?a=1&b=2"
    assert form.fields == {"hash": "0a", "email": "<t>", "pass": "", "remember": "1", "on": "on", "empty": ""}
    assert form.names == set(form.fields) | {"no"}


def test_a_form_without_an_action_goes_to_its_page() -> None:
    """As in a browser; what is filled in comes over what was there, and it is always a POST."""
    (form,) = Document("<form method=get><input name=a value=1><input name=b value=2></form>").forms
    page = URL("https://m.vk.ru/login?act=authcheck")
    request = form_request(form, page, Endpoints(), {"b": "3", "c": "4"})
    assert (request.method, request.url) == ("POST", page)
    assert request.form == {"a": "1", "b": "3", "c": "4"}


def test_forms_in_order() -> None:
    """All forms are found, also behind one that is not closed, up to a number that no page of VK comes near."""
    document = Document("<form><input name=a></form><p><form><input name=b><form><input name=c>")
    assert [sorted(form.names) for form in document.forms] == [["a"], ["b"], ["c"]]
    assert len(Document("<form></form>" * 50).forms) == 10
    assert Document("<p>no form</p><formula>").forms == ()


@pytest.mark.parametrize(
    "hidden",
    [
        "<!-- {} -->",
        "<!-- {}",
        "<script>var a = '{}';</script>",
        "<SCRIPT type=text/html>{}</SCRIPT>",
        "<script>{}",
        "<script>'</scripture>{}'</script>",
        "<style>{}</style>",
        "<template>{}</template>",
        "<textarea>{}</textarea>",
        "<title>{}</title>",
        "<script><!-- {} --></script>",
        "<!-- <script> --><!-- {} -->",
    ],
)
def test_what_a_browser_does_not_show_is_not_there(hidden: str) -> None:
    """Comments, scripts, templates and other texts hold no elements."""
    document = Document(hidden.format(FORM) + ("" if hidden.endswith("{}") else "<form><input name=real></form>"))
    assert [sorted(form.names) for form in document.forms] == ([] if hidden.endswith("{}") else [["real"]])


@pytest.mark.parametrize("around", ["<noscript>{}</noscript>", "<script></script >{}", "<!---->{}", "<styled>{}"])
def test_what_a_browser_does_show(around: str) -> None:
    """A browser without scripts shows ``noscript``; what only looks like a hidden element hides nothing."""
    assert len(Document(around.format(FORM)).forms) == 1


def test_scripts_are_read_without_their_comments() -> None:
    """Comments are left out; what looks like one inside a text is part of it."""
    script = """a = "https://x/*"; // one location = 'no'
    b = '\\'//'; /* two
    location = 'no' */ c = "*/"; d = 'it"s'; /* three"""
    assert Document(f"<script type=text/javascript>{script}</script><script>e</script>").scripts == (
        "a = \"https://x/*\"; \n    b = '\\'//';  c = \"*/\"; d = 'it\"s'; \ne"
    )


def test_a_text_without_an_end() -> None:
    """A text that is not closed ends with its line, as it does for a browser."""
    document = Document("<script>a = 'open // x\nlocation = '/y'; // z</script>")
    assert document.scripts == "a = 'open // x\nlocation = '/y'; "
    assert list(document.script_targets()) == ["/y"]


@pytest.mark.parametrize(
    ("script", "target"),
    [
        ("location.href = '/a'", "/a"),
        ('location.href="/a"+addr;', "/a"),
        ("window.location = '/a'", "/a"),
        ("top.location='/a'", "/a"),
        ("document.location.replace('/a')", "/a"),
        ('location.assign( "/a" )', "/a"),
        ("LOCATION . HREF\n=\n'/a'", "/a"),
        ("location.href = 'https:\\/\\/vk.ru\\/a'", "https://vk.ru/a"),
        ("location = '/a?b=1&amp;c=2'", "/a?b=1&c=2"),
        ('location = "it\'s"', "it's"),
    ],
)
def test_script_targets(script: str, target: str) -> None:
    """The ways in which VK's scripts send the browser on (vk-io#431, #520)."""
    assert list(Document(f"<script>{script}</script>").script_targets()) == [target]


@pytest.mark.parametrize(
    "script",
    [
        "// location.href = '/a'",
        "/* location.href = '/a' */",
        "location.href = address",
        "mylocation = '/a'",
        "location.hash = '/a'",
        "if (location == x)",
        "location = ''",
        "location = '/a\n'",
        "location = '" + "x" * 9000 + "'",
    ],
)
def test_what_is_no_script_target(script: str) -> None:
    """Comments, other properties, and addresses that are put together are not followed."""
    assert list(Document(f"<script>{script}</script>").script_targets()) == []
    assert list(Document("<p>location.href = '/a'</p>").script_targets()) == []


@pytest.mark.parametrize(
    ("content", "target"),
    [
        ("0; URL=/a", "/a"),
        ("0;url=/a", "/a"),
        ("5 ; url = '/a'", "/a"),
        ("0, /a", "/a"),
        ("0.5; URL=https://vk.ru/?a=1&amp;b=2", "https://vk.ru/?a=1&b=2"),
        ("0.; /a ", "/a"),
        ("0", None),
        ("0;", None),
        ("0; ", None),
        ("0; url=''", None),
        ("x; url=/a", None),
        ("", None),
    ],
)
def test_refresh(content: str, target: str | None) -> None:
    """Where a refresh tag leads, in the spellings that browsers know."""
    assert Document(f'<meta http-equiv="Refresh" content="{content}">').refresh() == target


@pytest.mark.parametrize(
    "markup",
    [
        '<meta name="refresh" content="0; url=/a">',
        '<meta http-equiv="content-type" content="refresh">',
        "<meta http-equiv=refresh>",
        "<!-- <meta http-equiv=refresh content='0; url=/a'> -->",
        "<meta http-equiv=refresh content='0; url=" + "x" * 10_000 + "'>",
        "",
    ],
)
def test_no_refresh(markup: str) -> None:
    """Other tags send nobody anywhere."""
    assert Document(markup).refresh() is None


def test_the_first_refresh_counts() -> None:
    """Tags of other kinds before it do not matter."""
    markup = "<meta name=refresh><meta http-equiv=refresh content='0;/a'><meta http-equiv=refresh content='0;/b'>"
    assert Document(markup).refresh() == "/a"


@pytest.mark.parametrize(
    ("markup", "src"),
    [
        ("<img id=captcha src=/a>", "/a"),
        ("<img class='big captcha_img' src=/a>", "/a"),
        ("<IMG SRC='/a?b=1&amp;c=2' CLASS=captcha>", "/a?b=1&c=2"),
        ("<img class=captcha_logo src=/no><img class=captcha src=/a>", "/a"),
        ("<img class=captcha>", None),
        ("<img src=/captcha>", None),
        ("<!-- <img class=captcha src=/a> -->", None),
        ("<image class=captcha src=/a>", None),
        ("", None),
    ],
)
def test_pictures(markup: str, src: str | None) -> None:
    """A picture is told by its id or one of its classes, not by part of one."""
    assert Document(markup).picture("captcha", "captcha_img") == src


@pytest.mark.parametrize(
    ("markup", "href"),
    [
        ("<a href='/login?act=sms&amp;hash=1'>x</a>", "/login?act=sms&hash=1"),
        ("<a href=/x>act=sms</a><a class=b href='/y?act=sms'>x</a>", "/y?act=sms"),
        ("<a title='act=sms' href=/x>x</a>", None),
        ("<!-- <a href='?act=sms'> -->", None),
        ("<area href='?act=sms'>", None),
        ("", None),
    ],
)
def test_links(markup: str, href: str | None) -> None:
    """A link is told by part of its address."""
    assert Document(markup).href("act=sms") == href


@pytest.mark.parametrize(
    ("markup", "href"),
    [
        ("<div id=wrap><p><a class=b href=/a>x</a><a href=/b></a></div>", "/a"),
        ("<div class=x id='wrap' data-x=1>text <a href='/a?b&amp;c'>x</a></div>", "/a?b&c"),
        ('<a href=/no></a><div id="wrap"><a href=/a></a></div>', "/a"),
        ("<div id=wrapper><a href=/no></a></div>", None),
        ("<div class=wrap><a href=/no></a></div>", None),
        ("<div id=wrap>" + " " * 5000 + "<a href=/far>", None),
        ("<div id=wrap><a name=x></a></div>", None),
        ("<div id=wrap></div>", None),
        ("", None),
    ],
)
def test_the_link_in_an_element(markup: str, href: str | None) -> None:
    """The first link that follows the beginning of an element, near it."""
    assert Document(markup).link(inside="wrap") == href


@pytest.mark.parametrize(
    ("markup", "texts"),
    [
        ("<p class='a mark b'> 1 <b>2</b>\n 3</p><span class=\"mark\">&nbsp;11</span>", ["1 2 3", "11"]),
        ("<p class=marked>x</p>", []),
        ("<p class='mark-er mark_'>x</p>", []),
        ("<p id='mark '>x</p>", []),
        ("<!-- <p class='mark'>x</p> -->", []),
        ("<p class='mark'>", [""]),
        ("", []),
    ],
)
def test_texts(markup: str, texts: list[str]) -> None:
    """The texts of the elements of a class."""
    assert Document(markup).texts("mark") == texts


def test_an_element_that_the_parser_drops() -> None:
    """An element of which the parser makes nothing has no text; no error of the parser gets out."""
    assert Document("<д class='mark'>x").texts("mark") == [""]
    assert Document("<tr class='mark'>x</tr><html class='mark'>y").texts("mark") == ["x", "y"]


def test_few_elements_are_looked_at() -> None:
    """A page with thousands of elements costs no more than one with ten."""
    assert Document("<p class='mark'>x</p>" * 1000).texts("mark") == ["x"] * 10
    assert Document("<img alt=captcha>" * 1000 + "<img id=captcha src=/a>").picture("captcha") is None
    assert Document("<a name='act=sms'>" * 1000 + "<a href='act=sms'>").href("act=sms") is None


def test_search() -> None:
    """A pattern is looked for in what is shown, not in scripts."""
    document = Document("<script>n=1</script><p>n=2</p>")
    assert document.search(re.compile(r"n=(\d)")) == "2"
    assert document.search(re.compile(r"m=(\d)")) is None


def test_repr() -> None:
    """S1: a form shows the names of its fields only."""
    assert repr(Form("/x?hash=SAMPLE", {"pass": "SAMPLE"}, frozenset({"pass", "email"}))) == "<Form ['email', 'pass']>"
