"""A page on this machine on which a person hands over the success token of VK's "not robot" page."""

from __future__ import annotations

import asyncio
import secrets
from types import TracebackType
from typing import Final, Self
from urllib.parse import parse_qsl

from yarl import URL

from vkauth import checks
from vkauth.browser.captcha_markup import Language, form_page, thanks_page
from vkauth.browser.heads import Head, read_head
from vkauth.browser.listener import Listener
from vkauth.browser.pages import Page, answer
from vkauth.protocol.copied_token import find_success_token
from vkauth.secret import Secret, hide
from vkauth.wire.preferences import preferred_language

__all__ = ["CaptchaPage"]

_ADDRESS: Final = "127.0.0.1"
# Bytes, as many as a redirect may bring.
_LONGEST_FORM: Final = 16 * 1024
_FORM: Final = "application/x-www-form-urlencoded"
_FIELD: Final = "copied"
_MOST_FIELDS: Final = 5


class CaptchaPage:
    """Serves the page from the start to the end of the block; to be used with ``async with``.

    >>> async def example(captcha: Captcha) -> str:
    ...     async with CaptchaPage(captcha.redirect_uri) as page:
    ...         print(page.url)
    ...         return await page.wait()

    It has the address of VK's page as a link, says how to find the token, and takes it by a form. It can be found only
    at its own path, which nobody can guess, and its form is taken only from itself. It has no script and loads nothing,
    and nothing of the requests is logged.

    Args:
        check: the address of VK's page, as the captcha names it.

    Raises:
        ValueError, TypeError: ``check`` is no address of http or https.
    """

    def __init__(self, check: str) -> None:
        check = hide(check)
        if URL(checks.text("check", check)).scheme not in ("http", "https"):
            raise ValueError("check must be an address of http or https")
        self._check = check
        self._path = Secret(f"/{secrets.token_urlsafe(16)}")
        self._port = 0
        self._arrived: asyncio.Future[Secret] | None = None
        self._listener = Listener(self._asked, _form_length)

    def __repr__(self) -> str:
        return f"<CaptchaPage at {_ADDRESS}:{self._port}>"

    @property
    def url(self) -> str:
        """Where the page is; whoever knows it may answer the captcha."""
        return Secret(f"http://{_ADDRESS}:{self._port}{self._path}")

    async def __aenter__(self) -> Self:
        """Begin to serve.

        Raises:
            AuthError: ``NETWORK_ERROR`` if no port can be had.
            RuntimeError: it was started before.
        """
        if self._arrived is not None:
            raise RuntimeError("this page was served before; make a new one")
        self._arrived = asyncio.get_running_loop().create_future()
        self._port = await self._listener.start((_ADDRESS,), 0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop serving."""
        self._listener.close()
        await asyncio.sleep(0)  # closed connections are let go of in the next turn of the loop

    async def wait(self) -> str:
        """Wait until somebody hands over a token, and return it, masked. It waits as long as it is not cancelled.

        Raises:
            RuntimeError: the page is not served.
        """
        if self._arrived is None:
            raise RuntimeError('this page is not served: use "async with CaptchaPage(...) as page:"')
        return await asyncio.shield(self._arrived)

    def _asked(self, head: bytes, body: bytes) -> tuple[bytes, bool]:
        asked = read_head(head)
        if asked is None:
            return answer(Page.UNREADABLE, head_only=head.startswith(b"HEAD ")), False
        refused = self._refuse(asked)
        if refused is not None:
            return answer(refused, head_only=asked.method == "HEAD"), False
        language = _language(asked)
        if asked.method == "GET":
            return form_page(language, self._check), False
        token = _token_in(body)
        if token is None or self._arrived is None:
            return form_page(language, self._check, wrong=True), False
        if not self._arrived.done():
            self._arrived.set_result(token)
        return thanks_page(language), True

    def _refuse(self, asked: Head) -> Page | None:
        """The page for a request that is not a person's at this page."""
        if len(asked.all("host")) != 1:
            return Page.UNREADABLE
        if not asked.is_for(self._port):
            return Page.OTHER_HOST
        if not secrets.compare_digest(asked.path, self._path) or asked.query:
            return Page.OTHER_PATH
        if asked.method not in ("GET", "POST"):
            return Page.OTHER_METHOD_THAN_FORMS
        if asked.method == "GET":
            return None
        if asked.all("origin") != [f"http://{asked.all('host')[0]}"]:  # a form on somebody's page
            return Page.OTHER_ORIGIN
        kinds = [each.partition(";")[0].strip().lower() for each in asked.all("content-type")]
        length = _content_length(asked)
        if kinds != [_FORM] or length is None:
            return Page.UNREADABLE
        return Page.LONG_FORM if length > _LONGEST_FORM else None


def _form_length(head: bytes) -> int:
    """The bytes of a form that are read; of one that is too long none."""
    asked = read_head(head)
    length = _content_length(asked) if asked is not None and asked.method == "POST" else None
    return 0 if length is None or length > _LONGEST_FORM else length


def _content_length(asked: Head) -> int | None:
    """What a request says of its length; ``None``: nothing, or nothing that one can rely on."""
    lengths = asked.all("content-length")
    if len(lengths) != 1 or asked.all("transfer-encoding"):
        return None
    digits = lengths[0]
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else None


def _token_in(form: bytes) -> Secret | None:
    try:
        fields = parse_qsl(form.decode("ascii"), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:  # no ASCII, or too many
        return None
    copied = [hide(value) for name, value in fields if name == _FIELD]
    return find_success_token(copied[0]) if len(copied) == 1 else None


def _language(asked: Head) -> Language:
    return "ru" if preferred_language(",".join(asked.all("accept-language"))) == "ru" else "en"
