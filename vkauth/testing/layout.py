"""The frame that all pages share, so that a person can work with them in a browser, on a telephone too."""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import escape
from typing import Final

__all__ = ["escape", "hidden_inputs", "page", "script_json"]

_STYLE: Final = """*{box-sizing:border-box}
:root{color-scheme:light dark;--text:#222;--page:#fff;--link:#1f55b5;--note:#5a5a6a;--line:#ccd;--edge:#778;
--focus:#a85f00;--wrong:#fdecea;--wrong-edge:#e2a6a1}
@media (prefers-color-scheme:dark){:root{--text:#e8e8ee;--page:#16181d;--link:#9dbdff;--note:#aeaebd;--line:#3c404b;
--edge:#8a8a9c;--focus:#ffb454;--wrong:#4a1f1c;--wrong-edge:#8f4a44}}
body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:2rem auto;padding:0 1rem;
color:var(--text);background:var(--page)}a{color:var(--link)}
h1{font-size:1.5rem;line-height:1.25;overflow-wrap:anywhere}h2{font-size:1.15rem;margin-top:2rem}
input,button,.button{font:inherit;padding:.45rem .8rem;margin:.2rem 0;border:1px solid var(--edge);border-radius:.3rem}
input{max-width:100%}input:not([type]),input[type=text],input[type=password]{display:block;width:100%}
button,input[type=submit],.button{background:#2560c8;border-color:#2560c8;color:#fff;cursor:pointer}
.button{display:inline-block;text-decoration:none}button.second{background:var(--page);color:var(--link)}
button:disabled{opacity:.6;cursor:default}
:focus-visible{outline:3px solid var(--focus);outline-offset:2px}
.service_msg_warning,.box_error{background:var(--wrong);border:1px solid var(--wrong-edge);padding:.5rem .8rem;
border-radius:.3rem}
label{display:block;margin:.6rem 0}label.choice{margin:.3rem 0;padding-left:1.8rem;text-indent:-1.8rem}
label.choice input{width:1.1rem;height:1.1rem;margin:0 .7rem 0 0;vertical-align:-.15rem}[hidden]{display:none}
iframe{display:block;width:100%;height:17rem;border:1px solid var(--line);border-radius:.3rem}
fieldset{border:1px solid var(--line);border-radius:.3rem;margin:1rem 0;min-width:0}
code{overflow-wrap:anywhere}pre{white-space:pre-wrap;overflow-wrap:anywhere;font-size:.85rem}
summary{cursor:pointer}.note{color:var(--note);font-size:.85rem}"""


def page(
    title: str, body: str, *, script: str = "", charset: str = "utf-8", head: str = "", service: str = "VK"
) -> str:
    """Put a page of a service together; ``body``, ``script`` and ``head`` are used as they are."""
    code = f"<script>{script}</script>" if script else ""
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="{charset}"><title>{escape(title)}</title>\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">{head}\n'
        f"<style>{_STYLE}</style></head>\n<body>\n{body}\n"
        f'<p class="note">A simulated {escape(service)}: nothing here reaches the real one.</p>\n{code}</body></html>\n'
    )


def hidden_inputs(values: Mapping[str, str | int]) -> str:
    """Hidden fields of a form."""
    return "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(str(value))}">\n' for name, value in values.items()
    )


def script_json(values: object) -> str:
    """JSON to stand in a script of a page: text from an address gets there, and must not be able to end the script."""
    return json.dumps(values, separators=(",", ":")).replace("<", "\\u003c")
