"""The page on which a person hands over what VK's "not robot" page tells no person: its texts, picture and style."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from html import escape
from typing import Final, Literal, NamedTuple, TypeAlias

from vkauth.browser.pages import http_answer

__all__ = ["Language", "form_page", "thanks_page"]

Language: TypeAlias = Literal["en", "ru"]


class _Words(NamedTuple):
    title: str
    why: str
    steps: tuple[str, str, str, str, str]
    open: str
    copied: str
    send: str
    notes: tuple[str, ...]
    nothing: str
    thanks: str


_METHOD: Final = "<code>captchaNotRobot.check</code>"
_WORDS: Final[dict[Language, _Words]] = {
    "en": _Words(
        title="VK asks whether you are a robot",
        why="The program at your terminal waits for VK's answer to this check. VK gives it to applications only, so "
        "you have to copy it, with the developer tools of Chrome, Edge or Firefox on a computer. The check is good "
        "for five minutes.",
        steps=(
            (
                "Press <kbd>F12</kbd> on this page (on a Mac <kbd>⌥⌘I</kbd>). A panel opens. Choose <b>Network</b> in "
                "it and leave it open."
            ),
            "Open the check from here. It comes in this very tab, so that the panel sees it:",
            "Pass the check. Sometimes it passes by itself.",
            (
                f"Type {_METHOD} into the filter of the panel. Right-click the line that is left, then <b>Copy</b>, "
                "<b>Copy response</b> (in Firefox <b>Copy Value</b>, <b>Copy Response</b>)."
            ),
            "Come back to this page (<kbd>Alt</kbd>+<kbd>←</kbd>, on a Mac <kbd>⌘[</kbd>) and paste it here:",
        ),
        open="Open the check",
        copied="The response, or the success token in it",
        send="Send it to the program",
        notes=(
            "It goes to the program on this machine, which sends it to VK. Give it to nobody else.",
            (
                "Was the panel not open in time? Send the word <code>again</code>: VK refuses that, and the program "
                "asks for another check."
            ),
            (
                "Easier next time: with <code>pip install &quot;vkauth[browser]&quot;</code> a window opens by itself, "
                "and nothing has to be copied."
            ),
        ),
        nothing="There is no success token in this. Copy the whole response of the request captchaNotRobot.check; if "
        "it has no success_token, VK did not take you for a person: send the word again.",
        thanks="The program has it and goes on. Close this page and go back to the terminal.",
    ),
    "ru": _Words(
        title="ВКонтакте спрашивает, не робот ли вы",
        why="Программа в терминале ждёт ответа этой проверки. ВКонтакте отдаёт его только приложениям, поэтому его "
        "придётся скопировать: на компьютере, инструментами разработчика в Chrome, Edge или Firefox. Проверка живёт "
        "пять минут.",
        steps=(
            (
                "Нажмите <kbd>F12</kbd> на этой странице (на Mac <kbd>⌥⌘I</kbd>). Откроется панель. Выберите в ней "
                "<b>Network</b> (<b>Сеть</b>) и не закрывайте её."
            ),
            "Откройте проверку отсюда. Она откроется в этой же вкладке, чтобы панель её видела:",
            "Пройдите проверку. Иногда она проходит сама.",
            (
                f"Введите {_METHOD} в фильтр панели. Нажмите правой кнопкой на оставшуюся строку, затем <b>Copy</b>, "
                "<b>Copy response</b> (<b>Копировать</b>, <b>Копировать ответ</b>)."
            ),
            "Вернитесь на эту страницу (<kbd>Alt</kbd>+<kbd>←</kbd>, на Mac <kbd>⌘[</kbd>) и вставьте его сюда:",
        ),
        open="Открыть проверку",
        copied="Ответ или success token из него",
        send="Отправить программе",
        notes=(
            "Он уйдёт программе на этом компьютере, а она отправит его ВКонтакте. Больше никому его не давайте.",
            (
                "Не успели открыть панель? Отправьте слово <code>again</code>: ВКонтакте его не примет, и программа "
                "попросит пройти другую проверку."
            ),
            (
                "В следующий раз проще: с <code>pip install &quot;vkauth[browser]&quot;</code> окно откроется само, и "
                "копировать ничего не придётся."
            ),
        ),
        nothing="Здесь нет success token. Скопируйте ответ запроса captchaNotRobot.check целиком; если в нём нет "
        "success_token, ВКонтакте не признал в вас человека: отправьте слово again.",
        thanks="Программа получила ответ и продолжает. Закройте эту страницу и вернитесь в терминал.",
    ),
}

_STYLE: Final = """*{box-sizing:border-box}
:root{color-scheme:light dark;--text:#222;--page:#fff;--link:#1f55b5;--note:#5a5a6a;--line:#778;--panel:#f3f4f7;
--chosen:#d7e3fb;--focus:#a85f00;--wrong:#fdecea;--edge:#e2a6a1}
@media (prefers-color-scheme:dark){:root{--text:#e8e8ee;--page:#16181d;--link:#9dbdff;--note:#aeaebd;--line:#8a8a9c;
--panel:#23262e;--chosen:#2b4272;--focus:#ffb454;--wrong:#4a1f1c;--edge:#8f4a44}}
body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:2rem auto;padding:0 1rem;color:var(--text);
background:var(--page);overflow-wrap:anywhere}
h1{font-size:1.5rem;line-height:1.25}a{color:var(--link)}li{margin:.8rem 0}ol{padding-left:1.4rem}
.go,button{display:inline-block;font:inherit;padding:.45rem .8rem;border:0;border-radius:.3rem;background:#2560c8;
color:#fff;text-decoration:none;cursor:pointer}
:focus-visible{outline:3px solid var(--focus);outline-offset:2px}
label{display:block}textarea{display:block;width:100%;min-height:5rem;font:inherit;margin:.3rem 0 .6rem;
border:1px solid var(--line);border-radius:.3rem;padding:.4rem .6rem}
kbd{border:1px solid var(--line);border-radius:.2rem;padding:0 .3rem;font:.85em ui-monospace,monospace}
.note{color:var(--note);font-size:.85rem}.wrong{background:var(--wrong);border:1px solid var(--edge);
border-radius:.3rem;padding:.5rem .8rem}
svg{display:block;width:100%;max-width:27rem;height:auto;margin:.7rem 0;font:11px system-ui,sans-serif}
svg text{fill:var(--text)}svg .panel{fill:var(--panel);stroke:var(--line)}
svg .field{fill:var(--page);stroke:var(--line)}svg .chosen{fill:var(--chosen)}
svg .under{fill:none;stroke:var(--link);stroke-width:2}
"""
_POLICY: Final = (
    "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    f"style-src 'sha256-{b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()}'"
)
# The panel of a browser with what has to be chosen in it.
_PICTURE: Final = """
<svg viewBox="0 0 360 190" role="img" aria-label="Network, captchaNotRobot.check, Copy, Copy response">
<rect class="panel" x=".5" y=".5" width="359" height="189" rx="4"/>
<text x="12" y="20">Elements</text><text x="72" y="20">Console</text>
<text x="128" y="20" font-weight="bold">Network</text>
<path class="under" d="M126 27h52"/>
<rect class="field" x="10" y="36" width="170" height="20" rx="3"/><text x="17" y="50">captchaNotRobot.check</text>
<text x="17" y="76" opacity=".8">Name</text><text x="250" y="76" opacity=".8">Status</text>
<rect class="chosen" x="1" y="84" width="358" height="20"/>
<text x="17" y="98">captchaNotRobot.check?v=5.207</text><text x="250" y="98">200</text>
<rect class="field" x="60" y="110" width="120" height="72" rx="3"/>
<text x="70" y="127">Open in new tab</text><rect class="chosen" x="61" y="134" width="118" height="20"/>
<text x="70" y="148" font-weight="bold">Copy</text><text x="165" y="148">▸</text><text x="70" y="171">Block</text>
<rect class="field" x="182" y="132" width="130" height="50" rx="3"/>
<rect class="chosen" x="183" y="156" width="128" height="20"/>
<text x="192" y="149">Copy URL</text><text x="192" y="170" font-weight="bold">Copy response</text></svg>"""


def form_page(language: Language, check: str, *, wrong: bool = False) -> bytes:
    """The answer to whoever opens the page.

    Args:
        language: of its texts.
        check: the address of VK's page.
        wrong: what was sent held no success token.
    """
    words = _WORDS[language]
    link = f'<a class="go" href="{escape(check)}" rel="noreferrer">{words.open}</a>'
    form = (
        f'<form method="post"><label>{words.copied}'
        '<textarea name="copied" autocomplete="off" spellcheck="false" required></textarea></label>'
        f"<button>{words.send}</button></form>"
    )
    parts = ("", f"<p>{link}</p>", "", _PICTURE, form)
    steps = "\n".join(f"<li>{step}{part}</li>" for step, part in zip(words.steps, parts, strict=True))
    error = f'<p class="wrong" role="alert">{words.nothing}</p>\n' if wrong else ""
    notes = "".join(f'<p class="note">{each}</p>\n' for each in words.notes)
    body = f"{error}<p>{words.why}</p>\n<ol>{steps}</ol>\n{notes}"
    return _page("422 Unprocessable Content" if wrong else "200 OK", language, body)


def thanks_page(language: Language) -> bytes:
    """The answer to whoever sent a success token."""
    return _page("200 OK", language, f'<p role="status">{_WORDS[language].thanks}</p>\n')


def _page(status: str, language: Language, body: str) -> bytes:
    title = _WORDS[language].title
    text = (
        f'<!DOCTYPE html>\n<html lang="{language}"><head><meta charset="utf-8"><title>{title}</title>\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head>\n'
        f"<body><h1>{title}</h1>\n{body}</body></html>\n"
    )
    # Its own form must name where it comes from, which "no-referrer" would forbid.
    return http_answer(status, text, policy=_POLICY, referrer="same-origin")
