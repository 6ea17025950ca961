"""The first scripts of a page, read without a tree: the same ones, or fewer."""

from __future__ import annotations

import pytest
from costs import cost_of
from hypothesis import given
from hypothesis import strategies as st

from vkauth.wire.early_scripts import early_scripts
from vkauth.wire.html import Document

PLAIN = [
    *(
        "<!DOCTYPE html>",
        "<html lang=en>",
        "<head>",
        '<meta charset="utf-8">',
        "<meta a='b' c>",
        "</head>",
        "<body>",
        " ",
    ),
    *(
        "<link rel=x href=/a/b.css />",
        "<div id='a'>",
        "</div>",
        "<title>VK ID</title>",
        "</body>",
        "</html>",
        "<meta a=b/>",
        "\n",
    ),
]
ODD = [
    *(
        "<title>",
        "</title>",
        "<script>",
        '<script type="text/x" async>',
        "<script/>",
        "</script>",
        "</SCRIPT >",
        "<scripts>",
    ),
    *("a = 1;", "window.init = {};", "'</div>'", "'<b>'", "<!--", "-->", "<!-", "<style>", "</style>", "<textarea>"),
    *("<template>", "</textarea>", "</template>", "<noscript>", "<svg>", "<![CDATA[", "]]>", "<plaintext>", "<iframe>"),
    *("<select>", "&lt;", "&", "\0", "\r\n", "\x01", "\x85", "ÿ", "\ufffe", "<", ">", '"', '<meta a="<script>">'),
    *("<meta\fa>", "<meta <script>", "<frameset>", "<math>", "<?php", "<x-y>", "</", "<a"),
]
plain = st.lists(st.sampled_from(PLAIN), max_size=6).map("".join)
odd = st.lists(st.sampled_from(PLAIN + ODD), max_size=6).map("".join)
script = odd.map(lambda text: f"<script>{text}</script>")
PAGES = st.lists(plain | script | odd, max_size=5).map("".join)


@given(PAGES)
def test_they_are_the_first_of_the_tree(page: str) -> None:
    """Whatever stands around them, the tree has the same scripts at its begin."""
    early = list(early_scripts(page))
    assert early == Document(page).script_texts[: len(early)]


@given(st.text())
def test_any_text_is_a_page(text: str) -> None:
    """A page of anything has scripts or none."""
    assert list(early_scripts(text)) == []


def test_a_page_as_vk_writes_it() -> None:
    """The tags around a head are gone over."""
    page = """<!DOCTYPE html>
<html lang="ru" class="a b" data-x='1'><head>\t<meta charset=utf-8><base href="https://id.vk.ru/"/>
<title>VK ID</title><link rel="icon" href="/f.ico"><script async src="/a.js"></script>
<script nonce="sample">window.init = {"a": "<b>"};</script><style>a</style><script>later</script>"""
    assert list(early_scripts(page)) == ["", 'window.init = {"a": "<b>"};']


@pytest.mark.parametrize(
    "page",
    [
        "text <script>a</script>",
        "<html></html><script>a</script>",
        "<html><body></body></html><script>a</script>",
        "<!-- <script>a</script> -->",
        "<textarea><script>a</script></textarea>",
        "<template><script>a</script></template>",
        "<script>a",
        "<script>a <!-- b</script>",
        "<script>a <script> b</script>",
        "<script/>a</script>",
        "<script>" + "a<b;" * 10_001 + "</script>",
        "<meta content='<script>'><script>a</script>",
        "<html>" * 200 + "<script>a</script>",
        " " * 600_000 + "<script>a</script>",
    ],
)
def test_what_is_left_to_the_tree(page: str) -> None:
    """Nothing is guessed: what could be read in two ways is not read."""
    assert list(early_scripts(page)) == []


@pytest.mark.costs
@pytest.mark.parametrize(
    "piece",
    [
        "<meta ",
        "<meta a",
        "<meta a=",
        "<meta a='",
        "<script>",
        "<script><",
        " ",
        "<title>",
        "<div>",
        "<script></script>",
    ],
)
def test_hostile_pages(piece: str) -> None:
    """Every page takes time in proportion to its length."""
    assert cost_of(lambda: list(early_scripts(piece * (500_000 // len(piece))))) < 0.2
