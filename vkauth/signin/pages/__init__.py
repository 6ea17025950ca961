"""The pages: plain HTML without scripts, from constant parts and escaped text."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final, NamedTuple

from vkauth.signin.pages.marks import mark
from vkauth.signin.pages.style import DIGEST, STYLE
from vkauth.signin.pages.texts import Text, error_text, problem_text, words

__all__ = ["POLICY", "Choice", "error_page", "problem_page", "sign_in_page", "sign_out_page"]

POLICY: Final = f"default-src 'none'; style-src 'sha256-{DIGEST}'; base-uri 'none'; frame-ancestors 'none'"
"""The Content-Security-Policy. It has no ``form-action``: browsers apply that to every redirect after a POST, also to
those inside of the provider's login. https://github.com/w3c/webappsec-csp/issues/8, seen 2026-11"""


class Choice(NamedTuple):
    """A provider to choose.

    Attributes:
        id: for its mark.
        name: as people know it.
        action: where its form goes.
    """

    id: str
    name: str
    action: str


def sign_in_page(
    language: str, *, host: str, choices: Sequence[Choice], csrf_token: str, target: str, code: str | None
) -> str:
    """Return the page with a form for each provider.

    Args:
        language: ``"ru"`` or ``"en"``.
        host: of this site.
        choices: the providers.
        csrf_token, target: what the forms send.
        code: why the last try failed, if it did.
    """
    say = words(language)
    forms = "".join(
        f'<li>{_form(each.action, csrf_token, target)}<button class="choice">{mark(each.id, each.name)}'
        f"<span>{escape(say.with_provider.format(name=each.name))}</span></button></form></li>"
        for each in choices
    )
    failed = "" if code is None else _notice(error_text(language, code))
    body = f'{_heading(say.sign_in, say.to_host, host)}{failed}<ul class="choices">{forms}</ul>'
    return _page(language, say.sign_in, body, note=say.what_is_shared)


def sign_out_page(language: str, *, host: str, action: str, csrf_token: str, target: str, name: str | None) -> str:
    """Return the page that asks whether to sign out.

    Args:
        language: ``"ru"`` or ``"en"``.
        host: of this site.
        action: where the form goes.
        csrf_token, target: what the form sends.
        name: of who is signed in, if it is known.
    """
    say = words(language)
    who = "" if name is None else f"<p>{escape(say.signed_in_as.format(name=name))}</p>"
    body = (
        f"{_heading(say.sign_out, say.of_host, host)}{who}{_form(action, csrf_token, target)}"
        f'<button class="main">{escape(say.sign_out)}</button></form>'
        f'<p class="aside"><a href="{escape(target)}">{escape(say.stay)}</a></p>'
    )
    return _page(language, say.sign_out, body)


def error_page(language: str, code: str, *, sign_in: str) -> str:
    """Return the page that says why a sign-in failed and what to do.

    Args:
        language: ``"ru"`` or ``"en"``.
        code: an ``AuthErrorCode`` or ``CONFIGURATION``; of any other nothing is shown.
        sign_in: where to try again.
    """
    text = error_text(language, code)
    say = words(language)
    return _told(language, text, sign_in, say.try_again, say.code.format(code=code) if text.is_known else None)


def problem_page(language: str, problem: str, *, sign_in: str) -> str:
    """Return the page for a request that nothing was done for; ``problem`` is one of a ``RefusedError``."""
    return _told(language, problem_text(language, problem), sign_in, words(language).to_sign_in, None)


def _told(language: str, text: Text, sign_in: str, link: str, note: str | None) -> str:
    body = (
        f"<h1>{escape(text.title)}</h1><p>{escape(text.what)}</p><p>{escape(text.next)}</p>"
        f'<p><a class="main" href="{escape(sign_in)}">{escape(link)}</a></p>'
    )
    return _page(language, text.title, body, note=note)


def _form(action: str, csrf_token: str, target: str) -> str:
    return (
        f'<form method="post" action="{escape(action)}">'
        f'<input type="hidden" name="csrfToken" value="{escape(csrf_token)}">'
        f'<input type="hidden" name="callbackUrl" value="{escape(target)}">'
    )


def _notice(text: Text) -> str:
    return f'<div class="notice" role="alert"><strong>{escape(text.title)}</strong><p>{escape(text.next)}</p></div>'


def _heading(title: str, rest: str, host: str) -> str:
    parts = escape(host).replace(".", ".<wbr>").replace(":", "<wbr>:")  # a long one breaks between its parts
    return f"<h1>{escape(title)} <small>{escape(rest).format(host=parts)}</small></h1>"


def _page(language: str, title: str, body: str, *, note: str | None = None) -> str:
    foot = "" if note is None else f'<p class="note">{escape(note)}</p>'
    return (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark"><meta name="robots" content="noindex">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body><main>{body}{foot}</main></body></html>\n"
    )
