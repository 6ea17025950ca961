"""Shows the roles of docstrings (``:class:`Name```) as code that leads to the name, where the reference has it."""

from __future__ import annotations

import re
from typing import Any

import griffe

__all__ = ["Roles"]

_ROLE = re.compile(r":(?:attr|class|const|data|exc|func|meth|mod):`~?(?:[^`<>]*<)?([\w.]+)>?`")


class Roles(griffe.Extension):
    """Rewrites the docstrings of all that is read."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Called with each module, class, function and attribute."""
        if obj.docstring is not None:
            obj.docstring.value = _ROLE.sub(lambda match: _link(obj, match[1]), obj.docstring.value)


def _link(obj: griffe.Object, name: str) -> str:
    try:
        path = obj.resolve(name)
    except griffe.NameResolutionError:
        path = name
    return f'<autoref optional identifier="{path}"><code>{name}</code></autoref>'
