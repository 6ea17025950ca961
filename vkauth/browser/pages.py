"""What a browser is answered that comes to a redirect: one page for each case, the same whoever asks for what."""

from __future__ import annotations

from enum import Enum
from typing import Final

__all__ = ["Page", "answer"]


class Page(Enum):
    """A case: the status and its words, what the person is told in English and in Russian."""

    ARRIVED = (
        "200 OK",
        "The answer has arrived. You can close this page and go back to the program.",
        "Ответ получен. Закройте эту страницу и вернитесь в программу.",
    )
    UNREADABLE = ("400 Bad Request", "This is not understood here.", "Запрос непонятен.")
    OTHER_LOGIN = (
        "400 Bad Request",
        "This does not belong to the login that the program waits for. Begin again there.",
        "Это не тот вход, которого ждёт программа. Начните в ней сначала.",
    )
    OTHER_PATH = ("404 Not Found", "There is nothing here.", "Здесь ничего нет.")
    OTHER_METHOD = ("405 Method Not Allowed\r\nAllow: GET", "There is nothing to do here.", "Здесь нечего делать.")
    TOO_LONG = ("414 URI Too Long", "This address is too long.", "Слишком длинный адрес.")
    OTHER_HOST = ("421 Misdirected Request", "There is nothing of this name here.", "Здесь нет такого имени.")
    TOO_LARGE = ("431 Request Header Fields Too Large", "This is too much.", "Слишком большой запрос.")


# Nothing of the address may be kept or told to anybody else: it holds a code.
_HEADERS: Final = (
    "Content-Type: text/html; charset=utf-8",
    "Cache-Control: no-store",
    "Referrer-Policy: no-referrer",
    "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options: nosniff",
    "Connection: close",
)


def answer(page: Page, *, head_only: bool = False) -> bytes:
    """The bytes of an answer."""
    return _HEADS[page] if head_only else _HEADS[page] + _BODIES[page]


def _body(page: Page) -> bytes:
    _, english, russian = page.value
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><title>vkauth</title></head>\n'
        f'<body><p>{english}</p><p lang="ru">{russian}</p></body></html>\n'
    ).encode()


def _head(page: Page) -> bytes:
    lines = (f"HTTP/1.1 {page.value[0]}", *_HEADERS, f"Content-Length: {len(_BODIES[page])}", "", "")
    return "\r\n".join(lines).encode()


_BODIES: Final = {each: _body(each) for each in Page}
_HEADS: Final = {each: _head(each) for each in Page}
