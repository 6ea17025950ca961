"""Reading web pages: what a browser would see, and nothing else."""

from __future__ import annotations

import pytest
from costs import cost_of
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
    """All forms are found, also behind one that is not closed."""
    document = Document("<form><input name=a></form><p><form><input name=b><form><input name=c>")
    assert [sorted(form.names) for form in document.forms] == [["a"], ["b"], ["c"]]
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
        ("<div id=wrap></div><a href=/after>", None),
        ("<div data-x='<div id=wrap>'><a href=/no></a></div>", None),
        ("<div id=wrap><a name=x></a></div>", None),
        ("<div id=wrap></div>", None),
        ("", None),
    ],
)
def test_the_link_in_an_element(markup: str, href: str | None) -> None:
    """The first link that an element holds."""
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


def test_an_element_with_a_strange_name() -> None:
    """What a browser takes for text is no element."""
    assert Document("<д class='mark'>x").texts("mark") == []
    assert Document("<tr class='mark'>x</tr><html class='mark'>y").texts("mark") == ["x"]


@pytest.mark.parametrize(
    ("markup", "names"),
    [
        ('<div data-x="<form action=/evil><input name=pass>">', []),
        ("<p title='<form>'><input name=a></p>", []),
        ('<form><input name=a value="a<b" title="5 > 3"></form>', [["a"]]),
        ("<form><input name=a><script>'<form><input name=b>'</script><input name=c></form>", [["a", "c"]]),
        ("<form id=f><input name=a></form><input name=b form=f><input name=c form=none>", [["a", "b"]]),
        ("<form><div><form action=/evil><input name=a></form></div></form>", [["a"]]),
        ("<table><form><tr><td><input name=a></td></tr></form></table>", [["a"]]),
        ("<iframe><form></iframe><noembed><form></noembed><svg><title><form></title></svg>", []),
        ("<form\0><form/name=x><input name=a>", [["a"]]),
    ],
)
def test_forms_as_a_browser_sees_them(markup: str, names: list[list[str]]) -> None:
    """What only looks like a form, in an attribute or a script, is none; a form in a form is part of it."""
    assert [sorted(form.names) for form in Document(markup).forms] == names


def test_values_as_a_browser_sees_them() -> None:
    """Signs of markup in a value are part of it."""
    (form,) = Document('<form action="/a>b"><input name=x value="a<b>c"><input name=y value=\'"\'></form>').forms
    assert (form.action, form.fields) == ("/a>b", {"x": "a<b>c", "y": '"'})
    assert Document('<img alt="5 > 3" class=captcha src=/a>').picture("captcha") == "/a"
    assert Document("<p class='no-mark'>x</p><p class='mark'>y</p>").texts("mark") == ["y"]


def test_the_text_of_an_element_is_what_it_shows() -> None:
    """Neither its scripts nor its hidden parts; and not more than a person would read."""
    assert Document("<p class=mark>a<script>b</script><style>c</style> <b>d</b></p>").texts("mark") == ["a d"]
    (text,) = Document(f"<p class=mark>{'x' * 10_000}</p>").texts("mark")
    assert text == "x" * 4000


def test_the_title() -> None:
    """The first title counts, with what would be markup elsewhere."""
    assert Document("<title> A &amp;\n <b>B </title><title>C</title>").title == "A & <b>B"
    assert Document("<title></title><p>").title == Document("").title == ""


def test_scripts_that_never_run() -> None:
    """A script in a template or in a comment is none."""
    document = Document("<template><script>a</script></template><!-- <script>b</script> --><script>c</script>")
    assert document.script_texts == ["c"]


def test_a_charset_that_the_page_declares() -> None:
    """The text was decoded already: what the page says of its charset is out of date."""
    for charset in ("utf-16", "windows-1251", "utf-7", "x"):
        assert Document(f"<meta charset={charset}><title>Вход</title>").title == "Вход"


HOSTILE = [
    ("<form>", "nested forms"),
    ("<div><form>", "forms in forms"),
    ("<form ", "a tag without an end"),
    ("<", "signs"),
    ("<!--", "comments"),
    ("<script", "half a tag"),
    ("<script>", "scripts"),
    ("<b>", "depth"),
    ("<ul><li>", "depth of lists"),
    ("<table><tr><td>", "depth of tables"),
    ("&amp;", "entities"),
    ("&", "no entities"),
    ("&#1", "broken entities"),
    ("\0", "NUL"),
    ("<a class='mark", "attributes without an end"),
    ("<p class=mark><a>", "marked elements"),
    ("<input name=a form=f>", "controls"),
    ("<img class=mark ", "pictures"),
    ("<title>", "titles"),
    ("<![CDATA[", "sections"),
    ("</p>", "ends"),
]


@pytest.mark.parametrize("before", ["", "<form id=f>", "<script>", "<div id=wrap class=mark>", "<div data-x='"])
@pytest.mark.parametrize("piece", [piece for piece, _ in HOSTILE], ids=[name for _, name in HOSTILE])
def test_a_hostile_page(before: str, piece: str) -> None:
    """R1: 2 MiB of anything are read in less than half a second, however often they are asked about."""
    assert seconds_to_read(before + piece * (LARGEST // len(piece))) < 0.5


@pytest.mark.parametrize(
    "page",
    [
        "<a " + " ".join(f"a{number}" for number in range(300_000)) + ">",
        "<p><form " + " ".join(f"a{number}=''" for number in range(200_000)) + "><input name=pass>",
        ("<a " + " ".join(f"a{number}" for number in range(1000)) + ">") * 300,
        ("<a " + " ".join(f"a{number}" for number in range(190)) + ">") * 1800,
        ("<a " + " ".join(f"a{number}" for number in range(6000)))[: 32 * 1024 - 1] + ">",
        "".join(f"<html a{number}=1>" for number in range(100_000)),
        "".join(f"<form id=f{number}><input form=f{number}></form>" for number in range(40_000)),
        "<p class='" + "mark " * 400_000 + "'>",
        "<a b='" + "x" * 2_000_000,
    ],
    ids=["one", "form", "many", "just allowed", "small page", "html", "named", "classes", "long"],
)
def test_hostile_attributes(page: str) -> None:
    """R1: so are tags with attributes without end."""
    assert seconds_to_read(page[:LARGEST]) < 0.5


def test_a_tag_with_too_many_attributes_spoils_its_page() -> None:
    """A page with such a tag is nobody's, and nothing of it is used; many attributes on a small page do no harm."""
    many = " ".join(f"a{number}" for number in range(300))
    assert Document(f"<form {many}><input name=pass>").forms[0].names == {"pass"}
    assert Document(f"<form><input name=pass></form><b {many}>" + " " * 40_000).forms == ()


def test_pages_of_every_size_are_read() -> None:
    """A long page without anything odd in it is read to its end, up to more tags than any page of a login has."""
    row = "<p class=row><b>text</b></p>\n"
    assert len(Document(row * 2000 + FORM).forms) == 1
    assert Document(row * 5000 + FORM).forms == ()


LARGEST = 2 * 1024 * 1024


def seconds_to_read(page: str) -> float:
    """The CPU time that all questions about a page take."""

    def read() -> None:
        document = Document(page)
        for _ in range(2):
            document.forms  # noqa: B018
            document.picture("mark")
            document.refresh()
            document.href("mark")
            document.link("wrap")
            document.texts("mark")
            list(document.script_targets())

    return cost_of(read)


def test_repr() -> None:
    """S1: a form shows the names of its fields only."""
    assert repr(Form("/x?hash=SAMPLE", {"pass": "SAMPLE"}, frozenset({"pass", "email"}))) == "<Form ['email', 'pass']>"
