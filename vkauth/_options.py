"""Options that several classes take: shown in ``help()`` with those of the class itself, and masked in tracebacks."""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Mapping
from typing import Any, Final, TypeVar, cast, get_type_hints

from multidict import MultiDict
from yarl import URL

from vkauth.calls import read_signature
from vkauth.secret import Secret, hide, hide_unless

__all__ = ["hide_mapping", "hide_options", "show_options", "unknown_option"]

_Value = TypeVar("_Value")

_MORE: Final = inspect.Parameter.VAR_POSITIONAL
_BY_NAME: Final = inspect.Parameter.KEYWORD_ONLY
_REST: Final = inspect.Parameter.VAR_KEYWORD


def show_options(cls: type, options: type) -> None:
    """Put the options of a class's base among its own, for ``help()`` and ``inspect.signature``.

    Args:
        cls: a class whose ``__init__`` takes ``**options``, and hands them to that of its base.
        options: describes them. In the docstring of the class its lines stand in for ``options: see :class:`...```.
    """
    own = dict(read_signature(cls.__init__).parameters)  # type: ignore[misc]  # of whatever class it is
    del own[next(iter(own))]  # self
    kinds = {each.kind for each in own.values()}
    if _REST in kinds:  # else it takes no others
        inherited = read_signature(cls.__base__ or cls).parameters
        others = [each for each in inherited.values() if each.name not in own and each.kind not in (_MORE, _REST)]
        own = {name: each for name, each in own.items() if each.kind not in (_MORE, _REST)}
        # What is not among its own arguments comes by name, unless it hands on those that come without, too.
        own |= {each.name: each if _MORE in kinds else each.replace(kind=_BY_NAME) for each in others}
    types = _types(cls)
    shown = [each.replace(annotation=types.get(name, each.annotation)) for name, each in own.items()]
    shown.sort(key=lambda each: each.kind)
    cls.__signature__ = inspect.Signature(shown)  # type: ignore[attr-defined]  # it is read where it is
    if cls.__doc__ and options.__doc__:
        lines = textwrap.dedent(options.__doc__.partition("Attributes:\n")[2].rstrip())
        cls.__doc__ = _SEE.sub(lambda match: textwrap.indent(lines, match[1]), cls.__doc__)


def unknown_option(kind: type, name: str, method: str) -> TypeError:
    """Return the error of an option that a class does not take: it names the class, not the base that has looked.

    Args:
        kind: the class, with its options in its signature.
        name: what was given.
        method: the one that is called next, and may take it instead.
    """
    told = f"{kind.__name__} takes no option {name!r}"
    asked = getattr(kind, method, None)
    if asked is not None and name in read_signature(asked).parameters:
        return TypeError(f"{told}: it is given to {method}()")
    import difflib  # for those alone who slip

    close = difflib.get_close_matches(name, read_signature(kind).parameters, 1)
    return TypeError(f"{told}; did you mean {close[0]!r}?" if close else told)


# Python 3.13 takes the indentation of docstrings away, older ones keep it.
_SEE: Final = re.compile(r"^( *)options: see :class:`\w+`\.$", re.MULTILINE)


def _types(kind: type) -> dict[str, Any]:
    """The annotations of a class's own options and those of its bases, as types."""
    found: dict[str, Any] = {}
    for each in reversed(kind.__mro__[:-1]):
        if "__init__" in vars(each):
            try:
                found |= get_type_hints(vars(each)["__init__"])
            except NameError:  # imported for type checkers alone: it is shown as it is written
                pass
    return found


def hide_mapping(values: _Value) -> _Value:
    """Return a mapping with its texts masked, and without whatever in it is neither text nor ``None``.

    What is no mapping, and so is refused, is hidden as by :func:`hide_unless`.
    """
    if not isinstance(values, Mapping):
        return hide_unless(values, Secret)
    pairs = [(name, hide_unless(value, Secret)) for name, value in values.items()]
    return cast("_Value", MultiDict(pairs) if all(isinstance(name, str) for name, _ in pairs) else dict(pairs))


def hide_options(options: Mapping[str, Any]) -> None:
    """Mask what may be secret in options that are not checked yet: a traceback shows what is in variables."""
    values = cast("dict[str, object]", options)
    for name, value in values.items():
        if isinstance(value, URL):
            values[name] = hide(str(value))
        elif isinstance(value, Mapping):
            values[name] = hide_mapping(value)
        elif isinstance(value, list | tuple):
            values[name] = [hide(each) for each in value]
        else:
            values[name] = hide(value)
