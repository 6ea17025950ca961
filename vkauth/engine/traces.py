"""Taking the frames out of an error that leaves the library: a traceback can show the variables of each."""

from __future__ import annotations

from typing import TypeVar

__all__ = ["without_frames"]

_Error = TypeVar("_Error", bound=BaseException)


def without_frames(error: _Error) -> _Error:
    """Return ``error`` without the frames it came through, and without those of what caused it.

    The errors of aiohttp and the frames below hold headers, forms and cookies. Which errors led to this one stays.
    """
    seen: set[int] = set()
    left: list[BaseException | None] = [error]
    while left:
        each = left.pop()
        if each is not None and id(each) not in seen:
            seen.add(id(each))
            each.__traceback__ = None
            left += [each.__cause__, each.__context__]
    return error
