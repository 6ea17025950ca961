"""What a browser is answered that comes to this machine: one page for each case, the same whoever asks for what."""

from __future__ import annotations

from enum import Enum
from typing import Final

__all__ = ["Page", "answer", "http_answer"]


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
    OTHER_ORIGIN = (
        "403 Forbidden",
        "This form was not sent from its own page.",
        "Эта форма отправлена не со своей страницы.",
    )
    OTHER_PATH = ("404 Not Found", "There is nothing here.", "Здесь ничего нет.")
    OTHER_METHOD = ("405 Method Not Allowed\r\nAllow: GET", "There is nothing to do here.", "Здесь нечего делать.")
    OTHER_METHOD_THAN_FORMS = (
        "405 Method Not Allowed\r\nAllow: GET, POST",
        "There is nothing to do here.",
        "Здесь нечего делать.",
    )
    LONG_FORM = ("413 Content Too Large", "This is too much.", "Слишком большой запрос.")
    TOO_LONG = ("414 URI Too Long", "This address is too long.", "Слишком длинный адрес.")
    OTHER_HOST = ("421 Misdirected Request", "There is nothing of this name here.", "Здесь нет такого имени.")
    TOO_LARGE = ("431 Request Header Fields Too Large", "This is too much.", "Слишком большой запрос.")


_NOTHING: Final = "default-src 'none'; frame-ancestors 'none'"


def answer(page: Page, *, head_only: bool = False) -> bytes:
    """The bytes of an answer."""
    whole = _ANSWERS[page]
    return whole[: whole.index(_END) + len(_END)] if head_only else whole


def http_answer(status: str, html: str, *, policy: str = _NOTHING, referrer: str = "no-referrer") -> bytes:
    """Put an answer together: its page may load and be kept as little as its headers say.

    Args:
        status: with its words.
        html: the page.
        policy: what the page may load and do: its ``Content-Security-Policy``.
        referrer: who is told its address, which may hold a code.
    """
    body = html.encode()
    lines = (
        f"HTTP/1.1 {status}",
        "Content-Type: text/html; charset=utf-8",
        "Cache-Control: no-store",
        f"Referrer-Policy: {referrer}",
        f"Content-Security-Policy: {policy}",
        "X-Content-Type-Options: nosniff",
        "Connection: close",
        f"Content-Length: {len(body)}",
    )
    return "\r\n".join(lines).encode() + _END + body


def _html(page: Page) -> str:
    _, english, russian = page.value
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><title>vkauth</title></head>\n'
        f'<body><p>{english}</p><p lang="ru">{russian}</p></body></html>\n'
    )


_END: Final = b"\r\n\r\n"
_ANSWERS: Final = {each: http_answer(each.value[0], _html(each)) for each in Page}
