"""aiohttp's cookie jar: filled from the library's own :class:`Cookies`, and read back."""

from __future__ import annotations

from http.cookies import CookieError, Morsel
from typing import Any

from aiohttp.abc import AbstractCookieJar
from yarl import URL

from vkauth.cookies import Cookie, Cookies

__all__ = ["fill_jar", "read_jar"]


def read_jar(jar: AbstractCookieJar) -> Cookies:
    """The cookies in aiohttp's jar."""
    # Public since aiohttp 3.13. The keys are (domain, name), and since 3.14 (domain, path, name).
    keys: Any = getattr(jar, "host_only_cookies", None) or getattr(jar, "_host_only_cookies", ())
    host_only = {(key[0], key[-1]) for key in keys}
    return Cookies(
        tuple(
            Cookie(
                name=morsel.key,
                value=morsel.value,
                domain=morsel["domain"],
                path=morsel["path"] or "/",
                secure=bool(morsel["secure"]),
                host_only=(morsel["domain"], morsel.key) in host_only,
            )
            for morsel in jar
        )
    )


def fill_jar(jar: AbstractCookieJar, cookies: Cookies) -> None:
    """Put the cookies into aiohttp's jar, as if the site had just set them."""
    for each in cookies:
        morsel: Morsel[str] = Morsel()
        try:
            morsel.set(each.name, str(each.value), str(each.value))
            page = URL.build(scheme="https" if each.secure else "http", host=each.domain or "localhost", path=each.path)
        except (CookieError, ValueError):
            continue
        morsel["path"] = each.path
        if each.secure:
            morsel["secure"] = True
        if not each.host_only:
            morsel["domain"] = each.domain
        jar.update_cookies({each.name: morsel}, page)
