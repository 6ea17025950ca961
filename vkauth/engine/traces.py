"""Taking the frames out of an error that leaves the library: a traceback can show the variables of each."""

from __future__ import annotations

from typing import TypeVar

__all__ = ["without_frames"]

_Error = TypeVar("_Error", bound=BaseException)


def without_frames(error: _Error, outside: BaseException | None) -> _Error:
    """Return ``error`` without the frames it came through, and without those of what caused it.

    The errors of aiohttp and the frames below hold headers, forms and cookies. Which errors led to this one stays.

    Args:
        error: what leaves the library.
        outside: what the caller was handling when it called; that is the caller's own, with its frames.
    """
    seen = {id(outside)}
    left: list[BaseException | None] = [error]
    while left:
        each = left.pop()
        if each is not None and id(each) not in seen:
            seen.add(id(each))
            each.__traceback__ = None
            left += [each.__cause__, each.__context__]
            if isinstance(each, BaseExceptionGroup):
                left += each.exceptions
    return error
