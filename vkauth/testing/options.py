"""Options that are written down once: their types say what may be given, in a program and as text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields
from types import NoneType, UnionType
from typing import (
    Any,
    Concatenate,
    Generic,
    Literal,
    ParamSpec,
    Self,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    overload,
)

__all__ = ["Choice", "about", "check_options", "describe_options", "read_options", "taking_options_of", "told_options"]

P = ParamSpec("P")
T = TypeVar("T")
S = TypeVar("S")


class Choice(Generic[T]):
    """An attribute that takes the values named here and no others; the first one is the default."""

    def __init__(self, *values: T) -> None:
        self._values = values

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type) -> T: ...
    def __get__(self, instance: object, owner: type) -> T | Self:
        if instance is None:
            return self
        value: T = vars(instance).get(self._name, self._values[0])
        return value

    def __set__(self, instance: object, value: T) -> None:
        if value not in self._values:
            raise ValueError(f"{self._name} must be one of {', '.join(map(repr, self._values))}")
        vars(instance)[self._name] = value


def about(words: str, *, as_text: bool = True) -> dict[str, Any]:
    """Make the metadata of a field that is an option.

    Args:
        words: what it means, in one sentence.
        as_text: whether :func:`read_options` takes it.
    """
    return {"about": words, "as_text": as_text}


def _options(owner: type) -> Mapping[str, Field[Any]]:
    return {each.name: each for each in fields(owner) if "about" in each.metadata}


def describe_options(owner: type) -> str:
    """Every option with its default and what it means, a paragraph each."""
    lines = []
    for name, each in _options(owner).items():
        default = each.default if each.default_factory is MISSING else each.default_factory()
        lines.append(f"    {name}: {each.metadata['about']} (default: {default!r})")
    return "\n".join(lines)


def check_options(values: object) -> None:
    """Check the options whose types name their values.

    Raises:
        ValueError: one has another value; says which are possible.
    """
    hints = get_type_hints(type(values))
    for name in _options(type(values)):
        choices = _choices(hints[name])
        if choices and getattr(values, name) not in choices:
            raise ValueError(f"{name} must be one of {', '.join(map(repr, choices))}")


def _members(hint: object) -> tuple[object, ...]:
    if get_origin(hint) in (Union, UnionType):
        return tuple(each for part in get_args(hint) for each in _members(part))
    return (hint,)


def _choices(hint: object) -> tuple[object, ...]:
    """All values of a type that has no others than those it names; nothing for other types."""
    found: list[object] = []
    for each in _members(hint):
        if get_origin(each) is Literal:
            found += get_args(each)
        elif each is NoneType:
            found.append(None)
        elif each is bool:
            found += [False, True]
        else:
            return ()
    return tuple(found) if any(isinstance(each, str) for each in found) else ()


def read_options(owner: type, text: str) -> dict[str, Any]:
    """Read ``login=+79990000002,two_factor=sms,groups=1+2,banned``; an option without a value is switched on.

    Raises:
        ValueError: an option that is not there, or a value that it cannot have.
    """
    hints = get_type_hints(owner)
    known = [name for name, each in _options(owner).items() if each.metadata["as_text"]]
    found: dict[str, Any] = {}
    for part in text.split(","):
        name, equals, value = part.strip().partition("=")
        if name not in known:
            raise ValueError(f"there is no option {name!r}; known are {', '.join(known)}")
        members = _members(hints[name])
        if not equals and bool not in members:
            raise ValueError(f"{name} needs a value: {name}=...")
        try:
            found[name] = _read(value.strip(), members)
        except ValueError:
            raise ValueError(f"{name} cannot be {value!r}") from None
    return found


def _read(text: str, members: tuple[object, ...]) -> object:
    if bool in members and text in ("", "yes", "no"):
        return text != "no"
    for each in members:
        if each is int:
            return int(text)
        if each is float:
            return float(text)
        if get_origin(each) is tuple:
            return tuple(_read(part, get_args(each)[:1]) for part in text.split("+"))
        if each is str or get_origin(each) is Literal:
            return text
    raise ValueError(text)


def told_options(values: object, *, besides: frozenset[str] = frozenset()) -> list[str]:
    """The options that are not at their defaults, as :func:`read_options` reads them, but for those ``besides``."""
    told = []
    for name, each in _options(type(values)).items():
        value = getattr(values, name)
        if not each.repr or name in besides or value == each.default:
            continue
        shown = "+".join(map(str, value)) if isinstance(value, tuple) else value
        told.append(name if value is True else f"{name}={shown}")
    return told


def taking_options_of(
    _owner: Callable[P, T],
) -> Callable[[Callable[[S, dict[str, Any]], T]], Callable[Concatenate[S, P], T]]:
    """Let a method take what a class takes, by keyword; the method gets them in a dictionary."""

    def decorate(method: Callable[[S, dict[str, Any]], T]) -> Callable[Concatenate[S, P], T]:
        import inspect

        own, *_ = inspect.signature(method).parameters.values()
        taken = inspect.signature(_owner).parameters.values()

        def call(self: S, /, *args: P.args, **options: P.kwargs) -> T:
            if args:
                names = [each.name for each in taken]
                how = ", ".join(f"{each}=..." for each in names[: len(args)])
                raise TypeError(
                    f"{method.__qualname__}() takes options by keyword: {method.__name__}({how}); "
                    f"its options are {', '.join(names)}"
                )
            return method(self, options)

        call.__name__, call.__qualname__, call.__doc__ = method.__name__, method.__qualname__, method.__doc__
        call.__module__ = method.__module__
        call.__signature__ = inspect.Signature([own, *taken])  # type: ignore[attr-defined]
        return call

    return decorate
