"""The frame that all pages share, so that a person can work with them in a browser, on a telephone too."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Final

__all__ = ["escape", "hidden_inputs", "page"]

_STYLE: Final = """*{box-sizing:border-box}
body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:2rem auto;padding:0 1rem;color:#222;background:#fff}
h1{font-size:1.5rem;line-height:1.25;overflow-wrap:anywhere}h2{font-size:1.15rem;margin-top:2rem}
input,button,.button{font:inherit;padding:.45rem .8rem;margin:.2rem 0;border:1px solid #778;border-radius:.3rem}
input{max-width:100%}input:not([type]),input[type=text],input[type=password]{display:block;width:100%}
button,input[type=submit],.button{background:#2560c8;border-color:#2560c8;color:#fff;cursor:pointer}
.button{display:inline-block;text-decoration:none}button.second{background:#fff;color:#2560c8}
:focus-visible{outline:3px solid #e08a00;outline-offset:2px}
.service_msg_warning,.box_error{background:#fdecea;border:1px solid #e2a6a1;padding:.5rem .8rem;border-radius:.3rem}
label{display:block;margin:.6rem 0}label.choice{margin:.3rem 0;padding-left:1.8rem;text-indent:-1.8rem}
label.choice input{width:1.1rem;height:1.1rem;margin:0 .7rem 0 0;vertical-align:-.15rem}
fieldset{border:1px solid #ccd;border-radius:.3rem;margin:1rem 0}
.scroll{overflow-x:auto}table{border-collapse:collapse}td,th{border:1px solid #ccd;padding:.2rem .5rem;text-align:left}
code{overflow-wrap:anywhere}.note{color:#5a5a6a;font-size:.85rem}"""


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
