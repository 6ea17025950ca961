"""How the pages look. The style is constant, so that a Content-Security-Policy can name it by its digest."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

__all__ = ["DARK", "DIGEST", "LIGHT", "STYLE"]

LIGHT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "ground": "#f1f3f6",
        "card": "#ffffff",
        "edge": "#e0e4ea",
        "text": "#191c20",
        "muted": "#565d66",
        "line": "#848c98",
        "hover": "#f3f6fb",
        "accent": "#1c5fd4",
        "pressed": "#164dad",
        "on-accent": "#ffffff",
        "warn": "#fdf0ee",
        "warn-line": "#c2453a",
        "warn-text": "#7d1d14",
    }
)
"""The colours by their jobs."""

DARK: Final[Mapping[str, str]] = MappingProxyType(
    {
        "ground": "#0f1114",
        "card": "#1a1d22",
        "edge": "#2b3038",
        "text": "#eef0f3",
        "muted": "#a9b1bc",
        "line": "#77808d",
        "hover": "#242932",
        "accent": "#8db6ff",
        "pressed": "#b3ceff",
        "on-accent": "#0b1526",
        "warn": "#361b18",
        "warn-line": "#e07b70",
        "warn-text": "#ffd0ca",
    }
)
"""The same for those who have set their device to dark."""


def _variables(colours: Mapping[str, str]) -> str:
    return ";".join(f"--{name}:{value}" for name, value in colours.items())


STYLE: Final = f""":root{{color-scheme:light dark;{_variables(LIGHT)}}}
@media (prefers-color-scheme:dark){{:root{{{_variables(DARK)}}}}}
*{{box-sizing:border-box}}
body{{margin:0;min-height:100vh;min-height:100dvh;display:grid;place-items:center;padding:24px 16px;
background:var(--ground);color:var(--text);-webkit-text-size-adjust:100%;
font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",sans-serif}}
main{{width:100%;max-width:25rem;padding:32px 28px;background:var(--card);border:1px solid var(--edge);
border-radius:16px;box-shadow:0 1px 2px rgb(0 0 0/.04),0 12px 32px rgb(0 0 0/.06)}}
h1{{margin:0 0 20px;font-size:1.5rem;line-height:1.25;font-weight:650;letter-spacing:-.01em;text-wrap:balance}}
h1 small{{display:block;margin-top:4px;font-size:1.0625rem;line-height:1.4;font-weight:400;letter-spacing:0;
color:var(--muted);overflow-wrap:anywhere}}
p{{margin:0 0 12px;overflow-wrap:anywhere}}
a{{color:var(--accent);text-underline-offset:.2em}}
form{{margin:0}}
.choices{{list-style:none;margin:0;padding:0;display:grid;gap:10px}}
button,a.main{{font:inherit;font-weight:550;width:100%;min-height:48px;border-radius:12px;cursor:pointer}}
.choice{{display:flex;align-items:center;gap:12px;padding:9px 14px;text-align:left;color:var(--text);
background:var(--card);border:1px solid var(--line)}}
.choice:hover{{background:var(--hover);border-color:var(--text)}}
.mark{{flex:none;display:block}}
.main{{display:flex;align-items:center;justify-content:center;margin-top:20px;padding:10px 16px;text-decoration:none;
color:var(--on-accent);background:var(--accent);border:1px solid var(--accent)}}
.main:hover{{background:var(--pressed);border-color:var(--pressed)}}
:focus-visible{{outline:3px solid var(--accent);outline-offset:2px}}
.aside{{margin:16px 0 0;text-align:center}}
.note{{margin:20px 0 0;color:var(--muted);font-size:.875rem}}
.notice{{margin:0 0 20px;padding:12px 14px;background:var(--warn);color:var(--warn-text);
border:1px solid var(--warn-line);border-radius:12px}}
.notice strong{{display:block;font-weight:600}}
.notice p{{margin:4px 0 0}}
@media (max-width:24rem){{body{{padding:12px;place-items:start center}}main{{padding:24px 16px}}
.choice{{gap:10px;padding:9px 10px}}}}
@media (prefers-reduced-motion:no-preference){{button,a.main{{transition:background-color .12s,border-color .12s}}}}
@media (forced-colors:active){{main,button,a.main{{border:1px solid}}}}
"""
"""The style sheet."""

DIGEST: Final = b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
"""SHA-256 of the style sheet, as the policy names it."""
