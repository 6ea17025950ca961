"""The pages of a sign-in: all services show the same ones, under their own names. They need no script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vkauth.testing.layout import escape, hidden_inputs, page

__all__ = ["Check", "Item", "captcha_page", "choose_page", "code_page", "consent_page", "login_page", "stop_page"]

_CANCEL = '<button name="answer" value="cancel" class="second" formnovalidate>Cancel</button>'
_TEXT = '<label>Text of the picture <input name="captcha_key" autocomplete="off" required></label>\n'
_OTHER = '<button name="answer" value="other" class="second" formnovalidate>Use another account</button>'


@dataclass(frozen=True, kw_only=True)
class Item:
    """Something that a person may let an application have.

    Attributes:
        name: what the application calls it.
        label: what the person reads.
        required: it is all or nothing: without this the application gets no answer but a refusal.
    """

    name: str
    label: str
    required: bool = True


@dataclass(frozen=True, kw_only=True)
class Check:
    """A captcha to be shown to a person.

    Attributes:
        sid: its id.
        picture: the address of its picture; empty: it is passed on the page at ``frame``.
        frame: the address of a page that asks for no robots.
        error: why the last answer did not do.
    """

    sid: str
    picture: str = ""
    frame: str = ""
    error: str = ""


def _form(action: str, hidden: Mapping[str, str], body: str) -> str:
    return f'<form method="post" action="{escape(action)}">\n{hidden_inputs(hidden)}{body}</form>\n'


def _error(text: str) -> str:
    return f'<p class="box_error" role="alert">{escape(text)}</p>\n' if text else ""


def login_page(
    service: str, app_name: str, action: str, hidden: Mapping[str, str], *, login: str = "", error: str = ""
) -> str:
    """Login and password of an account."""
    fields = (
        "<label>Phone or e-mail "
        f'<input name="login" value="{escape(login)}" autocomplete="username" required></label>\n'
        '<label>Password <input name="password" type="password" autocomplete="current-password" required></label>\n'
        f'<button name="answer" value="go">Log in</button> {_CANCEL}'
    )
    body = (
        f"<h1>{escape(service)}</h1>\n<p>Log in to go on to <b>{escape(app_name)}</b>.</p>\n"
        f"{_error(error)}{_form(action, hidden, fields)}"
    )
    return page(f"Log in: {service}", body, service=service)


def captcha_page(service: str, action: str, hidden: Mapping[str, str], check: Check) -> str:
    """A captcha: a picture, or a page in a frame; passing that counts, so nothing has to be typed then."""
    shown = f'<p><img src="{escape(check.picture)}" alt="captcha" width="130" height="50"></p>\n{_TEXT}'
    if not check.picture:
        shown = f'<iframe src="{escape(check.frame)}" title="Are you a robot?"></iframe>\n'
    fields = f'{shown}<p><button name="answer" value="go">Go on</button> {_CANCEL}</p>'
    words = "Enter the text of the picture." if check.picture else "Pass this check, then go on."
    body = (
        f"<h1>{escape(service)}</h1>\n<p>{words}</p>\n"
        f"{_error(check.error)}{_form(action, {**hidden, 'captcha_sid': check.sid}, fields)}"
    )
    return page(f"Captcha: {service}", body, service=service)


def code_page(
    service: str, action: str, hidden: Mapping[str, str], source: str, *, error: str = "", note: str = ""
) -> str:
    """The code that confirms a login.

    Args:
        service: who asks.
        action: where the form is sent.
        hidden: what goes with it.
        source: where the code comes from: ``"that your application shows"``.
        error: why the last one did not do.
        note: markup that says where the code of a simulation is to be seen.
    """
    fields = (
        '<label>Code <input name="code" inputmode="numeric" autocomplete="one-time-code" required></label>\n'
        f'<button name="answer" value="go">Confirm</button> {_CANCEL}'
    )
    body = (
        f"<h1>{escape(service)}</h1>\n<p>Enter the code {escape(source)}.</p>\n"
        f"{_error(error)}{_form(action, hidden, fields)}{note}"
    )
    return page(f"Code: {service}", body, service=service)


def choose_page(service: str, app_name: str, action: str, hidden: Mapping[str, str], *, person: str) -> str:
    """Who somebody logged in goes on as."""
    fields = f'<p><button name="answer" value="go">Go on as {escape(person)}</button></p>\n<p>{_OTHER} {_CANCEL}</p>'
    body = (
        f"<h1>{escape(service)}</h1>\n<p>Choose an account for <b>{escape(app_name)}</b>.</p>\n"
        f"{_form(action, hidden, fields)}"
    )
    return page(f"Choose an account: {service}", body, service=service)


def consent_page(
    service: str, app_name: str, action: str, hidden: Mapping[str, str], *, person: str, items: Sequence[Item]
) -> str:
    """What the application gets; what is not required can be left out."""
    boxes = "".join(
        f'<label class="choice"><input type="checkbox" name="allow:{escape(each.name)}" value="1" checked'
        f"{' disabled' if each.required else ''}>{escape(each.label)}"
        f"{' (required)' if each.required else ''}</label>\n"
        for each in items
    )
    fields = (
        f"<fieldset><legend>It asks for</legend>\n{boxes}</fieldset>\n"
        f'<p><button name="answer" value="go">Allow</button> {_CANCEL}</p>\n<p>{_OTHER}</p>'
    )
    body = (
        f"<h1>{escape(app_name)}</h1>\n<p>wants to sign you in by {escape(service)} as <b>{escape(person)}</b>.</p>\n"
        f"{_form(action, hidden, fields)}"
    )
    return page(f"Allow: {service}", body, service=service)


def stop_page(service: str, title: str, words: Sequence[str]) -> str:
    """The end of a sign-in that nobody is sent back from."""
    text = "".join(f"<p>{escape(each)}</p>\n" for each in words)
    return page(
        f"{title}: {service}", f'<h1>{escape(title)}</h1>\n<div class="box_error">{text}</div>', service=service
    )
