"""The markup of VK's old login pages, as ``display=page`` and as ``display=mobile``.

Names, classes and forms are those that public clients (vk-io, aiovk, VkNet, vk_api) look for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from vkauth.testing.layout import escape, hidden_inputs, page

__all__ = [
    "OLD_CHARSET",
    "auth_redirect_page",
    "captcha_page",
    "code_page",
    "consent_page",
    "digits_page",
    "login_page",
]

OLD_CHARSET = "windows-1251"
_TITLE = "ВКонтакте | Вход"


def _message(text: str, mobile: bool) -> str:
    if not text:
        return ""
    kind = "service_msg service_msg_warning" if mobile else "box_error"
    return f'<div class="{kind}">{escape(text)}</div>\n'


def _captcha(sid: str, src: str, mobile: bool) -> str:
    kind = 'id="captcha" class="captcha_img"' if mobile else 'class="oauth_captcha"'
    return (
        f'<p><img {kind} src="{escape(src)}" alt="captcha"></p>\n'
        f'<input type="hidden" name="captcha_sid" value="{escape(sid)}">\n'
        '<label>Text of the picture <input type="text" name="captcha_key" value=""></label>\n'
    )


def login_page(
    action: str,
    hidden: Mapping[str, str],
    *,
    mobile: bool,
    email: str = "",
    message: str = "",
    captcha: tuple[str, str] | None = None,
    cancel: str = "",
) -> str:
    """Login and password; ``captcha`` is a sid and the address of its picture."""
    body = (
        f"<h1>VK</h1>\n{_message(message, mobile)}"
        f'<form method="post" action="{escape(action)}">\n{hidden_inputs(hidden)}'
        f'<label>Phone or e-mail <input type="text" name="email" value="{escape(email)}"></label>\n'
        '<label>Password <input type="password" name="pass"></label>\n'
        f"{_captcha(*captcha, mobile) if captcha else ''}"
        '<input type="submit" value="Log in"></form>\n'
        f'<p><a class="button" href="{escape(cancel)}">Cancel</a></p>'
    )
    return page(_TITLE, body, charset=OLD_CHARSET)


def consent_page(action: str, rights: Sequence[str], app_name: str, *, form: bool, another: str) -> str:
    """What the application will be allowed, and a way to agree: a form, or two buttons with a script.

    ``another`` is the address of the login page, for whoever is not who is logged in.
    """
    items = "".join(f'<li class="oauth_access_item">{escape(each)}</li>' for each in rights)
    body = f"<h1>{escape(app_name)}</h1><p>asks for access to:</p><ul>{items}</ul>\n"
    other = f'<p><a href="{escape(another)}">Use another account</a></p>'
    if form:
        body += (
            f'<form method="post" action="{escape(action)}">\n{hidden_inputs({"email_denied": 0})}'
            '<input type="submit" value="Allow"></form>\n'
            f'<p><a class="button" href="{escape(action)}&amp;cancel=1">Cancel</a></p>{other}'
        )
        return page(_TITLE, body, charset=OLD_CHARSET)
    body += (
        '<p><button type="button" onclick="allow(this)">Allow</button> '
        f'<button type="button" onclick="cancel(this)">Cancel</button></p>{other}'
    )
    script = (
        f'function cancel(el) {{\n  location.href = "{action}&cancel=1";\n}}\n'
        f'function allow(el) {{\n  var addr = "";\n  location.href = "{action}"+addr;\n}}'
    )
    return page(_TITLE, body, script=script, charset=OLD_CHARSET)


def auth_redirect_page(target: str, kind: str) -> str:
    """The page between the oauth host and the end: it sends a browser on, one way or another."""
    if kind == "meta":
        head = f'<meta http-equiv="refresh" content="0; URL={escape(target)}">'
        return page("Loading", "<p>One moment.</p>", head=head, charset=OLD_CHARSET)
    if kind == "script":
        return page("Loading", "<p>One moment.</p>", script=f"location.href='{target}'", charset=OLD_CHARSET)
    return page("Loading", f'<p><a href="{escape(target)}">Go on</a></p>', charset=OLD_CHARSET)


def code_page(action: str, resend: str, leave: str, *, phone_mask: str, message: str = "", note: str = "") -> str:
    """The code of a login, on the mobile site; ``note`` is markup."""
    body = (
        f"<h1>Security check</h1>\n{_message(message, mobile=True)}"
        f"<p>Enter the code that was sent to {escape(phone_mask)} or that your application shows.</p>\n"
        f'<form method="post" action="{escape(action)}">\n'
        '<label>Code <input type="text" name="code" value="" autocomplete="one-time-code"></label>\n'
        '<label><input type="checkbox" name="remember" value="1" checked> Remember this browser</label>\n'
        '<input type="submit" value="Confirm"></form>\n'
        f'<p class="_resend_link"><a href="{escape(resend)}">Send the code by SMS</a></p>'
        '<div id="otp_check_alternative"></div>'
        f'<p><a href="{escape(leave)}">Log out</a></p>{note}'
    )
    return page("Security check", body)


def captcha_page(action: str, sid: str, src: str, hidden: Mapping[str, str]) -> str:
    """A captcha alone, on the mobile site."""
    body = (
        f'<h1>Security check</h1>\n<form method="post" action="{escape(action)}">\n{hidden_inputs(hidden)}'
        f'{_captcha(sid, src, mobile=True)}<input type="submit" value="Send"></form>'
    )
    return page("Security check", body)


def digits_page(action: str, prefix: str, postfix: str, *, message: str = "") -> str:
    """The missing digits of the phone number, on the mobile site."""
    body = (
        f"<h1>Security check</h1>\n{_message(message, mobile=True)}"
        "<p>Enter the missing digits of the phone number of this account.</p>\n"
        f'<form method="post" action="{escape(action)}">\n'
        f'<span class="field_prefix">{escape(prefix)}</span> '
        '<input type="text" name="code" value="" inputmode="numeric"> '
        f'<span class="field_prefix">{escape(postfix)}</span>\n'
        '<input type="submit" value="Confirm"></form>'
    )
    return page("Security check", body)
