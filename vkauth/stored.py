"""Values as text that can be kept: JSON with the number of its format, read back strictly.

What is read may be anything: these functions give ``None`` for what is something else, and leave it to the caller to
say so, so that no part of it (it holds secrets) is in an error, its context or its frames.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any, Final, TypeVar, get_args, get_type_hints

from vkauth.secret import Secret

__all__ = ["dump", "read_fields", "revive", "revive_all", "unpack"]

_FORMAT: Final = 1
_LONE_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")
_Kind = TypeVar("_Kind")


def dump(name: str, value: object) -> Secret:
    """Return the text of a dataclass, or of several, under ``name``. Fields are text, numbers, switches or dates."""
    return Secret(json.dumps({"format": _FORMAT, name: value}, default=_plain))


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    assert dataclasses.is_dataclass(value)
    return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}


def unpack(name: str, text: str | bytes) -> object:
    """Return the JSON that :func:`dump` wrote under ``name``; ``None`` if ``text`` is something else."""
    try:
        content = json.loads(text)
    except (ValueError, TypeError, RecursionError):
        return None
    if not isinstance(content, dict) or content.keys() != {"format", name}:
        return None
    return content[name] if content["format"] == _FORMAT else None


def revive(kind: type[_Kind], row: object) -> _Kind | None:
    """Make a dataclass of its JSON again.

    A field that is missing has its default. ``None`` if it has none, or if a field is unknown or of another type.
    """
    found = revive_all(kind, [row])
    return found[0] if found else None


def revive_all(kind: type[_Kind], rows: object) -> list[_Kind] | None:
    """Make dataclasses of a list of their JSON again; ``None`` unless all of them are right."""
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        return None
    try:
        return [kind(**read_fields(kind, row)) for row in rows]
    except (KeyError, TypeError, ValueError):
        return None


def read_fields(kind: type, row: Mapping[str, object]) -> dict[str, Any]:
    """The fields of a dataclass in its JSON.

    Raises:
        KeyError, TypeError, ValueError: one is unknown, or of another type.
    """
    types = _types_of(kind)
    return {name: _read_field(value, types[name]) for name, value in row.items()}


@cache
def _types_of(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _read_field(value: object, wanted: Any) -> object:
    if isinstance(value, str):
        if _LONE_SURROGATE.search(value):
            raise ValueError
        if datetime in get_args(wanted):
            return datetime.fromisoformat(value)
    if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
        raise TypeError
    return value
