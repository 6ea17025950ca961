"""Any page gives a typed value or an ``AuthError``, never another exception.

Besides, no page whatever makes a request that goes anywhere but to VK's own hosts.
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from saved_pages import NOW
from yarl import URL

from vkauth.errors import AuthError
from vkauth.protocol.blank_page import read_fragment
from vkauth.protocol.gate import service_trouble, unexpected_error
from vkauth.protocol.pages import Consent, Finished, Page, Redirect, classify
from vkauth.protocol.requests import form_request
from vkauth.protocol.vkid_page import VKIDPage, read_vkid_page
from vkauth.wire.addresses import absolute, browser_address, follow, redirect_target, resolve
from vkauth.wire.html import Document, Form
from vkauth.wire.http import Response
from vkauth.wire.unknown import fingerprint
from vkauth.wire.waiting import retry_after

from .hostile import (
    URLS,
    VK,
    addresses,
    check_error,
    check_fragment,
    check_prompt,
    check_request,
    fuzz,
    outcome,
    pages,
    responses,
)


def check_page(page: Page, response: Response) -> None:
    """A page is of a known kind, and what it leads to is trusted."""
    assert isinstance(page, Page)
    repr(page)
    form = getattr(page, "form", None)
    if isinstance(form, Form) and VK.locate(response.url) is not None:
        check_request(outcome(lambda: form_request(form, response.url, VK, {"pass": "x"})))
    check_prompt(getattr(page, "captcha", None))
    match page:
        case Redirect(url):
            assert VK.locate(url) is not None
        case Consent(request):
            check_request(request)
        case Finished(fragment):
            check_fragment(fragment)
        case _ if hasattr(page, "error"):
            check_error(page.error)


@given(responses)
@fuzz
def test_pages(response: Response) -> None:
    """Every answer is some page."""
    assert isinstance(response.text(), str)
    check_page(classify(response, VK), response)


@given(responses)
@fuzz
def test_answers_that_nobody_understands(response: Response) -> None:
    """Every answer leads somewhere or nowhere, and has a fingerprint."""
    assert isinstance(outcome(lambda: redirect_target(response, VK)), URL | AuthError)
    assert set(fingerprint(response)) == {"status", "content_type", "title", "fields"}
    check_error(unexpected_error(response, VK, wanted="x"))
    trouble = service_trouble(response, VK)
    assert trouble is None or isinstance(trouble, AuthError)
    wait = retry_after(response)
    assert wait is None or wait >= 0


@given(pages | st.text(max_size=200))
@fuzz
def test_documents(text: str) -> None:
    """Every text is a document, and every part of it is text."""
    document = Document(text.encode("utf-8", "replace").decode())
    for form in document.forms:
        assert form.names >= set(form.fields)
        assert isinstance(form.action, str)
    found = [
        document.picture("captcha", "captcha_img"),
        document.refresh(),
        document.href("act="),
        document.link("wrap"),
    ]
    assert all(isinstance(each, str | None) for each in found)
    assert all(isinstance(each, str) for each in (*document.script_targets(), *document.texts("field_prefix")))
    assert isinstance(read_vkid_page(URLS[0], [text]), VKIDPage | None)


@given(addresses, st.sampled_from(URLS))
@fuzz
def test_addresses(text: str, base: URL) -> None:
    """Every text is an address that can be read in one way, or none."""
    url = outcome(lambda: resolve(base, text, what="x"))
    assert isinstance(url, AuthError) or (url.host and str(url))
    for shown in (browser_address(text), absolute(base, text)):
        assert shown is None or shown.startswith("http") or URL(shown).scheme in ("http", "https")
    target = outcome(lambda: follow(base, text, VK, what="x"))
    assert isinstance(target, AuthError) or VK.locate(target) is not None
    if isinstance(url, URL):
        fragment = read_fragment(url, VK, NOW)
        if fragment is not None:
            check_fragment(fragment)
