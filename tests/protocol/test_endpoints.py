"""H1: where credentials may go."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest
from yarl import URL

from vkauth import AuthError, Endpoints
from vkauth.protocol.endpoints import Host
from vkauth.wire.addresses import require_trusted, resolve
from vkauth.wire.hosts import Hosts, Place, is_loopback

PAGE = URL("https://oauth.vk.ru/authorize")

# What a hostile page, redirect or form may point to. None of these may be sent anything.
HOSTILE = [
    # other hosts that look like it: suffix, prefix, middle
    "https://evilvk.ru/",
    "https://oauth.evilvk.ru/",
    "https://oauthvk.ru/",
    "https://evil-oauth.vk.ru.example/",
    "https://vk.ru.evil.example/",
    "https://oauth.vk.ru.evil.example/token",
    "https://oauth.vk.ru.",
    "https://oauth.vk.ru./token",
    "https://vk.run/",
    "https://vk.rus/",
    "https://vk.com.ru/",
    "https://vk.co/",
    "https://vk.net/",
    "https://ru/",
    "https://example.com/?next=https://oauth.vk.ru/blank.html",
    "https://example.com/#https://oauth.vk.ru/blank.html",
    "https://example.com/https://oauth.vk.ru/blank.html",
    "https://example.com/oauth.vk.ru",
    # hosts of VK that are none of a login's
    "https://evil.vk.ru/",
    "https://oauth.login.vk.ru/",
    "https://m.oauth.vk.ru/",
    "https://www.oauth.vk.ru/",
    "https://static.vk.ru/",
    "https://_oauth.vk.ru/",
    # user names before the host
    "https://oauth.vk.ru@evil.example/",
    "https://oauth.vk.ru:443@evil.example/",
    "https://oauth.vk.ru%40evil.example/",
    "https://evil.example@oauth.vk.ru/",
    "https://user:password@oauth.vk.ru/",
    "https://:password@oauth.vk.ru/",
    # schemes and ports
    "http://oauth.vk.ru/token",
    "http://oauth.vk.ru:443/token",
    "https://oauth.vk.ru:80/token",
    "https://oauth.vk.ru:8443/token",
    "https://oauth.vk.ru:0/token",
    "ftp://oauth.vk.ru/token",
    "ws://oauth.vk.ru/token",
    "wss://oauth.vk.ru/token",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "data:text/html,x",
    "vk2274003://authorize",
    "httpss://oauth.vk.ru/",
    # letters of other alphabets that look the same, and hosts that only seem to be one
    "https://оauth.vk.ru/",
    "https://oauth.vк.ru/",
    "https://oauth.vk.ру/",
    "https://xn--auth-55d.vk.ru/",
    "https://oauth.vk.ru\u200b.evil.example/",
    "https://oauth.vk。evil.example/",
    "https://oauth.vk.ru\u3002evil.example/",
    "https://oauth.vk.ru\u2044.evil.example/",
    # numbers
    "https://127.0.0.1/token",
    "http://127.0.0.1/token",
    "http://localhost/token",
    "https://[::1]/token",
    "https://95.213.56.1/token",
    "https://1610612737/",
    # relative references that leave the host
    "//evil.example/token",
    "//evil.example",
    # what browsers read in another way than parsers do
    "/\\evil.example/token",
    "\\\\evil.example/token",
    "\\/evil.example",
    "https:\\\\evil.example/",
    "https://oauth.vk.ru\\@evil.example/",
    "https://evil.example\\.oauth.vk.ru/",
    "ht\ttps://evil.example/",
    "/\t/evil.example/",
    "/\n/evil.example/",
    "https://oauth.vk.ru\r\n.evil.example/",
    "\x00//evil.example/",
    "//evil.example%2f.vk.ru/",
    "https://oauth.vk.ru%2eevil.example/",
    "https://oauth.vk.ru%00.evil.example/",
    "https://oauth.vk.ru#@evil.example:1/ /../..//evil.example".replace("#", "%23"),
    "https://[oauth.vk.ru]/",
    "https://oauth.vk.ru:99999/",
    "https://oauth.vk.ru:x/",
]


@pytest.mark.parametrize("address", HOSTILE, ids=ascii)
def test_h1_a_hostile_address_is_sent_nothing(address: str) -> None:
    """H1: as a redirect or a form of a page of oauth.vk.ru, none is trusted."""
    with pytest.raises(AuthError) as caught:
        require_trusted(resolve(PAGE, address, what="a redirect"), Endpoints(), what="a redirect", after=PAGE)
    assert caught.value.code == "UNTRUSTED_REDIRECT"


@pytest.mark.parametrize("address", ["///evil.example/token", "////evil.example", "https:///evil.example/", "https://"])
def test_h1_what_has_no_host_stays_where_it_is(address: str) -> None:
    """H1: some readers would go to another host here; the request goes to the host that the address has for us."""
    url = resolve(PAGE, address, what="a redirect")
    assert url.host == "oauth.vk.ru"
    assert require_trusted(url, Endpoints(), what="a redirect").host is Host.OAUTH


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("https://oauth.vk.ru/token", Place(Host.OAUTH, "/token")),
        ("https://oauth.vk.com/token", Place(Host.OAUTH, "/token")),
        ("https://api.vk.ru/method/x", Place(Host.API, "/method/x")),
        ("https://login.vk.ru", Place(Host.LOGIN, "/")),
        ("https://login.vk.ru/?act=login", Place(Host.LOGIN, "/")),
        ("https://id.vk.com/auth", Place(Host.ID, "/auth")),
        ("https://m.vk.ru/login", Place(Host.MOBILE, "/login")),
        ("https://vk.ru/", Place(Host.WEB, "/")),
        ("https://vk.com/", Place(Host.WEB, "/")),
        ("https://www.vk.ru/", Place(Host.WEB, "/")),
        ("HTTPS://OAUTH.VK.RU/token", Place(Host.OAUTH, "/token")),
        ("https://oauth.vk.ru:443/token", Place(Host.OAUTH, "/token")),
        ("/token", Place(Host.OAUTH, "/token")),
        ("token?x=1", Place(Host.OAUTH, "/token")),
        ("?x=1", Place(Host.OAUTH, "/authorize")),
        ("//id.vk.ru/auth", Place(Host.ID, "/auth")),
        (" https://id.vk.ru/auth ", Place(Host.ID, "/auth")),
        ("https://oauth.vk.ru/../blank.html", Place(Host.OAUTH, "/blank.html")),
    ],
)
def test_vks_own_addresses_are_recognised(address: str, place: Place) -> None:
    """Both families are, in every spelling that means the same host."""
    assert (
        require_trusted(resolve(PAGE, address, what="a redirect"), Endpoints(), what="a redirect", after=PAGE) == place
    )


def test_h3_the_end_is_known_by_its_parts_not_by_a_substring() -> None:
    """H3: the blank page inside of another address is not the blank page."""
    endpoints = Endpoints()
    assert endpoints.locate(endpoints.blank) == Place(Host.OAUTH, "/blank.html")
    assert endpoints.locate(URL("https://evil.example/?next=https://oauth.vk.ru/blank.html#access_token=x")) is None
    inside = endpoints.locate(URL("https://oauth.vk.ru/authorize?redirect_uri=https://oauth.vk.ru/blank.html"))
    assert inside == Place(Host.OAUTH, "/authorize")


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/oauth/token", Place(Host.OAUTH, "/token")),
        ("/oauth", Place(Host.OAUTH, "/")),
        ("/web/oauth/token", Place(Host.WEB, "/oauth/token")),
        ("/oauthx/token", None),
        ("/", None),
        ("/evil/oauth/token", None),
        ("/oauth/../evil", None),
        ("/oauth/%2e%2e/evil", None),
        ("/oauth%2Ftoken", None),
    ],
)
def test_hosts_below_one_address_are_known_by_whole_segments(path: str, place: Place | None) -> None:
    """Where hosts are paths (as at the simulator), a path that only begins alike is another one."""
    assert Endpoints.under("http://127.0.0.1:8080").locate(URL(f"http://127.0.0.1:8080{path}")) == place


def test_a_replaced_host_is_trusted_under_its_new_address_only() -> None:
    """Otherwise a redirect could lead from a test server to the real VK."""
    endpoints = Endpoints(oauth="https://proxy.example/vk/")
    assert endpoints.locate(URL("https://proxy.example/vk/token")) == Place(Host.OAUTH, "/token")
    assert endpoints.locate(URL("https://oauth.vk.ru/token")) is None
    assert endpoints.locate(URL("https://proxy.example/token")) is None
    assert endpoints.locate(URL("https://api.vk.ru/method/x")) == Place(Host.API, "/method/x")
    assert endpoints.url(Host.OAUTH, "/token") == URL("https://proxy.example/vk/token")


@pytest.mark.parametrize("base", ["http://127.0.0.1:1", "http://[::1]:1", "http://localhost:1", "http://vk.localhost"])
def test_plain_http_is_for_this_machine(base: str) -> None:
    """All of loopback counts as it."""
    assert Endpoints(api=base).url(Host.API, "/x").scheme == "http"


@pytest.mark.parametrize(
    ("host", "loops"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("localhost", True),
        ("a.localhost", True),
        ("localhost.example", False),
        ("notlocalhost", False),
        ("127.0.0.1.example", False),
        ("0.0.0.0", False),
        ("10.0.0.1", False),
        (None, False),
    ],
)
def test_what_counts_as_this_machine(host: str | None, loops: bool) -> None:
    """Names are compared whole, numbers by their meaning."""
    assert is_loopback(host) is loops


@pytest.mark.parametrize(
    ("options", "wrong", "named"),
    [
        ({"domain": "vk.net"}, ValueError, "domain"),
        ({"oauth": "http://oauth.vk.ru"}, ValueError, "oauth"),
        ({"api": "api.vk.ru"}, ValueError, "api"),
        ({"login": "ftp://login.vk.ru"}, ValueError, "login"),
        ({"id": "https://"}, ValueError, "id"),
        ({"mobile": "https://u@m.vk.ru"}, ValueError, "mobile"),
        ({"mobile": "https://:p@m.vk.ru"}, ValueError, "mobile"),
        ({"web": "https://vk.ru/?x=1"}, ValueError, "web"),
        ({"web": "https://vk.ru/#x"}, ValueError, "web"),
        ({"web": "https://vk.ru:x/"}, ValueError, "web"),
        ({"web": 1}, TypeError, "web"),
    ],
)
def test_a_wrong_address_is_named(options: dict[str, Any], wrong: type[Exception], named: str) -> None:
    """It fails where it is given."""
    with pytest.raises(wrong, match=rf"^{named}"):
        Endpoints(**options)


def test_under_names_its_argument() -> None:
    """Plain http to another machine is refused there too."""
    with pytest.raises(ValueError, match=r"^base"):
        Endpoints.under("http://simulator.example")


def test_endpoints_are_values() -> None:
    """Equal when they are the same hosts, usable as keys, and shown by what is not the default."""
    assert Endpoints() == Endpoints("vk.ru") != Endpoints("vk.com")
    assert Endpoints() != "vk.ru"
    assert len({Endpoints(), Endpoints("vk.ru"), Endpoints("vk.com")}) == 2
    assert repr(Endpoints("vk.com", api="https://x.example")) == "Endpoints('vk.com', api='https://x.example/')"


def test_endpoints_cannot_be_changed() -> None:
    """The allow-list of a login that runs stays what it was."""
    with pytest.raises(AttributeError, match="cannot be changed"):
        Endpoints().domain = "vk.com"
    with pytest.raises(AttributeError, match="cannot be changed"):
        del Endpoints().domain


def test_addresses() -> None:
    """The ways to build one."""
    endpoints = Endpoints("vk.com")
    assert endpoints.method("users.get") == URL("https://api.vk.com/method/users.get")
    assert endpoints.url(Host.WEB) == URL("https://vk.com/")
    assert endpoints.origin(Host.ID) == "https://id.vk.com"
    assert Endpoints.under("http://127.0.0.1:1/base").origin(Host.ID) == "http://127.0.0.1:1"


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("https://id.vk.com/auth", "vk.com"),
        ("https://vk.com/", "vk.com"),
        ("https://id.vk.ru/auth", "vk.ru"),
        ("https://evilvk.com/", "vk.ru"),
        ("http://127.0.0.1/id", "vk.ru"),
    ],
)
def test_the_family_of_an_address(address: str, domain: str) -> None:
    """VK leads from one family to the other; hosts that were replaced stay, and so does what is trusted."""
    own = Endpoints(api="https://proxy.example")
    family = own.family_of(URL(address))
    assert family.url(Host.LOGIN) == URL(f"https://login.{domain}/")
    assert family.url(Host.API) == URL("https://proxy.example/")
    assert family.locate(URL("https://api.vk.com/")) is None
    assert family.locate(URL("https://login.vk.ru/")) == family.locate(URL("https://login.vk.com/"))


class OwnEndpoints(Endpoints):
    """Endpoints of a user's own class."""


COPIES = [copy.copy, copy.deepcopy, lambda each: pickle.loads(pickle.dumps(each))]


@pytest.mark.parametrize("again", COPIES)
@pytest.mark.parametrize(
    "endpoints",
    [
        Endpoints(),
        Endpoints("vk.com", api="https://proxy.example:443/vk", web="http://127.0.0.1:1"),
        Endpoints.under("http://127.0.0.1:8080/x"),
        OwnEndpoints("vk.com"),
    ],
)
def test_endpoints_can_be_copied(again: Callable[[Endpoints], Endpoints], endpoints: Endpoints) -> None:
    """Settings go to other processes whole: the copy is equal and trusts the same."""
    other = again(endpoints)
    assert type(other) is type(endpoints)
    assert other == endpoints
    assert (hash(other), repr(other)) == (hash(endpoints), repr(endpoints))
    assert other.url(Host.API, "/x") == endpoints.url(Host.API, "/x")
    assert other.locate(endpoints.blank) == Place(Host.OAUTH, "/blank.html")
    assert other.locate(URL("https://evil.example/")) is None


@pytest.mark.parametrize("again", COPIES)
def test_hosts_are_values_and_can_be_copied(again: Callable[[Hosts], Hosts]) -> None:
    """Equal when they trust the same, usable as keys."""
    hosts = Hosts([(URL("https://a.example/"), "a"), (URL("https://a.example/b"), "b")])
    other = again(hosts)
    assert other == hosts
    assert hash(other) == hash(hosts)
    assert other.locate(URL("https://a.example/b/c")) == Place("b", "/c")
    assert hosts != Hosts([(URL("https://a.example/"), "a")])
    assert hosts != "https://a.example/"


@pytest.mark.parametrize("base", ["https://proxy.example:443/vk", "https://proxy.example/vk"])
@pytest.mark.parametrize("address", ["https://proxy.example:443/vk/token", "https://proxy.example/vk/token"])
def test_a_port_that_goes_without_saying(base: str, address: str) -> None:
    """It may be said or not, in the base and in the address."""
    assert Endpoints(oauth=base).locate(URL(address)) == Place(Host.OAUTH, "/token")
    assert Endpoints(oauth=base).locate(URL("https://proxy.example:8443/vk/token")) is None


@pytest.mark.parametrize("swapped", [False, True])
def test_the_longest_base_wins(swapped: bool) -> None:
    """Of bases within each other the one that says more is meant, whichever was given first."""
    bases = [(URL("https://proxy.example/vk"), "outer"), (URL("https://proxy.example/vk/api"), "inner")]
    hosts = Hosts(reversed(bases) if swapped else bases)
    assert hosts.locate(URL("https://proxy.example/vk/api/x")) == Place("inner", "/x")
    assert hosts.locate(URL("https://proxy.example/vk/apix")) == Place("outer", "/apix")
    assert hosts.locate(URL("https://proxy.example/")) is None
