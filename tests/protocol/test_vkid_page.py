"""The data in VK ID's page."""

from __future__ import annotations

import json

import pytest
from yarl import URL

from vkauth.protocol.vkid_page import read_vkid_page

PAGE = URL("https://id.vk.ru/auth?app_id=6000001&return_auth_hash=SAMPLE_query&scope=2&state=s")
INIT = {
    "auth": {"host_app_id": 7913379, "access_token": "SAMPLE_a", "anonymous_token": "SAMPLE_b"},
    "data": {"uuid": "U-1", "hash": {"return_auth": "SAMPLE_hash"}},
}


def script(value: object, before: str = "window.init = ", after: str = ";") -> str:
    """A page that carries ``value``."""
    return f"<html><script>var a = 1;{before}{json.dumps(value)}{after}</script></html>"


@pytest.mark.parametrize(
    "before", ["window.init = ", "window.init=", "window.init\n=\n", "window['x']=1;window.init = "]
)
@pytest.mark.parametrize("after", [";", "", ";window.init = 5;", " /* } */ ;"])
def test_the_page(before: str, after: str) -> None:
    """The object ends where it ends, whatever stands around it."""
    page = read_vkid_page(PAGE, [script(INIT, before, after)])
    assert page is not None
    assert (page.app_id, page.auth_token, page.anonymous_token) == ("7913379", "SAMPLE_a", "SAMPLE_b")
    assert (page.uuid, page.return_auth_hash) == ("U-1", "SAMPLE_hash")


def test_parts_of_the_address() -> None:
    """What the page does not say its address may; older pages carry the tokens flat."""
    page = read_vkid_page(
        PAGE, [script({"auth_token": "SAMPLE_a", "anonymous_token": "SAMPLE_b", "auth": 5, "data": []})]
    )
    assert page is not None
    assert (page.app_id, page.auth_token, page.anonymous_token) == ("6000001", "SAMPLE_a", "SAMPLE_b")
    assert (page.uuid, page.return_auth_hash) == (None, "SAMPLE_query")
    page = read_vkid_page(URL("https://id.vk.ru/auth?app_id=1"), [script({})])
    assert page is not None
    assert page.auth_token is page.anonymous_token is page.uuid is page.return_auth_hash is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<script>window.init = 5;</script>",
        "<script>window.init = {'a': 1};</script>",
        '<script>window.init = {"a": 1</script>',
        "<script>window.init = " + '{"a":' * 100_000,
        "<script>window.initial = {}</script>",
        script({"data": {"uuid": "U-1"}}),  # no application is named
        '<script>window.init = {"a": ' + "9" * 5000 + "}</script>",  # a number that Python does not read
        "<script>window.init = " + '{"a":' * 400_000,
        "<script>window.init = " + "[" * 2_000_000,
        "<script>" + "window.init = {" * 140_000,
        "<script>" + "window.init = " * 140_000,
        '<script>window.init = {"a": "' + "x" * 600_000 + '"}</script>',  # longer than any
    ],
)
def test_what_is_no_such_page(text: str) -> None:
    """Broken data, or data that names no application, is another page."""
    assert read_vkid_page(URL("https://id.vk.ru/auth"), [text]) is None


def test_numbers_that_are_none() -> None:
    """What JSON does not have, and Python's reader takes all the same, is no text and no id."""
    odd = '<script>window.init = {"auth": {"host_app_id": NaN, "access_token": -Infinity}, "data": {"uuid": 1e999}}'
    page = read_vkid_page(URL("https://id.vk.ru/auth?app_id=1"), [odd])
    assert page is not None
    assert (page.app_id, page.auth_token, page.uuid) == ("1", None, None)


def test_the_script_that_has_it() -> None:
    """Other scripts on the page do not matter, and the first that has it counts."""
    page = read_vkid_page(PAGE, ["var init = {}", script({}, "window.init=5;"), script(INIT), script({})])
    assert page is not None
    assert page.app_id == "7913379"


def test_repr() -> None:
    """S1: neither the tokens nor the hash are shown."""
    page = read_vkid_page(PAGE, [script(INIT)])
    assert repr(page) == "<VKIDPage app_id=7913379>"
    assert page is not None
    assert repr(page.return_auth_hash) == "Secret('***')"
