"""The frame that all pages share, so that a person can work with them in a browser."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Final

__all__ = ["escape", "hidden_inputs", "page"]

_STYLE: Final = """body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:3rem auto;padding:0 1rem;color:#222}
input,button,.button{font:inherit;padding:.4rem .7rem;margin:.2rem 0;border:1px solid #99a;border-radius:.3rem}
button,input[type=submit],.button{background:#2d6cdf;border-color:#2d6cdf;color:#fff;cursor:pointer;text-decoration:none}
.service_msg_warning,.box_error{background:#fdecea;border:1px solid #e2a6a1;padding:.5rem .8rem;border-radius:.3rem}
label{display:block}table{border-collapse:collapse}td,th{border:1px solid #ccd;padding:.2rem .5rem;text-align:left}
.note{color:#667;font-size:.85rem}"""


def page(title: str, body: str, *, script: str = "", charset: str = "utf-8", head: str = "") -> str:
    """Put a page together; ``body``, ``script`` and ``head`` are used as they are."""
    code = f"<script>{script}</script>" if script else ""
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="{charset}"><title>{escape(title)}</title>\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">{head}\n'
        f"<style>{_STYLE}</style></head>\n<body>\n{body}\n"
        f'<p class="note">A simulated VK: nothing here reaches the real one.</p>\n{code}</body></html>\n'
    )


def hidden_inputs(values: Mapping[str, str | int]) -> str:
    """Hidden fields of a form."""
    return "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(str(value))}">\n' for name, value in values.items()
    )
