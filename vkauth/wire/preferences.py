"""What a browser would rather have: a language, a page or JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["preferred_language", "wants_json"]

_LONGEST: Final = 1000


def _weights(header: str) -> dict[str, float]:
    """The ranges of an ``Accept`` header, in lower case, with their weights; the first of equal ones counts."""
    weights: dict[str, float] = {}
    for each in header[:_LONGEST].lower().split(","):
        name, *parameters = (part.strip() for part in each.split(";"))
        weights.setdefault(name, next((_weight(part[2:]) for part in parameters if part.startswith("q=")), 1.0))
    return weights


def _weight(text: str) -> float:
    # RFC 9110, 12.4.2: from 0 to 1 with up to three digits behind the point.
    whole, _, digits = text.partition(".")
    if whole not in ("0", "1") or len(digits) > 3 or (digits and not (digits.isascii() and digits.isdigit())):
        return 0.0
    return min(1.0, float(f"{whole}.{digits or 0}"))


def preferred_language(header: str) -> str:
    """Return ``"ru"`` if an ``Accept-Language`` prefers it to English, else ``"en"``."""
    weights: dict[str, float] = {}
    for name, weight in _weights(header).items():
        language = name.partition("-")[0]
        if weight > weights.get(language, 0.0):
            weights[language] = weight
    russian, english = weights.get("ru", 0.0), weights.get("en", weights.get("*", 0.0))
    if russian == english:  # then the one that is named first
        return next((language for language in weights if language in ("ru", "en")), "en")
    return "ru" if russian > english else "en"


def wants_json(headers: Mapping[str, str]) -> bool:
    """Whether a request is for a program: by its ``Accept``, or because no page is being opened with it."""
    if headers.get("sec-fetch-mode", "navigate") != "navigate" or headers.get("upgrade"):
        return True
    if headers.get("x-requested-with", "").lower() == "xmlhttprequest":  # WebViews send other values, with pages
        return True
    weights = _weights(headers.get("accept", ""))
    return weights.get("application/json", 0.0) > weights.get("text/html", 0.0)
