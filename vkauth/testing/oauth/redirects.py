"""The addresses that an application may have people sent back to."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import SplitResult, quote, urlencode, urlsplit

__all__ = ["is_web_address", "split_address", "with_params"]


def split_address(address: str) -> SplitResult | None:
    """Take an address apart; ``None``: it is none, or has characters that nobody can see (a line's end, say)."""
    try:
        parts = urlsplit(address)
        _ = parts.hostname
    except ValueError:
        return None
    return parts if address.isprintable() else None


def is_web_address(address: str) -> bool:
    """Whether it is an absolute http(s) address without a fragment, with a port that can be."""
    parts = split_address(address)
    if parts is None:
        return False
    try:
        _ = parts.port
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.fragment


def with_params(address: str, params: Mapping[str, str | int]) -> str:
    """An address with more parameters; what it had already stays."""
    mark = "&" if "?" in address else "?"
    return f"{address}{mark}{urlencode(params, quote_via=quote)}"
